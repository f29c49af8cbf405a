//! What a written conversation holds: a turn that the request begins for the model, a system text
//! in the middle, thoughts, images. It must not guess at turns that are not written.

use domain::Feature;

use super::entry::{Entry, Read, plain_name};
use super::readers::list;
use crate::literal::{Literal, read as literal};
use crate::pairs::{elements, flatten, last_group};

/// Says whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    System,
    User,
    Model,
    /// Not written here: a variable, turns that are spread.
    Open,
}

/// What SDKs call the message of one side, at the end of a constructor's name.
const CONSTRUCTORS: [(&str, Turn); 9] = [
    ("aimessage", Turn::Model),
    ("assistantmessage", Turn::Model),
    ("assistantchatmessage", Turn::Model),
    ("assistantmessageparam", Turn::Model),
    ("systemmessage", Turn::System),
    ("developermessage", Turn::System),
    ("humanmessage", Turn::User),
    ("usermessage", Turn::User),
    ("userchatmessage", Turn::User),
];

/// Types of parts that mean a feature.
const PARTS: [(&str, Feature); 5] = [
    ("image", Feature::Images),
    ("image_url", Feature::Images),
    ("input_image", Feature::Images),
    ("thinking", Feature::ThinkingHistory),
    ("redacted_thinking", Feature::ThinkingHistory),
];

pub(super) fn read(entry: &Entry<'_>) -> Vec<Read> {
    let messages = list(entry.value);
    let turns: Vec<Turn> = messages.iter().map(|message| turn(message)).collect();
    let mut found = Vec::new();
    if turns.last() == Some(&Turn::Model) {
        found.push((Feature::Prefill, None));
    }
    let begun = turns.iter().skip_while(|turn| **turn == Turn::System);
    if begun.clone().any(|turn| *turn == Turn::System) && !turns.contains(&Turn::Open) {
        found.push((Feature::MidSystem, None));
    }
    for (message, turn) in messages.iter().zip(&turns) {
        found.extend(parts(message, *turn));
    }
    found
}

fn parts(message: &str, turn: Turn) -> Vec<Read> {
    let pairs = flatten("", message);
    let mut found = Vec::new();
    for pair in &pairs {
        let name = pair.name.rsplit('.').next().unwrap_or_default();
        let Literal::Word(word) = literal(pair.value) else {
            if name == "citations" && turn == Turn::User && last_group(pair.value).is_some() {
                found.push((Feature::UserCitations, None));
            }
            continue;
        };
        if name != "type" {
            continue;
        }
        let known = PARTS.iter().find(|(kind, _)| *kind == word);
        found.extend(known.map(|(_, feature)| (*feature, None)));
        if word == "document" && turn == Turn::Model {
            found.push((Feature::AssistantDocument, None));
        }
    }
    found
}

fn turn(message: &str) -> Turn {
    let front = message.split(['(', '{', '[']).next().unwrap_or_default();
    let called = plain_name(
        front
            .rsplit(['.', ':', ' ', '&'])
            .next()
            .unwrap_or_default(),
    );
    let called = called.strip_prefix("new").unwrap_or(&called).to_owned();
    let by_name = CONSTRUCTORS.iter().find(|(name, _)| called == *name);
    if let Some((_, turn)) = by_name {
        return *turn;
    }
    let pairs = flatten("", message);
    let role = pairs.iter().find(|pair| {
        let name = pair.name.trim_start_matches('.');
        !name.contains('.') && plain_name(name) == "role"
    });
    let word = match role {
        Some(role) => Some(role.value),
        // A pair of a role and a text: `("user", "…")`.
        None => last_group(message).and_then(|inside| {
            let pieces = elements(inside);
            let is_pair = pieces.len() == 2 && front.trim().is_empty();
            is_pair.then(|| pieces.first().copied()).flatten()
        }),
    };
    match word.map(literal) {
        Some(Literal::Word(word)) => by_role(&word),
        _ => Turn::Open,
    }
}

fn by_role(word: &str) -> Turn {
    let word = plain_name(word);
    match word
        .trim_start_matches("chatmessagerole")
        .trim_start_matches("messageroleparam")
    {
        "assistant" | "ai" | "model" => Turn::Model,
        "system" | "developer" => Turn::System,
        "user" | "human" => Turn::User,
        _ => Turn::Open,
    }
}
