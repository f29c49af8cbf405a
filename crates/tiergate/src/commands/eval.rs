//! `tiergate eval run`: asks both arms of a release the cases of a suite, as any caller would but
//! with an evaluation key, scores the answers, and brings them in as evidence. It must not judge:
//! the gates do.

use std::fs;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};
use evidence::{Case, Suite};
use serde_json::{Value, json};

use super::command::{Command, Runs};
use crate::admin::Admin;
use crate::asker::Asker;
use crate::config::{Config, SuiteSource};
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::home;
use crate::options::Common;
use crate::output;

/// The arms of a release, in the order in which they are asked.
const ARMS: [&str; 2] = ["incumbent", "candidate"];
/// How long the run's key is valid.
const KEY_DAYS: u32 = 1;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "eval",
    about: "Run a suite against a release's candidate and incumbent",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// Run a suite and bring the result in as evidence
    Run(Run),
}

#[derive(Args)]
struct Run {
    /// The release
    release: String,
    /// The suite, as the configuration names it
    #[arg(long)]
    suite: String,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let Action::Run(run) = Action::from_arg_matches(arguments)?;
    let config = home::config(common)?;
    let bytes = cases(&config, &run.suite)?;
    let suite = Suite::parse(&bytes)?;
    let admin = Admin::find(common)?;
    let key = admin.post(
        "/api/v1/keys",
        &json!({
            "name": format!("eval {} {}", run.release, run.suite),
            "kind": "evaluator",
            "release": run.release,
            "expires_at": environment::now().plus_days(KEY_DAYS).0,
        }),
    )?;
    let text = |field: &str| key.body[field].as_str().unwrap_or_default().to_owned();
    let judge = config.settings.judges.get(run.suite.as_str());
    let judge = judge.map(|tier| tier.as_str().to_owned());
    check_judge(&suite, (&run.suite, judge.as_deref()))?;
    let asker = Asker::new(common, text("key"), judge)?;
    let id = text("id");
    let asked = ARMS.iter().try_for_each(|arm| -> Result<(), Fault> {
        let items = asker.arm(&run.release, arm, &suite)?;
        let brought = json!({
            "arm": arm,
            "suite": run.suite,
            "suite_digest": suite.digest,
            "key": id,
            "items": items,
        });
        let path = format!("/api/v1/releases/{}/evidence", run.release);
        tell(arm, &admin.post(&path, &brought)?.body, common);
        Ok(())
    });
    // A run that broke off needs its key no longer either.
    admin.post(&format!("/api/v1/keys/{id}/revoke"), &json!({}))?;
    asked?;
    Ok(Exit::Done)
}

fn cases(config: &Config, name: &str) -> Result<Vec<u8>, Fault> {
    match config.settings.suites.get(name) {
        Some(SuiteSource::Builtin(builtin)) => Ok(evidence::builtin(builtin)
            .map(|suite| suite.bytes.to_vec())
            .unwrap_or_default()),
        Some(SuiteSource::File(path)) => {
            let path = config.path.with_file_name(path);
            fs::read(&path).map_err(|error| {
                let what = format!("suite {name}: {} cannot be read", path.display());
                Fault::because(error, what, "name a file relative to the configuration")
            })
        }
        Some(SuiteSource::Elsewhere(_)) => {
            let what = format!("the cases of suite `{name}` are another tool's");
            let mend = "run that tool with an evaluation key, and bring its file with `tiergate \
                        evidence import`";
            Err(Fault::new(what, mend))
        }
        None => {
            let names: Vec<&str> = config
                .settings
                .suites
                .keys()
                .map(|suite| suite.as_str())
                .collect();
            let mend = format!("use one that is declared: {}", names.join(", "));
            Err(Fault::new(format!("there is no suite `{name}`"), mend))
        }
    }
}

/// Refuses a suite that asks a judge and names none, before anything is asked.
fn check_judge(suite: &Suite, (name, judge): (&str, Option<&str>)) -> Result<(), Fault> {
    let is_judged = |case: &Case| !evidence::questions(case, "").is_empty();
    if judge.is_some() || !suite.cases.iter().any(is_judged) {
        return Ok(());
    }
    let what = format!("suite `{name}` has cases that a judge scores, and names no judge");
    let mend = format!("name a tier: `judge = \"TIER\"` under [suites.{name}]");
    Err(Fault::new(what, mend))
}

fn tell(arm: &str, taken: &Value, common: &Common) {
    if common.json {
        return output::json(&json!({ "arm": arm, "evidence": taken }));
    }
    let mean = taken["mean"].as_f64().unwrap_or_default();
    output::line(format!(
        "{arm:<10} {} items, mean score {mean:.3}",
        taken["items"]
    ));
    if let Some(reason) = taken["first_reason"].as_str() {
        output::line(format!(
            "           {} cannot be used: {reason}",
            taken["spoilt"]
        ));
    }
}
