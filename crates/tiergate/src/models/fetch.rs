//! Downloads over HTTPS with the operating system's trust store: pages into memory, files to
//! disk, resumed where a part is already there. It must not know what a file is for.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use http::Response;
use sha2::{Digest, Sha256};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
const CHUNK_BYTES: usize = 128 << 10;
const ATTEMPTS: u32 = 4;
/// How long to wait before the second attempt; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Says why a download failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchFault {
    /// The server could not be asked or broke off.
    #[error("reach the server")]
    Reach(#[from] ureq::Error),
    /// The file could not be written.
    #[error("write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The transfer broke off, after every attempt.
    #[error("read the file to its end; run the command again to go on where it stopped")]
    Read(#[source] io::Error),
    /// The bytes are not the ones expected.
    #[error("{name} has SHA-256 {found}, expected {expected}; it was thrown away")]
    WrongHash {
        /// The file.
        name: String,
        /// The hash of what came.
        found: String,
        /// The hash that was to come.
        expected: String,
    },
}

/// Describes one file to download.
pub struct Wanted<'a> {
    /// Where it is.
    pub url: &'a str,
    /// The login to send, if any.
    pub authorization: Option<&'a str>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: &'a str,
    /// Its length; no more is written than this and a little.
    pub bytes: u64,
    /// Where it goes.
    pub target: &'a Path,
}

fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(ANSWER_TIMEOUT))
            .timeout_per_read(Some(READ_TIMEOUT))
            .user_agent(concat!("tiergate/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent()
    })
}

/// Downloads a page into memory.
///
/// # Errors
/// Fails when the server does not answer with the page, or the page is over the limit.
pub fn page(
    url: &str,
    accept: &str,
    authorization: Option<&str>,
    most_bytes: u64,
) -> Result<Vec<u8>, FetchFault> {
    let mut request = agent().get(url).header("accept", accept);
    if let Some(login) = authorization {
        request = request.header("authorization", login);
    }
    let mut answer = request.call()?;
    Ok(answer
        .body_mut()
        .with_config()
        .limit(most_bytes)
        .read_to_vec()?)
}

/// Downloads a file, going on from `TARGET.part` where that is there, hashing as it comes, and
/// renames it when the hash is right.
///
/// # Errors
/// Fails when the server breaks off for good, the disk does not take it, or the hash is wrong.
pub fn file(wanted: &Wanted<'_>, progress: &mut dyn FnMut(u64)) -> Result<(), FetchFault> {
    let mut part = wanted.target.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut last = None;
    for attempted in 0..ATTEMPTS {
        if attempted > 0 {
            thread::sleep(FIRST_PAUSE * 2_u32.pow(attempted - 1));
        }
        match attempt(wanted, &part, progress) {
            Ok(found) if found == wanted.sha256 => {
                return fs::rename(&part, wanted.target).map_err(|source| FetchFault::Write {
                    path: wanted.target.to_owned(),
                    source,
                });
            }
            Ok(found) => return Err(wrong(wanted, &part, found)),
            Err(fault @ FetchFault::Write { .. }) => return Err(fault),
            Err(fault) => last = Some(fault),
        }
    }
    Err(last.unwrap_or_else(|| FetchFault::Read(io::ErrorKind::UnexpectedEof.into())))
}

fn wrong(wanted: &Wanted<'_>, part: &Path, found: String) -> FetchFault {
    // Nothing more can be done about a file that will not go; the next attempt overwrites it.
    let _ = fs::remove_file(part);
    let name = wanted
        .target
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    FetchFault::WrongHash {
        name,
        found,
        expected: wanted.sha256.to_owned(),
    }
}

fn attempt(
    wanted: &Wanted<'_>,
    part: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<String, FetchFault> {
    let fail = |source| FetchFault::Write {
        path: part.to_owned(),
        source,
    };
    let mut hash = Sha256::new();
    let mut have = hash_existing(part, &mut hash).map_err(fail)?;
    if have >= wanted.bytes {
        return Ok(hex(&hash.finalize()));
    }
    let answer = ask(wanted, have)?;
    if have > 0 && answer.status() != 206 {
        have = 0;
        hash = Sha256::new();
    }
    let mut out = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(have == 0)
        .append(have > 0)
        .open(part)
        .map_err(fail)?;
    progress(have);
    // One chunk more than expected shows that the file is another one, and cannot fill the disk.
    let most = wanted.bytes.saturating_sub(have) + CHUNK_BYTES as u64;
    let mut body = answer.into_body().into_reader().take(most);
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    loop {
        let count = body.read(&mut chunk).map_err(FetchFault::Read)?;
        let Some(bytes) = chunk.get(..count).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        hash.update(bytes);
        out.write_all(bytes).map_err(fail)?;
        have += bytes.len() as u64;
        progress(have);
    }
    out.sync_all().map_err(fail)?;
    Ok(hex(&hash.finalize()))
}

/// Asks for what is still missing.
fn ask(wanted: &Wanted<'_>, have: u64) -> Result<Response<Body>, ureq::Error> {
    let mut request = agent()
        .get(wanted.url)
        .header("accept-encoding", "identity");
    if let Some(login) = wanted.authorization {
        request = request.header("authorization", login);
    }
    if have > 0 {
        request = request.header("range", format!("bytes={have}-"));
    }
    request.call()
}

fn hash_existing(part: &Path, hash: &mut Sha256) -> io::Result<u64> {
    let mut file = match File::open(part) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut have = 0;
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    loop {
        let count = file.read(&mut chunk)?;
        let Some(bytes) = chunk.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return Ok(have);
        };
        hash.update(bytes);
        have += bytes.len() as u64;
    }
}

/// Writes a digest in hexadecimal.
#[must_use]
pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
