//! An outside order in force under load: only the ordered scope loses the candidate, from the
//! acknowledgement on, and nothing but a person gives it back. It must not look behind the binary.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::json;
use testkit::Client;
use tokio::task::JoinHandle;

use crate::client::Ask;
use crate::home::Key;
use crate::patience::{eventually, on, runtime};
use crate::rollout::Rollout;

/// How many streams there are at the same time.
const STREAMS: usize = 64;

/// One answer: when it was asked for, and the model that gave it.
type Seen = (Instant, String);

/// Streams that are asked for one after the other on every connection.
struct Streams {
    lines: Vec<JoinHandle<Vec<Seen>>>,
    asked: Vec<Arc<AtomicUsize>>,
    is_over: Arc<AtomicBool>,
}

impl Streams {
    fn start(address: SocketAddr, key: &Key) -> Self {
        let ask = Ask::chat("haiku").streamed().bearer(&key.key).bytes();
        let is_over = Arc::new(AtomicBool::new(false));
        let asked: Vec<_> = (0..STREAMS).map(|_| Arc::default()).collect();
        let line = |asked: &Arc<AtomicUsize>| {
            let (asked, is_over) = (Arc::clone(asked), Arc::clone(&is_over));
            runtime().spawn(stream(address, ask.clone(), asked, is_over))
        };
        Self {
            lines: asked.iter().map(line).collect(),
            asked,
            is_over,
        }
    }

    /// Waits until each connection has asked so many more times.
    fn await_each(&self, more: usize) {
        let count = |one: &Arc<AtomicUsize>| one.load(Ordering::SeqCst);
        let wanted: Vec<usize> = self.asked.iter().map(|one| count(one) + more).collect();
        eventually("more streams on each connection", || {
            let mut pairs = self.asked.iter().zip(&wanted);
            pairs
                .all(|(one, wanted)| count(one) >= *wanted)
                .then_some(())
        });
    }

    fn end(self) -> Vec<Seen> {
        self.is_over.store(true, Ordering::SeqCst);
        let lines = self.lines.into_iter();
        lines.flat_map(|line| on(line).unwrap()).collect()
    }
}

async fn stream(
    address: SocketAddr,
    request: Vec<u8>,
    asked: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut client = Client::connect(address).await.unwrap();
    while !is_over.load(Ordering::SeqCst) {
        let at = Instant::now();
        let reply = client.exchange(&request).await.unwrap();
        assert_eq!(reply.head.status, 200, "{:?}", reply.body);
        let model = reply.head.header("tiergate-model").unwrap();
        seen.push((at, model.to_owned()));
        asked.fetch_add(1, Ordering::SeqCst);
    }
    seen
}

/// Commands something as the platform lead while streams are under way, and asserts that from its
/// acknowledgement on none of them is answered by the candidate. Told is who asked, so that the
/// test fails where nobody had the candidate before.
fn cuts_from_the_acknowledgement_on(story: &Rollout, key: &Key, command: &[&str]) {
    let streams = Streams::start(story.gateway.listen, key);
    streams.await_each(2);
    story.home.run_as(&story.platform_lead, command).is(0);
    let acknowledged = Instant::now();
    streams.await_each(3);
    let seen = streams.end();
    let by = |model: &str| seen.iter().filter(|(_, by)| by == model).count();
    assert!(by("next") >= STREAMS, "the candidate was in use");
    let late = |(at, model): &&Seen| *at > acknowledged && model == "next";
    assert_eq!(seen.iter().filter(late).count(), 0, "{command:?}");
    let after = seen.iter().filter(|(at, _)| *at > acknowledged).count();
    assert!(after >= STREAMS, "{after} after the acknowledgement");
}

#[test]
fn an_order_cuts_its_scope_under_streams_and_leaves_the_rest_served() {
    let mut story = Rollout::start();
    let caller = |name: &str, region: &str| {
        let region = format!("region={region}");
        let more = ["--use-case", "code-help", "--team", "blue", "--attribute"];
        story.home.caller(name, &[&more[..], &[&region]].concat())
    };
    let (north, south) = (caller("north", "north"), caller("south", "south"));
    story.open();
    let order = [
        "release",
        "suspend",
        "next",
        "--attribute",
        "region=north",
        "--order",
        "X-1",
        "--reason",
        "an order",
    ];
    cuts_from_the_acknowledgement_on(&story, &north, &order);
    let is_cut = |story: &Rollout| {
        assert_eq!(story.answers(&north), "old");
        assert_eq!(story.answers(&south), "next");
        // Whose region nobody knows cannot be told apart.
        assert_eq!(story.answers(&story.helper), "old");
        story.ask(&north, "next").is(404);
        let list = |key: &Key| {
            let list = Ask::get("/v1/models").bearer(&key.key);
            list.to(story.gateway.listen).is(200).text()
        };
        assert!(!list(&north).contains("\"next\"") && list(&south).contains("\"next\""));
    };
    is_cut(&story);
    assert!(story.gateway.stop().success());
    story.gateway = story.home.serve();
    is_cut(&story);

    let restore = ["release", "restore", "next", "--reason", "lifted"];
    let restored = story.home.run_as(&story.platform_lead, &restore).is(0);
    assert!(restored.out.contains("restore"), "{}", restored.out);
    assert_eq!(story.answers(&north), "next");
    assert_eq!(story.shown()["conditions"], json!([]));
    cuts_from_the_acknowledgement_on(&story, &south, &["release", "rollback", "next"]);
}

#[test]
fn whom_to_suspend_it_for_has_to_be_said() {
    let story = Rollout::start();
    let run = |more: &[&str]| {
        let command = [
            &["release", "suspend", "next", "--reason", "an order"],
            more,
        ]
        .concat();
        story.home.run_as(&story.platform_lead, &command)
    };
    let untold = run(&[]).is(2);
    assert!(untold.err.contains("--everybody"), "{}", untold.err);
    run(&["--everybody"]).is(0);
    let show = ["release", "show", "next"];
    let shown = story.home.run_as(&story.platform_lead, &show).is(0).out;
    assert!(shown.contains("an order; cuts everybody"), "{shown}");
    let unclear = [
        "release",
        "restore",
        "next",
        "--reason",
        "r",
        "--suspension",
        "9",
    ];
    let refused = story.home.run_as(&story.platform_lead, &unclear).is(1).out;
    assert!(refused.contains("name the suspension"), "{refused}");
}
