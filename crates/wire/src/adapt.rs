//! Changing a request to what its model takes: parameters it refuses are left out, words and
//! numbers it does not know become ones that it does, and each change is named. What has no
//! faithful counterpart is an error. It must not know a model, nor any dialect's fields but by
//! its words.

pub(crate) mod canonical;
pub(crate) mod decide;
pub(crate) mod editor;
mod restrictions;
mod schema;
pub(crate) mod words;

use bytes::Bytes;

use crate::canonical::Request;
use crate::fault::{BadRequest, Loss};
use crate::peek::Features;

pub(crate) use decide::effort_of;
pub use restrictions::{NoThinking, Parameter, Refused, Restrictions, ToolEffort, When};
pub use words::Words;
pub(crate) use words::{Choice, Thoughts};

/// Adapts a body whose dialect has these words; every byte outside the changes stays. `features`
/// are what the peek at it found.
///
/// # Errors
/// The request asks for what the model refuses and nothing else can stand for.
pub fn adapt_body(
    words: &Words,
    body: &Bytes,
    features: &Features,
    restrictions: &Restrictions,
) -> Result<(Bytes, Vec<Loss>), BadRequest> {
    let mut editor = editor::Editor::read(body, &|path| words.lead_into(path))?;
    let asked = words.asked(&editor, features);
    let actions = decide::decide(asked, restrictions)?;
    let mut changes = Vec::new();
    for action in &actions {
        words.apply(&mut editor, action);
        changes.push(words.change(action));
    }
    if restrictions.closed_schemas {
        changes.extend(words.close_schema(&mut editor)?);
    }
    Ok((editor.finish(), changes))
}

/// Adapts a request in canonical form; the changes are named in the words of the dialect that it
/// came in, where that has any.
///
/// # Errors
/// The request asks for what the model refuses and nothing else can stand for.
pub fn adapt_request(
    request: &mut Request,
    restrictions: &Restrictions,
    words: Option<&Words>,
) -> Result<Vec<Loss>, BadRequest> {
    let words = words.unwrap_or(&words::CANONICAL);
    let asked = canonical::asked(request);
    let actions = decide::decide(asked, restrictions)?;
    let mut changes = Vec::new();
    for action in &actions {
        canonical::apply(request, action);
        changes.push(words.change(action));
    }
    if restrictions.closed_schemas {
        changes.extend(canonical::close_schema(request, words)?);
    }
    Ok(changes)
}

#[cfg(test)]
mod tests;
