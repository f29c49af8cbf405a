//! What breaks at a site: the facts' rules that its request sets off on the target and does not at
//! the model that is named. It must not take what nobody knows for nothing.
//!
//! What breaks alike on both is no news on a swap, so it stands apart: a request that the model of
//! today refuses already does not become worse, and a rule that holds for both changes nothing. An
//! error of today covers whatever else the same parameters set off, as no answer comes from either.

mod because;
mod expected;
mod found;

use domain::{Cause, Effect, Facts, Feature, Known, Rule, SetOff, Used, Uses};

use found::{Found, line, parameters};

use crate::finding::{Break, SourceRead};
use crate::site::{Certainty, Parameter, Site};
use crate::target::{Target, platform};

/// Holds what was found out about one site.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// What breaks, and is news where there is a target.
    pub(crate) breaks: Vec<Break>,
    /// What breaks on the target as it does today.
    pub(crate) standing: Vec<Break>,
    /// What could not be judged.
    pub(crate) unknown: Vec<String>,
}

impl Verdict {
    /// Tells whether the request as it stands there is refused, or may be.
    pub(crate) fn is_refused(&self) -> bool {
        let mut all = self.breaks.iter().chain(&self.standing);
        all.any(|one| one.seen && one.effect == Effect::Error.as_str())
    }
}

/// Judges a site against a target, or against the model that is named where there is none.
pub(crate) fn judge(facts: &Facts, site: &Site, target: Option<&Target>) -> Verdict {
    let named = platform(facts, &site.model).map(|platform| Target::new(platform, &site.model.id));
    let uses = uses(site);
    let today = named.as_ref().and_then(|named| named.known(facts));
    let mut verdict = Verdict::default();
    if today.is_none() {
        verdict.unknown.push(unknown_name(site, named.as_ref()));
    }
    let Some(target) = target else {
        let found = today.map(|today| set_off(facts, site, &uses, today));
        // Without a change only what the request itself sets off is of use to anybody.
        let seen = found.unwrap_or_default().into_iter();
        verdict.breaks = seen.map(|one| one.told).filter(|told| told.seen).collect();
        return verdict;
    };
    let Some(wanted) = target.known(facts) else {
        verdict.unknown.push(format!(
            "the facts have no row for `{}` on {}: what breaks there is not known",
            target.id, target.platform
        ));
        return verdict;
    };
    let before = today.map(|today| set_off(facts, site, &uses, today));
    let before = before.unwrap_or_default();
    let mut after = set_off(facts, site, &uses, wanted);
    after.extend(today.map_or_else(Vec::new, |today| {
        expected::changes(site, &uses, (today, wanted))
    }));
    for one in after {
        match covering(&before, &one) {
            None => verdict.breaks.push(one.told),
            Some(_) if one.told.seen => verdict.standing.push(one.told),
            Some(_) => {}
        }
    }
    verdict
}

fn unknown_name(site: &Site, named: Option<&Target>) -> String {
    let id = &site.model.id;
    let place = named.map_or_else(
        || "on any platform".to_owned(),
        |named| format!("on {}", named.platform),
    );
    format!(
        "the facts have no row for `{id}` {place}: what breaks there today, and when it goes, is \
         not known"
    )
}

/// Reads a site's parameters as the facts name what a request uses.
fn uses(site: &Site) -> Uses {
    let used = site.parameters.iter().map(|parameter| Used {
        feature: parameter.feature,
        value: parameter.value.clone(),
    });
    Uses {
        used: used.collect(),
        dialect: site.dialect.map(str::to_owned),
        api_version: None,
    }
}

/// Lists what a site's request sets off at one model.
fn set_off(facts: &Facts, site: &Site, uses: &Uses, known: Known<'_>) -> Vec<Found> {
    let ids = known.fact().ids.get(known.platform());
    let id = ids.and_then(|ids| ids.first());
    let takes = id.map(|id| facts.takes(known.platform(), id));
    let takes = takes.unwrap_or_default();
    let found = takes.set_off(uses).into_iter();
    let mut found: Vec<Found> = found
        .map(|(rule, cause)| of_rule(site, rule, cause))
        .collect();
    let limits = expected::limits(site, uses, known);
    let is_new = |one: &Found| {
        let is_told = |other: &Found| {
            other.effect == Effect::Error
                && one.cause.by.iter().all(|by| other.cause.by.contains(by))
        };
        !found.iter().any(is_told)
    };
    let limits: Vec<Found> = limits.into_iter().filter(is_new).collect();
    found.extend(limits);
    found
}

/// Finds what of today makes a break no news.
fn covering<'b>(before: &'b [Found], one: &Found) -> Option<&'b Found> {
    before.iter().find(|today| {
        let is_same = today.told.rule == one.told.rule;
        let by_same = one.cause.by.iter().all(|by| today.cause.by.contains(by));
        let is_refused = today.effect == Effect::Error && one.told.seen && by_same;
        let is_as_unsaid = one.unsaid.is_some() && one.unsaid == today.unsaid;
        let is_as_sure = today.cause.set_off >= one.cause.set_off;
        is_as_sure && (is_same || is_refused || is_as_unsaid && today.effect == one.effect)
    })
}

fn of_rule(site: &Site, rule: &Rule, cause: Cause) -> Found {
    let by = parameters(site, &cause);
    let told = Break {
        rule: rule.id.clone(),
        effect: rule.effect.as_str(),
        says: rule.says.clone(),
        remedy: rule.remedy.clone(),
        confidence: rule.basis.confidence.as_str(),
        sources: SourceRead::of(&rule.basis),
        disputed: rule.basis.disputed.clone(),
        line: line(site, &by),
        seen: !by.is_empty(),
        certainty: certainty(&cause, &by),
        because: because::of_rule(rule, &by),
        by: cause.by.clone(),
    };
    let unsaid = rule.features.first().copied();
    let unsaid = unsaid.filter(|feature| {
        let is_unsaid = matches!(feature, Feature::ThinkingUnset | Feature::EffortUnset);
        is_unsaid && by.is_empty()
    });
    Found {
        unsaid,
        cause,
        effect: rule.effect,
        told,
    }
}

fn certainty(cause: &Cause, by: &[&Parameter]) -> Certainty {
    match cause.set_off {
        SetOff::Yes => Certainty::High,
        _ if by.iter().any(|one| one.value.is_none()) => Certainty::Medium,
        _ => Certainty::Low,
    }
}

#[cfg(test)]
mod tests;
