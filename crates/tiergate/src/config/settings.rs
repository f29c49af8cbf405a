//! Settings of the process and its crates, checked for what they can be checked for without
//! touching the machine. It must not read the environment or open a file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use domain::{PolicyFault, ProviderName, SuiteName};

use super::file::{self, File};
use super::offered::Offered;

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
    /// What each provider's connections need.
    pub providers: BTreeMap<ProviderName, ProviderSettings>,
    /// Where each suite's cases are.
    pub suites: BTreeMap<SuiteName, SuiteSource>,
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

/// Holds what connections to one provider need.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The adapter's name.
    pub dialect: String,
    /// The base URL, empty for a model in this process.
    pub base_url: String,
    /// Where the credential is.
    pub credential: Option<CredentialSource>,
}

/// Says where a provider's credential is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// An environment variable.
    Env(String),
    /// A file, read again when it changes.
    File(PathBuf),
}

/// Says where a suite's cases are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuiteSource {
    /// A JSONL file, relative to the configuration file.
    File(PathBuf),
    /// A suite in the binary.
    Builtin(String),
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
        providers: providers(file, offered, faults),
        suites: suites(file, offered, faults),
    }
}

fn fault(
    faults: &mut Vec<PolicyFault>,
    path: impl Into<String>,
    what: impl Into<String>,
    mend: impl Into<String>,
) {
    faults.push(PolicyFault {
        path: path.into(),
        what: what.into(),
        mend: mend.into(),
    });
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

fn providers(
    file: &File,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) -> BTreeMap<ProviderName, ProviderSettings> {
    let mut providers = BTreeMap::new();
    for (name, written) in &file.providers {
        let path = |field: &str| format!("providers.{name}.{field}");
        let is_in_process = Some(written.dialect.as_str()) == offered.in_process;
        if !offered.dialects.contains(&written.dialect.as_str()) {
            fault(
                faults,
                path("dialect"),
                format!("there is no adapter for `{}`", written.dialect),
                format!("use one of: {}", offered.dialects.join(", ")),
            );
        } else if !is_in_process {
            check_base_url(&path("base_url"), written.base_url.as_deref(), faults);
        } else if written.base_url.is_some() {
            let what = "a model in this process has no URL";
            fault(faults, path("base_url"), what, "remove it");
        }
        let credential = credential(&path("api_key"), written.api_key.as_ref(), faults);
        let settings = ProviderSettings {
            dialect: written.dialect.clone(),
            base_url: written.base_url.clone().unwrap_or_default(),
            credential,
        };
        providers.insert(ProviderName::new(name.as_str()), settings);
    }
    providers
}

fn check_base_url(path: &str, url: Option<&str>, faults: &mut Vec<PolicyFault>) {
    let Some(url) = url else {
        let mend = "write base_url = \"https://…\"";
        return fault(faults, path, "the provider has no base URL", mend);
    };
    let parsed = url.parse::<http::Uri>().ok();
    let is_http = |uri: &http::Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    match parsed.filter(|uri| is_http(uri) && uri.host().is_some()) {
        None => fault(
            faults,
            path,
            format!("`{url}` is no http or https URL"),
            "write scheme, host and path, such as \"https://api.example.com/v1\"",
        ),
        Some(uri) if uri.query().is_some() => {
            fault(
                faults,
                path,
                "a base URL has no query",
                "remove the part from `?` on",
            );
        }
        Some(uri)
            if uri
                .authority()
                .is_some_and(|part| part.as_str().contains('@')) =>
        {
            fault(
                faults,
                path,
                "the URL holds a credential in clear",
                "remove it, and write api_key = { env = \"NAME\" }",
            )
        }
        Some(_) => {}
    }
}

fn credential(
    path: &str,
    written: Option<&file::KeySource>,
    faults: &mut Vec<PolicyFault>,
) -> Option<CredentialSource> {
    match written? {
        file::KeySource::Env(source) => Some(CredentialSource::Env(source.env.clone())),
        file::KeySource::File(source) => Some(CredentialSource::File(PathBuf::from(&source.file))),
        file::KeySource::Clear(_) => {
            fault(
                faults,
                path,
                "a credential stands in the file in clear",
                "write { env = \"NAME\" } or { file = \"PATH\" }, and replace the leaked key",
            );
            None
        }
    }
}

fn suites(
    file: &File,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) -> BTreeMap<SuiteName, SuiteSource> {
    let mut suites = BTreeMap::new();
    for (name, written) in &file.suites {
        let source = match (&written.file, &written.builtin) {
            (Some(path), None) => SuiteSource::File(PathBuf::from(path)),
            (None, Some(builtin)) => {
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
            (None, None) | (Some(_), Some(_)) => {
                fault(
                    faults,
                    format!("suites.{name}"),
                    "a suite needs one source",
                    "write either `file` or `builtin`",
                );
                continue;
            }
        };
        suites.insert(SuiteName::new(name.as_str()), source);
    }
    suites
}
