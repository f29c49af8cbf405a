//! OpenAI's Responses as the fake provider speaks it. It must not know a socket or a script.

use serde_json::{Value, json};

use crate::answer::{halves, named_event, openai_complaint, openai_envelope};
use crate::behaviour::Complaint;
use crate::items::{call, message, text_part};
use crate::reasoning;
use crate::speech::{Answer, Asked, Question, Speech};

const PATH: &str = "/v1/responses";
/// Where the first delta of a text stands in its stream: four events come before it.
const FIRST_DELTA: usize = 4;

/// Speaks it.
pub(crate) struct OpenaiResponses;

impl Speech for OpenaiResponses {
    fn name(&self) -> &'static str {
        "openai-responses"
    }

    fn base_path(&self) -> &'static str {
        "/v1"
    }

    fn answers(&self, method: &str, path: &str) -> bool {
        (method, path) == ("POST", PATH)
    }

    fn tree(&self, _path: &str, body: &[u8]) -> Value {
        let mut said: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let items = match &said["input"] {
            Value::String(text) => vec![json!({"role": "user", "content": text})],
            items => items.as_array().cloned().unwrap_or_default(),
        };
        let turns = items.iter().map(turn);
        said["messages"] = turns.collect();
        said["tools"] = tools(&said, &items);
        said["system"] = said["instructions"].clone();
        said
    }

    fn say(&self, asked: &Asked, pieces: &[String]) -> Answer {
        let mut line = Line::default();
        let opening = vec![
            line.state("response.created", asked),
            line.state("response.in_progress", asked),
            line.item("added", 0, &message("in_progress", "msg_fake", &json!([]))),
            line.part("added", &text_part("")),
        ];
        let deltas = pieces.iter().map(|piece| line.text_delta(piece)).collect();
        let text = pieces.concat();
        let said = message("completed", "msg_fake", &json!([text_part(&text)]));
        let place = json!({"item_id": "msg_fake", "output_index": 0, "content_index": 0});
        let mut done = place.clone();
        done["text"] = json!(text);
        done["logprobs"] = json!([]);
        let closing = vec![
            line.event("response.output_text.done", done),
            line.part("done", &text_part(&text)),
            line.item("done", 0, &said),
        ];
        let whole = response(asked, "completed", &json!([said]), pieces.len());
        line.finish(opening, deltas, closing, &whole)
    }

    fn call_tools(&self, asked: &Asked, times: usize) -> Answer {
        let name = asked.tool.as_deref().unwrap_or("echo");
        let arguments = asked.input().to_string();
        let tools = asked.body["tools"].as_array().into_iter().flatten();
        let meant = tools.into_iter().find(|tool| tool["name"] == name);
        let namespace = meant.and_then(|tool| tool["namespace"].as_str());
        let calls = (0..times).map(|at| {
            let mut call = call(&format!("fc_fake{at}"), at, name, &arguments);
            if let Some(namespace) = namespace {
                call["namespace"] = json!(namespace);
            }
            call
        });
        of_items(asked, &calls.collect::<Vec<_>>())
    }

    fn refuse(&self, asked: &Asked) -> Answer {
        let mut line = Line::default();
        let opening = vec![
            line.state("response.created", asked),
            line.state("response.in_progress", asked),
        ];
        let mut whole = response(asked, "incomplete", &json!([]), 0);
        whole["incomplete_details"] = json!({"reason": "content_filter"});
        line.finish(opening, Vec::new(), Vec::new(), &whole)
    }

    fn think(&self, asked: &Asked) -> Answer {
        of_items(asked, &reasoning::items(asked))
    }

    fn foreign_thought(&self, asked: &Asked) -> Option<String> {
        reasoning::refusal(asked)
    }

    fn delta(&self, _asked: &Asked, text: &str) -> String {
        let mut line = Line { next: FIRST_DELTA };
        line.text_delta(text)
    }

    fn error_envelope(&self, status: u16, message: &str) -> String {
        openai_envelope(status, message)
    }

    fn complaint(&self, complaint: Complaint) -> Option<(u16, String)> {
        Some(openai_complaint(complaint))
    }

    fn complaint_in_stream(&self, asked: &Asked, complaint: Complaint) -> Option<Vec<String>> {
        // How long an input is, it finds once it has begun to answer.
        if complaint != Complaint::Overflow {
            return None;
        }
        let (_, body) = openai_complaint(complaint);
        let body: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        let error = &body["error"];
        let mut whole = response(asked, "failed", &json!([]), 0);
        whole["error"] = json!({"code": error["code"], "message": error["message"]});
        whole["usage"] = Value::Null;
        let mut line = Line::default();
        Some(vec![
            line.state("response.created", asked),
            line.state("response.in_progress", asked),
            line.event("response.failed", json!({"response": whole})),
        ])
    }

    fn error_event(&self) -> String {
        named_event(&json!({
            "type": "error", "code": "server_error", "param": null, "sequence_number": 9,
            "message": "fake provider fails mid-stream",
        }))
    }

    fn malformed_event(&self) -> &'static str {
        "event: response.output_text.delta\ndata: {\"type\": \"response.output_te\n\n"
    }

    fn may_lack_terminator(&self) -> bool {
        false
    }

    fn question(&self, model: &str, is_stream: bool) -> Question {
        Question {
            path: PATH.to_owned(),
            body: json!({
                "model": model, "stream": is_stream, "max_output_tokens": 64, "store": false,
                "input": [{"role": "user", "content": "hello out there"}],
            }),
        }
    }

    fn text_of(&self, body: &Value) -> String {
        let items = body["output"].as_array().into_iter().flatten();
        let parts = items.flat_map(|item| item["content"].as_array().into_iter().flatten());
        parts.filter_map(|part| part["text"].as_str()).collect()
    }

    fn text_of_event(&self, payload: &Value) -> String {
        if payload["type"] != "response.output_text.delta" {
            return String::new();
        }
        payload["delta"].as_str().unwrap_or_default().to_owned()
    }

    fn ends_well(&self, stream: &str) -> bool {
        let last = stream.trim_end().rsplit("\n\n").next().unwrap_or_default();
        last.starts_with("event: response.completed")
    }

    fn is_error(&self, payload: &Value) -> bool {
        let is_named = payload["type"] == "error" || payload["type"] == "response.failed";
        is_named || payload["error"].is_object()
    }
}

/// Lists the tools of a request and of its items, those of a namespace with the others.
fn tools(said: &Value, items: &[Value]) -> Value {
    let top = said["tools"].as_array().into_iter().flatten();
    let added = items
        .iter()
        .filter(|item| item["type"] == "additional_tools");
    let added = added.flat_map(|item| item["tools"].as_array().into_iter().flatten());
    let flat = top
        .chain(added)
        .flat_map(|tool| match tool["tools"].as_array() {
            Some(inner) => {
                let named = inner.iter().map(|it| {
                    let mut it = it.clone();
                    it["namespace"] = tool["name"].clone();
                    it
                });
                named.collect()
            }
            None => vec![tool.clone()],
        });
    flat.collect()
}

/// Reads an item as a turn of the form that the other dialects share.
fn turn(item: &Value) -> Value {
    match item["type"].as_str() {
        Some("function_call" | "custom_tool_call") => {
            json!({"role": "assistant", "tool_calls": [item]})
        }
        Some("function_call_output" | "custom_tool_call_output") => {
            json!({"role": "tool", "content": item["output"]})
        }
        None | Some("message") => json!({"role": item["role"], "content": item["content"]}),
        Some(other) => json!({"role": other}),
    }
}

/// Makes an answer of whole items: reasoning, calls and messages.
fn of_items(asked: &Asked, items: &[Value]) -> Answer {
    let mut line = Line::default();
    let opening = vec![
        line.state("response.created", asked),
        line.state("response.in_progress", asked),
    ];
    let mut deltas = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let mut begun = item.clone();
        let arguments = item["arguments"].as_str();
        for (field, bare) in [
            ("arguments", json!("")),
            ("content", json!([])),
            ("summary", json!([])),
        ] {
            if !item[field].is_null() {
                begun[field] = bare;
            }
        }
        deltas.push(line.item("added", at, &begun));
        let place = json!({"item_id": item["id"], "output_index": at});
        for half in arguments.into_iter().flat_map(halves) {
            let mut more = place.clone();
            more["delta"] = json!(half);
            deltas.push(line.event("response.function_call_arguments.delta", more));
        }
        if let Some(arguments) = arguments {
            let mut done = place;
            done["arguments"] = json!(arguments);
            done["name"] = item["name"].clone();
            deltas.push(line.event("response.function_call_arguments.done", done));
        }
        deltas.push(line.item("done", at, item));
    }
    let whole = response(asked, "completed", &json!(items), items.len());
    line.finish(opening, deltas, Vec::new(), &whole)
}

fn response(asked: &Asked, status: &str, output: &Value, tokens: usize) -> Value {
    let input = asked.input_words;
    let usual = json!({"format": {"type": "text"}});
    let text = asked.body.get("text").unwrap_or(&usual);
    json!({
        "id": "resp_fake", "object": "response", "created_at": 1_790_000_000, "status": status,
        "model": asked.model, "output": output, "error": null, "incomplete_details": null,
        "instructions": null, "max_output_tokens": null, "metadata": {},
        "parallel_tool_calls": true, "previous_response_id": null,
        "reasoning": {"effort": null, "summary": null}, "store": false, "temperature": 1.0,
        "text": text, "tool_choice": "auto", "tools": [], "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": input, "output_tokens": tokens, "total_tokens": input + tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    })
}

/// Writes the events of one stream, each with its number.
#[derive(Default)]
struct Line {
    next: usize,
}

impl Line {
    fn event(&mut self, kind: &str, mut fields: Value) -> String {
        fields["type"] = json!(kind);
        fields["sequence_number"] = json!(self.next);
        self.next += 1;
        named_event(&fields)
    }

    /// Tells of a response that has nothing yet.
    fn state(&mut self, kind: &str, asked: &Asked) -> String {
        let mut begun = response(asked, "in_progress", &json!([]), 0);
        begun["usage"] = Value::Null;
        self.event(kind, json!({"response": begun}))
    }

    fn item(&mut self, what: &str, at: usize, item: &Value) -> String {
        let kind = format!("response.output_item.{what}");
        self.event(&kind, json!({"output_index": at, "item": item}))
    }

    fn part(&mut self, what: &str, part: &Value) -> String {
        let kind = format!("response.content_part.{what}");
        let place = json!({
            "item_id": "msg_fake", "output_index": 0, "content_index": 0, "part": part,
        });
        self.event(&kind, place)
    }

    fn text_delta(&mut self, text: &str) -> String {
        let delta = json!({
            "item_id": "msg_fake", "output_index": 0, "content_index": 0, "delta": text,
            "logprobs": [],
        });
        self.event("response.output_text.delta", delta)
    }

    /// Ends the stream with the whole answer.
    fn finish(
        mut self,
        opening: Vec<String>,
        deltas: Vec<String>,
        closing: Vec<String>,
        whole: &Value,
    ) -> Answer {
        let status = whole["status"].as_str().unwrap_or_default();
        let kind = format!("response.{status}");
        Answer {
            opening,
            deltas,
            closing,
            terminator: self.event(&kind, json!({"response": whole})),
            whole: whole.to_string(),
        }
    }
}
