//! Looks at live releases again and again, makes the moves that make themselves, and lets what
//! nobody watches any more fall. It must not choose a move: the planner does.

use std::time::Duration;

use domain::{AUTOMATION, PersonName, ReleaseName, ReleasePlan, ReleaseStatus, Status, Timestamp};
use release::{Incident, Move, Watch};
use store::{OutcomeRow, UsageRow};

use crate::control::{Control, Declared};
use crate::error::ControlError;
use crate::logbook::Logbook;
use crate::monitor::Watches;
use crate::observed::{observed, reported};
use crate::reconcile::Case;
use crate::record::Happened;

/// How long rows may wait while none becomes durable, before a look counts for nothing.
const BLIND_AFTER: Duration = Duration::from_secs(5);
/// How old a decision may be whose row was just written, in milliseconds.
const YOUNG_MS: i64 = 3_600_000;
/// How often it is asked whether a share rises: that reads all the evidence.
const RISE_EVERY_MS: i64 = 10_000;

impl Control {
    /// Takes in rows that became durable. It never waits for a look.
    pub fn accounted(&self, rows: &[UsageRow]) {
        self.monitor.tell(rows.iter().filter_map(observed));
    }

    /// Takes in a caller's report that became durable.
    pub fn reported(&self, row: &OutcomeRow) {
        self.monitor.tell(reported(row));
    }

    /// Looks at every live release, and makes the moves that make themselves.
    ///
    /// # Errors
    /// Fails when accounting does not get on, or ledger or store do not; such a look counts for
    /// nothing, and after too many of them [`Control::guard`] acts.
    pub fn look(&self) -> Result<(), ControlError> {
        let mut logbook = self.logbook();
        let declared = self.declared();
        let mut watches = self.monitor.watches();
        let now = (self.hooks.clock)();
        if watches.stuck_for((self.hooks.accounting)(), now) > BLIND_AFTER {
            return Err(ControlError::Blind);
        }
        self.catch_up_watches(&logbook, &declared, &mut watches, now)?;
        watches.advance(now);
        for plan in live(&declared, logbook.status()) {
            self.act(&mut logbook, &declared, &mut watches, (plan, now))?;
        }
        self.monitor.looked(now);
        Ok(())
    }

    /// Takes back the releases whose monitor has been silent for too long. It has to be called by
    /// somebody else than who calls [`Control::look`].
    ///
    /// # Errors
    /// Fails when the ledger does.
    pub fn guard(&self) -> Result<(), ControlError> {
        let now = (self.hooks.clock)();
        if self.monitor.silent_for(now) < (self.hooks.patience)().fall {
            return Ok(());
        }
        let mut logbook = self.logbook();
        let declared = self.declared();
        for plan in live(&declared, logbook.status()) {
            let known = (logbook.book(), logbook.status());
            let case = Case::of(&declared, plan, known, now);
            let automation = automation();
            let dossier = case.dossier(&automation);
            if let Some(made) = release::fall(logbook.status(), &dossier, &declared.policy.digest) {
                self.carry_out(&mut logbook, &made, now)?;
            }
        }
        Ok(())
    }

    /// Tells how long the monitor has been silent, where that is long enough to stop what goes
    /// forward.
    pub(crate) fn frozen_for(&self, now: Timestamp) -> Option<Duration> {
        let silent = self.monitor.silent_for(now);
        (silent >= (self.hooks.patience)().freeze).then_some(silent)
    }

    /// Records an incident with a release's candidate.
    ///
    /// # Errors
    /// Fails when the ledger does not take it.
    pub(crate) fn happened(
        &self,
        plan: &ReleasePlan,
        incident: Incident,
    ) -> Result<(), ControlError> {
        let happened = Happened {
            release: plan.name.clone(),
            incident,
        };
        self.logbook().append(&happened, (self.hooks.clock)())
    }

    /// Brings the watches up to what is live and to what was told.
    fn catch_up_watches(
        &self,
        logbook: &Logbook,
        declared: &Declared,
        watches: &mut Watches,
        now: Timestamp,
    ) -> Result<(), ControlError> {
        let told = self.monitor.take();
        if told.is_none() {
            tracing::warn!("the monitor was told more than it holds; it reads the store again");
            watches.forget();
        }
        let status = logbook.status();
        let live = live(declared, status);
        watches.keep_only(|name| live.iter().any(|plan| plan.name == *name));
        for plan in live {
            let here = release::standing(status, plan, now);
            if watches.follows(plan, &here, now) {
                continue;
            }
            watches.begin(plan, &here, watch_of(logbook, plan, &here));
            self.read_back(&plan.name, here.stage_since, watches)?;
        }
        for one in told.iter().flatten() {
            watches.take(one);
        }
        Ok(())
    }

    /// Gives a new watch what the store knows of its stay, in the order in which it happened.
    fn read_back(
        &self,
        release: &ReleaseName,
        since: Timestamp,
        watches: &mut Watches,
    ) -> Result<(), ControlError> {
        let young = Timestamp((self.hooks.clock)().0.saturating_sub(YOUNG_MS));
        let mut reports = self.store.outcomes_of(release, since)?.peekable();
        for row in self.store.release_rows(release, since)? {
            let row = row?;
            let is_earlier = |report: &Result<OutcomeRow, _>| match report {
                Ok(report) => report.at <= row.ended_at(),
                Err(_) => true,
            };
            while let Some(report) = reports.next_if(is_earlier) {
                watches.recall(reported(&report?), young);
            }
            watches.recall(observed(&row), young);
        }
        for report in reports {
            watches.recall(reported(&report?), young);
        }
        Ok(())
    }

    /// Makes the move of one release that makes itself, if there is one.
    fn act(
        &self,
        logbook: &mut Logbook,
        declared: &Declared,
        watches: &mut Watches,
        (plan, now): (&ReleasePlan, Timestamp),
    ) -> Result<(), ControlError> {
        let here = release::standing(logbook.status(), plan, now);
        if plan
            .stage(here.stage)
            .is_none_or(|stage| stage.standing.is_empty())
        {
            // Nothing of it moves by itself, and there may be many such.
            return Ok(());
        }
        let is_rise_due = watches.is_rise_due(&plan.name, now, RISE_EVERY_MS);
        let made = {
            let known = (logbook.book(), logbook.status());
            let case = Case::of(declared, plan, known, now).watched_by(watches);
            let automation = automation();
            let may_rise = is_rise_due && release::may_rise(&case.dossier(&automation));
            let case = if may_rise {
                case.with(self.runs(plan, logbook.book())?)
            } else {
                case
            };
            release::react(
                logbook.status(),
                &case.dossier(&automation),
                &declared.policy.digest,
            )
        };
        match made {
            Some(made) => self.carry_out(logbook, &made, now),
            None => Ok(()),
        }
    }

    fn carry_out(
        &self,
        logbook: &mut Logbook,
        made: &Move,
        now: Timestamp,
    ) -> Result<(), ControlError> {
        let (release, reason) = (&made.release, &made.reason);
        tracing::warn!(%release, kind = ?made.kind, reason, "a move made itself");
        logbook.make(made, now)?;
        self.publish(logbook);
        Ok(())
    }
}

/// Lists the releases that are in an open stage of the plan in force.
fn live<'d>(declared: &'d Declared, status: &Status) -> Vec<&'d ReleasePlan> {
    let plans = declared.policy.releases.values();
    let is_live = |plan: &&ReleasePlan| {
        let release = status.releases.get(&plan.name);
        release.is_some_and(|release| {
            release.digest == plan.candidate.digest && plan.stage(release.stage).is_some()
        })
    };
    plans.filter(is_live).collect()
}

/// Makes the watch of a stay.
fn watch_of(logbook: &Logbook, plan: &ReleasePlan, here: &ReleaseStatus) -> Watch {
    let stay = (plan.name.clone(), here.digest.clone(), here.stage);
    let attempt = logbook.book().entered.get(&stay).copied().unwrap_or(1);
    Watch::new(plan, here, attempt)
}

fn automation() -> PersonName {
    PersonName::new(AUTOMATION)
}
