//! The bench's arguments. It must not know how a section measures.

use std::path::PathBuf;

use clap::Parser;

/// Measures the gateway beside a bare proxy and writes the result as tables.
#[derive(Parser, Clone, Debug)]
pub struct Options {
    /// The gateway's program; the one beside this program where none is named.
    #[arg(long)]
    pub tiergate: Option<PathBuf>,
    /// How many rounds each target is driven in.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: u32,
    /// How many requests a round has.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(64..))]
    pub requests: u32,
    /// Only these sections; all where none is named.
    #[arg(long = "section", value_name = "NAME", value_delimiter = ',')]
    pub sections: Vec<String>,
    /// The document with the tables.
    #[arg(long, default_value = "docs/performance.md")]
    pub out: PathBuf,
    /// Write the result to standard output as JSON too.
    #[arg(long)]
    pub json: bool,
}
