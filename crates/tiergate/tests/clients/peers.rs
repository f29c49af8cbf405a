//! Evaluation tools, unmodified, against a sealed candidate: what they write is brought in as
//! evidence, and a gate decides on it. It must not read a tool's file but to edit it by hand.

mod bench;
mod inspect;
mod lm_eval;
mod promptfoo;

use std::path::PathBuf;

use crate::environment::{Environment, skip};
use bench::{Asked, Bench};

/// How many items each tool asks; a tenth of them expect what is never said.
const ITEMS: usize = 40;

/// Is one tool.
struct Peer {
    /// Its name, which its suite bears.
    name: &'static str,
    environment: &'static Environment,
    /// Runs it to its end, and tells which files make up its result.
    run: fn(&Peer, &Asked<'_>) -> Result<Vec<PathBuf>, String>,
    /// Turns one wrong answer in those files into a right one, as by hand.
    edit: fn(&[PathBuf]),
}

/// Tells the word that an item asks for, and what is expected.
fn item(at: usize) -> (String, String) {
    let word = format!("word-{at}");
    let expected = if at.is_multiple_of(10) {
        "another word".to_owned()
    } else {
        word.clone()
    };
    (word, expected)
}

/// Runs a tool against the sealed candidate and against what falls back, and asserts that only the
/// file that is whole, and joins, opens a stage.
fn decides(peer: &Peer) {
    if let Err(why) = peer.environment.program(peer.name) {
        return skip(peer.name, &why);
    }
    let bench = Bench::start(peer.name);
    assert_eq!(bench.gate().0, "inconclusive");
    // What the suite is, the first file tells; until it is declared nothing is taken in.
    let key = bench.key();
    let files = bench.run(peer, &key, "release/next/candidate");
    bench.declare(&bench.refused(&files, &key));
    (peer.edit)(&files);
    bench.shows_nothing(&files, &key, &["the file was edited"]);
    bench.refused(&files, &key);
    // A tier whose first model is out of order, so that the second answers each request.
    let files = bench.run(peer, &bench.application(), "haiku");
    let key = bench.key();
    let reasons = [
        "was asked for, not `release/next/candidate`",
        "0 requests were accounted for",
    ];
    bench.shows_nothing(&files, &key, &reasons);
    bench.stays_sealed();
    let key = bench.key();
    let files = bench.run(peer, &key, "release/next/candidate");
    let taken = bench.brought(&files, &key).unwrap();
    assert_eq!(taken["items"], ITEMS, "{taken}");
    assert_eq!(taken["attempt"], 3, "{taken}");
    assert_eq!(taken["mean"], 0.9, "{taken}");
    bench.opens();
}
