//! A store in a folder of its own, and rows to put into it, for the tests of this crate. It must
//! not be built into anything else.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::{
    Attributes, KeyId, ModelDigest, ModelName, PicoUsd, ReleaseName, Stage, TierName, Timestamp,
    Tokens, UseCaseName,
};
use tempfile::TempDir;

use crate::config::{Access, Config, Retention};
use crate::decision::DecisionId;
use crate::key::{NewKey, NewKeyKind, UsageCaller};
use crate::recorder::{QUEUE_ROWS, Recorder, RecorderConfig};
use crate::store::Store;
use crate::usage::{Arm, Outcome, UsageRow};

/// 2026-11-24T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_478_400_000);
/// Longer than any test should wait for the disk.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        Self { folder }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            database: self.path("made/tiergate.db"),
            ledger_dir: self.path("made/ledger"),
            busy_timeout: Config::BUSY_TIMEOUT,
            retention: Retention::STANDARD,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn open(&self) -> Arc<Store> {
        Arc::new(Store::open(self.config(), Access::Write).expect("a store"))
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

pub(crate) fn recorder(store: &Store) -> Recorder {
    let config = RecorderConfig {
        queue_rows: QUEUE_ROWS,
        on_batch: None,
    };
    Recorder::start(store, config).expect("a recorder")
}

/// Records rows and waits until they are durable.
pub(crate) fn record(store: &Store, rows: impl IntoIterator<Item = UsageRow>) {
    let recorder = recorder(store);
    for row in rows {
        assert!(recorder.try_record(row), "the queue is full");
    }
    assert!(recorder.stop(PATIENCE), "rows were lost");
}

pub(crate) fn caller_key() -> NewKey {
    NewKey {
        name: "checkout".to_owned(),
        kind: NewKeyKind::Caller {
            team: Some("blue".to_owned()),
            attributes: Attributes::from([("region".to_owned(), "eu".to_owned())]),
            use_cases: vec![UseCaseName::new("triage"), UseCaseName::new("search")],
        },
        expires_at: None,
        issuer: None,
    }
}

pub(crate) fn usage_caller(key: &str) -> UsageCaller {
    UsageCaller {
        key: KeyId::new(key),
        name: format!("{key}-name"),
        team: Some("blue".to_owned()),
        is_evaluator: false,
    }
}

/// Makes a full row; `number` tells it from others of the same time.
pub(crate) fn row(at: Timestamp, number: u64) -> UsageRow {
    let mut unique = [0; 10];
    unique[2..].copy_from_slice(&number.to_be_bytes());
    UsageRow {
        decision: DecisionId::new(at, unique),
        caller: Arc::new(usage_caller("k1")),
        use_case: Some(UseCaseName::new("triage")),
        step: Some("plan".into()),
        tier: Some(TierName::new("opus")),
        model: Some(ModelName::new("opus-5")),
        digest: Some(ModelDigest("sha256:00".into())),
        release: Some((ReleaseName::new("mythos"), Stage::EarlyAccess)),
        chosen: Some(Arm::Candidate),
        arm: Some(Arm::Candidate),
        requested: "claude-opus-5".into(),
        dialect: "anthropic-messages".into(),
        status: 200,
        outcome: Outcome::Success,
        tokens: Tokens {
            input: 100,
            cached: 40,
            cache_write: 10,
            cache_write_1h: 0,
            output: 20,
            reasoning: 5,
        },
        cost: Some(PicoUsd(1_500_000)),
        price_basis: Some("facts 2026-11-01".into()),
        first_token_ms: Some(120),
        total_ms: 900,
        attempts: Some(r#"[{"model":"opus-5","status":200}]"#.into()),
        conversation: Some(u64::MAX),
        features: Some(r#"{"tools":3,"stream":true,"thinking":false}"#.into()),
    }
}
