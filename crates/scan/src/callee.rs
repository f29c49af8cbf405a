//! Which wire API a call speaks, by what is called. It must not know what the call is given.

use crate::place::{Around, Place};

/// Says how a client sends what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sends {
    /// As it is written.
    AsWritten,
    /// Renamed or left out by what it knows of the model.
    Adapted,
}

/// Holds a row: the end of what is called, in small letters without `_`.
struct Row {
    ends: &'static [&'static str],
    dialect: &'static str,
    sends: Sends,
}

/// What is called, by the wire API that it speaks. The longest end that fits counts.
const ROWS: [Row; 8] = [
    Row {
        ends: &[
            "messages.create",
            "messages.stream",
            "messages.new",
            "messages.newstreaming",
            "messages.parse",
            "messages.counttokens",
            "messages.toolrunner",
            "messagenewparams",
            "messagecreateparams",
            "messagecreateparams.builder",
            "createmessagerequest",
            "messagesrequest",
        ],
        dialect: "anthropic-messages",
        sends: Sends::AsWritten,
    },
    Row {
        ends: &[
            "chatanthropic",
            "anthropicchatmodel.builder",
            "createanthropic",
            "anthropic.new",
        ],
        dialect: "anthropic-messages",
        sends: Sends::Adapted,
    },
    Row {
        ends: &[
            "chat.completions.create",
            "chat.completions.parse",
            "chat.completions.stream",
            "chat.completions.runtools",
            "chat.completions.new",
            "chat.completions.newstreaming",
            "chat.create",
            "chat.createstream",
            "chatcompletion.create",
            "chatcompletion.acreate",
            "createchatcompletion",
            "createchatcompletionstream",
            "chatcompletionrequest",
            "chatcompletionnewparams",
            "chatcompletioncreateparams",
            "chatcompletioncreateparams.builder",
            "createchatcompletionrequest",
            "createchatcompletionrequestargs.default",
        ],
        dialect: "openai-chat",
        sends: Sends::AsWritten,
    },
    Row {
        ends: &[
            "chatopenai",
            "azurechatopenai",
            "openaichatmodel.builder",
            "openai.chat",
            "litellm.completion",
            "litellm.acompletion",
            "completion",
            "acompletion",
            "chatlitellm",
            "openaichatmodel",
        ],
        dialect: "openai-chat",
        sends: Sends::Adapted,
    },
    Row {
        ends: &[
            "responses.create",
            "responses.parse",
            "responses.stream",
            "responses.new",
            "responses.newstreaming",
            "responsenewparams",
            "responsecreateparams",
            "responsecreateparams.builder",
            "createresponseargs.default",
            "createresponse",
        ],
        dialect: "openai-responses",
        sends: Sends::AsWritten,
    },
    Row {
        ends: &[
            "openai.responses",
            "openairesponsesmodel",
            "litellm.responses",
        ],
        dialect: "openai-responses",
        sends: Sends::Adapted,
    },
    Row {
        ends: &[
            "models.generatecontent",
            "models.generatecontentstream",
            "generatecontent",
            "generatecontentstream",
            "generativemodel",
            "getgenerativemodel",
            "chats.create",
        ],
        dialect: "gemini",
        sends: Sends::AsWritten,
    },
    Row {
        ends: &[
            "chatgooglegenerativeai",
            "chatvertexai",
            "googleaigeminichatmodel.builder",
        ],
        dialect: "gemini",
        sends: Sends::Adapted,
    },
];

/// Tells the wire API that is called around a place, in the facts' word, where that can be seen.
#[must_use]
pub fn dialect(place: &Place) -> Option<&'static str> {
    spoken(place).map(|(dialect, _)| dialect)
}

/// Tells the wire API and how the client sends what it is given.
pub(crate) fn spoken(place: &Place) -> Option<(&'static str, Sends)> {
    let callees = place.around.iter().filter_map(|around| match around {
        Around::Argument { callee, .. } => Some(callee),
        _ => None,
    });
    let row = callees.map(|callee| row(callee)).find(Option::is_some)??;
    Some((row.dialect, row.sends))
}

fn row(callee: &str) -> Option<&'static Row> {
    let path = path(callee);
    let fits = |end: &str| {
        let front = path.strip_suffix(end);
        front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
    };
    let longest = |row: &&Row| {
        let ends = row.ends.iter().filter(|end| fits(end));
        ends.map(|end| end.len()).max()
    };
    let rows = ROWS.iter().filter(|row| longest(row).is_some());
    rows.max_by_key(longest)
}

/// Writes what is called as small letters and dots, without arguments and type parameters.
fn path(callee: &str) -> String {
    let mut depth = 0_usize;
    let mut path = String::with_capacity(callee.len());
    for one in callee.chars() {
        match one {
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            ':' | '?' | '!' | '.' if path.ends_with('.') => {}
            ':' | '?' | '!' | '.' => path.push('.'),
            one if one.is_ascii_alphanumeric() => path.push(one.to_ascii_lowercase()),
            _ => {}
        }
    }
    path.trim_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
