//! What callers have really sent, out of the store, judged row by row. It must not keep a row, nor
//! change the store.

use std::error::Error;
use std::path::Path;
use std::str::FromStr;

use clap::Args;
use domain::{Facts, MS_PER_DAY, Policy, Timestamp};
use scan::{Aim, Ending, Heard, Lineup, Pipeline, StepTally, Survey, Traffic, TrafficTally};
use store::{Access, AskedRow, Outcome as Ended};

use super::lodgings;
use crate::environment;
use crate::home::{self, Home};
use crate::options::Common;

/// Options of a look at the traffic.
#[derive(Args, Clone, Debug)]
pub struct TrafficOptions {
    /// Read what callers have sent from the data directory, also beside a running gateway
    #[arg(long)]
    pub traffic: bool,
    /// How far back traffic is read: a number and m, h, d or w
    #[arg(long, value_name = "DURATION", default_value = "30d")]
    pub since: Span,
    /// Since when a request makes a place hot: a number and m, h, d or w
    #[arg(long, value_name = "DURATION", default_value = "7d")]
    pub lately: Span,
    /// Only requests that this tier answered; may be repeated
    #[arg(long = "tier", value_name = "TIER", requires = "traffic")]
    pub tiers: Vec<String>,
    /// Which caller the code below a path is: NAME=PATH; may be repeated
    #[arg(long = "caller", value_name = "NAME=PATH", requires = "traffic")]
    pub callers: Vec<Mapped>,
}

/// Is a stretch of time, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(i64);

/// Says that a text is no stretch of time.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no length of time; write a whole number and m, h, d or w, such as 7d")]
pub struct NotASpan(String);

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        const MINUTE: i64 = 60_000;
        let fault = || NotASpan(text.to_owned());
        let unit = text.chars().next_back().ok_or_else(fault)?;
        let number = text.strip_suffix(unit).unwrap_or_default();
        let each = match unit {
            'm' => MINUTE,
            'h' => 60 * MINUTE,
            'd' => MS_PER_DAY,
            'w' => 7 * MS_PER_DAY,
            _ => return Err(fault()),
        };
        let number: u32 = number.parse().map_err(|_| fault())?;
        Ok(Self(i64::from(number).saturating_mul(each)))
    }
}

impl Span {
    /// Tells when it began, if it ends now.
    pub fn before(self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_sub(self.0))
    }
}

/// Maps the code below a path to a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// The caller's name.
    pub caller: String,
    /// The path, as the walk names files; empty for all of them.
    pub path: String,
}

/// Says that a text maps nothing.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` maps no path to a caller; write NAME=PATH, such as checkout=services/checkout")]
pub struct NotMapped(String);

impl FromStr for Mapped {
    type Err = NotMapped;

    fn from_str(text: &str) -> Result<Self, NotMapped> {
        let parts = text
            .split_once('=')
            .filter(|(caller, _)| !caller.is_empty());
        let (caller, path) = parts.ok_or_else(|| NotMapped(text.to_owned()))?;
        let path = path.trim_start_matches("./").trim_end_matches('/');
        Ok(Self {
            caller: caller.to_owned(),
            path: if path == "." { "" } else { path }.to_owned(),
        })
    }
}

impl Mapped {
    /// Finds the caller of a file: that of the longest path above it.
    pub fn caller_of<'m>(all: &'m [Self], file: &str) -> Option<&'m str> {
        let is_above = |one: &&Self| Path::new(file).starts_with(&one.path);
        let above = all.iter().filter(is_above);
        let nearest = above.max_by_key(|one| one.path.len());
        nearest.map(|one| one.caller.as_str())
    }
}

/// Puts what was heard into a survey: by caller, the steps in it, and the heat of each place.
///
/// # Errors
/// The store cannot be read.
pub fn listen(
    options: &TrafficOptions,
    survey: &mut Survey,
    (facts, common): (&Facts, &Common),
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let now = environment::now();
    let (traffic, pipelines) = heard_since(
        options,
        survey.target.as_ref(),
        (facts, common),
        options.since.before(now),
    )?;
    let lately = options.lately.before(now);
    for listed in &mut survey.found {
        let site = &listed.finding.site;
        let caller = Mapped::caller_of(&options.callers, &site.path);
        let spellings = [site.model.written.as_str(), &site.model.id];
        listed.traffic = caller.map(|caller| traffic.of_site(caller, &spellings, lately));
    }
    survey.pipelines.splice(0..0, pipelines);
    survey.traffic = Some(traffic);
    Ok(())
}

fn heard_since(
    options: &TrafficOptions,
    aim: Option<&Aim>,
    (facts, common): (&Facts, &Common),
    since: Timestamp,
) -> Result<(Traffic, Vec<Pipeline>), Box<dyn Error + Send + Sync>> {
    // What served is looked up where there is a sound file; without one it is not known, and the
    // report says so.
    let config = home::config(common).ok();
    let policy = config.as_ref().map(|config| &config.policy);
    let settings = config.as_ref().map(|config| &config.settings);
    let store = Home::of(common).store(settings, Access::Read)?;
    let lineup = lineup(aim, policy, facts);
    let mut tally = TrafficTally::new(facts, lineup, since);
    let mut steps = StepTally::default();
    for asked in store.asked_rows(since)? {
        let asked = asked?;
        let tier = asked.row.tier.as_ref().map(|tier| tier.as_str());
        let is_wanted = |tier: &str| options.tiers.iter().any(|one| one == tier);
        if options.tiers.is_empty() || tier.is_some_and(is_wanted) {
            let heard = heard(&asked);
            tally.hear(&heard);
            steps.hear(&heard);
        }
    }
    Ok((tally.finish(), steps.finish()))
}

/// Lists the models that requests are judged at: the one that was aimed at, and those that served.
pub(in crate::commands) fn lineup(
    aim: Option<&Aim>,
    policy: Option<&Policy>,
    facts: &Facts,
) -> Lineup {
    let models = lodgings::models(policy, facts);
    let dialects = [wire::CHAT, wire::RESPONSES, wire::MESSAGES, wire::GEMINI];
    Lineup {
        target: aim.map(|aim| lodgings::aimed(aim, &models, facts)),
        models,
        adapting: adapting(policy),
        dialects: dialects.map(str::to_owned).to_vec(),
    }
}

fn adapting(policy: Option<&Policy>) -> Vec<String> {
    let tiers = policy.into_iter().flat_map(|policy| policy.tiers.values());
    let adapting = tiers.filter(|tier| tier.adapt);
    adapting.map(|tier| tier.name.to_string()).collect()
}

/// Says of a row what is judged of it.
pub(in crate::commands) fn heard(asked: &AskedRow) -> Heard<'_> {
    let row = &asked.row;
    Heard {
        at: row.at(),
        caller: &row.caller.name,
        step: row.step.as_deref(),
        requested: &row.requested,
        tier: row.tier.as_ref().map(|tier| tier.as_str()),
        model: row.model.as_ref().map(|model| model.as_str()),
        dialect: &row.dialect,
        conversation: row.conversation,
        tokens: row.tokens,
        cost: row.cost,
        ending: match row.outcome {
            Ended::Success | Ended::Fallback => Ending::Answered,
            Ended::Refusal => Ending::Refused,
            Ended::Truncated => Ending::Cut,
            Ended::Error | Ended::Cancelled => Ending::Failed,
            Ended::Denied => Ending::Denied,
        },
        success: asked.report.value(),
        features: row.features.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        let now = Timestamp(10 * MS_PER_DAY);
        let before = |text: &str| text.parse::<Span>().unwrap().before(now).0;
        assert_eq!(before("7d"), 3 * MS_PER_DAY);
        assert_eq!(before("1w"), 3 * MS_PER_DAY);
        assert_eq!(before("24h"), 9 * MS_PER_DAY);
        assert_eq!(before("1440m"), 9 * MS_PER_DAY);
        for text in ["", "7", "d", "-1d", "1.5d", "7 d", "7y", "é"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_is_its_nearest_callers() {
        let mapped = ["shop=.", "pay=./services/pay/", "odd=services/pay-old"];
        let mapped = mapped.map(|text| text.parse::<Mapped>().unwrap());
        let of = |file: &str| Mapped::caller_of(&mapped, file);
        assert_eq!(of("main.py"), Some("shop"));
        assert_eq!(of("services/pay/a.py"), Some("pay"));
        assert_eq!(of("services/pay-old/a.py"), Some("odd"));
        assert_eq!(Mapped::caller_of(&mapped[1..], "main.py"), None);
        assert!("nothing".parse::<Mapped>().is_err());
        assert!("=a".parse::<Mapped>().is_err());
    }
}
