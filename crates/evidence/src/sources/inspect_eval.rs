//! The source `inspect-eval`: an Inspect log as an archive, whose members are compressed with
//! Zstandard. It must not know what a member says beyond its name.

use std::io::{Cursor, Read};

use ruzstd::decoding::StreamingDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::inspect::{Header, Sample, imported};
use super::source::{Source, json};
use crate::imported::{ImportFault, Imported};
use crate::rows::MOST_ROWS;

/// How an archive begins.
const MAGIC: &[u8] = b"PK\x03\x04";
/// The member that stands before the samples; written last, so that a broken run has none.
const HEADER: &str = "header.json";
/// The members that are samples.
const SAMPLES: &str = "samples/";
/// The most members of an archive: the samples, a summary for each, and the few of the log.
const MOST_MEMBERS: usize = 2 * MOST_ROWS + 16;
/// The most bytes of all members that are read, once they are decompressed.
const MOST_UNPACKED_BYTES: u64 = 1 << 30;
/// The most bytes of one of them.
const MOST_MEMBER_BYTES: u64 = 128 << 20;
/// How much of either end of an archive is looked at to recognise it.
const END_BYTES: usize = 64 << 10;

/// Reads Inspect's archives.
pub(super) struct InspectEval;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

impl Source for InspectEval {
    fn name(&self) -> &'static str {
        "inspect-eval"
    }

    fn about(&self) -> &'static str {
        "An Inspect log of version 2 as `.eval`, a ZIP archive whose members are compressed with \
         Zstandard (method 93), deflated or stored. It is read as `inspect-json` is; checksums of \
         the members are compared. A log without its `header.json` was interrupted and is refused. \
         The archive's form is not frozen by Inspect; what it cannot be read for, `inspect log \
         dump` writes as JSON."
    }

    fn recognises(&self, bytes: &[u8]) -> bool {
        let start = bytes.get(..END_BYTES).unwrap_or(bytes);
        let end = bytes.get(bytes.len().saturating_sub(END_BYTES)..);
        let has = |name: &[u8]| {
            let mut ends = [start, end.unwrap_or_default()].into_iter();
            ends.any(|part| part.windows(name.len()).any(|window| window == name))
        };
        bytes.starts_with(MAGIC) && (has(b"_journal/start.json") || has(HEADER.as_bytes()))
    }

    fn read(&self, bytes: &[u8]) -> Result<Imported, ImportFault> {
        let archive = ZipArchive::new(Cursor::new(bytes));
        let mut archive = archive.map_err(|wrong| ImportFault::malformed("the archive", wrong))?;
        if archive.len() > MOST_MEMBERS {
            return Err(ImportFault::TooLarge {
                what: "the archive's list of members",
                most: MOST_MEMBERS as u64,
            });
        }
        let mut left = MOST_UNPACKED_BYTES;
        let Some(at) = archive.index_for_name(HEADER) else {
            let what = "it is not there: the run was interrupted";
            return Err(ImportFault::malformed(HEADER, what));
        };
        let header: Header = json(HEADER, &member(&mut archive, at, &mut left)?)?;
        let mut samples: Vec<Sample> = Vec::new();
        for at in 0..archive.len() {
            let name = archive
                .name_for_index(at)
                .and_then(Result::ok)
                .unwrap_or_default();
            let name = name.into_owned();
            if name.starts_with(SAMPLES) && name.ends_with(".json") {
                samples.push(json(&name, &member(&mut archive, at, &mut left)?)?);
            }
        }
        imported(self.name(), bytes, &header, &samples)
    }
}

/// Unpacks a member, and takes its bytes off what is left of the limit.
fn member(archive: &mut Archive<'_>, at: usize, left: &mut u64) -> Result<Vec<u8>, ImportFault> {
    let most = MOST_MEMBER_BYTES.min(*left);
    let wrong = |what: String| ImportFault::malformed(format!("member {at}"), what);
    let mut raw = archive
        .by_index_raw(at)
        .map_err(|fault| wrong(fault.to_string()))?;
    let (method, stated) = (raw.compression(), raw.crc32());
    if raw.encrypted() {
        return Err(wrong("it is encrypted".to_owned()));
    }
    let unpacked = if method == CompressionMethod::ZSTD {
        let mut packed = Vec::new();
        let read = raw.read_to_end(&mut packed);
        read.and_then(|_| decompressed(&packed, most))
    } else {
        drop(raw);
        let plain = archive
            .by_index(at)
            .map_err(|fault| wrong(fault.to_string()))?;
        limited(plain, most)
    };
    let bytes = unpacked.map_err(|fault| wrong(fault.to_string()))?;
    let Some(bytes) = bytes else {
        return Err(ImportFault::TooLarge {
            what: "the archive, unpacked",
            most,
        });
    };
    if crc32fast::hash(&bytes) != stated {
        return Err(wrong("its checksum is not that of its bytes".to_owned()));
    }
    *left = left.saturating_sub(bytes.len() as u64);
    Ok(bytes)
}

/// Unpacks the frames of Zstandard, one behind the other; none where there is more than a limit.
pub(super) fn decompressed(mut packed: &[u8], most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    while !packed.is_empty() {
        let frame = StreamingDecoder::new(&mut packed).map_err(std::io::Error::other)?;
        let left = most.saturating_sub(bytes.len() as u64);
        match limited(frame, left)? {
            Some(more) => bytes.extend(more),
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}

/// Reads up to a limit; none where there is more.
fn limited(reader: impl Read, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = reader
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok((read as u64 <= most).then_some(bytes))
}
