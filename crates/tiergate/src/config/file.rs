//! The configuration file as it is written: sections, fields and their spelling. It must not
//! judge what the values mean.

use std::collections::BTreeMap;
use std::time::Duration;

use control::Patience;
use domain::TokenPrices;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Holds the whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) server: Server,
    pub(super) store: Store,
    pub(super) retention: Retention,
    pub(super) embedded: Embedded,
    pub(super) monitor: Monitor,
    pub(super) ledger: Ledger,
    pub(super) tiers_order: Vec<String>,
    pub(super) providers: BTreeMap<String, Provider>,
    pub(super) models: BTreeMap<String, Model>,
    pub(super) tiers: BTreeMap<String, Tier>,
    pub(super) people: BTreeMap<String, Person>,
    pub(super) risk: BTreeMap<String, Risk>,
    pub(super) use_cases: BTreeMap<String, UseCase>,
    pub(super) suites: BTreeMap<String, Suite>,
    pub(super) releases: BTreeMap<String, Release>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Server {
    pub(super) listen: String,
    pub(super) admin: String,
    pub(super) insecure: bool,
    pub(super) max_body_bytes: usize,
    pub(super) drain_ms: u64,
    pub(super) connect_timeout_ms: u64,
    pub(super) headers_timeout_ms: u64,
    pub(super) first_token_timeout_ms: u64,
    pub(super) idle_timeout_ms: u64,
    pub(super) answer_timeout_ms: u64,
    pub(super) circuit_rest_ms: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:4000".to_owned(),
            admin: "127.0.0.1:4001".to_owned(),
            insecure: false,
            max_body_bytes: 32 << 20,
            drain_ms: 30_000,
            connect_timeout_ms: 10_000,
            headers_timeout_ms: 60_000,
            first_token_timeout_ms: 120_000,
            idle_timeout_ms: 120_000,
            answer_timeout_ms: 600_000,
            circuit_rest_ms: 5_000,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Store {
    pub(super) url: String,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            url: "sqlite://tiergate.db".to_owned(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Retention {
    pub(super) usage_days: u32,
    pub(super) revoked_keys_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            usage_days: 400,
            revoked_keys_days: 400,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Embedded {
    pub(super) threads: usize,
    pub(super) queue: usize,
    pub(super) max_input_tokens: usize,
    pub(super) max_output_tokens: usize,
    pub(super) prefix_cache_mib: usize,
}

impl Default for Embedded {
    fn default() -> Self {
        Self {
            threads: 1,
            queue: 16,
            max_input_tokens: 1024,
            max_output_tokens: 1024,
            prefix_cache_mib: 64,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Monitor {
    pub(super) freeze_after_ms: u64,
    pub(super) fall_after_ms: u64,
}

impl Default for Monitor {
    fn default() -> Self {
        Self {
            freeze_after_ms: ms(Patience::STANDARD.freeze),
            fall_after_ms: ms(Patience::STANDARD.fall),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Ledger {
    pub(super) witnesses: Vec<Witness>,
    pub(super) witness_quorum: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Witness {
    pub(super) url: String,
    pub(super) key: String,
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    pub(super) dialect: String,
    #[serde(default)]
    pub(super) platform: Option<String>,
    #[serde(default)]
    pub(super) base_url: Option<String>,
    #[serde(default)]
    pub(super) region: Option<String>,
    #[serde(default)]
    pub(super) project: Option<String>,
    #[serde(default)]
    pub(super) api_version: Option<String>,
    #[serde(default)]
    pub(super) api_key: Option<KeySource>,
    /// What may stand here follows from the kinds of authorisation that are offered.
    #[serde(default)]
    pub(super) auth: Option<BTreeMap<String, Value>>,
}

/// Says where a credential is; anything else is taken too, only to be refused with a clear word.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected { env = \"NAME\" } or { file = \"PATH\" }"
)]
pub(super) enum KeySource {
    Env(EnvKey),
    File(FileKey),
    Clear(serde::de::IgnoredAny),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvKey {
    pub(super) env: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileKey {
    pub(super) file: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Model {
    pub(super) provider: String,
    pub(super) id: String,
    #[serde(default)]
    pub(super) safeguards: Option<String>,
    #[serde(default)]
    pub(super) params: Map<String, Value>,
    #[serde(default)]
    pub(super) max_output_tokens: Option<u64>,
    #[serde(default)]
    pub(super) price: Option<TokenPrices>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tier {
    #[serde(default)]
    pub(super) serves: Vec<String>,
    #[serde(default)]
    pub(super) adapt: bool,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) purpose: String,
    #[serde(default)]
    pub(super) on_refusal: Option<domain::Then>,
    #[serde(default)]
    pub(super) on_overload: Option<domain::Then>,
    #[serde(default)]
    pub(super) on_overflow: Option<domain::Then>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) roles: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Risk {
    pub(super) requires: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UseCase {
    pub(super) owner: String,
    #[serde(default)]
    pub(super) risk: Option<String>,
    pub(super) tiers: Vec<String>,
    #[serde(default)]
    pub(super) review_by: Option<toml::value::Datetime>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suite {
    #[serde(default)]
    pub(super) file: Option<String>,
    #[serde(default)]
    pub(super) builtin: Option<String>,
    #[serde(default)]
    pub(super) judge: Option<String>,
    #[serde(default)]
    pub(super) digest: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub(super) tier: String,
    pub(super) candidate: String,
    #[serde(default)]
    pub(super) when_not_admitted: Option<NotAdmitted>,
    #[serde(default)]
    pub(super) stages: Vec<Stage>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected \"refuse\" or { tier = \"NAME\" }")]
pub(super) enum NotAdmitted {
    Word(String),
    Tier(OtherTier),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherTier {
    pub(super) tier: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stage {
    pub(super) stage: domain::Stage,
    #[serde(default)]
    pub(super) admit: Option<Admit>,
    #[serde(default)]
    pub(super) share: Vec<u64>,
    #[serde(default)]
    pub(super) advance: Advance,
    #[serde(default)]
    pub(super) gates: Vec<Gate>,
    #[serde(default)]
    pub(super) standing: Vec<Gate>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Advance {
    #[default]
    Manual,
    Auto,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Admit {
    #[serde(default)]
    pub(super) teams: Vec<String>,
    #[serde(default)]
    pub(super) use_cases: Vec<String>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) tokens_per_day: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Gate {
    pub(super) gate: String,
    #[serde(flatten)]
    pub(super) params: BTreeMap<String, Value>,
}
