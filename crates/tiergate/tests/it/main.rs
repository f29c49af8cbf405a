//! End-to-end tests: the real binary on free ports and in folders of its own, a fake provider
//! behind it, sockets in front. They must not reach into a crate for what a user can see.

// A test that cannot go on says so by panicking, in the files around the tests too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// A skip is told on standard output, where the account of the tests reads it.
#![allow(clippy::print_stdout)]

mod bench;
mod canary;
mod client;
mod gateway;
mod home;
mod load;
mod page;
mod patience;
mod rollout;
mod scholar;
mod written;

mod approvals;
mod bad_input;
mod commands;
mod costed;
mod crash;
mod crowd;
mod drill;
mod erased;
mod exposure;
mod faults;
mod forecast;
mod foreign;
mod heard;
mod hidden_cost;
mod imported;
mod judged;
mod planned;
mod races;
mod receipts;
mod reload;
mod report;
mod rotation;
mod scan;
mod soak;
mod story;
mod studies;
mod suites;
mod suspension;
mod tampering;
mod up;
mod usage;
mod variants;
mod walk;
mod witness;
