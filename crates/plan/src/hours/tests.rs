//! The prices that ship are sound, and the middle one stands for each accelerator.

use super::{ListPrice, Terms, shipped, usual};
use crate::accelerators::Accelerators;
use crate::assumptions::{Assumptions, GPU_HOUR, Kind};

fn row(usd: f64, terms: Terms) -> ListPrice {
    ListPrice {
        accelerator: "H100".to_owned(),
        platform: format!("at {usd}"),
        terms,
        usd,
        about: "eight in a server".to_owned(),
        page: None,
        url: "https://prices.example".to_owned(),
        listed_on: "2026-11-01".to_owned(),
        confidence: "reported".to_owned(),
        read_on: "2026-11-02".to_owned(),
    }
}

fn on_demand(prices: &[f64]) -> Vec<ListPrice> {
    let rows = prices.iter().map(|usd| row(*usd, Terms::OnDemand));
    rows.collect()
}

#[test]
fn the_middle_price_on_demand_stands_for_an_accelerator() {
    let told = |prices: &[f64]| usual(&on_demand(prices))[0].row.usd;
    assert_eq!(told(&[5.0]), 5.0);
    assert_eq!(told(&[12.0, 3.0, 4.0]), 4.0);
    // Of two middle ones the lower: a mean of both would stand on no list.
    assert_eq!(told(&[9.0, 3.0, 4.0, 6.0]), 4.0);
}

#[test]
fn a_reserved_price_is_told_and_never_taken() {
    let mut rows = on_demand(&[3.0, 4.0, 5.0]);
    rows.extend([row(1.0, Terms::Reserved), row(2.0, Terms::Reserved)]);
    let found = usual(&rows).remove(0);
    assert_eq!(
        (found.row.usd, found.count, found.range),
        (4.0, 3, (3.0, 5.0))
    );
    let source = found.source();
    for what in [
        "list price on demand of at 4 on 2026-11-01, reported",
        "the middle of 3, 3.00 to 5.00",
        "reserved from 1.00 (at 1)",
        "; prices.example",
    ] {
        assert!(source.contains(what), "{what}: {source}");
    }
    assert_eq!(usual(&[row(1.0, Terms::Reserved)]), []);
}

#[test]
fn each_price_that_ships_names_a_known_accelerator_a_page_and_its_days() {
    let parts = Accelerators::shipped().expect("accelerators");
    let is_day = |text: &str| text.len() == 10 && text.split('-').count() == 3;
    for row in shipped().expect("prices") {
        let part = parts.find(&row.accelerator).expect("a known accelerator");
        assert_eq!(part.name, row.accelerator);
        assert!(row.usd > 0.1 && row.usd < 100.0, "{row:?}");
        assert!(row.url.starts_with("https://"), "{row:?}");
        assert!(is_day(&row.listed_on) && is_day(&row.read_on), "{row:?}");
        assert!(row.listed_on <= row.read_on, "{row:?}");
        let kinds = ["documented", "reported"];
        assert!(kinds.contains(&row.confidence.as_str()), "{row:?}");
    }
}

#[test]
fn a_plan_takes_the_list_as_a_fact_and_the_rest_as_an_assumption() {
    let (parts, assumptions) = (
        Accelerators::shipped().expect("accelerators"),
        Assumptions::shipped().expect("assumptions"),
    );
    let all = usual(&shipped().expect("prices"));
    for part in parts.all() {
        let rows = assumptions.in_force(&["gpu_hour"], &[part]);
        let listed = all.iter().find(|one| one.row.accelerator == part.name);
        match (listed, rows.as_slice()) {
            (Some(listed), [row]) => {
                assert_eq!((row.value, row.kind), (listed.row.usd, Kind::Fact));
                assert_eq!(row.source, listed.source());
            }
            (None, [row]) => assert_eq!(row.kind, Kind::Assumption, "{row:?}"),
            (None, []) => assert_eq!(part.name, "TPU v4"),
            (listed, rows) => panic!("{listed:?} and {rows:?}"),
        }
    }
    // Two rows for one accelerator would leave it to chance which of them holds.
    let mut names: Vec<_> = assumptions.accelerators_of(GPU_HOUR).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
}
