//! What a swap costs: the work, as places by how much there is to do, and the difference in the
//! price of tokens. It must not put a number where no fact has one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::{Facts, Known, Timestamp};
use serde::Serialize;

use crate::finding::{Break, Finding, Fix, Safety};
use crate::fix::is_edited;
use crate::site::Certainty;
use crate::target::{Target, platform};

/// Says how much there is to do at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// The name is written anew; a patch does it.
    Name,
    /// Somebody looks at it: the role or a model is not sure.
    Look,
    /// Parameters are left out or renamed.
    Parameters,
    /// The request or what reads the answer is built anew.
    Rework,
}

impl Effort {
    /// Lists them, the least first.
    pub const ALL: [Self; 4] = [Self::Name, Self::Look, Self::Parameters, Self::Rework];

    /// Names it as reports do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Look => "look",
            Self::Parameters => "parameters",
            Self::Rework => "rework",
        }
    }

    /// Weighs one place, in points. They compare one repository or target with another; they are
    /// no hours.
    #[must_use]
    pub fn points(self) -> u32 {
        match self {
            Self::Name => 1,
            Self::Look => 2,
            Self::Parameters => 3,
            Self::Rework => 8,
        }
    }

    /// Tells how much there is to do; none where no request goes out from there.
    #[must_use]
    pub fn of(finding: &Finding) -> Option<Self> {
        if !finding.site.role.is_live() {
            return None;
        }
        let seen = || {
            let all = finding.breaks.iter().chain(&finding.standing);
            all.filter(|one| one.seen)
        };
        let is_error = |one: &&Break| one.effect == "error";
        let parameters = &finding.site.parameters;
        let is_mended = |one: &Break| {
            let mut by = one.by.iter().filter_map(|place| parameters.get(*place));
            by.any(|parameter| is_edited(parameter.feature))
        };
        let is_suggested = |fix: &Fix| fix.safety == Safety::Suggest;
        let is_unsure = !finding.unknown.is_empty()
            || finding.fix.as_ref().is_some_and(is_suggested)
            || finding.site.confidence != Certainty::High;
        Some(if !seen().filter(is_error).all(is_mended) {
            Self::Rework
        } else if seen().any(|one| is_error(&one) || one.effect == "silent") {
            Self::Parameters
        } else if is_unsure {
            Self::Look
        } else {
            Self::Name
        })
    }
}

/// Shows what a swap costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SwitchingCost {
    /// How many places there are of each effort; those of which there is none are left out.
    pub places: Vec<(Effort, u32)>,
    /// The sum of the points.
    pub points: u32,
    /// The arithmetic.
    pub arithmetic: String,
    /// What the tokens cost, for each model that is named.
    pub prices: Vec<PriceChange>,
}

/// Shows what the tokens of one model cost, beside the target's. What is not known is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceChange {
    /// The model that is named.
    pub model: String,
    /// How many places name it.
    pub places: u32,
    /// The list price of a million tokens of input, in micro-USD, today and on the target.
    pub input_usd_micros: Option<[u64; 2]>,
    /// The same for output.
    pub output_usd_micros: Option<[u64; 2]>,
    /// How many tokens the target makes of the same text, in percent.
    pub token_percent: Option<u64>,
    /// What the same text costs as input on the target, in percent of today.
    pub input_percent: Option<u64>,
    /// The same for output, should the answer have the same length.
    pub output_percent: Option<u64>,
    /// The arithmetic, or what is unknown.
    pub arithmetic: String,
}

/// Sums up what it takes to go to a target, by the list prices of an instant.
#[must_use]
pub fn switching_cost(
    facts: &Facts,
    findings: &[Finding],
    target: &Target,
    now: Timestamp,
) -> SwitchingCost {
    let mut efforts: BTreeMap<Effort, u32> = BTreeMap::new();
    let mut models: BTreeMap<(String, String), u32> = BTreeMap::new();
    for finding in findings {
        let Some(effort) = Effort::of(finding) else {
            continue;
        };
        *efforts.entry(effort).or_default() += 1;
        let model = &finding.site.model;
        let place = platform(facts, model).unwrap_or_default().to_owned();
        *models.entry((place, model.id.clone())).or_default() += 1;
    }
    let places: Vec<(Effort, u32)> = efforts.into_iter().collect();
    let points = |(effort, count): &(Effort, u32)| effort.points().saturating_mul(*count);
    let points = places.iter().map(points).sum();
    let wanted = facts.known(&target.platform, &target.id);
    let prices = models.into_iter().map(|((platform, id), places)| {
        let named = facts.known(&platform, &id);
        let name = named.map_or_else(|| id.clone(), |known| known.fact().name.clone());
        let change = change(facts, named, wanted, now);
        PriceChange {
            model: name,
            places,
            ..change
        }
    });
    SwitchingCost {
        arithmetic: arithmetic(&places, points),
        prices: prices.collect(),
        places,
        points,
    }
}

fn arithmetic(places: &[(Effort, u32)], points: u32) -> String {
    let terms: Vec<String> = places
        .iter()
        .map(|(effort, count)| format!("{count} × {} {}", effort.points(), effort.as_str()))
        .collect();
    if terms.is_empty() {
        return "nothing to do = 0".to_owned();
    }
    format!("{} = {points}", terms.join(" + "))
}

fn change(
    facts: &Facts,
    named: Option<Known<'_>>,
    wanted: Option<Known<'_>>,
    now: Timestamp,
) -> PriceChange {
    let of = |known: Option<Known<'_>>| {
        let prices = known?.prices()?;
        prices.at(now).map(|now| now.prices)
    };
    let (before, after) = (of(named), of(wanted));
    let both = before.zip(after);
    let input = both.map(|(before, after)| [before.input_usd_micros, after.input_usd_micros]);
    let output = both.map(|(before, after)| [before.output_usd_micros, after.output_usd_micros]);
    let ratio = named.zip(wanted).and_then(|(named, wanted)| {
        let ratio = facts.token_ratio(&named.fact().name, &wanted.fact().name)?;
        Some(ratio.percent)
    });
    let percent = |prices: Option<[u64; 2]>| {
        let [before, after] = prices?;
        after.saturating_mul(ratio?).checked_div(before)
    };
    PriceChange {
        model: String::new(),
        places: 0,
        input_usd_micros: input,
        output_usd_micros: output,
        token_percent: ratio,
        input_percent: percent(input),
        output_percent: percent(output),
        arithmetic: price_arithmetic(input, output, ratio),
    }
}

fn price_arithmetic(
    input: Option<[u64; 2]>,
    output: Option<[u64; 2]>,
    ratio: Option<u64>,
) -> String {
    let (Some(input), Some(output)) = (input, output) else {
        return "a list price is unknown".to_owned();
    };
    let side = |word: &str, [before, after]: [u64; 2]| {
        let mut text = format!(
            "{word} {} USD, was {} USD a million tokens",
            usd(after),
            usd(before)
        );
        match ratio.and_then(|ratio| after.saturating_mul(ratio).checked_div(before)) {
            Some(percent) if ratio != Some(100) => {
                let ratio = ratio.unwrap_or_default();
                let _ = write!(text, " × {ratio} % tokens = {percent} %");
            }
            Some(percent) => {
                let _ = write!(text, " = {percent} %");
            }
            None => {}
        }
        text
    };
    let mut text = format!("{}; {}", side("input", input), side("output", output));
    if ratio.is_none() {
        text.push_str("; how many tokens the same text has is unknown");
    }
    text
}

/// Writes micro-USD as USD, without zeros that say nothing.
fn usd(micros: u64) -> String {
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    let text = format!("{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
