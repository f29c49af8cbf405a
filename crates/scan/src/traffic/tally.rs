//! Counts, by caller, what requests set off. It must not judge one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use domain::{Effect, Facts, Timestamp, Tokens};

use crate::finding::Break;
use crate::site::Certainty;
use crate::traffic::judge::{Lodging, Sure, Verdict, What, verdicts};
use crate::traffic::outline::{
    AskedName, CallerTraffic, Comes, Ending, Habit, Heard, Held, Traffic,
};
use crate::traffic::recorded::Recorded;
use crate::traffic::told::told;

/// How many different requests are kept judged; more are judged anew.
const MOST_KEPT: usize = 4_096;
/// How many names of one caller are told apart: they are its own, and there may be any number.
const MOST_NAMES: usize = 1_000;
/// What stands for the names beyond those.
const OTHER_NAMES: &str = "(other names)";

/// Holds the models that requests are judged at.
#[derive(Clone, Debug, Default)]
pub struct Lineup {
    /// The model that all are held against, and as what it was asked for.
    pub target: Option<(String, Lodging)>,
    /// The models that served, by their names.
    pub models: BTreeMap<String, Lodging>,
    /// The dialects whose requests are conversations.
    pub dialects: Vec<String>,
    /// The tiers that change a request to what its model takes.
    pub adapting: Vec<String>,
}

impl Lineup {
    fn adapts(&self, tier: Option<&str>) -> bool {
        tier.is_some_and(|tier| self.adapting.iter().any(|one| one == tier))
    }

    fn served(&self, model: Option<&str>) -> Option<&Lodging> {
        self.models.get(model?)
    }

    /// Finds the model that a request is judged at: the target, else what served it.
    fn held_at<'l>(&'l self, served: Option<&'l Lodging>) -> Option<&'l Lodging> {
        let target = self.target.as_ref().map(|(_, target)| target);
        target.or(served)
    }

    /// Holds the tokens that were counted against the target's limits, as its tokenizer would count
    /// them where that is known.
    fn limits(&self, facts: &Facts, served: Option<&Lodging>, tokens: Tokens) -> Vec<Verdict> {
        let target = self.target.as_ref();
        let Some(known) = target.and_then(|(_, target)| target.known(facts)) else {
            return Vec::new();
        };
        let from = served.and_then(|served| served.known(facts));
        let ratio = from.and_then(|from| facts.token_ratio(&from.fact().name, &known.fact().name));
        let (least, most) = match &ratio {
            Some(ratio) => (ratio.least_percent, ratio.most_percent),
            None => (100, 100),
        };
        let of = |count: u64, percent: u64| count.saturating_mul(percent) / 100;
        let over = |count: u64, limit: Option<u64>| {
            let limit = limit?;
            match () {
                () if of(count, least) > limit && ratio.is_some() => Some(Sure::Yes),
                () if of(count, most) > limit => Some(Sure::Perhaps),
                () => None,
            }
        };
        let all = tokens.input.saturating_add(tokens.output);
        let found = [
            (What::Context, over(all, known.context_tokens())),
            (What::Output, over(tokens.output, known.max_output_tokens())),
        ];
        let verdict = |(what, sure): (What, Option<Sure>)| {
            Some(Verdict {
                what,
                sure: sure?,
                by: Vec::new(),
                open: Vec::new(),
            })
        };
        found.into_iter().filter_map(verdict).collect()
    }
}

/// Judges requests and counts what they set off.
pub struct TrafficTally<'f> {
    facts: &'f Facts,
    lineup: Lineup,
    since: Timestamp,
    callers: BTreeMap<String, Sums>,
    conversations: HashSet<u64>,
    kept: HashMap<String, Rc<Judged>>,
    denied: u64,
    unread: u64,
    other: u64,
}

/// Holds the verdicts on requests of one kind.
#[derive(Default)]
struct Judged {
    news: Vec<Verdict>,
    standing: Vec<Verdict>,
}

/// Sums what one caller sends.
#[derive(Default)]
struct Sums {
    requests: u64,
    breaking: u64,
    may_break: u64,
    adapted: u64,
    unplaced: u64,
    news: BTreeMap<String, Count>,
    standing: BTreeMap<String, Count>,
    asks: BTreeMap<String, (u64, Timestamp)>,
}

/// Counts the requests that set one thing off.
struct Count {
    what: Break,
    most: Sure,
    requests: u64,
    sure: u64,
    untold: u64,
    last: Timestamp,
}

impl<'f> TrafficTally<'f> {
    /// Begins to count what is heard since an instant.
    #[must_use]
    pub fn new(facts: &'f Facts, lineup: Lineup, since: Timestamp) -> Self {
        Self {
            facts,
            lineup,
            since,
            callers: BTreeMap::new(),
            conversations: HashSet::new(),
            kept: HashMap::new(),
            denied: 0,
            unread: 0,
            other: 0,
        }
    }

    /// Takes a request in.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        if !self.lineup.dialects.iter().any(|one| one == heard.dialect) {
            self.other += 1;
            return;
        }
        if heard.ending == Ending::Denied {
            self.denied += 1;
            return;
        }
        let features = heard.features.unwrap_or_default();
        let Some(recorded) = Recorded::read(features, heard.dialect) else {
            self.unread += 1;
            return;
        };
        self.conversations.extend(heard.conversation);
        let judged = self.judge(heard.model, &recorded);
        let served = self.lineup.served(heard.model);
        let limits = self.lineup.limits(self.facts, served, heard.tokens);
        let at_model = self.lineup.held_at(served);
        let sums = self.callers.entry(heard.caller.to_owned()).or_default();
        sums.requests += 1;
        sums.unplaced += u64::from(served.is_none());
        sums.ask(heard);
        let Some(model) = at_model else { return };
        let mut worst = None;
        for verdict in judged.news.iter().chain(&limits) {
            if verdict.what.effect() == Effect::Error && verdict.sure != Sure::Untold {
                worst = worst.max(Some(verdict.sure));
            }
            let what = || told(model, self.facts, verdict);
            count(&mut sums.news, verdict, heard.at, what);
        }
        for verdict in &judged.standing {
            let what = || told(model, self.facts, verdict);
            count(&mut sums.standing, verdict, heard.at, what);
        }
        let is_adapted = self.lineup.adapts(heard.tier);
        sums.adapted += u64::from(worst.is_some() && is_adapted);
        sums.breaking += u64::from(worst == Some(Sure::Yes));
        sums.may_break += u64::from(worst == Some(Sure::Perhaps));
    }

    fn judge(&mut self, model: Option<&str>, recorded: &Recorded) -> Rc<Judged> {
        let key = format!("{model:?} {recorded:?}");
        if let Some(judged) = self.kept.get(&key) {
            return Rc::clone(judged);
        }
        let served = self.lineup.served(model);
        let held_at = self.lineup.held_at(served);
        let all = held_at.map(|model| verdicts(model, self.facts, recorded));
        let all = all.unwrap_or_default();
        let today = match (&self.lineup.target, served) {
            (Some(_), Some(served)) => verdicts(served, self.facts, recorded),
            _ => Vec::new(),
        };
        // What is open at the target is open whatever it is today.
        let is_old = |one: &Verdict| {
            let mut today = today.iter();
            one.sure != Sure::Untold
                && today.any(|old| old.sure >= one.sure && one.what.is_like(&old.what))
        };
        let (standing, news) = all.into_iter().partition(is_old);
        let judged = Rc::new(Judged { news, standing });
        if self.kept.len() >= MOST_KEPT {
            self.kept.clear();
        }
        self.kept.insert(key, Rc::clone(&judged));
        judged
    }

    /// Ends the count.
    #[must_use]
    pub fn finish(self) -> Traffic {
        let target = self.lineup.target.as_ref().map(|(asked, target)| Held {
            asked: asked.clone(),
            platform: target.platform.clone(),
            id: target.id.clone(),
            is_known: target.known(self.facts).is_some(),
        });
        let callers = self.callers.into_iter();
        let callers = callers.map(|(caller, sums)| {
            let is_known = match &target {
                Some(target) => target.is_known,
                None => sums.unplaced < sums.requests,
            };
            sums.finish(caller, is_known)
        });
        let mut callers: Vec<_> = callers.collect();
        callers.sort_by_key(|one| (one.verdict, std::cmp::Reverse(one.requests)));
        let requests = callers.iter().map(|one| one.requests).sum();
        let mut not_recorded: Vec<String> = Vec::new();
        for one in callers.iter().flat_map(|caller| &caller.unknown) {
            let open = one.what.because.rsplit_once(": ").map(|(_, open)| open);
            let open = open.into_iter().flat_map(|open| open.split(", "));
            not_recorded.extend(open.map(str::to_owned));
        }
        not_recorded.sort_unstable();
        not_recorded.dedup();
        Traffic {
            since: self.since.to_string(),
            target,
            requests,
            denied: self.denied,
            unread: self.unread,
            other: self.other,
            conversations: self.conversations.len() as u64,
            callers,
            not_recorded,
        }
    }
}

fn count(
    counts: &mut BTreeMap<String, Count>,
    verdict: &Verdict,
    at: Timestamp,
    what: impl FnOnce() -> Break,
) {
    let id = verdict.what.id();
    // The request that says most is the one that is shown; few are written out at all.
    match counts.get_mut(id) {
        Some(count) if count.most >= verdict.sure => count.add(verdict.sure, at),
        Some(count) => {
            count.what = what();
            count.most = verdict.sure;
            count.add(verdict.sure, at);
        }
        None => {
            let mut count = Count {
                what: what(),
                most: verdict.sure,
                requests: 0,
                sure: 0,
                untold: 0,
                last: at,
            };
            count.add(verdict.sure, at);
            counts.insert(id.to_owned(), count);
        }
    }
}

impl Count {
    fn add(&mut self, sure: Sure, at: Timestamp) {
        self.last = self.last.max(at);
        match sure {
            Sure::Untold => self.untold += 1,
            Sure::Perhaps => self.requests += 1,
            Sure::Yes => {
                self.requests += 1;
                self.sure += 1;
            }
        }
    }

    fn habit(self, of: u64) -> Habit {
        let requests = if self.most == Sure::Untold {
            self.untold
        } else {
            self.requests
        };
        Habit {
            what: self.what,
            requests,
            sure: self.sure,
            share_percent: share(requests, of),
            last_seen: self.last.to_string(),
        }
    }
}

/// Tells a share in percent, to a tenth.
fn share(part: u64, of: u64) -> f64 {
    let tenths = part.saturating_mul(1_000) / of.max(1);
    tenths as f64 / 10.0
}

impl Sums {
    fn ask(&mut self, heard: &Heard<'_>) {
        let is_room = self.asks.len() < MOST_NAMES;
        let name = match heard.requested {
            "" => return,
            name if is_room || self.asks.contains_key(name) => name,
            _ => OTHER_NAMES,
        };
        let (requests, last) = self.asks.entry(name.to_owned()).or_insert((0, heard.at));
        *requests += 1;
        *last = heard.at.max(*last);
    }

    fn finish(self, caller: String, is_known: bool) -> CallerTraffic {
        let requests = self.requests;
        let habits = |counts: BTreeMap<String, Count>| {
            let counts = counts.into_values();
            let mut habits: Vec<_> = counts.map(|count| count.habit(requests)).collect();
            habits.sort_by_key(|one| (order_of(one.what.effect), std::cmp::Reverse(one.requests)));
            habits
        };
        let (unknown, news): (Vec<_>, Vec<_>) = habits(self.news)
            .into_iter()
            .partition(|one| one.what.certainty == Certainty::Low);
        let (breaks, expected): (Vec<_>, Vec<_>) = news.into_iter().partition(|one| one.what.seen);
        let mut asks: Vec<_> = self.asks.into_iter().map(asked).collect();
        asks.sort_by_key(|one| std::cmp::Reverse(one.requests));
        // An error counts also where what is left unsaid sets it off.
        let verdict = match () {
            () if self.breaking > 0 => Comes::Breaks,
            () if self.may_break > 0 => Comes::MayBreak,
            () if !is_known => Comes::Unknown,
            () if !breaks.is_empty() || !expected.is_empty() => Comes::Changes,
            () => Comes::NoKnownBreak,
        };
        CallerTraffic {
            caller,
            requests,
            verdict,
            breaking: self.breaking,
            may_break: self.may_break,
            adapted: self.adapted,
            breaks,
            standing: habits(self.standing),
            expected,
            unknown,
            asks,
            unplaced: self.unplaced,
        }
    }
}

fn order_of(effect: &str) -> usize {
    let order = ["error", "silent", "cost", "behaviour"];
    let place = order.iter().position(|one| *one == effect);
    place.unwrap_or(order.len())
}

fn asked((name, (requests, last)): (String, (u64, Timestamp))) -> AskedName {
    AskedName {
        name,
        requests,
        last_seen: last.to_string(),
        last,
    }
}

#[cfg(test)]
mod tests;
