//! Reads the files of `tiergate forecast`, up to a size. It must not know what is in them.

use std::path::Path;

use crate::exit::Fault;
use crate::input::{self, Mends};

/// Most bytes of a file that is read.
const MOST_BYTES: u64 = 1 << 28;

/// Reads a file.
pub(super) fn text(path: &Path, mend: &'static str) -> Result<String, Fault> {
    let mends = Mends {
        large: "split the file",
        unread: mend,
    };
    input::text(path, MOST_BYTES, mends)
}
