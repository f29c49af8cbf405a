//! Tests that what is written in a dialect is read back as it was, on what the dialect can say.

use proptest::prelude::*;

use crate::canonical::{
    CallForm, Format, Json, Message, Part, Request, Role, Sampling, Source, Stream, Tool,
    ToolChoice, ToolInput, ToolResult, ToolUse, UsageChunk,
};
use crate::dialect::{Dialect, Target};
use crate::dialects::DIALECTS;

fn words() -> impl Strategy<Value = String> {
    "[ -~é€😀\\n]{1,12}"
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z_][a-zA-Z0-9_-]{0,63}"
}

fn number() -> impl Strategy<Value = Option<Json>> {
    prop::option::of(prop::sample::select(vec!["0", "0.10", "1", "1.0", "5e-1"]))
        .prop_map(|text| text.map(|text| Json(text.to_owned())))
}

fn schema() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        r#"{"type":"object","properties":{"n":{"maximum":1.0e3}}}"#,
        r#"{ "type" : "object" }"#,
    ])
    .prop_map(|text| Json(text.to_owned()))
}

fn picture() -> impl Strategy<Value = Part> {
    prop_oneof![
        Just(Part::Image(Source::Url(
            "https://example.org/a.png".to_owned()
        ))),
        "[A-Za-z0-9+/]{1,8}".prop_map(|base64| {
            let media_type = "image/png".to_owned();
            Part::Image(Source::Inline { media_type, base64 })
        }),
        ("[A-Za-z0-9+/]{1,8}", prop::option::of(words())).prop_map(|(base64, name)| {
            let media_type = "application/pdf".to_owned();
            let source = Source::Inline { media_type, base64 };
            Part::Document { source, name }
        }),
    ]
}

fn said() -> impl Strategy<Value = Vec<Part>> {
    let part = prop_oneof![words().prop_map(Part::Text), picture()];
    prop::collection::vec(part, 1..4)
}

/// One exchange: the user speaks, the model calls tools, they answer, the model speaks.
fn exchange() -> impl Strategy<Value = Vec<Message>> {
    let arguments = prop::sample::select(vec![
        "{}",
        r#"{"n": 12345678901234567890, "x":1.0}"#,
        r#"{"a":"\u00e9\n","b":[null,{}]}"#,
    ]);
    let call = ("[a-zA-Z0-9_-]{1,12}", name(), arguments, words());
    (said(), words(), prop::collection::vec(call, 0..4)).prop_map(|(said, answer, mut calls)| {
        calls.dedup_by(|one, other| one.0 == other.0);
        let user = Message {
            role: Role::User,
            parts: said,
        };
        let mut model = vec![Part::Text(answer.clone())];
        let mut results = Vec::new();
        for (id, name, arguments, text) in calls {
            let parts = vec![Part::Text(text)];
            results.push(Part::ToolResult(ToolResult {
                id: id.clone(),
                parts,
                failed: false,
            }));
            let arguments = arguments.to_owned();
            model.push(Part::ToolUse(ToolUse {
                id,
                name,
                arguments,
                form: CallForm::Json,
                signature: None,
            }));
        }
        let model = Message {
            role: Role::Assistant,
            parts: model,
        };
        if results.is_empty() {
            return vec![user, model];
        }
        let last = Message {
            role: Role::Assistant,
            parts: vec![Part::Text(answer)],
        };
        vec![
            user,
            model,
            Message {
                role: Role::User,
                parts: results,
            },
            last,
        ]
    })
}

fn tools() -> impl Strategy<Value = (Vec<Tool>, Option<ToolChoice>, Option<bool>)> {
    let tool = (
        name(),
        prop::option::of(words()),
        schema(),
        any::<Option<bool>>(),
    );
    let tool = tool.prop_map(|(name, description, schema, strict)| Tool {
        name,
        description,
        input: ToolInput::Json {
            schema: Some(schema),
            strict,
        },
    });
    let choice = prop_oneof![
        Just(ToolChoice::Auto),
        Just(ToolChoice::Any),
        name().prop_map(ToolChoice::Tool),
    ];
    let chosen = (
        prop::collection::vec(tool, 1..4),
        choice,
        any::<Option<bool>>(),
    );
    prop_oneof![
        Just((Vec::new(), None, None)),
        chosen.prop_map(|(tools, choice, parallel)| (tools, Some(choice), parallel)),
    ]
}

pub(super) fn request() -> impl Strategy<Value = Request> {
    let settings = (
        number(),
        number(),
        prop::collection::vec(words(), 0..3),
        prop::option::of(prop::sample::select(vec!["low", "high"])),
        prop::option::of(schema()),
        prop::option::of(words()),
    );
    let shape = (
        prop::collection::vec(words(), 0..3),
        1u64..100_000,
        any::<bool>(),
    );
    let exchanges = prop::collection::vec(exchange(), 0..3);
    (shape, settings, exchanges, said(), tools()).prop_map(
        |((system, most, streams), settings, exchanges, last, tools)| {
            let (temperature, top_p, stop, effort, schema, user) = settings;
            let mut messages = exchanges.concat();
            messages.push(Message {
                role: Role::User,
                parts: last,
            });
            Request {
                model: "m".to_owned(),
                system,
                messages,
                tools: tools.0,
                tool_choice: tools.1,
                parallel_tools: tools.2,
                max_tokens: Some(most),
                stop,
                sampling: Sampling {
                    temperature,
                    top_p,
                    ..Sampling::default()
                },
                effort: effort.map(str::to_owned),
                format: schema.map(|schema| Format::Schema {
                    name: None,
                    description: None,
                    schema,
                    strict: Some(true),
                }),
                user,
                stream: if streams {
                    Stream::Events(UsageChunk::Show)
                } else {
                    Stream::Whole
                },
                ..Request::default()
            }
        },
    )
}

/// What of a request arrives in a dialect, and the paths of what must be named as lost.
fn carried(dialect: &dyn Dialect, mut request: Request) -> (Request, Vec<String>) {
    let mut lost = Vec::new();
    if dialect.name() == "openai-responses" {
        // It says of every tool whether it is strict; what is left open is not.
        for tool in &mut request.tools {
            if let ToolInput::Json { strict, .. } = &mut tool.input {
                strict.get_or_insert(false);
            }
        }
    }
    if dialect.name() != "gemini" {
        return (request, lost);
    }
    for (at, message) in request.messages.iter_mut().enumerate() {
        for (place, part) in message.parts.iter_mut().enumerate() {
            if let Part::Document { name, .. } = part
                && name.take().is_some()
            {
                lost.push(format!("messages[{at}].content[{place}]"));
            }
        }
    }
    for (at, tool) in request.tools.iter_mut().enumerate() {
        if let ToolInput::Json { strict, .. } = &mut tool.input
            && strict.take() == Some(true)
        {
            lost.push(format!("tools[{at}].strict"));
        }
    }
    if request.parallel_tools.take() == Some(false) {
        lost.push("parallel_tool_calls".to_owned());
    }
    lost.extend(request.user.take().map(|_| "user".to_owned()));
    // A schema is always followed there, and a stream always tells its usage.
    if let Some(Format::Schema { strict, .. }) = &mut request.format {
        *strict = None;
    }
    if request.stream != Stream::Whole {
        request.stream = Stream::Events(UsageChunk::Show);
    }
    (request, lost)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_request_comes_back(request in request()) {
        for dialect in DIALECTS {
            let target = Target {
                model: "m",
                default_max_tokens: 1,
                version: Some("2023-06-01"),
                fixed: &[],
            };
            let mut request = request.clone();
            if dialect.name() == "openai-responses" && !request.stop.is_empty() {
                let fault = dialect.encode_request(&request, &target).unwrap_err();
                prop_assert_eq!(fault.field.as_deref(), Some("stop"));
                request.stop.clear();
            }
            let encoded = dialect.encode_request(&request, &target).unwrap();
            let (request, lost) = carried(*dialect, request);
            let paths = encoded.losses.iter().map(|loss| loss.path.clone());
            prop_assert_eq!(paths.collect::<Vec<_>>(), lost, "{}", dialect.name());
            prop_assert!(encoded.tool_names.is_empty());
            let mut decoded = dialect.decode_request(&encoded.body, target.version).unwrap();
            prop_assert!(decoded.losses.is_empty(), "{}: {:?}", dialect.name(), decoded.losses);
            let call = dialect.call("m", request.stream != Stream::Whole);
            let peek = dialect.peek(&encoded.body, call.as_deref()).unwrap();
            peek.complete(&mut decoded.value);
            // A schema's name is a label that one dialect demands and the other has not.
            if let Some(Format::Schema { name, .. }) = &mut decoded.value.format {
                *name = None;
            }
            prop_assert_eq!(&decoded.value, &request, "{}", dialect.name());
            prop_assert_eq!(&*peek.model, "m");
            prop_assert_eq!(peek.max_tokens, request.max_tokens);
            prop_assert_eq!(peek.stream, request.stream != Stream::Whole);
            prop_assert_eq!(peek.features.tools as usize, request.tools.len());
        }
    }
}
