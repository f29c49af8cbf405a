//! What the evidence store says of variants that are models of the configuration. Which runs count
//! is asked of the gates; it must not have rules of its own for that.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use control::card::{self, Fact, Names};
use domain::{
    GateSpec, MS_PER_DAY, Model, ModelDigest, NotAdmitted, PersonName, ReleaseName, ReleasePlan,
    ReleaseStatus, SuiteName, TierName, Timestamp,
};
use plan::variants::{Evidence, Mean, NotCounted, Run, of_run};
use release::{Dossier, EvalRun, Verdict};
use serde::Deserialize;
use serde_json::json;
use store::{Access, EvidenceRow, LedgerError, Store};

use crate::config::Config;
use crate::exit::Fault;
use crate::home::{self, Home};
use crate::options::Common;
use crate::serving::suites;

/// The gate that says whether a run counts, and its score.
const GATE: &str = "eval_floor";

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Holds what the store and the configuration say of models.
pub struct Stored {
    config: Config,
    suites: BTreeMap<SuiteName, String>,
    runs: Vec<Kept>,
    never_brought: BTreeMap<ModelDigest, u32>,
    until: Until,
}

/// Says when a run has to count, and until when it does.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// When it has to.
    pub at: Timestamp,
    /// How many days it does; none as the gates have it.
    pub max_age_days: Option<u64>,
}

/// Is a run with the release and the arm that it was made for.
struct Kept {
    release: ReleaseName,
    arm: String,
    run: EvalRun,
}

/// Holds what is said of one model.
pub struct Told {
    /// Its digest.
    pub digest: String,
    /// Its safeguard profile.
    pub safeguards: Option<String>,
    /// What counts.
    pub evidence: Vec<Evidence>,
    /// What does not.
    pub not_counted: Vec<NotCounted>,
}

impl Stored {
    /// Reads the configuration, and every eval run that the ledger of the data directory names. A
    /// gateway beside it does no harm.
    ///
    /// # Errors
    /// Fails when there is no sound configuration or no store.
    pub fn read(file: &Path, until: Until, common: &Common) -> Fallible<Self> {
        if !common.config.exists() {
            let (file, config) = (file.display(), common.config.display());
            let what = format!("{file} names models, and there is no configuration {config}");
            let mend = "name the one that declares them with --config, or leave `model` out";
            return Err(Fault::new(what, mend).into());
        }
        let config = home::config(common)?;
        let store = Home::of(common).store(Some(&config.settings), Access::Read);
        let store = store.map_err(|error| {
            let what = format!(
                "{} names models, and their evidence cannot be read",
                file.display()
            );
            let mend = "name the gateway's data directory with --data-dir, or leave `model` out";
            Fault::because(error, what, mend)
        })?;
        let mut stored = Self {
            suites: suites::digests(&config)?,
            config,
            runs: Vec::new(),
            never_brought: BTreeMap::new(),
            until,
        };
        // Where no gateway ever began a ledger nothing was taken in.
        if !matches!(store.ledger(), Err(LedgerError::Absent { .. })) {
            stored.gather(&store)?;
        }
        Ok(stored)
    }

    /// Gathers the runs of every release, also of those that are declared no more.
    fn gather(&mut self, store: &Store) -> Fallible<()> {
        let declared = self.config.policy.releases.keys().cloned();
        let mut releases: BTreeSet<ReleaseName> = declared.collect();
        for id in store.evidence_ids()? {
            releases.extend(store.release_of_evidence(&id)?);
        }
        for release in releases {
            let card = card::read(store, &release, &Names::default(), self.until.at)?;
            let rows = store.evidence_of(&release)?;
            let rows = rows.iter().map(|row| (row.id.0.as_str(), row));
            let rows: HashMap<&str, &EvidenceRow> = rows.collect();
            let kept = card.evidence.iter().map(|fact| Kept {
                release: release.clone(),
                arm: fact.shown.arm.clone().unwrap_or_default(),
                run: run(fact, &rows),
            });
            self.runs.extend(kept);
            for left_out in control::never_brought(store, &release)? {
                *self.never_brought.entry(left_out.digest).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Tells what evidence says of a model, by its name in the configuration.
    ///
    /// # Errors
    /// Fails when the configuration has no such model.
    pub fn of(&self, variant: &str, model: &str) -> Result<Told, Fault> {
        let models = &self.config.policy.models;
        let found = models.get(model).ok_or_else(|| {
            let names: Vec<&str> = models.keys().map(|name| name.as_str()).collect();
            let file = self.config.path.display();
            let what = format!("`{variant}` is to be the model `{model}`, which {file} has not");
            Fault::new(
                what,
                format!("use one that is declared: {}", names.join(", ")),
            )
        })?;
        let suites: BTreeSet<&SuiteName> = self.runs.iter().map(|kept| &kept.run.suite).collect();
        let mut told = Told {
            digest: found.digest.to_string(),
            safeguards: found.safeguards.clone(),
            evidence: Vec::new(),
            not_counted: Vec::new(),
        };
        let runs: Vec<EvalRun> = self.runs.iter().map(|kept| kept.run.clone()).collect();
        for suite in suites {
            let of_suite = || self.runs.iter().filter(|kept| kept.run.suite == *suite);
            let own = of_suite().filter(|kept| kept.run.digest == found.digest);
            if let Some(kept) = own.max_by_key(|kept| kept.run.taken_at) {
                let verdict = self.verdict(suite, found, &runs);
                match mean(&verdict) {
                    Some(mean) => {
                        let run = self.shown(kept);
                        told.evidence.push(of_run(suite.as_str(), mean, run));
                    }
                    None => told
                        .not_counted
                        .push(self.not_counted(kept, verdict.reason)),
                }
                continue;
            }
            let once = of_suite().filter(|kept| self.is_in_place_of(kept, found));
            if let Some(kept) = once.max_by_key(|kept| kept.run.taken_at) {
                let why = format!(
                    "it is of another model, {}, which stood where `{model}` stands: run the \
                     suite again",
                    kept.run.digest
                );
                told.not_counted.push(self.not_counted(kept, why));
            }
        }
        Ok(told)
    }

    /// Asks the gate, with a floor of nothing: it passes whatever counts, and says of everything
    /// else why it does not.
    fn verdict(&self, suite: &SuiteName, model: &Arc<Model>, runs: &[EvalRun]) -> Verdict {
        let mut params = BTreeMap::from([
            ("suite".to_owned(), json!(suite.as_str())),
            ("at_least".to_owned(), json!(0.0)),
        ]);
        let days = self.until.max_age_days.map(|days| json!(days));
        params.extend(days.map(|days| ("max_age_days".to_owned(), days)));
        let spec = GateSpec {
            gate: GATE.to_owned(),
            params,
        };
        let plan = ReleasePlan {
            name: ReleaseName::new("variants"),
            tier: TierName::new("variants"),
            candidate: Arc::clone(model),
            incumbent: None,
            when_not_admitted: NotAdmitted::Refuse,
            judges: BTreeSet::new(),
            stages: Vec::new(),
            digest: String::new(),
        };
        let dossier = Dossier {
            plan: &plan,
            status: &ReleaseStatus::sealed(&plan.name, model.digest.clone(), self.until.at),
            runs,
            never_brought: &self.never_brought,
            approvals: &[],
            waivers: &[],
            incidents: &[],
            watch: None,
            required: &BTreeMap::new(),
            requester: &PersonName::new("nobody"),
            people: &BTreeMap::new(),
            suites: &self.suites,
            models: &BTreeMap::new(),
            now: self.until.at,
        };
        release::verdict(&spec, &dossier)
    }

    /// Tells whether a run is of what stood in a release where the model stands today.
    fn is_in_place_of(&self, kept: &Kept, model: &Model) -> bool {
        let Some(plan) = self.config.policy.releases.get(&kept.release) else {
            return false;
        };
        let incumbent = plan.incumbent.as_ref();
        match kept.arm.as_str() {
            "candidate" => plan.candidate.name == model.name,
            "incumbent" => incumbent.is_some_and(|incumbent| incumbent.name == model.name),
            _ => false,
        }
    }

    fn shown(&self, kept: &Kept) -> Run {
        let age_ms = self.until.at.ms_since(kept.run.taken_at);
        Run {
            release: kept.release.to_string(),
            arm: kept.arm.clone(),
            digest: kept.run.digest.to_string(),
            day: kept.run.taken_at.date().to_string(),
            age_days: age_ms as f64 / MS_PER_DAY as f64,
        }
    }

    fn not_counted(&self, kept: &Kept, why: String) -> NotCounted {
        NotCounted {
            suite: kept.run.suite.to_string(),
            why,
            items: kept.run.items.len() as u64,
            run: self.shown(kept),
        }
    }
}

/// Reads a run as it counts: its items where nothing spoils it and its rows fit the ledger, else
/// why not.
fn run(fact: &Fact<card::Run>, rows: &HashMap<&str, &EvidenceRow>) -> EvalRun {
    let shown = &fact.shown;
    let why = |spoilt: &card::Spoilt| {
        let reason = spoilt.reason.clone().unwrap_or_default();
        spoilt
            .items
            .map_or(reason.clone(), |items| format!("{reason} ({items} items)"))
    };
    let spoilt: Vec<String> = shown.spoilt.iter().map(why).collect();
    let row = shown.evidence.as_deref().and_then(|id| rows.get(id));
    let read = row.and_then(|row| EvalRun::deserialize(&row.body).ok());
    match read.filter(|_| spoilt.is_empty()) {
        Some(read) => read,
        None => EvalRun {
            suite: shown.suite.clone(),
            suite_digest: shown.suite_digest.clone(),
            digest: shown.digest.clone(),
            taken_at: fact.at,
            items: Vec::new(),
            spoilt: Some(if spoilt.is_empty() {
                "its rows went away while they were read".to_owned()
            } else {
                spoilt.join("; ")
            }),
            known_error: None,
        },
    }
}

/// Takes the numbers of a verdict; none of one that does not pass.
fn mean(verdict: &Verdict) -> Option<Mean> {
    if !verdict.is_pass() {
        return None;
    }
    let numbers = || verdict.numbers.iter();
    let number = |name: &str| numbers().find(|number| number.name == name);
    let count = |name: &str| number(name)?.value.parse::<u64>().ok();
    Some(Mean {
        score: number("mean")?.value.parse().ok()?,
        items: count("items")?,
        clusters: count("clusters")?,
        attempts: u32::try_from(count("attempts")?).ok()?,
    })
}
