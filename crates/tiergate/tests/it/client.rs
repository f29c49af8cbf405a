//! Requests and answers as a test writes and reads them, over sockets of its own. It must not
//! know the gateway's answers.

use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::{Value, json};
use testkit::Client;
use tokio::time::timeout;

use crate::patience::{PATIENCE, on};

/// A request to be sent; every byte of it is the test's own.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Ask {
    /// Asks for a path.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// Gets a path.
    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// Posts JSON.
    pub(crate) fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path)
            .with("content-type", "application/json")
            .sending(body.to_string())
    }

    /// Asks a model in OpenAI's dialect.
    pub(crate) fn chat(name: &str) -> Self {
        Self::post("/v1/chat/completions", &question(name))
    }

    /// Asks a model in Anthropic's dialect.
    pub(crate) fn messages(name: &str) -> Self {
        let mut body = question(name);
        body["max_tokens"] = json!(64);
        Self::post("/v1/messages", &body).with("anthropic-version", "2023-06-01")
    }

    /// Asks for a stream.
    pub(crate) fn streamed(mut self) -> Self {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        body["stream"] = json!(true);
        self.body = Bytes::from(body.to_string());
        self
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self
    }

    /// Adds a key.
    pub(crate) fn bearer(self, key: &str) -> Self {
        self.with("authorization", &format!("Bearer {key}"))
    }

    /// Sends these bytes as the body.
    pub(crate) fn sending(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Writes the request's line and headers.
    pub(crate) fn head(&self) -> String {
        let lines: String = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let (method, path, length) = (&self.method, &self.path, self.body.len());
        format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{lines}content-length: {length}\r\n\r\n"
        )
    }

    /// Writes the whole request.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head().into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Sends it on a connection of its own and reads the whole answer.
    pub(crate) fn to(&self, address: SocketAddr) -> Answer {
        on(self.sent(address))
    }

    /// Sends it on a connection of its own, on the shared runtime.
    pub(crate) async fn sent(&self, address: SocketAddr) -> Answer {
        let mut line = Line::open(address).await;
        line.ask(self).await
    }
}

fn question(name: &str) -> Value {
    json!({ "model": name, "messages": [{ "role": "user", "content": "hello out there" }] })
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Shows a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Shows the body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Reads the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Asserts the status.
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Shows the model that the headers say has answered.
    pub(crate) fn model(&self) -> Option<&str> {
        self.header("tiergate-model")
    }
}

/// One keep-alive connection.
pub(crate) struct Line {
    pub(crate) client: Client,
}

impl Line {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let client = timeout(PATIENCE, Client::connect(address)).await;
        Self {
            client: client.expect("a connection in time").unwrap(),
        }
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn ask(&mut self, ask: &Ask) -> Answer {
        let exchanged = timeout(PATIENCE, self.client.exchange(&ask.bytes())).await;
        let reply = exchanged.unwrap_or_else(|_| panic!("no answer: {} {}", ask.method, ask.path));
        let reply = reply.unwrap_or_else(|error| panic!("{} {}: {error:?}", ask.method, ask.path));
        Answer {
            status: reply.head.status,
            headers: reply.head.headers,
            body: reply.body,
        }
    }
}
