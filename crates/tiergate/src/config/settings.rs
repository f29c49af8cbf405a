//! Settings of the process and its crates, checked for what they can be checked for without
//! touching the machine. It must not read the environment or open a file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use control::Patience;
use domain::{PolicyFault, ProviderName, SuiteName, TierName};

use super::fault::fault;
use super::file::{self, File};
use super::offered::Offered;
use super::provider::{self, ProviderSettings};
use super::witnesses::{Witnesses, witnesses};

/// Holds what the process needs beside the policy.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where applications connect.
    pub listen: SocketAddr,
    /// Where operators connect.
    pub admin: SocketAddr,
    /// Whether a listener may leave the loopback without TLS.
    pub insecure: bool,
    /// The largest request body taken, in bytes.
    pub max_body_bytes: usize,
    /// How long streams in flight may go on after a stop.
    pub drain: Duration,
    /// The most time to connect to a provider.
    pub connect_timeout: Duration,
    /// The most time until a provider's headers.
    pub headers_timeout: Duration,
    /// The most time until a stream's first event.
    pub first_token_timeout: Duration,
    /// The most time between two events.
    pub idle_timeout: Duration,
    /// The most time for a whole answer that is not streamed.
    pub answer_timeout: Duration,
    /// How long a model that keeps failing is left alone before one request tries it again.
    pub circuit_rest: Duration,
    /// The database file, relative to the data directory.
    pub database: PathBuf,
    /// How many days usage is kept.
    pub usage_days: u32,
    /// How many days revoked keys are kept.
    pub revoked_keys_days: u32,
    /// What the models in this process may take.
    pub embedded: EmbeddedSettings,
    /// When a monitor that stopped has its releases stop, and go back.
    pub monitor: Patience,
    /// Who is asked to cosign the ledger.
    pub witnesses: Witnesses,
    /// What each provider's connections need.
    pub providers: BTreeMap<ProviderName, ProviderSettings>,
    /// Where each suite's cases are.
    pub suites: BTreeMap<SuiteName, SuiteSource>,
    /// The tier that judges answers, for the suites that name one.
    pub judges: BTreeMap<SuiteName, TierName>,
}

/// Says what the models in this process may take; read at the start.
#[derive(Clone, Debug)]
pub struct EmbeddedSettings {
    /// Threads, each answering one request at a time.
    pub threads: usize,
    /// Requests that may wait; the next is answered with 503.
    pub queue: usize,
    /// The longest input taken, in tokens.
    pub max_input_tokens: usize,
    /// The longest answer given, in tokens.
    pub max_output_tokens: usize,
    /// What the cache of system prompts may take, in bytes.
    pub prefix_cache_bytes: usize,
}

/// Says where a suite's cases are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuiteSource {
    /// A JSONL file, relative to the configuration file.
    File(PathBuf),
    /// A suite in the binary.
    Builtin(String),
    /// Another tool's, by the digest of what it asks.
    Elsewhere(String),
}

/// Checks and converts the settings.
pub(super) fn settings(
    file: &File,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) -> Settings {
    let server = &file.server;
    let listen = address("server.listen", &server.listen, server.insecure, faults);
    let admin = address("server.admin", &server.admin, server.insecure, faults);
    if listen == admin && listen.port() != 0 {
        fault(
            faults,
            "server.admin",
            format!("{admin} is also where applications connect"),
            "give operators an address of their own",
        );
    }
    if server.max_body_bytes == 0 {
        fault(
            faults,
            "server.max_body_bytes",
            "no body would be taken",
            "write a size in bytes",
        );
    }
    Settings {
        listen,
        admin,
        insecure: server.insecure,
        max_body_bytes: server.max_body_bytes,
        drain: Duration::from_millis(server.drain_ms),
        connect_timeout: timeout("connect_timeout_ms", server.connect_timeout_ms, faults),
        headers_timeout: timeout("headers_timeout_ms", server.headers_timeout_ms, faults),
        first_token_timeout: timeout(
            "first_token_timeout_ms",
            server.first_token_timeout_ms,
            faults,
        ),
        idle_timeout: timeout("idle_timeout_ms", server.idle_timeout_ms, faults),
        answer_timeout: timeout("answer_timeout_ms", server.answer_timeout_ms, faults),
        circuit_rest: timeout("circuit_rest_ms", server.circuit_rest_ms, faults),
        database: database(&file.store.url, faults),
        usage_days: file.retention.usage_days,
        revoked_keys_days: file.retention.revoked_keys_days,
        embedded: embedded(&file.embedded, faults),
        monitor: patience(&file.monitor, faults),
        witnesses: witnesses(&file.ledger, faults),
        providers: provider::providers(file, offered, faults),
        suites: suites(file, offered, faults),
        judges: judges(file),
    }
}

fn address(path: &str, text: &str, is_insecure: bool, faults: &mut Vec<PolicyFault>) -> SocketAddr {
    let fallback = SocketAddr::from(([127, 0, 0, 1], 0));
    let Ok(address) = text.parse::<SocketAddr>() else {
        let what = format!("`{text}` is no address with a port");
        fault(faults, path, what, "write one such as \"127.0.0.1:4000\"");
        return fallback;
    };
    if !address.ip().is_loopback() && !is_insecure {
        fault(
            faults,
            path,
            format!("{address} is reachable from outside, and TLS is not there yet"),
            "listen on 127.0.0.1 behind a TLS proxy, or say `insecure = true` under [server]",
        );
    }
    address
}

fn timeout(field: &str, ms: u64, faults: &mut Vec<PolicyFault>) -> Duration {
    if ms == 0 {
        let path = format!("server.{field}");
        fault(
            faults,
            path,
            "no time at all would always fail",
            "write milliseconds above 0",
        );
    }
    Duration::from_millis(ms)
}

fn embedded(written: &file::Embedded, faults: &mut Vec<PolicyFault>) -> EmbeddedSettings {
    let rows = [
        ("threads", written.threads),
        ("queue", written.queue),
        ("max_input_tokens", written.max_input_tokens),
        ("max_output_tokens", written.max_output_tokens),
    ];
    for (field, value) in rows {
        if value == 0 {
            let path = format!("embedded.{field}");
            let what = "with none of it no model could answer";
            fault(faults, path, what, "write a number above 0");
        }
    }
    EmbeddedSettings {
        threads: written.threads,
        queue: written.queue,
        max_input_tokens: written.max_input_tokens,
        max_output_tokens: written.max_output_tokens,
        prefix_cache_bytes: written.prefix_cache_mib << 20,
    }
}

fn patience(written: &file::Monitor, faults: &mut Vec<PolicyFault>) -> Patience {
    if written.freeze_after_ms == 0 || written.fall_after_ms < written.freeze_after_ms {
        fault(
            faults,
            "monitor",
            "releases would go back before they stop, or stop at once",
            "let `freeze_after_ms` be above 0, and `fall_after_ms` no less than it",
        );
    }
    Patience {
        freeze: Duration::from_millis(written.freeze_after_ms),
        fall: Duration::from_millis(written.fall_after_ms),
    }
}

fn database(url: &str, faults: &mut Vec<PolicyFault>) -> PathBuf {
    match url.strip_prefix("sqlite://") {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => {
            fault(
                faults,
                "store.url",
                format!("`{url}` is no store that this version offers"),
                "write \"sqlite://FILE\", relative to the data directory",
            );
            PathBuf::new()
        }
    }
}

fn judges(file: &File) -> BTreeMap<SuiteName, TierName> {
    let judge = |(name, suite): (&String, &file::Suite)| {
        let tier = suite.judge.as_deref()?;
        Some((SuiteName::new(name.as_str()), TierName::new(tier)))
    };
    file.suites.iter().filter_map(judge).collect()
}

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digits.len() == 64 && digits.bytes().all(is_digit)
}

fn suites(
    file: &File,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) -> BTreeMap<SuiteName, SuiteSource> {
    let mut suites = BTreeMap::new();
    for (name, written) in &file.suites {
        let source = match (&written.file, &written.builtin, &written.digest) {
            (Some(path), None, None) => SuiteSource::File(PathBuf::from(path)),
            (None, None, Some(digest)) => {
                if !is_digest(digest) {
                    fault(
                        faults,
                        format!("suites.{name}.digest"),
                        format!("`{digest}` is no digest"),
                        "write what `tiergate evidence import` names: \"sha256:\" and 64 digits",
                    );
                }
                SuiteSource::Elsewhere(digest.clone())
            }
            (None, Some(builtin), None) => {
                if !offered.builtin_suites.contains(&builtin.as_str()) {
                    fault(
                        faults,
                        format!("suites.{name}.builtin"),
                        format!("there is no suite `{builtin}` in the program"),
                        format!("use one of: {}", offered.builtin_suites.join(", ")),
                    );
                }
                SuiteSource::Builtin(builtin.clone())
            }
            _ => {
                fault(
                    faults,
                    format!("suites.{name}"),
                    "a suite needs one source",
                    "write one of `file`, `builtin` and `digest`",
                );
                continue;
            }
        };
        suites.insert(SuiteName::new(name.as_str()), source);
    }
    suites
}
