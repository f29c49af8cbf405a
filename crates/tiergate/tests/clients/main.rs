//! The official Python SDKs against the real binary: one test a script of `clients/scripts`, with
//! each generation of the SDKs and each dialect behind the gateway. It must not know the crates
//! of the gateway: it starts the program and speaks HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "all of this is test code, and a skip is told on standard output"
)]

mod bed;
mod complete;
mod current;
mod embedded;
mod gateway;
mod older;
mod python;
mod sent;
mod walk;
