//! Moves beside reloads and beside each other: none undoes another unseen. It must not know how
//! any is carried out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use crate::bench::{Bench, standard};
use crate::client::Ask;
use crate::home::Operator;

/// How often the release is opened and closed.
const ROUNDS: usize = 100;

fn command(bench: &Bench, by: &Operator, verb: &str) {
    let path = format!("/api/v1/releases/hidden/{verb}");
    bench
        .gateway
        .admin(by, Ask::post(&path, &json!({})))
        .is(200);
}

#[test]
fn a_move_that_was_acknowledged_is_in_force_whatever_is_reloaded_beside_it() {
    let mut bench = Bench::start();
    let helper = bench.home.caller("helper", &["--use-case", "code-help"]);
    let operator = bench.home.operator("platform-lead", "operator");
    let approver = bench.home.operator("security-lead", "approver");
    assert!(bench.gateway.stop().success());
    bench.gateway = bench.home.serve();
    let good = standard(&bench.fake);
    let is_over = AtomicBool::new(false);
    bench.chat("haiku").to(bench.gateway.listen).is(200);
    let asked = || {
        let ask = Ask::chat("capybara").bearer(&helper.key);
        ask.to(bench.gateway.listen).status
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                let alias = format!("aliases = [\"round-{round}\", \"gpt-4o-*\"]");
                let changed = good.replace("aliases = [\"gpt-4o-*\"]", &alias);
                bench.home.write(&changed);
                bench.gateway.await_said("was taken up", round + 1);
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        let mut wrong = Vec::new();
        for round in 0..ROUNDS {
            command(&bench, &approver, "approve");
            command(&bench, &operator, "promote");
            wrong.extend((asked() != 200).then_some(("promoted", round)));
            command(&bench, &operator, "rollback");
            wrong.extend((asked() != 404).then_some(("rolled back", round)));
        }
        is_over.store(true, Ordering::SeqCst);
        assert!(wrong.is_empty(), "moves that were undone: {wrong:?}");
    });
}

#[test]
fn of_moves_that_were_decided_at_the_same_state_exactly_one_is_made() {
    let mut bench = Bench::start();
    let operators = ["one", "two"].map(|name| bench.home.operator("platform-lead", name));
    let approver = bench.home.operator("security-lead", "approver");
    assert!(bench.gateway.stop().success());
    bench.gateway = bench.home.serve();
    command(&bench, &approver, "approve");
    command(&bench, &operators[0], "promote");
    for round in 0..10 {
        let show = Ask::get("/api/v1/releases/hidden");
        let shown = bench.gateway.admin(&operators[0], show).is(200).json();
        let verb = if round % 2 == 0 { "hold" } else { "resume" };
        let path = format!("/api/v1/releases/hidden/{verb}");
        let body = json!({ "generation": shown["generation"] });
        let statuses: Vec<u16> = thread::scope(|scope| {
            let commands: Vec<_> = (0..8)
                .map(|number| {
                    let (bench, by) = (&bench, &operators[number % 2]);
                    let ask = Ask::post(&path, &body);
                    scope.spawn(move || bench.gateway.admin(by, ask).status)
                })
                .collect();
            let ended = commands.into_iter();
            ended.map(|command| command.join().unwrap()).collect()
        });
        let made = statuses.iter().filter(|status| **status == 200).count();
        let refused = statuses.iter().filter(|status| **status == 409).count();
        assert_eq!((made, refused), (1, 7), "{verb}: {statuses:?}");
    }
}
