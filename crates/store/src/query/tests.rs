//! Holds what is read back of usage to what was recorded. It must not depend on the order in
//! which rows were written.

use std::sync::Arc;

use domain::{KeyId, ModelName, PicoUsd, ReleaseName, Stage, TierName, Timestamp, Tokens};

use super::{Group, UsageQuery, UsageTotals};
use crate::features::FeatureCount;
use crate::key::UsageCaller;
use crate::scratch::{NOW, Scratch, record, row, usage_caller};
use crate::store::Store;
use crate::usage::{Arm, Outcome, UsageRow};

fn totals(store: &Store, groups: &[Group]) -> Vec<UsageTotals> {
    let query = UsageQuery {
        since: NOW,
        until: NOW.plus_days(1),
        groups: groups.to_vec(),
    };
    store.usage(&query).expect("totals")
}

fn evaluator() -> Arc<UsageCaller> {
    Arc::new(UsageCaller {
        is_evaluator: true,
        team: None,
        ..usage_caller("e1")
    })
}

#[test]
fn a_row_comes_back_as_it_was() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let full = row(NOW, 1);
    let bare = UsageRow {
        caller: evaluator(),
        use_case: None,
        step: None,
        tier: None,
        model: None,
        digest: None,
        release: None,
        chosen: None,
        arm: None,
        status: 404,
        outcome: Outcome::Denied,
        tokens: Tokens::default(),
        cost: None,
        price_basis: None,
        first_token_ms: None,
        attempts: None,
        conversation: None,
        features: None,
        ..row(NOW, 2)
    };
    record(&store, [full.clone(), bare.clone()]);
    for row in [full, bare] {
        assert_eq!(store.decision(&row.decision).expect("a query"), Some(row));
    }
    let unknown = row(NOW, 3).decision;
    assert_eq!(store.decision(&unknown).expect("a query"), None);
}

#[test]
fn every_outcome_stage_and_arm_comes_back() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let stages = Stage::ALL.iter().cycle();
    let arms = Arm::ALL.iter().cycle();
    let rows: Vec<_> = (0..)
        .zip(Outcome::ALL)
        .zip(stages.zip(arms))
        .map(|((number, outcome), (stage, arm))| UsageRow {
            outcome,
            release: Some((ReleaseName::new("mythos"), *stage)),
            chosen: Some(*arm),
            arm: Some(*arm),
            ..row(NOW, number)
        })
        .collect();
    record(&store, rows.clone());
    for row in rows {
        assert_eq!(store.decision(&row.decision).expect("a query"), Some(row));
    }
    let all = totals(&store, &[]);
    for outcome in Outcome::ALL {
        assert_eq!(all[0].outcomes.count(outcome), 1, "{outcome}");
    }
}

#[test]
fn totals_are_told_apart_by_several_groups() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let haiku = |number, step: Option<&str>| UsageRow {
        tier: Some(TierName::new("haiku")),
        model: Some(ModelName::new("small")),
        step: step.map(Into::into),
        outcome: Outcome::Refusal,
        cost: None,
        ..row(NOW, number)
    };
    let outside = [row(Timestamp(NOW.0 - 1), 9), row(NOW.plus_days(1), 10)];
    let inside = [
        row(NOW, 1),
        haiku(2, None),
        haiku(3, None),
        haiku(4, Some("act")),
    ];
    record(&store, inside.into_iter().chain(outside));
    let lines = totals(&store, &[Group::Tier, Group::Step]);
    let word = |text: &str| Some(text.to_owned());
    let shown: Vec<_> = lines
        .iter()
        .map(|l| (l.groups.clone(), l.requests))
        .collect();
    let expected = [
        (vec![word("haiku"), None], 2),
        (vec![word("haiku"), word("act")], 1),
        (vec![word("opus"), word("plan")], 1),
    ];
    assert_eq!(shown, expected);
    let first = &lines[0];
    assert_eq!(first.outcomes.count(Outcome::Refusal), 2);
    assert_eq!(first.outcomes.count(Outcome::Success), 0);
    assert_eq!(first.tokens.input, 200);
    assert_eq!(first.tokens.reasoning, 10);
    assert_eq!((first.cost, first.unpriced), (PicoUsd(0), 2));
    assert_eq!((lines[2].cost, lines[2].unpriced), (PicoUsd(1_500_000), 0));
}

#[test]
fn every_group_is_a_column() {
    let scratch = Scratch::new();
    let store = scratch.open();
    record(&store, [row(NOW, 1)]);
    let lines = totals(&store, &Group::ALL);
    let expected = ["opus", "k1-name", "triage", "plan", "opus-5", "blue"];
    let found: Vec<_> = lines[0]
        .groups
        .iter()
        .map(|value| value.as_deref())
        .collect();
    assert_eq!(found, expected.map(Some));
    assert_eq!(totals(&scratch.open(), &[]).len(), 1);
}

#[test]
fn no_usage_makes_no_line() {
    let scratch = Scratch::new();
    assert!(totals(&scratch.open(), &[]).is_empty());
    assert!(totals(&scratch.open(), &[Group::Tier]).is_empty());
}

#[test]
fn a_sum_beyond_the_range_ends_at_it() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let dear = |number| UsageRow {
        cost: Some(PicoUsd(i64::MAX / 2)),
        ..row(NOW, number)
    };
    record(&store, (0..5).map(dear));
    assert_eq!(totals(&store, &[])[0].cost, PicoUsd(i64::MAX));
}

#[test]
fn an_eval_run_is_read_by_its_key_alone() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let run: Vec<_> = (1..4)
        .map(|number| UsageRow {
            caller: evaluator(),
            ..row(NOW, number)
        })
        .collect();
    record(&store, run.iter().rev().cloned().chain([row(NOW, 9)]));
    assert_eq!(store.usage_of_key(&KeyId::new("e1")).expect("rows"), run);
    // A caller's key is no run.
    assert!(
        store
            .usage_of_key(&KeyId::new("k1"))
            .expect("rows")
            .is_empty()
    );
}

#[test]
fn a_run_is_known_by_the_model_that_said_anything_under_its_key() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let asked = |number: u64, key: &str, outcome: Outcome, output: u64| {
        let mut asked = row(NOW, number);
        asked.requested = "release/mythos/candidate".into();
        asked.caller = Arc::new(UsageCaller {
            is_evaluator: true,
            ..usage_caller(key)
        });
        asked.outcome = outcome;
        asked.tokens.output = output;
        asked
    };
    let other_release = UsageRow {
        requested: "release/other/candidate".into(),
        ..asked(8, "elsewhere", Outcome::Success, 5)
    };
    let judge = UsageRow {
        requested: "opus".into(),
        ..asked(11, "judged", Outcome::Success, 5)
    };
    let other_model = UsageRow {
        digest: Some(domain::ModelDigest("sha256:01".into())),
        requested: "release/mythos/incumbent".into(),
        arm: Some(Arm::Incumbent),
        ..asked(9, "answered", Outcome::Success, 5)
    };
    let rows = [
        asked(1, "answered", Outcome::Success, 5),
        asked(2, "answered", Outcome::Success, 5),
        asked(3, "refused", Outcome::Refusal, 0),
        asked(4, "left", Outcome::Cancelled, 0),
        asked(5, "cut", Outcome::Error, 3),
        asked(6, "silent", Outcome::Error, 0),
        asked(7, "denied", Outcome::Denied, 0),
        other_release,
        judge,
        other_model,
        // A caller's request is no run.
        row(NOW, 10),
    ];
    record(&store, rows);
    let found = store.asked_for(&"mythos".into()).expect("a query");
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(key, digest)| (key.as_str(), digest.as_str()))
        .collect();
    let (candidate, incumbent) = ("sha256:00", "sha256:01");
    let expected = [
        ("answered", candidate),
        ("answered", incumbent),
        ("cut", candidate),
        ("left", candidate),
        ("refused", candidate),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_day_counts_what_callers_spent_on_the_candidate() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let spent = |at: Timestamp| store.tokens_today(&"mythos".into(), at).expect("a sum");
    assert_eq!(spent(NOW), 0);
    let incumbent = UsageRow {
        chosen: Some(Arm::Incumbent),
        arm: Some(Arm::Incumbent),
        ..row(NOW, 2)
    };
    let run = UsageRow {
        caller: evaluator(),
        ..row(NOW, 3)
    };
    let last = Timestamp(NOW.plus_days(1).0 - 1);
    record(&store, [row(NOW, 1), incumbent, run, row(last, 4)]);
    assert_eq!(spent(NOW), 240);
    record(&store, [row(NOW, 5), row(NOW.plus_days(1), 6)]);
    assert_eq!((spent(last), spent(NOW.plus_days(1))), (360, 120));
    let other = store.tokens_today(&"other".into(), NOW).expect("a sum");
    assert_eq!(other, 0);
}

#[test]
fn features_are_counted_by_caller() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let with = |number, key: &str, features: &str| UsageRow {
        caller: Arc::new(usage_caller(key)),
        features: Some(features.into()),
        ..row(NOW, number)
    };
    let bare = UsageRow {
        features: None,
        ..row(NOW, 5)
    };
    let rows = [
        with(
            1,
            "k1",
            r#"{"tools":3,"stream":true,"images":0,"effort":"high"}"#,
        ),
        with(
            2,
            "k1",
            r#"{"tools":1,"stream":false,"effort":"low","none":null}"#,
        ),
        with(3, "k2", r#"{"prefill":true}"#),
        with(4, "k2", "not JSON"),
        bare,
        with(6, "k1", r#"{"effort":"high","deep":{"x":1}}"#),
    ];
    record(&store, rows);
    let callers = store.features_by_caller(NOW).expect("features");
    let names: Vec<_> = callers
        .iter()
        .map(|c| (c.name.as_str(), c.requests))
        .collect();
    assert_eq!(names, [("k1-name", 4), ("k2-name", 2)]);
    let line = |feature: &str, value: Option<&str>, requests| FeatureCount {
        feature: feature.to_owned(),
        value: value.map(str::to_owned),
        requests,
    };
    let expected = [
        line("dialect", Some("anthropic-messages"), 4),
        line("effort", Some("high"), 2),
        line("effort", Some("low"), 1),
        line("requested", Some("claude-opus-5"), 4),
        line("stream", None, 1),
        line("tools", None, 2),
    ];
    assert_eq!(callers[0].features, expected);
    assert!(callers[1].features.contains(&line("prefill", None, 1)));
    let later = store
        .features_by_caller(Timestamp(NOW.0 + 1))
        .expect("features");
    assert!(later.is_empty());
}
