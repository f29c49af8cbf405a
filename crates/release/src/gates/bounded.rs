//! Bounds the share of a suite's cases that went wrong, for the gates that allow only so much of
//! it. It must not know what went wrong.

use std::collections::BTreeMap;

use domain::GateSpec;

use super::evals::{ALPHA, Counted, MAX_AGE, MAX_AGE_DAYS, SUITE, newest};
use super::parameter::{Kind, Parameter, count, fraction, name};
use crate::dossier::{Dossier, EvalRun, Item};
use crate::stats::{FEWEST_CLUSTERS, alpha_of_attempt, clopper_pearson_upper};
use crate::verdict::{Judgement, Verdict};

/// Lists the parameters of such a gate.
pub(super) const PARAMETERS: &[Parameter] = &[
    SUITE,
    Parameter {
        name: "at_most",
        kind: Kind::Fraction,
        default: None,
        about: "what the upper bound of the share may be, 0 to 1; 0 is never shown",
    },
    MAX_AGE,
];

/// Names a gate and what it counts.
pub(super) struct Bounded {
    pub(super) gate: &'static str,
    /// What one case that went wrong is, in the plural.
    pub(super) wrong: &'static str,
}

/// Counts a run's cases and clusters, and those that went wrong.
#[derive(Clone, Copy)]
struct Tally {
    items: u64,
    clusters: u64,
    wrong_items: u64,
    wrong_clusters: u64,
}

/// Holds what a run is measured by.
struct Bar {
    at_most: f64,
    alpha: f64,
    attempts: u32,
    never_brought: u32,
}

/// Judges the newest run of a suite on the candidate: its one-sided Clopper-Pearson bound, over
/// clusters, is at most what the spec allows.
pub(super) fn judge(bounded: &Bounded, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
    let suite = name(spec, "suite");
    let max_age = count(spec, "max_age_days", MAX_AGE_DAYS);
    let candidate = &dossier.plan.candidate.digest;
    match newest(dossier, suite, candidate, max_age) {
        Err(why) => Verdict::unclear(bounded.gate, why),
        Ok(counted) => of_run(bounded, &counted, fraction(spec, "at_most", 0.0)),
    }
}

fn of_run(bounded: &Bounded, counted: &Counted<'_>, at_most: f64) -> Verdict {
    let tally = Tally::of(&counted.run.items);
    let bar = Bar {
        at_most,
        alpha: alpha_of_attempt(ALPHA, counted.attempts),
        attempts: counted.attempts,
        never_brought: counted.never_brought,
    };
    match needed(at_most, bar.alpha) {
        None => {
            let reason = "no number of cases shows a share of 0: let `at_most` be above 0";
            Verdict::new(bounded.gate, Judgement::Inconclusive, reason)
        }
        Some(needed) if tally.clusters < needed => too_few(bounded, tally, &bar, needed),
        Some(_) => bound(bounded, counted.run, tally, &bar),
    }
}

/// Says that even without anything wrong the run could not have shown it. The next run is one
/// more attempt, which needs more than this one did.
fn too_few(bounded: &Bounded, tally: Tally, bar: &Bar, needed: u64) -> Verdict {
    let after = alpha_of_attempt(ALPHA, bar.attempts.saturating_add(1));
    let next = self::needed(bar.at_most, after).unwrap_or(u64::MAX);
    let (clusters, at_most, wrong) = (tally.clusters, bar.at_most, bounded.wrong);
    let reason = format!(
        "{clusters} clusters cannot show that at most {at_most} are {wrong}, not even without \
         any: it takes {needed} in this attempt and {next} in the next one, so bring a run of at \
         least {next}"
    );
    let verdict = Verdict::new(bounded.gate, Judgement::Inconclusive, reason);
    with_numbers(verdict, tally, bar)
        .with("needed", needed as f64)
        .with("needed_next", next as f64)
}

/// Compares the bound with what is allowed. A scorer that misses some of what it should find makes
/// the bound higher; one that finds too much never makes it lower.
// INVARIANT: a known error never turns a failure into a pass; held by
// `tests::bounded::a_scorers_known_error_only_raises_the_bound`.
fn bound(bounded: &Bounded, run: &EvalRun, tally: Tally, bar: &Bar) -> Verdict {
    let found = clopper_pearson_upper(tally.hits(), tally.clusters, bar.alpha);
    let corrected = run.known_error.map(|error| error.corrected(found));
    if corrected == Some(None) {
        let reason = "the run's scorer finds no more than chance does: score it with another";
        let verdict = Verdict::new(bounded.gate, Judgement::Inconclusive, reason);
        return with_numbers(verdict, tally, bar);
    }
    let corrected = corrected.flatten();
    let upper = corrected.map_or(found, |corrected| corrected.max(found));
    let (judgement, word) = if upper <= bar.at_most {
        (Judgement::Pass, "is at most")
    } else {
        (Judgement::Fail, "is above")
    };
    let reason = format!(
        "the upper bound {upper:.4} of the share of {} on suite `{}`, {} in {} clusters, \
         {word} {}",
        bounded.wrong,
        run.suite,
        tally.hits(),
        tally.clusters,
        bar.at_most
    );
    let verdict = Verdict::new(bounded.gate, judgement, reason);
    let verdict = with_numbers(verdict, tally, bar).with("upper", upper);
    match (run.known_error, corrected) {
        (Some(error), Some(corrected)) => verdict
            .with("upper_as_found", found)
            .with("upper_corrected", corrected)
            .with("scorer_sensitivity", error.sensitivity)
            .with("scorer_specificity", error.specificity),
        _ => verdict,
    }
}

fn with_numbers(verdict: Verdict, tally: Tally, bar: &Bar) -> Verdict {
    verdict
        .with("items", tally.items as f64)
        .with("clusters", tally.clusters as f64)
        .with("wrong_items", tally.wrong_items as f64)
        .with("hits", tally.hits() as f64)
        .with("at_most", bar.at_most)
        .with("alpha", bar.alpha)
        .with("attempts", f64::from(bar.attempts))
        .with_some("never_brought", bar.never_brought)
}

impl Tally {
    fn of(items: &[Item]) -> Self {
        let mut clusters: BTreeMap<&str, u64> = BTreeMap::new();
        for item in items {
            *clusters.entry(item.cluster.as_str()).or_default() += u64::from(went_wrong(item));
        }
        Self {
            items: items.len() as u64,
            clusters: clusters.len() as u64,
            wrong_items: clusters.values().sum(),
            wrong_clusters: clusters.values().filter(|wrong| **wrong > 0).count() as u64,
        }
    }

    /// Counts the clusters that something went wrong in, and more where the wrong cases crowd
    /// into large ones: the share of clusters is never below the share of cases.
    // INVARIANT: one more case that goes wrong never lowers the bound; held by
    // `tests::bounded::one_more_hit_never_helps`.
    fn hits(self) -> u64 {
        let of_items = (self.wrong_items * self.clusters).div_ceil(self.items.max(1));
        self.wrong_clusters.max(of_items)
    }
}

/// Tells whether a case went wrong: only a full score says that it did not, so that a doubt of
/// the scorer, and what is no number, closes.
fn went_wrong(item: &Item) -> bool {
    item.score < 1.0 || item.score.is_nan()
}

/// Computes the fewest clusters that can show the share, none of them wrong; none where it cannot
/// be shown at all.
fn needed(at_most: f64, alpha: f64) -> Option<u64> {
    let clusters = (alpha.ln() / (-at_most).ln_1p()).ceil();
    // Of none wrong in `n` the bound is 1 − alpha^(1/n).
    (at_most > 0.0).then(|| (clusters as u64).max(FEWEST_CLUSTERS as u64))
}
