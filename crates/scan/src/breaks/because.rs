//! Why a break is told, in a sentence. It must not decide whether there is one.

use domain::{Feature, Rule};

use crate::site::Parameter;

/// Says what sets a rule off: the parameters that were seen, or what every request has.
pub(super) fn of_rule(rule: &Rule, by: &[&Parameter]) -> String {
    if by.is_empty() {
        let unsaid = rule.features.first().map_or("", |feature| unsaid(*feature));
        return unsaid.to_owned();
    }
    seen(by)
}

/// Says what was seen, parameter by parameter.
pub(super) fn seen(by: &[&Parameter]) -> String {
    let said: Vec<String> = by.iter().map(|one| said(one)).collect();
    said.join(" and ")
}

fn said(one: &Parameter) -> String {
    let (feature, line) = (one.feature, one.line);
    match &one.value {
        Some(value) => format!("`{feature}` is {value} on line {line}"),
        None if has_value(feature) => {
            format!("`{feature}` is set on line {line}, to what is not written there")
        }
        None => format!("`{feature}` stands on line {line}"),
    }
}

/// Tells whether a feature is used with a value, which then is not written at the site.
fn has_value(feature: Feature) -> bool {
    matches!(
        feature,
        Feature::Temperature
            | Feature::TopP
            | Feature::TopK
            | Feature::PresencePenalty
            | Feature::FrequencyPenalty
            | Feature::Seed
            | Feature::Logprobs
            | Feature::TopLogprobs
            | Feature::Candidates
            | Feature::Effort
            | Feature::MaxTokens
            | Feature::ServiceTier
            | Feature::ThinkingBudget
    )
}

fn unsaid(feature: Feature) -> &'static str {
    match feature {
        Feature::ThinkingUnset => "nothing is said of thinking at the site",
        Feature::EffortUnset => "no effort is said at the site",
        Feature::PeakHours => "every request at those hours",
        Feature::Answer => "every answer",
        _ => "every request",
    }
}
