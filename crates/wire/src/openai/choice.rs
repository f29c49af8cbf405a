//! Which tool may or must be called, in the words that OpenAI's two APIs share. It must not know
//! how a tool is named.

use crate::canonical::ToolChoice;
use crate::fault::BadRequest;
use crate::json::cursor::{Cursor, Kind};
use crate::json::fields::{Fields, Value};

/// Reads the choice. `allowed` finds the list of allowed tools in an object that holds one, and
/// `named` reads the name of a tool that is pointed at.
pub(crate) fn read<'a>(
    fields: &mut Fields<'a>,
    allowed: impl FnOnce(Fields<'a>) -> Result<Fields<'a>, BadRequest>,
    named: impl Fn(&Value<'a>) -> Result<String, BadRequest>,
) -> Result<Option<ToolChoice>, BadRequest> {
    let Some(choice) = fields.take("tool_choice") else {
        return Ok(None);
    };
    if choice.kind() == Kind::String {
        return match &*choice.string()? {
            "auto" => Ok(Some(ToolChoice::Auto)),
            "none" => Ok(Some(ToolChoice::None)),
            "required" => Ok(Some(ToolChoice::Any)),
            _ => Err(choice.fault("must be auto, none, required or an object")),
        };
    }
    let mut outer = choice.fields()?;
    if outer.must("type")?.string()? != "allowed_tools" {
        return Ok(Some(ToolChoice::Tool(named(&choice)?)));
    }
    let mut inner = allowed(outer)?;
    let mode = inner.must("mode")?;
    let is_required = match &*mode.string()? {
        "auto" => false,
        "required" => true,
        _ => return Err(mode.fault("must be auto or required")),
    };
    let names = inner.must("tools")?.elements()?;
    let names: Result<_, _> = names.iter().map(named).collect();
    Ok(Some(ToolChoice::Allowed {
        names: names?,
        is_required,
    }))
}

/// Tells whether a choice is `required` or an object of a type that names one tool.
pub(crate) fn is_forced(choice: &str, names_one: impl Fn(&str) -> bool) -> bool {
    let mut cursor = Cursor::over(choice);
    if cursor.kind().is_ok_and(|kind| kind != Kind::Object) {
        return choice == "\"required\"";
    }
    let mut is_one = false;
    let walked = cursor.object(|cursor, key| {
        let is_type = key == "type";
        let word = cursor.string_or_skip()?;
        is_one |= is_type && word.is_some_and(|word| names_one(&word));
        Ok(())
    });
    walked.is_ok() && is_one
}
