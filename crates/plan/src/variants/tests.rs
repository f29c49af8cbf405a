//! What is said of variants, and what is not.

use super::*;
use crate::accelerators::Accelerators;
use crate::models::sketch;

const FILE: &str = r#"
base = "a base"
[[variants]]
name = "full"
served = "1T, 60B active, 256 experts"
[[variants]]
name = "distilled"
served = "70B"
safeguards = "verified"
"#;

#[test]
fn scores_are_of_variants_and_shares_of_items() {
    let file = Variants::read(FILE).unwrap();
    let scores = r#"[{"variant":"full","suite":"triage","score":0.9,"items":100}]"#;
    let found = evidence(&file.scores(scores).unwrap(), "full");
    // Wilson's interval of 90 in 100 at 90 %: 0.8396 to 0.9393, worked by hand.
    assert!((found[0].low - 0.8396).abs() < 5e-4, "{}", found[0].low);
    assert!((found[0].high - 0.9393).abs() < 5e-4, "{}", found[0].high);
    assert!(evidence(&[], "distilled").is_empty());
    let fault = |text: &str| file.scores(text).unwrap_err().to_string();
    assert!(fault(&scores.replace("full", "odd")).contains("`odd`"));
    assert!(fault(&scores.replace("0.9", "1.9")).contains("1.9"));
    assert!(fault(&scores.replace("100", "0")).contains("0 items"));
}

#[test]
fn a_run_has_the_interval_of_the_gates_and_each_rerun_a_wider_one() {
    let run = || Run {
        release: "next".to_owned(),
        arm: "candidate".to_owned(),
        digest: "sha256:00".to_owned(),
        day: "2026-11-27".to_owned(),
        age_days: 0.5,
    };
    let of = |attempts| {
        let mean = Mean {
            score: 1.0,
            items: 168,
            clusters: 84,
            attempts,
        };
        of_run("triage", mean, run())
    };
    // By hand: all of n right has the lower bound n / (n + z²), over the clusters, not the items.
    // The first attempt leaves 0.025 out at either end (z 1.95996), the second 0.05 / 6 (2.39398).
    let (first, second) = (of(1), of(2));
    assert!(
        (first.low - 84.0 / (84.0 + 3.841_46)).abs() < 1e-5,
        "{first:?}"
    );
    assert!(
        (second.low - 84.0 / (84.0 + 5.731_14)).abs() < 1e-5,
        "{second:?}"
    );
    assert!((first.high - 1.0).abs() < 1e-12 && first.items == 168);
    assert!((first.level - 0.95).abs() < 1e-12 && second.level > first.level);
    assert_eq!(first.run, Some(run()));
}

#[test]
fn a_file_of_one_or_of_twins_is_refused() {
    let twins = FILE.replace("distilled", "full");
    assert!(
        Variants::read(&twins)
            .unwrap_err()
            .to_string()
            .contains("`full`")
    );
    let one = FILE
        .split("[[variants]]")
        .take(2)
        .collect::<Vec<_>>()
        .join("[[variants]]");
    assert!(
        Variants::read(&one)
            .unwrap_err()
            .to_string()
            .contains("1 variants")
    );
}

#[test]
fn better_is_said_only_where_intervals_do_not_meet() {
    let of = |score: f64, items: u64| {
        let scored = Scored {
            variant: "one".to_owned(),
            suite: "triage".to_owned(),
            score,
            items,
        };
        evidence(&[scored], "one")
    };
    assert_eq!(
        is_surely_better(&of(0.9, 1_000), &of(0.8, 1_000), "triage"),
        Some(true)
    );
    assert_eq!(
        is_surely_better(&of(0.9, 20), &of(0.8, 20), "triage"),
        Some(false)
    );
    assert_eq!(is_surely_better(&of(0.9, 20), &[], "triage"), None);
}

#[test]
fn a_distilled_variant_is_served_for_less_and_what_does_not_fit_says_so() {
    let parts = Accelerators::shipped().unwrap();
    let estimator = Estimator::shipped().unwrap();
    let place = |name: &str| Place {
        accelerator: parts.find(name).unwrap(),
        engine: "sglang",
        precision: Precision::Fp8,
        longest: Seconds::from_ms(100.0),
        hour_usd: 2.0,
        busy: 1.0,
    };
    let shape = Shape {
        input: 2_000.0,
        output: 500.0,
        cached: 0.0,
    };
    let served = |text: &str, place: &Place<'_>| {
        serve(&sketch::read(text).unwrap(), place, shape, &estimator)
    };
    let h100 = place("H100");
    let full = served("1T, 60B active, 256 experts", &h100).unwrap();
    let distilled = served("70B", &h100).unwrap();
    assert!(full.accelerators > distilled.accelerators);
    assert!(full.usd_per_request > distilled.usd_per_request);
    // By hand: accelerators × 2 USD an hour over the tokens of that hour, times 500 tokens.
    let by_hand = full.accelerators * 2.0 / (full.tokens_per_second * 3_600.0) * 500.0;
    assert!((full.usd_per_request / by_hand - 1.0).abs() < 1e-9);
    let idle = Place { busy: 0.5, ..h100 };
    let idle = served("70B", &idle).unwrap();
    assert!((idle.usd_per_request / distilled.usd_per_request - 2.0).abs() < 1e-9);
    let hasty = Place {
        longest: Seconds::from_ms(0.01),
        ..h100
    };
    let slow = served("70B", &hasty).unwrap_err().to_string();
    assert!(slow.contains("longer than"), "{slow}");
    let huge = served("2000T, 100T active, 256 experts", &h100)
        .unwrap_err()
        .to_string();
    assert!(huge.contains("do not fit"), "{huge}");
}
