//! Which rules a request sets off. Whoever sees a request only in part, as a scanner does, gets
//! `Perhaps` where who sees all of it gets a yes or a no. It must not know a dialect.

use std::sync::Arc;

use crate::facts::feature::Feature;
use crate::facts::model::Takes;
use crate::facts::rule::{Rule, Setting};
use crate::facts::uses::{Used, Uses};

/// Says whether a request sets a rule off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetOff {
    /// It does not.
    No,
    /// It uses what the rule is about; a value or a circumstance is not known.
    Perhaps,
    /// It does.
    Yes,
}

/// Shows how a rule is set off, and by which of the things that are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Whether it is.
    pub set_off: SetOff,
    /// Places in [`Uses::used`]; none where what is left unsaid sets it off.
    pub by: Vec<usize>,
}

impl Takes {
    /// Lists the rules that a request sets off, or perhaps does.
    #[must_use]
    pub fn set_off(&self, uses: &Uses) -> Vec<(&Arc<Rule>, Cause)> {
        let efforts = self.efforts.as_ref();
        let default = efforts.and_then(|efforts| efforts.default.as_deref());
        let rules = self.rules.iter();
        let found = rules.map(|rule| (rule, rule.set_off_by(uses, default)));
        found
            .filter(|(_, cause)| cause.set_off != SetOff::No)
            .collect()
    }
}

impl Rule {
    /// Tells whether it is about requests in a dialect, asked for under a version of the API.
    #[must_use]
    pub fn is_about(&self, dialect: &str, api_version: Option<&str>) -> bool {
        let speaks = self.dialects.is_empty() || self.dialects.iter().any(|one| one == dialect);
        speaks && self.is_asked(api_version)
    }

    /// Tells whether a request sets it off, where the model has that effort by default.
    #[must_use]
    pub fn set_off_by(&self, uses: &Uses, default_effort: Option<&str>) -> Cause {
        let seen = Seen {
            uses,
            default_effort,
        };
        let features = self.features.iter();
        let features = features.map(|one| seen.state(*one, &self.only, &self.except));
        let features = if self.together {
            features.min()
        } else {
            features.max()
        };
        let with = self.with.iter().map(|setting| seen.sets(setting));
        let unless = self.unless.iter();
        let unless = unless.map(|setting| seen.has(setting).reversed());
        let dialect = match &uses.dialect {
            _ if self.dialects.is_empty() => SetOff::Yes,
            None => SetOff::Perhaps,
            Some(spoken) => SetOff::of(self.dialects.contains(spoken)),
        };
        let asked = SetOff::of(self.is_asked(uses.api_version.as_deref()));
        let all = [features.unwrap_or(SetOff::No), dialect, asked];
        let all = all.into_iter().chain(with).chain(unless);
        Cause {
            set_off: all.min().unwrap_or(SetOff::No),
            by: self.causes(uses),
        }
    }

    fn is_asked(&self, api_version: Option<&str>) -> bool {
        self.api_version.is_none() || self.api_version.as_deref() == api_version
    }

    /// Lists the places of what is used and could set it off.
    fn causes(&self, uses: &Uses) -> Vec<usize> {
        let is_cause = |used: &Used| {
            let is_own = self.features.contains(&used.feature);
            let mut with = self.with.iter();
            let is_with = with
                .any(|one| one.feature == used.feature && used.is(&one.values, &[]) != SetOff::No);
            is_own && used.is(&self.only, &self.except) != SetOff::No || is_with
        };
        let used = uses.used.iter().enumerate();
        used.filter(|(_, used)| is_cause(used))
            .map(|(place, _)| place)
            .collect()
    }
}

impl SetOff {
    fn of(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }

    fn reversed(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Perhaps => Self::Perhaps,
            Self::Yes => Self::No,
        }
    }
}

/// Holds a request beside the model that it would go to.
struct Seen<'a> {
    uses: &'a Uses,
    default_effort: Option<&'a str>,
}

impl Seen<'_> {
    /// Tells whether a feature is used with one of the values, or with another than the exceptions.
    fn state(&self, feature: Feature, only: &[String], except: &[String]) -> SetOff {
        let said = self.uses.used.iter().filter(|used| used.feature == feature);
        let said = said.map(|used| used.is(only, except)).max();
        said.unwrap_or_else(|| SetOff::of(self.holds_unsaid(feature)))
    }

    /// Tells of the features that are there without being said.
    fn holds_unsaid(&self, feature: Feature) -> bool {
        let says = |wanted: &[Feature]| {
            let mut used = self.uses.used.iter();
            used.any(|used| wanted.contains(&used.feature))
        };
        match feature {
            Feature::Text | Feature::Answer | Feature::PeakHours => true,
            Feature::EffortUnset => !says(&[Feature::Effort]),
            Feature::ThinkingUnset => !says(&[
                Feature::ThinkingBudget,
                Feature::ThinkingAdaptive,
                Feature::ThinkingDisabled,
            ]),
            _ => false,
        }
    }

    /// Tells whether the request sets something, or has it by the model's known default.
    fn sets(&self, setting: &Setting) -> SetOff {
        match self.default_of(setting.feature) {
            Some(Some(word)) => SetOff::of(word.is_one_of(&setting.values)),
            _ => self.state(setting.feature, &setting.values, &[]),
        }
    }

    /// Tells the same where a default that is not known leaves it open.
    fn has(&self, setting: &Setting) -> SetOff {
        match self.default_of(setting.feature) {
            Some(None) => SetOff::Perhaps,
            _ => self.sets(setting),
        }
    }

    /// Gives the default of what is left unsaid and has one, known or not.
    fn default_of(&self, feature: Feature) -> Option<Option<&str>> {
        let is_said = || self.uses.used.iter().any(|used| used.feature == feature);
        (feature == Feature::Effort && !is_said()).then_some(self.default_effort)
    }
}

impl Used {
    /// Tells whether its value is one of those, and none of the exceptions.
    fn is(&self, only: &[String], except: &[String]) -> SetOff {
        let is_free = only.is_empty() && except.is_empty();
        match self.value.as_deref() {
            _ if is_free => SetOff::Yes,
            None => SetOff::Perhaps,
            Some(value) => {
                let is_excepted = except.iter().any(|one| is_same(one, value));
                SetOff::of(value.is_one_of(only) && !is_excepted)
            }
        }
    }
}

/// Looks a value up among those that are meant.
trait Meant {
    fn is_one_of(&self, values: &[String]) -> bool;
}

impl Meant for str {
    fn is_one_of(&self, values: &[String]) -> bool {
        values.is_empty() || values.iter().any(|one| is_same(one, self))
    }
}

/// Compares two JSON texts: numbers by value, all else by spelling. `wire` has the same two lines
/// for the bytes of a request, as neither crate may know the other.
fn is_same(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    one == other || number(one).is_some_and(|one| number(other) == Some(one))
}

#[cfg(test)]
mod tests;
