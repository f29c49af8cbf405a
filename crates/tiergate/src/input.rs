//! Files that a command is given, read whole up to a size. It must not know what is in them.

use std::fs;
use std::path::Path;

use crate::exit::Fault;

/// Says how a fault of a file is mended.
#[derive(Clone, Copy, Debug)]
pub struct Mends<'m> {
    /// Where it is too large.
    pub large: &'m str,
    /// Where it cannot be read.
    pub unread: &'m str,
}

/// Reads a file of at most so many bytes.
///
/// # Errors
/// Fails when it is larger, or cannot be read as text.
pub fn text(path: &Path, most_bytes: u64, mends: Mends<'_>) -> Result<String, Fault> {
    let shown = path.display();
    let size = fs::metadata(path).map(|found| found.len());
    if size.is_ok_and(|size| size > most_bytes) {
        let what = format!("{shown} has more than {most_bytes} bytes");
        return Err(Fault::new(what, mends.large));
    }
    fs::read_to_string(path).map_err(|error| {
        let what = format!("{shown} cannot be read");
        Fault::because(error, what, mends.unread)
    })
}
