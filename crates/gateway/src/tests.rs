//! A whole gateway against a fake provider: bytes in, bytes out, and the row at the end. It must
//! not know the binary.

mod access;
mod adapting;
mod answers;
mod disconnect;
mod fallbacks;
mod faults;
mod outcomes;
mod recall;
mod signals;
mod units;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{
    Admission, Advance, Attributes, Fallback, GateSpec, KeyId, Limits, ModelDraft, NotAdmitted,
    Person, Policy, PolicyDigest, PolicyDraft, Prices, ProviderDraft, ReleaseDraft, ReleaseStatus,
    Share, Stage, StageDraft, Status, Takes, Then, TierDraft, TokenPrices, UseCase,
};
use providers::{ADAPTERS, Credential, Endpoint};
use store::{
    Access, NewKey, NewKeyKind, Outcome, OutcomeRow, Recorder, RecorderConfig, Retention, Store,
    UsageRow,
};
use testkit::{Client, FakeProvider, Reply, Script};
use tokio::sync::oneshot;

use crate::{Config, Drained, Gateway, ServerLimits, Snapshot, Target, Today, Translation, now};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Models with a name that is a behaviour of the fake provider answer so.
const CHAT_MODELS: [&str; 8] = [
    "plain",
    "second",
    "cut-after-0",
    "cut-after-1",
    "cut-after-3",
    "error-event-0",
    "error-event-3",
    "malformed-event-3",
];

pub(crate) struct Bench {
    pub(crate) fake: FakeProvider,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) store: Arc<Store>,
    recorder: Arc<Recorder>,
    recorded: Arc<Mutex<Vec<UsageRow>>>,
    told: Arc<Mutex<Vec<OutcomeRow>>>,
    pub(crate) address: SocketAddr,
    pub(crate) key: String,
    stop: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<Drained>,
    _folder: tempfile::TempDir,
}

fn config() -> Config {
    Config {
        max_body_bytes: 1 << 20,
        body_timeout: PATIENCE,
        connect_timeout: PATIENCE,
        headers_timeout: PATIENCE,
        first_token_timeout: PATIENCE,
        idle_timeout: PATIENCE,
        answer_timeout: PATIENCE,
        circuit_rest: PATIENCE,
        translation: Translation::Named,
    }
}

fn provider(name: &str, dialect: &str, base_url: &str) -> ProviderDraft {
    ProviderDraft {
        name: name.to_owned(),
        dialect: dialect.to_owned(),
        base_url: base_url.to_owned(),
    }
}

fn model(provider: &str, name: &str) -> ModelDraft {
    ModelDraft {
        name: name.to_owned(),
        provider: provider.to_owned(),
        id: name.to_owned(),
        safeguards: None,
        params: serde_json::Map::new(),
        weights: None,
        limits: Limits {
            max_output_tokens: (name == "plain").then_some(1000),
        },
        prices: (name == "plain").then(|| {
            Prices::from(TokenPrices {
                input_usd_micros: 1_000_000,
                output_usd_micros: 5_000_000,
                ..TokenPrices::default()
            })
        }),
        takes: Takes::default(),
    }
}

fn tier(name: &str, serves: &[&str]) -> TierDraft {
    TierDraft {
        name: name.to_owned(),
        serves: serves.iter().map(|&name| name.to_owned()).collect(),
        adapt: false,
        aliases: Vec::new(),
        purpose: format!("tier {name}"),
        fallback: Fallback::STANDARD,
    }
}

/// Makes a tier say the contrary of what holds where it says nothing.
fn contrary(mut tier: TierDraft) -> TierDraft {
    tier.fallback = Fallback {
        on_refusal: Then::Next,
        on_overload: Then::Return,
        on_overflow: Then::Return,
    };
    tier
}

/// Declares the tiers of the tests and one sealed candidate in a tier of its own.
fn draft(fake: &FakeProvider) -> PolicyDraft {
    let mut tiers = vec![
        tier("haiku", &["plain", "second"]),
        tier("opus", &["claude"]),
        tier("both", &["claude", "claude-2"]),
        contrary(tier("contrary", &["plain", "second"])),
        tier("capybara", &[]),
    ];
    tiers[0].aliases = vec!["gpt-*".to_owned()];
    let mut order: Vec<String> = tiers.iter().map(|tier| tier.name.clone()).collect();
    for name in CHAT_MODELS {
        tiers.push(tier(&format!("only-{name}"), &[name]));
        let both = [name, "second"];
        let serves = if name == "second" { &both[1..] } else { &both };
        tiers.push(tier(&format!("first-{name}"), serves));
        order.push(format!("only-{name}"));
        order.push(format!("first-{name}"));
    }
    let mut models: Vec<_> = CHAT_MODELS.map(|name| model("chat", name)).into();
    models.push(model("claudes", "claude"));
    models.push(model("claudes", "claude-2"));
    models.push(model("chat", "hidden"));
    models.push(adapting::model());
    for (name, adapt) in [("adapted", true), ("as-asked", false)] {
        tiers.push(TierDraft {
            adapt,
            ..tier(name, &["careful"])
        });
        order.push(name.to_owned());
    }
    PolicyDraft {
        tiers_order: order,
        providers: vec![
            provider("chat", "openai-chat", &fake.openai_base_url()),
            provider("claudes", "anthropic-messages", &fake.anthropic_base_url()),
        ],
        models,
        people: vec![Person {
            name: "lead".into(),
            roles: vec!["security".to_owned()],
        }],
        use_cases: ["defense", "sales"]
            .map(|name| UseCase {
                name: name.into(),
                owner: "lead".into(),
                risk: None,
                tiers: tiers.iter().map(|tier| tier.name.as_str().into()).collect(),
                review_by: None,
            })
            .into(),
        tiers,
        releases: vec![release()],
        ..PolicyDraft::default()
    }
}

fn release() -> ReleaseDraft {
    let gates = vec![GateSpec {
        gate: "approval".to_owned(),
        params: BTreeMap::from([
            ("roles".to_owned(), serde_json::json!(["security"])),
            ("of".to_owned(), serde_json::json!(1)),
        ]),
    }];
    ReleaseDraft {
        name: "mythos".to_owned(),
        tier: "capybara".to_owned(),
        candidate: "hidden".to_owned(),
        when_not_admitted: NotAdmitted::Refuse,
        judges: std::collections::BTreeSet::new(),
        stages: vec![StageDraft {
            stage: Stage::EarlyAccess,
            admit: Some(Admission {
                use_cases: vec!["defense".into()],
                ..Admission::default()
            }),
            shares: Vec::new(),
            advance: Advance::Manual,
            standing: Vec::new(),
            gates,
        }],
    }
}

fn snapshot(policy: &Arc<Policy>, status: Status, config: Config) -> Snapshot {
    let credential = Arc::new(Credential::new("sk-provider").unwrap());
    let mut providers = HashMap::new();
    for model in policy.models.values() {
        let provider = &model.provider;
        let adapter = ADAPTERS.iter().find(|it| it.name() == provider.dialect);
        let endpoint = Endpoint::new(&provider.base_url, Some(Arc::clone(&credential)));
        providers.entry(provider.name.clone()).or_insert(Target {
            adapter: *adapter.unwrap(),
            endpoint: Arc::new(endpoint.unwrap()),
        });
    }
    Snapshot {
        policy: Arc::clone(policy),
        status: Arc::new(status),
        providers: Arc::new(providers),
        config,
        today: Arc::new(Today::default()),
    }
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let fake = FakeProvider::start(Script::new()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = store::Config {
            database: folder.path().join("t.db"),
            ledger_dir: folder.path().join("ledger"),
            busy_timeout: store::Config::BUSY_TIMEOUT,
            retention: Retention::STANDARD,
        };
        let store = Arc::new(Store::open(settings, Access::Write).unwrap());
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&recorded);
        let rows = RecorderConfig {
            queue_rows: store::QUEUE_ROWS,
            on_batch: Some(Box::new(move |rows| {
                seen.lock().unwrap().extend_from_slice(rows);
            })),
        };
        let recorder = Arc::new(Recorder::start(&store, rows).unwrap());
        let policy = Policy::build(draft(&fake), PolicyDigest("sha256:0".into())).unwrap();
        let snapshot = snapshot(&Arc::new(policy), Status::default(), config);
        let gateway = Gateway::new(Arc::clone(&store), Arc::clone(&recorder), snapshot);
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let gateway = gateway.unwrap().telling(Box::new(move |row: &OutcomeRow| {
            heard.lock().unwrap().push(row.clone());
        }));
        let gateway = Arc::new(gateway);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limits = ServerLimits {
            max_connections: 100,
            max_header_bytes: 16 << 10,
            header_timeout: PATIENCE,
            drain: PATIENCE,
        };
        let (stop, stopped) = oneshot::channel();
        let service = gateway.service();
        let served = tokio::spawn(crate::serve(listener, service, limits, async {
            // A dropped sender stops the server as well as a sent value.
            let _ = stopped.await;
        }));
        let mut bench = Self {
            fake,
            gateway,
            store,
            recorder,
            recorded,
            told,
            address,
            key: String::new(),
            stop: Some(stop),
            served,
            _folder: folder,
        };
        let use_cases = vec!["sales".into(), "defense".into()];
        (_, bench.key) = bench.mint(NewKeyKind::Caller {
            team: Some("blue".to_owned()),
            attributes: Attributes::default(),
            use_cases,
        });
        bench
    }

    /// Shows the reports that were told of.
    pub(crate) fn told(&self) -> Vec<OutcomeRow> {
        self.told.lock().unwrap().clone()
    }

    pub(crate) fn mint(&self, kind: NewKeyKind) -> (KeyId, String) {
        let key = NewKey {
            name: "k".to_owned(),
            kind,
            expires_at: None,
            issuer: None,
        };
        let (id, secret) = self.store.create_key(&key, now()).unwrap();
        self.store.refresh_keys().unwrap();
        (id, secret.reveal().to_owned())
    }

    /// Opens the release's first stage to everyone it admits.
    pub(crate) fn open_release(&self) {
        let old = self.gateway.snapshot();
        let plan = &old.policy.releases["mythos"];
        let mut opened = ReleaseStatus::sealed(&plan.name, plan.candidate.digest.clone(), now());
        opened.stage = Stage::EarlyAccess;
        opened.share = Share::ALL;
        let status = Status {
            generation: 1,
            releases: BTreeMap::from([(plan.name.clone(), opened)]),
        };
        self.gateway
            .publish(snapshot(&old.policy, status, old.config));
    }

    pub(crate) fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
        format!(
            "{method} {path} HTTP/1.1\r\nhost: t\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    /// Makes a request with the bench's own key and a JSON body.
    pub(crate) fn post(&self, path: &str, headers: &str, body: &str) -> Vec<u8> {
        let key = &self.key;
        let all =
            format!("authorization: Bearer {key}\r\ncontent-type: application/json\r\n{headers}");
        self.request("POST", path, &all, body)
    }

    pub(crate) async fn exchange(&self, request: &[u8]) -> Reply {
        let mut client = Client::connect(self.address).await.unwrap();
        client.exchange(request).await.unwrap()
    }

    pub(crate) async fn chat(&self, model: &str, is_stream: bool) -> Reply {
        self.exchange(&self.post("/v1/chat/completions", "", &chat(model, is_stream)))
            .await
    }

    pub(crate) async fn messages(&self, model: &str, is_stream: bool) -> Reply {
        self.exchange(&self.post("/v1/messages", "", &chat(model, is_stream)))
            .await
    }

    /// Waits until `count` rows are durable, and shows them.
    pub(crate) async fn rows(&self, count: usize) -> Vec<UsageRow> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            assert!(self.recorder.flush(PATIENCE));
            let rows = self.recorded.lock().unwrap().clone();
            if rows.len() >= count {
                assert_eq!(rows.len(), count, "{rows:?}");
                return rows;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "{} rows",
                rows.len()
            );
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn row(&self) -> UsageRow {
        self.rows(1).await.remove(0)
    }

    pub(crate) async fn stop(mut self) -> Drained {
        drop(self.stop.take());
        (&mut self.served).await.unwrap()
    }
}

pub(crate) fn chat(model: &str, is_stream: bool) -> String {
    let messages = r#"[{"role":"user","content":"hi there"}]"#;
    format!(r#"{{"model":"{model}","max_tokens":50,"stream":{is_stream},"messages":{messages}}}"#)
}

pub(crate) fn json(reply: &Reply) -> serde_json::Value {
    serde_json::from_slice(&reply.body).unwrap_or_else(|fault| panic!("{fault}: {:?}", reply.body))
}

pub(crate) fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.to_vec()).unwrap()
}

pub(crate) fn outcome_of(row: &UsageRow) -> (u16, Outcome) {
    (row.status, row.outcome)
}
