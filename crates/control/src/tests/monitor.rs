//! Live releases: what goes back by itself, what rises by itself, and what happens when nobody
//! watches. It must not test the statistics.

use domain::{Advance, GateSpec, PersonName, Stage};
use release::{Command, MoveKind, Verdict};
use serde_json::{Value, json};
use store::{Arm, NewKeyKind, Outcome};

use crate::reconcile::{Carried, ReleaseView};
use crate::tests::world::{Key, RELEASE, World, declared, draft, wait_days, wait_seconds};

fn spec(gate: &str, params: Value) -> GateSpec {
    GateSpec {
        gate: gate.to_owned(),
        params: params.as_object().unwrap().clone().into_iter().collect(),
    }
}

/// A release whose first stage is watched, and rises from a half to three quarters by itself.
struct Live {
    world: World,
    lead: Key,
    guard: Key,
    caller: Key,
}

impl Live {
    fn start() -> Self {
        let mut file = draft();
        for stage in &mut file.releases[0].stages {
            stage.gates = vec![spec("approval", json!({ "roles": ["security"], "of": 1 }))];
        }
        let stage = &mut file.releases[0].stages[0];
        stage.shares = vec![50, 75];
        stage.advance = Advance::Auto;
        let refusals = json!({ "metric": "refusal_rate", "max_increase": 0.1 });
        stage.standing = vec![
            spec("canary", refusals),
            spec("sample_ratio_mismatch", json!({})),
        ];
        let mut world = World::new();
        world.stop();
        world.start(declared(&file)).unwrap();
        let (lead, guard) = (world.operator("lead"), world.operator("guard"));
        let kind = NewKeyKind::Caller {
            team: None,
            attributes: std::collections::BTreeMap::new(),
            use_cases: vec!["triage".into()],
        };
        let caller = world.mint(kind);
        let live = Self {
            world,
            lead,
            guard,
            caller,
        };
        live.open_next_stage();
        live.look();
        live
    }

    fn open_next_stage(&self) {
        self.said(&self.guard, "approve", &json!({}));
        self.said(&self.lead, "promote", &json!({}));
    }

    fn said(&self, key: &Key, verb: &str, body: &Value) {
        let path = format!("/api/v1/releases/{RELEASE}/{verb}");
        let (status, answer) = self.world.post(key, &path, body);
        assert_eq!(status, 200, "{answer}");
    }

    fn look(&self) {
        self.world.control().look().unwrap();
    }

    /// Lets `count` conversations come to each arm, every `nth` of the candidate's refused, and
    /// become quiet.
    fn traffic(&mut self, count: usize, nth: usize) {
        for at in 0..count {
            let refused = at % nth == nth - 1;
            let outcome = if refused {
                Outcome::Refusal
            } else {
                Outcome::Success
            };
            let ours = self.world.request(&self.caller, Arm::Candidate, outcome);
            let theirs = self
                .world
                .request(&self.caller, Arm::Incumbent, Outcome::Success);
            self.world.account(&[ours, theirs]);
        }
        wait_seconds(61);
    }

    fn view(&self) -> ReleaseView {
        let plan = self.world.plan();
        let lead = PersonName::new("lead");
        self.world.control().view(&plan, &lead).unwrap()
    }

    fn place(&self) -> (Stage, u8) {
        let view = self.view();
        (view.stage, view.share.as_percent())
    }

    fn last_move(&self) -> Value {
        let entries = self.world.store.ledger().unwrap().entries(0..u64::MAX);
        let entries = entries.unwrap();
        let mut moves = entries
            .iter()
            .rev()
            .filter(|one| one.kind == "release.moved");
        moves.next().unwrap().body.clone()
    }
}

#[test]
fn a_candidate_that_refuses_more_is_taken_out_by_itself() {
    let mut live = Live::start();
    live.traffic(60, 3);
    assert_eq!(live.place(), (Stage::EarlyAccess, 50), "no look yet");
    live.look();
    assert_eq!(live.place(), (Stage::Sealed, 0));
    let status = live.world.published();
    assert_eq!(status.releases[RELEASE].stage, Stage::Sealed);
    let made = live.last_move();
    assert_eq!(
        (&made["by"], &made["kind"]),
        (&json!("tiergate"), &json!("roll_back"))
    );
    let reason = made["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("canary: refusal_rate: worse than allowed"),
        "{reason}"
    );
    assert_eq!(made["verdicts"][0]["verdict"], "fail");
    // Who approved did so before: it takes new approvals to come back.
    let gates = live.view().gates;
    assert!(!gates.iter().all(Verdict::is_pass), "{gates:?}");
}

#[test]
fn a_share_rises_by_itself_and_the_stage_does_not() {
    let mut live = Live::start();
    live.traffic(200, 1_000);
    live.look();
    assert_eq!(live.place(), (Stage::EarlyAccess, 75));
    assert_eq!(live.last_move()["by"], "tiergate");
    live.traffic(200, 1_000);
    wait_seconds(11);
    live.look();
    assert_eq!(
        live.place(),
        (Stage::EarlyAccess, 75),
        "a person opens a stage"
    );
}

#[test]
fn going_back_to_a_stage_is_one_more_attempt_in_it() {
    let mut live = Live::start();
    let alpha = |live: &Live| {
        let standing = live.view().standing;
        let mut numbers = standing[0].numbers.iter();
        let number = numbers.find(|one| one.name == "alpha_pass").unwrap();
        number.value.parse::<f64>().unwrap()
    };
    let first = alpha(&live);
    live.traffic(200, 1_000);
    live.look();
    live.open_next_stage();
    live.look();
    assert_eq!(live.place(), (Stage::General, 10));
    let back = json!({ "to": "early_access", "reason": "again" });
    live.said(&live.lead, "rollback", &back);
    live.look();
    assert_eq!(live.place().0, Stage::EarlyAccess);
    // The k-th attempt may spend alpha / (k (k + 1)).
    assert!((alpha(&live) * 3.0 - first).abs() < 1e-5);
}

#[test]
fn no_data_and_too_little_move_nothing() {
    let mut live = Live::start();
    wait_days(1);
    live.look();
    assert_eq!(live.place(), (Stage::EarlyAccess, 50));
    live.traffic(29, 1_000);
    live.look();
    assert_eq!(live.place(), (Stage::EarlyAccess, 50));
    let standing = live.view().standing;
    assert!(standing[0].reason.contains("29 of 30"), "{standing:?}");
}

#[test]
fn a_restart_takes_up_the_watch_where_it_was() {
    let mut live = Live::start();
    live.traffic(40, 4);
    live.look();
    let before = live.view().standing;
    let file = live.world.control().declared();
    live.world.stop();
    live.world.start((*file).clone()).unwrap();
    live.look();
    assert_eq!(live.view().standing, before);
    assert!(before[0].reason.contains("40 and 40"), "{before:?}");
}

#[test]
fn what_overflows_is_read_again_and_counted_once() {
    let mut live = Live::start();
    live.traffic(40, 4);
    live.look();
    let before = live.view().standing;
    let row = live
        .world
        .request(&live.caller, Arm::Candidate, Outcome::Denied);
    // More than the monitor holds between two looks, of which nothing counts.
    let mut many = live
        .world
        .request(&live.caller, Arm::Candidate, Outcome::Success);
    many.release = Some(("another".into(), Stage::General));
    live.world.control().accounted(&vec![many; 100_001]);
    live.world.account(&[row]);
    live.look();
    assert_eq!(live.view().standing, before);
}

#[test]
fn a_skewed_split_holds_and_only_a_person_resumes() {
    let mut live = Live::start();
    for _ in 0..100 {
        let row = live
            .world
            .request(&live.caller, Arm::Candidate, Outcome::Success);
        live.world.account(&[row]);
    }
    live.look();
    let view = live.view();
    assert_eq!(
        (view.stage, view.share.as_percent()),
        (Stage::EarlyAccess, 50)
    );
    assert_eq!(live.last_move()["kind"], "hold");
    let generation = view.generation;
    live.look();
    assert_eq!(live.view().generation, generation, "it holds once");
}

#[test]
fn without_a_monitor_shares_freeze_and_then_fall() {
    let live = Live::start();
    wait_seconds(29);
    live.world.control().guard().unwrap();
    assert_eq!(live.view().unwatched_ms, None);
    wait_seconds(1);
    live.world.control().guard().unwrap();
    assert_eq!(live.view().unwatched_ms, Some(30_000));
    let path = format!("/api/v1/releases/{RELEASE}/promote");
    let (status, body) = live.world.post(&live.lead, &path, &json!({}));
    assert_eq!((status, &body["refused"]), (409, &json!("unwatched")));
    assert_eq!(live.place(), (Stage::EarlyAccess, 50));
    wait_seconds(270);
    live.world.control().guard().unwrap();
    assert_eq!(live.place(), (Stage::Sealed, 0));
    let made = live.last_move();
    assert_eq!(made["by"], "tiergate");
    assert!(
        made["reason"]
            .as_str()
            .unwrap()
            .contains("the monitor stopped")
    );
}

#[test]
fn while_accounting_is_stuck_a_look_counts_for_nothing() {
    let live = Live::start();
    live.world.stick(true);
    live.look();
    wait_seconds(6);
    assert!(live.world.control().look().is_err());
    wait_seconds(24);
    assert!(live.view().unwatched_ms.is_some());
    live.world.stick(false);
    live.look();
    assert_eq!(live.view().unwatched_ms, None);
}

#[test]
fn the_monitor_takes_out_even_what_the_ledger_does_not_take() {
    let mut live = Live::start();
    live.world.jam_ledger();
    live.traffic(60, 3);
    live.look();
    assert_eq!(
        live.world.published().releases[RELEASE].stage,
        Stage::Sealed
    );
    live.world.mend_ledger();
    live.world.control().retry().unwrap();
    assert_eq!(live.last_move()["by"], "tiergate");
}

#[test]
fn a_person_may_go_back_while_the_monitor_watches() {
    let live = Live::start();
    let plan = live.world.plan();
    let command = Command::RollBack {
        to: Stage::Sealed,
        reason: "enough".to_owned(),
    };
    let made = live
        .world
        .control()
        .command(&plan, &command, &PersonName::new("lead"), None);
    let Carried::Made(made) = made.unwrap() else {
        panic!("it goes back");
    };
    assert_eq!(made.kind, MoveKind::RollBack);
    live.look();
    assert_eq!(live.place(), (Stage::Sealed, 0));
}
