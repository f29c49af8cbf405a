//! Providers that stall, cut, lie and send garbage: what the caller is told, that no half answer
//! looks whole, that nothing hangs and nothing grows. It must not test what a fallback does.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use testkit::{Client, FakeProvider, Gauge};

use crate::bench::{Bench, SERVER};
use crate::client::{Answer, Ask};
use crate::patience::{PATIENCE, on};

/// The longest that any of these may take: the deadlines are a second and a half.
const NO_HANG: Duration = Duration::from_secs(30);
/// How much larger the process may be after all of them many times over.
const FLAT: u64 = 16 << 20;

/// How much of an endless stream is enough to see that nothing of it is kept.
const ENOUGH: usize = 16 << 20;
/// Behaviours without a row: what is told of them is not all that counts.
const MORE: [&str; 3] = ["normal-3", "endless-stream", "endless-headers"];

/// A provider's behaviour, by the name that the fake provider knows, and what a caller is told.
struct Row {
    behaviour: &'static str,
    /// Status and code of an answer that is not streamed.
    whole: (u16, &'static str),
    /// The same for a stream that has shown nothing yet; 200 for one that breaks off later.
    stream: (u16, &'static str),
}

const TIMEOUT: (u16, &str) = (504, "provider_timeout");
const FAILED: (u16, &str) = (502, "provider_failed");
const GARBAGE: (u16, &str) = (502, "provider_garbage");

const ROWS: &[Row] = &[
    row("stall-headers", TIMEOUT, TIMEOUT),
    row("stall-first-token", TIMEOUT, TIMEOUT),
    row("stall-after-3", TIMEOUT, (200, "provider_timeout_idle")),
    row("cut-before-headers", FAILED, FAILED),
    row("cut-after-3", FAILED, (200, "provider_cut")),
    row("end-after-3", GARBAGE, (200, "provider_cut")),
    row("lie-length-long", FAILED, (200, "")),
    row("lie-length-short", GARBAGE, (200, "provider_garbage")),
    row("garbage", GARBAGE, GARBAGE),
    row("malformed-event-3", GARBAGE, (200, "provider_garbage")),
];

const fn row(
    behaviour: &'static str,
    whole: (u16, &'static str),
    stream: (u16, &'static str),
) -> Row {
    Row {
        behaviour,
        whole,
        stream,
    }
}

/// Declares a tier for each behaviour in each dialect: `chat-NAME` and `messages-NAME`.
fn config(fake: &FakeProvider) -> String {
    let mut text = SERVER.to_owned();
    for (provider, dialect, url) in [
        ("chat", "openai-chat", fake.openai_base_url()),
        ("messages", "anthropic-messages", fake.anthropic_base_url()),
    ] {
        let _ = writeln!(
            text,
            "[providers.{provider}]\ndialect = \"{dialect}\"\nbase_url = \"{url}\""
        );
        for name in ROWS.iter().map(|row| row.behaviour).chain(MORE) {
            let _ = writeln!(
                text,
                "[models.m-{provider}-{name}]\nprovider = \"{provider}\"\nid = \"{name}\"\n\
                 [tiers.{provider}-{name}]\nserves = [\"m-{provider}-{name}\"]\npurpose = \"p\""
            );
        }
    }
    text
}

/// Asks in both faces for a behaviour in both of the providers' dialects.
fn ways(bench: &Bench, behaviour: &str) -> Vec<Ask> {
    ["chat", "messages"]
        .iter()
        .flat_map(|provider| {
            let tier = format!("{provider}-{behaviour}");
            [bench.chat(&tier), bench.messages(&tier)]
        })
        .collect()
}

fn asked(bench: &Bench, ask: &Ask) -> Answer {
    let start = Instant::now();
    let answer = ask.to(bench.gateway.listen);
    assert!(start.elapsed() < NO_HANG, "{}", ask.path);
    answer
}

#[test]
fn an_answer_that_is_not_streamed_is_whole_or_one_error_with_its_remedy() {
    let bench = Bench::with(config);
    for row in ROWS {
        let (status, code) = row.whole;
        for ask in ways(&bench, row.behaviour) {
            let answer = asked(&bench, &ask);
            let told = format!("{} {}: {}", row.behaviour, ask.path, answer.text());
            assert_eq!(answer.status, status, "{told}");
            assert_eq!(code_of(&answer, &ask), code, "{told}");
            assert_eq!(answer.header("tiergate-error"), Some("provider"), "{told}");
            let message = answer.json()["error"]["message"].to_string();
            assert!(message.contains("; try again"), "{told}");
        }
    }
}

#[test]
fn a_stream_ends_whole_or_with_exactly_one_error() {
    let bench = Bench::with(config);
    for row in ROWS {
        let (status, code) = row.stream;
        for ask in ways(&bench, row.behaviour) {
            let ask = ask.streamed();
            let answer = asked(&bench, &ask);
            let told = format!("{} {}: {}", row.behaviour, ask.path, answer.text());
            assert_eq!(answer.status, status, "{told}");
            let shown = answer.text();
            let errors = shown.matches("\"error\":{").count();
            let is_success = shown.contains("[DONE]") || shown.contains("message_stop\n");
            if (status, code) == (200, "") {
                assert_eq!((errors, is_success), (0, true), "{told}");
                continue;
            }
            assert_eq!((errors, is_success), (1, false), "{told}");
            assert!(shown.contains(code), "{told}");
        }
    }
}

#[test]
fn an_error_inside_a_stream_bears_its_remedy_too() {
    let bench = Bench::with(config);
    for behaviour in ["stall-after-3", "cut-after-3", "malformed-event-3"] {
        for ask in ways(&bench, behaviour) {
            let shown = asked(&bench, &ask.streamed()).text();
            let event = shown
                .rsplit("data: ")
                .find(|event| event.contains("\"error\":{"));
            let told: serde_json::Value = serde_json::from_str(event.unwrap().trim()).unwrap();
            let message = told["error"]["message"].as_str().unwrap();
            assert!(message.contains("; try again"), "{behaviour}: {shown}");
        }
    }
}

#[test]
fn what_has_no_end_or_is_far_too_large_is_not_held() {
    let bench = Bench::with(config);
    let gauge = Gauge::of(bench.gateway.id());
    for ask in ways(&bench, "normal-3") {
        asked(&bench, &ask).is(200);
    }
    let before = gauge.memory().unwrap().resident_bytes;
    for ask in ways(&bench, "endless-headers") {
        let answer = asked(&bench, &ask);
        assert_eq!(answer.status, 502, "{}", answer.text());
    }
    let unread = on(begun(&bench, "chat-endless-stream"));
    on(async {
        let mut client = begun(&bench, "messages-endless-stream").await;
        let mut read = 0;
        while read < 4 * ENOUGH {
            read += client.next_piece().await.unwrap().unwrap().len();
        }
    });
    let after = gauge.memory().unwrap().resident_bytes;
    assert!(after < before + FLAT, "from {before} to {after} bytes");
    drop(unread);
    on(bench.fake.await_abandoned(2, PATIENCE)).unwrap();
}

/// Starts a stream and reads nothing of it but its head.
async fn begun(bench: &Bench, tier: &str) -> Client {
    let mut client = Client::connect(bench.gateway.listen).await.unwrap();
    let ask = bench.chat(tier).streamed();
    client.send(&ask.bytes()).await.unwrap();
    client.read_head().await.unwrap();
    client
}

fn code_of(answer: &Answer, ask: &Ask) -> String {
    let error = &answer.json()["error"];
    let code = match ask.path.as_str() {
        "/v1/messages" => &error["details"]["error_code"],
        _ => &error["code"],
    };
    code.as_str().unwrap_or_default().to_owned()
}

#[test]
fn many_broken_answers_leave_the_process_as_it_was() {
    let bench = Bench::with(config);
    let gauge = Gauge::of(bench.gateway.id());
    let round = || {
        for row in ROWS
            .iter()
            .filter(|row| !row.behaviour.starts_with("stall"))
        {
            for ask in ways(&bench, row.behaviour) {
                asked(&bench, &ask.streamed());
            }
        }
    };
    (0..5).for_each(|_| round());
    let before = gauge.memory().unwrap().resident_bytes;
    (0..20).for_each(|_| round());
    let after = gauge.memory().unwrap().resident_bytes;
    assert!(after < before + FLAT, "from {before} to {after} bytes");
    for ask in ways(&bench, "normal-3") {
        asked(&bench, &ask).is(200);
    }
}
