//! Scores with their arithmetic, each place in its worst standing.

use super::{Standing, lock_in, readiness};
use crate::finding::Finding;
use crate::judge::Judge;
use crate::role::Role;
use crate::samples::{day, facts, site};
use crate::service::service;
use crate::target::Target;

fn findings(calls: &[(&str, &str)], target: Option<&str>) -> Vec<Finding> {
    let facts = facts();
    let judge = Judge {
        facts,
        day: day("2026-11-27"),
        target: target.map(|id| Target::find(facts, id).unwrap()),
        mend: None,
    };
    let found = calls.iter().map(|(written, rest)| {
        let text = format!("c.messages.create(model=\"{written}\"{rest})");
        judge.findings(&text, vec![site(&text, written)]).remove(0)
    });
    found.collect()
}

#[test]
fn a_place_stands_in_its_worst_way() {
    let calls = [
        ("claude-sonnet-4-0", ", top_p=0.5"),
        ("claude-opus-4-6", ", top_p=0.5"),
        ("gpt-5", ""),
        ("claude-of-yesterday", ""),
        (
            "claude-opus-4-5",
            ", betas=[\"effort-2025-11-24\"], tools=T",
        ),
        ("claude-opus-4-8", ""),
    ];
    let found = findings(&calls, Some("claude-opus-5"));
    let ways: Vec<_> = found.iter().map(|one| Standing::of(one).unwrap()).collect();
    // gpt-5 goes in two weeks; that another vendor's model is no answer to it comes after that.
    assert_eq!(ways, Standing::ALL);
}

#[test]
fn points_are_those_of_the_document() {
    let points = Standing::ALL.map(Standing::points);
    assert_eq!(points, [0, 20, 50, 50, 70, 100]);
}

#[test]
fn a_score_shows_its_arithmetic() {
    let calls = [
        ("claude-sonnet-4-0", ""),
        ("claude-opus-4-6", ", top_p=0.5"),
        ("claude-opus-4-6", ""),
    ];
    let mut found = findings(&calls, Some("claude-opus-5"));
    found[0].site.path = "apps/web/a.ts".to_owned();
    let mut comment = found[1].clone();
    comment.site.role = Role::Comment;
    found.push(comment);
    let scores = readiness(&found, |path| service(path).to_owned());
    let shown: Vec<_> = scores
        .iter()
        .map(|one| (one.service.as_str(), one.score, one.arithmetic.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("apps/web", 0, "(1 × 0 gone) ÷ 1 = 0"),
            (
                "services/desk",
                60,
                "(1 × 20 refused + 1 × 100 ready) ÷ 2 = 60"
            ),
        ]
    );
    assert!(readiness([], |path| path.to_owned()).is_empty());
}

#[test]
fn how_much_hangs_on_one_model_is_counted_over_live_places() {
    let calls = [("claude-opus-5", ""), ("claude-opus-5", ""), ("gpt-5", "")];
    let mut found = findings(&calls, None);
    let mut fixture = found[2].clone();
    fixture.site.role = Role::TestFixture;
    found.extend([fixture.clone(), fixture.clone()]);
    let index = lock_in(&found).unwrap();
    assert_eq!((index.model.as_str(), index.percent), ("claude-opus-5", 66));
    assert_eq!((index.places, index.of, index.models), (2, 3, 2));
    assert_eq!(lock_in([&fixture]), None);
}
