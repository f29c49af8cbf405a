//! The source `inspect-json`: an Inspect log as JSON, as Inspect writes it or dumps an `.eval`. It
//! must not know more of a log than where its header and samples stand.

use serde::Deserialize;

use super::inspect::{Header, Sample, imported};
use super::source::{Source, begins_with, json};
use crate::imported::{ImportFault, Imported};

/// Reads Inspect's JSON logs.
pub(super) struct InspectJson;

#[derive(Deserialize)]
struct Log {
    #[serde(flatten)]
    header: Header,
    #[serde(default)]
    samples: Option<Vec<Sample>>,
}

impl Source for InspectJson {
    fn name(&self) -> &'static str {
        "inspect-json"
    }

    fn about(&self) -> &'static str {
        "An Inspect log of version 2 as JSON (`--log-format json`, or `inspect log dump` of an \
         `.eval`). Each sample in each epoch is a row, the sample its item and cluster. Each \
         scorer's value is taken where it is C, P, I, N or a number from 0 to 1. A log whose \
         status is not `success`, or whose answers came from a cache, is inconclusive."
    }

    fn recognises(&self, bytes: &[u8]) -> bool {
        begins_with(
            bytes,
            &["\"version\"", "\"status\"", "\"eval\"", "\"task\""],
        )
    }

    fn read(&self, bytes: &[u8]) -> Result<Imported, ImportFault> {
        let log: Log = json("the log", bytes)?;
        let samples = log.samples.unwrap_or_default();
        imported(self.name(), bytes, &log.header, &samples)
    }
}
