//! The eval runs of a card: what each measured, with its interval, and the arms compared. Every
//! interval is computed here from the rows; none is taken from a file. It must not judge.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::SuiteName;
use release::EvalRun;
use release::stats::{Clustered, clustered_mean, wilson};
use store::{Arm, EvidenceRow};

use super::names::Names;
use super::shown::{Comparison, Erasure, Estimate, Fact, File, Run, Spoilt};
use crate::payload::{self, Payload};
use crate::record::{EvidenceErased, EvidenceTaken, FileTaken, FileTold};

/// One minus the level of every interval that a card draws.
const ALPHA: f64 = 0.05;

/// A run with what the store holds of it.
struct Known {
    index: u64,
    arm: Option<Arm>,
    run: EvalRun,
    file: Option<FileTold>,
    /// The entry that erased it.
    erased: Option<u64>,
}

/// Shows the runs that the ledger names, and the newest of both arms compared.
pub(super) fn shown(
    taken: &[Fact<EvidenceTaken>],
    erased: &[Fact<EvidenceErased>],
    rows: &[EvidenceRow],
    names: &Names,
) -> (Vec<Fact<Run>>, Vec<Comparison>) {
    let rows: HashMap<&str, &EvidenceRow> =
        rows.iter().map(|row| (row.id.0.as_str(), row)).collect();
    let known = |fact: &Fact<EvidenceTaken>| {
        let id = fact.shown.id.as_str();
        let erased = erased.iter().find(|one| one.shown.id == id);
        known(fact, rows.get(id).copied(), erased)
    };
    let known: Vec<Known> = taken.iter().map(known).collect();
    let mut attempts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut shown = Vec::new();
    for (fact, known) in taken.iter().zip(&known) {
        let key = (fact.shown.suite.as_str(), fact.shown.digest.as_str());
        let attempt = attempts.entry(key).or_default();
        *attempt += 1;
        shown.push(fact.with(run(&fact.shown, known, *attempt, names)));
    }
    (shown, comparisons(&known))
}

/// Shows what was erased, each with the entry of the evidence where the ledger has one.
pub(super) fn erasures(
    erased: &[Fact<EvidenceErased>],
    taken: &[Fact<EvidenceTaken>],
    names: &Names,
) -> Vec<Fact<Erasure>> {
    let shown = |fact: &Fact<EvidenceErased>| {
        let one = &fact.shown;
        let of = taken.iter().find(|taken| taken.shown.id == one.id);
        fact.with(Erasure {
            of: of.map(|taken| taken.index),
            evidence: Some(one.id.clone()),
            by: names.by(&one.by),
            reason: Some(one.reason.clone()),
        })
    };
    erased.iter().map(shown).collect()
}

/// Reads a run's rows; rows that are not those of the ledger are none.
fn known(
    fact: &Fact<EvidenceTaken>,
    row: Option<&EvidenceRow>,
    erased: Option<&Fact<EvidenceErased>>,
) -> Known {
    let taken = &fact.shown;
    let by = erased.map(|one| &one.shown);
    let Payload { run, file } = payload::counted((taken, fact.at), row, by);
    let older = taken.file.as_ref().and_then(|file| file.told.clone());
    Known {
        index: fact.index,
        arm: arm(taken).or(row.map(|row| row.arm)),
        run,
        file: file.or(older),
        erased: erased.map(|one| one.index),
    }
}

fn arm(taken: &EvidenceTaken) -> Option<Arm> {
    let arms = [Arm::Candidate, Arm::Incumbent];
    let named = |arm: &Arm| taken.arm.as_deref() == Some(arm.as_str());
    arms.into_iter().find(named)
}

fn run(taken: &EvidenceTaken, known: &Known, attempt: u32, names: &Names) -> Run {
    let items = &known.run.items;
    let spoilt = spoilt(&known.run);
    let mean = clustered_mean(items.iter().map(|item| (item.cluster.as_str(), item.score)));
    Run {
        evidence: Some(taken.id.clone()),
        arm: known.arm.map(|arm| arm.to_string()),
        suite: taken.suite.clone(),
        suite_digest: taken.suite_digest.clone(),
        digest: taken.digest.clone(),
        attempt,
        by: names.by(&taken.by),
        rows: Some(taken.rows.clone()),
        items: items.len(),
        clusters: mean.map_or(0, |mean| mean.clusters),
        mean: mean.filter(|_| spoilt.is_empty()).map(of_mean),
        spoilt,
        file: taken.file.as_ref().map(|taken| file(taken, known)),
        erased: known.erased,
    }
}

fn file(taken: &FileTaken, of: &Known) -> File {
    let known = taken.known_error;
    let told = of.file.as_ref();
    File {
        digest: told.map(|told| told.digest.clone()),
        source: taken.source.clone(),
        tool_version: told.and_then(|told| told.tool_version.clone()),
        scorer: told.and_then(|told| told.scorer.clone()),
        sensitivity: known.map(|error| error.sensitivity),
        specificity: known.map(|error| error.specificity),
        requests: taken.requests.clone(),
        warnings: told.map_or(Vec::new(), |told| told.warnings.clone()),
    }
}

/// Gives each reason once, with how many items it spoils; that of the run as a whole comes first.
fn spoilt(run: &EvalRun) -> Vec<Spoilt> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in run.items.iter().filter_map(|item| item.spoilt.as_deref()) {
        *counts.entry(reason).or_default() += 1;
    }
    let whole = run.spoilt.iter().map(|reason| Spoilt {
        reason: Some(reason.clone()),
        items: None,
    });
    let of_items = counts.into_iter().map(|(reason, count)| Spoilt {
        reason: Some(reason.to_owned()),
        items: Some(count),
    });
    whole.chain(of_items).collect()
}

/// Puts Wilson's interval around a mean score, with the clusters as its observations.
fn of_mean(mean: Clustered) -> Estimate {
    let clusters = mean.clusters as f64;
    let interval = wilson(mean.mean * clusters, clusters, ALPHA);
    Estimate {
        value: mean.mean,
        lower: interval.lower,
        upper: interval.upper,
    }
}

fn comparisons(known: &[Known]) -> Vec<Comparison> {
    let suites: BTreeSet<&SuiteName> = known.iter().map(|one| &one.run.suite).collect();
    let newest = |suite: &SuiteName, arm: Arm| {
        let mut back = known.iter().rev();
        back.find(|one| one.run.suite == *suite && one.arm == Some(arm))
    };
    let pair = |suite| {
        Some((
            newest(suite, Arm::Candidate)?,
            newest(suite, Arm::Incumbent)?,
        ))
    };
    suites
        .into_iter()
        .filter_map(pair)
        .map(|(candidate, incumbent)| compared(candidate, incumbent))
        .collect()
}

fn compared(candidate: &Known, incumbent: &Known) -> Comparison {
    let difference = difference(candidate, incumbent);
    let measured = difference.as_ref().ok();
    Comparison {
        suite: candidate.run.suite.clone(),
        candidate: candidate.index,
        incumbent: incumbent.index,
        items: measured.map_or(0, |one| one.count),
        clusters: measured.map_or(0, |one| one.clusters),
        difference: measured.filter(|one| one.clusters > 1).map(of_difference),
        why_not: match &difference {
            Err(why) => Some((*why).to_owned()),
            Ok(one) if one.clusters < 2 => {
                Some("one cluster tells nothing of the error".to_owned())
            }
            Ok(_) => None,
        },
    }
}

/// Pairs two runs item by item.
fn difference(candidate: &Known, incumbent: &Known) -> Result<Clustered, &'static str> {
    if [candidate, incumbent]
        .iter()
        .any(|one| !spoilt(&one.run).is_empty())
    {
        return Err("one of the two runs cannot be used");
    }
    if candidate.run.suite_digest != incumbent.run.suite_digest {
        return Err("the suite has changed between the two runs");
    }
    let measured = release::paired_difference(&candidate.run, &incumbent.run);
    measured.map_err(|_| "the two runs do not hold the same items")
}

/// Puts the cluster-robust interval around a difference; it is as wide on both sides.
fn of_difference(difference: &Clustered) -> Estimate {
    let lower = difference.lower(ALPHA / 2.0);
    Estimate {
        value: difference.mean,
        lower: lower.max(-1.0),
        upper: (2.0 * difference.mean - lower).min(1.0),
    }
}
