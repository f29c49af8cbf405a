//! Asks a running gateway the cases of a suite, like any caller. It must not know what the scores
//! are for.

use std::time::Duration;

use evidence::{Case, Message, Suite};
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
    /// The tier that judges answers, where the suite names one.
    judge: Option<String>,
}

/// What became of one question.
struct Answered {
    decision: Option<String>,
    said: Said,
}

/// What a model said.
enum Said {
    Text(String),
    /// It declined, by the dialect's own sign.
    Declined,
    /// No answer came.
    Nothing,
}

impl Asker {
    /// Finds the running gateway of the data directory.
    ///
    /// # Errors
    /// Fails where none is known.
    pub fn new(common: &Common, key: String, judge: Option<String>) -> Result<Self, Fault> {
        let running = Home::of(common).running_gateway().ok_or_else(|| {
            let what = "no running gateway is known here";
            Fault::new(what, "start one, or name its --data-dir")
        })?;
        Ok(Self {
            agent: agent::to_gateway(ANSWER_WITHIN),
            url: format!("http://{}/v1/chat/completions", running.listen),
            key,
            judge,
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
            items.push(self.item(&format!("release/{release}/{arm}"), case)?);
        }
        bar.done();
        Ok(items)
    }

    fn item(&self, model: &str, case: &Case) -> Result<Value, Fault> {
        let messages = case.messages();
        let answered = self.ask(model, &messages, (case.max_tokens, &case.id))?;
        let score = match &answered.said {
            Said::Text(text) => self.scored(case, text)?,
            Said::Declined => Some(evidence::score_declined(case).value),
            // No answer scores nothing; the accounting row says why there was none.
            Said::Nothing => Some(0.0),
        };
        // An answer of which the judge has no opinion is no evidence: it names no decision, and
        // intake then finds one that no item stands for.
        let decision = answered.decision.filter(|_| score.is_some());
        Ok(json!({
            "id": case.id,
            "cluster": case.cluster,
            "score": score.unwrap_or_default(),
            "decision": decision,
        }))
    }

    /// Scores an answer, by a judge where the case asks one; none where it has no opinion.
    fn scored(&self, case: &Case, answer: &str) -> Result<Option<f64>, Fault> {
        let questions = evidence::questions(case, answer);
        if questions.is_empty() {
            return Ok(Some(evidence::score(case, answer).value));
        }
        let Some(judge) = &self.judge else {
            return Ok(None);
        };
        let mut opinions = Vec::with_capacity(questions.len());
        for question in &questions {
            match self.ask(judge, question, (None, &case.id))?.said {
                Said::Text(text) => opinions.push(text),
                Said::Declined | Said::Nothing => return Ok(None),
            }
        }
        Ok(evidence::score_judged(case, &opinions).map(|score| score.value))
    }

    fn ask(
        &self,
        model: &str,
        messages: &[Message],
        (max_tokens, case): (Option<u32>, &str),
    ) -> Result<Answered, Fault> {
        let mut body = json!({
            "model": model,
            "messages": messages,
            "temperature": 0,
        });
        if let Some(most) = max_tokens {
            body["max_tokens"] = json!(most);
        }
        let broken =
            |error| Fault::because(error, "the gateway did not answer a case", "see its log");
        let request = self.agent.post(&self.url);
        let request = request
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .header("tiergate-conversation", format!("eval-{case}"));
        let mut answer = request.send(body.to_string()).map_err(broken)?;
        let decision = answer.headers().get("tiergate-decision");
        let decision = decision
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let is_ok = answer.status().is_success();
        let read = answer.body_mut().read_to_vec().map_err(broken)?;
        let reply: Value = serde_json::from_slice(&read).unwrap_or(Value::Null);
        let said = if is_ok {
            said(&reply["choices"][0])
        } else {
            Said::Nothing
        };
        Ok(Answered { decision, said })
    }
}

/// Reads what a choice says; a filter that left no text declined, too.
fn said(choice: &Value) -> Said {
    let message = &choice["message"];
    let is_said = |text: &&str| !text.is_empty();
    if message["refusal"]
        .as_str()
        .is_some_and(|text| !text.is_empty())
    {
        return Said::Declined;
    }
    let text = message["content"].as_str();
    match (text.filter(is_said), choice["finish_reason"].as_str()) {
        (None, Some("content_filter")) => Said::Declined,
        (Some(text), _) => Said::Text(text.to_owned()),
        (None, _) => text.map_or(Said::Nothing, |text| Said::Text(text.to_owned())),
    }
}
