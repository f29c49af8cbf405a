//! The file of rows that `tiergate plan` is given. It must not know what is done with a row.

use std::fs;
use std::path::Path;

use plan::rows::Row;

use crate::exit::Fault;

/// Most bytes of a file of rows.
const MOST_BYTES: u64 = 1 << 28;

/// Reads the rows of a file.
///
/// # Errors
/// Fails when it cannot be read, is too large, or holds no rows.
pub fn read(path: &Path) -> Result<Vec<Row>, Fault> {
    let shown = path.display();
    let size = fs::metadata(path).map(|found| found.len());
    if size.is_ok_and(|size| size > MOST_BYTES) {
        let what = format!("{shown} has more than {MOST_BYTES} bytes");
        return Err(Fault::new(what, "split the file"));
    }
    let text = fs::read_to_string(path).map_err(|error| {
        let what = format!("{shown} cannot be read");
        Fault::because(error, what, "name a file of rows, JSON or CSV")
    })?;
    plan::rows::read(&text).map_err(|error| {
        let what = format!("{shown} holds no rows");
        let mend = "give a JSON array of rows with `id`, `kind` and `config`, or a CSV table whose \
                    first line names its columns, `id` among them";
        Fault::because(error, what, mend)
    })
}
