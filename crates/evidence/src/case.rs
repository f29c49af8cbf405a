//! One case of a suite: what is asked, and what is expected of the answer. It must not know how
//! an answer is scored or how a suite is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Holds one case of a suite.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its name, once in a suite.
    pub id: String,
    /// What is asked.
    pub input: Input,
    /// The system prompt, if there is one.
    pub system: Option<String>,
    /// What is expected; the scorer says of what form.
    pub expect: Value,
    /// The scorer's name.
    pub scorer: &'static str,
    /// The scorer's parameters, as far as they are given.
    pub options: BTreeMap<String, Value>,
    /// The cluster that it belongs to; the case itself where none is given.
    pub cluster: String,
    /// The most tokens that the answer may have, if that is limited.
    pub max_tokens: Option<u32>,
}

/// Says what a case asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// One message of the user.
    Text(String),
    /// A conversation that ends with the user.
    Messages(Vec<Message>),
}

/// Holds one message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// Says who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The system prompt.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
}

impl Case {
    /// Lists the messages to send, the system prompt first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let said = |role, content: &String| Message {
            role,
            content: content.clone(),
        };
        let system = self.system.iter().map(|text| said(Role::System, text));
        match &self.input {
            Input::Text(text) => system.chain([said(Role::User, text)]).collect(),
            Input::Messages(messages) => system.chain(messages.iter().cloned()).collect(),
        }
    }

    /// Reads a switch of the scorer.
    pub(crate) fn switch(&self, name: &str, default: Switch) -> bool {
        let written = self.options.get(name).and_then(Value::as_bool);
        written.unwrap_or(default == Switch::On)
    }

    /// Lists the texts expected: one, or any of several.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match &self.expect {
            Value::String(text) => vec![text],
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// Says how a switch stands where none is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    Off,
}
