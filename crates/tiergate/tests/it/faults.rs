//! Providers with a bad minute behind a tier that serves two models: what a caller sees of it, in
//! each dialect before each dialect. It must not know how the gateway decides.

mod circuit;
mod kinds;
mod leaving;
mod stage;
mod thoughts;
mod tongues;
mod visible;
