//! Holds the whole to its parts: what contradicts is refused or repaired, futures sum by weight.

use domain::Facts;

use super::{Contradictions, Outlook, OutlookFault, outlook};
use crate::forecast::calendar::Kind;
use crate::forecast::file::{Beside, read};

fn of(text: &str, contradictions: Contradictions) -> Result<Outlook, OutlookFault> {
    let beside = Beside {
        asked: None,
        day: "2026-11-27".parse().unwrap(),
        points: None,
    };
    let said = read(text, beside).unwrap();
    outlook(&said, &Facts::shipped().unwrap(), contradictions)
}

fn release(model: &str, april: f64, june: f64) -> String {
    format!(
        "[[releases]]\nmodel = \"{model}\"\nsource = \"https://example.org\"\n\
         read_on = 2026-11-20\nby = [\n  {{ day = 2027-04-30, p = {april} }},\n  \
         {{ day = 2027-06-30, p = {june} }},\n]\n"
    )
}

#[test]
fn what_falls_is_refused_with_both_rows_and_repaired_when_asked() {
    let text = release("x", 0.54, 0.26);
    let fault = of(&text, Contradictions::Refuse).unwrap_err().to_string();
    assert!(
        fault.starts_with("lines 6 and 7: `x` has 0.54 by 2027-04-30 and only 0.26"),
        "{fault}"
    );
    let found = of(&text, Contradictions::Repair).unwrap();
    let moved: Vec<(f64, f64)> = found
        .repaired
        .iter()
        .map(|one| (one.change.from, one.change.to))
        .collect();
    assert_eq!(moved, [(0.54, 0.4), (0.26, 0.4)]);
    let rows = found.entries.iter().filter(|one| one.kind == Kind::Release);
    let rows: Vec<(f64, Option<f64>)> = rows
        .map(|one| (one.probability, one.repaired_from))
        .collect();
    assert_eq!(rows, [(0.4, Some(0.54)), (0.4, Some(0.26))]);
    assert!(
        of(&release("x", 0.26, 0.54), Contradictions::Refuse)
            .unwrap()
            .repaired
            .is_empty()
    );
}

#[test]
fn what_excludes_each_other_sums_to_one_or_is_refused() {
    let text = format!(
        "exclusive = [[\"x\", \"y\"]]\n{}{}",
        release("x", 0.1, 0.8),
        release("y", 0.1, 0.6)
    );
    let fault = of(&text, Contradictions::Refuse).unwrap_err().to_string();
    assert_eq!(
        fault,
        "`x`, `y` exclude each other and sum to 1.4000, above 1 (lines 8, 16)"
    );
    let found = of(&text, Contradictions::Repair).unwrap();
    let last: f64 = found
        .entries
        .iter()
        .filter(|one| one.kind == Kind::Release && one.day.to_string() == "2027-06-30")
        .map(|one| one.probability)
        .sum();
    assert!((last - 1.0).abs() < 1e-9);
    assert_eq!(found.repaired.len(), 2);
    // A future that makes what excludes each other more than certain is refused as well.
    let text = format!(
        "exclusive = [[\"x\", \"y\"]]\n{}{}[readiness]\n\
         dates = [2027-01-01, 2027-02-01, 2027-03-01]\n\
         [[scenarios]]\nname = \"a\"\nweight = 1.0\nrelease_factor = 1.5\n",
        release("x", 0.1, 0.4),
        release("y", 0.1, 0.4)
    );
    assert!(of(&text, Contradictions::Refuse).is_err());
}

const PLAN: &str = "platform = \"anthropic\"\nmodels = [\"Claude Sonnet 4.5\"]\n\
    [readiness]\ndates = [2026-11-29, 2026-11-30, 2026-12-01]\n\
    [costs]\nlate_usd_per_day = 1000.0\nearly_usd_per_day = 100.0\nusage_usd_per_day = 400.0\n";

#[test]
fn a_retirement_is_certain_and_readiness_is_measured_against_it() {
    let found = of(PLAN, Contradictions::Refuse).unwrap();
    let target = &found.as_said.unwrap().targets[0];
    assert_eq!(
        (target.kind, target.model.as_str()),
        (Kind::Retirement, "Claude Sonnet 4.5")
    );
    // The last day is 30 November: 7 of 9 parts of the triangle are done by then, 2 a day late.
    let timing = &target.timing;
    assert!(
        (timing.in_time.likely - 7.0 / 9.0).abs() < 1e-9,
        "{:?}",
        timing.in_time
    );
    assert!((timing.days_late.likely - 2.0 / 9.0).abs() < 1e-9);
    assert!((timing.cost_usd.likely - (1000.0 + 100.0) * 2.0 / 9.0).abs() < 1e-6);
    assert_eq!(timing.best_day.likely.unwrap().to_string(), "2026-11-30");
}

#[test]
fn futures_sum_by_their_weights() {
    let text = format!(
        "{PLAN}{}[[scenarios]]\nname = \"staged\"\nweight = 0.75\nready_days = 10\n\
         available = 0.5\nprice_factor = 2.0\n[[scenarios]]\nname = \"early\"\nweight = 0.25\n\
         release_days = -60\n",
        release("x", 0.26, 0.54)
    );
    let found = of(&text, Contradictions::Refuse).unwrap();
    let mixed = found.mixed.unwrap();
    for (at, target) in mixed.targets.iter().enumerate() {
        let [staged, early] = &found.scenarios[..] else {
            panic!("two")
        };
        let of = |one: &super::Future| one.targets[at].timing.cost_usd.likely;
        let expected = 0.75 * of(staged) + 0.25 * of(early);
        assert!((target.timing.cost_usd.likely - expected).abs() < 1e-9);
        let chance = &target.timing.in_time;
        assert!(chance.least <= chance.likely && chance.likely <= chance.most + 1e-12);
    }
    assert!((mixed.usage_usd_per_day - (0.75 * 600.0 + 0.25 * 400.0)).abs() < 1e-9);
}

#[test]
fn a_model_that_no_fact_knows_names_its_line() {
    let fault = of(
        "models = [\n  \"claude-sonnet-4-55\",\n]\n",
        Contradictions::Refuse,
    );
    let said = fault.unwrap_err().to_string();
    assert!(
        said.starts_with("line 2: no fact knows a model `claude-sonnet-4-55`"),
        "{said}"
    );
    let fault = of("platform = \"anthropics\"\n", Contradictions::Refuse).unwrap_err();
    assert!(matches!(fault, OutlookFault::Platform { .. }));
    assert!(fault.to_string().contains("anthropic, "), "{fault}");
    let fault = of("horizon = 2026-01-01\n", Contradictions::Refuse).unwrap_err();
    assert!(matches!(fault, OutlookFault::Horizon { .. }));
}
