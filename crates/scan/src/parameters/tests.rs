//! Calls in the spellings of SDKs, read as the facts' words.

use super::parameters;
use crate::samples::place;

/// Reads a call as features with values, in the order in which they stand.
fn check(text: &str, expected: &str) {
    let found = parameters(&place(text));
    let found: Vec<String> = found
        .iter()
        .map(|one| match &one.value {
            Some(value) => format!("{} {value}", one.feature),
            None => one.feature.to_string(),
        })
        .collect();
    assert_eq!(found.join(", "), expected, "{text}");
}

#[test]
fn sampling_is_read_in_every_spelling() {
    check(
        r#"c.messages.create(model="m", temperature=0.2, top_p=0.9, top_k=40)"#,
        "temperature 0.2, top_p 0.9, top_k 40",
    );
    check(
        "c.chat.completions.create({ model: 'm', topP: 0.5, seed: 7 })",
        "",
    );
    check(
        "c.chat.completions.create(topP: 0.5, seed: 7, n: 2)",
        "top_p 0.5, seed 7, candidates 2",
    );
    check(
        "Request{TopP: openai.Float(0.5), PresencePenalty: 1}",
        "top_p 0.5, presence_penalty 1",
    );
    check(
        "Builder(.temperature(0.2), .topP(0.9))",
        "temperature 0.2, top_p 0.9",
    );
    check(
        "f(WithTemperature = 0.8, setTopK = 3)",
        "temperature 0.8, top_k 3",
    );
    check("f(temperature=settings.temperature)", "temperature");
    check("f(temperature=None, top_p=NOT_GIVEN)", "");
    check(
        "f(logprobs=True, top_logprobs=5, logit_bias={50256: -100})",
        "logprobs true, top_logprobs 5, logit_bias",
    );
    check("f(logit_bias={})", "");
}

#[test]
fn names_mean_it_only_where_a_request_has_them() {
    check(
        r#"f(generation_config={"temperature": 0.1, "top_k": 3})"#,
        "temperature 0.1, top_k 3",
    );
    check(
        r#"f(model_kwargs={"extra_body": {"top_p": 0.3}})"#,
        "top_p 0.3",
    );
    check(
        "f(config=types.GenerateContentConfig(temperature=0, \
         thinking_config=types.ThinkingConfig(thinking_budget=0)))",
        "temperature 0, thinking_disabled",
    );
    check(r#"f(weather={"temperature": 30})"#, "");
    check("f(n=3)", "");
}

#[test]
fn thinking_and_effort_are_read() {
    let budget = "thinking_budget 2048";
    check(
        r#"f(thinking={"type": "enabled", "budget_tokens": 2048})"#,
        budget,
    );
    check(
        "f(thinking: { type: 'enabled', budgetTokens: 2048 })",
        budget,
    );
    check(
        "f(thinking.type = enabled, thinking.budget_tokens = 2048)",
        budget,
    );
    check(
        "f(Thinking: anthropic.ThinkingConfigParamOfEnabled(n))",
        "thinking_budget",
    );
    check(
        "f(thinking=ThinkingConfigEnabled.builder().budgetTokens(2048).build())",
        budget,
    );
    check(r#"f(thinking={"type": "disabled"})"#, "thinking_disabled");
    check(r#"f(thinking={"type": "adaptive"})"#, "thinking_adaptive");
    check(
        "f(thinkingConfig: { thinkingBudget: -1 })",
        "thinking_adaptive",
    );
    check("f(reasoning_effort=\"high\")", "effort high");
    check("f(reasoning={\"effort\": \"xhigh\"})", "effort xhigh");
    check("f(output_config={\"effort\": \"max\"})", "effort max");
    check(
        "f(ReasoningEffort: shared.ReasoningEffortMinimal)",
        "effort minimal",
    );
    check("f(reasoning_effort=ReasoningEffort::None)", "");
    check("f(reasoning_effort=level)", "effort");
    check(
        "f(providerOptions: { openai: { reasoningEffort: 'low' } })",
        "effort low",
    );
}

#[test]
fn tools_are_read() {
    check("f(tools=TOOLS, tool_choice=\"auto\")", "tools");
    check("f(tools=[])", "");
    check(
        "f(tools=[{\"type\": \"computer_20251124\", \"name\": \"computer\"}])",
        "tools, tool_type computer_20251124",
    );
    check("f(tool_choice={\"type\": \"any\"})", "forced_tool");
    check(
        "f(tool_choice={\"type\": \"tool\", \"name\": \"t\"})",
        "forced_tool",
    );
    check("f(tool_choice=\"required\")", "forced_tool");
    check("f(tool_choice=choice)", "");
    check(
        "f(toolConfig: { functionCallingConfig: { mode: 'ANY' } })",
        "forced_tool",
    );
}

#[test]
fn the_older_field_for_the_most_tokens_is_that_of_one_api() {
    let older = "max_tokens 900, older_max_tokens";
    check("c.chat.completions.create(max_tokens=900)", older);
    check("post(max_tokens=900)", older);
    check(
        "c.chat.completions.create(max_completion_tokens=900)",
        "max_tokens 900",
    );
    check("c.messages.create(max_tokens=900)", "max_tokens 900");
    check(
        "c.responses.create(max_output_tokens=900)",
        "max_tokens 900",
    );
    // Clients that know the models rename it themselves.
    check("ChatOpenAI(max_tokens=900)", "max_tokens 900");
    check("litellm.completion(max_tokens=900)", "max_tokens 900");
}

#[test]
fn a_conversation_is_read_as_far_as_it_is_written() {
    let ask = r#"{"role": "user", "content": "a"}"#;
    let check_messages = |messages: String, expected: &str| {
        check(
            &format!("c.messages.create(messages=[{messages}])"),
            expected,
        );
    };
    check_messages(ask.to_owned(), "");
    check_messages(
        format!("{ask}, {{\"role\": \"assistant\", \"content\": \"{{\"}}"),
        "prefill",
    );
    check_messages(format!("{ask}, *history"), "");
    check_messages(
        r#"*history, {"role": "assistant", "content": "["}"#.to_owned(),
        "prefill",
    );
    check_messages(
        format!("{ask}, {{\"role\": \"system\", \"content\": \"b\"}}, {ask}"),
        "mid_system",
    );
    check_messages(
        format!("{{\"role\": \"system\", \"content\": \"b\"}}, {ask}"),
        "",
    );
    check_messages(
        "HumanMessage(content=q), AIMessage(content=\"{\")".to_owned(),
        "prefill",
    );
    check_messages("(\"system\", \"a\"), (\"ai\", \"b\")".to_owned(), "prefill");
    check_messages("m for m in history".to_owned(), "");
    check_messages(
        "{\"role\": \"user\", \"content\": [{\"type\": \"image\", \"source\": s}]}".to_owned(),
        "images",
    );
    check(
        "c.Messages.New(Messages: []anthropic.MessageParam{anthropic.NewUserMessage(a), \
         anthropic.NewAssistantMessage(b)})",
        "prefill",
    );
}

#[test]
fn headers_tiers_and_forms_are_read() {
    check(
        "f(betas=[\"effort-2025-11-24\", \"files-api-2025-04-14\"])",
        "beta effort-2025-11-24, beta files-api-2025-04-14",
    );
    check(
        "f(extra_headers={\"anthropic-beta\": \"output-128k-2025-02-19,a\"})",
        "beta output-128k-2025-02-19",
    );
    check("f(service_tier=\"priority\")", "service_tier priority");
    check(
        "c.beta.messages.create(output_format=F)",
        "older_output_format",
    );
    check("f(output_format=\"mp3\")", "");
    let schema = |closed: &str| {
        format!(
            "f(response_format={{\"type\": \"json_schema\", \"json_schema\": {{\"strict\": True, \
             \"schema\": {{\"type\": \"object\"{closed}}}}}}})"
        )
    };
    check(&schema(""), "strict_schema");
    check(&schema(", \"additionalProperties\": False"), "");
    check("f(response_format=Answer)", "");
}

#[test]
fn a_parameter_stands_where_it_is_written_and_not_where_its_holder_is() {
    let text = "f(extra_body={\n  \"top_p\": 0.3\n})";
    let mut whole = place(text);
    let start = text.find("\"top_p\"").unwrap();
    let own = crate::edit::span(text, start, start + "\"top_p\": 0.3".len()).unwrap();
    whole.beside.push(crate::place::Beside {
        name: "extra_body.top_p".to_owned(),
        value: "0.3".to_owned(),
        span: own,
    });
    let found = parameters(&whole);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].span, found[0].line), (own, 2));
}
