//! Scripted answers in every dialect, each streamed and whole, whose streamed and whole forms every
//! SDK must see alike through the gateway. It must not know what is asked.

mod gemini;
mod responses;

use bytes::Bytes;
use serde_json::{Value, json};
use testkit::{Api, Exchange, Form};

use super::faces::{FACES, Face};

/// Is one call: id, tool and arguments, as they are written.
type Call = (&'static str, &'static str, &'static str);

/// Is one answer, before a dialect has written it.
#[derive(Debug)]
pub struct Shape {
    /// What it shows.
    pub name: &'static str,
    thinking: &'static str,
    text: &'static [&'static str],
    refusal: &'static str,
    calls: &'static [Call],
    /// Whether a dialect that can says that there are no calls by an empty list.
    has_empty_list: bool,
    /// Whether text and call come in one event, where a dialect can do so.
    is_joined: bool,
}

const NONE: Shape = Shape {
    name: "",
    thinking: "",
    text: &[],
    refusal: "",
    calls: &[],
    has_empty_list: false,
    is_joined: false,
};

const LOOK: Call = ("call_a", "look", r#"{"at": "sea", "n": 9007199254740993}"#);

/// Lists the answers.
pub static SHAPES: &[Shape] = &[
    Shape {
        name: "text",
        text: &["It ", "is \u{1f30a}", "."],
        ..NONE
    },
    Shape {
        name: "one tool",
        calls: &[LOOK],
        ..NONE
    },
    Shape {
        name: "three parallel tools",
        text: &["I look."],
        calls: &[
            LOOK,
            ("call_b", "look", r#"{"at":"sky"}"#),
            ("call_c", "hear", r#"{"at":[1.0,"a\\b"]}"#),
        ],
        ..NONE
    },
    Shape {
        name: "text and tool in one chunk",
        text: &["I look."],
        calls: &[LOOK],
        is_joined: true,
        ..NONE
    },
    Shape {
        name: "empty tool calls",
        text: &["Nothing to call."],
        has_empty_list: true,
        ..NONE
    },
    Shape {
        name: "a tool without arguments",
        calls: &[("call_a", "now", "")],
        ..NONE
    },
    Shape {
        name: "thinking and tool",
        thinking: "The sea is near.",
        text: &["I look."],
        calls: &[LOOK],
        ..NONE
    },
    Shape {
        name: "refusal",
        refusal: "I will not.",
        ..NONE
    },
];

/// Makes every answer in every dialect, whole and streamed next to each other.
pub fn exchanges() -> Vec<Exchange> {
    let mut made = Vec::new();
    for face in FACES {
        for shape in SHAPES {
            let (whole, stream) = match face.api {
                Api::OpenaiChat => (chat(shape), chat_stream(shape)),
                Api::OpenaiResponses => (responses::whole(shape), responses::stream(shape)),
                Api::Gemini => (gemini::whole(shape), gemini::stream(shape)),
                _ => (messages(shape), messages_stream(shape)),
            };
            made.push(exchange(face, shape, whole.to_string(), Form::Whole));
            made.push(exchange(face, shape, stream, Form::Stream));
        }
    }
    made
}

fn exchange(face: &Face, shape: &Shape, body: String, form: Form) -> Exchange {
    let media = match form {
        Form::Whole => "application/json",
        Form::Stream => "text/event-stream",
    };
    let called = match (face.api, form) {
        (Api::Gemini, Form::Whole) => "shape:generateContent",
        (Api::Gemini, Form::Stream) => "shape:streamGenerateContent?alt=sse",
        _ => "",
    };
    Exchange {
        name: format!("{} of {}", shape.name, face.dialect),
        api: face.api,
        method: "POST".to_owned(),
        target: format!("{}{called}", face.path),
        request: None,
        request_headers: Vec::new(),
        status: 200,
        headers: vec![("content-type".to_owned(), media.to_owned())],
        body: Bytes::from(body),
        form,
    }
}

impl Shape {
    fn said(&self) -> String {
        self.text.concat()
    }
}

fn chat_usage() -> Value {
    json!({
        "prompt_tokens": 21, "completion_tokens": 9, "total_tokens": 30,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 3},
    })
}

fn chat_reason(shape: &Shape) -> &'static str {
    if shape.calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    }
}

fn chat_call((id, name, arguments): &Call) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

fn nullable(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::from(text)
    }
}

fn chat(shape: &Shape) -> Value {
    let mut message = json!({
        "role": "assistant", "content": nullable(&shape.said()),
        "refusal": nullable(shape.refusal),
    });
    if !shape.thinking.is_empty() {
        message["reasoning_content"] = json!(shape.thinking);
    }
    if shape.has_empty_list || !shape.calls.is_empty() {
        message["tool_calls"] = shape.calls.iter().map(chat_call).collect();
    }
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": "m-1",
        "choices": [{"index": 0, "message": message, "logprobs": null,
            "finish_reason": chat_reason(shape)}],
        "usage": chat_usage(),
    })
}

fn chat_stream(shape: &Shape) -> String {
    let mut deltas = vec![json!({"role": "assistant", "content": ""})];
    if !shape.thinking.is_empty() {
        deltas.push(json!({"reasoning_content": shape.thinking}));
    }
    let texts = shape.text.iter().map(|text| json!({ "content": text }));
    deltas.extend(texts);
    if shape.has_empty_list {
        deltas.push(json!({"tool_calls": []}));
    }
    if !shape.refusal.is_empty() {
        deltas.push(json!({"refusal": shape.refusal}));
    }
    for (at, call) in shape.calls.iter().enumerate() {
        let mut begun = chat_call(call);
        let arguments = begun["function"]["arguments"].take();
        begun["function"]["arguments"] = json!("");
        begun["index"] = json!(at);
        match deltas.last_mut().filter(|_| shape.is_joined) {
            Some(last) => last["tool_calls"] = json!([begun]),
            None => deltas.push(json!({"tool_calls": [begun]})),
        }
        if arguments != "" {
            let more = json!({"index": at, "function": {"arguments": arguments}});
            deltas.push(json!({"tool_calls": [more]}));
        }
    }
    let chunk = |choices: Value, usage: Value| {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000,
            "model": "m-1", "choices": choices, "usage": usage,
        })
    };
    let mut chunks: Vec<Value> = deltas
        .into_iter()
        .map(|delta| {
            let choice = json!({"index": 0, "delta": delta, "finish_reason": null});
            chunk(json!([choice]), Value::Null)
        })
        .collect();
    let last = json!({"index": 0, "delta": {}, "finish_reason": chat_reason(shape)});
    chunks.push(chunk(json!([last]), Value::Null));
    chunks.push(chunk(json!([]), chat_usage()));
    let lines: String = chunks.iter().map(|it| format!("data: {it}\n\n")).collect();
    lines + "data: [DONE]\n\n"
}

fn messages_usage() -> Value {
    json!({
        "input_tokens": 17, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 0,
        "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 3},
    })
}

fn messages_stop(shape: &Shape) -> Value {
    if !shape.refusal.is_empty() {
        let details = json!({"type": "refusal", "category": "cyber", "explanation": shape.refusal});
        return json!({
            "stop_reason": "refusal", "stop_sequence": null, "stop_details": details,
        });
    }
    let reason = if shape.calls.is_empty() {
        "end_turn"
    } else {
        "tool_use"
    };
    json!({"stop_reason": reason, "stop_sequence": null})
}

fn message(shape: &Shape, content: Value) -> Value {
    let mut message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": content,
        "usage": messages_usage(),
    });
    if let (Some(fields), Value::Object(stop)) = (message.as_object_mut(), messages_stop(shape)) {
        fields.extend(stop);
    }
    message
}

fn messages(shape: &Shape) -> Value {
    let mut content = Vec::new();
    if !shape.thinking.is_empty() {
        let text = shape.thinking;
        content.push(json!({"type": "thinking", "thinking": text, "signature": "c2ln"}));
    }
    if !shape.text.is_empty() {
        content.push(json!({"type": "text", "text": shape.said()}));
    }
    for (id, name, arguments) in shape.calls {
        let input: Value = serde_json::from_str(arguments).unwrap_or_else(|_| json!({}));
        content.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
    }
    message(shape, Value::Array(content))
}

fn messages_stream(shape: &Shape) -> String {
    let mut begun = message(shape, json!([]));
    begun["stop_reason"] = Value::Null;
    begun["usage"]["output_tokens"] = json!(1);
    if let Some(fields) = begun.as_object_mut() {
        fields.remove("stop_details");
    }
    let mut events = vec![json!({"type": "message_start", "message": begun})];
    let mut blocks: Vec<(Value, Vec<Value>)> = Vec::new();
    if !shape.thinking.is_empty() {
        let said = json!({"type": "thinking_delta", "thinking": shape.thinking});
        let signed = json!({"type": "signature_delta", "signature": "c2ln"});
        let empty = json!({"type": "thinking", "thinking": "", "signature": ""});
        blocks.push((empty, vec![said, signed]));
    }
    if !shape.text.is_empty() {
        let deltas = shape.text.iter();
        let deltas = deltas.map(|text| json!({"type": "text_delta", "text": text}));
        blocks.push((json!({"type": "text", "text": ""}), deltas.collect()));
    }
    for (id, name, arguments) in shape.calls {
        let empty = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
        let delta = json!({"type": "input_json_delta", "partial_json": arguments});
        blocks.push((empty, vec![delta]));
    }
    for (index, (empty, deltas)) in blocks.into_iter().enumerate() {
        let start = "content_block_start";
        events.push(json!({"type": start, "index": index, "content_block": empty}));
        let deltas = deltas.into_iter();
        events.extend(
            deltas.map(
                |delta| json!({"type": "content_block_delta", "index": index, "delta": delta}),
            ),
        );
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    let (stop, usage) = (messages_stop(shape), messages_usage());
    events.push(json!({"type": "message_delta", "delta": stop, "usage": usage}));
    events.push(json!({"type": "message_stop"}));
    let framed = events.iter().map(|event| {
        let kind = event["type"].as_str().unwrap_or_default();
        format!("event: {kind}\ndata: {event}\n\n")
    });
    framed.collect()
}
