//! The gate `canary`: live traffic of the candidate, beside the incumbent's of the same days or
//! against a fixed bound, looked at after every request.

use domain::GateSpec;

use super::gate::{Acts, Gate};
use super::parameter::{Kind, Parameter, SpecFault};
use crate::dossier::Dossier;
use crate::stats::{FEWEST_CLUSTERS, newcombe_difference};
use crate::verdict::{Judgement, Verdict};
use crate::watch::{self, Bound, CANARY, Criterion, Reading, Scale, Watch};

/// Judges one metric of the candidate's traffic.
pub(super) struct Canary;

/// The fewest conversations of an arm: each is a cluster of requests.
const FEWEST: u64 = FEWEST_CLUSTERS as u64;
/// How unequal reports may be before they say more of who reports than of the models.
const REPORT_ALPHA: f64 = 0.001;

/// Describes a parameter of which one of several is written.
const fn of(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter {
        name,
        kind,
        default: Some("none"),
        about,
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "metric",
        kind: Kind::Name,
        default: None,
        about: "success_rate, refusal_rate, fallback_rate, truncation_rate, error_rate, \
                        schema_invalid_rate, tool_call_invalid_rate, outcome, first_token_ms, \
                        latency_ms or cost",
    },
    of(
        "max_increase",
        Kind::Amount,
        "how much worse than the incumbent it may be: points of a rate, or a part of a \
                 time or cost, such as 0.2 for a fifth",
    ),
    of(
        "max_decrease",
        Kind::Fraction,
        "the same in points of success_rate or outcome",
    ),
    of(
        "at_most",
        Kind::Amount,
        "what it may be at most: a rate, milliseconds or US dollars a request",
    ),
    of(
        "at_least",
        Kind::Fraction,
        "what success_rate or outcome have to be at least",
    ),
    Parameter {
        name: "quantile",
        kind: Kind::Fraction,
        default: Some("0.95"),
        about: "which quantile of times is compared",
    },
    Parameter {
        name: "quiet_s",
        kind: Kind::Count,
        default: Some("60"),
        about: "how many seconds without a request or report close a conversation",
    },
    Parameter {
        name: "alpha",
        kind: Kind::Fraction,
        default: Some("0.05"),
        about: "the error rate over all looks",
    },
];

impl Gate for Canary {
    fn name(&self) -> &'static str {
        CANARY
    }

    fn about(&self) -> &'static str {
        "Watches one metric of the live traffic. A conversation counts once, with the mean of its \
         requests, when it has been quiet for `quiet_s`; beside an incumbent each is paired with \
         incumbent conversations of the same time. Fails once it is shown that the candidate is \
         worse than the bound allows, passes while it is shown that it is not, and says neither \
         under 30 conversations, or where callers report outcomes of one arm more than of the \
         other. A split that is not the declared one is never a pass, and no failure either beside \
         an incumbent. Both are e-values that may be looked at any \
         time: `alpha` is split over a stage's canary criteria for failing, and over the times \
         that the candidate entered the stage for passing."
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn check(&self, spec: &GateSpec) -> Result<(), SpecFault> {
        let fault = |(parameter, mend): (&'static str, String)| SpecFault {
            parameter: Some(parameter.to_owned()),
            what: format!("the criterion does not say what to watch: `{parameter}`"),
            mend,
        };
        let asked = watch::asked(spec).map_err(fault)?;
        let is_share = |value: f64| value > 0.0 && value < 1.0;
        if is_share(asked.alpha) && is_share(asked.quantile) {
            return Ok(());
        }
        let parameter = if is_share(asked.alpha) {
            "quantile"
        } else {
            "alpha"
        };
        Err(fault((
            parameter,
            "write a number between 0 and 1".to_owned(),
        )))
    }

    fn acts(&self) -> Option<Acts> {
        Some(Acts::RollBack)
    }

    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        let none = |reason: &str| Verdict::new(CANARY, Judgement::Inconclusive, reason);
        let Some(watch) = dossier.watch else {
            return none("no traffic is watched: the release is in no open stage");
        };
        match watch.criterion(spec) {
            None => none("this criterion is not watched in the present stage"),
            Some(criterion) => of_criterion(criterion, watch),
        }
    }
}

fn of_criterion(criterion: &Criterion, watch: &Watch) -> Verdict {
    let reading = criterion.reading();
    let (judgement, reason) = judged(criterion, &reading, watch);
    let name = criterion.asked.metric.name;
    let verdict = Verdict::new(CANARY, judgement, format!("{name}: {reason}"));
    with_numbers(verdict, criterion, &reading)
}

fn judged(criterion: &Criterion, reading: &Reading, watch: &Watch) -> (Judgement, String) {
    let is_beside = matches!(criterion.asked.bound, Bound::Worse(_));
    let fewest = if is_beside {
        reading.counted[0].min(reading.counted[1])
    } else {
        reading.counted[0]
    };
    let told = told(criterion, reading);
    let open = |reason: String| (Judgement::Inconclusive, reason);
    let is_skewed = watch.split().is_mismatch();
    if is_beside && fewest >= FEWEST && is_skewed {
        return open(format!("the split is not the one declared: {told}"));
    }
    if fewest >= FEWEST && reading.is_harmful {
        return (Judgement::Fail, format!("worse than allowed: {told}"));
    }
    if reading.counted[0] == 0 {
        return open("no conversation of the candidate has closed yet".to_owned());
    }
    if is_beside && !watch.has_both_arms() && !reading.is_safe {
        return open(format!(
            "the candidate has all the traffic, and nothing is beside it to compare with: {told}"
        ));
    }
    if fewest < FEWEST {
        return open(format!("{fewest} of {FEWEST} conversations: {told}"));
    }
    if criterion.asked.metric.scale == Scale::Usd && reading.unpriced > 0 {
        let unpriced = reading.unpriced;
        return open(format!("{unpriced} conversations have no price: {told}"));
    }
    if let Some(unequal) = unequal_reports(criterion, reading, is_beside) {
        return open(unequal);
    }
    if reading
        .estimate
        .is_some_and(|one| reading.interval.excludes(one))
    {
        return open(format!(
            "its interval excludes its own estimate, as when it drifts: {told}"
        ));
    }
    // Against a fixed bound a skewed split hides no harm, but whoever is missing may be harmed.
    if is_skewed {
        return open(format!("the split is not the one declared: {told}"));
    }
    if reading.is_safe {
        return (Judgement::Pass, format!("as good as asked: {told}"));
    }
    open(format!("not shown yet: {told}"))
}

/// Tells where callers report more of one arm than of the other.
fn unequal_reports(criterion: &Criterion, reading: &Reading, is_beside: bool) -> Option<String> {
    if criterion.asked.metric.name != watch::OUTCOME || !is_beside {
        return None;
    }
    let pair = |arm: usize| {
        let counted = reading.counted.get(arm).copied().unwrap_or_default();
        let closed = reading.closed.get(arm).copied().unwrap_or_default();
        (counted as f64, closed as f64)
    };
    let (ours, theirs) = (pair(0), pair(1));
    let difference = newcombe_difference(ours, theirs, REPORT_ALPHA);
    difference.excludes(0.0).then(|| {
        format!(
            "outcomes of {} of {} candidate conversations are reported, and of {} of {} of the \
             incumbent's: let callers report both alike",
            ours.0, ours.1, theirs.0, theirs.1
        )
    })
}

/// Tells the numbers in words.
fn told(criterion: &Criterion, reading: &Reading) -> String {
    let asked = &criterion.asked;
    let number = |value: Option<f64>| value.map_or("unknown".to_owned(), |one| format!("{one:.4}"));
    let [ours, theirs] = reading.means;
    let quantile = asked.quantile;
    let bound = match (asked.metric.scale, asked.bound) {
        (Scale::Good, Bound::Worse(most)) => format!("at most {most} below it"),
        (Scale::Bad, Bound::Worse(most)) => format!("at most {most} above it"),
        (Scale::Milliseconds, Bound::Worse(most)) => {
            format!("the quantile {quantile} at most {most} of it longer")
        }
        (Scale::Usd, Bound::Worse(most)) => format!("at most {most} of it more"),
        (Scale::Good, Bound::Absolute(most)) => format!("at least {:.4} is asked", 1.0 - most),
        (Scale::Milliseconds, Bound::Absolute(most)) => {
            format!("the quantile {quantile} at most {most}")
        }
        (_, Bound::Absolute(most)) => format!("at most {most} is allowed"),
    };
    let beside = match asked.bound {
        Bound::Worse(_) => format!(" beside {}, allowed is {bound}", number(theirs)),
        Bound::Absolute(_) => format!(", {bound}"),
    };
    let count = match asked.bound {
        Bound::Worse(_) => format!("{} and {}", reading.counted[0], reading.counted[1]),
        Bound::Absolute(_) => reading.counted[0].to_string(),
    };
    format!("mean {}{beside}; {count} conversations", number(ours))
}

fn with_numbers(verdict: Verdict, criterion: &Criterion, reading: &Reading) -> Verdict {
    let mut verdict = verdict
        .with("conversations", reading.counted[0] as f64)
        .with("incumbent_conversations", reading.counted[1] as f64)
        .with("alpha", criterion.asked.alpha)
        .with("alpha_fail", criterion.alphas.harm)
        .with("alpha_pass", criterion.alphas.safety);
    let known = [
        ("mean", reading.means[0]),
        ("incumbent_mean", reading.means[1]),
        ("estimate", reading.estimate),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            verdict = verdict.with(name, value);
        }
    }
    if reading.interval.lower.is_finite() {
        verdict = verdict
            .with("lower", reading.interval.lower)
            .with("upper", reading.interval.upper);
    }
    if let Some([harm, safety]) = reading.e_values {
        verdict = verdict.with("e_fail", harm).with("e_pass", safety);
    }
    verdict
}
