//! Carries out what a person commands: plan from the book, append, publish. It must not choose a
//! move: the planner does.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{
    ModelDigest, PersonName, ReleaseName, ReleasePlan, ReleaseStatus, Share, Stage, Status,
    SuiteName, Timestamp, UseCaseName,
};
use release::{
    Command, Dossier, Move, NotWaivable, Point, Refused, Request, Sensitivity, Verdict, Watch,
};
use serde::Serialize;

use crate::book::Book;
use crate::control::{Control, Declared};
use crate::error::ControlError;
use crate::intake::Runs;
use crate::logbook::Logbook;
use crate::monitor::Watches;
use crate::operator::Operator;
use crate::record::Approved;

/// Shows where a release stands and what stands before its next step.
#[derive(Clone, Debug, Serialize)]
pub struct ReleaseView {
    /// The release.
    pub release: ReleaseName,
    /// The tier.
    pub tier: String,
    /// The stage reached.
    pub stage: Stage,
    /// Percent of the admitted conversations.
    pub share: Share,
    /// Conditions in force.
    pub conditions: Vec<domain::Condition>,
    /// The generation of the whole status.
    pub generation: u64,
    /// The candidate.
    pub candidate: String,
    /// The candidate's digest.
    pub digest: String,
    /// Where the next promotion leads.
    pub next: Option<Point>,
    /// What each gate in front of it says now.
    pub gates: Vec<Verdict>,
    /// What of its evidence was erased, for ever.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub erased: Vec<ErasedEvidence>,
    /// What each criterion for staying says now.
    pub standing: Vec<Verdict>,
    /// What the stage of the next step will see of its traffic, and how soon.
    pub sensitivity: Vec<Sensitivity>,
    /// How long nobody has watched it, where that is so long that nothing goes forward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unwatched_ms: Option<u64>,
}

/// Says that evidence was erased.
#[derive(Clone, Debug, Serialize)]
pub struct ErasedEvidence {
    /// Its id.
    pub evidence: String,
    /// The suite that it was of, where the ledger ever named it.
    pub suite: Option<SuiteName>,
    /// Who had it erased.
    pub by: PersonName,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Says what became of a command.
#[derive(Debug)]
pub enum Carried {
    /// The move was made and is durable.
    Made(Box<Move>),
    /// No move was made.
    Refused(Refused),
    /// The configuration has changed since the plan was looked up; nothing was done.
    Reloaded,
}

/// Says why nothing is recorded of a release's next stage.
#[derive(Debug)]
pub enum Unrecorded {
    /// There is no next stage, or it is another than the person saw.
    Refused(Refused),
    /// The configuration has changed since the plan was looked up; nothing was done.
    Reloaded,
    /// The criterion cannot be waived.
    NotWaivable(NotWaivable),
}

/// Names the next stage, where something was recorded of it.
pub type Recorded = Result<Stage, Unrecorded>;

impl Control {
    /// Shows one release; the gates are judged for the person who asks.
    ///
    /// # Errors
    /// Fails when the evidence cannot be read.
    pub fn view(&self, plan: &ReleasePlan, by: &PersonName) -> Result<ReleaseView, ControlError> {
        let declared = self.declared();
        let logbook = self.logbook();
        let (book, status) = (logbook.book().clone(), logbook.status().clone());
        // Nobody who commands has to wait until all the evidence is read.
        drop(logbook);
        let now = (self.hooks.clock)();
        let case = Case::of(&declared, plan, (&book, &status), now);
        let case = case.with(self.runs(plan, &book)?);
        let watches = self.monitor.watches();
        let case = case.watched_by(&watches);
        let dossier = case.dossier(by);
        let next = dossier.next_step();
        let specs = next.iter().flat_map(|step| &step.stage.gates);
        let gates = specs.map(|spec| release::verdict(spec, &dossier)).collect();
        Ok(ReleaseView {
            release: plan.name.clone(),
            tier: plan.tier.to_string(),
            stage: case.status.stage,
            share: case.status.share,
            conditions: case.status.conditions.clone(),
            generation: status.generation,
            candidate: plan.candidate.name.to_string(),
            digest: plan.candidate.digest.to_string(),
            next: next.map(|step| step.point()),
            gates,
            erased: erased(&book, &plan.name),
            standing: release::staying(&dossier),
            sensitivity: next.map_or(Vec::new(), |step| release::sensitivity(step.stage)),
            unwatched_ms: self.frozen_for(now).map(in_ms),
        })
    }

    /// Plans what a person commands and carries it out.
    ///
    /// # Errors
    /// Fails when evidence cannot be read or the ledger does not take the move; a move forward
    /// has then not happened.
    // INVARIANT: a move forward is published only after the ledger holds it; held by
    // `tests::ledger::a_ledger_that_cannot_be_written_stops_what_goes_forward_only`.
    pub fn command(
        &self,
        plan: &ReleasePlan,
        command: &Command,
        by: &PersonName,
        seen: Option<u64>,
    ) -> Result<Carried, ControlError> {
        let mut logbook = self.logbook();
        let declared = self.declared();
        if !declares(&declared, plan) {
            return Ok(Carried::Reloaded);
        }
        if let Err(error) = self.settle_ledger(&mut logbook) {
            // What goes back goes on from the book; what goes forward is refused below.
            tracing::warn!(%error, "the ledger does not take what waits for it");
        }
        let now = (self.hooks.clock)();
        // Only what goes forward rests on evidence; a way back must not depend on reading it.
        let runs = match command {
            Command::Promote => self.runs(plan, logbook.book())?,
            _ => Runs::default(),
        };
        if let (Command::Promote, Some(silent)) = (command, self.frozen_for(now))
            && plan.stages.iter().any(|stage| !stage.standing.is_empty())
        {
            let silent_ms = in_ms(silent);
            return Ok(Carried::Refused(Refused::Unwatched { silent_ms }));
        }
        let known = (logbook.book(), logbook.status());
        let watches = self.monitor.watches();
        let case = Case::of(&declared, plan, known, now).with(runs);
        let case = case.watched_by(&watches);
        let request = Request {
            command,
            seen,
            policy: &declared.policy.digest,
        };
        let made = match release::plan(logbook.status(), &case.dossier(by), &request) {
            Ok(made) => made,
            Err(refused) => return Ok(Carried::Refused(refused)),
        };
        drop(watches);
        logbook.make(&made, now)?;
        self.publish(&logbook);
        Ok(Carried::Made(Box::new(made)))
    }

    /// Records a person's approval of a release's next stage, and tells which that is.
    ///
    /// # Errors
    /// Fails when the ledger does not take it.
    pub fn approve(
        &self,
        plan: &ReleasePlan,
        operator: &Operator,
        seen: Option<u64>,
    ) -> Result<Recorded, ControlError> {
        self.record(plan, seen, |logbook, _, (stage, at)| {
            let approved = Approved {
                release: plan.name.clone(),
                stage,
                person: operator.person.clone(),
                key: operator.key.clone(),
                issuer: operator.issuer.clone(),
                digest: plan.candidate.digest.clone(),
                plan: plan.digest.clone(),
                at,
            };
            logbook.append(&approved, at).map(|()| Ok(stage))
        })
    }

    /// Records something about a release's next stage, where there is one and it is the one that
    /// the person saw.
    pub(crate) fn record(
        &self,
        plan: &ReleasePlan,
        seen: Option<u64>,
        write: impl FnOnce(
            &mut Logbook,
            &Declared,
            (Stage, Timestamp),
        ) -> Result<Recorded, ControlError>,
    ) -> Result<Recorded, ControlError> {
        let mut logbook = self.logbook();
        let declared = self.declared();
        if !declares(&declared, plan) {
            return Ok(Err(Unrecorded::Reloaded));
        }
        self.settle_ledger(&mut logbook)?;
        let now = logbook.status().generation;
        if let Some(seen) = seen.filter(|seen| *seen != now) {
            return Ok(Err(Unrecorded::Refused(Refused::Stale { seen, now })));
        }
        let at = (self.hooks.clock)();
        let status = release::standing(logbook.status(), plan, at);
        match release::next_step(plan, &status) {
            Some(step) => write(&mut logbook, &declared, (step.stage.stage, at)),
            None => Ok(Err(Unrecorded::Refused(Refused::AtTheEnd))),
        }
    }
}

/// Lists what of a release's evidence was erased, in the order of the evidence.
fn erased(book: &Book, release: &ReleaseName) -> Vec<ErasedEvidence> {
    let named = book.evidence.get(release).into_iter().flatten();
    let suite_of = |id: &str| {
        let mut named = named.clone();
        let found = named.find(|(taken, _)| taken.id == id);
        found.map(|(taken, _)| taken.suite.clone())
    };
    let of_release = book.erased.values().filter(|one| one.release == *release);
    of_release
        .map(|one| ErasedEvidence {
            evidence: one.id.clone(),
            suite: suite_of(&one.id),
            by: one.by.clone(),
            reason: one.reason.clone(),
            at: one.at,
        })
        .collect()
}

/// Tells whether a plan is the one in force still.
fn declares(declared: &Declared, plan: &ReleasePlan) -> bool {
    let in_force = declared.policy.releases.get(&plan.name);
    in_force.is_some_and(|one| one.digest == plan.digest)
}

fn in_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn models(declared: &Declared) -> BTreeMap<String, ModelDigest> {
    let models = declared.policy.models.values();
    models
        .map(|model| (model.name.to_string(), model.digest.clone()))
        .collect()
}

/// Owns what a dossier borrows.
pub(crate) struct Case<'a> {
    declared: &'a Declared,
    plan: &'a ReleasePlan,
    status: ReleaseStatus,
    book: &'a Book,
    models: BTreeMap<String, ModelDigest>,
    required: BTreeMap<String, UseCaseName>,
    runs: Runs,
    watch: Option<&'a Watch>,
    now: Timestamp,
}

impl<'a> Case<'a> {
    /// Gathers what is known of a release, but for its evidence.
    pub(crate) fn of(
        declared: &'a Declared,
        plan: &'a ReleasePlan,
        (book, status): (&'a Book, &Status),
        now: Timestamp,
    ) -> Self {
        let status = release::standing(status, plan, now);
        let next = release::next_step(plan, &status);
        let required = next.map(|step| declared.policy.required_gates(plan, step.stage));
        Self {
            declared,
            plan,
            status,
            book,
            models: models(declared),
            required: required.unwrap_or_default(),
            runs: Runs::default(),
            watch: None,
            now,
        }
    }

    /// Adds what is seen of its traffic.
    pub(crate) fn watched_by(self, watches: &'a Watches) -> Self {
        let watch = watches.of(self.plan, &self.status);
        Self { watch, ..self }
    }

    /// Adds the evidence.
    pub(crate) fn with(self, runs: Runs) -> Self {
        Self { runs, ..self }
    }

    /// Lays it out for a gate.
    pub(crate) fn dossier<'d>(&'d self, requester: &'d PersonName) -> Dossier<'d> {
        let approvals = self.book.approvals.get(&self.plan.name);
        let waivers = self.book.waivers.get(&self.plan.name);
        let incidents = self.book.incidents.get(&self.plan.name);
        Dossier {
            plan: self.plan,
            status: &self.status,
            runs: &self.runs.brought,
            never_brought: &self.runs.never_brought,
            approvals: approvals.map_or(&[], Vec::as_slice),
            waivers: waivers.map_or(&[], Vec::as_slice),
            incidents: incidents.map_or(&[], Vec::as_slice),
            watch: self.watch,
            required: &self.required,
            requester,
            people: &self.declared.policy.people,
            suites: &self.declared.suites,
            models: &self.models,
            now: self.now,
        }
    }
}
