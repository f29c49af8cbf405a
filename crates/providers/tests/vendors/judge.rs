//! The server with the vendors' libraries, and requests to it. It must not know what they judge.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use domain::{Limits, Model, ModelDigest, Provider};
use http::{HeaderMap, HeaderValue};
use providers::{
    ADAPTERS, AUTH_KINDS, Adapter, Authorise, Call, Clock, Credential, Deadlines, Endpoint, Fault,
    Given, Secret, Written,
};
use serde_json::Value;

const ENVIRONMENT: &str = "target/venvs/python-vendors";
const LONG: Duration = Duration::from_secs(60);
const MAX_ANSWER: usize = 1 << 20;
const REGION: &str = "us-east-1";
const VERTEX_REGION: &str = "europe-west1";

/// Is the running server; it ends with this.
pub struct Judge {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

/// Is one request.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub dialect: &'a str,
    pub platform: Option<&'a str>,
    /// The path of the base URL.
    pub root: &'a str,
    pub id: &'a str,
    pub is_stream: bool,
}

/// Says how a request is authorised.
#[derive(Clone, Copy)]
pub enum Auth<'a> {
    Key(&'a str),
    /// A kind with one secret.
    Kind(&'a str, &'a str),
    Sigv4(&'a [(&'a str, &'a str)]),
}

/// Is an authorisation that lasts over requests.
pub enum Made {
    Key(Arc<Credential>),
    Auth(Arc<dyn Authorise>),
}

#[derive(Debug)]
pub struct Answer {
    pub kind: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Adds up the text of a stream of messages.
    pub fn text(&self) -> String {
        let payloads = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        let events = payloads.map(|payload| serde_json::from_str::<Value>(payload).unwrap());
        let texts = events.filter_map(|event| Some(event["delta"]["text"].as_str()?.to_owned()));
        texts.collect()
    }
}

impl Judge {
    /// Starts the server; where its environment is missing the scenario is skipped, and counted.
    pub fn start() -> Option<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut above = manifest.ancestors();
        let root = above.find(|folder| folder.join("Cargo.lock").is_file());
        let root = root.expect("the crate stands in a workspace");
        let python = root.join(ENVIRONMENT).join("bin/python");
        if !python.exists() {
            let is_ci = env::var_os("CI").is_some_and(|set| !set.is_empty());
            let why = format!("there is no {ENVIRONMENT}; `cargo xtask clients` makes it");
            assert!(!is_ci, "{why}");
            println!("skipped: 1 scenario, the vendors' libraries ({why})");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(python)
            .arg(root.join("clients/vendors/upstream.py"))
            .arg(folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        Some(Self {
            port: line.trim().parse().expect("the server says its port"),
            child,
            folder,
        })
    }

    /// Reads the service account's key file.
    pub fn account(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("account.json")).unwrap()
    }

    pub fn authorisation(&self, ask: &Ask<'_>, auth: Auth<'_>) -> Made {
        let mut given = Given::default();
        let (name, secrets) = match auth {
            Auth::Key(key) => return Made::Key(Arc::new(Credential::new(key).unwrap())),
            Auth::Kind(name, secret) => (name, &[(name, secret)][..]),
            Auth::Sigv4(secrets) => ("sigv4", secrets),
        };
        for (field, text) in secrets {
            given.secrets.insert((*field).to_owned(), Secret::new(text));
        }
        given.texts.insert("region".to_owned(), REGION.to_owned());
        if let Some(service) = self.place(ask).service {
            given.texts.insert("service".to_owned(), service.to_owned());
        }
        let kind = AUTH_KINDS.iter().find(|kind| kind.name() == name).unwrap();
        let clock: Clock = Arc::new(SystemTime::now);
        Made::Auth(kind.make(&given, &clock).unwrap())
    }

    pub async fn ask(&self, ask: &Ask<'_>, auth: Auth<'_>) -> Result<Answer, Fault> {
        self.ask_with(ask, &self.authorisation(ask, auth)).await
    }

    pub async fn ask_with(&self, ask: &Ask<'_>, auth: &Made) -> Result<Answer, Fault> {
        let place = self.place(ask);
        let key = match auth {
            Made::Key(credential) => Some(Arc::clone(credential)),
            Made::Auth(_) => None,
        };
        let endpoint = Endpoint::new(&place.base_url, key).unwrap();
        let endpoint = endpoint.querying(place.query);
        let endpoint = match auth {
            Made::Auth(auth) => endpoint.authorised(Arc::clone(auth)),
            Made::Key(_) => endpoint,
        };
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_static("00-1-2-01"));
        headers.insert("anthropic-version", HeaderValue::from_static("2026-10-21"));
        let body = format!(
            r#"{{"model":"m","stream":{},"max_tokens":9,"messages":[]}}"#,
            ask.is_stream
        );
        let call = Call {
            endpoint: &endpoint,
            model: &model(ask.id),
            dialect: ask.dialect,
            body: Bytes::from(body),
            is_stream: ask.is_stream,
            headers: &headers,
            query: None,
            deadlines: Deadlines {
                connect: LONG,
                headers: LONG,
                first_token: LONG,
                idle: LONG,
            },
        };
        let (head, body) = adapter(ask).send(call).await?.into_parts();
        let body = body.read_whole(MAX_ANSWER).await?;
        Ok(Answer {
            kind: head.headers["content-type"].to_str().unwrap().to_owned(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        })
    }

    fn place(&self, ask: &Ask<'_>) -> providers::Address {
        let base_url = format!("http://127.0.0.1:{}{}", self.port, ask.root);
        let is_vertex = ask.platform == Some("vertex");
        let written = Written {
            base_url: Some(&base_url),
            region: Some(if is_vertex { VERTEX_REGION } else { REGION }),
            project: Some("my-project"),
            api_version: Some("2024-10-21"),
        };
        adapter(ask).address(&written).unwrap()
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        // It also ends by itself when its standard input does.
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

fn adapter(ask: &Ask<'_>) -> &'static dyn Adapter {
    let is_it = |one: &&&dyn Adapter| one.name() == ask.dialect && one.platform() == ask.platform;
    *ADAPTERS.iter().find(is_it).unwrap()
}

fn model(id: &str) -> Model {
    let provider = Provider {
        name: "p".into(),
        dialect: "d".to_owned(),
        base_url: String::new(),
    };
    let params = serde_json::Map::new();
    let digest = ModelDigest::of(&provider, id, None, &params, None).unwrap();
    Model {
        name: id.into(),
        provider: Arc::new(provider),
        id: id.to_owned(),
        safeguards: None,
        params,
        weights: None,
        limits: Limits::default(),
        prices: None,
        takes: domain::Takes::default(),
        tag: digest.tag(),
        digest,
    }
}
