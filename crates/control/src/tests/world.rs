//! A release side in a scratch folder, with a clock that stands still until it is moved, and the
//! way to its routes. It must not know what a test wants of it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{
    Admission, Advance, Fallback, GateSpec, Limits, Model, ModelDraft, NotAdmitted, Person, Policy,
    PolicyDigest, PolicyDraft, ProviderDraft, ReleaseDraft, ReleasePlan, Stage, StageDraft, Status,
    TierDraft, Timestamp, Tokens, UseCase,
};
use http::Method;
use http_body_util::BodyExt;
use rusqlite::Connection;
use serde_json::{Value, json};
use store::{
    Access, Arm, Config, DecisionId, NewKey, NewKeyKind, Outcome, QUEUE_ROWS, Recorder,
    RecorderConfig, Retention, Store, UsageRow,
};
use tempfile::TempDir;

use super::files;
use crate::api::{Raw, answer};
use crate::control::{Control, Declared, Hooks};
use crate::error::ControlError;
use crate::monitor::{Accounting, Patience};

/// 2026-11-24T00:00:00Z.
pub(super) const START: Timestamp = Timestamp(1_795_478_400_000);
/// Longer than any test should wait for the disk.
const PATIENCE: Duration = Duration::from_secs(60);
/// The release of every test.
pub(super) const RELEASE: &str = "next";
/// SHA-256 of the suite's cases, as far as any test cares.
pub(super) const SUITE_DIGEST: &str = "sha256:suite";

thread_local! {
    static CLOCK: Cell<Timestamp> = const { Cell::new(START) };
}

pub(super) fn clock() -> Timestamp {
    CLOCK.get()
}

/// Moves this test's clock.
pub(super) fn wait_seconds(seconds: i64) {
    CLOCK.set(Timestamp(CLOCK.get().0 + seconds * 1_000));
}

/// Moves this test's clock.
pub(super) fn wait_days(days: u32) {
    CLOCK.set(CLOCK.get().plus_days(days));
}

/// Holds a key's public id and its secret.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: String,
}

/// Holds a running release side.
pub(super) struct World {
    folder: TempDir,
    pub(super) store: Arc<Store>,
    control: Option<Control>,
    /// What the request path was given last.
    published: Arc<Mutex<Arc<Status>>>,
    /// Whether accounting gets on.
    is_stuck: Arc<AtomicBool>,
    /// Counts decisions, so that each has its own id.
    decisions: u64,
}

impl World {
    pub(super) fn new() -> Self {
        CLOCK.set(START);
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder);
        let mut world = Self {
            folder,
            store,
            control: None,
            published: Arc::default(),
            is_stuck: Arc::default(),
            decisions: 0,
        };
        world.start(declared(&draft())).unwrap();
        world
    }

    /// Starts the release side over what the scratch folder holds.
    pub(super) fn start(&mut self, declared: Declared) -> Result<(), ControlError> {
        let lease = self.store.lease().unwrap();
        let writer = self.store.ledger_writer(lease).unwrap();
        let published = Arc::clone(&self.published);
        let is_stuck = Arc::clone(&self.is_stuck);
        let hooks = Hooks {
            clock,
            publish: Box::new(move |status| *published.lock().unwrap() = status),
            settle: Box::new(|| true),
            accounting: Box::new(move || Accounting {
                waiting: usize::from(is_stuck.load(Ordering::SeqCst)),
                durable: 0,
            }),
            patience: Box::new(|| Patience::STANDARD),
            metrics: Box::new(|| "# no metrics\n".to_owned()),
        };
        let control = Control::open(Arc::clone(&self.store), writer, declared, hooks)?;
        self.control = Some(control);
        Ok(())
    }

    /// Stops the release side as a crash would: whatever it holds in memory only is gone.
    pub(super) fn stop(&mut self) {
        self.control = None;
        *self.published.lock().unwrap() = Arc::default();
        self.store = open(&self.folder);
    }

    /// Takes the database away, as if its disk had been lost; the ledger stays.
    pub(super) fn lose_database(&mut self) {
        self.stop();
        let database = self.folder.path().join("tiergate.db");
        for end in ["", "-wal", "-shm"] {
            // The side files are there only while a connection is.
            let _ = fs::remove_file(format!("{}{end}", database.display()));
        }
        self.store = open(&self.folder);
    }

    pub(super) fn control(&self) -> &Control {
        self.control.as_ref().unwrap()
    }

    /// Shows what the request path decides by.
    pub(super) fn published(&self) -> Arc<Status> {
        Arc::clone(&self.published.lock().unwrap())
    }

    pub(super) fn plan(&self) -> ReleasePlan {
        self.control().declared().policy.releases[RELEASE].clone()
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn store_config(&self) -> Config {
        config(&self.folder)
    }

    /// Reads from the database as a report does that takes long, until it is dropped.
    pub(super) fn hold_a_read(&self) -> Connection {
        let connection = Connection::open(self.folder.path().join("tiergate.db")).unwrap();
        connection.execute_batch("BEGIN").unwrap();
        let count = "SELECT count(*) FROM evidence";
        let _: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
        connection
    }

    pub(super) fn ledger_folder(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    /// Lets accounting stick, or get on.
    pub(super) fn stick(&self, is_stuck: bool) {
        self.is_stuck.store(is_stuck, Ordering::SeqCst);
    }

    /// Lets every append fail: where the next checkpoint is to be written stands a folder.
    pub(super) fn jam_ledger(&self) {
        fs::create_dir(self.jam()).unwrap();
    }

    pub(super) fn mend_ledger(&self) {
        fs::remove_dir(self.jam()).unwrap();
    }

    fn jam(&self) -> PathBuf {
        let name = format!("{}.new", ledger::CHECKPOINT_PATH);
        self.ledger_folder().join(name)
    }

    /// Creates a key as whoever sits at the data directory does.
    pub(super) fn mint(&self, kind: NewKeyKind) -> Key {
        let new = NewKey {
            name: "minted".to_owned(),
            kind,
            expires_at: None,
            issuer: None,
        };
        let (id, secret) = self.store.create_key(&new, clock()).unwrap();
        Key {
            id: id.to_string(),
            secret: secret.reveal().to_owned(),
        }
    }

    /// Creates an operator key at the data directory, and waits until it is in force.
    pub(super) fn operator(&self, person: &str) -> Key {
        let person = person.into();
        let key = self.mint(NewKeyKind::Operator { person });
        self.control().catch_up().unwrap();
        key
    }

    pub(super) fn post(&self, key: &Key, path: &str, body: &Value) -> (u16, Value) {
        self.call("POST", path, Some(&key.secret), body.to_string().as_bytes())
    }

    pub(super) fn show(&self, key: &Key, path: &str) -> (u16, Value) {
        self.call("GET", path, Some(&key.secret), b"")
    }

    /// Asks a route; an answer that is not JSON comes back as text.
    pub(super) fn call(
        &self,
        method: &str,
        path: &str,
        secret: Option<&str>,
        body: &[u8],
    ) -> (u16, Value) {
        let header = secret.map(|secret| format!("Bearer {secret}"));
        let raw = Raw {
            method: &Method::from_bytes(method.as_bytes()).unwrap(),
            path,
            authorization: header.as_deref(),
            body,
        };
        let response = answer(self.control(), &raw).into_response();
        let status = response.status().as_u16();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let body = runtime.unwrap().block_on(response.into_body().collect());
        let bytes = body.unwrap().to_bytes();
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        (
            status,
            serde_json::from_slice(&bytes).unwrap_or_else(|_| text()),
        )
    }

    /// Accounts for an answer by each of these models to an evaluation key, and names their
    /// decisions.
    pub(super) fn answered(&mut self, key: &Key, arm: Arm, by: &[&Model]) -> Vec<String> {
        self.answered_as(key, arm, by, Outcome::Success)
    }

    /// Accounts for answers to an evaluation key that ended so.
    pub(super) fn answered_as(
        &mut self,
        key: &Key,
        arm: Arm,
        by: &[&Model],
        outcome: Outcome,
    ) -> Vec<String> {
        let config = RecorderConfig {
            queue_rows: QUEUE_ROWS,
            on_batch: None,
        };
        let recorder = Recorder::start(&self.store, config).unwrap();
        let mut decisions = Vec::new();
        for model in by {
            let row = UsageRow {
                outcome,
                ..self.row(key, arm, model)
            };
            decisions.push(row.decision.to_string());
            assert!(recorder.try_record(row));
        }
        assert!(recorder.stop(PATIENCE));
        decisions
    }

    /// Accounts for rows, and tells the release side of them as the recorder does.
    pub(super) fn account(&self, rows: &[UsageRow]) {
        let config = RecorderConfig {
            queue_rows: QUEUE_ROWS,
            on_batch: None,
        };
        let recorder = Recorder::start(&self.store, config).unwrap();
        for row in rows {
            assert!(recorder.try_record(row.clone()));
        }
        assert!(recorder.stop(PATIENCE));
        self.control().accounted(rows);
    }

    /// Makes the row of a caller's request in the release's present stage, which begins a
    /// conversation.
    pub(super) fn request(&mut self, key: &Key, arm: Arm, outcome: Outcome) -> UsageRow {
        let plan = self.plan();
        let by = match arm {
            Arm::Candidate => plan.candidate,
            Arm::Incumbent => plan.incumbent.unwrap(),
        };
        let stage = self.published().releases[RELEASE].stage;
        UsageRow {
            release: Some((RELEASE.into(), stage)),
            requested: "opus".into(),
            outcome,
            features: Some(r#"{"begun":true}"#.into()),
            ..self.row(key, arm, &by)
        }
    }

    fn row(&mut self, key: &Key, arm: Arm, by: &Model) -> UsageRow {
        self.decisions += 1;
        let mut unique = [0; 10];
        unique[2..].copy_from_slice(&self.decisions.to_be_bytes());
        let caller = self.store.key(&key.id.as_str().into()).unwrap().unwrap();
        UsageRow {
            decision: DecisionId::new(clock(), unique),
            caller: Arc::clone(&caller.usage),
            use_case: None,
            step: None,
            tier: Some("opus".into()),
            model: Some(by.name.clone()),
            digest: Some(by.digest.clone()),
            release: Some((RELEASE.into(), Stage::Sealed)),
            chosen: Some(arm),
            arm: Some(arm),
            requested: format!("release/{RELEASE}/{arm}").into(),
            dialect: "openai-chat".into(),
            status: 200,
            outcome: Outcome::Success,
            tokens: Tokens::default(),
            cost: None,
            price_basis: None,
            first_token_ms: None,
            total_ms: 1,
            attempts: None,
            conversation: None,
            features: None,
        }
    }
}

fn open(folder: &TempDir) -> Arc<Store> {
    Arc::new(Store::open(config(folder), Access::Write).unwrap())
}

fn config(folder: &TempDir) -> Config {
    Config {
        database: folder.path().join("tiergate.db"),
        ledger_dir: folder.path().join("ledger"),
        busy_timeout: Config::BUSY_TIMEOUT,
        retention: Retention::STANDARD,
    }
}

/// Makes what a configuration declares of a draft; its digest tells one draft from another.
pub(super) fn declared(draft: &PolicyDraft) -> Declared {
    let digest = PolicyDigest(format!("sha256:{}", draft_name(draft)).into());
    let policy = Policy::build(draft.clone(), digest).unwrap();
    Declared {
        policy: Arc::new(policy),
        suites: BTreeMap::from([
            ("basics".into(), SUITE_DIGEST.to_owned()),
            ("capitals".into(), files::suite_digest()),
        ]),
        elsewhere: BTreeSet::from(["capitals".into()]),
    }
}

fn draft_name(draft: &PolicyDraft) -> String {
    let release = |release: &ReleaseDraft| format!("{}-{}", release.name, release.candidate);
    let names: Vec<String> = draft.releases.iter().map(release).collect();
    let gates: usize = draft
        .releases
        .iter()
        .flat_map(|release| &release.stages)
        .map(|stage| stage.gates.len())
        .sum();
    format!("{}-{gates}", names.join("-"))
}

/// Declares one release into a tier that another model serves.
pub(super) fn draft() -> PolicyDraft {
    let model = |name: &str| ModelDraft {
        name: name.to_owned(),
        provider: "main".to_owned(),
        id: format!("{name}-id"),
        safeguards: None,
        params: serde_json::Map::new(),
        weights: None,
        limits: Limits::default(),
        prices: None,
        takes: domain::Takes::default(),
    };
    let person = |name: &str, role: &str| Person {
        name: name.into(),
        roles: vec![role.to_owned()],
    };
    PolicyDraft {
        providers: vec![ProviderDraft {
            name: "main".to_owned(),
            dialect: "openai-chat".to_owned(),
            base_url: "http://models.example/v1".to_owned(),
        }],
        models: ["old", "new", "newer"].map(model).to_vec(),
        tiers: vec![TierDraft {
            name: "opus".to_owned(),
            serves: vec!["old".to_owned()],
            adapt: false,
            aliases: Vec::new(),
            purpose: String::new(),
            fallback: Fallback::STANDARD,
        }],
        people: vec![
            person("lead", "platform"),
            person("guard", "security"),
            person("watch", "security"),
            person("chief", "security"),
        ],
        use_cases: vec![UseCase {
            name: "triage".into(),
            owner: "lead".into(),
            risk: None,
            tiers: vec!["opus".into()],
            review_by: None,
        }],
        releases: vec![release()],
        ..PolicyDraft::default()
    }
}

fn release() -> ReleaseDraft {
    let spec = |gate: &str, params: Value| GateSpec {
        gate: gate.to_owned(),
        params: params.as_object().unwrap().clone().into_iter().collect(),
    };
    let stage = |stage, admit, shares: &[u64], gates| StageDraft {
        stage,
        admit,
        shares: shares.to_vec(),
        advance: Advance::Manual,
        standing: Vec::new(),
        gates,
    };
    let admit = Admission {
        use_cases: vec!["triage".into()],
        ..Admission::default()
    };
    let approval = |of: u64| spec("approval", json!({ "roles": ["security"], "of": of }));
    let floor = || spec("eval_floor", json!({ "suite": "basics", "at_least": 0.5 }));
    ReleaseDraft {
        name: RELEASE.to_owned(),
        tier: "opus".to_owned(),
        candidate: "new".to_owned(),
        when_not_admitted: NotAdmitted::Refuse,
        judges: std::collections::BTreeSet::new(),
        stages: vec![
            stage(
                Stage::EarlyAccess,
                Some(admit),
                &[100],
                vec![floor(), approval(1)],
            ),
            stage(Stage::General, None, &[10, 100], vec![floor(), approval(2)]),
        ],
    }
}
