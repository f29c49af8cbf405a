//! Reports of outcomes over HTTP: whose they may be, which one counts, and that they last. It must
//! not know what they are used for.

use domain::Attributes;
use serde_json::{Value, json};
use store::{Arm, NewKeyKind, OutcomeReport};
use testkit::Reply;

use super::{Bench, chat, json};

const PURPOSE: &str = "tiergate-use-case: defense\r\n";

async fn decided(bench: &Bench, model: &str) -> String {
    let request = bench.post("/v1/chat/completions", PURPOSE, &chat(model, true));
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.status, 200, "{:?}", reply.body);
    reply.head.header("tiergate-decision").unwrap().to_owned()
}

async fn report(bench: &Bench, body: &Value) -> Reply {
    let request = bench.post("/tiergate/v1/outcomes", "", &body.to_string());
    bench.exchange(&request).await
}

fn refused(reply: &Reply, status: u16, code: &str) {
    let body = json(reply);
    assert_eq!(reply.head.status, status, "{body}");
    assert_eq!(body["error"]["code"], code, "{body}");
}

#[tokio::test]
async fn a_report_right_behind_the_answer_is_kept_told_and_the_first_one_counts() {
    let bench = Bench::start().await;
    bench.open_release();
    // Sooner than the recorder writes by itself, twenty times.
    for turn in 0..20 {
        let decision = decided(&bench, "capybara").await;
        let first = json!({ "decision": decision, "success": true, "score": 0.5 });
        for _ in 0..2 {
            let reply = report(&bench, &first).await;
            assert_eq!(reply.head.status, 200, "{turn}: {:?}", reply.body);
            assert_eq!(json(&reply), json!({ "decision": decision, "kept": true }));
        }
        let other = json!({ "decision": decision, "success": false });
        refused(&report(&bench, &other).await, 409, "already_reported");
    }
    let told = bench.told();
    assert_eq!(told.len(), 20, "each once");
    let good = OutcomeReport {
        success: Some(true),
        score: Some(0.5),
    };
    assert!(
        told.iter()
            .all(|one| one.report == good && one.arm == Arm::Candidate)
    );
    let kept = bench
        .store
        .outcomes_of(&"mythos".into(), told[0].decision.at());
    let kept: Vec<_> = kept.unwrap().map(Result::unwrap).collect();
    assert_eq!(kept, told);
}

#[tokio::test]
async fn outside_a_release_a_report_is_kept_and_nobody_is_told() {
    let bench = Bench::start().await;
    let decision = decided(&bench, "haiku").await;
    let reply = report(&bench, &json!({ "decision": decision, "score": 1 })).await;
    assert_eq!(reply.head.status, 200);
    assert_eq!(bench.told(), []);
}

#[tokio::test]
async fn only_the_decisions_caller_may_report_and_nobody_else_learns_of_it() {
    let mut bench = Bench::start().await;
    bench.open_release();
    let decision = decided(&bench, "capybara").await;
    bench.rows(1).await;
    let known = json!({ "decision": decision, "success": true });
    let unknown = json!({ "decision": "0".repeat(32), "success": true });
    let (_, other) = bench.mint(NewKeyKind::Caller {
        team: Some("blue".to_owned()),
        attributes: Attributes::default(),
        use_cases: vec!["defense".into()],
    });
    let own = std::mem::replace(&mut bench.key, other);
    let mut said = Vec::new();
    for body in [&known, &unknown] {
        let reply = report(&bench, body).await;
        refused(&reply, 404, "decision_not_found");
        let mut shown = json(&reply);
        shown["error"]["decision"] = Value::Null;
        said.push((reply.head.status, shown["error"]["message"].clone()));
    }
    assert_eq!(said[0], said[1]);
    bench.key = own;
    refused(&report(&bench, &unknown).await, 404, "decision_not_found");
    assert_eq!(report(&bench, &known).await.head.status, 200);
}

#[tokio::test]
async fn what_is_no_report_is_refused_with_what_to_mend() {
    let bench = Bench::start().await;
    let decision = "0".repeat(32);
    for (body, field) in [
        (json!({ "decision": "x", "success": true }), "decision"),
        (json!({ "decision": decision }), "success"),
        (json!({ "decision": decision, "score": 1.5 }), "score"),
        (
            json!({ "decision": decision, "success": true, "note": "n" }),
            "note",
        ),
        (json!({ "success": true }), "decision"),
        (json!([]), "struct"),
    ] {
        let reply = report(&bench, &body).await;
        refused(&reply, 400, "bad_request");
        let message = json(&reply)["error"].to_string();
        assert!(message.contains(field), "{body} {message}");
    }
    let long = json!({ "decision": "0".repeat(5_000), "success": true });
    refused(&report(&bench, &long).await, 413, "body_too_large");
    let body = json!({ "decision": decision, "success": true }).to_string();
    let bare = "content-type: application/json\r\n";
    let bare = bench.request("POST", "/tiergate/v1/outcomes", bare, &body);
    refused(&bench.exchange(&bare).await, 401, "no_credential");
}
