//! What a script plays on: one release's status, evidence, people and traffic. It must not judge,
//! nor choose a move.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::{
    AUTOMATION, KeyId, MS_PER_DAY, ModelDigest, PersonName, Policy, ReleasePlan, ReleaseStatus,
    Scope, Stage as Place, Status, SuiteName, Timestamp, UseCaseName,
};

use super::line::Line;
use crate::chance::Chance;
use crate::dossier::{Approval, Dossier, EvalRun, Incident, Item, Waiver};
use crate::next_move::{Command, Move, Request, apply, plan, verdict};
use crate::react::{react, staying};
use crate::suspend::{Restore, Suspend};
use crate::verdict::Verdict;
use crate::waiver::{criterion, waivable};
use crate::watch::{Ended, Observation, Watch, WatchedArm};
use crate::way::{next_step, standing};

/// How long after another a conversation begins, in milliseconds.
const BETWEEN_MS: i64 = 10_000;
/// Longer than any conversation is waited for, in milliseconds.
const QUIET_MS: i64 = 3_600_000;
/// Stands for the cases of every suite.
const CASES: &str = "sha256:simulated";

/// Holds what has been played so far.
pub(super) struct Stage<'p> {
    policy: &'p Policy,
    release: Option<&'p ReleasePlan>,
    status: Status,
    runs: Vec<EvalRun>,
    approvals: Vec<Approval>,
    waivers: Vec<Waiver>,
    incidents: Vec<Incident>,
    suites: BTreeMap<SuiteName, String>,
    models: BTreeMap<String, ModelDigest>,
    entered: BTreeMap<(ModelDigest, Place), u32>,
    watch: Option<Watch>,
    conversations: u64,
    now: Timestamp,
}

type Answer = Result<String, String>;

impl<'p> Stage<'p> {
    pub(super) fn new(policy: &'p Policy) -> Self {
        let models = policy.models.values();
        let digest =
            |model: &std::sync::Arc<domain::Model>| (model.name.to_string(), model.digest.clone());
        Self {
            policy,
            release: policy.releases.values().next(),
            status: Status::default(),
            runs: Vec::new(),
            approvals: Vec::new(),
            waivers: Vec::new(),
            incidents: Vec::new(),
            suites: BTreeMap::new(),
            models: models.map(digest).collect(),
            entered: BTreeMap::new(),
            watch: None,
            conversations: 0,
            now: Timestamp(0),
        }
    }

    /// Plays one command and returns what it answers, line by line.
    pub(super) fn play(&mut self, line: &Line) -> Answer {
        match line.word(0) {
            "release" => self.take_up(line.word(1)),
            "eval" => self.eval(line),
            "approve" => self.approve(line),
            "waive" => self.waive(line),
            "incident" => self.happened(line),
            "traffic" => self.traffic(line),
            "wait" => {
                let days = line.count(1)? as f64 * MS_PER_DAY as f64;
                self.pass(days as i64);
                Ok(self.reacted()?)
            }
            "show" => self.show(),
            "promote" => self.command(line, &Command::Promote),
            "resume" => self.command(line, &Command::Resume),
            "hold" => self.command(
                line,
                &Command::Hold {
                    reason: line.needs("reason")?.to_owned(),
                },
            ),
            "rollback" => self.command(
                line,
                &Command::RollBack {
                    to: place(line.text("to").unwrap_or("sealed"))?,
                    reason: line.needs("reason")?.to_owned(),
                },
            ),
            "withdraw" => self.command(
                line,
                &Command::Withdraw {
                    reason: line.needs("reason")?.to_owned(),
                },
            ),
            "retire" => {
                let days = line.number("days", 0.0)? * MS_PER_DAY as f64;
                let on = Timestamp(self.now.0 + days as i64);
                let reason = line.needs("reason")?.to_owned();
                self.command(line, &Command::Retire { on, reason })
            }
            "suspend" => self.command(
                line,
                &Command::Suspend {
                    asked: Suspend {
                        scope: scope(line),
                        order: line.text("order").map(str::to_owned),
                        until: None,
                    },
                    reason: line.needs("reason")?.to_owned(),
                },
            ),
            "restore" => self.command(
                line,
                &Command::Restore {
                    asked: Restore::default(),
                    reason: line.needs("reason")?.to_owned(),
                },
            ),
            other => Err(format!(
                "there is no command `{other}`: use release, eval, approve, waive, incident, \
                 traffic, wait, show, promote, hold, resume, rollback, withdraw, retire, suspend \
                 or restore"
            )),
        }
    }

    fn plan(&self) -> Result<&'p ReleasePlan, String> {
        self.release
            .ok_or_else(|| "the configuration declares no release".to_owned())
    }

    fn take_up(&mut self, name: &str) -> Answer {
        let found = self.policy.releases.get(name);
        self.release = Some(found.ok_or_else(|| format!("there is no release `{name}`"))?);
        Ok(String::new())
    }

    fn here(&self, plan: &ReleasePlan) -> ReleaseStatus {
        standing(&self.status, plan, self.now)
    }

    /// Judges with everything that is known, for whoever asks.
    fn with<T>(
        &self,
        asks: &PersonName,
        judge: impl FnOnce(&Dossier<'_>) -> T,
    ) -> Result<T, String> {
        let plan = self.plan()?;
        let here = self.here(plan);
        let step = next_step(plan, &here);
        let required: BTreeMap<String, UseCaseName> = step.map_or(BTreeMap::new(), |step| {
            self.policy.required_gates(plan, step.stage)
        });
        Ok(judge(&Dossier {
            plan,
            status: &here,
            runs: &self.runs,
            // A script tells of runs that are brought in.
            never_brought: &BTreeMap::new(),
            approvals: &self.approvals,
            waivers: &self.waivers,
            incidents: &self.incidents,
            watch: self.watch.as_ref(),
            required: &required,
            requester: asks,
            people: &self.policy.people,
            suites: &self.suites,
            models: &self.models,
            now: self.now,
        }))
    }

    fn command(&mut self, line: &Line, command: &Command) -> Answer {
        let by = self.person(line)?;
        let request = Request {
            command,
            seen: None,
            policy: &self.policy.digest,
        };
        match self.with(&by, |dossier| plan(&self.status, dossier, &request))? {
            Ok(made) => self.carry_out(&made),
            Err(crate::next_move::Refused::Gates { to, verdicts }) => Ok(format!(
                "no: not every gate in front of {to} passes\n{}",
                told(&verdicts)
            )),
            Err(refused) => Ok(format!("no: {refused}\n")),
        }
    }

    /// Carries a move out, as the ledger and the status of a gateway do.
    fn carry_out(&mut self, made: &Move) -> Answer {
        self.status = apply(&self.status, made);
        if made.kind.voids_what_was_said() {
            self.approvals.clear();
            self.waivers.clear();
        }
        let plan = self.plan()?;
        let here = self.here(plan);
        if here.stage == Place::Sealed {
            self.watch = None;
        } else if let Some(stage) = made.enters() {
            let stay = (here.digest.clone(), stage);
            let attempt = self.entered.entry(stay).or_default();
            *attempt += 1;
            self.watch = Some(Watch::new(plan, &here, *attempt));
        } else if let Some(watch) = &mut self.watch
            && made.from.share != made.to.share
        {
            watch.share_became(here.share, self.now);
        }
        let point =
            |point: &crate::way::Point| format!("{} {} %", point.stage, point.share.as_percent());
        let mut text = format!(
            "{} by {}: {} -> {}",
            kind(made),
            made.by,
            point(&made.from),
            point(&made.to)
        );
        if made.by.as_str() == AUTOMATION && !made.reason.is_empty() {
            let _ = write!(text, ": {}", made.reason);
        }
        text.push('\n');
        text.push_str(&told(&made.verdicts));
        Ok(text)
    }

    /// Makes the moves that make themselves, as the monitor of a gateway does.
    fn reacted(&mut self) -> Answer {
        let automation = PersonName::new(AUTOMATION);
        let mut text = String::new();
        while let Some(made) = self.with(&automation, |dossier| {
            react(&self.status, dossier, &self.policy.digest)
        })? {
            text.push_str(&self.carry_out(&made)?);
        }
        Ok(text)
    }

    fn person(&self, line: &Line) -> Result<PersonName, String> {
        let name = line.needs("by")?;
        let known = self.policy.people.get(name);
        known
            .map(|person| person.name.clone())
            .ok_or_else(|| format!("`{name}` is nobody whom the configuration declares"))
    }

    /// Brings an eval run: `eval candidate 55 60 suite=basics`.
    fn eval(&mut self, line: &Line) -> Answer {
        let plan = self.plan()?;
        let model = match line.word(1) {
            "candidate" => Some(&plan.candidate),
            "incumbent" => plan.incumbent.as_ref(),
            other => return Err(format!("`{other}` is neither candidate nor incumbent")),
        };
        let model = model.ok_or_else(|| "the release has no incumbent".to_owned())?;
        let (hits, count) = (line.count(2)?, line.count(3)?);
        let suite = SuiteName::new(line.needs("suite")?);
        self.suites.insert(suite.clone(), CASES.to_owned());
        let item = |index: u64| Item {
            id: format!("case-{index}"),
            cluster: format!("case-{index}"),
            score: f64::from(u8::from(index < hits)),
            spoilt: line.text("spoilt").map(str::to_owned),
        };
        self.runs.push(EvalRun {
            suite,
            suite_digest: CASES.to_owned(),
            digest: model.digest.clone(),
            taken_at: self.now,
            items: (0..count).map(item).collect(),
            spoilt: None,
            known_error: None,
        });
        Ok(format!("{hits} of {count} on {}\n", model.name))
    }

    fn approve(&mut self, line: &Line) -> Answer {
        let (plan, person) = (self.plan()?, self.person(line)?);
        let Some(step) = next_step(plan, &self.here(plan)) else {
            return Ok("no: the release has reached the end of its plan\n".to_owned());
        };
        let stage = step.stage.stage;
        self.approvals.push(Approval {
            stage,
            key: KeyId::new(format!("key-of-{person}").as_str()),
            issuer: None,
            digest: plan.candidate.digest.clone(),
            plan: plan.digest.clone(),
            at: self.now,
            person: person.clone(),
        });
        Ok(format!("{person} approved {stage}\n"))
    }

    fn waive(&mut self, line: &Line) -> Answer {
        let (plan, person) = (self.plan()?, self.person(line)?);
        let (gate, suite) = (line.needs("gate")?, line.text("suite"));
        let reason = line.needs("reason")?.to_owned();
        let days = line.number("days", 0.0)? * MS_PER_DAY as f64;
        let Some(step) = next_step(plan, &self.here(plan)) else {
            return Ok("no: the release has reached the end of its plan\n".to_owned());
        };
        let found = self.with(&person, |dossier| {
            waivable(dossier, gate, suite)
                .map(criterion)
                .map_err(|why| why.to_string())
        })?;
        match found {
            Err(why) => Ok(format!("no: {why}\n")),
            Ok(criterion) => {
                self.waivers.push(Waiver {
                    stage: step.stage.stage,
                    criterion,
                    key: KeyId::new(format!("key-of-{person}").as_str()),
                    issuer: None,
                    reason,
                    until: Timestamp(self.now.0 + days as i64),
                    digest: plan.candidate.digest.clone(),
                    plan: plan.digest.clone(),
                    at: self.now,
                    person: person.clone(),
                });
                Ok(format!("{person} waived {gate}\n"))
            }
        }
    }

    fn happened(&mut self, line: &Line) -> Answer {
        let (plan, by) = (self.plan()?, self.person(line)?);
        self.incidents.push(Incident {
            digest: plan.candidate.digest.clone(),
            what: line.needs("reason")?.to_owned(),
            by: by.clone(),
            at: self.now,
        });
        let reacted = self.reacted()?;
        Ok(format!("{by} recorded an incident\n{reacted}"))
    }

    /// Lets conversations come, each answered by the arm that the share gives it:
    /// `traffic 500 refusals=0.1 beside=0.02 errors=0.0 seed=7`.
    fn traffic(&mut self, line: &Line) -> Answer {
        let count = line.count(1)?;
        let (ours, theirs) = (line.number("refusals", 0.0)?, line.number("beside", 0.0)?);
        let errors = line.number("errors", 0.0)?;
        let mut chance = Chance::new(line.number("seed", 1.0)? as u64);
        let mut text = String::new();
        let mut came = 0;
        for _ in 0..count {
            let here = self.here(self.plan()?);
            let Some(watch) = &mut self.watch else { break };
            self.conversations += 1;
            came += 1;
            let is_ours = chance.share() * 100.0 < f64::from(here.share.as_percent());
            let (is_error, is_refusal) = (chance.share(), chance.share());
            let outcome = match is_ours {
                true if is_error < errors => Ended::Error,
                true if is_refusal < ours => Ended::Refusal,
                false if is_refusal < theirs => Ended::Refusal,
                _ => Ended::Success,
            };
            watch.observe(&Observation {
                arm: if is_ours {
                    WatchedArm::Candidate
                } else {
                    WatchedArm::Incumbent
                },
                conversation: self.conversations,
                begun: true,
                at: self.now,
                outcome,
                schema_invalid: None,
                tool_call_invalid: None,
                cost: None,
                first_token_ms: None,
                total_ms: 1,
            });
            self.pass(BETWEEN_MS);
            text.push_str(&self.reacted()?);
        }
        self.pass(QUIET_MS);
        text.push_str(&self.reacted()?);
        Ok(format!("{came} conversations came to the release\n{text}"))
    }

    fn pass(&mut self, ms: i64) {
        self.now = Timestamp(self.now.0.saturating_add(ms));
        if let Some(watch) = &mut self.watch {
            watch.advance(self.now);
        }
    }

    fn show(&self) -> Answer {
        let plan = self.plan()?;
        let here = self.here(plan);
        let share = here.share.as_percent();
        let mut text = format!("{} in {} {share} %\n", plan.candidate.name, here.stage);
        for condition in &here.conditions {
            let _ = writeln!(text, "{}", word(condition));
        }
        let nobody = PersonName::new(AUTOMATION);
        let (stays, next) = self.with(&nobody, |dossier| {
            let step = dossier.next_step();
            let specs = step.iter().flat_map(|step| &step.stage.gates);
            let gates: Vec<Verdict> = specs.map(|spec| verdict(spec, dossier)).collect();
            (staying(dossier), step.map(|step| (step.point(), gates)))
        })?;
        text.push_str(&told(&stays));
        if let Some((point, gates)) = next {
            let _ = writeln!(text, "next {} {} %", point.stage, point.share.as_percent());
            text.push_str(&told(&gates));
        }
        Ok(text)
    }
}

fn told(verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    for verdict in verdicts {
        let word = format!("{:?}", verdict.verdict).to_lowercase();
        let _ = writeln!(text, "  {} {word}: {}", verdict.gate, verdict.reason);
        if let Some(waived) = &verdict.waived {
            let _ = writeln!(text, "    waived by {}: {}", waived.by, waived.reason);
        }
    }
    text
}

fn kind(made: &Move) -> String {
    let kind = serde_json::to_value(made.kind).ok();
    let word = kind.and_then(|kind| kind.as_str().map(str::to_owned));
    word.unwrap_or_default()
}

fn word(condition: &domain::Condition) -> String {
    let value = serde_json::to_value(condition).unwrap_or_default();
    let text = |field: &str| value.get(field).and_then(|one| one.as_str()).unwrap_or("-");
    format!(
        "{} by {}: {}",
        text("condition"),
        text("by"),
        text("reason")
    )
}

fn place(name: &str) -> Result<Place, String> {
    let mut all = Place::ALL.into_iter();
    all.find(|stage| stage.as_str() == name)
        .ok_or_else(|| format!("`{name}` is no stage: use sealed, early_access or expanded"))
}

/// Reads whom a suspension cuts: `team=…`, `use_case=…`, `region=…`; nobody named is everybody.
fn scope(line: &Line) -> Scope {
    let one = |name: &str| line.text(name).map(str::to_owned);
    let region = one("region").map(|region| ("region".to_owned(), region));
    Scope {
        teams: one("team").into_iter().collect(),
        use_cases: one("use_case")
            .iter()
            .map(|name| UseCaseName::new(name.as_str()))
            .collect(),
        attributes: region.into_iter().collect(),
    }
}
