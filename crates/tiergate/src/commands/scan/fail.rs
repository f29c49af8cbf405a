//! Whether a scan's answer is no. It must not count what the baseline accepts, nor what was not
//! seen in the code.

use scan::{Comes, Listed, Survey};

use super::options::FailOn;
use crate::exit::Exit;
use crate::output;

/// Judges by each of the conditions, and says on standard error which of them is met.
pub(super) fn judge(conditions: &[FailOn], survey: &Survey) -> Exit {
    let mut exit = Exit::Done;
    for condition in conditions {
        let callers = survey.traffic.iter().flat_map(|traffic| &traffic.callers);
        let broken = callers
            .filter(|caller| caller.verdict == Comes::Breaks)
            .count();
        if *condition == FailOn::Breaks && broken > 0 {
            exit = Exit::No;
            let callers = if broken == 1 {
                "caller sends"
            } else {
                "callers send"
            };
            output::note(format!(
                "no: {broken} {callers} what ends in an error (breaks)"
            ));
        }
        let meets = |found: &&Listed| found.is_open() && condition.is_met(found);
        let count = survey.found.iter().filter(meets).count();
        if count > 0 {
            exit = Exit::No;
            let what = condition.says();
            let findings = if count == 1 { "finding" } else { "findings" };
            output::note(format!("no: {count} live {findings} {what}"));
        }
    }
    exit
}

impl FailOn {
    fn is_met(self, found: &Listed) -> bool {
        match self {
            Self::Breaks => found.has_effect("error") || found.has_effect("silent"),
            Self::Retired => found.days_left().is_some_and(|days| days < 0),
            Self::Days(within) => found.days_left().is_some_and(|days| days <= within),
        }
    }

    fn says(self) -> String {
        match self {
            Self::Breaks => "with what breaks or silently changes (breaks)".to_owned(),
            Self::Retired => "with a model that is gone (retired)".to_owned(),
            Self::Days(days) => format!("with a model that goes within {days} days (days={days})"),
        }
    }
}
