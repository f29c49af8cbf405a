//! The whole test run, step by step, as CI runs it.
//! It must not know what any test holds.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::outcome::{Reader, Show};
use crate::provision::{Missing, provision};
use crate::shell::{Fault, cargo, output, run};
use crate::tally::Tally;
use crate::{generated, reference, tidy};

/// The models that the tests ask: pulled once, then verified.
const MODELS: &[&str] = &["smollm2-135m", "qwen2.5-coder-0.5b"];
const CHECK: &str = "check";

/// Says what a run includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Models {
    /// The models are pulled and used.
    Pulled,
    /// They are left out, by name.
    LeftOut,
}

/// Is what every step may look at.
struct Run<'r> {
    root: &'r Path,
    missing: Missing,
    models: Models,
    status_before: String,
}

/// Is one step: what it is called and what it does.
struct Step {
    name: &'static str,
    run: fn(&Run) -> Result<Tally, Fault>,
}

const STEPS: &[Step] = &[
    Step {
        name: "provision",
        run: |run| provision(run.root, run.missing),
    },
    Step {
        name: "format",
        run: format,
    },
    Step {
        name: "clippy",
        run: clippy,
    },
    Step {
        name: "build",
        run: build,
    },
    Step {
        name: "models",
        run: models,
    },
    Step {
        name: "tests",
        run: tests,
    },
    Step {
        name: "tidy",
        run: tidy,
    },
    Step {
        name: "generated references",
        run: references,
    },
    Step {
        name: "clean checkout",
        run: clean_checkout,
    },
];

/// Runs every step, also after one failed, and prints the account. Returns whether all held.
pub fn suite(root: &Path, models: Models, missing: Missing) -> Result<bool, Fault> {
    let status_before = checkout_status(root)?;
    let run = Run {
        root,
        missing,
        models,
        status_before,
    };
    let mut tally = Tally::default();
    let mut times = Vec::new();
    for (at, step) in STEPS.iter().enumerate() {
        println!("\n== {} of {}: {} ==", at + 1, STEPS.len(), step.name);
        let start = Instant::now();
        match (step.run)(&run) {
            Ok(found) => tally.add(found),
            Err(fault) => {
                println!("FAILED: {}: {fault}", step.name);
                tally.fail(CHECK, format!("{}: {fault}", step.name));
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{}: {seconds:.1} s", step.name);
        times.push((step.name, seconds));
    }
    println!("\n== account ==");
    for (name, seconds) in times {
        println!("{seconds:8.1} s  {name}");
    }
    println!();
    print!("{}", tally.report());
    Ok(tally.total().failed == 0)
}

fn held() -> Tally {
    let mut tally = Tally::default();
    tally.kind(CHECK).passed += 1;
    tally
}

fn format(on: &Run) -> Result<Tally, Fault> {
    run(on.root, &cargo(), &["fmt", "--all", "--check"])?;
    Ok(held())
}

fn clippy(on: &Run) -> Result<Tally, Fault> {
    let line = [
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    run(on.root, &cargo(), &line)?;
    Ok(held())
}

fn build(on: &Run) -> Result<Tally, Fault> {
    run(on.root, &cargo(), &["build", "--release"])?;
    Ok(held())
}

fn models(on: &Run) -> Result<Tally, Fault> {
    let mut tally = Tally::default();
    let binary = reference::binary(on.root);
    if output(on.root, &binary, &["models", "--help"]).is_err() {
        let why = "models: this build has no command that pulls them";
        tally.skip("model", MODELS.len(), why);
        return Ok(tally);
    }
    for model in MODELS {
        if on.models == Models::LeftOut {
            tally.skip("model", 1, format!("model {model} (--no-models)"));
            continue;
        }
        run(
            on.root,
            &reference::binary(on.root),
            &["models", "pull", model],
        )?;
        tally.kind("model").passed += 1;
    }
    Ok(tally)
}

fn tests(on: &Run) -> Result<Tally, Fault> {
    let line = [
        "test",
        "--release",
        "--workspace",
        "--no-fail-fast",
        "--",
        "--show-output",
    ];
    let fault = |source| Fault::Start {
        program: "cargo test".to_owned(),
        source,
    };
    let (lines, writer) = io::pipe().map_err(fault)?;
    let mut command = Command::new(cargo());
    command
        .args(line)
        .current_dir(on.root)
        .env("INSTA_UPDATE", "no")
        .env_remove("UPDATE_GOLDENS");
    command
        .stdout(writer.try_clone().map_err(fault)?)
        .stderr(writer);
    let mut child = command.spawn().map_err(fault)?;
    // The command holds the writing ends; without this the lines would never end.
    drop(command);
    let mut reader = Reader::default();
    for line in BufReader::new(lines).split(b'\n') {
        let line = line.map_err(fault)?;
        let line = String::from_utf8_lossy(&line);
        if reader.line(&line) == Show::Line {
            println!("{line}");
        }
    }
    let status = child.wait().map_err(fault)?;
    let mut tally = reader.finish();
    if !status.success() && tally.failures.is_empty() {
        tally.fail(CHECK, format!("tests: cargo test ended with {status}"));
    }
    if tally.total().passed == 0 {
        tally.fail(CHECK, "tests: not one test passed");
    }
    Ok(tally)
}

fn tidy(on: &Run) -> Result<Tally, Fault> {
    match tidy::tidy(on.root)? {
        0 => Ok(held()),
        count => Err(Fault::Said(format!("{count} findings, listed above"))),
    }
}

fn references(on: &Run) -> Result<Tally, Fault> {
    generated::compare(on.root)?;
    Ok(held())
}

fn clean_checkout(on: &Run) -> Result<Tally, Fault> {
    let now = checkout_status(on.root)?;
    if now == on.status_before {
        return Ok(held());
    }
    let is_new = |line: &&str| !on.status_before.lines().any(|before| before == *line);
    let changed: Vec<&str> = now.lines().filter(is_new).collect();
    Err(Fault::Said(format!(
        "the run changed the checkout:\n{}",
        changed.join("\n")
    )))
}

fn checkout_status(root: &Path) -> Result<String, Fault> {
    output(
        root,
        "git",
        &["status", "--porcelain", "--untracked-files=all"],
    )
}
