//! What recorded requests use that the model to move to refuses, judged row by row as
//! `tiergate scan --traffic` judges. It must not take what is not known for nothing.

use std::collections::BTreeMap;

use domain::{Facts, Timestamp};
use scan::{Aim, Habit, Lineup, TrafficTally};
use serde::Serialize;
use store::AskedRow;

use crate::commands::plan::cost::Traffic;
use crate::commands::plan::cost::models::{Named, Shelf};
use crate::commands::scan::{heard, lineup};
use crate::output;

/// The effect of a rule that ends a request.
const ERROR: &str = "error";

/// Names a caller and the model that answered it.
type Key = (String, Option<String>);

/// Judges requests at one model, caller by caller and model by model.
pub struct Refusals<'f> {
    facts: &'f Facts,
    lineup: Lineup,
    name: String,
    tallies: BTreeMap<Key, TrafficTally<'f>>,
}

/// Holds what one caller's requests use that the model refuses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refused {
    /// How many requests surely end in an error there, and do not today.
    pub requests: u64,
    /// How many may: a value is not recorded.
    pub may: u64,
    /// How many of both go to a tier that changes requests to what its model takes.
    pub adapted: u64,
    /// How many requests were judged.
    pub judged: u64,
    /// How many were not, since nothing is kept of what they use.
    pub not_judged: u64,
    /// What is refused.
    pub uses: Vec<Use>,
    /// What is refused today as well: no news on a move.
    pub uses_refused_today: Vec<Use>,
}

/// Names one thing that is refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Use {
    /// The rule of the facts.
    pub rule: String,
    /// What sets it off.
    pub because: String,
    /// What happens.
    pub says: String,
    /// What to do.
    pub remedy: String,
    /// How many requests set it off, or may.
    pub requests: u64,
    /// How many surely do.
    pub sure: u64,
}

impl<'f> Refusals<'f> {
    /// Begins with the model to move to.
    pub fn at(to: &Named, shelf: &'f Shelf) -> Self {
        let aim = Aim {
            asked: to.asked.clone(),
            platform: to.platform.clone(),
            id: to.id.clone(),
        };
        Self {
            facts: &shelf.facts,
            lineup: lineup(Some(&aim), shelf.policy(), &shelf.facts),
            name: to.name.clone(),
            tallies: BTreeMap::new(),
        }
    }

    /// Takes a request in.
    pub fn hear(&mut self, asked: &AskedRow) {
        let model = asked.row.model.as_ref().map(ToString::to_string);
        let key = (asked.row.caller.name.clone(), model);
        let begun = || TrafficTally::new(self.facts, self.lineup.clone(), Timestamp::default());
        self.tallies
            .entry(key)
            .or_insert_with(begun)
            .hear(&heard(asked));
    }

    /// Tells what the requests of a caller that one model answered come to.
    ///
    /// # Errors
    /// Says why that is not known.
    pub fn of(&mut self, traffic: &Traffic) -> Result<Refused, String> {
        let key = (traffic.caller.clone(), traffic.model.clone());
        let tally = self.tallies.remove(&key).ok_or_else(|| {
            "only recorded usage tells what requests use: give --usage".to_owned()
        })?;
        let heard = tally.finish();
        if !heard.target.is_some_and(|target| target.is_known) {
            return Err(format!("the facts have no rules of {}", self.name));
        }
        let Some(found) = heard.callers.into_iter().next() else {
            return Err("nothing is kept of what these requests use".to_owned());
        };
        Ok(Refused {
            requests: found.breaking,
            may: found.may_break,
            adapted: found.adapted,
            judged: found.requests,
            not_judged: heard.unread + heard.other,
            uses: errors(found.breaks.into_iter().chain(found.expected)),
            uses_refused_today: errors(found.standing.into_iter()),
        })
    }
}

fn errors(habits: impl Iterator<Item = Habit>) -> Vec<Use> {
    let errors = habits.filter(|habit| habit.what.effect == ERROR);
    let used = errors.map(|habit| Use {
        rule: habit.what.rule,
        because: habit.what.because,
        says: habit.what.says,
        remedy: habit.what.remedy,
        requests: habit.requests,
        sure: habit.sure,
    });
    used.collect()
}

/// Shows it in a cell.
pub fn cell(refused: &Result<Refused, String>) -> String {
    match refused {
        Err(_) => "not known".to_owned(),
        Ok(found) if found.may > 0 => {
            format!(
                "{} of {}, {} may be",
                found.requests, found.judged, found.may
            )
        }
        Ok(found) => format!("{} of {}", found.requests, found.judged),
    }
}

/// Says what of it does not fit into a cell.
pub fn tell(caller: &str, refused: &Result<Refused, String>, to: &Named) {
    let found = match refused {
        Err(reason) => {
            output::note(format!("what {} refuses of {caller}: {reason}", to.name));
            return;
        }
        Ok(found) => found,
    };
    for one in &found.uses {
        output::line(format!(
            "{} refuses {} requests of {caller}: {} ({}): {}",
            to.name, one.requests, one.because, one.rule, one.remedy
        ));
    }
    if found.adapted > 0 {
        output::line(format!(
            "of those of {caller}, {} go to a tier that changes requests to what its model takes",
            found.adapted
        ));
    }
    if found.not_judged > 0 {
        output::note(format!(
            "{} requests of {caller} were not judged: nothing is kept of what they use",
            found.not_judged
        ));
    }
}
