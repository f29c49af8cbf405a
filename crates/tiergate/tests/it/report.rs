//! A release's card as people use it: the page, the public JSON, the verdicts for a CI system and
//! the signed statement, of a release that a running gateway led. It must not look behind the
//! binary.

use std::fs;

use serde_json::{Value, json};

use crate::home::Ended;
use crate::page;
use crate::rollout::Rollout;
use crate::scholar::Skill;

/// Reads a file that a command wrote into the story's folder.
fn read(story: &Rollout, name: &str) -> String {
    fs::read_to_string(story.home.path().join(name)).unwrap()
}

fn report(story: &Rollout, more: &[&str]) -> Ended {
    let command = [&["report", "release", "next"], more].concat();
    story.home.run_as(&story.platform_lead, &command)
}

/// A candidate in early access, from which one team was cut and then given back.
fn told() -> Rollout {
    let story = Rollout::start();
    story.scholar.teach("old-1", Skill::WrongEvery(7));
    story.open();
    let run = |command: &[&str]| story.home.run_as(&story.platform_lead, command).is(0);
    let reason = "<script>alert('blue')</script>";
    run(&[
        "release", "suspend", "next", "--team", "blue", "--reason", reason, "--order", "X-1",
    ]);
    run(&["release", "restore", "next", "--reason", "all clear"]);
    story
}

#[test]
fn a_card_is_one_page_and_public_json_that_names_nobody() {
    let mut story = told();
    report(&story, &["--html", "card.html"]).is(0);
    let html = read(&story, "card.html");
    assert!(
        html.contains("&lt;script&gt;") && !html.contains("<script"),
        "{html}"
    );
    assert!(
        html.contains("security-lead") && html.contains("X-1"),
        "{html}"
    );
    // A gateway that stopped leaves all that a card needs.
    assert!(story.gateway.stop().success());
    let public = report(&story, &["--public", "--json", "--html", "public.html"]).is(0);
    let card = public.json();
    assert_eq!(card["moves"].as_array().unwrap().len(), 3, "{card}");
    assert_eq!(card["standing"]["stage"], json!("early_access"));
    let page = read(&story, "public.html");
    let keys = [&story.platform_lead, &story.product_lead].map(|one| one.key.id.clone());
    let words = [
        "platform-lead",
        "security-lead",
        "product-lead",
        "blue",
        "alert(",
        "all clear",
    ];
    for hidden in words.map(str::to_owned).into_iter().chain(keys) {
        assert!(!public.out.contains(&hidden), "{hidden}: {}", public.out);
        assert!(!page.contains(&hidden), "{hidden}: {page}");
    }
    let unknown = story.home.run(&["report", "release", "nobodys"]).is(2);
    assert!(unknown.err.contains("nobodys"), "{}", unknown.err);
}

#[test]
fn a_card_reads_well_in_a_browser() {
    let story = told();
    report(&story, &["--html", "card.html"]).is(0);
    report(&story, &["--public", "--html", "public.html"]).is(0);
    for name in ["card.html", "public.html"] {
        let Some(seen) = page::read(&story.home.path().join(name)) else {
            return;
        };
        let way = &seen["drawings"][0];
        assert!(
            way["name"].as_str().unwrap().contains("stages that next"),
            "{seen}"
        );
        // Four stages; a mark, its share, its kind and its day for each of three moves.
        assert_eq!(way["texts"], json!(4 + 3 * 3), "{seen}");
        let text = seen["text"].as_str().unwrap();
        assert!(text.contains("What did not simply pass"), "{text}");
    }
}

#[test]
fn verdicts_for_a_ci_system_say_no_until_the_gates_let_through() {
    let story = Rollout::start();
    let refused = report(&story, &["--junit", "gates.xml"]);
    refused.is(1);
    let xml = read(&story, "gates.xml");
    let document = roxmltree::Document::parse(&xml).unwrap();
    let suite = document
        .descendants()
        .find(|one| one.has_tag_name("testsuite"));
    assert_eq!(suite.unwrap().attribute("errors"), Some("3"), "{xml}");
    story.evaluate();
    story.approve(&story.security_lead[0]);
    story.approve(&story.product_lead);
    report(&story, &["--junit", "gates.xml"]).is(0);
    let xml = read(&story, "gates.xml");
    assert!(
        xml.contains("tests=\"3\" failures=\"0\" errors=\"0\""),
        "{xml}"
    );
}

#[test]
fn a_statement_names_the_candidate_and_the_move() {
    let story = told();
    report(&story, &["--statement", "move.json"]).is(0);
    let envelope: Value = serde_json::from_str(&read(&story, "move.json")).unwrap();
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let key = fs::read_to_string(story.home.kept().join("ledger/key.pub")).unwrap();
    assert_eq!(envelope["signatures"][0]["keyid"], key.trim_end());
    let none = report(&story, &["--statement", "no.json", "--entry", "0"]).is(2);
    assert!(none.err.contains("entry 0"), "{}", none.err);
}
