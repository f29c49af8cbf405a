//! Calls of the SDKs, and what speaks no API that is known.

use super::{Sends, spoken};
use crate::place::{Around, Place, Text};

fn check(callee: &str, expected: Option<(&str, Sends)>) {
    let place = Place {
        text: Text::Value,
        around: vec![
            Around::Pair {
                key: "model".to_owned(),
            },
            Around::Argument {
                callee: callee.to_owned(),
                name: None,
                position: 0,
            },
        ],
        beside: Vec::new(),
    };
    assert_eq!(spoken(&place), expected, "{callee}");
}

#[test]
fn a_call_tells_its_wire_api() {
    let chat = Some(("openai-chat", Sends::AsWritten));
    let adapted = Some(("openai-chat", Sends::Adapted));
    let messages = Some(("anthropic-messages", Sends::AsWritten));
    check("client.chat.completions.create", chat);
    check("this.openai.beta.chat.completions.parse", chat);
    check("client.Chat.Completions.New", chat);
    check("client.chat().create", chat);
    check("openai.ChatCompletionRequest", chat);
    check("CreateChatCompletionRequestArgs::default", chat);
    check("openai.ChatCompletion.create", chat);
    check("anthropic.messages.create", messages);
    check("(await this.client()).beta.messages.stream", messages);
    check("client.Messages.New", messages);
    check(
        "client.responses.create",
        Some(("openai-responses", Sends::AsWritten)),
    );
    check("genai.GenerativeModel", Some(("gemini", Sends::AsWritten)));
    check("ChatOpenAI", adapted);
    check("litellm.acompletion", adapted);
    check("new ChatAnthropic", None);
    check("print", None);
    check("my_completion_of", None);
}
