//! Entry bundles: entries one after the other, each behind its length as a big-endian u16. It
//! must not know what an entry holds.

/// Bytes that an entry may have: what its length prefix can say.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// Bytes that the largest file of a log can have: a full bundle of the largest entries.
pub const MAX_FILE_BYTES: usize = 256 * (MAX_ENTRY_BYTES + PREFIX_BYTES);

const PREFIX_BYTES: usize = 2;

/// Adds an entry to a bundle; says no when it is longer than a bundle can tell.
#[must_use]
pub(crate) fn push(bundle: &mut Vec<u8>, entry: &[u8]) -> bool {
    let Ok(length) = u16::try_from(entry.len()) else {
        return false;
    };
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    true
}

/// Walks the entries of a bundle; ends at the first that is cut off.
pub(crate) struct Split<'a> {
    /// What has not been read as an entry; empty after a whole bundle.
    pub rest: &'a [u8],
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (prefix, rest) = self.rest.split_first_chunk::<PREFIX_BYTES>()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*prefix).into())?;
        self.rest = rest;
        Some(entry)
    }
}
