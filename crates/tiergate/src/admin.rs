//! Speaks to a running gateway's admin port, as the person whose operator key is in use. It must
//! not know what is asked of it.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use crate::agent;
use crate::credential::operator_key;
use crate::exit::Fault;
use crate::home::{self, Home};
use crate::options::Common;

const TIMEOUT: Duration = Duration::from_secs(60);
const MOST_BYTES: u64 = 64 << 20;

/// Speaks to one admin port.
pub struct Admin {
    agent: Agent,
    address: String,
    key: String,
}

/// Holds an answer of the admin port.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl Admin {
    /// Finds the running gateway of the data directory, else the configuration's address.
    ///
    /// # Errors
    /// Fails without an operator key.
    pub fn find(common: &Common) -> Result<Self, Fault> {
        let home = Home::of(common);
        let written = || home::settings(common).map(|settings| settings.admin.to_string());
        let running = home.running_gateway().map(|running| running.admin);
        let address = running.or_else(written).ok_or_else(|| {
            let what = "no running gateway is known here";
            Fault::new(what, "start one, or name its --data-dir or --config")
        })?;
        let key = operator_key(&home, common)?.ok_or_else(|| {
            let what = "there is no operator key here";
            Fault::new(
                what,
                "name a file with --operator-key, or set TIERGATE_OPERATOR_KEY",
            )
        })?;
        Ok(Self {
            agent: agent::to_gateway(TIMEOUT),
            address,
            key,
        })
    }

    /// Reads a path.
    ///
    /// # Errors
    /// Fails when nothing answers, or the answer is a failure.
    pub fn get(&self, path: &str) -> Result<Answer, Fault> {
        let request = self.agent.get(format!("http://{}{path}", self.address));
        let answer = request
            .header("authorization", format!("Bearer {}", self.key))
            .call();
        self.read(answer)
    }

    /// Sends a value to a path.
    ///
    /// # Errors
    /// Fails when nothing answers, or the answer is a failure; a refusal (409) is an answer.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, Fault> {
        let request = self.agent.post(format!("http://{}{path}", self.address));
        let request = request
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json");
        self.read(request.send(body.to_string()))
    }

    fn read(
        &self,
        answer: Result<http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Fault> {
        let unreachable = |error| {
            let what = format!("no gateway answers on {}", self.address);
            Fault::because(
                error,
                what,
                "start it with `tiergate serve`, or name its --data-dir",
            )
        };
        let mut answer = answer.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let body = answer
            .body_mut()
            .with_config()
            .limit(MOST_BYTES)
            .read_to_vec();
        let body = body.map_err(unreachable)?;
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        if (200..300).contains(&status) || status == 409 {
            return Ok(Answer { status, body });
        }
        let field = |name: &str| {
            body.get("error")
                .and_then(|error| error.get(name))
                .and_then(Value::as_str)
        };
        let what = field("message").unwrap_or("the gateway could not do this");
        Err(Fault::new(
            what,
            field("remedy").unwrap_or("see the gateway's log"),
        ))
    }
}
