//! Holds the calendar to the facts that ship: a retirement is a day, an earliest day is none.

use domain::{Date, Facts};

use super::{retirements, retirements_of};

fn today() -> Date {
    "2026-11-27".parse().unwrap()
}

#[test]
fn every_entry_is_a_retirement_to_come_with_a_source_and_the_day_it_was_read() {
    let facts = Facts::shipped().unwrap();
    let entries = retirements(&facts, today());
    assert!(entries.len() > 10, "{} retirements", entries.len());
    let mut last = today();
    for entry in &entries {
        assert!(entry.day >= last, "out of order");
        last = entry.day;
        assert!(entry.probability == 1.0 && entry.days_left >= 0);
        assert!(
            entry
                .sources
                .iter()
                .all(|read| read.source.starts_with("https://"))
        );
        assert!(!entry.sources.is_empty());
        // What the calendar says is what the facts say, and no earliest day got in.
        let of_it = facts
            .models()
            .iter()
            .find(|model| model.name == entry.model)
            .unwrap();
        let platform = entry.platform.as_ref().unwrap();
        let mut life = of_it.lifecycle.iter();
        let life = life.find(|life| life.platforms.contains(platform)).unwrap();
        assert_eq!(life.retires_on, Some(entry.day));
    }
}

#[test]
fn an_earliest_day_is_told_and_is_no_retirement() {
    let facts = Facts::shipped().unwrap();
    let only_earliest = facts.models().iter().find_map(|model| {
        let life = model.lifecycle.iter();
        let mut life = life.filter(|life| life.retires_on.is_none() && life.not_before.is_some());
        let found = life.next()?;
        Some((
            model.name.clone(),
            found.platforms.first()?.clone(),
            found.not_before,
        ))
    });
    let (name, platform, not_before) = only_earliest.expect("a fact with an earliest day");
    let (entries, without) = retirements_of(&facts, &name, Some(&platform), today()).unwrap();
    assert!(entries.is_empty());
    assert_eq!(without[0].not_before, not_before);
}

#[test]
fn an_id_means_the_platforms_that_spell_it_so() {
    let facts = Facts::shipped().unwrap();
    let id = "claude-sonnet-4-5-20250929";
    let (entries, _) = retirements_of(&facts, id, Some("anthropic"), today()).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].day.to_string(), "2026-11-30");
    assert_eq!(entries[0].days_left, 3);
    let (of_all, _) = retirements_of(&facts, "Claude Sonnet 4.5", None, today()).unwrap();
    assert!(of_all.len() > 1, "each platform has its own day");
}

#[test]
fn a_model_that_no_fact_knows_is_named_with_what_comes_near() {
    let facts = Facts::shipped().unwrap();
    let fault = retirements_of(&facts, "claude-sonnet-4-55", None, today()).unwrap_err();
    let said = fault.to_string();
    assert!(
        said.starts_with("no fact knows a model `claude-sonnet-4-55`; near it are "),
        "{said}"
    );
    assert!(said.contains("claude-sonnet-4-5"), "{said}");
    let fault = retirements_of(&facts, "zzz", Some("anthropic"), today()).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "no fact knows a model `zzz` on `anthropic`"
    );
}
