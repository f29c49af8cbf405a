//! Moves and reloads at the same time: neither undoes the other. It must not know how either is
//! carried out.

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
