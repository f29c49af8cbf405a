//! Golden translations into and out of the dialect `gemini`.

use super::{CHAT, MESSAGES, reply, request, stream};
use crate::dialects::GEMINI;

const VERSION: &str = "2026-10-21";

/// Requests of other dialects, each with something that the table of translations has a row for.
const FROM_CHAT: &[&str] = &[
    r#"{"model":"opus","messages":[{"role":"system","content":"Be brief."},{"role":"developer","content":[{"type":"text","text":"In French."}]},{"role":"user","name":"ann","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"high"}},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"a.pdf"}}]}],"temperature":1.50,"top_p":0.90,"max_tokens":50,"stop":"END","seed":7,"presence_penalty":0.1,"user":"u1","metadata":{"a":"b"},"made_up":1}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"},{"role":"system","content":"Hurry."},{"role":"user","content":"And?"}],"stream":true,"reasoning_effort":"minimal","logprobs":true,"top_logprobs":2,"service_tier":"flex","response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","strict":true,"schema":{"type":"object","properties":{"x":{"maximum":1.0}}}}}}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"w","arguments":"{\"n\":12345678901234567890,\"x\":1.0}"}},{"id":"call.2","type":"function","function":{"name":"w","arguments":""}}]},{"role":"tool","tool_call_id":"call.2","content":[{"type":"text","text":"sun"}]},{"role":"tool","tool_call_id":"call_1","content":"{\"t\":1.0}"}],"tools":[{"type":"function","function":{"name":"w","description":"d","parameters":{"type":"object","properties":{"n":{"type":["integer","null"]}},"additionalProperties":false},"strict":true}},{"type":"function","function":{"name":"bare"}}],"tool_choice":{"type":"function","function":{"name":"w"}},"parallel_tool_calls":false}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"a"}}]}},"response_format":{"type":"json_object"},"prompt_cache_key":"k","verbosity":"low"}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"custom","custom":{"name":"sh","description":"a shell"}}],"tool_choice":"none"}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"custom","custom":{"name":"sh","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}}}}]}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"stop":["1","2","3","4","5","6"]}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"logit_bias":{"1":-1}}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Well"}]}"#,
];

const FROM_MESSAGES: &[&str] = &[
    r#"{"model":"opus","max_tokens":100,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"In French."}],"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"Let me"},{"type":"tool_use","id":"toolu_1","name":"w","input":{"x":1.0}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"broken"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"text","text":"So?"}]}],"tools":[{"name":"w","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"top_k":5,"stop_sequences":["A","B"],"metadata":{"user_id":"u1"},"thinking":{"type":"enabled","budget_tokens":8000},"stream":true}"#,
    r#"{"model":"opus","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"},"title":"t"},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}},{"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}]}],"thinking":{"type":"adaptive"},"output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}}}"#,
    r#"{"model":"opus","max_tokens":1,"messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"disabled"},"tool_choice":{"type":"none"},"tools":[{"name":"w","input_schema":{"type":"object"}}]}"#,
    r#"{"model":"opus","max_tokens":1,"messages":[],"tools":[{"type":"web_search_20250305","name":"web_search"}]}"#,
];

/// Requests of the dialect itself; model and stream are the path's.
const FROM_GEMINI: &[&str] = &[
    r#"{"systemInstruction":{"parts":[{"text":"Be brief."},{"text":"In French."}]},"contents":[{"role":"user","parts":[{"text":"What is it?"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"fileData":{"mimeType":"image/png","fileUri":"https://example.org/a.png"}},{"inlineData":{"mimeType":"application/pdf","data":"AAAA"}}]}],"generationConfig":{"temperature":1.50,"topP":0.9,"topK":5,"maxOutputTokens":50,"stopSequences":["A"],"seed":7,"presencePenalty":0.1},"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],"labels":{"a":"b"}}"#,
    r#"{"contents":[{"parts":[{"text":"Weather?"}]},{"role":"model","parts":[{"text":"Hm","thought":true,"thoughtSignature":"AAAA"},{"functionCall":{"name":"w","args":{"n":12345678901234567890,"x":1.0}},"thoughtSignature":"BBBB"},{"functionCall":{"id":"i2","name":"w","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"i2","name":"w","response":{"output":"sun"}}},{"functionResponse":{"name":"w","response":{"error":"broken"}}}]}],"tools":[{"functionDeclarations":[{"name":"w","description":"d","parameters":{"type":"OBJECT","properties":{"n":{"type":"INTEGER","nullable":true}}}},{"name":"v","parametersJsonSchema":{"type":"object"}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["w"]}}}"#,
    r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generation_config":{"response_mime_type":"application/json","response_schema":{"type":"OBJECT"},"thinking_config":{"thinking_budget":0}}}"#,
    r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{"thinkingConfig":{"thinkingLevel":"high","includeThoughts":true},"responseLogprobs":true,"logprobs":2,"maxOutputTokens":9}}"#,
    r#"{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}}]}]}"#,
    r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"tools":[{"googleSearch":{}}]}"#,
    r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"cachedContent":"cachedContents/x"}"#,
    r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{"candidateCount":2}}"#,
];

#[test]
fn requests_into_gemini() {
    let mut all = String::new();
    for body in FROM_CHAT {
        all += &request(CHAT, GEMINI, VERSION, body);
    }
    for body in FROM_MESSAGES {
        // The newer version takes no sampling parameters at all.
        all += &request(MESSAGES, GEMINI, "2023-06-01", body);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn requests_out_of_gemini() {
    let mut all = String::new();
    for body in FROM_GEMINI {
        for to in [CHAT, MESSAGES] {
            all += &request(GEMINI, to, VERSION, body);
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn replies_of_gemini() {
    let mut all = String::new();
    for body in [
        r#"{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true},{"text":"Hi","thoughtSignature":"AAAA"}],"role":"model"},"finishReason":"STOP","index":0,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://example.org","title":"e"}}],"groundingSupports":[{"segment":{"startIndex":0,"endIndex":2,"text":"Hi"},"groundingChunkIndices":[0]}]}}],"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":6,"candidatesTokenCount":2,"thoughtsTokenCount":3,"totalTokenCount":15},"modelVersion":"m","responseId":"r1"}"#,
        r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"w","args":{"x":1.0}},"thoughtSignature":"AAAA"},{"functionCall":{"name":"w","args":{}}}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1},"modelVersion":"m","responseId":"r1"}"#,
        r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":1},"modelVersion":"m","responseId":"r1"}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"A"}],"role":"model"},"finishReason":"SAFETY","finishMessage":"No."}],"modelVersion":"m","responseId":"r1"}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"A"}],"role":"model"},"finishReason":"LANGUAGE"}],"modelVersion":"m","responseId":"r1"}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"A"}],"role":"model"},"finishReason":"MAX_TOKENS"}],"modelVersion":"m","responseId":"r1"}"#,
    ] {
        for to in [CHAT, MESSAGES] {
            all += &reply(GEMINI, to, body);
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn replies_for_gemini() {
    let chat = r#"{"id":"c1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"w","arguments":"{\"x\":1.0}"}},{"id":"b","type":"function","function":{"name":"w","arguments":"{\"cut"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":3}}}"#;
    let messages = r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"w","input":{"n":1e2}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}}"#;
    let refused = r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":"cyber","explanation":"No."},"usage":{"input_tokens":1,"output_tokens":0}}"#;
    let all = [
        reply(CHAT, GEMINI, chat),
        reply(MESSAGES, GEMINI, messages),
        reply(MESSAGES, GEMINI, refused),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn streams_of_gemini() {
    let answer = [
        r#"{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":7,"thoughtsTokenCount":1},"modelVersion":"m","responseId":"r1"}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"S"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":1,"thoughtsTokenCount":2},"modelVersion":"m","responseId":"r1"}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"o","thoughtSignature":"AAAA"},{"functionCall":{"name":"w","args":{"x":1.0}}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":5,"thoughtsTokenCount":2},"modelVersion":"m","responseId":"r1"}"#,
    ];
    let failed = [
        answer[1],
        r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
    ];
    let mut all = Vec::new();
    for to in [CHAT, MESSAGES] {
        all.push(stream(GEMINI, to, &answer));
        all.push(stream(GEMINI, to, &answer[..2]));
        all.push(stream(GEMINI, to, &failed));
    }
    insta::assert_snapshot!(all.join("\n---\n\n"));
}

#[test]
fn streams_for_gemini() {
    let messages = [
        r#"{"type":"message_start","message":{"id":"m1","model":"m","usage":{"input_tokens":3,"cache_read_input_tokens":5,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"w","input":{}}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"x\":"}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1.0}"}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":12}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let chat = [
        r#"{"id":"c1","model":"m","created":5,"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}"#,
        r#"{"id":"c1","model":"m","created":5,"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}"#,
        r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#,
        "[DONE]",
    ];
    let all = [
        stream(MESSAGES, GEMINI, &messages),
        stream(MESSAGES, GEMINI, &messages[..7]),
        stream(CHAT, GEMINI, &chat),
        stream(CHAT, GEMINI, &chat[..1]),
    ];
    insta::assert_snapshot!(all.join("\n---\n\n"));
}
