//! The drill that users are given, run as it is against a gateway with two real models: after each
//! step only those lose a model whom an order is about. It must not know how the script asks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::bench::SERVER;
use crate::gateway::Gateway;
use crate::home::{Ended, Home};
use crate::patience::eventually;
use crate::walk::kept_models;

/// How long some sixty answers of real models may take on a busy machine.
const DRILL_WITHIN: Duration = Duration::from_secs(1200);

const CALLERS: [&str; 4] = ["vetted-us", "vetted-eu", "public-us", "public-eu"];
const GATED: &str = "frontier-gated";
const GENERAL: &str = "frontier-general";
const TODAY: &str = "everyday";
const NOBODY: &str = "nobody";

/// After each step, the model of each caller, in their order.
const STEPS: [(&str, [&str; 4]); 9] = [
    ("sealed", [NOBODY, NOBODY, TODAY, TODAY]),
    ("preview", [GATED, GATED, TODAY, TODAY]),
    ("general", [GATED, GATED, GENERAL, GENERAL]),
    ("order-eu", [GATED, TODAY, GENERAL, TODAY]),
    ("lifted-eu", [GATED, GATED, GENERAL, GENERAL]),
    ("order-all", [TODAY, TODAY, TODAY, TODAY]),
    ("back-us", [GATED, TODAY, GENERAL, TODAY]),
    ("lifted-all", [GATED, GATED, GENERAL, GENERAL]),
    ("closed", [NOBODY, NOBODY, TODAY, TODAY]),
];

/// One line of the script's table.
#[derive(Debug)]
struct Line {
    step: String,
    caller: String,
    model: String,
    right: usize,
    answers: usize,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/drill")
}

/// Makes a home with the drill's own configuration, on free ports and with patient deadlines.
fn home() -> Home {
    let written = fs::read_to_string(folder().join("tiergate.toml")).unwrap();
    let from = written.find("[store]").unwrap();
    // Real models on a busy machine take longer than the deadlines of other tests.
    let server = SERVER.replace("1500", "600000").replace("5000", "600000");
    Home::new(&format!("{server}\n{}", &written[from..]))
}

fn drill(home: &Home, gateway: &Gateway) -> Ended {
    let mut command = Command::new("sh");
    command
        .arg(folder().join("drill.sh"))
        .env("TIERGATE", env!("CARGO_BIN_EXE_tiergate"))
        .env("TIERGATE_CONFIG", home.config())
        .env("TIERGATE_DATA_DIR", home.kept())
        .env("TIERGATE_URL", format!("http://{}", gateway.listen))
        .env("DRILL_ASKS", "1");
    Ended::of(command, DRILL_WITHIN)
}

fn lines(table: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for line in table.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [step, caller, _, model, right, "of", answers] = words[..] {
            lines.push(Line {
                step: step.to_owned(),
                caller: caller.to_owned(),
                model: model.to_owned(),
                right: right.parse().unwrap(),
                answers: answers.parse().unwrap(),
            });
        }
    }
    lines
}

#[test]
fn only_those_lose_a_model_whom_an_order_is_about() {
    let Some(models) = kept_models("drill") else {
        return;
    };
    let home = home();
    let mut command = home.command(&["serve", "--json"]);
    command.env("TIERGATE_MODELS_DIR", &models);
    let mut gateway = Gateway::start(command);
    let ended = drill(&home, &gateway).is(0);
    let table = lines(&ended.out);
    for (step, expected) in STEPS {
        for (caller, model) in CALLERS.into_iter().zip(expected) {
            let found = table
                .iter()
                .find(|one| one.step == step && one.caller == caller);
            let line = found.unwrap_or_else(|| panic!("{step} {caller}: {}", ended.out));
            assert_eq!(line.model, model, "{line:?}");
            assert!(line.answers > 0 && line.right == line.answers, "{line:?}");
        }
    }
    // Those whom the order was not about have asked all the while that it came into force.
    let meanwhile: Vec<&Line> = table.iter().filter(|one| one.step == "meanwhile").collect();
    assert_eq!(meanwhile.len(), 2, "{table:?}");
    for line in meanwhile {
        assert!(line.answers > 0 && line.right == line.answers, "{line:?}");
    }
    served_as_told(&home, &table);
    told_in_the_ledger(&home);
    stops_where_somebody_gets_another_model(&home, &gateway);
    assert!(gateway.stop().success());
    let verified = home.run(&["ledger", "verify", "--json"]).is(0).json();
    assert_eq!(verified["verified"], true);
}

/// Counts by the gateway's own accounting what the script told of its answers.
fn served_as_told(home: &Home, table: &[Line]) {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for line in table.iter().filter(|line| line.model != NOBODY) {
        *told.entry(&line.model).or_default() += line.answers;
    }
    eventually("the answers told are those accounted for", || {
        let used = home.run(&["usage", "--json", "--by", "model"]).is(0).json();
        let counted = |(model, answers): (&&str, &usize)| {
            let mut rows = used.as_array().unwrap().iter();
            rows.any(|row| row["model"] == **model && row["requests"] == *answers)
        };
        told.iter().all(counted).then_some(())
    });
}

fn told_in_the_ledger(home: &Home) {
    let entries = home.run(&["ledger", "show", "--json"]).is(0).json_lines();
    let count = |kind: &str| {
        let made = |entry: &&Value| entry["body"]["kind"] == kind;
        entries.iter().filter(made).count()
    };
    let kinds = ["promote", "suspend", "restore", "roll_back"];
    assert_eq!(kinds.map(count), [2, 4, 6, 2], "{entries:#?}");
}

/// A release that is open where the drill expects it sealed: the drill says so and ends.
fn stops_where_somebody_gets_another_model(home: &Home, gateway: &Gateway) {
    let people = ["platform-lead", "security-lead"];
    let [platform, security] = people.map(|person| home.operator(person, person));
    home.run_as(&security, &["release", "approve", "general"])
        .is(0);
    home.run_as(&platform, &["release", "promote", "general"])
        .is(0);
    let stopped = drill(home, gateway).is(1);
    assert!(
        stopped.err.contains("after \"sealed\" public-us"),
        "{}",
        stopped.err
    );
    assert!(!stopped.out.contains("preview"), "{}", stopped.out);
}
