//! What a source is, and what several of them do alike. It must not know a particular format.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::imported::{ImportFault, Imported, Warning};

/// How much of a file is looked at to recognise it.
const HEAD_BYTES: usize = 64 << 10;

/// One format that evidence is read from.
pub trait Source: Sync {
    /// Names it.
    fn name(&self) -> &'static str;

    /// Describes it in a paragraph.
    fn about(&self) -> &'static str;

    /// Says whether a file looks like one of this format; [`Source::read`] finds out.
    fn recognises(&self, bytes: &[u8]) -> bool;

    /// Reads a file.
    ///
    /// # Errors
    /// Fails when it is not in this format, or is larger than what is read.
    fn read(&self, bytes: &[u8]) -> Result<Imported, ImportFault>;
}

/// Says whether a file begins as JSON and bears each of some marks near its beginning.
pub(super) fn begins_with(bytes: &[u8], marks: &[&str]) -> bool {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let is_json = head.trim_ascii_start().first() == Some(&b'{');
    let bears = |mark: &&str| {
        let mark = mark.as_bytes();
        head.windows(mark.len()).any(|window| window == mark)
    };
    is_json && marks.iter().all(bears)
}

/// Parses JSON; `place` names it in faults.
pub(super) fn json<T: DeserializeOwned>(place: &str, bytes: &[u8]) -> Result<T, ImportFault> {
    serde_json::from_slice(bytes).map_err(|wrong| ImportFault::malformed(place, wrong))
}

/// Lists the lines of a file that are not empty, with their numbers.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    (1..).zip(lines).filter(|(_, line)| !line.is_empty())
}

/// Counts how often each name was given, so that a repeated one gets its epoch.
#[derive(Default)]
pub(super) struct Epochs(BTreeMap<String, u32>);

impl Epochs {
    /// Counts one more of a name and gives its number, from 1.
    pub(super) fn next(&mut self, name: &str) -> u32 {
        let count = self.0.entry(name.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count
    }
}

/// Looks whether an interval that a file states holds its own point.
pub(super) fn odd_interval(what: &str, point: f64, low: f64, high: f64) -> Option<Warning> {
    // An end that is no number excludes every point.
    if point >= low && point <= high {
        return None;
    }
    Some(Warning::Interval {
        what: what.to_owned(),
        point,
        low,
        high,
    })
}
