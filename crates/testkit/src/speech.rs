//! What it takes to speak a dialect, on both sides, and what is asked and answered in one. It must
//! not know any dialect, nor a socket or a script.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::behaviour::Complaint;
use crate::log::RecordedRequest;
use crate::task::{Task, next_step};

/// Holds what a client sends to ask something.
#[derive(Clone, Debug)]
pub struct Question {
    /// The path.
    pub path: String,
    /// The body.
    pub body: Value,
}

/// Holds what a request says at first sight.
#[derive(Debug, Default, Deserialize)]
pub struct Glance {
    /// The model.
    #[serde(default)]
    pub model: String,
    /// Whether a stream is asked for.
    #[serde(default)]
    pub stream: bool,
}

/// Speaks one dialect, on both sides.
pub trait Speech: Sync {
    /// Names it, as Tiergate's configuration does.
    fn name(&self) -> &'static str;

    /// Tells what of a path belongs to a client's base URL.
    fn base_path(&self) -> &'static str;

    /// Tells whether a request is in this dialect.
    fn answers(&self, method: &str, path: &str) -> bool;

    /// Reads the model and whether a stream is asked for, without reading all.
    fn glance(&self, _path: &str, body: &[u8]) -> Glance {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// Reads a request in the form that Chat Completions and Messages share.
    fn tree(&self, _path: &str, body: &[u8]) -> Value {
        serde_json::from_slice(body).unwrap_or(Value::Null)
    }

    /// Tells which model a recorded request asks for.
    fn asks(&self, request: &RecordedRequest) -> String {
        self.glance(&request.path, &request.body).model
    }

    /// Makes the answer that says these pieces.
    fn say(&self, asked: &Asked, pieces: &[String]) -> Answer;

    /// Makes the answer that calls the first tool so many times.
    fn call_tools(&self, asked: &Asked, times: usize) -> Answer;

    /// Makes the answer that declines before it has said anything.
    fn refuse(&self, asked: &Asked) -> Answer;

    /// Makes an answer with signed thoughts; a dialect without them says what it always says.
    fn think(&self, asked: &Asked) -> Answer {
        self.say(asked, &asked.pieces(0))
    }

    /// Says what is wrong with the thoughts in a request, as the real API would.
    fn foreign_thought(&self, _asked: &Asked) -> Option<String> {
        None
    }

    /// Makes one text delta.
    fn delta(&self, asked: &Asked, text: &str) -> String;

    /// Makes the error envelope for a status.
    fn error_envelope(&self, status: u16, message: &str) -> String;

    /// Makes the status and body of a complaint, where the dialect has an error for it.
    fn complaint(&self, complaint: Complaint) -> Option<(u16, String)>;

    /// Makes the events with which the dialect complains of a request for a stream inside one,
    /// where it has begun to answer by then.
    fn complaint_in_stream(&self, _asked: &Asked, _complaint: Complaint) -> Option<Vec<String>> {
        None
    }

    /// Makes the event that reports a fault in the middle of a stream.
    fn error_event(&self) -> String;

    /// Makes an event whose payload is not JSON.
    fn malformed_event(&self) -> &'static str;

    /// Tells whether the end of a stream that the terminator says nothing of counts as one.
    fn may_lack_terminator(&self) -> bool;

    /// Makes what a client sends to ask a model.
    fn question(&self, model: &str, is_stream: bool) -> Question;

    /// Reads the text of an answer that is not streamed.
    fn text_of(&self, body: &Value) -> String;

    /// Reads the text of one event's payload.
    fn text_of_event(&self, payload: &Value) -> String;

    /// Tells whether a stream ends as a success does.
    fn ends_well(&self, stream: &str) -> bool;

    /// Tells whether an event's payload reports an error.
    fn is_error(&self, payload: &Value) -> bool {
        payload.get("error").is_some_and(Value::is_object)
    }
}

/// Holds what an answer is derived from.
#[derive(Clone)]
pub struct Asked {
    pub(crate) dialect: &'static dyn Speech,
    pub(crate) model: String,
    pub(crate) streamed: bool,
    pub(crate) include_usage: bool,
    pub(crate) last_user_text: String,
    pub(crate) input_words: usize,
    pub(crate) tool: Option<String>,
    pub(crate) is_prefilled: bool,
    pub(crate) body: Value,
    /// What a tool is called with, where a task says so.
    pub(crate) input: Option<Value>,
    pub(crate) task: Task,
}

/// Holds one answer: the events of its stream and its whole body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Events before the first visible delta.
    pub(crate) opening: Vec<String>,
    /// Visible deltas.
    pub(crate) deltas: Vec<String>,
    /// Events that end the answer, up to the terminator.
    pub(crate) closing: Vec<String>,
    /// The event that says that the stream is complete.
    pub(crate) terminator: String,
    /// The body of an answer that is not streamed.
    pub(crate) whole: String,
}

impl Asked {
    /// Reads a request body; what is missing counts as empty.
    pub(crate) fn read(dialect: &'static dyn Speech, path: &str, body: &[u8]) -> Self {
        let tree = dialect.tree(path, body);
        let empty = Vec::new();
        let messages = tree["messages"].as_array().unwrap_or(&empty);
        let last_user = messages.iter().rev().find(|it| it["role"] == "user");
        let system = words_in(&text_of(&tree["system"]));
        let spoken = messages.iter().map(|it| words_in(&text_of(&it["content"])));
        let tool = &tree["tools"][0];
        let tool_name = tool["function"]["name"].as_str().or(tool["name"].as_str());
        let heard = last_user.map(|it| text_of(&it["content"]));
        let heard = heard.unwrap_or_default();
        Self {
            dialect,
            model: tree["model"].as_str().unwrap_or_default().to_owned(),
            streamed: tree["stream"].as_bool().unwrap_or(false),
            include_usage: tree["stream_options"]["include_usage"]
                .as_bool()
                .unwrap_or(false),
            task: next_step(&tree, &heard),
            last_user_text: heard,
            input_words: system + spoken.sum::<usize>(),
            tool: tool_name.map(str::to_owned),
            is_prefilled: messages.last().is_some_and(|it| it["role"] == "assistant"),
            input: None,
            body: tree,
        }
    }

    /// Makes the pieces of the answer: who answers, what it heard, filler up to `tokens`.
    pub(crate) fn pieces(&self, tokens: usize) -> Vec<String> {
        let mut pieces = vec![self.model.clone(), " heard:".to_owned()];
        let heard = self.last_user_text.split_whitespace();
        pieces.extend(heard.map(|word| format!(" {word}")));
        let more = tokens.saturating_sub(pieces.len());
        pieces.extend((0..more).map(|at| format!(" w{at}")));
        pieces
    }

    /// Makes the answer that says these pieces.
    pub(crate) fn say(&self, pieces: &[String]) -> Answer {
        self.dialect.say(self, pieces)
    }

    /// Makes the answer that calls the first tool so many times.
    pub(crate) fn call_tools(&self, times: usize) -> Answer {
        self.dialect.call_tools(self, times)
    }

    /// Makes the answer that goes on with an agent's task.
    pub(crate) fn go_on(&self) -> Answer {
        match &self.task {
            Task::Say(text) => {
                let words = text.split_inclusive(' ').map(str::to_owned);
                self.say(&words.collect::<Vec<_>>())
            }
            Task::Call(name, input) => {
                let asked = Self {
                    tool: Some(name.clone()),
                    input: Some(input.clone()),
                    ..self.clone()
                };
                asked.call_tools(1)
            }
        }
    }

    /// Tells what a tool is called with.
    pub(crate) fn input(&self) -> Value {
        let heard = || json!({"text": self.last_user_text});
        self.input.clone().unwrap_or_else(heard)
    }

    /// Makes the dialect's error envelope for a status.
    pub(crate) fn error_envelope(&self, status: u16) -> String {
        let message = format!("fake provider answers {status} for model {}", self.model);
        self.dialect.error_envelope(status, &message)
    }

    /// Makes one text delta.
    pub(crate) fn delta(&self, text: &str) -> String {
        self.dialect.delta(self, text)
    }
}

/// Joins the text of a string or of text blocks.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

fn words_in(text: &str) -> usize {
    text.split_whitespace().count()
}
