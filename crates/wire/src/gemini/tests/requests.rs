//! Tests of how conversations are read and written. They must not look at an answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::call_of;
use crate::canonical::{Message, Part, Request, Role, ToolUse};
use crate::dialect::{Dialect, Target};
use crate::gemini::{Gemini, seal};
use crate::sealed::{Sealed, Seals};

fn decoded(body: &str) -> Request {
    let decoded = Gemini.decode_request(body.as_bytes(), None).unwrap();
    assert_eq!(decoded.losses, [], "{body}");
    decoded.value
}

#[test]
fn calls_without_ids_get_them_and_answers_find_them() {
    let body = r#"{"contents":[
        {"role":"user","parts":[{"text":"Hi"}]},
        {"role":"model","parts":[{"functionCall":{"name":"f","args":{"n":1}}},{"functionCall":{"name":"f","args":{"n":1}}},{"functionCall":{"id":"own","name":"g"}}]},
        {"role":"user","parts":[{"functionResponse":{"id":"own","name":"g","response":{"error":"broken"}}},{"functionResponse":{"name":"f","response":{"output":"one"}}},{"functionResponse":{"name":"f","response":{"result":2.0}}}]}]}"#;
    let request = decoded(body);
    let calls: Vec<_> = request.messages[1].parts.iter().map(call_of).collect();
    assert_ne!(calls[0].id, calls[1].id);
    assert_eq!(calls[2].id, "own");
    let results: Vec<_> = request.messages[2]
        .parts
        .iter()
        .map(|part| match part {
            Part::ToolResult(result) => (result.id.as_str(), &result.parts[0], result.failed),
            other => panic!("{other:?} is no result"),
        })
        .collect();
    let text = |text: &str| Part::Text(text.to_owned());
    assert_eq!(results[0], ("own", &text("broken"), true));
    assert_eq!(results[1], (calls[0].id.as_str(), &text("one"), false));
    assert_eq!(
        results[2],
        (calls[1].id.as_str(), &text(r#"{"result":2.0}"#), false)
    );
    // The conversation grows; its calls keep their ids.
    let grown = body.replace(
        "]}]}",
        r#"]},{"role":"model","parts":[{"text":"So"}]},{"role":"user","parts":[{"text":"On"}]}]}"#,
    );
    assert_eq!(decoded(&grown).messages[..3], request.messages[..]);

    let lone = r#"{"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]}"#;
    let fault = Gemini.decode_request(lone.as_bytes(), None).unwrap_err();
    let path = "contents[0].parts[0].functionResponse.name";
    assert_eq!(fault.field.as_deref(), Some(path));
}

#[test]
fn a_history_kept_chunk_by_chunk_is_one_turn() {
    let foreign = Sealed::new("anthropic-messages", "Eq==");
    let signature = seal::carry(&foreign, Seals::Thoughts);
    let body = format!(
        r#"{{"contents":[{{"role":"user","parts":[{{"text":"Hi"}}]}},
        {{"role":"model","parts":[{{"text":"Let ","thought":true}}]}},
        {{"role":"model","parts":[{{"text":"me","thought":true}}]}},
        {{"role":"model","parts":[{{"text":"","thought":true,"thoughtSignature":"{signature}"}}]}},
        {{"role":"model","parts":[{{"text":"S"}}]}},{{"role":"model","parts":[{{"text":"o"}}]}},
        {{"role":"model","parts":[{{"functionCall":{{"name":"f","args":{{}}}}}}]}},
        {{"role":"model","parts":[{{"text":""}}]}},
        {{"role":"user","parts":[{{"functionResponse":{{"name":"f","response":{{}}}}}}]}}]}}"#
    );
    let request = decoded(&body);
    let parts = &request.messages[1].parts;
    assert_eq!(request.messages.len(), 3);
    let thinking = Part::Thinking {
        text: "Let me".to_owned(),
        signature: Some(Sealed::new("anthropic-messages", "Eq==")),
    };
    assert_eq!(parts[0], thinking);
    assert_eq!(parts[1], Part::Text("So".to_owned()));
    assert_eq!(call_of(&parts[2]).name, "f");
}

fn encoded(request: &Request) -> (Value, Vec<String>) {
    let target = Target {
        model: "m",
        default_max_tokens: 1,
        version: None,
        fixed: &[],
    };
    let encoded = Gemini.encode_request(request, &target).unwrap();
    let losses = encoded.losses.into_iter().map(|loss| loss.path).collect();
    (serde_json::from_slice(&encoded.body).unwrap(), losses)
}

fn conversation(answer: Vec<Part>) -> Request {
    let message = |role, parts| Message { role, parts };
    let ids: Vec<_> = answer
        .iter()
        .filter_map(|part| match part {
            Part::ToolUse(call) => Some(call.id.clone()),
            _ => None,
        })
        .collect();
    let result = |id| {
        Part::ToolResult(crate::canonical::ToolResult {
            id,
            parts: vec![Part::Text("ok".to_owned())],
            failed: false,
        })
    };
    Request {
        messages: vec![
            message(Role::User, vec![Part::Text("Hi".to_owned())]),
            message(Role::Assistant, answer),
            message(
                Role::User,
                std::iter::once(Part::Text("On".to_owned()))
                    .chain(ids.into_iter().map(result))
                    .collect(),
            ),
        ],
        ..Request::default()
    }
}

#[test]
fn signatures_go_back_to_their_maker_and_to_nobody_else() {
    let call = |id: &str, signature| {
        Part::ToolUse(ToolUse {
            id: id.to_owned(),
            name: "f".to_owned(),
            arguments: "{}".to_owned(),
            form: crate::canonical::CallForm::Json,
            signature,
        })
    };
    let own = |text: &str| Some(Sealed::new("gemini", text));
    let thinking = |signature| Part::Thinking {
        text: "Hm".to_owned(),
        signature,
    };
    let answer = vec![
        thinking(own("AA+/")),
        thinking(Some(Sealed::new("anthropic-messages", "x"))),
        Part::HiddenThinking(Sealed::new("openai-responses", "y")),
        Part::HiddenThinking(Sealed::new("gemini", "BB==")),
        call("a", own("CC==")),
        call("b", None),
    ];
    let request = conversation(answer);
    let (body, losses) = encoded(&request);
    insta::assert_snapshot!(format!(
        "{}\nlost {losses:?}",
        serde_json::to_string_pretty(&body["contents"]).unwrap()
    ));
    // What is left comes back in its place and order.
    let again = decoded(&body.to_string());
    let kept: Vec<_> = [0, 3, 4, 5]
        .iter()
        .map(|at| request.messages[1].parts[*at].clone())
        .collect();
    assert_eq!(again.messages[1].parts, kept);
    // A call that another model made stands under the documented sign for it.
    let (body, _) = encoded(&conversation(vec![call("a", None), call("b", None)]));
    let parts = &body["contents"][1]["parts"];
    assert_eq!(parts[0]["thoughtSignature"], seal::PLACEHOLDER);
    assert_eq!(parts[1]["thoughtSignature"], Value::Null);
    assert_eq!(
        call_of(&decoded(&body.to_string()).messages[1].parts[0]).signature,
        None
    );
}

#[test]
fn a_seal_of_another_maker_is_base64_in_either_alphabet() {
    for text in ["EqQB", "a?>~é\u{fffd}", "}}}???>>>"] {
        for seals in [Seals::Thoughts, Seals::Hidden, Seals::Call] {
            let sealed = Sealed::new("anthropic-messages", text);
            let carried = seal::carry(&sealed, seals).into_owned();
            let for_urls = carried.replace('+', "-").replace('/', "_");
            let bare = for_urls.trim_end_matches('=').to_owned();
            for spelt in [carried, for_urls, bare] {
                assert_eq!(seal::read(spelt), Some((sealed.clone(), Some(seals))));
            }
        }
    }
    let own = "dGllcmdhdGU6 is no base64 of ours";
    assert_eq!(
        seal::read(own.to_owned()),
        Some((Sealed::new("gemini", own), None))
    );
    for sign in [seal::PLACEHOLDER, "skip_thought_signature_validator", ""] {
        assert_eq!(seal::read(sign.to_owned()), None);
    }
}

#[test]
fn a_seal_whose_maker_was_changed_is_named_as_lost() {
    let foreign = Sealed::new("anthropic-messages", "Eq==");
    let carried = foreign.carry(Seals::Thoughts, "gemini");
    let changed = STANDARD.encode(carried.replace("anthropic", "anthropie"));
    let body = |sign: &str| {
        format!(
            r#"{{"contents":[{{"role":"user","parts":[{{"text":"Hi"}}]}},
            {{"role":"model","parts":[{{"text":"Hm","thought":true,"thoughtSignature":"{sign}"}}]}}]}}"#
        )
    };
    let read = Gemini
        .decode_request(body(&changed).as_bytes(), None)
        .unwrap();
    let lost: Vec<_> = read.losses.iter().map(|loss| &*loss.path).collect();
    assert_eq!(lost, ["contents[1].parts[0].thoughtSignature"]);
    for whole in [
        &*seal::carry(&foreign, Seals::Thoughts),
        seal::PLACEHOLDER,
        "",
    ] {
        decoded(&body(whole));
    }
}

#[test]
fn what_no_other_model_could_take_is_refused_by_its_field() {
    let refused = |fields: &str| {
        let body = format!(r#"{{"contents":[],{fields}}}"#);
        let fault = Gemini.decode_request(body.as_bytes(), None).unwrap_err();
        fault.field.unwrap()
    };
    for (fields, field) in [
        (r#""cachedContent":"c""#, "cachedContent"),
        (r#""tools":[{"googleSearch":{}}]"#, "tools[0].googleSearch"),
        (
            r#""tools":[{"code_execution":{}}]"#,
            "tools[0].code_execution",
        ),
        (
            r#""generationConfig":{"candidateCount":2}"#,
            "generationConfig.candidateCount",
        ),
        (
            r#""generationConfig":{"responseModalities":["TEXT","IMAGE"]}"#,
            "generationConfig.responseModalities[1]",
        ),
        (
            r#""generationConfig":{"responseMimeType":"text/x.enum"}"#,
            "generationConfig.responseMimeType",
        ),
        (
            r#""toolConfig":{"functionCallingConfig":{"mode":"SOME"}}"#,
            "toolConfig.functionCallingConfig.mode",
        ),
    ] {
        assert_eq!(refused(fields), field);
    }
    let part = |part: &str| {
        let body = format!(r#"{{"contents":[{{"role":"model","parts":[{part}]}}]}}"#);
        let fault = Gemini.decode_request(body.as_bytes(), None).unwrap_err();
        fault.field.unwrap()
    };
    assert_eq!(
        part(r#"{"executableCode":{"code":"1"}}"#),
        "contents[0].parts[0].executableCode"
    );
    assert_eq!(
        part(r#"{"fileData":{"fileUri":"gs://b/a.png"}}"#),
        "contents[0].parts[0].fileData.fileUri"
    );
    assert_eq!(
        part(
            r#"{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/a"}}"#
        ),
        "contents[0].parts[0].fileData.fileUri"
    );
    assert_eq!(
        part(r#"{"inlineData":{"mimeType":"video/mp4","data":""}}"#),
        "contents[0].parts[0].inlineData.mimeType"
    );
    let stops = Request {
        stop: vec!["x".to_owned(); 6],
        ..Request::default()
    };
    let target = Target {
        model: "m",
        default_max_tokens: 1,
        version: None,
        fixed: &[],
    };
    let fault = Gemini.encode_request(&stops, &target).unwrap_err();
    assert_eq!(fault.field.as_deref(), Some("stop"));
}
