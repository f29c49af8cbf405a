//! Changes a request to what its model takes, where the tier says so. What the model does not take
//! are the rules of the facts: those that end in an error and that no other source disputes. It
//! must not know a model's name, nor a dialect's fields.

use bytes::Bytes;
use domain::{Effect, Feature, Model, Rule, Setting};
use http::HeaderMap;
use wire::{
    BadRequest, Dialect, Features, Loss, NoThinking, Parameter, Refused, Request, Restrictions,
    ToolEffort, When,
};

use crate::error::{Class, Error};

/// Adapts a body in the provider's dialect, and names the fields that were changed.
///
/// # Errors
/// The request asks for what the model refuses and nothing else can stand for.
pub fn body(
    model: &Model,
    speaks: &dyn Dialect,
    (headers, features): (&HeaderMap, &Features),
    body: Bytes,
) -> Result<(Bytes, Vec<String>), Error> {
    let Some(words) = speaks.words() else {
        return Ok((body, Vec::new()));
    };
    // What the caller says of the version goes on to the provider with the body.
    let header = speaks.version_header();
    let version = header.and_then(|header| headers.get(header)?.to_str().ok());
    let restrictions = restrictions(model, speaks.name(), version);
    let adapted = wire::adapt_body(words, &body, features, &restrictions);
    let (body, changes) = adapted.map_err(unfit)?;
    Ok((body, paths(changes)))
}

/// Adapts a request on its way to a provider of another dialect, and names the fields that were
/// changed.
///
/// # Errors
/// The request asks for what the model refuses and nothing else can stand for.
pub fn request(
    model: &Model,
    speaks: &dyn Dialect,
    came_in: &dyn Dialect,
    request: &mut Request,
) -> Result<Vec<String>, Error> {
    let restrictions = restrictions(model, speaks.name(), None);
    let changes = wire::adapt_request(request, &restrictions, came_in.words());
    Ok(paths(changes.map_err(unfit)?))
}

fn unfit(fault: BadRequest) -> Error {
    Error {
        class: Class::Unadaptable,
        ..Error::bad_request(fault)
    }
}

fn paths(changes: Vec<Loss>) -> Vec<String> {
    changes.into_iter().map(|change| change.path).collect()
}

/// Lists what a model does not take of a request in a dialect, asked for under a version of its
/// API.
fn restrictions(model: &Model, dialect: &str, version: Option<&str>) -> Restrictions {
    let efforts = model.takes.efforts.as_ref();
    let mut found = Restrictions {
        efforts: efforts.map(|efforts| efforts.takes.clone()),
        default_effort: efforts.and_then(|efforts| efforts.default.clone()),
        max_output_tokens: model.limits.max_output_tokens,
        ..Restrictions::default()
    };
    let holds = |rule: &&std::sync::Arc<Rule>| {
        let is_certain = rule.effect == Effect::Error && rule.basis.disputed.is_none();
        // A rule on some values alone is left to the provider: nothing here compares them.
        is_certain && rule.is_about(dialect, version) && rule.only.is_empty()
    };
    for rule in model.takes.rules.iter().filter(holds) {
        add(&mut found, rule);
    }
    found
}

fn add(found: &mut Restrictions, rule: &Rule) {
    if rule.together {
        let both = [Feature::Temperature, Feature::TopP];
        found.one_of_temperature_and_top_p |= both.iter().all(|one| rule.features.contains(one));
        return;
    }
    // A rule under circumstances that nothing here can tell is left to the provider.
    let Some(when) = when(rule) else {
        return tool_rule(found, rule);
    };
    for feature in &rule.features {
        if let Some(parameter) = parameter(*feature) {
            let except = rule.except.clone();
            found.refused.push(Refused {
                parameter,
                except,
                when: when.clone(),
            });
            continue;
        }
        let is_always = when == When::Always;
        match feature {
            Feature::ForcedTool => found.forced_tool.push(when.clone()),
            Feature::Prefill => found.prefill |= is_always,
            Feature::ThinkingBudget => found.thinking_budget |= is_always,
            Feature::ThinkingAdaptive => found.thinking_adaptive |= is_always,
            Feature::ThinkingDisabled if is_always => {
                let word = rule.replacement.clone();
                found.no_thinking = Some(word.map_or(NoThinking::Omitted, NoThinking::Word));
            }
            Feature::OlderMaxTokens => found.older_max_tokens |= is_always,
            Feature::StrictSchema => found.closed_schemas |= is_always,
            Feature::Tools if is_always => found.tool_effort = Some(ToolEffort::NoTools),
            _ => {}
        }
    }
}

/// Adds a rule on two things at once: tools and effort, or no thinking and effort.
fn tool_rule(found: &mut Restrictions, rule: &Rule) {
    let ([feature], [with]) = (rule.features.as_slice(), rule.with.as_slice()) else {
        return;
    };
    let Some(word) = rule.replacement.clone() else {
        return;
    };
    match (feature, with.feature) {
        (Feature::Effort, Feature::Tools) if found.tool_effort.is_none() => {
            found.tool_effort = Some(ToolEffort::Said(word));
        }
        (Feature::EffortUnset, Feature::Tools) => {
            found.tool_effort = Some(ToolEffort::MustSay(word));
        }
        (Feature::ThinkingDisabled, Feature::Effort) => {
            found.no_thinking = Some(NoThinking::NotAt(with.values.clone(), word));
        }
        _ => {}
    }
}

/// Reads the one circumstance that a rule may have, where it is one that a request tells.
fn when(rule: &Rule) -> Option<When> {
    let named = |setting: &Setting| setting.values.is_empty().then_some(setting.feature);
    match (rule.with.as_slice(), rule.unless.as_slice()) {
        ([], []) => Some(When::Always),
        ([with], []) => match named(with)? {
            Feature::EffortUnset => Some(When::EffortUnset),
            Feature::ThinkingBudget => Some(When::ThinkingBudget),
            Feature::ThinkingAdaptive => Some(When::ThinkingAdaptive),
            _ => None,
        },
        ([], [unless]) => match (unless.feature, unless.values.as_slice()) {
            (Feature::Effort, [word]) => Some(When::EffortOtherThan(word.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn parameter(feature: Feature) -> Option<Parameter> {
    Some(match feature {
        Feature::Temperature => Parameter::Temperature,
        Feature::TopP => Parameter::TopP,
        Feature::TopK => Parameter::TopK,
        Feature::PresencePenalty => Parameter::PresencePenalty,
        Feature::FrequencyPenalty => Parameter::FrequencyPenalty,
        Feature::Seed => Parameter::Seed,
        Feature::LogitBias => Parameter::LogitBias,
        Feature::Logprobs => Parameter::Logprobs,
        Feature::TopLogprobs => Parameter::TopLogprobs,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
