//! Names findings across scans. It must not know a line number: code that moves is the same code.

use std::collections::HashMap;

use crate::site::Site;

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// Counts what is alike in one file, so that the second of two equal lines has a name of its own.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    seen: HashMap<u128, u32>,
}

impl Fingerprints {
    /// Names a site by its path, role and name, and by its line without its blanks.
    pub(crate) fn of(&mut self, site: &Site) -> String {
        let line: String = site
            .excerpt
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let parts = [
            site.path.as_str(),
            site.role.as_str(),
            site.model.written.as_str(),
            line.as_str(),
        ];
        let bare = parts.iter().fold(OFFSET, |hash, part| add(hash, part));
        let count = self.seen.entry(bare).or_default();
        *count += 1;
        let whole = add(bare, &count.to_string());
        format!("{whole:032x}")
    }
}

/// Adds a text and its end to an FNV-1a hash: names must be short and stable, not secret.
fn add(hash: u128, text: &str) -> u128 {
    let bytes = text.bytes().chain([0]);
    bytes.fold(hash, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests;
