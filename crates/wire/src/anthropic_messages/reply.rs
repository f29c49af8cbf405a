//! Unstreamed Messages answers, both ways. It must not know the other dialect.

use crate::anthropic_messages::blocks::{is_empty, object, read_block, write_block};
use crate::anthropic_messages::vocabulary::{
    Counts, lost_stop, malformed, stop, write_stop, write_usage,
};
use crate::canonical::{Part, Reply};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss, Malformed};
use crate::json::cursor::Cursor;
use crate::json::fields::Value;
use crate::json::write::Writer;

/// Reads an answer.
pub(super) fn decode(body: &[u8]) -> Result<Translated<Reply>, Malformed> {
    read(body).map_err(|fault| malformed(fault.to_string()))
}

fn read(body: &[u8]) -> Result<Translated<Reply>, BadRequest> {
    let mut fields = Value::parse(body)?.fields()?;
    let mut losses = Vec::new();
    let mut reply = Reply {
        id: fields.string("id")?.unwrap_or_default(),
        model: fields.string("model")?.unwrap_or_default(),
        ..Reply::default()
    };
    for block in fields.must("content")?.elements()? {
        match read_block(&block, &mut losses)? {
            Some(part) if is_empty(&part) => {}
            Some(part) => reply.parts.push(part),
            None => losses.push(Loss::new(
                block.path(),
                "the client's API has no such block",
            )),
        }
    }
    reply.stop = stop(&mut fields, &mut losses)?.unwrap_or_default();
    if let Some(usage) = fields.take("usage") {
        let mut counts = Counts::default();
        let read = counts.read(&mut Cursor::over(usage.raw()));
        reply.usage = read.ok().and_then(|()| counts.usage());
    }
    for name in ["type", "role"] {
        drop(fields.take(name));
    }
    fields.rest(&mut losses);
    Ok(Translated {
        value: reply,
        losses,
    })
}

/// Writes an answer.
pub(super) fn encode(reply: &Reply) -> Translated<Vec<u8>> {
    let mut losses: Vec<_> = lost_stop(&reply.stop).into_iter().collect();
    let mut out = Writer::new();
    out.object(|out| {
        out.key("id").string(&reply.id);
        out.key("type").string("message");
        out.key("role").string("assistant");
        out.key("model").string(&reply.model);
        out.key("content").array(|out| {
            for (at, part) in reply.parts.iter().enumerate() {
                if let Part::ToolUse(call) = part
                    && object(&call.arguments).is_none()
                {
                    let why = "the arguments are no whole object and stand as text";
                    losses.push(Loss::new(format!("tool_calls[{at}]"), why));
                }
                write_block(part, &mut str::to_owned, out);
            }
        });
        write_stop(out, &reply.stop);
        write_usage(out.key("usage"), &reply.usage.unwrap_or_default());
    });
    Translated {
        value: out.finish(),
        losses,
    }
}
