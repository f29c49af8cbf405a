//! The order of a conversation's turns, which every dialect judges alike. It must not know how a
//! dialect writes a turn, nor make up one that is missing.

use crate::canonical::{Message, Part, Request, Role};
use crate::fault::BadRequest;

/// Adds a turn; one of the same speaker continues the last.
pub(crate) fn push(messages: &mut Vec<Message>, role: Role, parts: Vec<Part>) {
    match messages.last_mut() {
        Some(last) if last.role == role => last.parts.extend(parts),
        _ => messages.push(Message { role, parts }),
    }
}

/// Checks what no other dialect could make good: an answer to be continued, and calls that the
/// next turn does not answer.
pub(crate) fn check(request: &Request) -> Result<(), BadRequest> {
    for (at, message) in request.messages.iter().enumerate() {
        if message.role != Role::Assistant {
            continue;
        }
        let next = request.messages.get(at + 1);
        let Some(next) = next.filter(|next| next.role != Role::Assistant) else {
            return Err(BadRequest::of(
                "messages",
                "the last turn is the assistant's; a model behind another API cannot continue \
                 it, so end with a user turn",
            ));
        };
        let answered = |id: &str| {
            let mut parts = next.parts.iter();
            parts.any(|part| matches!(part, Part::ToolResult(result) if result.id == id))
        };
        for part in &message.parts {
            if let Part::ToolUse(call) = part
                && !answered(&call.id)
            {
                return Err(BadRequest::of(
                    "messages",
                    format!(
                        "the tool call {:?} is not answered in the turn behind it; send its result",
                        call.id
                    ),
                ));
            }
        }
    }
    Ok(())
}
