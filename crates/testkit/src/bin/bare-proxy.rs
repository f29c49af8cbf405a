//! Runs the bare proxy by itself, so that its processor time can be told apart.
//!
//! It must not know any other program.
#![allow(
    clippy::print_stdout,
    reason = "the ready line is this program's answer"
)]

use std::error::Error;
use std::net::SocketAddr;

use clap::Parser;
use testkit::BareProxy;

/// Forwards every request to one upstream and streams the answer back.
#[derive(Parser)]
struct Options {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to forward to.
    #[arg(long)]
    upstream: SocketAddr,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let proxy = BareProxy::start(options.listen, options.upstream).await?;
    println!(r#"{{"event":"ready","listen":"{}"}}"#, proxy.address());
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = term.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
