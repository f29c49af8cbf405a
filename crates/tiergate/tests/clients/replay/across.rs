//! Recordings asked for in every other dialect: what the official SDK of the caller's dialect
//! accumulates is what that of the provider's accumulates from the raw recording. It must not know
//! how the gateway translates.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use testkit::{Exchange, Form, Library};

use super::answers::{End, end_of};
use super::compare::compare;
use super::faces::{FACES, Face};
use super::oracle::{self, Told};
use super::scene::{Asked, Scene};
use crate::environment::skip;

/// Holds one recording with what its own SDK makes of it.
struct Source {
    at: usize,
    exchange: Exchange,
    /// The answer, raw from the provider.
    seen: Told,
    /// The request in neutral form, where one was recorded.
    request: Value,
}

/// Holds one recording as it came through the gateway.
struct Crossed<'s> {
    source: &'s Source,
    into: &'static Face,
    seen: Told,
}

#[test]
fn sdks_agree_across_dialects() {
    let scenario = "recordings in other dialects";
    if let Some(why) = FACES.iter().find_map(|face| oracle::script(face).err()) {
        return skip(scenario, &why);
    }
    let Some(mut scene) = Scene::start(scenario, Asked::ByName) else {
        return;
    };
    let sources: Vec<Source> = FACES.iter().flat_map(|face| raw(&scene, face)).collect();
    let mut crossed = Vec::new();
    for into in FACES {
        crossed.extend(through(&scene, into, &sources));
    }
    assert!(crossed.len() >= sources.len());
    let folder = scene.gateway.folder().to_owned();
    let mut wrong = Vec::new();
    let mut unjudged = Vec::new();
    scene.gateway.stop();
    let record = Record::open(&folder);
    for one in &crossed {
        let named = format!("{} into {}", one.source.exchange.name, one.into.dialect);
        match judge(one, &record) {
            Judged::Held => {}
            Judged::Unjudged(why) => unjudged.push(format!("{named}: {why}")),
            Judged::Wrong(what) => wrong.push(format!("{named}:\n    {}", what.join("\n    "))),
        }
    }
    println!("{} recordings crossed into another dialect", crossed.len());
    println!(
        "{} of them bound to no answer: {unjudged:#?}",
        unjudged.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Has every recording of a dialect accumulated by its own SDK, from the provider itself.
fn raw(scene: &Scene, face: &'static Face) -> Vec<Source> {
    let own: Vec<_> = scene.faced();
    let own: Vec<_> = own
        .into_iter()
        .filter(|(.., of)| of.api == face.api)
        .collect();
    let mut jobs: Vec<Value> = Vec::new();
    for (at, exchange, _) in &own {
        let base = format!("{}{}", scene.origin(), face.prefix(exchange));
        jobs.push(json!({
            "base_url": base, "key": "sk-none", "model": Library::name(*at),
            "stream": is_stream(exchange), "beta": true, "lenient": true,
        }));
    }
    let bodies = own.iter().filter_map(|(_, exchange, _)| body_of(exchange));
    jobs.extend(bodies.map(|body| json!({ "body": body })));
    let mut told = oracle::run(face, &scene.gateway, &jobs);
    let mut requests = told.split_off(own.len()).into_iter();
    let mut sources = Vec::new();
    for ((at, exchange, _), seen) in own.into_iter().zip(told) {
        let request = body_of(exchange).and_then(|_| requests.next());
        sources.push(Source {
            at,
            exchange: exchange.clone(),
            seen,
            request: request.map(|told| told.result).unwrap_or_default(),
        });
    }
    sources
}

/// Tells whether a recording is asked for as a stream, also where an error came instead.
fn is_stream(exchange: &Exchange) -> bool {
    let asked = body_of(exchange).map(|body| body["stream"] == true);
    let is_called_so = exchange.path().ends_with(":streamGenerateContent");
    exchange.form == Form::Stream || is_called_so || asked.unwrap_or(false)
}

fn body_of(exchange: &Exchange) -> Option<Value> {
    serde_json::from_slice(exchange.request.as_ref()?).ok()
}

/// Has the recordings of all other dialects asked for by the SDK of this one.
fn through<'s>(scene: &Scene, into: &'static Face, sources: &'s [Source]) -> Vec<Crossed<'s>> {
    let others: Vec<_> = sources
        .iter()
        .filter(|source| source.exchange.api != into.api)
        .collect();
    let jobs: Vec<Value> = others
        .iter()
        .map(|source| {
            json!({
                "base_url": format!("http://{}{}", scene.gateway.address, into.base),
                "key": scene.gateway.key, "model": Library::name(source.at),
                "stream": is_stream(&source.exchange), "request": source.request,
            })
        })
        .collect();
    let told = oracle::run(into, &scene.gateway, &jobs);
    let pairs = others.into_iter().zip(told);
    pairs
        .map(|(source, seen)| Crossed { source, into, seen })
        .collect()
}

enum Judged {
    Held,
    Unjudged(String),
    Wrong(Vec<String>),
}

fn judge(one: &Crossed<'_>, record: &Record) -> Judged {
    let (source, target) = (&one.source.seen.result, &one.seen.result);
    let shown = || target.to_string().chars().take(300).collect::<String>();
    if let Some(raised) = target["raised"].as_str() {
        return Judged::Wrong(vec![format!("the SDK raised {raised}: {}", target["said"])]);
    }
    let error = &target["error"];
    match end_of(&one.source.exchange) {
        End::Error { message, .. } => {
            let is_told = error["message"]
                .as_str()
                .is_some_and(|it| it.contains(&message));
            let status = error["status"].as_u64().unwrap_or(0);
            if !is_told {
                return Judged::Wrong(vec![format!("wanted `{message}`, got {}", shown())]);
            }
            status_of(one, status)
        }
        End::Cut | End::Garbage if error.is_null() => {
            Judged::Wrong(vec![format!("an answer that was none became {}", shown())])
        }
        End::Cut | End::Garbage => Judged::Held,
        End::Spliced => Judged::Unjudged("two answers in one".to_owned()),
        End::Whole if !error.is_null() => Judged::Wrong(vec![format!("became {}", shown())]),
        End::Whole if source["raised"].is_string() => {
            Judged::Unjudged(format!("its own SDK raised {}", source["raised"]))
        }
        End::Whole if !source["error"].is_null() => {
            Judged::Wrong(vec![format!("its own SDK was told {}", source["error"])])
        }
        End::Whole => {
            let raw = String::from_utf8_lossy(&one.source.exchange.body);
            let wrong = compare(source, target, &reported(one, record), &raw);
            if wrong.is_empty() {
                return Judged::Held;
            }
            Judged::Wrong(wrong)
        }
    }
}

/// Judges an error's status: overload has a number of its own in each family.
fn status_of(one: &Crossed<'_>, status: u64) -> Judged {
    let recorded = u64::from(one.source.exchange.status);
    let overload = [503, 529];
    let is_same = status == recorded
        || overload.contains(&status) && overload.contains(&recorded)
        || recorded == 200;
    if is_same {
        return Judged::Held;
    }
    Judged::Wrong(vec![format!("status {recorded} became {status}")])
}

/// Lists what was reported as lost: in the header, and for a stream in the record.
fn reported(one: &Crossed<'_>, record: &Record) -> Vec<String> {
    let header = one.seen.header("tiergate-lossy").unwrap_or_default();
    let named = header.split(", ").filter(|path| !path.is_empty());
    let mut paths: Vec<String> = named.map(str::to_owned).collect();
    let decision = one.seen.header("tiergate-decision").unwrap_or_default();
    paths.extend(record.lossy(decision));
    paths
}

/// Is the gateway's record of its answers, read once it has stopped.
struct Record {
    store: Connection,
}

impl Record {
    fn open(folder: &Path) -> Self {
        let file = folder.join("state").join("tiergate.db");
        let store = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
        Self {
            store: store.unwrap(),
        }
    }

    fn lossy(&self, decision: &str) -> Vec<String> {
        let wanted = "SELECT attempts FROM usage WHERE lower(hex(decision)) = ?1";
        let attempts: Option<String> = self
            .store
            .query_row(wanted, [decision], |row| row.get(0))
            .unwrap_or_else(|error| panic!("no record of {decision}: {error}"));
        let rows: Vec<Value> =
            serde_json::from_str(&attempts.unwrap_or_default()).unwrap_or_default();
        let lists = rows.iter().filter_map(|row| row["lossy"].as_array());
        let paths = lists.flatten().filter_map(Value::as_str);
        paths.map(str::to_owned).collect()
    }
}
