//! The project's chores, with the standard library alone: `cargo xtask help` lists them.
//! It must not hold anything that the gateway itself needs.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to a terminal"
)]

mod case_10t;
mod finding;
mod generated;
mod graph;
mod json;
mod outcome;
mod plan_accuracy;
mod provision;
mod reference;
mod rules;
mod scan;
mod scan_bench;
mod shell;
mod source;
mod suite;
mod tally;
mod tidy;
mod tree;
mod truth;

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::provision::Missing;
use crate::shell::{Fault, cargo, run, workspace_root};
use crate::suite::Models;

/// Is one chore.
struct Chore {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    /// Returns whether all is well.
    run: fn(&Path, &[&str]) -> Result<bool, Fault>,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "test",
        arguments: "[--no-models] | CRATE [ARGS]",
        about: "all that CI runs; with a crate's name, only its tests, unoptimised",
        run: test,
    },
    Chore {
        name: "tidy",
        arguments: "[--rules]",
        about: "limits, names, dependencies, cycles and headers of STYLE.md; or lists the rules",
        run: tidy_up,
    },
    Chore {
        name: "gen",
        arguments: "[--check]",
        about: "writes the reference pages and docs/case-10t.md; or fails where they are not what \
                they would be",
        run: generate,
    },
    Chore {
        name: "case-10t",
        arguments: "[--check] [--binary FILE]",
        about: "the part of `gen` that writes docs/case-10t.md, or compares it",
        run: case_10t::chore,
    },
    Chore {
        name: "clients",
        arguments: "[ARGS]",
        about: "makes the environments of the clients, runs the SDKs' tests, then each whole \
                client through a task, and writes docs/clients.md; arguments go to that last step",
        run: clients,
    },
    Chore {
        name: "bench",
        arguments: "[ARGS]",
        about: "measures Tiergate beside a bare proxy, and passes its arguments on",
        run: bench,
    },
    Chore {
        name: "scan-bench",
        arguments: "DIR [--held]",
        about: "measures `tiergate scan` by labelled lines of public repositories, whose checkouts \
                stand in DIR, beside plain search and other scanners; writes `docs/scan-bench.md`",
        run: scan_bench::bench,
    },
    Chore {
        name: "plan-accuracy",
        arguments: "DIR [--sample N] [--binary FILE]",
        about: "writes docs/plan-accuracy.md: errors of `tiergate plan` over the ground \
                truth and the serving points, ids of which stand in DIR, beside \
                AIConfigurator on a sample",
        run: plan_accuracy::accuracy,
    },
    Chore {
        name: "soak",
        arguments: "[--rounds N] [--seed N]",
        about: "kills a gateway in use without warning, 1,000 times unless told otherwise, and \
                judges from the provider's log and the ledger what became of it",
        run: soak,
    },
    Chore {
        name: "help",
        arguments: "",
        about: "lists the chores",
        run: help,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (name, rest) = arguments
        .split_first()
        .map_or(("help", &[][..]), |(n, rest)| (*n, rest));
    let wanted = if matches!(name, "-h" | "--help") {
        "help"
    } else {
        name
    };
    let Some(chore) = CHORES.iter().find(|chore| chore.name == wanted) else {
        eprintln!("xtask: there is no chore `{name}`; `cargo xtask help` lists them");
        return ExitCode::from(2);
    };
    match workspace_root().and_then(|root| (chore.run)(&root, rest)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("xtask {name}: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn test(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    let models = match arguments {
        [] => Models::Pulled,
        ["--no-models"] => Models::LeftOut,
        [first, ..] if first.starts_with('-') => return Err(unknown(first)),
        [name, rest @ ..] => {
            let line: Vec<&str> = ["test", "-p", name].iter().chain(rest).copied().collect();
            run(root, &cargo(), &line)?;
            return Ok(true);
        }
    };
    let is_ci = env::var_os("CI").is_some_and(|set| !set.is_empty());
    suite::suite(
        root,
        models,
        if is_ci {
            Missing::Fails
        } else {
            Missing::Skips
        },
    )
}

fn tidy_up(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    match arguments {
        [] => Ok(tidy::tidy(root)? == 0),
        ["--rules"] => {
            for rule in rules::RULES {
                println!("{:20} {}", rule.name, rule.about);
            }
            Ok(true)
        }
        [first, ..] => Err(unknown(first)),
    }
}

fn generate(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    match arguments {
        [] => generated::write(root)?,
        ["--check"] => generated::compare(root)?,
        [first, ..] => return Err(unknown(first)),
    }
    Ok(true)
}

fn clients(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    let mut made = provision::clients(root, Missing::Fails)?;
    made.add(provision::tools(root, Missing::Fails)?);
    let packages = ["test", "--release", "-p", "tiergate", "-p", "providers"];
    let tests = ["--test", "clients", "--test", "vendors"];
    let line: Vec<&str> = packages.iter().chain(&tests).copied().collect();
    run(root, &cargo(), &line)?;
    let build = ["build", "--release", "-p", "tiergate"];
    run(root, &cargo(), &build)?;
    let program = [
        "run",
        "--release",
        "-p",
        "testkit",
        "--bin",
        "clients",
        "--",
    ];
    let line: Vec<&str> = program.iter().chain(arguments).copied().collect();
    run(root, &cargo(), &line)?;
    Ok(made.total().failed == 0)
}

fn bench(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    // What is measured is built first; the bench finds both beside itself.
    run(root, &cargo(), &["build", "--release", "-p", "tiergate"])?;
    run(
        root,
        &cargo(),
        &["build", "--release", "-p", "testkit", "--bins"],
    )?;
    let program = ["run", "--release", "-p", "testkit", "--bin", "bench", "--"];
    let line: Vec<&str> = program.iter().chain(arguments).copied().collect();
    run(root, &cargo(), &line)?;
    if arguments.is_empty() {
        // What needs no running gateway stands with its crate.
        run(
            root,
            &cargo(),
            &["bench", "-p", "domain", "--bench", "decide"],
        )?;
    }
    Ok(true)
}

/// The test that makes the rounds; without these variables it makes the few that CI has time for.
const SOAK: &str = "soak::kill_9_at_random_points_loses_nothing_and_opens_nothing";
const SOAK_ROUNDS: u64 = 1_000;

fn soak(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    // A seed of its own for each run, told at its start, so that it can be asked for again.
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let (mut rounds, mut seed) = (SOAK_ROUNDS, since.unwrap_or_default().as_secs());
    let mut rest = arguments;
    while let [flag, tail @ ..] = rest {
        let number = tail.first().and_then(|text| text.parse().ok());
        let number = number.ok_or_else(|| Fault::Said(format!("`{flag}` wants a whole number")));
        match *flag {
            "--rounds" => rounds = number?,
            "--seed" => seed = number?,
            other => return Err(unknown(other)),
        }
        rest = &tail[1..];
    }
    let (rounds, seed) = (
        format!("TIERGATE_SOAK_ROUNDS={rounds}"),
        format!("TIERGATE_SOAK_SEED={seed}"),
    );
    let cargo = cargo();
    let test = [
        &rounds,
        &seed,
        &cargo,
        "test",
        "--release",
        "-p",
        "tiergate",
    ];
    let only = ["--test", "it", "--", "--exact", SOAK, "--nocapture"];
    run(root, "env", &[&test[..], &only].concat())?;
    Ok(true)
}

fn help(_root: &Path, _arguments: &[&str]) -> Result<bool, Fault> {
    println!("cargo xtask CHORE\n");
    for Chore {
        name,
        arguments,
        about,
        ..
    } in CHORES
    {
        println!("  {name} {arguments}\n      {about}");
    }
    Ok(true)
}

fn unknown(argument: &str) -> Fault {
    Fault::Said(format!(
        "`{argument}` is no argument here; `cargo xtask help` lists them"
    ))
}
