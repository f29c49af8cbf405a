//! Files and accounting in, evidence or reasons out.

use domain::{ModelDigest, Timestamp};

use super::{About, Accounted, Joined, Spoilt, join};
use crate::imported::Imported;
use crate::rows::{Arm, Outcome};
use crate::sources::read;

const NAME: &str = "release/next/candidate";

fn digest(text: &str) -> ModelDigest {
    ModelDigest(text.into())
}

fn about() -> About {
    About {
        release: "next".into(),
        arm: Arm::Candidate,
        requested_model: NAME.to_owned(),
        model: digest("sha256:new"),
        judge: None,
        suite: "capitals".into(),
        suite_digest: file().suite_digest(),
        attempt: 1,
        scorer: Some("promptfoo".to_owned()),
        known_error: None,
        taken_at: Timestamp(1_790_000_000_000),
    }
}

fn file() -> Imported {
    read(include_bytes!("../sources/fixtures/promptfoo.json")).unwrap()
}

fn answered() -> Accounted {
    Accounted {
        decision: None,
        response: None,
        requested_model: NAME.to_owned(),
        served_digest: Some(digest("sha256:new")),
        outcome: Outcome::Ok,
        was_fallback: false,
    }
}

fn spoilt(accounted: &[Accounted]) -> Vec<Spoilt> {
    let joined = join(&file(), accounted, &about());
    let is_named = |joined: &Joined| {
        joined
            .run
            .rows
            .iter()
            .any(|row| row.served_digest.is_some())
    };
    assert_eq!(is_named(&joined), joined.spoilt.is_empty());
    joined.spoilt
}

#[test]
fn what_joins_is_a_run_of_the_model_that_served() {
    let mut accounted = vec![answered(); 4];
    accounted[1].outcome = Outcome::Refused;
    let joined = join(&file(), &accounted, &about());
    assert_eq!(joined.spoilt, []);
    joined.run.check().unwrap();
    assert_eq!(joined.run.summary().mean, Some(0.625));
    assert_eq!(joined.run.summary().clusters, 2);
    assert_eq!(joined.run.summary().spoilt, 0);
    assert_eq!(joined.accounted.get(&Outcome::Refused), Some(&1));
    assert_eq!(joined.run.rows[0].scorer.name, "promptfoo/promptfoo");
    assert_eq!(joined.file_digest, file().file_digest);
}

#[test]
fn what_does_not_join_is_inconclusive() {
    let with = |change: fn(&mut Accounted)| {
        let mut accounted = vec![answered(); 4];
        change(&mut accounted[2]);
        spoilt(&accounted)
    };
    let fallback = with(|one| one.was_fallback = true);
    assert_eq!(fallback, [Spoilt::Fallback { count: 1 }]);
    let other = with(|one| one.served_digest = Some(digest("sha256:old")));
    assert_eq!(other, [Spoilt::OtherModel { count: 1 }]);
    let unknown = with(|one| one.served_digest = None);
    assert_eq!(unknown, [Spoilt::OtherModel { count: 1 }]);
    let error = with(|one| one.outcome = Outcome::Error);
    assert_eq!(error, [Spoilt::Errors { count: 1 }]);
    let name = with(|one| one.requested_model = "tier/opus".to_owned());
    assert!(
        matches!(name.as_slice(), [Spoilt::OtherName { .. }]),
        "{name:?}"
    );
    for count in [0, 3, 5] {
        let wrong = spoilt(&vec![answered(); count]);
        assert!(
            matches!(wrong.as_slice(), [Spoilt::Requests { .. }]),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_judges_requests_are_no_answers() {
    let mut accounted = vec![answered(); 4];
    let judge = Accounted {
        requested_model: "tier/judge".to_owned(),
        served_digest: Some(digest("sha256:judge")),
        ..answered()
    };
    accounted.push(judge);
    assert_eq!(spoilt(&accounted).len(), 3);
    let about = About {
        judge: Some("tier/judge".to_owned()),
        ..about()
    };
    assert_eq!(join(&file(), &accounted, &about).spoilt, []);
}

#[test]
fn a_file_that_is_unfinished_edited_or_of_another_model_is_inconclusive() {
    let accounted = vec![answered(); 4];
    let mut unfinished = file();
    unfinished.unfinished = Some("it was stopped".to_owned());
    let mut counted = file();
    counted.counts[0].stated = 9;
    let mut other = file();
    other.requested_model = Some("openai:chat:tier/opus".to_owned());
    let mut unscored = file();
    unscored.rows[0].scores.clear();
    for (file, reason) in [
        (unfinished, "did not come to its end"),
        (counted, "edited"),
        (other, "was asked for, not"),
        (unscored, "1 items have no score"),
    ] {
        let joined = join(&file, &accounted, &about());
        assert_eq!(joined.spoilt.len(), 1);
        let told = joined.spoilt[0].to_string();
        assert!(told.contains(reason), "{told}");
        assert!(joined.run.summary().spoilt > 0);
    }
}

#[test]
fn several_scorers_without_a_name_are_inconclusive() {
    let about = About {
        scorer: None,
        ..about()
    };
    let joined = join(&file(), &vec![answered(); 4], &about);
    let told: Vec<String> = joined.spoilt.iter().map(ToString::to_string).collect();
    assert!(told[0].contains("brief, promptfoo"), "{told:?}");
}

#[test]
fn a_row_with_the_id_of_its_response_takes_what_was_accounted_for_it() {
    let (mut file, mut accounted) = (file(), vec![answered(); 4]);
    for (at, (row, one)) in file.rows.iter_mut().zip(&mut accounted).enumerate() {
        row.responses.push(format!("response-{at}"));
        one.response = Some(format!("response-{at}"));
        one.decision = Some(format!("decision-{at}"));
    }
    accounted[0].outcome = Outcome::Refused;
    accounted.reverse();
    let joined = join(&file, &accounted, &about());
    assert_eq!(joined.spoilt, []);
    assert_eq!(joined.run.rows[0].outcome, Outcome::Refused);
    assert_eq!(joined.run.rows[1].decision.as_deref(), Some("decision-1"));
    for wrong in ["response-9", "response-0"] {
        file.rows[3].responses = vec![wrong.to_owned()];
        for one in &mut accounted {
            one.decision = None;
        }
        let spoilt = join(&file, &accounted, &about()).spoilt;
        assert!(
            matches!(spoilt.as_slice(), [Spoilt::NotAccounted { .. }]),
            "{spoilt:?}"
        );
    }
}

#[test]
fn a_row_that_names_its_decision_is_joined_with_that_alone() {
    let (mut file, mut accounted) = (file(), vec![answered(); 4]);
    for (at, (row, one)) in file.rows.iter_mut().zip(&mut accounted).enumerate() {
        row.decisions.push(format!("decision-{at}"));
        one.decision = Some(format!("decision-{at}"));
    }
    accounted[2].outcome = Outcome::Truncated;
    let joined = join(&file, &accounted, &about());
    assert_eq!(joined.spoilt, []);
    assert_eq!(joined.run.rows[2].outcome, Outcome::Truncated);
    for wrong in ["decision-9", "decision-0"] {
        file.rows[3].decisions = vec![wrong.to_owned()];
        let spoilt = join(&file, &accounted, &about()).spoilt;
        let is_told = |one: &Spoilt| matches!(one, Spoilt::NotAccounted { .. });
        assert!(spoilt.iter().any(is_told), "{wrong}: {spoilt:?}");
    }
}

#[test]
fn items_of_another_suite_are_inconclusive() {
    let mut file = file();
    file.rows[3].asked = file.rows[2].asked.clone();
    let told = join(&file, &vec![answered(); 4], &about()).spoilt;
    assert_eq!(
        told,
        [Spoilt::OtherSuite {
            found: file.suite_digest()
        }]
    );
}

#[test]
fn both_sides_of_a_release_have_one_suite() {
    let text = String::from_utf8(include_bytes!("../sources/fixtures/promptfoo.json").to_vec());
    let text = text.unwrap().replace("candidate", "incumbent");
    let other = read(text.as_bytes()).unwrap();
    assert_eq!(other.suite_digest(), file().suite_digest());
    assert_ne!(other.file_digest, file().file_digest);
    let asked = text.replace("Norway", "Sweden");
    assert_ne!(
        read(asked.as_bytes()).unwrap().suite_digest(),
        file().suite_digest()
    );
}
