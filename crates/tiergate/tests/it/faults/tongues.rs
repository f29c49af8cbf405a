//! How a client of each dialect keeps a conversation, every piece of an answer as it came, and what
//! another model's thoughts in it are. It must not know a gateway.

use serde_json::{Value, json};

/// Keeps a conversation in one dialect.
pub(super) trait Tongue: Sync {
    /// Names the dialect.
    fn dialect(&self) -> &'static str;

    /// Tells where a tier is asked.
    fn path(&self, tier: &str) -> String;

    /// Makes a turn of the user.
    fn says(&self, words: &str) -> Value;

    /// Makes a request that offers a tool.
    fn body(&self, tier: &str, turns: &[Value]) -> Value;

    /// Takes an answer's turns, and the answer to its call where it makes one.
    fn keeps(&self, answer: &Value) -> (Vec<Value>, Option<Value>);

    /// Lists the paths of what the first answer of a conversation thinks. Every answer has as many.
    fn thoughts(&self) -> &'static [&'static str];

    /// Lists the paths of what else goes where the call of another model is pending.
    fn pending(&self) -> &'static [&'static str] {
        &[]
    }
}

/// Lists what is told of a call's result.
const RESULT: &str = "done";

/// Messages.
pub(super) struct Messages;

impl Tongue for Messages {
    fn dialect(&self) -> &'static str {
        "anthropic-messages"
    }

    fn path(&self, _tier: &str) -> String {
        "/v1/messages".to_owned()
    }

    fn says(&self, words: &str) -> Value {
        json!({ "role": "user", "content": words })
    }

    fn body(&self, tier: &str, turns: &[Value]) -> Value {
        json!({
            "model": tier,
            "max_tokens": 2048,
            "thinking": { "type": "enabled", "budget_tokens": 1024 },
            "tools": [{ "name": "look", "input_schema": { "type": "object" } }],
            "messages": turns,
        })
    }

    fn keeps(&self, answer: &Value) -> (Vec<Value>, Option<Value>) {
        let content = &answer["content"];
        let mut blocks = content.as_array().unwrap().iter();
        let call = blocks.find(|block| block["type"] == "tool_use");
        let result = call.map(|call| {
            let id = &call["id"];
            let block = json!({ "type": "tool_result", "tool_use_id": id, "content": RESULT });
            json!({ "role": "user", "content": [block] })
        });
        (
            vec![json!({ "role": "assistant", "content": content })],
            result,
        )
    }

    fn thoughts(&self) -> &'static [&'static str] {
        &[
            "messages[1].content[0]",
            "messages[1].content[1]",
            "messages[1].content[2]",
        ]
    }

    fn pending(&self) -> &'static [&'static str] {
        &["thinking"]
    }
}

/// Responses, by a client that has nothing stored.
pub(super) struct Responses;

impl Tongue for Responses {
    fn dialect(&self) -> &'static str {
        "openai-responses"
    }

    fn path(&self, _tier: &str) -> String {
        "/v1/responses".to_owned()
    }

    fn says(&self, words: &str) -> Value {
        json!({ "role": "user", "content": words })
    }

    fn body(&self, tier: &str, turns: &[Value]) -> Value {
        json!({
            "model": tier,
            "store": false,
            "include": ["reasoning.encrypted_content"],
            "tools": [{ "type": "function", "name": "look", "parameters": {}, "strict": null }],
            "input": turns,
        })
    }

    fn keeps(&self, answer: &Value) -> (Vec<Value>, Option<Value>) {
        let items = answer["output"].as_array().unwrap();
        let call = items.iter().find(|item| item["type"] == "function_call");
        let result = call.map(|call| {
            let id = &call["call_id"];
            json!({ "type": "function_call_output", "call_id": id, "output": RESULT })
        });
        (items.clone(), result)
    }

    fn thoughts(&self) -> &'static [&'static str] {
        &["input[1]", "input[2]", "input[3].id"]
    }
}

/// Gemini.
pub(super) struct Gemini;

impl Tongue for Gemini {
    fn dialect(&self) -> &'static str {
        "gemini"
    }

    fn path(&self, tier: &str) -> String {
        format!("/v1beta/models/{tier}:generateContent")
    }

    fn says(&self, words: &str) -> Value {
        json!({ "role": "user", "parts": [{ "text": words }] })
    }

    fn body(&self, _tier: &str, turns: &[Value]) -> Value {
        json!({
            "generationConfig": { "thinkingConfig": { "includeThoughts": true } },
            "tools": [{ "functionDeclarations": [{ "name": "look" }] }],
            "contents": turns,
        })
    }

    fn keeps(&self, answer: &Value) -> (Vec<Value>, Option<Value>) {
        let content = &answer["candidates"][0]["content"];
        let mut parts = content["parts"].as_array().unwrap().iter();
        let call = parts.find(|part| part["functionCall"].is_object());
        let result = call.map(|call| {
            let name = &call["functionCall"]["name"];
            let told = json!({ "name": name, "response": { "output": RESULT } });
            json!({ "role": "user", "parts": [{ "functionResponse": told }] })
        });
        (vec![content.clone()], result)
    }

    fn thoughts(&self) -> &'static [&'static str] {
        &[
            "contents[1].parts[0]",
            "contents[1].parts[1]",
            "contents[1].parts[2].thoughtSignature",
        ]
    }
}
