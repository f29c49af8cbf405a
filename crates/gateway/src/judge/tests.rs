//! Holds the judgement of answers in each dialect, whole and streamed. It must not need a gateway.

use bytes::Bytes;
use serde_json::{Value, json};
use wire::{
    CHAT, CallForm, Dialect, Event, GEMINI, MESSAGES, Part, RESPONSES, Reply, Stop, StopReason,
    ToolUse, UsageChunk,
};

use super::{Exchange, Findings, MAX_ANSWER, MAX_ASKED, MAX_KEPT, Room, Watch};

const DIALECTS: [&str; 4] = [CHAT, RESPONSES, MESSAGES, GEMINI];

fn spoken(name: &str) -> &'static dyn Dialect {
    wire::dialect(name).unwrap()
}

/// The schema of the tool's argument and of the answer.
fn schema() -> Value {
    json!({
        "type": "object", "properties": { "city": { "type": "string" } },
        "required": ["city"], "additionalProperties": false,
    })
}

/// Makes a request that declares a tool.
fn with_tool(dialect: &str) -> Value {
    let (name, schema) = ("weather", schema());
    let says = json!([{ "role": "user", "content": "hi" }]);
    match dialect {
        CHAT => json!({ "model": "m", "messages": says, "tools": [{ "type": "function",
            "function": { "name": name, "parameters": schema } }] }),
        RESPONSES => json!({ "model": "m", "input": "hi", "tools": [{ "type": "function",
            "name": name, "parameters": schema }] }),
        MESSAGES => json!({ "model": "m", "max_tokens": 9, "messages": says,
            "tools": [{ "name": name, "input_schema": schema }] }),
        _ => json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }],
            "tools": [{ "functionDeclarations": [{ "name": name,
                "parametersJsonSchema": schema }] }] }),
    }
}

/// Makes a request whose answer must follow the schema.
fn with_form(dialect: &str) -> Value {
    let schema = schema();
    let says = json!([{ "role": "user", "content": "hi" }]);
    let form = json!({ "type": "json_schema", "name": "w", "schema": schema });
    match dialect {
        CHAT => json!({ "model": "m", "messages": says, "response_format": {
            "type": "json_schema", "json_schema": { "name": "w", "schema": schema } } }),
        RESPONSES => json!({ "model": "m", "input": "hi", "text": { "format": form } }),
        MESSAGES => json!({ "model": "m", "max_tokens": 9, "messages": says,
            "output_config": { "format": { "type": "json_schema", "schema": schema } } }),
        _ => json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }],
            "generationConfig": { "responseMimeType": "application/json",
                "responseJsonSchema": schema } }),
    }
}

fn watched(dialect: &str, asked: &Value, room: &Room) -> Watch {
    let body = Bytes::from(asked.to_string());
    let dialect = spoken(dialect);
    let peek = dialect.peek(&body, Some("m:generateContent")).unwrap();
    Watch::of(room, (dialect, None), &body, &peek)
}

fn exchange(dialect: &str, asked: &Value) -> Box<Exchange> {
    match watched(dialect, asked, &Room::default()) {
        Watch::Gathers(exchange) => exchange,
        Watch::Nothing | Watch::Cannot => panic!("{dialect}: {asked}"),
    }
}

fn reply(parts: Vec<Part>) -> Reply {
    let calls = parts.iter().any(|part| matches!(part, Part::ToolUse(_)));
    let reason = if calls {
        StopReason::ToolUse
    } else {
        StopReason::End
    };
    Reply {
        id: "id".to_owned(),
        model: "m".to_owned(),
        parts,
        stop: Stop::of(reason),
        ..Reply::default()
    }
}

fn call(name: &str, arguments: &str) -> Part {
    Part::ToolUse(ToolUse {
        id: "call_1".to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        form: CallForm::Json,
        signature: None,
    })
}

fn streamed(dialect: &str, reply: &Reply) -> Vec<u8> {
    let mut events = vec![Event::Start {
        id: reply.id.clone(),
        model: reply.model.clone(),
        usage: None,
        created: None,
        service_tier: None,
    }];
    let mut calls = 0;
    for part in &reply.parts {
        match part {
            Part::Text(text) => events.push(Event::Text(text.clone())),
            Part::ToolUse(it) => {
                let (id, name) = (it.id.clone(), it.name.clone());
                let (form, signature) = (it.form, None);
                let call = calls;
                calls += 1;
                events.push(Event::ToolStart {
                    call,
                    id,
                    name,
                    form,
                    signature,
                });
                let text = it.arguments.clone();
                events.push(Event::ToolArguments { call, text });
                events.push(Event::ToolStop { call });
            }
            part => panic!("{part:?}"),
        }
    }
    events.extend([Event::Stop(reply.stop.clone()), Event::End]);
    let mut writer = spoken(dialect).writer(UsageChunk::Hide);
    let mut bytes = Vec::new();
    for event in &events {
        writer.write(event, &mut bytes);
    }
    bytes
}

/// Judges an answer whole and streamed, in pieces that end anywhere.
fn check(dialect: &str, asked: &Value, parts: Vec<Part>, wanted: Findings) {
    let reply = reply(parts);
    let body = spoken(dialect).encode_reply(&reply).value;
    let mut whole = exchange(dialect, asked);
    whole.whole(&Bytes::from(body.clone()));
    let body = String::from_utf8(body).unwrap();
    assert_eq!(whole.judged(), wanted, "{dialect} {asked} {body}");
    let mut stream = exchange(dialect, asked);
    let events = streamed(dialect, &reply);
    events.chunks(7).for_each(|piece| stream.more(piece));
    let events = String::from_utf8(events).unwrap();
    assert_eq!(stream.judged(), wanted, "{dialect} {asked} {events}");
}

fn calls(count: u32, is_invalid: bool) -> Findings {
    Findings {
        tool_calls: count,
        tool_call_invalid: is_invalid,
        ..Findings::default()
    }
}

fn form(is_invalid: bool) -> Findings {
    Findings {
        schema_checked: true,
        schema_invalid: is_invalid,
        ..Findings::default()
    }
}

const UNCHECKED: Findings = Findings {
    tool_calls: 0,
    tool_call_invalid: false,
    schema_checked: false,
    schema_invalid: false,
    unchecked: true,
};

#[test]
fn calls_are_held_against_their_tools_in_every_dialect() {
    for dialect in DIALECTS {
        let asked = with_tool(dialect);
        let good = call("weather", r#"{"city":"Oslo"}"#);
        check(dialect, &asked, vec![good.clone()], calls(1, false));
        let wrong = [
            call("weather", r#"{"city":7}"#),
            call("weather", "{}"),
            call("climate", r#"{"city":"Oslo"}"#),
        ];
        for bad in wrong {
            let both = vec![good.clone(), bad.clone()];
            check(dialect, &asked, vec![bad], calls(1, true));
            check(dialect, &asked, both, calls(2, true));
        }
        let text = vec![Part::Text("no call".to_owned())];
        check(dialect, &asked, text, Findings::default());
    }
}

#[test]
fn arguments_that_are_no_json_are_invalid_where_a_dialect_sends_text() {
    for dialect in [CHAT, RESPONSES] {
        let cut = call("weather", r#"{"city":"Os"#);
        check(dialect, &with_tool(dialect), vec![cut], calls(1, true));
    }
}

#[test]
fn output_is_held_against_the_schema_asked_for_in_every_dialect() {
    for dialect in DIALECTS {
        let asked = with_form(dialect);
        let says = |text: &str| vec![Part::Text(text.to_owned())];
        check(dialect, &asked, says(r#"{"city":"Oslo"}"#), form(false));
        check(dialect, &asked, says(r#"{"town":"Oslo"}"#), form(true));
        check(dialect, &asked, says("It is Oslo."), form(true));
    }
}

#[test]
fn who_calls_a_tool_has_not_answered_yet() {
    let mut asked = with_form(CHAT);
    asked["tools"] = with_tool(CHAT)["tools"].clone();
    let parts = vec![call("weather", r#"{"city":"Oslo"}"#)];
    check(CHAT, &asked, parts, calls(1, false));
}

#[test]
fn what_is_too_long_or_cannot_be_read_is_counted_as_unchecked() {
    let says = |length| vec![Part::Text("x".repeat(length))];
    check(CHAT, &with_form(CHAT), says(MAX_ANSWER), UNCHECKED);
    let mut asked = with_tool(CHAT);
    asked["tools"][0]["type"] = "made_up".into();
    check(CHAT, &asked, says(3), UNCHECKED);
    let mut broken = exchange(CHAT, &with_tool(CHAT));
    broken.more(b"data: {\"choices\":[]}\n\n");
    assert_eq!(broken.judged(), UNCHECKED);
    let mut endless = with_tool(CHAT);
    endless["tools"][0]["function"]["parameters"] =
        json!({ "anyOf": [{ "items": { "$ref": "#" } }] });
    check(CHAT, &endless, vec![call("weather", "[]")], UNCHECKED);
}

#[test]
fn what_there_is_nothing_to_check_in_or_no_room_for_is_not_kept() {
    let plain = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }] });
    let room = Room::default();
    assert!(matches!(watched(CHAT, &plain, &room), Watch::Nothing));
    let mut long = with_tool(CHAT);
    long["messages"][0]["content"] = "x".repeat(MAX_ASKED).into();
    assert!(matches!(watched(CHAT, &long, &room), Watch::Cannot));
    let asked = with_tool(CHAT);
    let mut kept = Vec::new();
    while let Watch::Gathers(exchange) = watched(CHAT, &asked, &room) {
        kept.push(exchange);
    }
    assert_eq!(
        kept.len(),
        MAX_KEPT / (MAX_ANSWER + asked.to_string().len())
    );
    kept.pop();
    assert!(matches!(watched(CHAT, &asked, &room), Watch::Gathers(_)));
    drop(kept);
    assert_eq!(room.0.load(std::sync::atomic::Ordering::Relaxed), 0);
}
