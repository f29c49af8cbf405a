//! A release told from sealed to rolled back, through the commands that people use and the
//! requests that applications send. It must not look behind the binary.

use serde_json::json;

use crate::client::Ask;
use crate::rollout::{Rollout, config, verdict};
use crate::scholar::Skill;

#[test]
fn a_release_goes_from_sealed_to_early_access_on_evidence_and_back() {
    let story = Rollout::start();
    // The incumbent is good, the candidate better.
    story.scholar.teach("old-1", Skill::WrongEvery(7));
    sealed(&story);
    promoted_without_evidence(&story);
    evaluated(&story);
    waits_for_a_second_person(&story);
    story.approve(&story.product_lead);
    let promoted = story.promote().is(0).json();
    assert_eq!(promoted["to"]["stage"], json!("early_access"), "{promoted}");
    open_to_one_use_case(&story);
    let rollback = ["release", "rollback", "next", "--reason", "a complaint"];
    story.home.run_as(&story.platform_lead, &rollback).is(0);
    assert_eq!(
        story.answers(&story.helper),
        "old",
        "from the next request on"
    );
    sealed(&story);
    a_failing_eval_of_a_new_digest_does_not_promote(&story);
    the_ledger_shows_why(&story);
}

fn sealed(story: &Rollout) {
    let listen = story.gateway.listen;
    for key in [&story.helper, &story.seller, &story.anybody] {
        let chat = Ask::get("/v1/models").bearer(&key.key);
        let messages = Ask::get("/v1/models")
            .with("x-api-key", &key.key)
            .with("anthropic-version", "2023-06-01");
        for list in [chat, messages] {
            let listed = list.to(listen).is(200).text();
            assert!(
                listed.contains("haiku") && !listed.contains("next"),
                "{listed}"
            );
        }
        for name in ["next", "next-1", "release/next/candidate"] {
            let refused = story.ask(key, name).is(404);
            assert_eq!(refused.json()["error"]["code"], json!("model_not_found"));
            let ask = Ask::messages(name).with("x-api-key", &key.key);
            let refused = ask.to(listen).is(404).json();
            assert_eq!(refused["error"]["type"], json!("not_found_error"));
        }
        assert_eq!(story.answers(key), "old");
    }
    assert_eq!(story.shown()["stage"], json!("sealed"));
}

fn promoted_without_evidence(story: &Rollout) {
    let refused = story.promote().is(1).json();
    assert_eq!(refused["refused"], json!("gates"), "{refused}");
    for gate in ["eval_floor", "eval_noninferior", "approval"] {
        assert_eq!(
            verdict(&refused["gates"], gate).0,
            "inconclusive",
            "{refused}"
        );
    }
    let command = ["release", "promote", "next"];
    let told = story.home.run_as(&story.platform_lead, &command).is(1);
    assert!(told.out.contains("inconclusive"), "{}", told.out);
}

fn evaluated(story: &Rollout) {
    let arms = story.evaluate();
    for (arm, mean) in arms.iter().zip([72.0 / 84.0, 1.0]) {
        let evidence = &arm["evidence"];
        assert_eq!(evidence["items"], json!(84), "{arm}");
        assert_eq!(evidence["spoilt"], json!(0), "{arm}");
        let told = evidence["mean"].as_f64().unwrap();
        assert!((told - mean).abs() < 1e-9, "{arm}");
    }
    assert_eq!(arms.len(), 2);
    let gates = &story.shown()["gates"];
    assert_eq!(verdict(gates, "eval_floor").0, "pass", "{gates}");
    assert_eq!(verdict(gates, "eval_noninferior").0, "pass", "{gates}");
}

fn waits_for_a_second_person(story: &Rollout) {
    let approvals = || {
        let refused = story.promote().is(1).json();
        let (word, reason) = verdict(&refused["gates"], "approval");
        assert_eq!(word, "inconclusive", "{refused}");
        reason.to_owned()
    };
    assert!(approvals().starts_with("0 of 2"), "{}", approvals());
    for key in &story.security_lead {
        story.approve(key);
    }
    // One person with three keys is one person, and who asks is none.
    assert!(approvals().starts_with("1 of 2"), "{}", approvals());
    story.approve(&story.platform_lead);
    assert!(approvals().starts_with("1 of 2"), "{}", approvals());
    assert_eq!(story.answers(&story.helper), "old");
}

fn open_to_one_use_case(story: &Rollout) {
    assert_eq!(story.answers(&story.helper), "next");
    assert_eq!(story.answers(&story.seller), "old");
    assert_eq!(story.answers(&story.anybody), "old");
    let answer = story.ask(&story.helper, "haiku");
    assert_eq!(answer.header("tiergate-stage"), Some("early_access"));
    assert_eq!(answer.header("tiergate-tier"), Some("haiku"));
    // By its own name and by alias the candidate is there for the same callers only.
    assert_eq!(
        story.ask(&story.helper, "next").is(200).model(),
        Some("next")
    );
    let alias = story.ask(&story.helper, "claude-haiku-4").is(200);
    assert_eq!(alias.model(), Some("next"));
    story.ask(&story.seller, "next").is(404);
    story.ask(&story.anybody, "next").is(404);
    for (key, is_listed) in [(&story.helper, true), (&story.seller, false)] {
        let list = Ask::get("/v1/models").bearer(&key.key);
        let listed = list.to(story.gateway.listen).is(200).text();
        assert_eq!(listed.contains("\"next\""), is_listed, "{listed}");
    }
    let claim = Ask::chat("haiku").with("tiergate-use-case", "code-help");
    let claimed = claim.bearer(&story.seller.key).to(story.gateway.listen);
    assert_eq!(
        claimed.is(403).json()["error"]["code"],
        json!("use_case_not_held")
    );
}

fn a_failing_eval_of_a_new_digest_does_not_promote(story: &Rollout) {
    let before = story.shown();
    story.scholar.teach("next-2", Skill::Wrong);
    story.home.write(&config(&story.scholar, "next-2"));
    story.gateway.await_said("was taken up", 1);
    let after = story.shown();
    assert_ne!(before["digest"], after["digest"]);
    // What was known of the other digest counts for nothing.
    let floor = verdict(&after["gates"], "eval_floor");
    assert_eq!(floor.0, "inconclusive", "{floor:?}");
    let approval = verdict(&after["gates"], "approval");
    assert!(approval.1.starts_with("0 of 2"), "{approval:?}");
    story.evaluate();
    story.approve(&story.security_lead[0]);
    story.approve(&story.product_lead);
    let refused = story.promote().is(1).json();
    assert_eq!(
        verdict(&refused["gates"], "approval").0,
        "pass",
        "{refused}"
    );
    assert_eq!(
        verdict(&refused["gates"], "eval_floor").0,
        "fail",
        "{refused}"
    );
    assert_eq!(story.shown()["stage"], json!("sealed"));
    assert_eq!(story.answers(&story.helper), "old");
}

fn the_ledger_shows_why(story: &Rollout) {
    let entries = story
        .home
        .run(&["ledger", "show", "--json"])
        .is(0)
        .json_lines();
    let count = |kind: &str| entries.iter().filter(|one| one["kind"] == kind).count();
    assert_eq!(count("key.issued"), 5, "{entries:#?}");
    assert_eq!(count("policy.loaded"), 2);
    assert_eq!(count("evidence.taken"), 4);
    assert_eq!(count("release.approved"), 7);
    assert_eq!(count("release.moved"), 2);
    let verified = story.home.run(&["ledger", "verify", "--json"]).is(0).json();
    assert_eq!(verified["verified"], json!(true));
    assert_eq!(verified["entries"], json!(entries.len()));
}
