//! Runs the fake provider by itself: a request's model names the behaviour it gets.
//!
//! It must not know any other program.
#![allow(
    clippy::print_stdout,
    reason = "the ready line is this program's answer"
)]

use std::error::Error;
use std::net::SocketAddr;

use clap::Parser;
use testkit::{Behaviour, FakeProvider, Script};

/// Answers as an OpenAI-compatible and Anthropic provider would, well or badly. A model named
/// after a behaviour behaves so: cut-after-3, stall-headers, status-429, stamped-20-5.
#[derive(Parser)]
struct Options {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The behaviour of models whose name is none.
    #[arg(long, default_value = "normal-0", value_parser = Behaviour::named)]
    otherwise: Behaviour,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let script = Script::new().otherwise(options.otherwise).without_records();
    let fake = FakeProvider::start_on(options.listen, script).await?;
    println!(r#"{{"event":"ready","listen":"{}"}}"#, fake.address());
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = term.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
