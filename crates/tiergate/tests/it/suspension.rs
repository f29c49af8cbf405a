//! An outside order in force under load: only the ordered scope loses the candidate, from the
//! acknowledgement on, and nothing but a person gives it back. It must not look behind the binary.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::Client;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::client::Ask;
use crate::home::Key;
use crate::load::{Answered, Load};
use crate::patience::{PATIENCE, eventually, on, runtime};
use crate::rollout::Rollout;
use crate::scholar::ON_AND_ON;

/// How many streams there are at the same time.
const STREAMS: usize = 64;
/// How long after an acknowledgement a stream that it cuts may still deliver.
const AT_MOST: Duration = Duration::from_secs(1);

/// Commands something as the platform lead while streams are under way, and asserts that from its
/// acknowledgement on none of them is answered by the candidate, which answered before.
fn cuts_from_the_acknowledgement_on(story: &Rollout, key: &Key, command: &[&str]) {
    let ask = Ask::chat("haiku").streamed().bearer(&key.key);
    let streams = Load::on_lines(STREAMS, story.gateway.listen, &ask);
    streams.await_each(2);
    story.home.run_as(&story.platform_lead, command).is(0);
    let acknowledged = Instant::now();
    streams.await_each(3);
    let seen = streams.end();
    let by = |model: &str| seen.iter().filter(|one| one.model == model).count();
    assert!(by("next") >= STREAMS, "the candidate was in use");
    let is_after = |one: &&Answered| one.asked_at > acknowledged;
    let late = seen
        .iter()
        .filter(is_after)
        .filter(|one| one.model == "next");
    assert_eq!(late.count(), 0, "{command:?}");
    let after = seen.iter().filter(is_after).count();
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

/// A candidate's stream that was read to its end.
struct Followed {
    /// Everything that came.
    text: String,
    /// When content came last.
    last_content: Instant,
}

impl Followed {
    fn was_cut(&self) -> bool {
        let is_whole = self.text.contains("[DONE]") || self.text.contains("message_stop");
        let is_told = self.text.contains("suspended or withdrawn for this caller");
        assert_ne!(is_told, is_whole, "{}", self.text);
        is_told
    }
}

/// Reads a stream to its end, and counts the words that come.
async fn follow(address: SocketAddr, request: Vec<u8>, words: Arc<AtomicUsize>) -> Followed {
    let mut client = Client::connect(address).await.unwrap();
    client.send(&request).await.unwrap();
    let head = client.read_head().await.unwrap();
    assert_eq!(
        (head.status, head.header("tiergate-model")),
        (200, Some("next"))
    );
    let (mut text, mut last_content) = (String::new(), Instant::now());
    while let Some(piece) = client.next_piece().await.unwrap() {
        let piece = String::from_utf8(piece.to_vec()).unwrap();
        if piece.contains(ON_AND_ON) {
            last_content = Instant::now();
            words.fetch_add(1, Ordering::SeqCst);
        }
        text.push_str(&piece);
    }
    Followed { text, last_content }
}

/// Waits for the end of a stream.
fn ended(stream: JoinHandle<Followed>) -> Followed {
    let ended = on(async { timeout(PATIENCE, stream).await });
    ended.expect("an end in time").unwrap()
}

#[test]
fn an_order_ends_the_streams_of_its_scope_and_the_rest_go_on_to_their_ends() {
    let story = Rollout::start();
    let caller = |region: &str| {
        let region = format!("region={region}");
        let more = [
            "--use-case",
            "code-help",
            "--team",
            "blue",
            "--attribute",
            &region,
        ];
        story.home.caller(&region, &more)
    };
    let callers = [caller("north"), caller("south")];
    story.open();
    story.scholar.goes_on();
    let words: Vec<Arc<AtomicUsize>> = (0..STREAMS).map(|_| Arc::default()).collect();
    let heard = |line: usize| words[line].load(Ordering::SeqCst);
    let streams: Vec<_> = (0..STREAMS)
        .map(|line| {
            // Half of them pass through, and half are translated.
            let asks = [Ask::chat("haiku"), Ask::messages("haiku")];
            let ask = asks[line / 2 % 2].clone().streamed();
            let request = ask.bearer(&callers[line % 2].key).bytes();
            let words = Arc::clone(&words[line]);
            runtime().spawn(follow(story.gateway.listen, request, words))
        })
        .collect();
    eventually("content on every stream", || {
        (0..STREAMS).all(|line| heard(line) > 0).then_some(())
    });
    let order = ["release", "suspend", "next", "--attribute", "region=north"];
    let order = [&order[..], &["--reason", "an order"]].concat();
    story.home.run_as(&story.platform_lead, &order).is(0);
    let acknowledged = Instant::now();
    let is_cut = |(line, _): &(usize, _)| line % 2 == 0;
    let (cut, left): (Vec<_>, Vec<_>) = streams.into_iter().enumerate().partition(is_cut);
    // They end while the provider still goes on.
    for (_, stream) in cut {
        let seen = ended(stream);
        assert!(seen.was_cut());
        let after = seen.last_content.saturating_duration_since(acknowledged);
        assert!(
            after <= AT_MOST,
            "content came {after:?} after the acknowledgement"
        );
    }
    let until_then: Vec<usize> = (0..STREAMS).map(heard).collect();
    eventually("more content on every other stream", || {
        let mut left = left.iter().map(|(line, _)| *line);
        left.all(|line| heard(line) > until_then[line] + 5)
            .then_some(())
    });
    story.scholar.concludes();
    for (_, stream) in left {
        assert!(!ended(stream).was_cut());
    }
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
