//! The application port's routes as one table; the exposure test walks it. It must not know how a
//! route is answered.

use http::{HeaderMap, Method};
use wire::{CHAT, COMPLETIONS, COUNT_TOKENS, DIALECTS, EMBEDDINGS, GEMINI, MESSAGES, RESPONSES};

/// Describes one route. It cannot be made without saying who may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path; a part in braces is any one segment.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What it does.
    pub face: Face,
}

/// Says who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A caller with a valid key.
    Caller,
    /// Anyone: it answers without data.
    Open,
}

/// Says what a route does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Answers a request in a dialect.
    Ask(&'static str),
    /// Lists the names that the key may ask for, in a dialect where the path has one.
    List(Option<&'static str>),
    /// Shows the name that the path ends with, where the key may ask for it.
    Show(Option<&'static str>),
    /// Says that the process is alive.
    Alive,
    /// Says whether it can serve.
    Ready,
    /// Takes a report on how one of the key's decisions turned out.
    Report,
}

/// Begins every path of an API version that one dialect alone has.
const GEMINI_ROOT: &str = "/v1beta/";

/// Lists the routes.
pub const ROUTES: &[Route] = &[
    ask("/v1/chat/completions", CHAT),
    ask("/v1/responses", RESPONSES),
    ask("/v1/messages", MESSAGES),
    ask("/v1beta/models/{call}", GEMINI),
    ask("/v1/models/{call}", GEMINI),
    list("/v1/models", None),
    list("/v1beta/models", Some(GEMINI)),
    open("/healthz", Face::Alive),
    open("/readyz", Face::Ready),
    ask("/v1/completions", COMPLETIONS),
    ask("/v1/embeddings", EMBEDDINGS),
    ask("/v1/messages/count_tokens", COUNT_TOKENS),
    show("/v1/models/{model}", None),
    show("/v1beta/models/{model}", Some(GEMINI)),
    report("/tiergate/v1/outcomes"),
];

const fn ask(path: &'static str, dialect: &'static str) -> Route {
    Route {
        method: "POST",
        path,
        access: Access::Caller,
        face: Face::Ask(dialect),
    }
}

const fn list(path: &'static str, dialect: Option<&'static str>) -> Route {
    Route {
        method: "GET",
        path,
        access: Access::Caller,
        face: Face::List(dialect),
    }
}

const fn open(path: &'static str, face: Face) -> Route {
    Route {
        method: "GET",
        path,
        access: Access::Open,
        face,
    }
}

const fn report(path: &'static str) -> Route {
    Route {
        method: "POST",
        path,
        access: Access::Caller,
        face: Face::Report,
    }
}

const fn show(path: &'static str, dialect: Option<&'static str>) -> Route {
    Route {
        method: "GET",
        path,
        access: Access::Caller,
        face: Face::Show(dialect),
    }
}

/// Says where a request leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// To a route.
    Route(&'static Route),
    /// To a path that has another method.
    Method(&'static Route),
    /// Nowhere.
    Nothing,
}

/// Finds the route of a request. Paths are compared as they are written: no decoding, no folding
/// of slashes or case, so that no second spelling leads around a check.
#[must_use]
pub fn find(method: &Method, path: &str) -> Found {
    let mut other = Found::Nothing;
    for route in ROUTES {
        if !fits(route.path, path) {
            continue;
        }
        if route.method == method.as_str() {
            return Found::Route(route);
        }
        other = Found::Method(route);
    }
    other
}

fn fits(pattern: &str, path: &str) -> bool {
    pattern == path || segment(pattern, path).is_some()
}

/// Takes out of a path what stands where its route's pattern has braces.
#[must_use]
pub fn segment<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let (prefix, _) = pattern.split_once('{')?;
    let rest = path.strip_prefix(prefix)?;
    (!rest.is_empty() && !rest.contains('/')).then_some(rest)
}

/// Picks the dialect of an answer. On a route that no single dialect owns, and on a path without
/// one, it is that of the route which the path begins with, else the one whose clients mark their
/// requests with a header of their own, else the one that most clients speak.
#[must_use]
pub fn dialect_of(face: Face, path: &str, headers: &HeaderMap) -> &'static str {
    match face {
        Face::Ask(dialect) | Face::List(Some(dialect)) | Face::Show(Some(dialect)) => dialect,
        Face::List(None) | Face::Show(None) | Face::Report | Face::Alive | Face::Ready => {
            by_path(path).or_else(|| by_header(headers)).unwrap_or(CHAT)
        }
    }
}

fn by_path(path: &str) -> Option<&'static str> {
    if path.starts_with(GEMINI_ROOT) {
        return Some(GEMINI);
    }
    ROUTES.iter().find_map(|route| match route.face {
        Face::Ask(dialect) if path.starts_with(route.path) => Some(dialect),
        _ => None,
    })
}

fn by_header(headers: &HeaderMap) -> Option<&'static str> {
    let is_marked = |header: &'static str| headers.contains_key(header);
    let marked = DIALECTS
        .iter()
        .find(|dialect| dialect.own_header().is_some_and(is_marked));
    marked.map(|dialect| dialect.name())
}
