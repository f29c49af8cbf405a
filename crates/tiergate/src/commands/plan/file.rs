//! The file of rows that `tiergate plan` is given. It must not know what is done with a row.

use std::path::Path;

use plan::rows::Row;

use crate::exit::Fault;
use crate::input::{self, Mends};

/// Most bytes of a file of rows.
const MOST_BYTES: u64 = 1 << 28;

/// Reads the rows of a file.
///
/// # Errors
/// Fails when it cannot be read, is too large, or holds no rows.
pub fn read(path: &Path) -> Result<Vec<Row>, Fault> {
    let shown = path.display();
    let mends = Mends {
        large: "split the file",
        unread: "name a file of rows, JSON or CSV",
    };
    let text = input::text(path, MOST_BYTES, mends)?;
    plan::rows::read(&text).map_err(|error| {
        let what = format!("{shown} holds no rows");
        let mend = "give a JSON array of rows with `id`, `kind` and `config`, or a CSV table whose \
                    first line names its columns, `id` among them";
        Fault::because(error, what, mend)
    })
}
