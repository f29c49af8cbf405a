//! Adapters to model providers: the only crate that names one.
