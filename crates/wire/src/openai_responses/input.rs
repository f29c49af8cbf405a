//! The items of a Responses request into turns. It must not know what else the request says.

use crate::canonical::{CallForm, Part, Request, Role, ToolResult};
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::Kind;
use crate::json::fields::{Fields, Value};
use crate::openai_responses::content::{self, ELSEWHERE};
use crate::openai_responses::reasoning::{self, Told};
use crate::openai_responses::tools;
use crate::sealed::Sealed;
use crate::turns;

/// Reads the items one after the other.
struct Items<'r> {
    request: &'r mut Request,
    /// What an item before a call holds for it.
    call_seal: Option<(Sealed, String)>,
}

/// Reads the input: a text, or items.
pub(super) fn read(
    input: &Value<'_>,
    request: &mut Request,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    if input.kind() == Kind::String {
        let text = Part::Text(input.string()?.into_owned());
        turns::push(&mut request.messages, Role::User, vec![text]);
        return Ok(());
    }
    let mut items = Items {
        request,
        call_seal: None,
    };
    for item in &input.elements()? {
        items.item(item, losses)?;
    }
    items.drop_seal(losses);
    Ok(())
}

impl Items<'_> {
    fn item(&mut self, item: &Value<'_>, losses: &mut Vec<Loss>) -> Result<(), BadRequest> {
        let mut fields = item.fields()?;
        let form = fields.take("type");
        let word = form.as_ref().map(Value::string).transpose()?;
        match word.as_deref() {
            None | Some("message") => self.message(&mut fields, losses)?,
            Some("reasoning") => {
                match reasoning::read(item, losses)? {
                    Told::Thoughts(part) => self.say(vec![part]),
                    Told::Call(sealed) => {
                        self.drop_seal(losses);
                        self.call_seal = Some((sealed, item.path().to_owned()));
                    }
                    Told::Nothing => {}
                }
                return Ok(());
            }
            Some("function_call") => self.call(CallForm::Json, &mut fields)?,
            Some("custom_tool_call") => self.call(CallForm::Text, &mut fields)?,
            Some("function_call_output" | "custom_tool_call_output") => {
                self.output(&mut fields, losses)?;
            }
            Some("additional_tools") => {
                let list = fields.elements("tools")?;
                tools::read(&list, &mut self.request.tools, losses)?;
                let why = "its tools stand with the others, for the whole conversation";
                losses.push(Loss::new(item.path(), why));
                for name in ["role", "id"] {
                    drop(fields.take(name));
                }
            }
            Some("item_reference") => return Err(reference(&fields)),
            Some(other) => {
                let why = format!("the item {other:?} {ELSEWHERE}");
                return Err(BadRequest::of(fields.path_of("type"), why));
            }
        }
        fields.rest(losses);
        Ok(())
    }

    /// Names what was held for a call that did not come.
    fn drop_seal(&mut self, losses: &mut Vec<Loss>) {
        if let Some((_, path)) = self.call_seal.take() {
            losses.push(Loss::new(path, "belongs to a call that is not there"));
        }
    }

    fn say(&mut self, parts: Vec<Part>) {
        turns::push(&mut self.request.messages, Role::Assistant, parts);
    }

    fn call(&mut self, form: CallForm, fields: &mut Fields<'_>) -> Result<(), BadRequest> {
        let mut call = tools::read_call(form, fields)?;
        call.signature = self.call_seal.take().map(|(sealed, _)| sealed);
        self.say(vec![Part::ToolUse(call)]);
        Ok(())
    }

    fn output(
        &mut self,
        fields: &mut Fields<'_>,
        losses: &mut Vec<Loss>,
    ) -> Result<(), BadRequest> {
        // What the call was is said by the call.
        for name in ["id", "status", "name", "namespace"] {
            drop(fields.take(name));
        }
        let result = ToolResult {
            id: fields.must_string("call_id")?,
            parts: content::read(&fields.must("output")?, losses)?,
            failed: false,
        };
        let result = vec![Part::ToolResult(result)];
        turns::push(&mut self.request.messages, Role::User, result);
        Ok(())
    }

    fn message(
        &mut self,
        fields: &mut Fields<'_>,
        losses: &mut Vec<Loss>,
    ) -> Result<(), BadRequest> {
        let Some(role) = fields.take("role") else {
            // A reference may leave out its type; every other item has one, or a role.
            return Err(reference(fields));
        };
        // Names and states that a provider gave to its own messages.
        for name in ["id", "status"] {
            drop(fields.take(name));
        }
        let parts = content::read(&fields.must("content")?, losses)?;
        match &*role.string()? {
            "system" | "developer" if self.request.messages.is_empty() => {
                let texts = parts.into_iter().filter_map(|part| match part {
                    Part::Text(text) => Some(text),
                    _ => None,
                });
                self.request.system.extend(texts);
            }
            "system" | "developer" => {
                turns::push(&mut self.request.messages, Role::System, parts);
            }
            "user" => turns::push(&mut self.request.messages, Role::User, parts),
            "assistant" => self.say(parts),
            _ => return Err(role.fault("must be user, assistant, system or developer")),
        }
        Ok(())
    }
}

fn reference(fields: &Fields<'_>) -> BadRequest {
    let why = "a reference is known to its own provider alone; send the item itself";
    BadRequest::of(fields.path_of("id"), why)
}
