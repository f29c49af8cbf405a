//! What a request asks of the answer, both ways: limits, sampling, thinking, form. It must not know
//! the conversation.

use crate::canonical::{Format, Json, Request, ServiceTier, Thinking, Thoughts};
use crate::fault::{BadRequest, Loss};
use crate::gemini::names::Names;
use crate::gemini::schema;
use crate::gemini::vocabulary::{ELSEWHERE, service_tier, tier_word};
use crate::json::fields::Value;
use crate::json::write::Writer;

/// Limits the stop sequences of one request.
const MAX_STOPS: usize = 5;

/// Pairs the levels of thinking with the efforts of other dialects.
const LEVELS: [(&str, &str); 5] = [
    ("minimal", "MINIMAL"),
    ("low", "LOW"),
    ("medium", "MEDIUM"),
    ("high", "HIGH"),
    ("xhigh", "XHIGH"),
];

/// Reads the settings.
pub(super) fn read(
    names: &mut Names<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    for name in ["cachedContent", "continuationToken"] {
        if let Some(value) = names.take(name) {
            return Err(value.fault(ELSEWHERE));
        }
    }
    let tier = names.string("serviceTier")?;
    request.service_tier = tier.as_deref().map(service_tier);
    if let Some(labels) = names.take("labels") {
        request.metadata = labels.fields()?.pairs()?;
    }
    let Some(mut config) = names.names("generationConfig")? else {
        return Ok(());
    };
    refuse(&mut config)?;
    let number = |value: Value<'_>| value.number().map(|text| Json(text.to_owned()));
    let sampling = &mut request.sampling;
    for (name, place) in [
        ("temperature", &mut sampling.temperature),
        ("topP", &mut sampling.top_p),
        ("topK", &mut sampling.top_k),
        ("presencePenalty", &mut sampling.presence_penalty),
        ("frequencyPenalty", &mut sampling.frequency_penalty),
        ("seed", &mut sampling.seed),
    ] {
        *place = config.take(name).map(number).transpose()?;
    }
    request.max_tokens = config.whole("maxOutputTokens")?;
    for text in config.elements("stopSequences")? {
        request.stop.push(text.string()?.into_owned());
    }
    let most = config.whole("logprobs")?;
    if config.bool("responseLogprobs")? == Some(true) {
        request.logprobs = Some(most.unwrap_or(0));
    }
    request.format = format(&mut config)?;
    thinking(&mut config, request, losses)?;
    config.rest(losses);
    Ok(())
}

/// Refuses what changes the answer's form or cost and has no counterpart.
fn refuse(config: &mut Names<'_>) -> Result<(), BadRequest> {
    let count = config.take("candidateCount");
    if let Some(count) = count.filter(|count| count.raw() != "1") {
        return Err(count.fault(ELSEWHERE));
    }
    for modality in config.elements("responseModalities")? {
        if !modality.string()?.eq_ignore_ascii_case("text") {
            return Err(modality.fault(ELSEWHERE));
        }
    }
    match config.take("responseFormat") {
        Some(format) => Err(format.fault(ELSEWHERE)),
        None => Ok(()),
    }
}

fn format(config: &mut Names<'_>) -> Result<Option<Format>, BadRequest> {
    let own = config.take("responseSchema");
    let schema = match (config.take("responseJsonSchema"), &own) {
        (Some(_), Some(own)) => {
            return Err(own.fault("is given beside responseJsonSchema; keep one"));
        }
        (Some(schema), None) => Some(Json(schema.raw().to_owned())),
        (None, own) => own.as_ref().map(|own| Json(schema::rewrite(own.raw()))),
    };
    let form = config.take("responseMimeType");
    if let Some(form) = &form
        && !matches!(&*form.string()?, "application/json" | "text/plain" | "")
    {
        return Err(form.fault(ELSEWHERE));
    }
    let is_json = form.is_some_and(|form| form.raw() == "\"application/json\"");
    Ok(match schema {
        Some(schema) => Some(Format::Schema {
            name: None,
            description: None,
            schema,
            strict: None,
        }),
        None => is_json.then_some(Format::JsonObject),
    })
}

fn thinking(
    config: &mut Names<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let Some(mut thinking) = config.names("thinkingConfig")? else {
        return Ok(());
    };
    if let Some(budget) = thinking.take("thinkingBudget") {
        request.thinking = Some(match budget.raw().trim_matches('"') {
            "0" => Thinking::Disabled,
            "-1" => Thinking::Adaptive,
            most => Thinking::Budget(
                most.parse()
                    .map_err(|_| budget.fault("must be a whole number, or -1"))?,
            ),
        });
    }
    if let Some(level) = thinking.take("thinkingLevel") {
        let word = level.string()?.to_ascii_lowercase();
        if word != "thinking_level_unspecified" {
            request.effort = Some(word);
        }
    }
    request.thoughts = match thinking.bool("includeThoughts")? {
        None => None,
        Some(true) => Some(Thoughts::Told),
        Some(false) => Some(Thoughts::Omitted),
    };
    thinking.rest(losses);
    Ok(())
}

/// Writes the settings.
pub(super) fn write(
    request: &Request,
    losses: &mut Vec<Loss>,
    out: &mut Writer,
) -> Result<(), BadRequest> {
    if request.stop.len() > MAX_STOPS {
        return Err(BadRequest::of(
            "stop",
            format!("the model's API takes at most {MAX_STOPS} stop sequences"),
        ));
    }
    let mut config = Writer::new();
    config.object(|out| {
        write_sampling(request, out);
        write_format(request, losses, out);
        write_thinking(request, losses, out);
    });
    let config = String::from_utf8(config.finish()).unwrap_or_default();
    if config != "{}" {
        out.key("generationConfig").raw(&config);
    }
    out.string_field("serviceTier", request.service_tier.as_ref().and_then(queue));
    lose_rest(request, losses);
    Ok(())
}

/// Names a queue to be asked for; what the account's settings say needs no word.
fn queue(tier: &ServiceTier) -> Option<&'static str> {
    tier_word(tier).filter(|word| *word != "unspecified")
}

fn lose_rest(request: &Request, losses: &mut Vec<Loss>) {
    let is_foreign = matches!(request.service_tier, Some(ServiceTier::Other(_)));
    for (is_set, path) in [
        (is_foreign, "service_tier"),
        (request.user.is_some(), "user"),
        (!request.metadata.is_empty(), "metadata"),
        (request.cache_key.is_some(), "prompt_cache_key"),
        (request.verbosity.is_some(), "verbosity"),
    ] {
        if is_set {
            losses.push(Loss::new(path, "the model's API has no such parameter"));
        }
    }
}

fn write_sampling(request: &Request, out: &mut Writer) {
    let sampling = &request.sampling;
    if let Some(most) = request.max_tokens {
        out.key("maxOutputTokens").number(most);
    }
    if !request.stop.is_empty() {
        out.key("stopSequences").array(|out| {
            for text in &request.stop {
                out.string(text);
            }
        });
    }
    for (name, value) in [
        ("temperature", &sampling.temperature),
        ("topP", &sampling.top_p),
        ("topK", &sampling.top_k),
        ("presencePenalty", &sampling.presence_penalty),
        ("frequencyPenalty", &sampling.frequency_penalty),
        ("seed", &sampling.seed),
    ] {
        out.raw_field(name, value.as_ref().map(|value| value.0.as_str()));
    }
    if let Some(most) = request.logprobs {
        out.key("responseLogprobs").bool(true);
        if most > 0 {
            out.key("logprobs").number(most);
        }
    }
}

/// Writes the answer's form. A schema's name is a label without effect, so its absence here is no
/// loss; it is always followed.
fn write_format(request: &Request, losses: &mut Vec<Loss>, out: &mut Writer) {
    let Some(format) = &request.format else {
        return;
    };
    out.key("responseMimeType").string("application/json");
    let Format::Schema {
        description,
        schema,
        strict,
        ..
    } = format
    else {
        return;
    };
    out.key("responseJsonSchema").raw(&schema.0);
    if description.is_some() {
        let path = "response_format.json_schema.description";
        losses.push(Loss::new(path, "has no field"));
    }
    if *strict == Some(false) {
        let path = "response_format.json_schema.strict";
        losses.push(Loss::new(path, "is always so here"));
    }
}

/// Writes the thinking. The API refuses a level beside a budget.
fn write_thinking(request: &Request, losses: &mut Vec<Loss>, out: &mut Writer) {
    let (level, budget) = level_or_budget(request, losses);
    let told = match request.thoughts {
        Some(Thoughts::Omitted) => Some(false),
        Some(Thoughts::Told) => Some(true),
        Some(Thoughts::Concise | Thoughts::Detailed) => {
            let why = "how long the thoughts are told cannot be chosen";
            losses.push(Loss::new("reasoning.summary", why));
            Some(true)
        }
        // Who asks for thoughts elsewhere is shown them; here that takes a word of its own.
        None => matches!(
            request.thinking,
            Some(Thinking::Adaptive | Thinking::Budget(_))
        )
        .then_some(true),
    };
    if level.is_none() && budget.is_none() && told.is_none() {
        return;
    }
    out.key("thinkingConfig").object(|out| {
        out.string_field("thinkingLevel", level);
        out.raw_field("thinkingBudget", budget.as_deref());
        if let Some(told) = told {
            out.key("includeThoughts").bool(told);
        }
    });
}

fn level_or_budget(
    request: &Request,
    losses: &mut Vec<Loss>,
) -> (Option<&'static str>, Option<String>) {
    let effort = request.effort.as_deref();
    let level = LEVELS.iter().find(|(known, _)| Some(*known) == effort);
    let level = level.map(|(_, level)| *level);
    let mut lose = |path: &str, why: &str| losses.push(Loss::new(path, why));
    match (request.thinking, effort) {
        (Some(Thinking::Disabled), _) => {
            if effort.is_some_and(|effort| effort != "none") {
                lose("reasoning_effort", "there is no effort without thinking");
            }
            (None, Some("0".to_owned()))
        }
        (None, Some("none")) => (None, Some("0".to_owned())),
        (None, None) => (None, None),
        (Some(Thinking::Adaptive), None) => (None, Some("-1".to_owned())),
        (Some(Thinking::Budget(most)), None) => (None, Some(most.to_string())),
        (thinking, Some(effort)) => {
            if matches!(thinking, Some(Thinking::Budget(_))) {
                lose("thinking.budget_tokens", "the effort takes its place");
            }
            if effort == "max" {
                lose("reasoning_effort", "max became xhigh");
                return (Some("XHIGH"), None);
            }
            if level.is_none() {
                lose("reasoning_effort", "the model's API has no such level");
            }
            (level, None)
        }
    }
}
