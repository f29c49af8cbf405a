//! The comparison with AIConfigurator on rows that both were asked for. It must not ask.

use std::collections::BTreeMap;

use crate::plan_accuracy::error::{mean, median, percent};
use crate::plan_accuracy::rival::Answer;
use crate::plan_accuracy::table::Outcome;

/// What ids say of their rows.
const NAMES: [&str; 9] = [
    "h100", "h200", "gb200", "_b200", "sglang", "trtllm", "vllm", "_agg_", "disagg",
];

/// Holds the rows of one comparison.
pub struct Side<'a> {
    /// The title of its part of the page.
    pub title: &'static str,
    /// What was compared.
    pub about: &'static str,
    asked: Vec<(&'a Outcome, Answer)>,
    wanted: usize,
}

impl<'a> Side<'a> {
    /// Compares on a sample of so many calibration rows.
    pub fn sample(
        outcomes: &'a [Outcome],
        answers: &BTreeMap<String, Answer>,
        wanted: usize,
    ) -> Self {
        Self {
            title: "Beside AIConfigurator 0.12.0",
            about: "A fixed sample of the calibration rows, by hash of their ids: `cli_estimate` \
                    of the package in its default database mode, rows in one process. Ours are \
                    by the fit without the row's fifth.",
            asked: pairs(outcomes, answers),
            wanted,
        }
    }

    /// Compares on the serving points of the ground truth.
    pub fn truth(outcomes: &'a [Outcome], answers: &BTreeMap<String, Answer>) -> Self {
        Self {
            title: "Beside AIConfigurator 0.12.0, on the ground truth",
            about: "The same of all serving points of the ground truth.",
            asked: pairs(outcomes, answers),
            wanted: outcomes.iter().filter(|row| row.first.is_some()).count(),
        }
    }

    /// Writes how many were answered, and the errors of both, of all and by what ids say.
    pub fn lines(&self) -> Vec<String> {
        let has_answer = |(_, answer): &&(&Outcome, Answer)| answer.times.is_some();
        let is_ours = |(row, _): &&(&Outcome, Answer)| row.is_answered();
        let mut lines = vec![
            format!(
                "{} of {} rows were asked; AIConfigurator answered {}, we {}.\n",
                self.asked.len(),
                self.wanted,
                self.asked.iter().filter(has_answer).count(),
                self.asked.iter().filter(is_ours).count()
            ),
            "| rows | count | token: theirs mean, median | token: ours | first: theirs mean, \
             median | first: ours |"
                .to_owned(),
            "|---|---|---|---|---|---|".to_owned(),
        ];
        lines.extend(self.compared("all it answers", ""));
        let named = |name: &&str| self.compared(name.trim_matches('_'), name);
        lines.extend(NAMES.iter().filter_map(named));
        lines.push(self.silent());
        lines
    }

    fn compared(&self, name: &str, of: &str) -> Option<String> {
        let mut found: [Vec<f64>; 4] = Default::default();
        for (row, answer) in self.asked.iter().filter(|(row, _)| row.id.contains(of)) {
            let [step, first] = errors(row, Some(answer));
            let own = row.first.map(|first| first.error);
            let all = [step, row.error, first, own];
            if let [Some(step), Some(ours), Some(first), Some(own)] = all {
                for (into, error) in found.iter_mut().zip([step, ours, first, own]) {
                    into.push(error);
                }
            }
        }
        let count = found[0].len();
        let [theirs, ours, first, own] = found.each_ref().map(|one| both(one));
        (count > 0).then(|| format!("| {name} | {count} | {theirs} | {ours} | {first} | {own} |"))
    }

    fn silent(&self) -> String {
        let rows = self.asked.iter();
        let rows = rows.filter(|(_, answer)| answer.times.is_none());
        let rows: Vec<&Outcome> = rows.map(|(row, _)| *row).collect();
        let steps: Vec<f64> = rows.iter().filter_map(|row| row.error).collect();
        let firsts = rows.iter().filter_map(|row| Some(row.first?.error));
        let (step, first) = (both(&steps), both(&firsts.collect::<Vec<_>>()));
        let count = rows.len();
        format!("| it has no answer | {count} | – | {step} | – | {first} |")
    }
}

/// Tells by how much an answer is off: its time of a token, and to the first.
pub fn errors(row: &Outcome, answer: Option<&Answer>) -> [Option<f64>; 2] {
    let times = answer.and_then(|answer| answer.times).zip(row.first);
    let off = times.map(|((step, start), first)| {
        let of = |predicted: f64, observed: f64| (predicted / observed - 1.0).abs();
        [of(step, row.observed_number), of(start, first.observed)]
    });
    off.map_or([None; 2], |both| both.map(Some))
}

fn pairs<'a>(
    outcomes: &'a [Outcome],
    answers: &BTreeMap<String, Answer>,
) -> Vec<(&'a Outcome, Answer)> {
    let asked = outcomes.iter();
    let asked = asked.filter_map(|row| Some((row, *answers.get(&row.id)?)));
    asked.collect()
}

fn both(of: &[f64]) -> String {
    format!("{}, {}", percent(mean(of)), percent(median(of)))
}

#[cfg(test)]
mod tests;
