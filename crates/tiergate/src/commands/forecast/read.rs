//! Reads the files of `tiergate forecast`, up to a size. It must not know what is in them.

use std::fs;
use std::path::Path;

use crate::exit::Fault;

/// Most bytes of a file that is read.
const MOST_BYTES: u64 = 1 << 28;

/// Reads a file.
pub(super) fn text(path: &Path, mend: &'static str) -> Result<String, Fault> {
    let shown = path.display();
    let size = fs::metadata(path).map(|found| found.len());
    if size.is_ok_and(|size| size > MOST_BYTES) {
        let what = format!("{shown} has more than {MOST_BYTES} bytes");
        return Err(Fault::new(what, "split the file"));
    }
    fs::read_to_string(path).map_err(|error| {
        let what = format!("{shown} cannot be read");
        Fault::because(error, what, mend)
    })
}
