//! `tiergate eval run`: asks both arms of a release the cases of a suite, as any caller would but
//! with an evaluation key, scores the answers, and brings them in as evidence. It must not judge:
//! the gates do.

use std::fs;
use std::time::Duration;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};
use evidence::{Case, Suite};
use serde_json::{Value, json};
use ureq::Agent;

use super::command::Command;
use crate::admin::Admin;
use crate::config::{Config, SuiteSource};
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;

/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(300);
/// How long the run's key is valid.
const KEY_DAYS: u32 = 1;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "eval",
    about: "Run a suite against a release's candidate and incumbent",
    arguments: Action::augment_subcommands,
    run,
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
    let asker = Asker::new(common, text("key"))?;
    for arm in ["incumbent", "candidate"] {
        let items = asker.arm(&run.release, arm, &suite)?;
        let brought = json!({
            "arm": arm,
            "suite": run.suite,
            "suite_digest": suite.digest,
            "key": text("id"),
            "items": items,
        });
        let path = format!("/api/v1/releases/{}/evidence", run.release);
        tell(arm, &admin.post(&path, &brought)?.body, common);
    }
    admin.post(&format!("/api/v1/keys/{}/revoke", text("id")), &json!({}))?;
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

/// Asks a running gateway like any caller.
struct Asker {
    agent: Agent,
    url: String,
    key: String,
}

impl Asker {
    fn new(common: &Common, key: String) -> Result<Self, Fault> {
        let running = fs::read_to_string(Home::of(common).running()).ok();
        let running: Option<Value> = running.and_then(|text| serde_json::from_str(&text).ok());
        let listen = running.as_ref().and_then(|value| value["listen"].as_str());
        let listen = listen.ok_or_else(|| {
            Fault::new(
                "no running gateway is known here",
                "start one, or name its --data-dir",
            )
        })?;
        let agent = Agent::config_builder()
            .timeout_global(Some(ANSWER_WITHIN))
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .new_agent();
        Ok(Self {
            agent,
            url: format!("http://{listen}/v1/chat/completions"),
            key,
        })
    }

    /// Asks one arm every case, in order.
    fn arm(&self, release: &str, arm: &str, suite: &Suite) -> Result<Vec<Value>, Fault> {
        let count = suite.cases.len();
        let mut items = Vec::with_capacity(count);
        for (at, case) in suite.cases.iter().enumerate() {
            if at % 20 == 0 {
                output::note(format!("{arm}: {at} of {count}"));
            }
            let (decision, answer) = self.case(&format!("release/{release}/{arm}"), case)?;
            // No answer scores nothing; the accounting row says why there was none.
            let score = answer.map_or(0.0, |answer| evidence::score(case, &answer).value);
            items.push(json!({
                "id": case.id,
                "cluster": case.cluster,
                "score": score,
                "decision": decision,
            }));
        }
        Ok(items)
    }

    fn case(&self, model: &str, case: &Case) -> Result<(Option<String>, Option<String>), Fault> {
        let mut body = json!({
            "model": model,
            "messages": case.messages(),
            "temperature": 0,
        });
        if let Some(most) = case.max_tokens {
            body["max_tokens"] = json!(most);
        }
        let broken =
            |error| Fault::because(error, "the gateway did not answer a case", "see its log");
        let request = self.agent.post(&self.url);
        let request = request
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .header("tiergate-conversation", format!("eval-{}", case.id));
        let mut answer = request.send(body.to_string()).map_err(broken)?;
        let decision = answer.headers().get("tiergate-decision");
        let decision = decision
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let is_ok = answer.status().is_success();
        let read = answer.body_mut().read_to_vec().map_err(broken)?;
        let reply: Value = serde_json::from_slice(&read).unwrap_or(Value::Null);
        let said = reply["choices"][0]["message"]["content"]
            .as_str()
            .map(str::to_owned);
        Ok((decision, said.filter(|_| is_ok)))
    }
}
