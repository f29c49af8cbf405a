//! What of a card needs no release: the XML of verdicts, and what a signature is made on.

use super::public::roles;
use super::shown::By;
use super::statement::pre_authentication;
use super::{NextStage, junit};
use release::{Judgement, Verdict, Waived};
use roxmltree::Document;

fn verdict(gate: &str, verdict: Judgement, reason: &str) -> Verdict {
    Verdict {
        gate: gate.to_owned(),
        verdict,
        reason: reason.to_owned(),
        for_ever: None,
        numbers: Vec::new(),
        waived: None,
    }
}

fn next(verdicts: Vec<Verdict>) -> NextStage {
    NextStage {
        release: "next".to_owned(),
        stage: Some("general".to_owned()),
        digest: "sha256:0a".to_owned(),
        verdicts,
    }
}

#[test]
fn each_gate_is_a_case_that_a_parser_reads_back() {
    let hostile = "2 < 3 & \"so\" ]]> \u{1}";
    let mut waived = verdict("eval_floor", Judgement::Fail, "below");
    waived.waived = Some(Waived {
        by: "chief".into(),
        reason: "old <suite>".to_owned(),
        until: domain::Timestamp(0),
    });
    let next = next(vec![
        verdict("soak", Judgement::Pass, "long enough"),
        verdict("eval_floor", Judgement::Fail, hostile),
        verdict("approval", Judgement::Inconclusive, "1 of 2"),
        waived,
    ]);
    assert!(!next.lets_through());
    let xml = junit(&next).unwrap();
    let document = Document::parse(&xml).unwrap();
    let suite = document
        .descendants()
        .find(|one| one.has_tag_name("testsuite"))
        .unwrap();
    for (name, count) in [("tests", "4"), ("failures", "1"), ("errors", "1")] {
        assert_eq!(suite.attribute(name), Some(count), "{name}");
    }
    let cases: Vec<_> = suite
        .children()
        .filter(|one| one.has_tag_name("testcase"))
        .collect();
    let child = |at: usize, tag: &str| cases[at].children().find(|one| one.has_tag_name(tag));
    assert!(child(0, "failure").is_none() && child(0, "error").is_none());
    let failure = child(1, "failure").unwrap().attribute("message").unwrap();
    assert_eq!(failure, hostile.replace('\u{1}', "\u{fffd}"));
    assert_eq!(
        child(2, "error").unwrap().attribute("type"),
        Some("inconclusive")
    );
    assert!(child(3, "failure").is_none() && child(3, "error").is_none());
    let out = child(3, "system-out").unwrap().text().unwrap();
    assert!(
        out.contains("waived by chief until 1970-01-01: old <suite>"),
        "{out}"
    );
}

#[test]
fn only_gates_that_were_judged_and_let_through_are_a_yes() {
    let pass = || verdict("soak", Judgement::Pass, "");
    assert!(next(vec![pass()]).lets_through());
    assert!(!next(vec![pass(), verdict("x", Judgement::Inconclusive, "")]).lets_through());
    let ended = NextStage {
        stage: None,
        ..next(Vec::new())
    };
    assert!(!ended.lets_through(), "nothing was judged");
}

#[test]
fn what_is_signed_is_encoded_as_the_protocol_says() {
    // The example of the DSSE protocol, version 1.0.0.
    let ours = pre_authentication("http://example.com/HelloWorld", b"hello world");
    let wanted = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
    assert_eq!(ours, wanted);
}

#[test]
fn what_moves_by_itself_is_named_to_the_public_and_a_person_is_not() {
    let by = |name: &str| By {
        person: Some(name.to_owned()),
        roles: vec!["security".to_owned()],
    };
    assert_eq!(roles(&by(domain::AUTOMATION)), by(domain::AUTOMATION));
    assert_eq!(roles(&by("chief")).person, None);
}
