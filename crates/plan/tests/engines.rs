//! Every option that a layout is written with is one that the pinned engine has: read from the
//! sources inside its package, by their syntax, without running any of it.
#![allow(clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use plan::accelerators::Accelerators;
use plan::assumptions::Assumptions;
use plan::emit::{Command as Emitted, Engines, Given, Place, Role, Target, Written, commands};
use plan::layouts::{Aim, Load, Offer, Pools, Question, Shape, Traffic, search};
use plan::models::Models;
use plan::precision::Precision;
use plan::serving::Estimator;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads the options of the engines; nothing where their packages are not there, which counts as a
/// skip.
#[expect(
    clippy::print_stdout,
    reason = "every skip is told on the test's output"
)]
fn options() -> Option<Value> {
    let wheels = root().join("target/wheels/plan-engines");
    let reader = root().join("clients/plan-engines/options.py");
    let is_there = std::fs::read_dir(&wheels).is_ok_and(|mut listed| listed.next().is_some());
    if !is_there {
        assert!(
            std::env::var_os("CI").is_none(),
            "the packages of the engines are absent"
        );
        println!("skipped: options of engines (their packages are not there)");
        return None;
    }
    let read = Command::new("python3")
        .arg(reader)
        .arg(wheels)
        .output()
        .expect("python3");
    let said = String::from_utf8_lossy(&read.stderr).into_owned();
    assert!(read.status.success(), "{said}");
    Some(serde_json::from_slice(&read.stdout).expect("options as JSON"))
}

fn offers() -> Vec<(Offer, f64)> {
    let models = Models::shipped().expect("models");
    let parts = Accelerators::shipped().expect("accelerators");
    let assumptions = Assumptions::shipped().expect("assumptions");
    let estimator = Estimator::shipped().expect("estimator");
    let cases = [
        ("Llama-3.1-70B", "H200", Pools::Together, "tp4"),
        ("Llama-3.1-70B", "H100", Pools::Together, "tp8,pp2"),
        ("DeepSeek-V3", "H200", Pools::Together, "tp8,ep8"),
        ("DeepSeek-V3", "H200", Pools::Together, "tp1,dp32,ep32"),
        ("DeepSeek-V3", "GB200", Pools::Together, "tp2,dp8,ep16"),
        ("DeepSeek-V3", "GB300", Pools::Apart, ""),
        ("Llama-3.1-70B", "B200", Pools::Apart, ""),
    ];
    let mut found = Vec::new();
    for (model, on, pools, only) in cases {
        for engine in ["vllm", "sglang"] {
            for precision in [Precision::Bf16, Precision::Fp8] {
                let part = parts.find(on).expect(on);
                let question = Question {
                    model: models.find(model).expect(model),
                    accelerators: &[part],
                    engines: &[engine],
                    precisions: &[precision],
                    pools,
                    traffic: Traffic {
                        input: 2048.0,
                        output: 512.0,
                        cached: 0.0,
                        load: Load::Flight(256.0),
                    },
                    aim: Aim::default(),
                    only: (!only.is_empty()).then(|| Shape::read(only).expect(only)),
                    assumptions: &assumptions,
                };
                let node = assumptions.value("node", part).expect("a node");
                let offers = search(&question, &estimator, 1).expect("a search").offers;
                found.extend(offers.into_iter().map(|offer| (offer, node)));
            }
        }
    }
    found
}

/// Names the section of the options that a command takes.
fn section(command: &Emitted) -> &str {
    match command.words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["vllm", "serve", ..] => "vllm",
        ["python3", "-m", "sglang.launch_server"] => "sglang",
        ["python3", "-m", module] => module,
        _ => "",
    }
}

fn fault(of: &Value, name: &str, given: &Given) -> Option<String> {
    let Some(option) = of.get(name) else {
        return Some(format!("{name} is no option"));
    };
    let takes = option["takes_value"].as_bool();
    if takes == Some(*given == Given::Nothing) {
        return Some(format!(
            "{name} {given:?}: the option takes a value: {takes:?}"
        ));
    }
    let (Some(choices), Given::Text(text)) = (option["choices"].as_array(), given) else {
        return None;
    };
    let is_one = choices.iter().any(|choice| choice == text.as_str());
    (!is_one).then(|| format!("{name} {text} is none of {choices:?}"))
}

#[test]
fn every_option_is_one_of_the_pinned_engine() {
    let Some(known) = options() else {
        return;
    };
    for engine in Engines::shipped().expect("engines").all() {
        let version = &known["versions"][engine.package.as_str()];
        assert_eq!(*version, engine.version, "{}", engine.package);
    }
    let mut sections = Vec::new();
    let mut count = 0;
    for (offer, node) in offers() {
        let written = Written {
            offer: &offer,
            checkpoint: "org/model",
            resource: "nvidia.com/gpu",
            longest: 2560.0,
            usable: 0.9,
            node,
            guessed: 0.0,
        };
        for target in [
            Target::Vllm,
            Target::Sglang,
            Target::Dynamo,
            Target::Kubernetes,
        ] {
            for command in commands(&written, target).unwrap_or_default() {
                let section = section(&command).to_owned();
                let of = &known[section.as_str()];
                for (name, given) in command.options.iter().chain(&command.followers) {
                    assert_eq!(fault(of, name, given), None, "{section}: {}", offer.layout);
                    count += 1;
                }
                sections.push(section);
            }
        }
    }
    sections.sort();
    sections.dedup();
    let all = [
        "dynamo.frontend",
        "dynamo.sglang",
        "dynamo.vllm",
        "sglang",
        "vllm",
    ];
    assert_eq!(sections, all);
    assert!(count > 300, "only {count} options were looked at");
}

#[test]
fn an_option_that_does_not_exist_is_found_out() {
    let Some(known) = options() else {
        return;
    };
    let text = |text: &str| Given::Text(text.to_owned());
    let said = |section: &str, name, given: &Given| fault(&known[section], name, given);
    assert!(said("vllm", "--tensor-parallelism", &text("8")).is_some());
    assert!(said("vllm", "--headless", &text("yes")).is_some());
    assert!(said("sglang", "--tp-size", &Given::Nothing).is_some());
    assert!(said("sglang", "--kv-cache-dtype", &text("fp8")).is_some());
    assert!(said("dynamo.frontend", "--router-mode", &text("clever")).is_some());
}

#[test]
fn workers_take_the_accelerators_of_the_plan() {
    for (offer, node) in offers() {
        let written = Written {
            offer: &offer,
            checkpoint: "org/model",
            resource: "nvidia.com/gpu",
            longest: 2560.0,
            usable: 0.9,
            node,
            guessed: 0.0,
        };
        let found = commands(&written, Target::Dynamo).expect("commands");
        let workers = found.iter().filter_map(|command| command.workers);
        let taken: f64 = workers
            .map(|one| one.count * one.nodes * one.accelerators)
            .sum();
        assert_eq!(taken, offer.accelerators, "{}", offer.layout);
        let frontends = found
            .iter()
            .filter(|command| command.role == Role::Frontend);
        assert_eq!(frontends.count(), 1);
        let line = found[0].line(Place::Leader, "0", "here");
        assert_eq!(line[..3], ["python3", "-m", "dynamo.frontend"]);
    }
}
