//! A Responses request into the canonical form. It must not know where it goes; what no other
//! dialect could take is refused here by its field.

use crate::canonical::{Format, Request, Sampling, Stream, Thoughts, UsageChunk};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss};
use crate::json::fields::{Fields, Value};
use crate::openai::format::read_schema;
use crate::openai::queues::service_tier;
use crate::openai_responses::{input, tools};

/// Reads the body.
pub(super) fn decode(body: &[u8]) -> Result<Translated<Request>, BadRequest> {
    let mut fields = Value::parse(body)?.fields()?;
    let mut losses = Vec::new();
    refuse(&mut fields)?;
    let mut request = Request {
        model: fields.must_string("model")?,
        tool_choice: tools::read_choice(&mut fields)?,
        parallel_tools: fields.bool("parallel_tool_calls")?,
        max_tokens: fields.whole("max_output_tokens")?,
        sampling: sampling(&mut fields)?,
        logprobs: logprobs(&mut fields, &mut losses)?,
        user: user(&mut fields)?,
        cache_key: fields.string("prompt_cache_key")?,
        service_tier: fields.string("service_tier")?.map(service_tier),
        ..Request::default()
    };
    request.system.extend(fields.string("instructions")?);
    if let Some(pairs) = fields.fields("metadata")? {
        request.metadata = pairs.pairs()?;
    }
    let list = fields.elements("tools")?;
    tools::read(&list, &mut request.tools, &mut losses)?;
    text(&mut fields, &mut request, &mut losses)?;
    reasoning(&mut fields, &mut request, &mut losses)?;
    input::read(&fields.must("input")?, &mut request, &mut losses)?;
    if fields.bool("stream")? == Some(true) {
        request.stream = Stream::Events(UsageChunk::Show);
    }
    cutting(&mut fields, &mut losses)?;
    fields.rest(&mut losses);
    Ok(Translated {
        value: request,
        losses,
    })
}

/// Refuses what stands for a conversation, a prompt or a job that another provider keeps.
fn refuse(fields: &mut Fields<'_>) -> Result<(), BadRequest> {
    for name in ["previous_response_id", "conversation", "prompt"] {
        if let Some(value) = fields.take(name) {
            return Err(value
                .fault("is kept by its own provider alone; send the whole conversation as input"));
        }
    }
    if let Some(value) = fields.take("background")
        && value.bool()?
    {
        return Err(value.fault("cannot be had of a model behind another API; leave it out"));
    }
    // Who says nothing has asked for nothing: clients leave it out, and read in the answer that it
    // is not kept.
    if let Some(value) = fields.take("store")
        && value.bool()?
    {
        let why = "cannot be kept for a model behind another API; leave it out, or say false";
        return Err(value.fault(why));
    }
    Ok(())
}

/// Takes what is said about cutting the input and padding the answer, where it says no more than
/// what happens anyway.
fn cutting(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<(), BadRequest> {
    if let Some(value) = fields.take("truncation")
        && value.string()? != "disabled"
    {
        losses.push(Loss::new("truncation", "too long an input is an error"));
    }
    if let Some(mut options) = fields.fields("stream_options")? {
        if options.bool("include_obfuscation")? == Some(true) {
            let path = options.path_of("include_obfuscation");
            losses.push(Loss::new(path, "nothing is put in to hide lengths"));
        }
        options.rest(losses);
    }
    Ok(())
}

fn user(fields: &mut Fields<'_>) -> Result<Option<String>, BadRequest> {
    let newer = fields.string("safety_identifier")?;
    let older = fields.string("user")?;
    Ok(newer.or(older))
}

fn sampling(fields: &mut Fields<'_>) -> Result<Sampling, BadRequest> {
    Ok(Sampling {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        ..Sampling::default()
    })
}

/// Reads what is to be told beside the answer. Thoughts that only their maker can read always are.
fn logprobs(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Option<u64>, BadRequest> {
    let most = fields.whole("top_logprobs")?;
    let mut is_asked = most.is_some_and(|most| most > 0);
    for value in fields.elements("include")? {
        match &*value.string()? {
            "message.output_text.logprobs" => is_asked = true,
            "reasoning.encrypted_content" => {}
            _ => losses.push(Loss::new(
                value.path(),
                "the other dialect has no such part",
            )),
        }
    }
    Ok(is_asked.then_some(most.unwrap_or(0)))
}

fn text(
    fields: &mut Fields<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let Some(mut text) = fields.fields("text")? else {
        return Ok(());
    };
    request.verbosity = text.string("verbosity")?;
    if let Some(mut format) = text.fields("format")? {
        let form = format.must("type")?;
        request.format = match &*form.string()? {
            "text" => None,
            "json_object" => Some(Format::JsonObject),
            "json_schema" => Some(read_schema(&mut format)?),
            _ => return Err(form.fault("must be text, json_object or json_schema")),
        };
        format.rest(losses);
    }
    text.rest(losses);
    Ok(())
}

fn reasoning(
    fields: &mut Fields<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let Some(mut reasoning) = fields.fields("reasoning")? else {
        return Ok(());
    };
    request.effort = reasoning.string("effort")?;
    let newer = reasoning.take("summary");
    let older = reasoning.take("generate_summary");
    if let Some(summary) = newer.or(older) {
        request.thoughts = Some(match &*summary.string()? {
            "auto" => Thoughts::Told,
            "concise" => Thoughts::Concise,
            "detailed" => Thoughts::Detailed,
            _ => return Err(summary.fault("must be auto, concise or detailed")),
        });
    }
    reasoning.rest(losses);
    Ok(())
}
