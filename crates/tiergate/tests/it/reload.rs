//! A configuration that changes under a running gateway: taken up on a change and on SIGHUP, the
//! last good one kept when it is wrong. It must not know how a change is noticed.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use testkit::{Behaviour, Client, Script};

use crate::bench::{Bench, fake, standard};
use crate::client::Ask;
use crate::home::Home;
use crate::patience::{eventually, on};

const TAKEN: &str = "the configuration was taken up";
const KEPT: &str = "the last good one stays in force";

/// Adds an alias to tier haiku.
fn with_alias(config: &str, alias: &str) -> String {
    let aliases = format!("aliases = [\"{alias}\", ");
    let at = config.find("[tiers.haiku]").unwrap();
    let (before, after) = config.split_at(at);
    format!("{before}{}", after.replacen("aliases = [", &aliases, 1))
}

fn status(bench: &Bench, name: &str) -> u16 {
    bench.chat(name).to(bench.gateway.listen).status
}

#[test]
fn a_changed_file_is_taken_up_and_a_wrong_one_is_not() {
    let bench = Bench::start();
    let good = standard(&bench.fake);
    assert_eq!(status(&bench, "first"), 404);
    bench.home.write(&with_alias(&good, "first"));
    bench.gateway.await_said(TAKEN, 1);
    assert_eq!(status(&bench, "first"), 200);

    let wrong = with_alias(&good, "second").replace("[tiers.opus]\n", "[tiers.opus]\nserve = 1\n");
    bench.home.write(&wrong);
    bench.gateway.await_said(KEPT, 1);
    let line = wrong.lines().position(|line| line == "serve = 1").unwrap() + 1;
    bench
        .gateway
        .await_said(&format!("tiergate.toml:{line}"), 1);
    assert_eq!(
        (status(&bench, "first"), status(&bench, "second")),
        (200, 404)
    );

    fs::remove_file(bench.home.config()).unwrap();
    bench.gateway.signal(Signal::HUP);
    bench.gateway.await_said("cannot be read", 1);
    assert_eq!(status(&bench, "first"), 200);

    bench.home.write(&with_alias(&good, "third"));
    bench.gateway.await_said(TAKEN, 2);
    assert_eq!(
        (status(&bench, "first"), status(&bench, "third")),
        (404, 200)
    );
}

#[test]
fn a_change_that_no_watcher_sees_is_taken_up_on_sighup() {
    let fake = fake(Script::new());
    let good = standard(&fake);
    let home = Home::new(&good);
    // Behind a symbolic link the file changes in a folder that is not watched.
    let elsewhere = tempfile::tempdir().unwrap();
    let behind = elsewhere.path().join("real.toml");
    fs::rename(home.config(), &behind).unwrap();
    symlink(&behind, home.config()).unwrap();
    let caller = home.caller("app", &[]);
    let gateway = home.serve();
    let ask = Ask::chat("first").bearer(&caller.key);
    fs::write(&behind, with_alias(&good, "first")).unwrap();
    assert_eq!(ask.to(gateway.listen).status, 404);
    gateway.signal(Signal::HUP);
    gateway.await_said(TAKEN, 1);
    assert_eq!(ask.to(gateway.listen).status, 200);
}

#[test]
fn a_change_right_behind_the_word_that_it_is_ready_is_seen() {
    let bench = Bench::start();
    bench
        .home
        .write(&with_alias(&standard(&bench.fake), "first"));
    bench.gateway.await_said(TAKEN, 1);
}

#[test]
fn a_change_of_a_deadline_alone_is_taken_up_too() {
    let bench = Bench::with(|fake| standard(fake).replace("= 1500", "= 60000"));
    bench.fake.rescript("plain", Behaviour::StallAfter(2));
    // The watcher is there once a request is answered.
    assert_eq!(status(&bench, "nothing"), 404);
    let shorter = standard(&bench.fake).replace("= 1500", "= 300");
    bench.home.write(&shorter);
    bench.gateway.await_said(TAKEN, 1);
    let start = Instant::now();
    let answer = bench.chat("haiku").streamed().to(bench.gateway.listen);
    let text = answer.text();
    assert!(start.elapsed() < Duration::from_secs(20), "{text}");
    assert!(text.contains("provider_timeout_idle"), "{text}");
}

#[test]
fn a_stream_under_way_ends_as_it_began() {
    let bench = Bench::start();
    let paced = Behaviour::Normal {
        tokens: 40,
        gap: Duration::from_millis(25),
    };
    bench.fake.rescript("plain", paced);
    let ask = bench.chat("haiku").streamed();
    let mut client = on(async {
        let mut client = Client::connect(bench.gateway.listen).await.unwrap();
        client.send(&ask.bytes()).await.unwrap();
        client.read_head().await.unwrap();
        client
    });
    bench
        .home
        .write(&with_alias(&standard(&bench.fake), "first"));
    bench.gateway.await_said(TAKEN, 1);
    let mut shown = Vec::new();
    while let Some(piece) = on(client.next_piece()).unwrap() {
        shown.extend_from_slice(&piece);
    }
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.ends_with("data: [DONE]\n\n"), "{shown}");
    assert_eq!(status(&bench, "first"), 200);
}

#[test]
fn a_live_release_is_not_changed_by_a_file() {
    let mut bench = Bench::start();
    let operator = bench.home.operator("platform-lead", "operator");
    let approver = bench.home.operator("security-lead", "approver");
    assert!(bench.gateway.stop().success());
    bench.gateway = bench.home.serve();
    bench
        .home
        .run_as(&approver, &["release", "approve", "hidden"])
        .is(0);
    bench
        .home
        .run_as(&operator, &["release", "promote", "hidden"])
        .is(0);
    let good = standard(&bench.fake);
    let looser = good.replace(
        "roles = [\"security\"], of",
        "roles = [\"security\", \"x\"], of",
    );
    assert_ne!(good, looser);
    let gone = good.split_once("[releases.hidden]").unwrap().0.to_owned();
    for (times, changed) in [looser, gone].iter().enumerate() {
        bench.home.write(changed);
        bench.gateway.await_said(KEPT, times + 1);
        bench
            .gateway
            .await_said("tiergate release rollback hidden", times + 1);
    }
    // Started anew with such a file it does not serve at all.
    assert!(bench.gateway.stop().success());
    let refused = bench.home.run(&["serve"]).is(2);
    assert!(refused.err.contains("releases.hidden"), "{}", refused.err);
    bench.home.write(&good);
    bench.gateway = bench.home.serve();
    let shown = bench
        .home
        .run_as(&operator, &["release", "show", "hidden", "--json"]);
    assert_eq!(shown.is(0).json()["stage"], "early_access");
}

#[test]
fn a_key_made_or_revoked_beside_it_counts_without_a_reload() {
    let bench = Bench::start();
    let late = bench.home.caller("late", &[]);
    let ask = Ask::chat("haiku").bearer(&late.key);
    assert_eq!(ask.to(bench.gateway.listen).status, 200, "it works at once");
    bench.home.run(&["key", "revoke", &late.id]).is(0);
    eventually("the key is refused", || {
        (ask.to(bench.gateway.listen).status == 401).then_some(())
    });
    assert_eq!(bench.gateway.times_said(TAKEN), 0);
}
