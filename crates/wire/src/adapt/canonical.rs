//! What a request in canonical form asks for, and changes of it. It must not decide on them.

use crate::adapt::decide::{Action, Asked, Thought, What};
use crate::adapt::restrictions::Parameter;
use crate::adapt::schema;
use crate::adapt::words::Words;
use crate::canonical::{Format, Json, Request, Role, Sampling, Thinking, ToolChoice};
use crate::fault::{BadRequest, Loss};

/// Reads what a request asks for.
pub(crate) fn asked(request: &Request) -> Asked {
    let sampling = &request.sampling;
    let parameters = [
        (Parameter::Temperature, &sampling.temperature),
        (Parameter::TopP, &sampling.top_p),
        (Parameter::TopK, &sampling.top_k),
        (Parameter::PresencePenalty, &sampling.presence_penalty),
        (Parameter::FrequencyPenalty, &sampling.frequency_penalty),
        (Parameter::Seed, &sampling.seed),
    ];
    let set = |(parameter, value): (Parameter, &Option<Json>)| {
        value.as_ref().map(|value| (parameter, value.0.clone()))
    };
    let last = request.messages.last();
    Asked {
        parameters: parameters.into_iter().filter_map(set).collect(),
        effort: request.effort.clone(),
        thinking: request.thinking.map(|thinking| match thinking {
            Thinking::Disabled => Thought::Disabled,
            Thinking::Adaptive => Thought::Adaptive,
            Thinking::Budget(most) => Thought::Budget(most),
        }),
        forced_tool: matches!(
            request.tool_choice,
            Some(ToolChoice::Any | ToolChoice::Tool(_))
        ),
        has_tools: !request.tools.is_empty(),
        prefill: last.is_some_and(|last| last.role == Role::Assistant),
        max_tokens: request.max_tokens,
        older_max_tokens: false,
    }
}

/// Makes one change.
pub(super) fn apply(request: &mut Request, action: &Action) {
    match &action.what {
        What::Drop(parameter) => drop_parameter(&mut request.sampling, *parameter),
        What::SetEffort(word) => request.effort = Some(word.clone()),
        What::DropEffort => request.effort = None,
        What::ThinkAdaptively => request.thinking = Some(Thinking::Adaptive),
        What::ThinkUpTo(most) => request.thinking = Some(Thinking::Budget(*most)),
        // The other word is one dialect's own; without it the model does what it does by default.
        What::ThinkAs(_) | What::DropThinking => request.thinking = None,
        What::FreeTool => request.tool_choice = Some(ToolChoice::Auto),
        What::MaxTokens(most) => request.max_tokens = Some(*most),
        What::NewerMaxTokens => {}
    }
}

fn drop_parameter(sampling: &mut Sampling, parameter: Parameter) {
    let place = match parameter {
        Parameter::Temperature => &mut sampling.temperature,
        Parameter::TopP => &mut sampling.top_p,
        Parameter::TopK => &mut sampling.top_k,
        Parameter::PresencePenalty => &mut sampling.presence_penalty,
        Parameter::FrequencyPenalty => &mut sampling.frequency_penalty,
        Parameter::Seed => &mut sampling.seed,
        // No canonical request holds them.
        Parameter::LogitBias | Parameter::Logprobs | Parameter::TopLogprobs => return,
    };
    *place = None;
}

/// Closes the objects of a strict schema.
pub(super) fn close_schema(
    request: &mut Request,
    words: &Words,
) -> Result<Option<Loss>, BadRequest> {
    let Some(Format::Schema { schema, strict, .. }) = &mut request.format else {
        return Ok(None);
    };
    if *strict != Some(true) {
        return Ok(None);
    }
    let path = words.schema_path();
    let Some(closed) = schema::close(&schema.0, &path)? else {
        return Ok(None);
    };
    *schema = Json(closed);
    Ok(Some(Loss::new(path, schema::WHY)))
}
