//! An outside order in force under load: only the ordered scope loses the candidate, from the
//! acknowledgement on, and nothing but a person gives it back. It must not look behind the binary.

use std::time::Instant;

use serde_json::json;

use crate::client::Ask;
use crate::home::Key;
use crate::load::{Answered, Load};
use crate::rollout::Rollout;

/// How many streams there are at the same time.
const STREAMS: usize = 64;

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
