//! A Messages request into the canonical form, judged by the version that it was asked under. It
//! must not know where it goes; what no other dialect could take is refused here by its field.

use crate::anthropic_messages::blocks::read_content;
use crate::anthropic_messages::vocabulary::refuses_sampling;
use crate::canonical::{
    Format, Json, Part, Request, Role, Sampling, ServiceTier, Stream, Thinking, Thoughts, Tool,
    ToolChoice, ToolInput, UsageChunk,
};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss};
use crate::json::fields::{Fields, Value};
use crate::turns;

/// Reads the body.
pub(super) fn decode(
    body: &[u8],
    version: Option<&str>,
) -> Result<Translated<Request>, BadRequest> {
    let mut fields = Value::parse(body)?.fields()?;
    let mut losses = Vec::new();
    let mut request = Request {
        model: fields.must_string("model")?,
        max_tokens: Some(max_tokens(&mut fields)?),
        system: system(&mut fields, &mut losses)?,
        tools: tools(&mut fields, &mut losses)?,
        stop: stop(&mut fields)?,
        sampling: sampling(&mut fields, version)?,
        service_tier: service_tier(&mut fields)?,
        user: user(&mut fields, &mut losses)?,
        ..Request::default()
    };
    thinking(&mut fields, &mut request, &mut losses)?;
    tool_choice(&mut fields, &mut request, &mut losses)?;
    output(&mut fields, &mut request, &mut losses)?;
    if fields.bool("stream")? == Some(true) {
        request.stream = Stream::Events(UsageChunk::Show);
    }
    for message in fields.must("messages")?.elements()? {
        read_message(&message, version, &mut request, &mut losses)?;
    }
    fields.rest(&mut losses);
    Ok(Translated {
        value: request,
        losses,
    })
}

fn max_tokens(fields: &mut Fields<'_>) -> Result<u64, BadRequest> {
    let most = fields.must("max_tokens")?;
    match most.whole()? {
        0 => Err(most.fault("0 warms a cache, which a model behind another API has not")),
        most => Ok(most),
    }
}

fn texts(content: &Value<'_>, losses: &mut Vec<Loss>) -> Result<Vec<String>, BadRequest> {
    let parts = read_content(content, losses)?;
    let text = |part| match part {
        Part::Text(text) => Ok(text),
        _ => Err(content.fault("must be text")),
    };
    parts.into_iter().map(text).collect()
}

fn system(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Vec<String>, BadRequest> {
    let system = fields.take("system");
    system.map_or(Ok(Vec::new()), |system| texts(&system, losses))
}

fn stop(fields: &mut Fields<'_>) -> Result<Vec<String>, BadRequest> {
    let texts = fields.elements("stop_sequences")?;
    let texts = texts.iter().map(|text| Ok(text.string()?.into_owned()));
    texts.collect()
}

fn sampling(fields: &mut Fields<'_>, version: Option<&str>) -> Result<Sampling, BadRequest> {
    let mut number = |key: &str| -> Result<Option<Json>, BadRequest> {
        let Some(value) = fields.take(key) else {
            return Ok(None);
        };
        if refuses_sampling(version) {
            return Err(value.fault("Extra inputs are not permitted under this anthropic-version"));
        }
        Ok(Some(Json(value.number()?.to_owned())))
    };
    Ok(Sampling {
        temperature: number("temperature")?,
        top_p: number("top_p")?,
        top_k: number("top_k")?,
        ..Sampling::default()
    })
}

fn thinking(
    fields: &mut Fields<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let Some(mut thinking) = fields.fields("thinking")? else {
        return Ok(());
    };
    let form = thinking.must("type")?;
    request.thinking = Some(match &*form.string()? {
        "disabled" => Thinking::Disabled,
        "adaptive" => Thinking::Adaptive,
        "enabled" => Thinking::Budget(thinking.must("budget_tokens")?.whole()?),
        _ => return Err(form.fault("must be enabled, adaptive or disabled")),
    });
    if let Some(display) = thinking.take("display") {
        request.thoughts = Some(match &*display.string()? {
            "omitted" => Thoughts::Omitted,
            "summarized" => Thoughts::Told,
            _ => return Err(display.fault("must be summarized or omitted")),
        });
    }
    thinking.rest(losses);
    Ok(())
}

fn service_tier(fields: &mut Fields<'_>) -> Result<Option<ServiceTier>, BadRequest> {
    let word = fields.string("service_tier")?;
    Ok(word.map(|word| match word.as_str() {
        "auto" => ServiceTier::Auto,
        "standard_only" => ServiceTier::Standard,
        _ => ServiceTier::Other(word),
    }))
}

fn user(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Option<String>, BadRequest> {
    let Some(mut metadata) = fields.fields("metadata")? else {
        return Ok(None);
    };
    let user = metadata.string("user_id")?;
    metadata.rest(losses);
    Ok(user)
}

fn tools(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Vec<Tool>, BadRequest> {
    let mut tools = Vec::new();
    for tool in fields.elements("tools")? {
        let mut inner = tool.fields()?;
        if let Some(form) = inner.take("type")
            && form.string()? != "custom"
        {
            return Err(form.fault(
                "a tool that the provider runs cannot be carried to a model behind another API",
            ));
        }
        let schema = inner.take("input_schema");
        tools.push(Tool {
            name: inner.must_string("name")?,
            description: inner.string("description")?,
            input: ToolInput::Json {
                schema: schema.map(|schema| Json(schema.raw().to_owned())),
                strict: inner.bool("strict")?,
            },
        });
        inner.rest(losses);
    }
    Ok(tools)
}

fn tool_choice(
    fields: &mut Fields<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let Some(mut choice) = fields.fields("tool_choice")? else {
        return Ok(());
    };
    let form = choice.must("type")?;
    request.tool_choice = Some(match &*form.string()? {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Any,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Tool(choice.must_string("name")?),
        _ => return Err(form.fault("must be auto, any, none or tool")),
    });
    let single = choice.bool("disable_parallel_tool_use")?;
    request.parallel_tools = single.map(|single| !single);
    choice.rest(losses);
    Ok(())
}

fn output(
    fields: &mut Fields<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let Some(mut config) = fields.fields("output_config")? else {
        return Ok(());
    };
    request.effort = config.string("effort")?;
    if let Some(mut format) = config.fields("format")? {
        let form = format.must("type")?;
        if form.string()? != "json_schema" {
            return Err(form.fault("must be json_schema"));
        }
        // The API always holds the answer to the schema; elsewhere that must be asked for.
        request.format = Some(Format::Schema {
            name: None,
            description: None,
            schema: Json(format.must("schema")?.raw().to_owned()),
            strict: Some(true),
        });
        format.rest(losses);
    }
    config.rest(losses);
    Ok(())
}

fn read_message(
    message: &Value<'_>,
    version: Option<&str>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let mut fields = message.fields()?;
    let role = fields.must("role")?;
    let content = fields.must("content")?;
    let parts = read_content(&content, losses)?;
    let has_document = parts
        .iter()
        .any(|part| matches!(part, Part::Document { .. }));
    let is_cited = parts.iter().any(Part::is_remark);
    let speaker = match &*role.string()? {
        "user" if is_cited && refuses_sampling(version) => {
            return Err(content.fault("citations may not stand in a user's turn"));
        }
        "user" => Role::User,
        "assistant" if has_document && refuses_sampling(version) => {
            return Err(content.fault("a document may not stand in an assistant's turn"));
        }
        "assistant" => Role::Assistant,
        "system" => Role::System,
        _ => return Err(role.fault("must be user, assistant or system")),
    };
    turns::push(&mut request.messages, speaker, parts);
    fields.rest(losses);
    Ok(())
}
