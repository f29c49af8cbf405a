//! A request in the words of the model that is asked: its own bytes with the permitted edits, or
//! translated. It must not send anything, nor choose the model.

use std::time::Instant;

use bytes::Bytes;
use domain::Model;
use http::HeaderMap;
use wire::{AskUsage, Dialect, Edits, Loss, Peek, Target as WireTarget, ToolNames};

use crate::adapt;
use crate::bonds::Bond;
use crate::config::Translation;
use crate::error::{Class, Error};

/// What a dialect that must name a limit asks for, where neither the caller nor the model does.
const DEFAULT_MAX_TOKENS: u64 = 4096;

/// Holds a request that is ready to be sent.
#[derive(Clone, Copy)]
pub struct Ready<'r> {
    /// The caller's dialect.
    pub dialect: &'static dyn Dialect,
    /// The variable segment of the path that the caller asked.
    pub call: Option<&'r str>,
    /// The caller's body.
    pub body: &'r Bytes,
    /// What was read of it.
    pub peek: &'r Peek<'r>,
    /// The caller's headers.
    pub headers: &'r HeaderMap,
    /// The caller's query.
    pub query: Option<&'r str>,
    /// The model that the conversation is on, where it is under way and remembered.
    pub bond: Option<Bond>,
    /// Whether the request is changed to what its model takes.
    pub adapt: bool,
    /// When the request came.
    pub started: Instant,
}

/// Holds a request in the words of a model's provider.
pub struct Prepared {
    /// The body.
    pub body: Bytes,
    /// Whether the provider speaks the caller's dialect.
    pub is_same_dialect: bool,
    /// Tools that had to be renamed.
    pub tool_names: ToolNames,
    /// Paths of what the request lost.
    pub lossy: Vec<String>,
    /// Paths of what was changed to what the model takes.
    pub adapted: Vec<String>,
    /// Whether there are thoughts left in it that another model may have made.
    pub has_thoughts: bool,
    /// The messages below this number went without their thoughts.
    pub cut_below: u32,
}

/// Prepares a request for one model; the thoughts in the messages below `cut_below` are another's.
///
/// # Errors
/// Fails where the model's dialect cannot say the request, and where it would lose something and
/// nothing may be lost.
pub fn prepare(
    model: &Model,
    speaks: &'static dyn Dialect,
    ready: Ready<'_>,
    translation: Translation,
    cut_below: u32,
) -> Result<Prepared, Error> {
    let fixed: Vec<(String, String)> = model
        .params
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    if speaks.name() == ready.dialect.name() {
        let edits = Edits {
            model: Some(&model.id),
            usage: AskUsage::Always,
            fixed: &fixed,
        };
        return passed_on(model, speaks, ready, (translation, &edits), cut_below);
    }
    let header = ready.dialect.version_header();
    let version = header.and_then(|header| ready.headers.get(header)?.to_str().ok());
    let decoded = ready.dialect.decode_request(ready.body, version);
    let mut decoded = decoded.map_err(unfit)?;
    let request = &mut decoded.value;
    ready.peek.complete(request);
    let mut losses = decoded.losses;
    // Turns are not counted alike in two dialects, so all go or none.
    let is_cut = cut_below > 0 && request.has_thoughts_of(speaks.name());
    if is_cut {
        losses.extend(request.cut_thoughts_of(speaks.name()));
    }
    let adapted = if ready.adapt {
        adapt::request(model, speaks, ready.dialect, request)?
    } else {
        Vec::new()
    };
    let target = WireTarget {
        model: &model.id,
        default_max_tokens: model.limits.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
        version: None,
        fixed: &fixed,
    };
    let encoded = speaks.encode_request(request, &target).map_err(unfit)?;
    losses.extend(encoded.losses);
    Ok(Prepared {
        body: encoded.body,
        is_same_dialect: false,
        tool_names: encoded.tool_names,
        lossy: told(losses, translation)?,
        adapted,
        has_thoughts: request.has_thoughts_of(speaks.name()),
        cut_below: if is_cut { u32::MAX } else { 0 },
    })
}

/// Prepares a request for a provider of its own dialect: its bytes with the permitted edits.
fn passed_on(
    model: &Model,
    speaks: &'static dyn Dialect,
    ready: Ready<'_>,
    (translation, edits): (Translation, &Edits<'_>),
    cut_below: u32,
) -> Result<Prepared, Error> {
    let thoughts = ready.peek.features.thoughts > 0;
    let is_cut = thoughts && cut_below > 0;
    let stripped = is_cut.then(|| speaks.without_thoughts(ready.body, cut_below));
    let (edited, losses) = match stripped.flatten() {
        None => (speaks.edit(ready.body, ready.peek, edits), Vec::new()),
        Some(stripped) => {
            let peek = speaks.peek(&stripped.body, ready.call).map_err(unfit)?;
            (speaks.edit(&stripped.body, &peek, edits), stripped.losses)
        }
    };
    let said = (ready.headers, &ready.peek.features);
    let (body, adapted) = if ready.adapt {
        adapt::body(model, speaks, said, edited)?
    } else {
        (edited, Vec::new())
    };
    Ok(Prepared {
        body,
        is_same_dialect: true,
        tool_names: ToolNames::default(),
        lossy: told(losses, translation)?,
        adapted,
        has_thoughts: thoughts && cut_below != u32::MAX,
        cut_below: if is_cut { cut_below } else { 0 },
    })
}

/// Lists what was lost, or refuses it where nothing may be.
fn told(losses: Vec<Loss>, translation: Translation) -> Result<Vec<String>, Error> {
    match (translation, losses.first()) {
        (Translation::Strict, Some(loss)) => {
            Err(unfit(wire::BadRequest::of(&loss.path, &loss.why)))
        }
        _ => Ok(losses.into_iter().map(|loss| loss.path).collect()),
    }
}

fn unfit(fault: wire::BadRequest) -> Error {
    Error {
        class: Class::Untranslatable,
        ..Error::bad_request(fault)
    }
}
