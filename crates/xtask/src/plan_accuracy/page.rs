//! The page in Markdown. It must not measure anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan_accuracy::beside::{Side, errors};
use crate::plan_accuracy::error::{mean, median, percent, share};
use crate::plan_accuracy::rival::Answer;
use crate::plan_accuracy::table::{Outcome, Score};
use crate::shell::Fault;

/// Units of training throughput, which should be met within 15 %.
const RATES: &[&str] = &[
    "tokens_per_s_per_gpu",
    "s_per_step",
    "mfu_bf16",
    "hfu",
    "hw_tflops_per_gpu",
];
const RATE_AIM: f64 = 0.15;
/// Units of hours, which should be met within a factor of two.
const HOURS: &[&str] = &["gpu_hours", "gpu_hours_per_trillion_tokens"];
const HOURS_AIM: f64 = 2.0;

/// Is the page as it grows.
#[derive(Default)]
pub struct Page {
    summary: String,
    rows: String,
    skips: Vec<String>,
}

impl Page {
    /// Adds the ground truth: sums by kind, and every row.
    pub fn truth(
        &mut self,
        kinds: &[(String, String)],
        outcomes: &[Outcome],
        theirs: Option<&BTreeMap<String, Answer>>,
    ) {
        let kind: BTreeMap<&str, &str> = kinds
            .iter()
            .map(|(id, kind)| (id.as_str(), kind.as_str()))
            .collect();
        let mut by_kind: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
        for outcome in outcomes {
            let of = kind.get(outcome.id.as_str()).copied().unwrap_or("?");
            let is_serving = outcome.first.is_some();
            by_kind
                .entry(if is_serving { "serving point" } else { of })
                .or_default()
                .push(outcome);
        }
        self.head(
            "Ground truth, by kind",
            "Every row of `ground-truth.json`, by `tiergate plan rows`. Serving points are \
             predicted by a fit that has not seen their point; nothing is fitted to any other row.",
        );
        self.line("| kind | rows | answered | mean error | median | inside the interval |");
        self.line("|---|---|---|---|---|---|");
        for (kind, rows) in &by_kind {
            let answered = rows.iter().filter(|row| row.is_answered()).count();
            let errors: Vec<f64> = rows.iter().filter_map(|row| row.error).collect();
            let covered = share(rows.iter().filter_map(|row| row.is_covered));
            self.line(&format!(
                "| {kind} | {} | {answered} | {} | {} | {} |",
                rows.len(),
                percent(mean(&errors)),
                percent(median(&errors)),
                percent(covered)
            ));
        }
        self.training(outcomes);
        self.every(outcomes, theirs);
    }

    fn every(&mut self, outcomes: &[Outcome], theirs: Option<&BTreeMap<String, Answer>>) {
        let head =
            "| row | measured | predicted | unit | error | first token | AIConfigurator | by |";
        let _ = writeln!(self.rows, "{head}\n|---|---|---|---|---|---|---|---|");
        for row in outcomes {
            let (error, basis) = (percent(row.error), row.basis.replace('|', "/"));
            let first = percent(row.first.map(|first| first.error));
            let answer = theirs.and_then(|theirs| theirs.get(&row.id));
            let theirs = match errors(row, answer) {
                [None, None] => percent(None),
                both => both.map(percent).join(", "),
            };
            let Outcome {
                id,
                observed,
                predicted,
                unit,
                ..
            } = row;
            let _ = writeln!(
                self.rows,
                "| {id} | {observed} | {predicted} | {unit} | {error} | {first} | {theirs} \
                 | {basis} |"
            );
        }
    }

    fn training(&mut self, outcomes: &[Outcome]) {
        let of = |units: &[&str]| -> Vec<&Outcome> {
            let is_it = |row: &&Outcome| units.contains(&row.unit.as_str());
            outcomes.iter().filter(is_it).collect()
        };
        let near = |row: &&&Outcome| row.error.is_some_and(|error| error <= RATE_AIM);
        let close = |row: &&&Outcome| {
            row.ratio
                .is_some_and(|ratio| (1.0 / HOURS_AIM..=HOURS_AIM).contains(&ratio))
        };
        let (rates, hours) = (of(RATES), of(HOURS));
        let (rates_met, hours_met) = (
            rates.iter().filter(near).count(),
            hours.iter().filter(close).count(),
        );
        self.line(&format!(
            "\nTraining: {rates_met} of {} rates are within 15 %, {hours_met} of {} GPU-hours \
             within a factor of two. Not met:\n",
            rates.len(),
            hours.len()
        ));
        let missed = rates.iter().filter(|row| !near(row));
        for row in missed.chain(hours.iter().filter(|row| !close(row))) {
            let Outcome {
                id,
                observed,
                predicted,
                unit,
                ..
            } = row;
            self.line(&format!("- {id}: {predicted} for {observed} {unit}"));
        }
    }

    /// Adds what the fit says of rows that it had not seen.
    pub fn scores(&mut self, scores: &[Score]) {
        self.head(
            "Serving, what the fit had not seen",
            "The calibration rows that state how many requests were in flight, each predicted by a \
             fit without its fifth of the points, its fifth of the degrees, its fifth of the \
             combinations, its accelerator, its model family, or both. Written by `tiergate plan \
             calibrate` into the coefficients; remake them to check.",
        );
        self.line(
            "| held out | predicted | mean error | median | inside the interval | half width |",
        );
        self.line("|---|---|---|---|---|---|");
        for score in scores {
            let Score {
                measure,
                held_out,
                numbers,
            } = score;
            let [mean, median, covered, width] = numbers.map(|one| percent(Some(one)));
            let measure = if measure == "step" {
                "time of a token"
            } else {
                "first token"
            };
            self.line(&format!(
                "| {held_out} | {measure} | {mean} | {median} | {covered} | {width} |"
            ));
        }
    }

    /// Adds the calibration rows as the shipped command predicts them.
    pub fn points(&mut self, outcomes: &[Outcome]) {
        self.head(
            "Serving, as `plan rows` answers",
            "All calibration rows through the command, each by the fit without its fifth of the \
             points.",
        );
        self.line("| predicted | rows | mean error | median | inside the interval | half width |");
        self.line("|---|---|---|---|---|---|");
        let own = |row: &Outcome| Some((row.error?, row.is_covered?, row.half_width?));
        let first = |row: &Outcome| {
            row.first
                .map(|first| (first.error, first.is_covered, first.half_width))
        };
        let steps: Vec<_> = outcomes.iter().filter_map(own).collect();
        let firsts: Vec<_> = outcomes.iter().filter_map(first).collect();
        for (name, found) in [("time of a token", steps), ("first token", firsts)] {
            let errors: Vec<f64> = found.iter().map(|one| one.0).collect();
            let widths: Vec<f64> = found.iter().map(|one| one.2).collect();
            let covered = share(found.iter().map(|one| one.1));
            self.line(&format!(
                "| {name} | {} | {} | {} | {} | {} |",
                found.len(),
                percent(mean(&errors)),
                percent(median(&errors)),
                percent(covered),
                percent(median(&widths))
            ));
        }
    }

    /// Adds the comparison with AIConfigurator on some rows.
    pub fn beside(&mut self, side: &Side<'_>) {
        self.head(side.title, side.about);
        for line in side.lines() {
            self.line(&line);
        }
    }

    /// Takes what is there, or notes that it is missing.
    pub fn or_skip<T>(&mut self, what: &str, found: Result<T, Fault>) -> Option<T> {
        match found {
            Ok(found) => Some(found),
            Err(fault) => {
                println!("skipped: {what}: {fault}");
                self.skips.push(format!("{what}: {fault}"));
                None
            }
        }
    }

    /// Writes all.
    pub fn written(self) -> String {
        let Self {
            summary,
            rows,
            skips,
        } = self;
        let mut text = "# How far `tiergate plan` is off\n\n".to_owned();
        text += "Made by `cargo xtask plan-accuracy DIR`; not edited. Errors are ";
        text += "`|predicted / measured − 1|`; intervals state 80 %. What the numbers rest on ";
        text += "stands in [plan.md](plan.md).\n";
        text += &summary;
        if !skips.is_empty() {
            text += "\n## Left out\n\n";
            for skip in skips {
                let _ = writeln!(text, "- {skip}");
            }
        }
        text += "\n## Every row of the ground truth\n\nOurs: the error of the row's own figure, ";
        text += "and of the time to the first token. AIConfigurator: the\nsame two, – where it ";
        text += "has no answer or was not asked.\n\n";
        text + &rows
    }

    fn head(&mut self, title: &str, about: &str) {
        let _ = write!(self.summary, "\n## {title}\n\n{about}\n\n");
    }

    fn line(&mut self, line: &str) {
        self.summary += line;
        self.summary.push('\n');
    }
}
