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
        let next = release::next_point(&dossier);
        let gates = match next {
            None => Vec::new(),
            Some(_) => dossier
                .stage
                .gates
                .iter()
                .map(|spec| release::judge(spec, &dossier))
                .collect(),
        };
        Ok(ReleaseView {
            release: plan.name.clone(),
            tier: plan.tier.to_string(),
            stage: case.status.stage,
            share: case.status.share,
            conditions: case.status.conditions.clone(),
            generation: state.book.status.generation,
            candidate: plan.candidate.name.to_string(),
            digest: plan.candidate.digest.to_string(),
            next,
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
        let Some(next) = release::next_point(&case.dossier(&operator.person)) else {
            return Ok(None);
        };
        drop(case);
        let approved = Approved {
            release: plan.name.clone(),
            stage: next.stage,
            person: operator.person.clone(),
            key: operator.key.clone(),
            issuer: operator.issuer.clone(),
            digest: plan.candidate.digest.clone(),
            plan: plan.digest.clone(),
            at: (self.hooks.clock)(),
        };
        self.append(&mut state, &approved)?;
        Ok(Some(next.stage))
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
        let digest = &plan.candidate.digest;
        let known = state.book.status.releases.get(&plan.name);
        let status = known
            .filter(|known| known.digest == *digest)
            .cloned()
            .unwrap_or_else(|| ReleaseStatus::sealed(&plan.name, digest.clone(), now));
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

    /// Makes the dossier of the stage that the next promotion leads into.
    fn dossier<'d>(&'d self, requester: &'d PersonName) -> Dossier<'d> {
        let here = &self.status;
        let rises = |planned: &&domain::StagePlan| {
            let has_higher = planned.shares.iter().any(|share| *share > here.share);
            planned.stage > here.stage || (planned.stage == here.stage && has_higher)
        };
        let next = self
            .plan
            .stages
            .iter()
            .find(rises)
            .or(self.plan.stages.last());
        Dossier {
            plan: self.plan,
            stage: next.unwrap_or(&NO_STAGE),
            status: here,
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

/// Stands in for the stage of a plan without stages, which no policy has; it has no gate, so
/// nothing is promoted into it.
static NO_STAGE: domain::StagePlan = domain::StagePlan {
    stage: Stage::General,
    admit: domain::Admission {
        teams: Vec::new(),
        use_cases: Vec::new(),
        attributes: BTreeMap::new(),
        tokens_per_day: None,
    },
    shares: Vec::new(),
    advance: domain::Advance::Manual,
    gates: Vec::new(),
};
