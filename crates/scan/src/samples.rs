//! Sites for the tests, read from calls that stand there as text. It must not be taken for the
//! finder: it knows one shape alone.

use std::sync::OnceLock;

use domain::{Date, Facts};

use crate::callee::dialect;
use crate::edit::span;
use crate::pairs::{elements, last_group};
use crate::parameters::parameters;
use crate::place::{Around, Beside, Place, Text};
use crate::role::Role;
use crate::site::{Certainty, Named, Site};
use crate::target::platform;

/// Gives the facts that ship, read once for all tests.
pub(crate) fn facts() -> &'static Facts {
    static FACTS: OnceLock<Facts> = OnceLock::new();
    FACTS.get_or_init(|| Facts::shipped().unwrap())
}

/// Gives a day.
pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Reads a call such as `client.messages.create(model="claude-opus-5", top_k=5)` as a place.
pub(crate) fn place(text: &str) -> Place {
    let callee = text.split(['(', '{']).next().unwrap().trim();
    let inside = last_group(text.trim_end()).unwrap();
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let beside = elements(inside).into_iter().map(|piece| {
        let at = piece.find(['=', ':', '(']).unwrap();
        let is_call = piece.starts_with('.');
        let name = piece[..at].trim().trim_matches(['"', '\'', '.']);
        let value = piece[at + 1..].trim();
        let value = if is_call {
            value.trim_end_matches(')')
        } else {
            value
        };
        let is_string = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
        let value = if is_string {
            &value[1..value.len() - 1]
        } else {
            value
        };
        let start = offset(piece);
        Beside {
            name: name.to_owned(),
            value: value.to_owned(),
            span: span(text, start, start + piece.len()).unwrap(),
        }
    });
    Place {
        text: Text::Value,
        around: vec![Around::Argument {
            callee: callee.to_owned(),
            name: Some("model".to_owned()),
            position: 0,
        }],
        beside: beside
            .filter(|one| !one.name.eq_ignore_ascii_case("model"))
            .collect(),
    }
}

/// Reads such a call as a site that names a model, on the platform that the facts know it on.
pub(crate) fn site(text: &str, written: &str) -> Site {
    let start = text.find(written).unwrap();
    let place = place(text);
    let mut site = named(written);
    site.span = span(text, start, start + written.len()).unwrap();
    site.parameters = parameters(&place);
    site.dialect = dialect(&place);
    site.excerpt = text.lines().next().unwrap_or_default().to_owned();
    site
}

/// Makes a site that names a model and sets nothing.
pub(crate) fn named(id: &str) -> Site {
    let model = Named {
        written: id.to_owned(),
        id: id.to_owned(),
        platform: None,
        known: None,
        resolved_from: Vec::new(),
    };
    let platform = platform(facts(), &model).map(str::to_owned);
    Site {
        path: "services/desk/ask.py".to_owned(),
        span: span(id, 0, id.len()).unwrap(),
        language: "python",
        role: Role::LiveCall,
        confidence: Certainty::High,
        reason: "an argument of a request".to_owned(),
        model: Named { platform, ..model },
        parameters: Vec::new(),
        dialect: None,
        excerpt: id.to_owned(),
        names: 1,
        lines: Vec::new(),
    }
}
