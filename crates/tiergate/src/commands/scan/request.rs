//! A recorded request held against a model without sending it: a body of any dialect, lines of a
//! batch, or a recording with its path and headers. It must not send anything.

use std::path::{Path, PathBuf};
use std::{fs, io};

use bytes::Bytes;
use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::Facts;
use scan::{Aim, Break, Certainty, Lodging, Recorded, Sure, told, verdicts};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::lodgings;
use crate::exit::{Exit, Fault};
use crate::home;
use crate::options::Common;
use crate::output;

/// The longest file that is read.
const LONGEST: u64 = 256 << 20;

/// Options of a look at recorded requests.
#[derive(Args, Clone, Debug)]
pub struct RequestOptions {
    /// Hold the requests in a file against the target without sending them: a body as it is sent,
    /// one a line, a batch, or a recording
    #[arg(long, value_name = "FILE", requires = "target")]
    #[arg(conflicts_with_all = ["traffic", "paths"])]
    pub request: Option<PathBuf>,
    /// The dialect of those requests, where no path among them says it
    #[arg(
        long,
        value_name = "DIALECT",
        requires = "request",
        value_parser = PossibleValuesParser::new(DIALECTS),
    )]
    pub dialect: Option<String>,
}

/// The dialects that a request may be in.
const DIALECTS: [&str; 4] = [wire::CHAT, wire::RESPONSES, wire::MESSAGES, wire::GEMINI];

/// Checks the requests of a file and tells of each; the answer is no where one ends in an error.
pub fn run(
    file: &Path,
    dialect: Option<&str>,
    aim: &Aim,
    (facts, common): (&Facts, &Common),
) -> Result<Exit, Fault> {
    let config = home::config(common).ok();
    let models = lodgings::models(config.as_ref().map(|config| &config.policy), facts);
    let (_, model) = lodgings::aimed(aim, &models, facts);
    let checked = check(file, dialect, (&model, facts))?;
    let is_known = model.known(facts).is_some();
    let refused = checked.iter().any(Checked::is_refused);
    if common.json {
        output::json(&json!({ "target": aim, "is_known": is_known, "requests": checked }));
    } else {
        show(&checked, aim, is_known);
    }
    Ok(if refused { Exit::No } else { Exit::Done })
}

fn show(checked: &[Checked], aim: &Aim, is_known: bool) {
    for one in checked {
        let (number, dialect, asks) = (one.request, one.dialect, &one.asks);
        let (id, platform) = (&aim.id, &aim.platform);
        let verdict = match () {
            () if one.is_refused() => "breaks",
            () if !one.breaks.is_empty() => "changes, or may break",
            () if !is_known => "unknown: the facts have no row for it",
            () => "nothing known breaks",
        };
        output::line(scan::plain(&format!(
            "request {number} ({dialect}, asks for {asks}) on {id} ({platform}): {verdict}"
        )));
        for what in &one.breaks {
            let maybe = if what.certainty == Certainty::High {
                ""
            } else {
                " (perhaps)"
            };
            let (effect, rule, says) = (what.effect, &what.rule, &what.says);
            output::line(format!(
                "  {effect}{maybe}  {rule}: {says} ({})",
                what.because
            ));
            if !what.remedy.is_empty() {
                output::line(format!("    {}", what.remedy));
            }
            for source in &what.sources {
                let (url, day) = (&source.url, source.read_on);
                output::line(format!("    {}, {url} (read on {day})", what.confidence));
            }
        }
        for what in &one.unknown {
            let (rule, says) = (&what.rule, &what.says);
            output::line(format!("  unknown  {rule}: {says} ({})", what.because));
        }
    }
}

/// Shows what one request sets off.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Its number in the file, from 1.
    pub request: usize,
    /// The dialect that it was read in.
    pub dialect: &'static str,
    /// The name that it asks for.
    pub asks: String,
    /// What breaks, surely or perhaps.
    pub breaks: Vec<Break>,
    /// What cannot be told of it.
    pub unknown: Vec<Break>,
}

impl Checked {
    /// Tells whether it surely ends in an error.
    pub fn is_refused(&self) -> bool {
        let is_error = |one: &Break| one.effect == "error" && one.certainty == Certainty::High;
        self.breaks.iter().any(is_error)
    }
}

/// Is one request of a file.
struct Written {
    body: Bytes,
    path: Option<String>,
    headers: Map<String, Value>,
}

/// Checks each request of a file.
fn check(
    file: &Path,
    dialect: Option<&str>,
    (model, facts): (&Lodging, &Facts),
) -> Result<Vec<Checked>, Fault> {
    let text = read(file)?;
    let requests = requests(&text).map_err(|error| {
        let what = format!("{}: line {}: it is no JSON", file.display(), error.line());
        Fault::because(error, what, "give a body as it is sent, or one a line")
    })?;
    let mut checked = Vec::with_capacity(requests.len());
    for (at, request) in requests.into_iter().enumerate() {
        let number = at + 1;
        let dialect = spoken(&request, dialect).ok_or_else(|| {
            Fault::new(
                format!(
                    "{}: request {number}: nothing says which dialect it is in",
                    file.display()
                ),
                format!("name one with --dialect: {}", DIALECTS.join(", ")),
            )
        })?;
        let one = check_one(&request, dialect, model, facts);
        let (asks, found) = one.map_err(|error| {
            let (shown, name) = (file.display(), dialect.name());
            let what = format!("{shown}: request {number}: it is no request of {name}");
            Fault::because(
                error,
                what,
                "mend the body, or name its dialect with --dialect",
            )
        })?;
        let (unknown, breaks) = found
            .into_iter()
            .partition(|one| one.certainty == Certainty::Low);
        checked.push(Checked {
            request: number,
            dialect: dialect.name(),
            asks,
            breaks,
            unknown,
        });
    }
    Ok(checked)
}

fn read(file: &Path) -> Result<String, Fault> {
    let mend = "name a file with a request as JSON";
    let fault = |error: io::Error| {
        let what = format!("{} cannot be read", file.display());
        Fault::because(error, what, mend)
    };
    let length = fs::metadata(file).map_err(fault)?.len();
    if length > LONGEST {
        let what = format!("{} is longer than {LONGEST} bytes", file.display());
        return Err(Fault::new(what, "split it"));
    }
    fs::read_to_string(file).map_err(fault)
}

fn check_one(
    request: &Written,
    dialect: &'static dyn wire::Dialect,
    model: &Lodging,
    facts: &Facts,
) -> Result<(String, Vec<Break>), wire::BadRequest> {
    let call = call_of(request, dialect);
    let reading = wire::uses(dialect, &request.body, call.as_deref())?;
    let asks = dialect
        .peek(&request.body, call.as_deref())?
        .model
        .into_owned();
    let header = |name: Option<&str>| {
        let name = name?;
        let mut all = request.headers.iter();
        let found = all.find(|(own, _)| own.eq_ignore_ascii_case(name))?.1;
        Some(found.as_str()?.to_owned())
    };
    let betas = header(dialect.beta_header());
    let betas = betas
        .as_deref()
        .unwrap_or_default()
        .split(',')
        .map(str::trim);
    let betas: Vec<_> = betas.filter(|beta| !beta.is_empty()).collect();
    let used = reading.uses.iter();
    let used = used.map(|one| (one.feature, one.value.as_deref()));
    let used = used.chain(betas.iter().map(|beta| ("beta", Some(*beta))));
    // Where headers were recorded, no word of a beta is an answer too.
    let has_headers = !request.headers.is_empty();
    let open = reading.open.iter().copied();
    let open = open.filter(|one| *one != "beta" || !has_headers);
    let mut recorded = Recorded::whole(used, open);
    recorded.uses.dialect = Some(dialect.name().to_owned());
    recorded.uses.api_version = header(dialect.version_header());
    recorded.is_version_open = !has_headers && dialect.version_header().is_some();
    let mut found = verdicts(model, facts, &recorded);
    found.sort_by_key(|one| std::cmp::Reverse(one.sure == Sure::Yes));
    let found = found.iter().map(|verdict| told(model, facts, verdict));
    Ok((asks, found.collect()))
}

/// Gives the variable segment of the path; where only a body is there, one that names the model.
fn call_of(request: &Written, dialect: &dyn wire::Dialect) -> Option<String> {
    let path = request
        .path
        .as_deref()
        .and_then(|path| path.split('?').next());
    let said = path.and_then(|path| path.rsplit('/').next());
    let said = said.filter(|said| said.contains(':')).map(str::to_owned);
    said.or_else(|| dialect.call("model", false))
}

/// Reads the requests of a file: one body, a list of them, or one a line.
fn requests(text: &str) -> Result<Vec<Written>, serde_json::Error> {
    let values: Vec<Value> = match serde_json::from_str(text) {
        Ok(Value::Array(all)) => all,
        Ok(Value::Object(mut one)) => match one.remove("requests") {
            Some(Value::Array(all)) => all,
            Some(other) => {
                one.insert("requests".to_owned(), other);
                vec![Value::Object(one)]
            }
            None => vec![Value::Object(one)],
        },
        Ok(one) => vec![one],
        Err(whole) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let lines: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
            // Of a single body the fault's own line is of use, not that of its first line.
            lines.map_err(|_| whole)?
        }
    };
    values.into_iter().map(written).collect()
}

/// Finds the body in what may be a recording: `{"request": {…}}`, or a line of a batch.
fn written(value: Value) -> Result<Written, serde_json::Error> {
    let mut fields = match value {
        Value::Object(fields) => fields,
        other => {
            let body = serde_json::to_vec(&other)?.into();
            return Ok(Written {
                body,
                path: None,
                headers: Map::new(),
            });
        }
    };
    if let Some(Value::Object(inner)) = fields.remove("request") {
        fields = inner;
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let path = text("path").or_else(|| text("url"));
    let headers = match fields.get("headers") {
        Some(Value::Object(headers)) => headers.clone(),
        _ => Map::new(),
    };
    let body = ["body", "params"].iter().find_map(|name| fields.get(*name));
    let body = match body {
        // A recording may hold the body as the text that was sent.
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(body @ Value::Object(_)) => serde_json::to_vec(body)?,
        _ => serde_json::to_vec(&fields)?,
    };
    Ok(Written {
        body: body.into(),
        path,
        headers,
    })
}

/// Tells the dialect of a request: what was asked for, else what its path says.
fn spoken(request: &Written, named: Option<&str>) -> Option<&'static dyn wire::Dialect> {
    const PATHS: [(&str, &str); 3] = [
        ("/chat/completions", wire::CHAT),
        ("/responses", wire::RESPONSES),
        ("/messages", wire::MESSAGES),
    ];
    if let Some(name) = named {
        return wire::dialect(name);
    }
    let path = request.path.as_deref()?.split('?').next()?;
    let ends = PATHS.iter().find(|(end, _)| path.ends_with(end));
    let name = ends.map(|(_, name)| *name);
    let name = name.or_else(|| path.contains(":generateContent").then_some(wire::GEMINI));
    let name = name.or_else(|| {
        path.contains(":streamGenerateContent")
            .then_some(wire::GEMINI)
    });
    wire::dialect(name?)
}
