//! What is heard and what it comes to: the words of a report on traffic. It must not judge or
//! count.

use domain::{PicoUsd, Timestamp, Tokens};
use serde::Serialize;

use crate::finding::Break;

/// Is one request as accounting keeps it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard<'r> {
    /// When.
    pub at: Timestamp,
    /// Who asked, by the key's name.
    pub caller: &'r str,
    /// The agent's step, as the request names it.
    pub step: Option<&'r str>,
    /// The name asked for.
    pub requested: &'r str,
    /// The tier that answered.
    pub tier: Option<&'r str>,
    /// The model that served, by its name in the configuration.
    pub model: Option<&'r str>,
    /// The dialect asked in.
    pub dialect: &'r str,
    /// A hash of the conversation.
    pub conversation: Option<u64>,
    /// The tokens.
    pub tokens: Tokens,
    /// What it cost, where a price is known.
    pub cost: Option<PicoUsd>,
    /// How it ended.
    pub ending: Ending,
    /// What its caller has reported of it, from 0 to 1.
    pub success: Option<f64>,
    /// Its features, a flat JSON object.
    pub features: Option<&'r str>,
}

/// Says how a request ended, as far as it matters here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// It was answered.
    #[default]
    Answered,
    /// The model said no.
    Refused,
    /// The answer was cut at a limit.
    Cut,
    /// There was no answer, or half of one.
    Failed,
    /// The gateway said no: no model was asked.
    Denied,
}

/// Holds what traffic says of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Traffic {
    /// From when.
    pub since: String,
    /// The model that requests are held against; each one's own where none is named.
    pub target: Option<Held>,
    /// How many requests were judged.
    pub requests: u64,
    /// How many were left out since the gateway refused them.
    pub denied: u64,
    /// How many could not be judged, since nothing of their features is kept.
    pub unread: u64,
    /// How many were no conversation: tokens counted, texts embedded.
    pub other: u64,
    /// How many conversations were told apart.
    pub conversations: u64,
    /// The callers, those that break first.
    pub callers: Vec<CallerTraffic>,
    /// What no row says, whoever sent it.
    pub not_recorded: Vec<String>,
}

/// Names the model that requests are held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// As it was asked for.
    pub asked: String,
    /// The platform.
    pub platform: Option<String>,
    /// The id there.
    pub id: String,
    /// Whether the facts know it; else nothing that breaks is known, which is not nothing.
    pub is_known: bool,
}

/// Shows what one caller's requests come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallerTraffic {
    /// The key's name.
    pub caller: String,
    /// How many of its requests were judged.
    pub requests: u64,
    /// What they come to, all in all.
    pub verdict: Comes,
    /// How many of them set off an error.
    pub breaking: u64,
    /// How many of them may.
    pub may_break: u64,
    /// How many of both went to a tier that changes requests to what its model takes, so that they
    /// are answered there, or refused by the gateway with its reason.
    pub adapted: u64,
    /// What breaks, or changes, and does not where they are served today.
    pub breaks: Vec<Habit>,
    /// What breaks as it does where they are served today: no news on a swap.
    pub standing: Vec<Habit>,
    /// What any request has to expect, whatever it sets.
    pub expected: Vec<Habit>,
    /// What cannot be told: it may break all the same.
    pub unknown: Vec<Habit>,
    /// The names that it asks for.
    pub asks: Vec<AskedName>,
    /// How many were served by a model that the configuration no longer has.
    pub unplaced: u64,
}

/// Says what a caller's requests come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comes {
    /// Some end in an error.
    Breaks,
    /// Some may: a value is not recorded.
    MayBreak,
    /// None ends in an error; some mean or cost something else.
    Changes,
    /// Nothing is known of the model.
    Unknown,
    /// Nothing that is recorded breaks.
    NoKnownBreak,
}

impl Comes {
    /// Names it as reports do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::MayBreak => "may break",
            Self::Changes => "changes",
            Self::Unknown => "unknown",
            Self::NoKnownBreak => "nothing known breaks",
        }
    }
}

/// Shows how often a caller sets something off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Habit {
    /// What breaks; `because` is of the request that says most.
    #[serde(flatten)]
    pub what: Break,
    /// How many requests set it off, or may.
    pub requests: u64,
    /// How many surely do.
    pub sure: u64,
    /// The share of the caller's requests, in percent.
    pub share_percent: f64,
    /// When one did so last.
    pub last_seen: String,
}

/// Shows how often a name was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AskedName {
    /// The name.
    pub name: String,
    /// How many requests asked for it.
    pub requests: u64,
    /// When one did so last.
    pub last_seen: String,
    /// The same, to compare.
    #[serde(skip)]
    pub last: Timestamp,
}

/// Says whether what a place names is asked for by the caller that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Heat {
    /// It was asked for lately.
    Hot,
    /// It was asked for, and not lately.
    Cold,
    /// It was not asked for in all the time that was looked at.
    Unseen,
}

impl Heat {
    /// Names it as reports do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Cold => "cold",
            Self::Unseen => "unseen",
        }
    }
}

/// Shows what traffic says of one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SiteTraffic {
    /// The caller that the place belongs to.
    pub caller: String,
    /// Whether it is asked for.
    pub heat: Heat,
    /// How many requests asked for the name.
    pub requests: u64,
    /// When one did so last.
    pub last_seen: Option<String>,
}

impl Traffic {
    /// Tells how a caller asks for what a place names, by any of its spellings; `lately` is since
    /// when a request counts as a late one. A caller that has sent nothing has asked for nothing.
    #[must_use]
    pub fn of_site(&self, caller: &str, spellings: &[&str], lately: Timestamp) -> SiteTraffic {
        let asks = self.callers.iter().find(|one| one.caller == caller);
        let asks = asks.into_iter().flat_map(|one| &one.asks);
        let is_it = |one: &&AskedName| {
            let mut all = spellings.iter();
            all.any(|spelling| spelling.eq_ignore_ascii_case(&one.name))
        };
        let found: Vec<_> = asks.filter(is_it).collect();
        let last = found.iter().map(|one| one.last).max();
        let heat = match last {
            None => Heat::Unseen,
            Some(last) if last >= lately => Heat::Hot,
            Some(_) => Heat::Cold,
        };
        SiteTraffic {
            caller: caller.to_owned(),
            heat,
            requests: found.iter().map(|one| one.requests).sum(),
            last_seen: last.map(|last| last.to_string()),
        }
    }

    /// Tells whether a caller's requests end in an error.
    #[must_use]
    pub fn breaks(&self) -> bool {
        self.callers.iter().any(|one| one.verdict == Comes::Breaks)
    }
}
