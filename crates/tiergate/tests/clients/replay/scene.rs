//! A gateway in front of a provider that replays every recording. It must not judge an answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use testkit::{Exchange, FakeProvider, Library, RecordedRequest, Script, recordings};
use tokio::runtime::{Builder, Runtime};

use super::faces::{Face, why_not};
use crate::environment::skip;
use crate::gateway::Gateway;

/// Says which model a provider is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The one that was recorded, where a request was.
    AsRecorded,
    /// The name of the recording.
    ByName,
}

/// Holds the gateway, the provider behind it and the recordings that it replays.
pub struct Scene {
    /// The gateway.
    pub gateway: Gateway,
    /// The recordings.
    pub library: Library,
    fake: FakeProvider,
    runtime: Runtime,
}

impl Scene {
    /// Starts both; nothing where there are no recordings, which is counted as a skip.
    pub fn start(scenario: &str, asked: Asked) -> Option<Self> {
        let folder = folder();
        if !folder.is_dir() {
            let why = "there is no folder of recordings beside the checkout";
            skip(scenario, why);
            return None;
        }
        let exchanges = recordings(&folder).unwrap();
        assert!(!exchanges.is_empty(), "the folder is empty");
        Some(Self::over(exchanges, asked))
    }

    /// Starts both over these exchanges.
    pub fn over(exchanges: Vec<Exchange>, asked: Asked) -> Self {
        let library = Library::new(exchanges);
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let script = Script::new().replaying(library.clone());
        let fake = runtime.block_on(FakeProvider::start(script)).unwrap();
        let configuration = configuration(library.exchanges(), &origin(&fake), asked);
        Self {
            gateway: Gateway::start(&configuration, &[]),
            library,
            fake,
            runtime,
        }
    }

    /// Lists the recordings that have a face, with their numbers.
    pub fn faced(&self) -> Vec<(usize, &Exchange, &'static Face)> {
        let all = self.library.exchanges().iter().enumerate();
        all.filter_map(|(at, exchange)| Some((at, exchange, Face::of(exchange)?)))
            .collect()
    }

    /// Tells where the provider listens.
    pub fn origin(&self) -> String {
        origin(&self.fake)
    }

    /// Lists what the provider was sent.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.fake.requests()
    }

    /// Runs a future of the test's own client.
    pub fn on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Names and counts the recordings without a face, by the reason.
    pub fn tell_the_others(&self) {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for exchange in self.library.exchanges() {
            if Face::of(exchange).is_none() {
                let named = reasons.entry(why_not(exchange.api)).or_default();
                named.push(&exchange.name);
            }
        }
        for (why, named) in reasons {
            println!("not applicable: {} recordings ({why})", named.len());
            println!("    {}", named.join("\n    "));
        }
    }
}

fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    root.join("data").join("transcripts")
}

fn origin(fake: &FakeProvider) -> String {
    format!("http://{}", fake.address())
}

/// Declares a provider for each dialect and path, and a model for each recording.
fn configuration(exchanges: &[Exchange], origin: &str, asked: Asked) -> String {
    let mut text = r#"tiers_order = ["replayed"]
[server]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
"#
    .to_owned();
    let mut providers: Vec<(&str, &str)> = Vec::new();
    let mut models = Vec::new();
    for (at, exchange) in exchanges.iter().enumerate() {
        let Some(face) = Face::of(exchange) else {
            continue;
        };
        let provider = (face.dialect, face.prefix(exchange));
        let known = providers.iter().position(|known| *known == provider);
        let place = known.unwrap_or_else(|| {
            providers.push(provider);
            providers.len() - 1
        });
        let name = Library::name(at);
        let own = match asked {
            Asked::AsRecorded => recorded_model(face, exchange),
            Asked::ByName => None,
        };
        let id = json!(own.unwrap_or_else(|| name.clone()));
        let _ = writeln!(
            text,
            "[models.{name}]\nprovider = \"p{place}\"\nid = {id}\nmax_output_tokens = 1000000"
        );
        models.push(name);
    }
    for (place, (dialect, prefix)) in providers.iter().enumerate() {
        let _ = writeln!(
            text,
            "[providers.p{place}]\ndialect = \"{dialect}\"\nbase_url = \"{origin}{prefix}\"\n\
             api_key = {{ file = \"provider.key\" }}"
        );
    }
    text + &format!("[tiers.replayed]\nserves = {}\n", json!(models))
}

fn recorded_model(face: &Face, exchange: &Exchange) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(exchange.request.as_ref()?).ok()?;
    let called = face.called(exchange).map(|(model, _)| model);
    body["model"].as_str().or(called).map(str::to_owned)
}
