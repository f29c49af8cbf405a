//! The in-process demonstration models as one more adapter.
