//! Carries out what a person commands: plan from the book, append, publish. It must not choose a
//! move: the planner does.

use std::collections::BTreeMap;

use domain::{PersonName, ReleaseName, ReleasePlan, ReleaseStatus, Share, Stage};
use release::{Command, Dossier, EvalRun, Move, Point, Refused, Request, Verdict};
use serde::Serialize;

use crate::control::{Control, ControlError, Declared, State};
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
}

/// Says what became of a command.
#[derive(Debug)]
pub enum Carried {
    /// The move was made and is durable.
    Made(Box<Move>),
    /// No move was made.
    Refused(Refused),
}

impl Control {
    /// Shows one release; the gates are judged for the person who asks.
    ///
    /// # Errors
    /// Fails when the evidence cannot be read.
    pub fn view(&self, plan: &ReleasePlan, by: &PersonName) -> Result<ReleaseView, ControlError> {
        let declared = self.declared();
        let runs = self.runs(plan)?;
        let state = self.state();
        let case = Case::new(self, &declared, &state, plan, &runs);
        let dossier = case.dossier(by);
        let next = dossier.next_step();
        let specs = next.iter().flat_map(|step| &step.stage.gates);
        let gates = specs.map(|spec| release::judge(spec, &dossier)).collect();
        Ok(ReleaseView {
            release: plan.name.clone(),
            tier: plan.tier.to_string(),
            stage: case.status.stage,
            share: case.status.share,
            conditions: case.status.conditions.clone(),
            generation: state.book.status.generation,
            candidate: plan.candidate.name.to_string(),
            digest: plan.candidate.digest.to_string(),
            next: next.map(|step| step.point()),
            gates,
        })
    }

    /// Plans what a person commands and carries it out.
    ///
    /// # Errors
    /// Fails when evidence cannot be read or the ledger does not take the move; a move forward
    /// has then not happened.
    // INVARIANT: a move forward is published only after the ledger holds it. No test holds this
    // yet: see the end-to-end tests in `docs/state.md`.
    pub fn command(
        &self,
        plan: &ReleasePlan,
        command: &Command,
        by: &PersonName,
        seen: Option<u64>,
    ) -> Result<Carried, ControlError> {
        let declared = self.declared();
        let runs = self.runs(plan)?;
        let mut state = self.state();
        let case = Case::new(self, &declared, &state, plan, &runs);
        let request = Request {
            command,
            seen,
            policy: &declared.policy.digest,
        };
        let made = match release::plan(&state.book.status, &case.dossier(by), &request) {
            Ok(made) => made,
            Err(refused) => return Ok(Carried::Refused(refused)),
        };
        drop(case);
        self.make(&mut state, &made)?;
        self.publish(&state);
        Ok(Carried::Made(Box::new(made)))
    }

    /// Records a person's approval of a release's next stage.
    ///
    /// # Errors
    /// Fails when the ledger does not take it.
    pub fn approve(
        &self,
        plan: &ReleasePlan,
        operator: &Operator,
    ) -> Result<Option<Stage>, ControlError> {
        let declared = self.declared();
        let runs = Vec::new();
        let mut state = self.state();
        let case = Case::new(self, &declared, &state, plan, &runs);
        let next = case.dossier(&operator.person).next_step();
        let Some(stage) = next.map(|step| step.stage.stage) else {
            return Ok(None);
        };
        drop(case);
        let approved = Approved {
            release: plan.name.clone(),
            stage,
            person: operator.person.clone(),
            key: operator.key.clone(),
            issuer: operator.issuer.clone(),
            digest: plan.candidate.digest.clone(),
            plan: plan.digest.clone(),
            at: (self.hooks.clock)(),
        };
        self.append(&mut state, &approved)?;
        Ok(Some(stage))
    }
}

/// Owns what a dossier borrows.
struct Case<'a> {
    declared: &'a Declared,
    plan: &'a ReleasePlan,
    status: ReleaseStatus,
    approvals: Vec<release::Approval>,
    models: BTreeMap<String, domain::ModelDigest>,
    runs: &'a [EvalRun],
    now: domain::Timestamp,
}

impl<'a> Case<'a> {
    fn new(
        control: &Control,
        declared: &'a Declared,
        state: &State,
        plan: &'a ReleasePlan,
        runs: &'a [EvalRun],
    ) -> Self {
        let now = (control.hooks.clock)();
        let status = release::standing(&state.book.status, plan, now);
        let models = declared.policy.models.values();
        let digest_of =
            |model: &std::sync::Arc<domain::Model>| (model.name.to_string(), model.digest.clone());
        Self {
            declared,
            plan,
            status,
            approvals: state
                .book
                .approvals
                .get(&plan.name)
                .cloned()
                .unwrap_or_default(),
            models: models.map(digest_of).collect(),
            runs,
            now,
        }
    }

    fn dossier<'d>(&'d self, requester: &'d PersonName) -> Dossier<'d> {
        Dossier {
            plan: self.plan,
            status: &self.status,
            runs: self.runs,
            approvals: &self.approvals,
            requester,
            people: &self.declared.policy.people,
            suites: &self.declared.suites,
            models: &self.models,
            now: self.now,
        }
    }
}
