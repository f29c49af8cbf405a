//! Runs in, faults and sums out.

use domain::{ModelDigest, PicoUsd, Timestamp, Tokens};

use super::{Arm, EvalRun, Outcome, Row, RunFault, ScoredBy};

fn digest(text: &str) -> ModelDigest {
    ModelDigest(text.into())
}

fn row(item: &str, score: f64) -> Row {
    Row {
        item: item.to_owned(),
        cluster: item.to_owned(),
        epoch: 1,
        requested_model: "release/next/candidate".to_owned(),
        served_model: Some("new".to_owned()),
        served_digest: Some(digest("sha256:new")),
        outcome: Outcome::Ok,
        score,
        reason: "it is right".to_owned(),
        scorer: ScoredBy {
            name: "exact".to_owned(),
            version: 1,
        },
        tokens: Tokens {
            input: 12,
            output: 3,
            ..Tokens::default()
        },
        cost: Some(PicoUsd(1_500)),
        time_ms: 40,
        source: "sha256:suite".to_owned(),
        attempt: 1,
        decision: Some(format!("decision-{item}")),
    }
}

fn run(rows: Vec<Row>) -> EvalRun {
    EvalRun {
        release: "next".into(),
        arm: Arm::Candidate,
        suite: "basics".into(),
        suite_digest: "sha256:suite".to_owned(),
        attempt: 1,
        model: digest("sha256:new"),
        rows,
        taken_at: Timestamp(1_790_000_000_000),
    }
}

#[test]
fn a_run_comes_back_from_json_as_it_was() {
    let run = run(vec![row("a", 1.0), row("b", 0.5)]);
    run.check().unwrap();
    let text = serde_json::to_string(&run).unwrap();
    assert_eq!(serde_json::from_str::<EvalRun>(&text).unwrap(), run);
    let unknown = text.replacen("\"arm\"", "\"side\"", 1);
    assert!(serde_json::from_str::<EvalRun>(&unknown).is_err());
}

#[test]
fn a_run_that_is_wrong_names_the_row() {
    assert_eq!(run(Vec::new()).check(), Err(RunFault::Count { count: 0 }));
    type Spoil = fn(&mut Row);
    let spoils: [(Spoil, &str); 9] = [
        (|row| row.score = 1.01, "score"),
        (|row| row.score = f64::NAN, "score"),
        (|row| row.item.clear(), "item"),
        (|row| row.cluster.clear(), "cluster"),
        (|row| row.epoch = 0, "epoch"),
        (|row| row.attempt = 2, "attempt"),
        (|row| row.source = "sha256:other".to_owned(), "suite"),
        (|row| row.item = "a".to_owned(), "twice"),
        (
            |row| row.decision = Some("decision-a".to_owned()),
            "decision",
        ),
    ];
    for (spoil, word) in spoils {
        let mut run = run(vec![row("a", 1.0), row("b", 0.5)]);
        spoil(&mut run.rows[1]);
        let found = run.check().unwrap_err().to_string();
        assert!(found.contains(word), "{word}: {found}");
    }
}

#[test]
fn what_another_model_answered_is_spoilt_and_what_the_model_did_is_not() {
    let model = digest("sha256:new");
    for (outcome, served, is_spoilt) in [
        (Outcome::Ok, Some("sha256:new"), false),
        (Outcome::Refused, Some("sha256:new"), false),
        (Outcome::Truncated, Some("sha256:new"), false),
        (Outcome::Fallback, Some("sha256:new"), true),
        (Outcome::Error, Some("sha256:new"), true),
        (Outcome::Ok, Some("sha256:old"), true),
        (Outcome::Ok, None, true),
    ] {
        let mut row = row("a", 1.0);
        row.outcome = outcome;
        row.served_digest = served.map(digest);
        assert_eq!(
            row.spoilt(&model).is_some(),
            is_spoilt,
            "{outcome:?} {served:?}"
        );
    }
}

#[test]
fn a_summary_counts_rows_clusters_and_outcomes() {
    let mut rows = vec![row("a", 1.0), row("b", 0.5), row("c", 0.0)];
    rows[1].cluster = "a".to_owned();
    rows[2].outcome = Outcome::Fallback;
    let found = run(rows).summary();
    assert_eq!((found.rows, found.clusters, found.mean), (3, 2, Some(0.5)));
    assert_eq!(
        found.outcomes,
        [(Outcome::Ok, 2), (Outcome::Fallback, 1)].into()
    );
    assert_eq!(found.spoilt, 1);
    assert_eq!(run(Vec::new()).summary().mean, None);
}
