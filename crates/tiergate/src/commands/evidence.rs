//! `tiergate evidence`: brings in what another tool measured with an evaluation key, lists what was
//! taken in, and has it erased. It must not judge a file: the gateway joins it with its own
//! accounting.

use std::fs;
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand, ValueEnum};
use control::card::{self, Fact, Names, Run};
use control::{Import, MOST_FILE_BYTES, NeverBrought};
use domain::{Policy, ReleaseName, Timestamp};
use serde_json::{Value, json};
use store::{Access, Store};

use super::command::{Command, Runs};
use crate::admin::Admin;
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "evidence",
    about: "Bring in another tool's results as evidence, list what was taken in, erase it",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// Bring in a file that another tool wrote of a run with an evaluation key; ends with 1 when
    /// it was taken in and is no evidence
    Import(Bring),
    /// List the evidence taken in, with what makes some of it no evidence
    List(List),
    /// Erase what a piece of evidence holds, for good: the ledger says who did and why, the attempt
    /// stays counted, and no gate passes on it; ends with 1 while it is not gone from the disk
    Erase(Erase),
}

#[derive(Args)]
struct Bring {
    /// The file: of promptfoo, Inspect, garak, lm-evaluation-harness, or JUnit XML. Several are
    /// read one behind the other, as the harness's results and samples have to be
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The release
    #[arg(long)]
    release: String,
    /// Which side of it was asked
    #[arg(long, value_enum)]
    arm: Arm,
    /// The suite, as the configuration declares it
    #[arg(long)]
    suite: String,
    /// The id of the evaluation key that the run was made with, and nothing else
    #[arg(long, value_name = "KEYID")]
    key: String,
    /// The scorer that counts; needed where the file names several
    #[arg(long, value_name = "NAME")]
    scorer: Option<String>,
    /// The source that the file is of; it is recognised where none is named
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The share of what the scorer should find that it finds, where that was measured
    #[arg(long, requires = "specificity")]
    sensitivity: Option<f64>,
    /// The share of what it should leave alone that it leaves alone
    #[arg(long, requires = "sensitivity")]
    specificity: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Arm {
    Candidate,
    Incumbent,
}

#[derive(Args)]
struct List {
    /// The release; all that are declared where none is named
    #[arg(long)]
    release: Option<String>,
}

#[derive(Args)]
struct Erase {
    /// The evidence, as `evidence list` names it
    id: String,
    /// Why, for the ledger, where it stays for ever: name nothing of what is erased
    #[arg(long)]
    reason: String,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    match Action::from_arg_matches(arguments)? {
        Action::Import(bring) => import(&bring, common),
        Action::List(list) => self::list(&list, common),
        Action::Erase(erase) => self::erase(&erase, common),
    }
}

fn import(bring: &Bring, common: &Common) -> Outcome {
    let mut bytes = Vec::new();
    for file in &bring.files {
        let read = fs::read(file).map_err(|error| {
            let what = format!("{} cannot be read", file.display());
            Fault::because(error, what, "name the file that the tool wrote")
        })?;
        bytes.extend(read);
    }
    if bytes.len() > MOST_FILE_BYTES {
        let what = format!("the file has more than {MOST_FILE_BYTES} bytes");
        return Err(Fault::new(what, "split the run into several, each with its key").into());
    }
    let arm = match bring.arm {
        Arm::Candidate => "candidate",
        Arm::Incumbent => "incumbent",
    };
    let rates = bring.sensitivity.zip(bring.specificity);
    let known_error = rates.map(|(sensitivity, specificity)| {
        json!({ "sensitivity": sensitivity, "specificity": specificity })
    });
    let body = json!({
        "arm": arm,
        "suite": bring.suite,
        "key": bring.key,
        "scorer": bring.scorer,
        "source": bring.source,
        "known_error": known_error,
        "file": Import::encoded(&bytes),
    });
    let path = format!("/api/v1/releases/{}/evidence/import", bring.release);
    let taken = Admin::find(common)?.post(&path, &body)?.body;
    let is_evidence = taken["reasons"].as_array().is_some_and(Vec::is_empty);
    tell(&taken, common);
    Ok(if is_evidence { Exit::Done } else { Exit::No })
}

fn tell(taken: &Value, common: &Common) {
    if common.json {
        return output::json(taken);
    }
    let mean = taken["mean"].as_f64().unwrap_or_default();
    let source = taken["source"].as_str().unwrap_or_default();
    output::line(format!(
        "{source}: {} items, mean score {mean:.3}, attempt {}",
        taken["items"], taken["attempt"]
    ));
    let texts = |field: &str| taken[field].as_array().cloned().unwrap_or_default();
    for reason in texts("reasons") {
        output::line(format!("no evidence: {}", reason.as_str().unwrap_or("-")));
    }
    for warning in texts("warnings") {
        output::line(format!("noted: {}", warning.as_str().unwrap_or("-")));
    }
}

fn erase(erase: &Erase, common: &Common) -> Outcome {
    let path = format!("/api/v1/evidence/{}/erase", erase.id);
    let body = json!({ "reason": erase.reason });
    let erased = Admin::find(common)?.post(&path, &body)?.body;
    let not_gone = erased["not_gone_yet"].as_str();
    if common.json {
        output::json(&erased);
    } else {
        let text = |field: &str| erased[field].as_str().unwrap_or("-").to_owned();
        let at = Timestamp(erased["at"].as_i64().unwrap_or_default());
        output::line(format!(
            "{} was erased on {} by {}: {}",
            text("erased"),
            at.date(),
            text("by"),
            text("reason")
        ));
        match not_gone {
            None => output::line("Its rows and their key are gone from the data directory."),
            Some(why) => output::line(format!(
                "They are not gone from the disk yet, and the gateway tries again by itself: {why}"
            )),
        }
        if erased["can_be_confirmed"] == true {
            output::line(
                "An older program took it in: the ledger bears a plain hash of it, by which \
                 whoever can guess what it held can confirm the guess.",
            );
        }
        output::line("Backups, and what a tool wrote, are yours to erase.");
    }
    Ok(match not_gone {
        None => Exit::Done,
        Some(_) => Exit::No,
    })
}

fn list(list: &List, common: &Common) -> Outcome {
    let config = home::config(common).ok();
    let settings = config.as_ref().map(|config| &config.settings);
    let policy = config.as_ref().map(|config| &config.policy);
    let releases: Vec<ReleaseName> = match (&list.release, policy) {
        (Some(name), _) => vec![ReleaseName::new(name.as_str())],
        (None, Some(policy)) => policy.releases.keys().cloned().collect(),
        (None, None) => {
            let what = "there is no sound configuration that names the releases";
            return Err(Fault::new(what, "name one with --release, or a --config").into());
        }
    };
    let store = Home::of(common).store(settings, Access::Read)?;
    let mut rows = Vec::new();
    for release in &releases {
        for run in runs(&store, release, policy)? {
            if common.json {
                output::json(
                    &json!({ "release": release, "entry": run.index, "at": run.at,
                    "evidence": run.shown }),
                );
            } else {
                rows.push(row(release, &run));
            }
        }
        for run in control::never_brought(&store, release)? {
            if common.json {
                output::json(&json!({ "release": release, "never_brought": run }));
            } else {
                rows.push(left_out(release, &run));
            }
        }
    }
    if !common.json {
        let header = [
            "release", "entry", "id", "at", "suite", "arm", "from", "attempt", "items", "mean",
            "why not",
        ];
        output::table(&header, &rows);
    }
    Ok(Exit::Done)
}

/// Shows a run that is evidence of nothing but that it was made.
fn left_out(release: &ReleaseName, run: &NeverBrought) -> Vec<String> {
    let why = format!(
        "{} answered {} requests of key {}, and no run of it was brought in: it counts as an \
         attempt on every suite",
        run.digest, run.requests, run.key
    );
    vec![
        release.to_string(),
        String::new(),
        String::new(),
        run.last.to_string(),
        String::new(),
        run.arm.clone().unwrap_or_default(),
        String::new(),
        String::new(),
        run.requests.to_string(),
        "never brought in".to_owned(),
        why,
    ]
}

fn runs(
    store: &Store,
    release: &ReleaseName,
    policy: Option<&Policy>,
) -> Result<Vec<Fact<Run>>, card::CardError> {
    let names = policy.map_or_else(Names::default, |policy| Names::of(policy, release));
    Ok(card::read(store, release, &names, environment::now())?.evidence)
}

fn row(release: &ReleaseName, fact: &Fact<Run>) -> Vec<String> {
    let run = &fact.shown;
    let from = run.file.as_ref().map_or("tiergate", |file| &file.source);
    let mean = match (run.mean, run.erased) {
        (Some(mean), _) => format!("{:.3}", mean.value),
        (None, Some(_)) => "erased".to_owned(),
        (None, None) => "does not count".to_owned(),
    };
    let reasons = run.spoilt.iter().filter_map(|one| one.reason.clone());
    vec![
        release.to_string(),
        fact.index.to_string(),
        run.evidence.clone().unwrap_or_default(),
        Timestamp(fact.at.0).to_string(),
        run.suite.to_string(),
        run.arm.clone().unwrap_or_default(),
        from.to_owned(),
        run.attempt.to_string(),
        run.items.to_string(),
        mean,
        reasons.collect::<Vec<_>>().join("; "),
    ]
}
