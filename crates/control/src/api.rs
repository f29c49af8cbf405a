//! The admin port's routes as one table, and what each does. It must not know a socket: requests
//! come in whole, answers go out whole.

mod asked;
mod body;
mod keys;
mod releases;
mod seen;

use http::{Method, StatusCode};
use serde_json::Value;

use crate::control::Control;
use crate::reply::Reply;
use asked::Asked;

/// Describes one route. It cannot be made without saying who may use it.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path; a part in braces is any one segment.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    run: Run,
}

/// Says who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A person with a valid operator key.
    Operator,
    /// Anyone: it answers without data.
    Open,
}

#[derive(Clone, Copy)]
enum Run {
    Open(fn() -> Reply),
    Operator(fn(&Control, &Asked<'_>) -> Reply),
}

/// Lists the routes.
pub static ROUTES: &[Route] = &[
    open("/healthz", alive),
    open("/readyz", alive),
    get("/metrics", seen::metrics),
    get("/api/v1/policy", seen::policy),
    post("/api/v1/explain", seen::explain),
    get("/api/v1/keys", keys::list),
    post("/api/v1/keys", keys::create),
    post("/api/v1/keys/{key}/revoke", keys::revoke),
    get("/api/v1/releases", releases::list),
    get("/api/v1/releases/{release}", releases::show),
    post("/api/v1/releases/{release}/approve", releases::approve),
    post("/api/v1/releases/{release}/promote", releases::promote),
    post("/api/v1/releases/{release}/hold", releases::hold),
    post("/api/v1/releases/{release}/resume", releases::resume),
    post("/api/v1/releases/{release}/rollback", releases::roll_back),
    post("/api/v1/releases/{release}/evidence", releases::take),
];

const fn open(path: &'static str, run: fn() -> Reply) -> Route {
    Route {
        method: "GET",
        path,
        access: Access::Open,
        run: Run::Open(run),
    }
}

const fn get(path: &'static str, run: fn(&Control, &Asked<'_>) -> Reply) -> Route {
    Route {
        method: "GET",
        path,
        access: Access::Operator,
        run: Run::Operator(run),
    }
}

const fn post(path: &'static str, run: fn(&Control, &Asked<'_>) -> Reply) -> Route {
    Route {
        method: "POST",
        path,
        access: Access::Operator,
        run: Run::Operator(run),
    }
}

fn alive() -> Reply {
    Reply::text("ok\n".to_owned())
}

/// A request as it comes from the wire.
pub(crate) struct Raw<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// Answers a request. Without a valid operator key every path but the open ones, known or not,
/// gets the same refusal.
pub(crate) fn answer(control: &Control, raw: &Raw<'_>) -> Reply {
    let method = raw.method.as_str();
    let found = ROUTES
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| matched(route.path, raw.path).map(|parts| (route, parts)));
    if let Some((
        Route {
            run: Run::Open(run),
            ..
        },
        _,
    )) = &found
    {
        return run();
    }
    let now = (control.hooks.clock)();
    let operator = match crate::operator::identify(&control.store, raw.authorization, now) {
        Ok(operator) => operator,
        Err(fault) => return refused(&fault),
    };
    let Some((route, parts)) = found else {
        return absent(raw);
    };
    let body = if raw.body.is_empty() {
        Ok(Value::Null)
    } else {
        serde_json::from_slice(raw.body)
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            let what = format!("the body is not JSON: {error}");
            return Reply::bad("bad_body", &what, "send a JSON object");
        }
    };
    let asked = Asked {
        operator: &operator,
        parts,
        body: &body,
        now,
    };
    match route.run {
        Run::Operator(run) => run(control, &asked),
        Run::Open(run) => run(),
    }
}

fn refused(fault: &store::KeyFault) -> Reply {
    let mend = "send a valid operator key as `Authorization: Bearer …`";
    let what = format!("no valid operator key: {fault}");
    Reply::fault(StatusCode::UNAUTHORIZED, "no_operator_key", &what, mend)
}

fn absent(raw: &Raw<'_>) -> Reply {
    let what = format!("there is no {} {}", raw.method, raw.path);
    let mend = "see the admin API's reference for its routes";
    Reply::fault(StatusCode::NOT_FOUND, "no_such_route", &what, mend)
}

/// Matches a path against a pattern and returns the segments that its braces took.
fn matched<'p>(pattern: &str, path: &'p str) -> Option<Vec<&'p str>> {
    let mut parts = Vec::new();
    let mut segments = path.split('/');
    for wanted in pattern.split('/') {
        let segment = segments.next()?;
        if wanted.starts_with('{') && !segment.is_empty() {
            parts.push(segment);
        } else if wanted != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(parts)
}
