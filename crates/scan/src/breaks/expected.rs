//! Breaks that follow from limits and efforts rather than from a rule: a word of effort that is not
//! taken, more tokens than an answer may have, another default, a shorter context. It must not say
//! more than the two rows do.

use domain::{Basis, Cause, Effect, Feature, Known, SetOff, Uses};

use super::because;
use super::found::{Found, line, parameters};
use crate::finding::{Break, SourceRead};
use crate::site::{Certainty, Site};

/// Holds the words of one break.
struct Told<'t> {
    rule: &'static str,
    effect: Effect,
    says: String,
    remedy: &'static str,
    basis: &'t Basis,
}

/// Lists what a request asks for beyond the limits of one model.
pub(super) fn limits(site: &Site, uses: &Uses, known: Known<'_>) -> Vec<Found> {
    let used = uses.used.iter().enumerate();
    let found = used.filter_map(|(place, used)| {
        let value = used.value.as_deref()?;
        let told = match used.feature {
            Feature::Effort => effort(value, known)?,
            Feature::MaxTokens => max_tokens(value, known)?,
            _ => return None,
        };
        Some(found(site, told, vec![place]))
    });
    found.collect()
}

fn effort<'k>(word: &str, known: Known<'k>) -> Option<Told<'k>> {
    let fact = known.efforts_fact()?;
    let taken = &fact.efforts.takes;
    if taken.iter().any(|one| one == word) {
        return None;
    }
    let says = if taken.is_empty() {
        "no effort is taken".to_owned()
    } else {
        format!(
            "{word} is no effort that is taken: {} are",
            taken.join(", ")
        )
    };
    Some(Told {
        rule: "effort-words",
        effect: Effect::Error,
        says,
        remedy: "write an effort that the model takes, or leave it out",
        basis: &fact.basis,
    })
}

fn max_tokens<'k>(number: &str, known: Known<'k>) -> Option<Told<'k>> {
    let fact = known.limits()?;
    let most = fact.max_output_tokens?;
    let asked: u64 = number.parse().ok()?;
    (asked > most).then(|| Told {
        rule: "most-output-tokens",
        effect: Effect::Error,
        says: format!("an answer has at most {most} tokens, and {asked} are asked for"),
        remedy: "ask for no more than the model gives",
        basis: &fact.basis,
    })
}

/// Lists what any request has to expect of the change from one model to another.
pub(super) fn changes(
    site: &Site,
    uses: &Uses,
    (today, wanted): (Known<'_>, Known<'_>),
) -> Vec<Found> {
    let says_effort = uses.used.iter().any(|used| used.feature == Feature::Effort);
    let default = (!says_effort)
        .then(|| other_default(today, wanted))
        .flatten();
    let told = [default, shorter_context(today, wanted)];
    let told = told.into_iter().flatten();
    told.map(|told| found(site, told, Vec::new())).collect()
}

fn other_default<'k>(today: Known<'_>, wanted: Known<'k>) -> Option<Told<'k>> {
    let fact = wanted.efforts_fact()?;
    let (before, after) = (
        today.efforts()?.default.as_ref()?,
        fact.efforts.default.as_ref()?,
    );
    (before != after).then(|| Told {
        rule: "effort-default",
        effect: Effect::Silent,
        says: format!("where no effort is said it is {after}, no longer {before}"),
        remedy: "say the effort that is meant",
        basis: &fact.basis,
    })
}

fn shorter_context<'k>(today: Known<'_>, wanted: Known<'k>) -> Option<Told<'k>> {
    let fact = wanted.limits()?;
    let (before, after) = (today.context_tokens()?, fact.context_tokens?);
    (after < before).then(|| Told {
        rule: "context-tokens",
        effect: Effect::Error,
        says: format!("the context has {after} tokens, no longer {before}"),
        remedy: "keep inputs under that, or choose a model with a longer context",
        basis: &fact.basis,
    })
}

fn found(site: &Site, told: Told<'_>, by: Vec<usize>) -> Found {
    let cause = Cause {
        set_off: SetOff::Yes,
        by,
    };
    let by = parameters(site, &cause);
    let because = if by.is_empty() {
        "every request that leaves it to the model".to_owned()
    } else {
        because::seen(&by)
    };
    let effect = told.effect;
    let told = Break {
        rule: told.rule.to_owned(),
        effect: told.effect.as_str(),
        says: told.says,
        remedy: told.remedy.to_owned(),
        confidence: told.basis.confidence.as_str(),
        sources: SourceRead::of(told.basis),
        disputed: told.basis.disputed.clone(),
        line: line(site, &by),
        seen: !by.is_empty(),
        certainty: Certainty::High,
        because,
        by: cause.by.clone(),
    };
    Found {
        cause,
        effect,
        unsaid: None,
        told,
    }
}
