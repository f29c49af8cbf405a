//! The official SDKs against the real binary: one test a script of `clients`, with each
//! generation of the SDKs and each dialect behind the gateway. It must not know the crates
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
mod environment;
mod gateway;
mod google;
mod interface;
mod node;
mod older;
mod peers;
mod replay;
mod script;
mod sent;
mod walk;
