//! The decision as a whole: closed by default, sticky, in agreement with its explanation and with
//! the list of visible names.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::caller::{AUTOMATION, Caller, CallerKind, Person};
use crate::decide::{Denial, decide, explain};
use crate::draft::{ModelDraft, PolicyDraft, ProviderDraft, ReleaseDraft, StageDraft, TierDraft};
use crate::facts::Takes;
use crate::model::{Limits, ModelDigest};
use crate::policy::{Policy, PolicyDigest};
use crate::reach::Ask;
use crate::rollout::{Admission, Advance, GateSpec, NotAdmitted};
use crate::status::{Condition, ReleaseStatus, Share, Stage, Status};
use crate::suspension::{Scope, Suspension};
use crate::tier::{Fallback, UseCase};
use crate::time::Timestamp;
use crate::visible::{visible_name, visible_names};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn model(name: &str) -> ModelDraft {
    ModelDraft {
        name: name.to_owned(),
        provider: "main".to_owned(),
        id: format!("{name}-id"),
        safeguards: None,
        params: serde_json::Map::new(),
        weights: None,
        limits: Limits::default(),
        prices: None,
        takes: Takes::default(),
    }
}

fn tier(name: &str, serves: &[&str], aliases: &[&str]) -> TierDraft {
    TierDraft {
        name: name.to_owned(),
        serves: serves.iter().map(|name| (*name).to_owned()).collect(),
        adapt: false,
        aliases: aliases.iter().map(|name| (*name).to_owned()).collect(),
        purpose: String::new(),
        fallback: Fallback::STANDARD,
    }
}

fn stage(stage: Stage, admit: Option<Admission>) -> StageDraft {
    let gate = GateSpec {
        gate: "approval".to_owned(),
        params: BTreeMap::new(),
    };
    StageDraft {
        stage,
        admit,
        shares: vec![],
        advance: Advance::Manual,
        standing: Vec::new(),
        gates: vec![gate],
    }
}

fn release(name: &str, tier: &str, candidate: &str, elsewhere: NotAdmitted) -> ReleaseDraft {
    let admit = Admission {
        use_cases: vec!["defence".into()],
        teams: vec!["blue".to_owned()],
        ..Admission::default()
    };
    ReleaseDraft {
        name: name.to_owned(),
        tier: tier.to_owned(),
        candidate: candidate.to_owned(),
        when_not_admitted: elsewhere,
        judges: std::collections::BTreeSet::new(),
        stages: vec![
            stage(Stage::EarlyAccess, Some(admit)),
            stage(Stage::General, None),
        ],
    }
}

/// Two releases: `next` into a tier that `old` serves, `mythos` into a new tier.
fn policy(elsewhere: NotAdmitted) -> Policy {
    Policy::build(draft(elsewhere), PolicyDigest("sha256:test".into())).unwrap()
}

fn draft(elsewhere: NotAdmitted) -> PolicyDraft {
    let use_case = |name: &str, tiers: &[&str]| UseCase {
        name: name.into(),
        owner: "lead".into(),
        risk: None,
        tiers: tiers.iter().map(|tier| (*tier).into()).collect(),
        review_by: Some("2027-03-01".parse().unwrap()),
    };
    PolicyDraft {
        providers: vec![ProviderDraft {
            name: "main".to_owned(),
            dialect: "openai-chat".to_owned(),
            base_url: "http://models.example/v1".to_owned(),
        }],
        models: ["small", "old", "new", "deep", "spare"].map(model).to_vec(),
        tiers: vec![
            tier("haiku", &["small"], &["gpt-4o-mini*"]),
            tier("opus", &["old"], &["gpt-5*", "claude-opus-5"]),
            tier("capybara", &[], &["mythos*"]),
        ],
        people: vec![Person {
            name: "lead".into(),
            roles: vec!["security".to_owned()],
        }],
        use_cases: vec![
            use_case("defence", &["opus", "capybara"]),
            use_case("chat", &["haiku"]),
        ],
        releases: vec![
            release("next", "opus", "new", NotAdmitted::Refuse),
            release("mythos", "capybara", "deep", elsewhere),
        ],
        ..PolicyDraft::default()
    }
}

fn caller(team: &str, use_cases: &[&str]) -> Caller {
    Caller {
        key: "key".into(),
        name: "app".to_owned(),
        kind: CallerKind::Application,
        team: Some(team.to_owned()),
        attributes: BTreeMap::new(),
        use_cases: use_cases.iter().map(|name| (*name).into()).collect(),
    }
}

fn status(policy: &Policy, entries: &[(&str, Stage, u64)]) -> Status {
    let mut status = Status {
        generation: 1,
        ..Status::default()
    };
    for (name, stage, share) in entries {
        let plan = policy.releases.get(*name).unwrap();
        let digest = plan.candidate.digest.clone();
        let mut release = ReleaseStatus::sealed(&plan.name, digest, NOW);
        release.stage = *stage;
        release.share = Share::percent(*share).unwrap();
        status.releases.insert(plan.name.clone(), release);
    }
    status
}

fn ask<'a>(caller: &'a Caller, name: &'a str, conversation: &'a str) -> Ask<'a> {
    Ask {
        caller,
        name,
        use_case: None,
        conversation,
        held_by: None,
        now: NOW,
        used_today: &|_| 0,
    }
}

/// Names the model that answers, or the denial.
fn answer(policy: &Policy, status: &Status, ask: &Ask<'_>) -> Result<String, Denial> {
    decide(policy, status, ask)
        .map(|assignment| assignment.models().next().unwrap().name.to_string())
}

#[test]
fn a_sealed_candidate_is_unlisted_and_unreachable_by_any_name() {
    let policy = policy(NotAdmitted::Tier("opus".into()));
    let caller = caller("blue", &["defence"]);
    let closed = [
        Status::default(),
        status(
            &policy,
            &[("next", Stage::Sealed, 100), ("mythos", Stage::Sealed, 100)],
        ),
    ];
    for status in &closed {
        for name in [
            "new",
            "deep",
            "capybara",
            "mythos-5",
            "new-id",
            "deep-id",
            "spare",
            "NEW",
            "Opus",
            "opus ",
            "release/next/candidate",
            "release/mythos/candidate",
            "",
            "ορus",
            "gpt-4o",
        ] {
            let asked = ask(&caller, name, "c");
            assert_eq!(
                answer(&policy, status, &asked),
                Err(Denial::UnknownName),
                "{name}"
            );
        }
        let listed = visible_names(&policy, status, &ask(&caller, "", "c"));
        let names: Vec<&str> = listed.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["opus", "old"]);
        let shown = |name: &str| visible_name(&policy, status, &ask(&caller, name, "c"));
        for name in ["new", "mythos", "capybara", "mythes", "opus ", ""] {
            assert_eq!(shown(name), None, "{name}");
        }
        for name in &listed {
            assert_eq!(shown(&name.name).as_ref(), Some(name));
        }
    }
}

#[test]
fn only_the_admitted_get_the_candidate() {
    let policy = policy(NotAdmitted::Tier("opus".into()));
    let status = status(&policy, &[("next", Stage::EarlyAccess, 100)]);
    let cases = [
        (caller("blue", &["defence"]), "opus", Ok("new")),
        (caller("blue", &["defence"]), "gpt-5-turbo", Ok("new")),
        (caller("blue", &["defence"]), "new", Ok("new")),
        (caller("red", &["defence"]), "opus", Ok("old")),
        (caller("red", &["defence"]), "new", Err(Denial::UnknownName)),
        (caller("blue", &[]), "opus", Ok("old")),
        (caller("blue", &[]), "new", Err(Denial::UnknownName)),
        (caller("blue", &["chat"]), "haiku", Ok("small")),
        (
            caller("blue", &["chat"]),
            "opus",
            Err(Denial::TierNotAllowed {
                tier: "opus".into(),
            }),
        ),
        (
            caller("blue", &["gone"]),
            "haiku",
            Err(Denial::UseCaseUndeclared),
        ),
    ];
    for (caller, name, expected) in cases {
        let got = answer(&policy, &status, &ask(&caller, name, "c"));
        assert_eq!(
            got,
            expected.map(str::to_owned),
            "{} asks {name}",
            caller.use_cases.len()
        );
    }
}

#[test]
fn a_use_case_is_chosen_among_the_keys_own_and_never_added() {
    let policy = policy(NotAdmitted::Refuse);
    let status = status(&policy, &[("next", Stage::EarlyAccess, 100)]);
    let caller = caller("blue", &["chat"]);
    for (use_case, expected) in [
        ("defence", Denial::UseCaseNotHeld),
        ("Defence", Denial::UseCaseUndeclared),
        ("", Denial::UseCaseUndeclared),
    ] {
        let asked = Ask {
            use_case: Some(use_case),
            ..ask(&caller, "opus", "c")
        };
        assert_eq!(
            answer(&policy, &status, &asked),
            Err(expected),
            "{use_case}"
        );
    }
}

#[test]
fn a_new_tier_sends_those_not_admitted_elsewhere_only_once_it_is_open() {
    let policy = policy(NotAdmitted::Tier("opus".into()));
    let outsider = caller("red", &["defence"]);
    let open = status(&policy, &[("mythos", Stage::EarlyAccess, 100)]);
    assert_eq!(
        answer(&policy, &open, &ask(&outsider, "capybara", "c")).as_deref(),
        Ok("old")
    );
    let sealed = Status::default();
    let asked = ask(&outsider, "capybara", "c");
    assert_eq!(answer(&policy, &sealed, &asked), Err(Denial::UnknownName));
}

#[test]
fn another_digest_closes_the_stage() {
    let policy = policy(NotAdmitted::Refuse);
    let mut status = status(&policy, &[("next", Stage::General, 100)]);
    for release in status.releases.values_mut() {
        release.digest = crate::model::ModelDigest("sha256:other".into());
    }
    let caller = caller("blue", &["defence"]);
    assert_eq!(
        answer(&policy, &status, &ask(&caller, "opus", "c")).as_deref(),
        Ok("old")
    );
}

#[test]
fn a_passed_review_date_leaves_the_incumbent() {
    let policy = policy(NotAdmitted::Refuse);
    let status = status(&policy, &[("next", Stage::EarlyAccess, 100)]);
    let caller = caller("blue", &["defence"]);
    let late = Timestamp(NOW.0 + 365 * 86_400_000);
    let asked = Ask {
        now: late,
        ..ask(&caller, "opus", "c")
    };
    assert_eq!(answer(&policy, &status, &asked).as_deref(), Ok("old"));
}

#[test]
fn an_evaluation_key_reaches_its_releases_arms_and_nothing_else() {
    let policy = policy(NotAdmitted::Refuse);
    let kind = CallerKind::Evaluator {
        release: "next".into(),
    };
    let caller = Caller {
        kind,
        ..caller("blue", &["defence"])
    };
    for (name, expected) in [
        ("release/next/candidate", Some("new")),
        ("release/next/incumbent", Some("old")),
        ("release/mythos/candidate", None),
        ("opus", None),
        ("new", None),
        ("release/next/candidate ", None),
        ("release/nextcandidate", None),
        ("haiku", None),
    ] {
        let got = answer(&policy, &Status::default(), &ask(&caller, name, "c")).ok();
        assert_eq!(got.as_deref(), expected, "{name}");
    }
}

#[test]
fn an_evaluation_key_reaches_the_judge_that_a_suite_names_and_never_a_candidate_as_one() {
    let mut draft = draft(NotAdmitted::Refuse);
    draft.releases[0].judges.insert("haiku".to_owned());
    let policy = Policy::build(draft, PolicyDigest("sha256:test".into())).unwrap();
    let of = |release: &str| Caller {
        kind: CallerKind::Evaluator {
            release: release.into(),
        },
        ..caller("blue", &["defence"])
    };
    let (next, mythos) = (of("next"), of("mythos"));
    let status = Status::default();
    let judged = |caller: &Caller, name| answer(&policy, &status, &ask(caller, name, "c")).ok();
    assert_eq!(judged(&next, "haiku").as_deref(), Some("small"));
    assert_eq!(judged(&next, "opus"), None);
    assert_eq!(
        judged(&mythos, "haiku"),
        None,
        "no suite of its gates names it"
    );
    let names = visible_names(&policy, &status, &ask(&next, "", "c"));
    assert!(names.iter().any(|one| one.name == "haiku"), "{names:?}");
}

#[test]
fn a_judge_of_the_tier_that_is_judged_is_refused() {
    for (judge, what) in [
        ("opus", "is the tier"),
        ("capybara", "nothing serves"),
        ("x", "x"),
    ] {
        let mut draft = draft(NotAdmitted::Refuse);
        draft.releases[0].judges.insert(judge.to_owned());
        let built = Policy::build(draft, PolicyDigest("sha256:test".into()));
        let faults = format!("{:?}", built.unwrap_err());
        assert!(faults.contains(what), "{judge}: {faults}");
    }
}

/// Suspends release `next` for a group.
fn suspend(status: &mut Status, scope: Scope, restored: Vec<Scope>) {
    let release = status.releases.get_mut("next").unwrap();
    release.conditions.push(Condition::Suspended(Suspension {
        number: 9,
        scope,
        reason: "an order".to_owned(),
        order: Some("X-1".to_owned()),
        until: None,
        by: "lead".into(),
        at: NOW,
        restored,
    }));
}

fn team(name: &str) -> Scope {
    Scope {
        teams: vec![name.to_owned()],
        ..Scope::default()
    }
}

#[test]
fn a_suspension_cuts_its_scope_on_every_way() {
    let policy = policy(NotAdmitted::Refuse);
    let open = status(&policy, &[("next", Stage::General, 100)]);
    let (blue, red) = (caller("blue", &["defence"]), caller("red", &["defence"]));
    let mut cut = open.clone();
    suspend(&mut cut, team("red"), Vec::new());
    for name in ["opus", "new"] {
        assert_eq!(
            answer(&policy, &open, &ask(&red, name, "c")).unwrap(),
            "new"
        );
        assert_eq!(
            answer(&policy, &cut, &ask(&blue, name, "c")).unwrap(),
            "new"
        );
    }
    assert_eq!(
        answer(&policy, &cut, &ask(&red, "opus", "c")).unwrap(),
        "old"
    );
    assert_eq!(
        answer(&policy, &cut, &ask(&red, "new", "c")),
        Err(Denial::UnknownName)
    );
    let is_listed = |status, caller| {
        let names = visible_names(&policy, status, &ask(caller, "", "c"));
        names.iter().any(|row| row.name == "new")
    };
    assert!(is_listed(&open, &red) && is_listed(&cut, &blue) && !is_listed(&cut, &red));
    let asked = ask(&red, "opus", "c");
    let steps = explain(&policy, &cut, &asked).steps;
    assert!(
        steps.contains(&"not admitted: suspension 9 (order X-1) is in force".to_owned()),
        "{steps:?}"
    );
}

#[test]
fn a_candidate_is_served_until_the_day_it_retires() {
    let policy = policy(NotAdmitted::Refuse);
    let mut open = status(&policy, &[("next", Stage::General, 100)]);
    let blue = caller("blue", &["defence"]);
    let asked = |now| Ask {
        now,
        ..ask(&blue, "opus", "c")
    };
    let day = asked(Timestamp(0)).now.plus_days(30);
    let another = policy.models["old"].digest.clone();
    retire(&mut open, another, Timestamp(0));
    assert_eq!(answer(&policy, &open, &asked(day)).unwrap(), "new");
    let digest = open.releases["next"].digest.clone();
    retire(&mut open, digest, day);
    let before = Timestamp(day.0 - 1);
    assert_eq!(answer(&policy, &open, &asked(before)).unwrap(), "new");
    assert_eq!(answer(&policy, &open, &asked(day)).unwrap(), "old");
    let steps = explain(&policy, &open, &asked(day)).steps;
    let told = "the candidate of release next is retired".to_owned();
    assert!(steps.contains(&told), "{steps:?}");
    let evaluator = Caller {
        kind: CallerKind::Evaluator {
            release: "next".into(),
        },
        ..caller("blue", &[])
    };
    let arm = |now| Ask {
        now,
        ..ask(&evaluator, "release/next/candidate", "c")
    };
    assert!(answer(&policy, &open, &arm(before)).is_ok());
    assert_eq!(answer(&policy, &open, &arm(day)), Err(Denial::UnknownName));
}

fn retire(status: &mut Status, digest: ModelDigest, on: Timestamp) {
    let release = status.releases.get_mut("next").unwrap();
    release.conditions.push(Condition::Retired {
        digest,
        on,
        by: "lead".into(),
        reason: "the provider ends it".to_owned(),
        at: Timestamp(0),
    });
}

#[test]
fn nothing_rises_by_itself_unwatched_and_nobody_is_called_tiergate() {
    let mut draft = draft(NotAdmitted::Refuse);
    draft.releases[0].stages[1].advance = Advance::Auto;
    draft.people[0].name = AUTOMATION.into();
    let faults = Policy::build(draft, PolicyDigest("sha256:test".into())).unwrap_err();
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert!(paths.contains(&"people.tiergate"), "{paths:?}");
    assert!(
        paths.contains(&"releases.next.stages[1].advance"),
        "{paths:?}"
    );
}

#[test]
fn a_suspension_of_everybody_takes_evaluation_keys_along_and_a_narrower_one_does_not() {
    let policy = policy(NotAdmitted::Refuse);
    let mut narrow = status(&policy, &[("next", Stage::EarlyAccess, 100)]);
    let evaluator = Caller {
        kind: CallerKind::Evaluator {
            release: "next".into(),
        },
        ..caller("blue", &[])
    };
    let asked = ask(&evaluator, "release/next/candidate", "");
    suspend(&mut narrow, team("red"), Vec::new());
    assert_eq!(answer(&policy, &narrow, &asked).unwrap(), "new");
    let mut all = narrow;
    suspend(&mut all, Scope::default(), vec![team("blue")]);
    assert_eq!(answer(&policy, &all, &asked), Err(Denial::UnknownName));
    let names = visible_names(&policy, &all, &asked);
    assert!(names.iter().all(|row| !row.name.ends_with("candidate")));
    let incumbent = ask(&evaluator, "release/next/incumbent", "");
    assert_eq!(answer(&policy, &all, &incumbent).unwrap(), "old");
}

#[test]
fn who_was_restored_has_the_candidate_back_and_nobody_else() {
    let policy = policy(NotAdmitted::Refuse);
    let mut status = status(&policy, &[("next", Stage::General, 100)]);
    suspend(&mut status, Scope::default(), vec![team("blue")]);
    let (blue, red) = (caller("blue", &["defence"]), caller("red", &["defence"]));
    assert_eq!(
        answer(&policy, &status, &ask(&blue, "opus", "c")).unwrap(),
        "new"
    );
    assert_eq!(
        answer(&policy, &status, &ask(&red, "opus", "c")).unwrap(),
        "old"
    );
}

proptest! {
    #[test]
    fn a_candidate_is_reached_only_through_an_open_stage(
        name in "(opus|haiku|capybara|new|deep|old|gpt-5.*|mythos.*|release/next/candidate|\\PC{0,12})",
        team in "(blue|red)", case in 0_usize..4, stage in 0_usize..4, share in 0_u64..=100,
        conversation in "[a-z]{0,8}",
    ) {
        let policy = policy(NotAdmitted::Tier("opus".into()));
        let stage = Stage::ALL[stage];
        let status = status(&policy, &[("next", stage, share), ("mythos", stage, share)]);
        let cases: [&[&str]; 4] = [&[], &["defence"], &["chat"], &["chat", "defence"]];
        let caller = caller(&team, cases[case]);
        let asked = ask(&caller, &name, &conversation);
        let explained = explain(&policy, &status, &asked);
        let decided = decide(&policy, &status, &asked);
        let models = |found: &Result<crate::decide::Assignment<'_>, Denial>| {
            found.as_ref().map(|found| {
                found.models().map(|model| model.name.clone()).collect::<Vec<_>>()
            }).map_err(Clone::clone)
        };
        prop_assert_eq!(models(&explained.outcome), models(&decided));
        let listed = visible_names(&policy, &status, &asked);
        if let Ok(found) = &decided {
            if found.is_candidate() {
                let is_admitted = match stage {
                    Stage::Sealed => false,
                    Stage::General => cases[case].first() == Some(&"defence"),
                    _ => team == "blue" && cases[case].first() == Some(&"defence"),
                };
                prop_assert!(is_admitted && share > 0);
            }
            let is_listed = listed.iter().any(|row| row.name == name);
            let is_alias = policy.tier_by_alias(&name).is_some();
            prop_assert!(is_listed || is_alias, "{} is answered but not listed", name);
            let shown = visible_name(&policy, &status, &asked);
            prop_assert!(shown.is_some_and(|shown| shown.name == name));
        }
    }

    #[test]
    fn a_rising_share_moves_nobody_back(
        conversation in "[a-z0-9]{1,16}", low in 0_u64..=100, high in 0_u64..=100,
    ) {
        let policy = policy(NotAdmitted::Refuse);
        let caller = caller("blue", &["defence"]);
        let at = |share| {
            let status = status(&policy, &[("next", Stage::EarlyAccess, share)]);
            answer(&policy, &status, &ask(&caller, "opus", &conversation)).unwrap()
        };
        let (low, high) = (low.min(high), low.max(high));
        prop_assert!(at(low) == "old" || at(high) == "new");
        prop_assert_eq!(at(0), "old");
        prop_assert_eq!(at(100), "new");
    }
}
