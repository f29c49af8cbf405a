//! Golden translations into and out of the dialect `openai-responses`, a line or more for each row
//! of the table of translations.

use super::{CHAT, MESSAGES, reply, request, stream};
use crate::dialects::{GEMINI, RESPONSES};

const VERSION: &str = "2026-10-21";

const FROM_CHAT: &[&str] = &[
    // System, images, documents, sampling, user, metadata, an unknown field.
    r#"{"model":"opus","messages":[{"role":"system","content":"Be brief."},{"role":"developer","content":[{"type":"text","text":"In French."}]},{"role":"user","name":"ann","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"high"}},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"a.pdf"}}]}],"temperature":1.50,"top_p":0.90,"max_tokens":50,"seed":7,"presence_penalty":0.1,"user":"u1","metadata":{"a":"b"},"made_up":1}"#,
    // System in the middle, effort, probabilities, service tier, structured output.
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"},{"role":"system","content":"Hurry."},{"role":"user","content":"And?"}],"stream":true,"reasoning_effort":"minimal","logprobs":true,"top_logprobs":2,"service_tier":"flex","verbosity":"low","prompt_cache_key":"k","response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","strict":true,"schema":{"type":"object","properties":{"x":{"maximum":1.0}}}}}}"#,
    // Parallel calls, big numbers, no arguments, odd ids, results in another order.
    r#"{"model":"opus","messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"w","arguments":"{\"n\":12345678901234567890,\"x\":1.0}"}},{"id":"call.2","type":"function","function":{"name":"w","arguments":""}}]},{"role":"tool","tool_call_id":"call.2","content":[{"type":"text","text":"sun"}]},{"role":"tool","tool_call_id":"call_1","content":"{\"t\":1.0}"}],"tools":[{"type":"function","function":{"name":"w","description":"d","parameters":{"type":"object"},"strict":true}},{"type":"function","function":{"name":"bare"}}],"tool_choice":{"type":"function","function":{"name":"w"}},"parallel_tool_calls":false}"#,
    // Allowed tools, free text with a grammar, JSON mode.
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"sh","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}}}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"sh"}}]}},"response_format":{"type":"json_object"}}"#,
    // A call of free text and its output; thoughts of another server.
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"c","type":"custom","custom":{"name":"sh","input":"ls \"x\""}}]},{"role":"tool","tool_call_id":"c","content":"ok"}]}"#,
    // What has no counterpart.
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"stop":"END"}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"n":2}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"logit_bias":{"1":-1}}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]}"#,
    r#"{"model":"opus","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Well"}]}"#,
];

const FROM_MESSAGES: &[&str] = &[
    r#"{"model":"opus","max_tokens":100,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"In French."}],"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"Let me"},{"type":"tool_use","id":"toolu_1","name":"w","input":{"x":1.0}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"broken"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"text","text":"So?"}]}],"tools":[{"name":"w","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"metadata":{"user_id":"u1"},"stream":true}"#,
    r#"{"model":"opus","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"},"title":"t"},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}},{"type":"document","source":{"type":"url","url":"https://example.org/a.pdf"}}]}],"thinking":{"type":"adaptive"},"output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}}}"#,
    r#"{"model":"opus","max_tokens":1,"messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"enabled","budget_tokens":8000,"display":"summarized"},"top_k":5,"service_tier":"standard_only"}"#,
    r#"{"model":"opus","max_tokens":1,"messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"disabled"},"tool_choice":{"type":"none"},"tools":[{"name":"w","input_schema":{"type":"object"}}]}"#,
    r#"{"model":"opus","max_tokens":1,"messages":[{"role":"user","content":"Hi"}],"stop_sequences":["A"]}"#,
];

const FROM_GEMINI: &[&str] = &[
    r#"{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"parts":[{"text":"Weather?"}]},{"role":"model","parts":[{"text":"Hm","thought":true,"thoughtSignature":"AAAA"},{"functionCall":{"name":"w","args":{"n":12345678901234567890,"x":1.0}},"thoughtSignature":"BBBB"}]},{"role":"user","parts":[{"functionResponse":{"name":"w","response":{"error":"broken"}}}]}],"tools":[{"functionDeclarations":[{"name":"w","parametersJsonSchema":{"type":"object"}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["w"]}},"generationConfig":{"maxOutputTokens":9,"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"high"}}}"#,
    r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{"stopSequences":["A"]}}"#,
];

/// Requests of the dialect itself.
const FROM_RESPONSES: &[&str] = &[
    // A bare text; everything that has a counterpart.
    r#"{"model":"opus","instructions":"Be brief.","input":"Hi","max_output_tokens":50,"temperature":1.50,"top_p":0.9,"safety_identifier":"u1","metadata":{"a":"b"},"prompt_cache_key":"k","service_tier":"priority","store":false,"truncation":"disabled","include":["reasoning.encrypted_content"],"stream":true}"#,
    r#"{"model":"opus","input":[{"role":"developer","content":"In French."},{"type":"message","role":"user","content":[{"type":"input_text","text":"What is it?"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"high"},{"type":"input_image","image_url":"https://example.org/a.png","detail":"auto"},{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}]},{"id":"msg_1","type":"message","status":"completed","role":"assistant","phase":"final_answer","content":[{"type":"output_text","text":"A cat.","annotations":[{"type":"url_citation","start_index":0,"end_index":5,"url":"https://example.org","title":"e"}],"logprobs":[]}]},{"role":"system","content":"Hurry."},{"role":"user","content":"Sure?"}],"text":{"verbosity":"low","format":{"type":"json_schema","name":"n","strict":true,"schema":{"type":"object","properties":{"x":{"maximum":1.0}}}}},"reasoning":{"effort":"high","summary":"concise"}}"#,
    // Calls, free text, their outputs, thoughts of the API's own and of another maker.
    r#"{"model":"opus","input":[{"role":"user","content":"Weather?"},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"gAAAA"},{"type":"function_call","id":"fc_1","call_id":"call_1","name":"w","arguments":"{\"n\":12345678901234567890,\"x\":1.0}","status":"completed"},{"type":"reasoning","id":"rs_tiergate_1","summary":[{"type":"summary_text","text":"So"}],"encrypted_content":"tiergate:anthropic-messages:t:sig"},{"type":"reasoning","id":"rs_tiergate_2","summary":[],"encrypted_content":"tiergate:gemini:c:BBBB"},{"type":"custom_tool_call","id":"ctc_1","call_id":"call_2","name":"sh","input":"ls \"x\""},{"type":"function_call_output","call_id":"call_1","output":"sun"},{"type":"custom_tool_call_output","call_id":"call_2","output":[{"type":"input_text","text":"ok"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"}]}],"tools":[{"type":"function","name":"w","description":"d","parameters":{"type":"object"},"strict":null},{"type":"custom","name":"sh","description":"a shell","format":{"type":"text"}}],"tool_choice":"required","parallel_tool_calls":false}"#,
    // Tools of a namespace, in an item, as one client sends them all.
    r#"{"model":"opus","input":[{"type":"additional_tools","role":"developer","tools":[{"type":"namespace","name":"files","description":"of files","tools":[{"type":"function","name":"read","parameters":{"type":"object"},"strict":false,"defer_loading":true}]}]},{"role":"user","content":"Read it."},{"type":"function_call","call_id":"c","namespace":"files","name":"read","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"x"}],"tools":[],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","namespace":"files","name":"read"}]}}"#,
    // What is named as lost.
    r#"{"model":"opus","input":"Hi","truncation":"auto","include":["file_search_call.results"],"max_tool_calls":3,"stream_options":{"include_obfuscation":true},"prompt_cache_options":{"mode":"explicit"},"reasoning":{"effort":"low","context":"all_turns"},"top_logprobs":0}"#,
    r#"{"model":"opus","input":"Hi","include":["message.output_text.logprobs"],"top_logprobs":2}"#,
    r#"{"model":"opus","input":"Hi","tools":[{"type":"custom","name":"sh","format":{"type":"grammar","syntax":"lark","definition":"start: x"}}]}"#,
];

/// Requests that are refused wherever they would go.
const REFUSED: &[&str] = &[
    r#"{"model":"opus","input":"Hi","previous_response_id":"resp_1"}"#,
    r#"{"model":"opus","input":"Hi","conversation":{"id":"conv_1"}}"#,
    r#"{"model":"opus","input":"Hi","background":true}"#,
    r#"{"model":"opus","input":"Hi","store":true}"#,
    r#"{"model":"opus","prompt":{"id":"pmpt_1"}}"#,
    r#"{"model":"opus","input":"Hi","tools":[{"type":"web_search"}]}"#,
    r#"{"model":"opus","input":"Hi","tool_choice":{"type":"file_search"}}"#,
    r#"{"model":"opus","input":[{"type":"item_reference","id":"rs_1"}]}"#,
    r#"{"model":"opus","input":[{"id":"rs_1"}]}"#,
    r#"{"model":"opus","input":[{"type":"compaction","encrypted_content":"x"}]}"#,
    r#"{"model":"opus","input":[{"role":"user","content":[{"type":"input_file","file_id":"file_1"}]}]}"#,
];

#[test]
fn requests_into_responses() {
    let mut all = String::new();
    for body in FROM_CHAT {
        all += &request(CHAT, RESPONSES, VERSION, body);
    }
    for body in FROM_MESSAGES {
        all += &request(MESSAGES, RESPONSES, "2023-06-01", body);
    }
    for body in FROM_GEMINI {
        all += &request(GEMINI, RESPONSES, VERSION, body);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn requests_out_of_responses() {
    let mut all = String::new();
    for body in FROM_RESPONSES {
        for to in [CHAT, MESSAGES, GEMINI, RESPONSES] {
            all += &request(RESPONSES, to, VERSION, body);
        }
    }
    for body in REFUSED {
        all += &request(RESPONSES, CHAT, VERSION, body);
    }
    insta::assert_snapshot!(all);
}

/// Answers of the dialect itself.
const REPLIES: &[&str] = &[
    r#"{"id":"resp_1","object":"response","created_at":5,"status":"completed","error":null,"incomplete_details":null,"model":"m","output":[{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm"},{"type":"summary_text","text":"So"}],"encrypted_content":"gAAAA"},{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","start_index":0,"end_index":2,"url":"https://example.org","title":"e"},{"type":"file_citation","file_id":"f","filename":"a.txt","index":2}],"logprobs":[]}]},{"id":"ws_1","type":"web_search_call","status":"completed"},{"id":"fc_1","type":"function_call","status":"completed","call_id":"a","name":"w","arguments":"{\"n\":1e2}"},{"id":"ctc_1","type":"custom_tool_call","call_id":"b","name":"sh","input":"ls"}],"service_tier":"default","usage":{"input_tokens":321,"input_tokens_details":{"cached_tokens":300,"cache_write_tokens":20},"output_tokens":9,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":330}}"#,
    r#"{"id":"resp_1","created_at":5.5,"status":"completed","model":"m","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"refusal","refusal":"I cannot."}]}]}"#,
    r#"{"id":"resp_1","created_at":5,"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"model":"m","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Once","annotations":[]}]}]}"#,
    r#"{"id":"resp_1","created_at":5,"status":"incomplete","incomplete_details":{"reason":"content_filter"},"model":"m","output":[]}"#,
    r#"{"id":"resp_1","created_at":5,"status":"completed","model":"m","output":[{"id":"rs_1","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"Hm"}]},{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"A","annotations":[],"logprobs":[{"token":"A","logprob":-0.1,"bytes":[65],"top_logprobs":[]}]}]}]}"#,
];

#[test]
fn replies_of_responses() {
    let mut all = String::new();
    for body in REPLIES {
        for to in [CHAT, MESSAGES, GEMINI, RESPONSES] {
            all += &reply(RESPONSES, to, body);
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn replies_for_responses() {
    let chat = [
        r#"{"id":"c1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null,"reasoning_content":"hm","annotations":[{"type":"url_citation","url_citation":{"url":"https://example.org","title":"e","start_index":0,"end_index":2}}],"tool_calls":[{"id":"a","type":"function","function":{"name":"w","arguments":"{\"x\":1.0}"}},{"id":"b","type":"function","function":{"name":"w","arguments":"{\"cut"}},{"id":"c","type":"custom","custom":{"name":"sh","input":"ls"}}]},"logprobs":{"content":[{"token":"Hi","logprob":-0.1,"bytes":[72,105],"top_logprobs":[]}],"refusal":null},"finish_reason":"tool_calls"}],"service_tier":"flex","usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":3}}}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"I cannot."},"finish_reason":"stop"}]}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Once"},"finish_reason":"length"}]}"#,
    ];
    let messages = [
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"Hi","citations":[{"type":"web_search_result_location","cited_text":"q","encrypted_index":"x","title":"t","url":"https://example.org"},{"type":"char_location","cited_text":"q","document_index":0,"document_title":"d","start_char_index":0,"end_char_index":1}]},{"type":"tool_use","id":"t","name":"w","input":{"n":1e2}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4},"service_tier":"priority"}}"#,
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":"cyber","explanation":"No."},"usage":{"input_tokens":1,"output_tokens":0}}"#,
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A"}],"stop_reason":"stop_sequence","stop_sequence":"END","usage":{"input_tokens":1,"output_tokens":1}}"#,
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A"}],"stop_reason":"model_context_window_exceeded","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}"#,
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A"}],"stop_reason":"pause_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}"#,
    ];
    let gemini = r#"{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true},{"functionCall":{"name":"w","args":{"x":1.0}},"thoughtSignature":"AAAA"}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":6,"candidatesTokenCount":2,"thoughtsTokenCount":3},"modelVersion":"m","responseId":"r1"}"#;
    let mut all = String::new();
    for body in chat {
        all += &reply(CHAT, RESPONSES, body);
    }
    for body in messages {
        all += &reply(MESSAGES, RESPONSES, body);
    }
    all += &reply(GEMINI, RESPONSES, gemini);
    insta::assert_snapshot!(all);
}

#[test]
fn streams_of_responses() {
    let answer = [
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","created_at":5,"status":"in_progress","model":"m","output":[],"service_tier":"auto"}}"#,
        r#"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}"#,
        r#"{"type":"response.reasoning_summary_text.delta","sequence_number":2,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"Hm"}"#,
        r#"{"type":"response.reasoning_summary_text.delta","sequence_number":3,"item_id":"rs_1","output_index":0,"summary_index":1,"delta":"So"}"#,
        r#"{"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm"},{"type":"summary_text","text":"So"}],"encrypted_content":"gAAAA"}}"#,
        r#"{"type":"response.output_item.added","sequence_number":5,"output_index":1,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}"#,
        r#"{"type":"response.output_text.delta","sequence_number":6,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"Hi","logprobs":[]}"#,
        r#"{"type":"response.output_text.annotation.added","sequence_number":7,"item_id":"msg_1","output_index":1,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","start_index":0,"end_index":2,"url":"https://example.org","title":"e"}}"#,
        r#"{"type":"response.output_item.done","sequence_number":8,"output_index":1,"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","start_index":0,"end_index":2,"url":"https://example.org","title":"e"}]}]}}"#,
        r#"{"type":"response.output_item.added","sequence_number":9,"output_index":2,"item":{"id":"fc_1","type":"function_call","status":"in_progress","call_id":"a","name":"w","arguments":""}}"#,
        r#"{"type":"response.output_item.added","sequence_number":10,"output_index":3,"item":{"id":"ctc_1","type":"custom_tool_call","call_id":"b","name":"sh","input":""}}"#,
        r#"{"type":"response.custom_tool_call_input.delta","sequence_number":11,"item_id":"ctc_1","output_index":3,"delta":"ls"}"#,
        r#"{"type":"response.function_call_arguments.delta","sequence_number":12,"item_id":"fc_1","output_index":2,"delta":"{\"x\":"}"#,
        r#"{"type":"response.output_item.done","sequence_number":13,"output_index":2,"item":{"id":"fc_1","type":"function_call","status":"completed","call_id":"a","name":"w","arguments":"{\"x\":1.0}"}}"#,
        r#"{"type":"response.some_future_event","sequence_number":14}"#,
        r#"{"type":"response.completed","sequence_number":15,"response":{"id":"resp_1","created_at":5,"status":"completed","model":"m","output":[],"service_tier":"default","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":6},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3}}}}"#,
    ];
    let failed = [
        answer[0],
        r#"{"type":"response.failed","sequence_number":1,"response":{"id":"resp_1","status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down."},"output":[]}}"#,
    ];
    let flat = [
        answer[0],
        r#"{"type":"error","sequence_number":1,"code":"server_error","message":"Broken.","param":null}"#,
    ];
    let mut all = Vec::new();
    for to in [CHAT, MESSAGES, GEMINI] {
        all.push(stream(RESPONSES, to, &answer));
        all.push(stream(RESPONSES, to, &answer[..7]));
        all.push(stream(RESPONSES, to, &failed));
        all.push(stream(RESPONSES, to, &flat));
    }
    insta::assert_snapshot!(all.join("\n---\n\n"));
}

#[test]
fn streams_for_responses() {
    let chunk = |delta: &str| {
        format!(
            r#"{{"id":"c1","model":"m","created":5,"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#
        )
    };
    let interleaved = [
        chunk(r#"{"role":"assistant","content":"","tool_calls":[]}"#),
        chunk(r#"{"reasoning_content":"hm"}"#),
        chunk(
            r#"{"content":"See","tool_calls":[{"index":0,"id":"a","function":{"name":"w","arguments":"{\"x\""}}]}"#,
        ),
        chunk(r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"v","arguments":""}}]}"#),
        chunk(r#"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#),
        r#"{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#.to_owned(),
        r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#.to_owned(),
        "[DONE]".to_owned(),
    ];
    let interleaved: Vec<_> = interleaved.iter().map(String::as_str).collect();
    let refused = [
        chunk(r#"{"refusal":"I cannot."}"#),
        r#"{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#.to_owned(),
        "[DONE]".to_owned(),
    ];
    let refused: Vec<_> = refused.iter().map(String::as_str).collect();
    let start = r#"{"type":"message_start","message":{"id":"m1","model":"m","usage":{"input_tokens":3,"cache_read_input_tokens":5,"output_tokens":1}}}"#;
    let messages = [
        start,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"w","input":{}}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":12}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let failed = [
        start,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
    ];
    let gemini = [
        r#"{"candidates":[{"content":{"parts":[{"text":"S"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":7},"modelVersion":"m","responseId":"r1"}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"o"},{"functionCall":{"name":"w","args":{"x":1.0}},"thoughtSignature":"AAAA"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":5},"modelVersion":"m","responseId":"r1"}"#,
    ];
    let all = [
        stream(CHAT, RESPONSES, &interleaved),
        stream(CHAT, RESPONSES, &interleaved[..3]),
        stream(CHAT, RESPONSES, &refused),
        stream(MESSAGES, RESPONSES, &messages),
        stream(MESSAGES, RESPONSES, &failed),
        stream(GEMINI, RESPONSES, &gemini),
    ];
    insta::assert_snapshot!(all.join("\n---\n\n"));
}
