//! Cascades by hand-worked numbers, by laws that hold for any outcomes, and by the outcomes of two
//! real tiers that lie beside the checkout.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::Path;

use plan::cascade::outcomes::{Names, Outcomes, read};
use plan::cascade::{
    Held, Over, Question, Rates, Study, Titles, Verifier, Way, page, usual_feature,
};
use proptest::prelude::*;

const VERIFIER: Verifier = Verifier {
    sensitivity: 0.8,
    specificity: 0.9,
};
/// USD a million tokens of a small and a large model of 2023; the test asks how well cost is
/// predicted, for which any prices do.
const RATES: Rates = Rates {
    cheap: Some([0.6, 0.6]),
    strong: Some([10.0, 30.0]),
    chars_per_token: 4.0,
    verifier: 0.0,
};

fn question(outcomes: &Outcomes, verifier: Verifier) -> Question<'_> {
    Question {
        outcomes,
        verifier,
        rates: RATES,
        feature: usual_feature(outcomes),
        prior: 20.0,
        over: Over::TheLongRun,
        seed: 1,
    }
}

/// Writes so many items of each kind: both right, cheap alone, strong alone, neither.
fn outcomes(counts: [usize; 4]) -> Outcomes {
    let mut text =
        "cheap_correct,strong_correct,prompt_tokens,cheap_answer_tokens,strong_answer_tokens\n"
            .to_owned();
    for (count, right) in counts.iter().zip(["1,1", "1,0", "0,1", "0,0"]) {
        for place in 0..*count {
            let _ = writeln!(text, "{right},{},100,200", 1_000 + place % 7);
        }
    }
    read(&text, &Names::default()).expect("a table")
}

fn quality(question: &Question<'_>, way: Way) -> f64 {
    question.one(way).expect("a way").measured.quality.value
}

#[track_caller]
fn near(one: f64, other: f64) {
    assert!((one - other).abs() < 1e-9, "{one} is not {other}");
}

#[test]
fn a_verifier_comes_to_what_it_does_by_hand() {
    // Of a hundred items both get 40 right, the cheap tier alone 10, the strong one alone 30.
    let outcomes = outcomes([40, 10, 30, 20]);
    let asked = question(&outcomes, VERIFIER);
    // 0.4 + 0.9 × 0.1 + 0.8 × 0.3; sent on are 0.1 of the right half and 0.8 of the wrong one.
    let point = asked.one(Way::Verified(1.0)).expect("a way").measured;
    near(point.quality.value, 0.73);
    near(point.strong_share, 0.45);
    // A lot with the same share: 0.5 + 0.45 × 0.2.
    near(point.over_lot.value, 0.73 - 0.59);
    near(quality(&asked, Way::Lot(0.0)), 0.5);
    near(quality(&asked, Way::Lot(1.0)), 0.7);
    near(quality(&asked, Way::Lot(0.5)), 0.6);
    near(quality(&asked, Way::Oracle(1.0)), 0.8);
    // Half of what the oracle needs.
    near(quality(&asked, Way::Oracle(0.5)), 0.65);
}

#[test]
fn a_cascade_costs_the_cheap_answer_first() {
    let outcomes = outcomes([40, 0, 0, 0]);
    let rates = Rates {
        verifier: 0.001,
        ..RATES
    };
    let asked = Question {
        rates,
        ..question(&outcomes, VERIFIER)
    };
    let usd = |way: Way| {
        asked
            .one(way)
            .expect("a way")
            .measured
            .usd
            .expect("costs")
            .value
    };
    let input: f64 = (0..40)
        .map(|place| f64::from(1_000 + place % 7))
        .sum::<f64>()
        / 40.0;
    let (cheap, strong) = (
        (input + 100.0) * 0.6e-6,
        (input * 10.0 + 200.0 * 30.0) * 1e-6,
    );
    near(usd(Way::Lot(0.0)), cheap);
    near(usd(Way::Lot(1.0)), strong);
    // All are right, a tenth is sent on in error, each answer is looked at.
    near(usd(Way::Verified(1.0)), cheap + 0.001 + 0.1 * strong);
}

#[test]
fn a_cost_that_one_item_does_not_tell_is_not_known() {
    let mut outcomes = outcomes([40, 10, 30, 20]);
    let known = |outcomes: &Outcomes| question(outcomes, VERIFIER).one(Way::Lot(0.5)).unwrap();
    assert!(known(&outcomes).measured.usd.is_some());
    outcomes.items[70].strong.length = None;
    assert!(known(&outcomes).measured.usd.is_none());
}

fn counts() -> impl Strategy<Value = [usize; 4]> {
    prop::array::uniform4(0..60_usize)
        .prop_filter("enough items", |counts| counts.iter().sum::<usize>() >= 30)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_is_above_the_oracle_and_a_lot_is_between_its_parts(
        counts in counts(),
        sensitivity in 0.0..=1.0_f64,
        specificity in 0.0..=1.0_f64,
        share in 0.0..=1.0_f64,
    ) {
        let outcomes = outcomes(counts);
        let verifier = Verifier { sensitivity, specificity };
        let asked = question(&outcomes, verifier);
        let best = quality(&asked, Way::Oracle(1.0));
        for way in [
            Way::Lot(share), Way::Verified(share), Way::Ruled(share), Way::Oracle(share),
            Way::VerifiedShuffled(share), Way::RuledShuffled(share),
        ] {
            let point = asked.one(way).expect("a way").measured;
            let quality = point.quality;
            prop_assert!(quality.value <= best + 1e-9, "{way}: {} above {best}", quality.value);
            // The oracle with the same share knows best whom to send.
            let same = quality_at(&asked, point.strong_share);
            prop_assert!(quality.value <= same + 1e-9, "{way}: {} above {same}", quality.value);
            prop_assert!(quality.holds(quality.value) && quality.low >= 0.0 && quality.high <= 1.0);
            let usd = point.usd.expect("costs");
            prop_assert!(usd.low >= 0.0 && usd.value >= 0.0);
        }
        let (cheap, strong) = (quality(&asked, Way::Lot(0.0)), quality(&asked, Way::Lot(1.0)));
        let lot = quality(&asked, Way::Lot(share));
        prop_assert!(lot >= cheap.min(strong) - 1e-9 && lot <= cheap.max(strong) + 1e-9);
    }

    #[test]
    fn a_perfect_verifier_is_no_worse_than_either_part_and_no_better_than_the_oracle(
        counts in counts(),
    ) {
        let outcomes = outcomes(counts);
        let perfect = Verifier { sensitivity: 1.0, specificity: 1.0 };
        let asked = question(&outcomes, perfect);
        let verified = quality(&asked, Way::Verified(1.0));
        let parts = [Way::Lot(0.0), Way::Lot(1.0)].map(|way| quality(&asked, way));
        prop_assert!(parts.iter().all(|part| verified >= part - 1e-9));
        let best = quality(&asked, Way::Oracle(1.0));
        prop_assert!((verified - best).abs() < 1e-9);
    }

    #[test]
    fn a_better_verifier_is_never_worse(
        counts in counts(),
        sensitivity in 0.0..=1.0_f64,
        specificity in 0.0..=1.0_f64,
        better in 0.0..=1.0_f64,
    ) {
        let outcomes = outcomes(counts);
        let at = |sensitivity: f64, specificity: f64| {
            let verifier = Verifier { sensitivity, specificity };
            quality(&question(&outcomes, verifier), Way::Verified(1.0))
        };
        let raised = |share: f64| share + better * (1.0 - share);
        prop_assert!(at(raised(sensitivity), specificity) >= at(sensitivity, specificity) - 1e-9);
        prop_assert!(at(sensitivity, raised(specificity)) >= at(sensitivity, specificity) - 1e-9);
    }
}

fn quality_at(asked: &Question<'_>, share: f64) -> f64 {
    let need = asked.outcomes.right()[2];
    let of_needed = if need > 0.0 {
        (share / need).min(1.0)
    } else {
        1.0
    };
    quality(asked, Way::Oracle(of_needed))
}

/// Reads outcomes that lie beside the checkout; a checkout alone has none.
fn beside(file: &str) -> Option<Outcomes> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/routing");
    let path = folder.join(file);
    if !path.is_file() {
        let is_ci = std::env::var_os("CI").is_some_and(|set| !set.is_empty());
        assert!(!is_ci, "there are no outcomes of two tiers");
        println!("skipped: 1 table of outcomes, {file} (nothing of it beside the checkout)");
        return None;
    }
    let text = std::fs::read_to_string(path).expect("a readable file");
    Some(read(&text, &Names::default()).expect("a table"))
}

#[track_caller]
fn check_predictions(asked: &Question<'_>) -> Vec<Held> {
    let all = asked.splits(200);
    for held in &all {
        println!(
            "{:<34} bias {:+.2} error {:.2} points, covered {:.1} %, over a lot {:+.2}, \
             cost bias {:?} error {:?} covered {:?}",
            held.way.to_string(),
            held.bias_points,
            held.error_points,
            held.covered * 1e2,
            held.over_lot_points,
            held.usd_bias,
            held.usd_error,
            held.usd_covered,
        );
        assert!(held.bias_points.abs() <= 0.5, "{held:?}");
        assert!((0.85..=0.95).contains(&held.covered), "{held:?}");
        if held.way.is_control() {
            assert!(held.over_lot_points.abs() <= 0.5, "{held:?}");
        }
    }
    all
}

fn gain(study: &Study, way: Way) -> plan::cascade::Bounded {
    let found = study.points.iter().find(|point| point.way == way);
    found.expect("a way").measured.over_lot
}

#[test]
fn half_of_a_benchmark_predicts_the_other() {
    let Some(outcomes) = beside("mmlu_two_tiers.csv") else {
        return;
    };
    let asked = question(&outcomes, VERIFIER);
    check_predictions(&asked);
    let study = asked.study(0);
    // What is published of these items: 70.3, 83.1 and 87.5 % right.
    let found = |way: Way| quality(&asked, way) * 1e2;
    assert!((found(Way::Lot(0.0)) - 70.3).abs() < 0.05);
    assert!((found(Way::Lot(1.0)) - 83.1).abs() < 0.05);
    assert!((found(Way::Oracle(1.0)) - 87.5).abs() < 0.05);
    // A verifier gains, and so does knowing the subject; what is shuffled does not.
    assert!(gain(&study, Way::Verified(1.0)).low > 0.05);
    assert!(gain(&study, Way::Ruled(0.5)).low > 0.0);
    for control in [Way::VerifiedShuffled(1.0), Way::RuledShuffled(0.5)] {
        let gain = gain(&study, control);
        assert!(
            gain.value.abs() < 0.005 && gain.low <= 0.0 && gain.high >= 0.0,
            "{gain:?}"
        );
    }
    assert!(
        study
            .points
            .iter()
            .all(|point| point.measured.usd.is_none()),
        "no lengths known"
    );
}

#[test]
fn half_of_a_benchmark_with_lengths_predicts_the_cost_of_the_other() {
    let Some(outcomes) = beside("gsm8k_two_tiers.csv") else {
        return;
    };
    let asked = question(&outcomes, VERIFIER);
    for held in check_predictions(&asked) {
        let near = held.usd_bias.is_some_and(|bias| bias.abs() <= 0.02);
        let covered = held.usd_covered.is_some_and(|share| share >= 0.8);
        assert!(near && covered, "{held:?}");
    }
    let found = |way: Way| quality(&asked, way) * 1e2;
    assert!((found(Way::Lot(0.0)) - 63.5).abs() < 0.05);
    assert!((found(Way::Lot(1.0)) - 85.8).abs() < 0.05);
}

#[test]
fn a_page_draws_every_way_and_escapes_names() {
    let outcomes = outcomes([40, 10, 30, 20]);
    let study = question(&outcomes, VERIFIER).study(10);
    let titles = Titles {
        cheap: "<small>",
        strong: "large",
        rule: Some("subject & length"),
        prices: &["cheap: 1/2 USD".to_owned()],
        assumptions: &[],
    };
    let page = page(&study, &titles).unwrap();
    let circles = page.matches("<circle cx").count();
    assert!(circles >= study.points.len(), "{circles}");
    assert!(page.contains("&lt;small&gt; first") && !page.contains("<small>"));
    assert!(page.contains("subject &amp; length"));
    assert!(
        !page.contains("http://") && !page.contains("<script"),
        "a page stands alone"
    );
}
