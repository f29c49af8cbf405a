//! What follows a fault, a refusal and a thought of another model, and what is kept of it in the
//! record. It must not test what a caller sees of a broken stream.

use serde_json::{Value, json};
use store::{Outcome, UsageRow};
use testkit::{Behaviour, Complaint, Reply};

use super::{Bench, json, outcome_of};

fn attempts(row: &UsageRow) -> Vec<Value> {
    let told = row.attempts.as_deref().map(serde_json::from_str);
    told.map_or(Vec::new(), Result::unwrap)
}

fn without_times(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        let took = row.as_object_mut().unwrap().remove("ms");
        let is_attempt = row.get("fault").is_some() && row["fault"] != "resting";
        assert_eq!(took.is_some_and(|ms| ms.is_u64()), is_attempt, "{row}");
    }
    rows
}

#[tokio::test]
async fn every_attempt_is_in_the_record_and_only_the_answer_is_billed() {
    let bench = Bench::start().await;
    let throttled = Behaviour::Status {
        code: 429,
        headers: vec![("retry-after".to_owned(), "30".to_owned())],
        body: String::new(),
    };
    bench.fake.rescript("plain", throttled);
    bench.chat("haiku", false).await;
    let row = bench.row().await;
    assert_eq!(outcome_of(&row), (200, Outcome::Fallback));
    // Only the first model has a price, and only the second one has answered.
    assert_eq!(
        (row.model.as_ref().unwrap().as_str(), row.cost),
        ("second", None)
    );
    assert_eq!((row.tokens.input, row.tokens.output), (2, 4));
    let wanted = json!([
        { "model": "plain", "fault": "bad_status", "status": 429, "retry_after_ms": 30000 },
        { "model": "second", "answered": true },
    ]);
    assert_eq!(json!(without_times(attempts(&row))), wanted);
    // It asked to be left alone for longer than a request waits, so the next one passes it over.
    bench.chat("haiku", false).await;
    let rows = bench.rows(2).await;
    let wanted = json!([
        { "model": "plain", "fault": "resting" },
        { "model": "second", "answered": true },
    ]);
    assert_eq!(json!(without_times(attempts(&rows[1]))), wanted);
    assert_eq!(bench.fake.requests().len(), 3);
}

#[tokio::test]
async fn retries_carry_nothing_over_from_the_attempt_before() {
    let bench = Bench::start().await;
    let failing = Behaviour::failing(1, Behaviour::status(500));
    bench.fake.rescript("plain", failing);
    let reply = bench.chat("haiku", true).await;
    assert_eq!(reply.head.header("tiergate-model"), Some("plain"));
    let requests = bench.fake.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].headers, requests[1].headers);
    let row = bench.row().await;
    assert_eq!(outcome_of(&row), (200, Outcome::Success));
    assert!(row.cost.is_some());
}

async fn asked(bench: &Bench, tier: &str, behaviour: Behaviour) -> (Reply, usize) {
    bench.fake.rescript("plain", behaviour);
    let before = bench.fake.requests().len();
    let reply = bench.chat(tier, false).await;
    (reply, bench.fake.requests().len() - before)
}

fn model(reply: &Reply) -> Option<&str> {
    reply.head.header("tiergate-model")
}

#[tokio::test]
async fn a_tier_says_what_follows_a_refusal_overload_and_overflow() {
    let bench = Bench::start().await;
    let overflow = || Behaviour::Complaint(Complaint::Overflow);
    let filtered = || Behaviour::Complaint(Complaint::Filtered);

    let (reply, times) = asked(&bench, "haiku", Behaviour::Refusal).await;
    assert_eq!(
        (reply.head.status, model(&reply), times),
        (200, Some("plain"), 1)
    );
    let (reply, times) = asked(&bench, "contrary", Behaviour::Refusal).await;
    assert_eq!(
        (reply.head.status, model(&reply), times),
        (200, Some("second"), 2)
    );

    let (reply, times) = asked(&bench, "haiku", filtered()).await;
    assert_eq!((reply.head.status, times), (400, 1));
    assert_eq!(json(&reply)["error"]["code"], "content_filter");
    let (reply, times) = asked(&bench, "contrary", filtered()).await;
    assert_eq!((model(&reply), times), (Some("second"), 2));

    let (reply, times) = asked(&bench, "haiku", overflow()).await;
    assert_eq!((model(&reply), times), (Some("second"), 2));
    let (reply, times) = asked(&bench, "contrary", overflow()).await;
    assert_eq!((reply.head.status, times), (400, 1));
    assert_eq!(json(&reply)["error"]["code"], "context_length_exceeded");

    // Twice the overloaded model; then the next, or the caller.
    let (reply, times) = asked(&bench, "haiku", Behaviour::status(503)).await;
    assert_eq!((model(&reply), times), (Some("second"), 3));
    let (reply, times) = asked(&bench, "contrary", Behaviour::status(503)).await;
    assert_eq!((reply.head.status, times), (503, 2));

    let outcomes: Vec<_> = bench.rows(8).await.iter().map(outcome_of).collect();
    let wanted = [
        (200, Outcome::Refusal),
        (200, Outcome::Fallback),
        (400, Outcome::Error),
        (200, Outcome::Fallback),
        (200, Outcome::Fallback),
        (400, Outcome::Error),
        (200, Outcome::Fallback),
        (503, Outcome::Error),
    ];
    assert_eq!(outcomes, wanted);
}

#[tokio::test]
async fn where_every_model_refuses_the_first_refusal_is_the_answer() {
    let bench = Bench::start().await;
    bench.fake.rescript("second", Behaviour::Refusal);
    let (reply, times) = asked(&bench, "contrary", Behaviour::Refusal).await;
    assert_eq!(
        (reply.head.status, model(&reply), times),
        (200, Some("plain"), 2)
    );
    assert_eq!(outcome_of(&bench.row().await), (200, Outcome::Refusal));
}

#[tokio::test]
async fn an_account_without_money_is_left_at_once() {
    let bench = Bench::start().await;
    bench
        .fake
        .rescript("claude", Behaviour::Complaint(Complaint::Exhausted));
    let reply = bench.messages("both", false).await;
    assert_eq!((reply.head.status, model(&reply)), (200, Some("claude-2")));
    assert_eq!(bench.fake.requests().len(), 2);
    let row = bench.row().await;
    assert_eq!(attempts(&row)[0]["fault"], "exhausted");
}

/// A conversation whose one answer has thoughts that `maker` signed, and a call that is answered.
fn history(maker: &str, stream: bool) -> String {
    let thought = |at: usize| {
        let signature = format!("{maker}-{at}");
        json!({ "type": "thinking", "thinking": "", "signature": signature })
    };
    let call = json!({ "type": "tool_use", "id": "t", "name": "look", "input": {} });
    let result = json!({ "type": "tool_result", "tool_use_id": "t", "content": "done" });
    json!({
        "model": "both", "max_tokens": 2048, "stream": stream,
        "thinking": { "type": "enabled", "budget_tokens": 1024 },
        "tools": [{ "name": "look", "input_schema": { "type": "object" } }],
        "messages": [
            { "role": "user", "content": "look" },
            { "role": "assistant", "content": [thought(0), thought(1), call] },
            { "role": "user", "content": [result] },
        ],
    })
    .to_string()
}

#[tokio::test]
async fn thoughts_that_turn_out_to_be_anothers_are_left_out_and_named() {
    for stream in [false, true] {
        let bench = Bench::start().await;
        bench.fake.rescript("claude", Behaviour::Thinks);
        // Nothing is known of this conversation, as after a restart: its thoughts are sent on.
        let request = bench.post("/v1/messages", "", &history("another", stream));
        let reply = bench.exchange(&request).await;
        assert_eq!(reply.head.status, 200, "{:?}", reply.body);
        let lossy = reply.head.header("tiergate-lossy");
        let paths = "messages[1].content[0], messages[1].content[1], thinking";
        assert_eq!(lossy, Some(paths));
        assert_eq!(bench.fake.requests().len(), 2);
        // From now on it is known, and what it says is not refused a second time.
        let reply = bench.exchange(&request).await;
        assert_eq!(reply.head.status, 200);
        assert_eq!(reply.head.header("tiergate-lossy"), Some(paths));
        assert_eq!(bench.fake.requests().len(), 3);
        let rows = bench.rows(2).await;
        assert_eq!(attempts(&rows[0])[0]["fault"], "foreign_thoughts");
        assert_eq!(rows[1].attempts, None);
    }
}

#[tokio::test]
async fn thoughts_of_the_model_itself_pass_untouched() {
    let bench = Bench::start().await;
    bench.fake.rescript("claude", Behaviour::Thinks);
    let request = bench.post("/v1/messages", "", &history("claude", false));
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.status, 200, "{:?}", reply.body);
    assert_eq!(reply.head.header("tiergate-lossy"), None);
    let sent = &bench.fake.requests()[0];
    assert_eq!(
        sent.json()["messages"][1]["content"][1]["signature"],
        "claude-1"
    );
}
