//! Gemini's API as the fake provider speaks it. It must not know a socket or a script.

use serde_json::{Value, json};

use crate::behaviour::Complaint;
use crate::speech::{Answer, Asked, Glance, Question, Speech};

const MODELS: &str = "/v1beta/models/";
const WHOLE: &str = "generateContent";
const STREAM: &str = "streamGenerateContent";

/// Speaks it.
pub(crate) struct Gemini;

impl Speech for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn base_path(&self) -> &'static str {
        ""
    }

    fn answers(&self, method: &str, path: &str) -> bool {
        method == "POST" && call(path).is_some()
    }

    fn glance(&self, path: &str, _body: &[u8]) -> Glance {
        let (model, stream) = call(path).unwrap_or_default();
        Glance {
            model: model.to_owned(),
            stream,
        }
    }

    fn tree(&self, path: &str, body: &[u8]) -> Value {
        let said: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let turns = said["contents"].as_array().into_iter().flatten();
        let tools = said["tools"].as_array().into_iter().flatten();
        let tools = tools.filter_map(|tool| tool["functionDeclarations"].as_array());
        let (model, stream) = call(path).unwrap_or_default();
        json!({
            "model": model, "stream": stream, "messages": turns.map(turn).collect::<Vec<_>>(),
            "system": said["systemInstruction"]["parts"],
            "tools": tools.flatten().collect::<Vec<_>>(),
            "tool_choice": choice(&said["toolConfig"]["functionCallingConfig"]),
            "response_format": format(&said["generationConfig"]),
        })
    }

    fn say(&self, asked: &Asked, pieces: &[String]) -> Answer {
        let deltas = pieces.iter().map(|piece| self.delta(asked, piece));
        let parts = json!([{"text": pieces.concat()}]);
        answer(asked, deltas.collect(), &parts, ("STOP", pieces.len()))
    }

    fn call_tools(&self, asked: &Asked, times: usize) -> Answer {
        let name = asked.tool.as_deref().unwrap_or("echo");
        let part = json!({"functionCall": {"name": name, "args": asked.input()}});
        let one = event(&candidates(asked, &json!([part]), None));
        let parts = Value::Array(vec![part; times]);
        answer(asked, vec![one; times], &parts, ("STOP", times))
    }

    fn refuse(&self, asked: &Asked) -> Answer {
        answer(asked, Vec::new(), &json!([]), ("SAFETY", 0))
    }

    fn delta(&self, asked: &Asked, text: &str) -> String {
        event(&candidates(asked, &json!([{ "text": text }]), None))
    }

    fn error_envelope(&self, status: u16, message: &str) -> String {
        let error = json!({"code": status, "message": message, "status": word(status)});
        json!({ "error": error }).to_string()
    }

    fn complaint(&self, complaint: Complaint) -> Option<(u16, String)> {
        // Its filter answers with a success, and its quota as any other limit.
        let message = "The input token count (9) exceeds the maximum number of tokens allowed (8).";
        (complaint == Complaint::Overflow).then(|| (400, self.error_envelope(400, message)))
    }

    fn error_event(&self) -> String {
        let body = self.error_envelope(503, "fake provider fails mid-stream");
        format!("data: {body}\n\n")
    }

    fn malformed_event(&self) -> &'static str {
        "data: {\"candidates\": [{\n\n"
    }

    fn may_lack_terminator(&self) -> bool {
        true
    }

    fn question(&self, model: &str, is_stream: bool) -> Question {
        let path = if is_stream {
            format!("{MODELS}{model}:{STREAM}?alt=sse")
        } else {
            format!("{MODELS}{model}:{WHOLE}")
        };
        let said = json!([{"role": "user", "parts": [{"text": "hello out there"}]}]);
        Question {
            path,
            body: json!({"contents": said, "generationConfig": {"maxOutputTokens": 64}}),
        }
    }

    fn text_of(&self, body: &Value) -> String {
        let parts = body["candidates"][0]["content"]["parts"].as_array();
        let texts = parts.into_iter().flatten();
        texts.filter_map(|part| part["text"].as_str()).collect()
    }

    fn text_of_event(&self, payload: &Value) -> String {
        self.text_of(payload)
    }

    fn ends_well(&self, stream: &str) -> bool {
        let last = stream.trim_end().rsplit("\n\n").next().unwrap_or_default();
        last.starts_with("data: ") && last.contains("\"finishReason\"")
    }
}

/// Reads the model and whether events are asked for out of a path.
fn call(path: &str) -> Option<(&str, bool)> {
    let path = path.split('?').next()?;
    let (model, method) = path.strip_prefix(MODELS)?.split_once(':')?;
    match method {
        WHOLE => Some((model, false)),
        STREAM => Some((model, true)),
        _ => None,
    }
}

/// Reads a turn in the form that Chat Completions and Messages share.
fn turn(said: &Value) -> Value {
    let role = if said["role"] == "model" {
        "assistant"
    } else {
        "user"
    };
    let parts = said["parts"].as_array().into_iter().flatten();
    let parts = parts.map(|part| match part.get("functionResponse") {
        Some(told) => {
            let said = &told["response"];
            let text = ["output", "result", "error"]
                .iter()
                .find_map(|key| said.get(*key));
            let text = text.unwrap_or(said);
            let text = text
                .as_str()
                .map_or_else(|| text.to_string(), str::to_owned);
            json!({"type": "tool_result", "content": text})
        }
        None => part.clone(),
    });
    json!({"role": role, "content": parts.collect::<Vec<_>>()})
}

/// Reads which function must be called, in the same form.
fn choice(config: &Value) -> Value {
    match (config["mode"].as_str(), &config["allowedFunctionNames"][0]) {
        (Some("ANY"), Value::String(name)) => json!({"type": "tool", "name": name}),
        (Some("ANY"), _) => json!("required"),
        (Some("NONE"), _) => json!("none"),
        _ => Value::Null,
    }
}

/// Reads the form of the answer, in the same form.
fn format(config: &Value) -> Value {
    let schemas = ["responseJsonSchema", "responseSchema"];
    if let Some(schema) = schemas.iter().find_map(|key| config.get(*key)) {
        return json!({"type": "json_schema", "schema": schema});
    }
    let is_json = config["responseMimeType"] == "application/json";
    if is_json {
        json!({"type": "json_object"})
    } else {
        Value::Null
    }
}

fn candidates(asked: &Asked, parts: &Value, end: Option<(&str, usize)>) -> Value {
    let content = json!({"role": "model", "parts": parts});
    let mut candidate = json!({"index": 0, "content": content});
    let mut body = json!({"modelVersion": asked.model, "responseId": "fake"});
    if let Some((reason, output)) = end {
        candidate["finishReason"] = json!(reason);
        let input = asked.input_words;
        body["usageMetadata"] = json!({
            "promptTokenCount": input, "candidatesTokenCount": output,
            "totalTokenCount": input + output,
        });
    }
    body["candidates"] = json!([candidate]);
    body
}

fn answer(asked: &Asked, deltas: Vec<String>, parts: &Value, end: (&str, usize)) -> Answer {
    Answer {
        opening: Vec::new(),
        deltas,
        closing: vec![event(&candidates(asked, &json!([]), Some(end)))],
        // The body's end is all there is.
        terminator: String::new(),
        whole: candidates(asked, parts, Some(end)).to_string(),
    }
}

fn event(payload: &Value) -> String {
    format!("data: {payload}\n\n")
}

fn word(status: u16) -> &'static str {
    match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 | 529 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    }
}
