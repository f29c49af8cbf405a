//! The release side as a whole, over a real store and a real ledger in a scratch folder: the
//! routes, the ledger's failures, and releases told as scenarios.

mod card;
mod erasure;
mod files;
mod import;
mod ledger;
mod monitor;
mod routes;
mod scenarios;
mod world;
