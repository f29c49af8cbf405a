//! A Chat Completions request into the canonical form. It must not know where it goes; what no
//! other dialect could take is refused here by its field.

use crate::canonical::{
    Format, Part, Request, Role, Sampling, Source, Stream, ToolResult, UsageChunk,
};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::Kind;
use crate::json::fields::{Fields, Value};
use crate::openai::format::read_schema;
use crate::openai::queues::service_tier;
use crate::openai_chat::{annotations, thoughts, tools};
use crate::{sources, turns};

const ELSEWHERE: &str = "cannot be carried to a model behind another API; leave it out";

/// Reads the body.
pub(super) fn decode(body: &[u8]) -> Result<Translated<Request>, BadRequest> {
    let mut fields = Value::parse(body)?.fields()?;
    let mut losses = Vec::new();
    refuse(&mut fields)?;
    let mut request = Request {
        model: fields.must_string("model")?,
        tools: tools::read(&mut fields, &mut losses)?,
        tool_choice: tools::read_choice(&mut fields)?,
        parallel_tools: fields.bool("parallel_tool_calls")?,
        max_tokens: max_tokens(&mut fields)?,
        stop: stop(&mut fields)?,
        sampling: sampling(&mut fields)?,
        effort: fields.string("reasoning_effort")?,
        verbosity: fields.string("verbosity")?,
        logprobs: logprobs(&mut fields)?,
        format: format(&mut fields, &mut losses)?,
        user: user(&mut fields)?,
        metadata: metadata(&mut fields)?,
        cache_key: fields.string("prompt_cache_key")?,
        service_tier: fields.string("service_tier")?.map(service_tier),
        stream: stream(&mut fields, &mut losses)?,
        ..Request::default()
    };
    for message in fields.must("messages")?.elements()? {
        read_message(&message, &mut request, &mut losses)?;
    }
    fields.rest(&mut losses);
    Ok(Translated {
        value: request,
        losses,
    })
}

/// Refuses what changes the answer's form or cost and has no counterpart.
fn refuse(fields: &mut Fields<'_>) -> Result<(), BadRequest> {
    if let Some(many) = fields.take("n").filter(|value| value.raw() != "1") {
        return Err(many.fault(ELSEWHERE));
    }
    if let Some(bias) = fields.take("logit_bias") {
        let is_set = bias.raw().bytes().any(|byte| byte == b':');
        if is_set {
            return Err(bias.fault(ELSEWHERE));
        }
    }
    if let Some(modalities) = fields.take("modalities") {
        for modality in modalities.elements()? {
            if modality.string()? != "text" {
                return Err(modality.fault(ELSEWHERE));
            }
        }
    }
    for name in ["audio", "web_search_options"] {
        if let Some(value) = fields.take(name) {
            return Err(value.fault(ELSEWHERE));
        }
    }
    for name in ["functions", "function_call"] {
        if let Some(value) = fields.take(name) {
            return Err(value.fault("is the older form; use tools and tool_choice"));
        }
    }
    Ok(())
}

fn max_tokens(fields: &mut Fields<'_>) -> Result<Option<u64>, BadRequest> {
    let newer = fields.whole("max_completion_tokens")?;
    let older = fields.whole("max_tokens")?;
    Ok(newer.or(older))
}

fn logprobs(fields: &mut Fields<'_>) -> Result<Option<u64>, BadRequest> {
    let most = fields.take("top_logprobs");
    let is_asked = fields.bool("logprobs")? == Some(true);
    match most {
        Some(most) if !is_asked && most.whole()? > 0 => {
            Err(most.fault("needs logprobs to be true"))
        }
        Some(most) if is_asked => Ok(Some(most.whole()?)),
        _ => Ok(is_asked.then_some(0)),
    }
}

fn metadata(fields: &mut Fields<'_>) -> Result<Vec<(String, String)>, BadRequest> {
    let pairs = fields.fields("metadata")?;
    pairs.map_or(Ok(Vec::new()), Fields::pairs)
}

fn user(fields: &mut Fields<'_>) -> Result<Option<String>, BadRequest> {
    let newer = fields.string("safety_identifier")?;
    let older = fields.string("user")?;
    Ok(newer.or(older))
}

fn stop(fields: &mut Fields<'_>) -> Result<Vec<String>, BadRequest> {
    let Some(stop) = fields.take("stop") else {
        return Ok(Vec::new());
    };
    if stop.kind() == Kind::String {
        return Ok(vec![stop.string()?.into_owned()]);
    }
    let texts = stop.elements()?;
    texts
        .iter()
        .map(|text| Ok(text.string()?.into_owned()))
        .collect()
}

fn sampling(fields: &mut Fields<'_>) -> Result<Sampling, BadRequest> {
    Ok(Sampling {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        top_k: fields.number("top_k")?,
        presence_penalty: fields.number("presence_penalty")?,
        frequency_penalty: fields.number("frequency_penalty")?,
        seed: fields.number("seed")?,
    })
}

fn stream(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Stream, BadRequest> {
    let mut usage = UsageChunk::Hide;
    if let Some(mut options) = fields.fields("stream_options")? {
        if options.bool("include_usage")? == Some(true) {
            usage = UsageChunk::Show;
        }
        options.rest(losses);
    }
    Ok(match fields.bool("stream")? {
        Some(true) => Stream::Events(usage),
        _ => Stream::Whole,
    })
}

fn format(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Option<Format>, BadRequest> {
    let Some(mut format) = fields.fields("response_format")? else {
        return Ok(None);
    };
    let form = format.must("type")?;
    let read = match &*form.string()? {
        "text" => None,
        "json_object" => Some(Format::JsonObject),
        "json_schema" => {
            let mut inner = format.must("json_schema")?.fields()?;
            let read = read_schema(&mut inner)?;
            inner.rest(losses);
            Some(read)
        }
        _ => return Err(form.fault("must be text, json_object or json_schema")),
    };
    format.rest(losses);
    Ok(read)
}

fn read_message(
    message: &Value<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let mut fields = message.fields()?;
    let role = fields.must("role")?;
    match &*role.string()? {
        "system" | "developer" => {
            let parts = content(&mut fields, losses)?;
            if request.messages.is_empty() {
                request
                    .system
                    .extend(parts.into_iter().filter_map(into_text));
            } else {
                turns::push(&mut request.messages, Role::System, parts);
            }
        }
        "user" => {
            let parts = content(&mut fields, losses)?;
            turns::push(&mut request.messages, Role::User, parts);
        }
        "assistant" => {
            let parts = assistant(&mut fields, losses, message.path())?;
            turns::push(&mut request.messages, Role::Assistant, parts);
        }
        "tool" => {
            let result = ToolResult {
                id: fields.must_string("tool_call_id")?,
                parts: content(&mut fields, losses)?,
                failed: false,
            };
            turns::push(
                &mut request.messages,
                Role::User,
                vec![Part::ToolResult(result)],
            );
        }
        "function" => return Err(role.fault("is the older form; use the role tool")),
        _ => return Err(role.fault("must be system, developer, user, assistant or tool")),
    }
    fields.rest(losses);
    Ok(())
}

fn into_text(part: Part) -> Option<String> {
    match part {
        Part::Text(text) => Some(text),
        _ => None,
    }
}

fn assistant(
    fields: &mut Fields<'_>,
    losses: &mut Vec<Loss>,
    path: &str,
) -> Result<Vec<Part>, BadRequest> {
    let mut parts = match fields.take("content") {
        Some(content) => read_content(&content, losses)?,
        None => Vec::new(),
    };
    let refusal = fields.string("refusal")?.filter(|text| !text.is_empty());
    parts.extend(refusal.map(Part::Refusal));
    if let Some(call) = fields.take("function_call") {
        return Err(call.fault("is the older form; use tool_calls"));
    }
    if let Some(audio) = fields.take("audio") {
        return Err(audio.fault(ELSEWHERE));
    }
    // An empty text beside calls is how many clients write "no text".
    let calls = fields.elements("tool_calls")?;
    if !calls.is_empty() {
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    }
    for call in calls {
        parts.push(Part::ToolUse(tools::read_call(&call, losses)?));
    }
    read_annotations(fields, &mut parts, losses)?;
    let told = thoughts::take(fields, losses)?;
    thoughts::restore(told, &mut parts, losses, path);
    Ok(parts)
}

/// Reads a message's citations to behind its text.
pub(super) fn read_annotations(
    message: &mut Fields<'_>,
    parts: &mut Vec<Part>,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let text = parts.iter().rposition(|part| matches!(part, Part::Text(_)));
    let mut at = text.map_or(0, |at| at + 1);
    for annotation in message.elements("annotations")? {
        match annotations::read(&annotation)? {
            Some(citation) => {
                parts.insert(at, Part::Citation(citation));
                at += 1;
            }
            None => losses.push(Loss::new(
                annotation.path(),
                "a citation of this kind cannot be carried",
            )),
        }
    }
    Ok(())
}

fn content(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Vec<Part>, BadRequest> {
    read_content(&fields.must("content")?, losses)
}

/// Reads a content: a text, or parts.
pub(super) fn read_content(
    content: &Value<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Vec<Part>, BadRequest> {
    if content.kind() == Kind::String {
        return Ok(vec![Part::Text(content.string()?.into_owned())]);
    }
    let parts = content.elements()?;
    parts.iter().map(|part| read_part(part, losses)).collect()
}

fn read_part(part: &Value<'_>, losses: &mut Vec<Loss>) -> Result<Part, BadRequest> {
    let mut fields = part.fields()?;
    let form = fields.must("type")?;
    let read = match &*form.string()? {
        "text" => Part::Text(fields.must_string("text")?),
        "refusal" => Part::Refusal(fields.must_string("refusal")?),
        "image_url" => {
            let mut inner = fields.must("image_url")?.fields()?;
            let source = sources::read(&inner.must("url")?)?;
            inner.rest(losses);
            Part::Image(source)
        }
        "file" => {
            let mut inner = fields.must("file")?.fields()?;
            if let Some(id) = inner.take("file_id") {
                return Err(
                    id.fault("a file's id is known to its own provider alone; send it inline")
                );
            }
            let read = Part::Document {
                source: sources::read(&inner.must("file_data")?)?,
                name: inner.string("filename")?,
            };
            inner.rest(losses);
            read
        }
        "input_audio" => {
            let mut inner = fields.must("input_audio")?.fields()?;
            let read = Part::Audio(Source::Inline {
                media_type: format!("audio/{}", inner.must_string("format")?),
                base64: inner.must_string("data")?,
            });
            inner.rest(losses);
            read
        }
        _ => return Err(form.fault(ELSEWHERE)),
    };
    fields.rest(losses);
    Ok(read)
}
