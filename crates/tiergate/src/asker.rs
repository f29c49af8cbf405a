//! Asks a running gateway the cases of a suite, like any caller. It must not know what the scores
//! are for.

use std::time::Duration;

use evidence::{Case, Suite};
use serde_json::{Value, json};
use ureq::Agent;

use crate::agent;
use crate::exit::Fault;
use crate::home::Home;
use crate::options::Common;
use crate::progress::Bar;

/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(300);

/// Asks a running gateway like any caller.
pub struct Asker {
    agent: Agent,
    url: String,
    key: String,
}

impl Asker {
    /// Finds the running gateway of the data directory.
    ///
    /// # Errors
    /// Fails where none is known.
    pub fn new(common: &Common, key: String) -> Result<Self, Fault> {
        let running = Home::of(common).running_gateway().ok_or_else(|| {
            let what = "no running gateway is known here";
            Fault::new(what, "start one, or name its --data-dir")
        })?;
        Ok(Self {
            agent: agent::to_gateway(ANSWER_WITHIN),
            url: format!("http://{}/v1/chat/completions", running.listen),
            key,
        })
    }

    /// Asks one arm every case, in order, and scores the answers.
    ///
    /// # Errors
    /// Fails where the gateway does not answer.
    pub fn arm(&self, release: &str, arm: &str, suite: &Suite) -> Result<Vec<Value>, Fault> {
        let count = suite.cases.len();
        let mut items = Vec::with_capacity(count);
        let bar = Bar::of_steps(arm);
        for (at, case) in suite.cases.iter().enumerate() {
            bar.step(at as u64, count as u64);
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
        bar.done();
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
