//! The admin port's routes as one table, and what each does. It must not know a socket: requests
//! come in whole, answers go out whole.

mod asked;
mod body;
mod card;
mod evidence;
mod incidents;
mod keys;
mod releases;
mod schema;
mod seen;
mod suspensions;
mod waivers;

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
    /// What it does, in a sentence.
    pub about: &'static str,
    /// Makes the JSON schema of its body, where it takes one.
    pub body: Option<fn() -> Value>,
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
    Operator(Operate),
}

type Operate = fn(&Control, &Asked<'_>) -> Reply;

/// Lists the routes.
pub static ROUTES: &[Route] = &[
    open("/healthz", "Says that the process is alive", alive),
    open("/readyz", "Says that it can serve", alive),
    get(
        "/metrics",
        "Shows the counters, as Prometheus reads them",
        seen::metrics,
    ),
    get(
        "/api/v1/policy",
        "Tells which policy and status are in force",
        seen::policy,
    ),
    post(
        "/api/v1/explain",
        "Tells what a key would get for a name, and why",
        seen::explain,
    )
    .takes(seen::explain_body),
    get(
        "/api/v1/keys",
        "Lists the keys, without their secrets",
        keys::list,
    ),
    post(
        "/api/v1/keys",
        "Makes a key and shows its secret, once",
        keys::create,
    )
    .takes(keys::create_body),
    post("/api/v1/keys/{key}/revoke", "Revokes a key", keys::revoke),
    get("/api/v1/releases", "Shows every release", releases::list),
    get(
        "/api/v1/releases/{release}",
        "Shows a release with its gates",
        releases::show,
    ),
    get(
        "/api/v1/releases/{release}/card",
        "Shows what a release did, on what evidence, each fact with its proof",
        card::show,
    ),
    post(
        "/api/v1/releases/{release}/approve",
        "Approves the next stage",
        releases::approve,
    )
    .takes(releases::seen_body),
    post(
        "/api/v1/releases/{release}/waive",
        "Answers for a criterion of the next stage that does not pass, for a while",
        waivers::waive,
    )
    .takes(waivers::waive_body),
    post(
        "/api/v1/releases/{release}/promote",
        "Moves to the next stage",
        releases::promote,
    )
    .takes(releases::seen_body),
    post(
        "/api/v1/releases/{release}/hold",
        "Stops every move forward",
        releases::hold,
    )
    .takes(releases::told_body),
    post(
        "/api/v1/releases/{release}/resume",
        "Lets it move forward again",
        releases::resume,
    )
    .takes(releases::seen_body),
    post(
        "/api/v1/releases/{release}/rollback",
        "Moves back, at once",
        releases::roll_back,
    )
    .takes(releases::back_body),
    post(
        "/api/v1/releases/{release}/withdraw",
        "Moves back to the beginning, for good",
        releases::withdraw,
    )
    .takes(releases::told_body),
    post(
        "/api/v1/releases/{release}/retire",
        "Serves the candidate until a day, and no longer",
        suspensions::retire,
    )
    .takes(suspensions::retire_body),
    post(
        "/api/v1/releases/{release}/suspend",
        "Takes the candidate away from a group of callers, at once",
        suspensions::suspend,
    )
    .takes(suspensions::suspend_body),
    post(
        "/api/v1/releases/{release}/restore",
        "Undoes a suspension, for all or for a group",
        suspensions::restore,
    )
    .takes(suspensions::restore_body),
    post(
        "/api/v1/releases/{release}/incident",
        "Records an incident with the candidate, which gates ask for",
        incidents::report,
    )
    .takes(incidents::report_body),
    post(
        "/api/v1/releases/{release}/evidence",
        "Takes an eval run in",
        evidence::take,
    )
    .takes(evidence::brought_body),
    post(
        "/api/v1/releases/{release}/evidence/import",
        "Takes another tool's file in, joined with what was accounted for under its key",
        evidence::import,
    )
    .takes(evidence::import_body),
    post(
        "/api/v1/evidence/{evidence}/erase",
        "Erases what a piece of evidence holds; the ledger says who did, and keeps its entry",
        evidence::erase,
    )
    .takes(evidence::erase_body),
];

const fn route(method: &'static str, path: &'static str, about: &'static str, run: Run) -> Route {
    Route {
        method,
        path,
        access: match run {
            Run::Open(_) => Access::Open,
            Run::Operator(_) => Access::Operator,
        },
        about,
        body: None,
        run,
    }
}

const fn open(path: &'static str, about: &'static str, run: fn() -> Reply) -> Route {
    route("GET", path, about, Run::Open(run))
}

const fn get(path: &'static str, about: &'static str, run: Operate) -> Route {
    route("GET", path, about, Run::Operator(run))
}

const fn post(path: &'static str, about: &'static str, run: Operate) -> Route {
    route("POST", path, about, Run::Operator(run))
}

impl Route {
    const fn takes(self, body: fn() -> Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
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
