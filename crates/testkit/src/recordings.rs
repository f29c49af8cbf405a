//! Recorded exchanges with real providers, read from a folder of cassettes, of bare streams and
//! of bare bodies. It must not know who replays them, nor any file by its name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::yaml::Node;

/// Names the wire API of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Api {
    /// Chat Completions.
    OpenaiChat,
    /// Responses.
    OpenaiResponses,
    /// Messages.
    AnthropicMessages,
    /// `generateContent` and `streamGenerateContent`.
    Gemini,
    /// Bedrock's Converse.
    Converse,
    /// Any other, such as a count of tokens.
    Other,
}

/// Says in what form an answer was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One body.
    Whole,
    /// An event stream.
    Stream,
}

/// Holds one recorded exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The file, below the folder, and its number among the file's exchanges.
    pub name: String,
    /// The wire API.
    pub api: Api,
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub target: String,
    /// The request's body; none where only the answer was recorded.
    pub request: Option<Bytes>,
    /// The request's headers, names in lower case.
    pub request_headers: Vec<(String, String)>,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The answer's body, never written anew.
    pub body: Bytes,
    /// Its form.
    pub form: Form,
}

impl Exchange {
    /// Shows the path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Tells the first value of an answer's header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::request::value_of(&self.headers, name)
    }
}

/// Says why recordings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The folder or a file could not be read.
    #[error("could not read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is no recording.
    #[error("{path} holds no recording: {why}")]
    Content {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: String,
    },
}

/// Reads every recording below a folder, in the order of the names.
///
/// # Errors
///
/// Says which file could not be read or is no recording.
pub fn recordings(folder: &Path) -> Result<Vec<Exchange>, RecordingError> {
    let mut files = Vec::new();
    gather(folder, &mut files)?;
    files.sort();
    let mut exchanges = Vec::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file);
        let name = name.to_string_lossy().into_owned();
        let Some(read) = reader_of(&name) else {
            continue;
        };
        let text = fs::read_to_string(&file).map_err(unreadable(&file))?;
        let found = read(&name, &text).map_err(|why| RecordingError::Content {
            path: file.clone(),
            why,
        })?;
        exchanges.extend(found);
    }
    Ok(exchanges)
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> RecordingError + use<> {
    let path = path.to_owned();
    move |source| RecordingError::Read {
        path: path.clone(),
        source,
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), RecordingError> {
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

type Read = fn(&str, &str) -> Result<Vec<Exchange>, String>;

/// Says how a file is read, by the end of its name; others are no recordings.
const READERS: &[(&str, Read)] = &[
    (".yaml", cassette),
    (".chunks.txt", payloads),
    (".txt", stream),
    (".sse", stream),
    (".json", whole),
];

fn reader_of(name: &str) -> Option<Read> {
    let row = READERS.iter().find(|(end, _)| name.ends_with(end));
    row.map(|(_, read)| *read)
}

fn cassette(name: &str, text: &str) -> Result<Vec<Exchange>, String> {
    let tree = Node::parse(text).map_err(|error| error.to_string())?;
    let interactions = tree.get("interactions").ok_or("no interactions")?;
    let numbered = interactions.items().iter().enumerate();
    numbered
        .map(|(at, node)| interaction(format!("{name}#{at}"), node))
        .collect()
}

fn interaction(name: String, node: &Node) -> Result<Exchange, String> {
    let asked = node.get("request").ok_or("no request")?;
    let told = node.get("response").ok_or("no response")?;
    let uri = text_at(asked, "uri").ok_or("no uri")?;
    let target = target_of(&uri);
    let code = told
        .get("status")
        .and_then(|status| text_at(status, "code"));
    let headers = headers_of(told);
    let media = crate::request::value_of(&headers, "content-type").unwrap_or_default();
    let form = if media.starts_with("text/event-stream") {
        Form::Stream
    } else {
        Form::Whole
    };
    Ok(Exchange {
        api: api_of_path(target.split('?').next().unwrap_or_default()),
        name,
        method: text_at(asked, "method").ok_or("no method")?,
        request: parsed(asked).or_else(|| kept(asked.get("body"))),
        request_headers: headers_of(asked),
        status: code.and_then(|code| code.parse().ok()).ok_or("no status")?,
        headers,
        body: parsed(told)
            .or_else(|| kept(told.get("body")?.get("string")))
            .unwrap_or_default(),
        form,
        target,
    })
}

fn text_at(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.text().map(str::to_owned)
}

/// Cuts scheme, host and fragment off an address.
fn target_of(uri: &str) -> String {
    let behind = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = behind.find('/').and_then(|at| behind.get(at..));
    let path = path.unwrap_or("/").split('#').next();
    path.unwrap_or_default().to_owned()
}

fn headers_of(node: &Node) -> Vec<(String, String)> {
    let Some(Node::Map(fields)) = node.get("headers") else {
        return Vec::new();
    };
    let values = fields.iter().flat_map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let listed = value.items().iter().filter_map(Node::text);
        let alone = value.text();
        let texts = listed.chain(alone).map(str::to_owned);
        texts
            .map(move |text| (name.clone(), text))
            .collect::<Vec<_>>()
    });
    values.collect()
}

/// Takes a body that was kept parsed: its JSON text is made here, once.
fn parsed(node: &Node) -> Option<Bytes> {
    node.get("parsed_body").map(|body| Bytes::from(body.json()))
}

/// Takes a body that was kept as it came.
fn kept(body: Option<&Node>) -> Option<Bytes> {
    let bytes = body?.bytes()?;
    (!bytes.is_empty()).then(|| Bytes::copy_from_slice(bytes))
}

/// Reads one payload a line and gives each the framing of its API. Some files hold the answers of
/// several turns, one behind the other.
fn payloads(name: &str, text: &str) -> Result<Vec<Exchange>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<&str> = lines.collect();
    let api = lines.iter().find_map(|line| api_of_payload(line));
    let api = api.ok_or("payloads of no known API")?;
    let mut answers: Vec<Vec<&str>> = Vec::new();
    for line in lines {
        match answers.last_mut() {
            Some(answer) if !begins(line, answer) => answer.push(line),
            _ => answers.push(vec![line]),
        }
    }
    let is_one = answers.len() == 1;
    let numbered = answers.into_iter().enumerate();
    let exchanges = numbered.map(|(at, answer)| {
        let name = if is_one {
            name.to_owned()
        } else {
            format!("{name}#{at}")
        };
        bare(&name, api, framed(api, &answer), Form::Stream, 200)
    });
    Ok(exchanges.collect())
}

/// Tells whether a payload begins the next answer; one that begins in the midst of another is what
/// a broken server sends.
fn begins(line: &str, before: &[&str]) -> bool {
    let last = before.last().map(|last| kind_of(last));
    match kind_of(line) {
        "response.created" => true,
        "message_start" => last == Some("message_stop"),
        _ => false,
    }
}

/// Gives payloads the framing of their API.
fn framed(api: Api, lines: &[&str]) -> String {
    let mut body = String::new();
    for line in lines {
        if matches!(api, Api::AnthropicMessages | Api::OpenaiResponses) {
            body += &format!("event: {}\n", kind_of(line));
        }
        body += &format!("data: {line}\n\n");
    }
    if api == Api::OpenaiChat {
        body += "data: [DONE]\n\n";
    }
    body
}

/// Tells the type that an event begins with. One that is broken further on is replayed as it is.
fn kind_of(payload: &str) -> &str {
    let kind = payload.split_once("\"type\":").map(|(_, behind)| behind);
    let kind = kind.and_then(|behind| behind.trim_start().strip_prefix('"'));
    let kind = kind.and_then(|behind| behind.split('"').next());
    kind.unwrap_or_default()
}

/// Reads a stream that was kept with its framing.
fn stream(name: &str, text: &str) -> Result<Vec<Exchange>, String> {
    let mut lines = text.lines();
    let first = lines.find_map(|line| line.strip_prefix("data:"));
    let Some(first) = first else {
        // Such as a licence that lies beside recordings.
        return Ok(Vec::new());
    };
    let api = api_of_payload(first).ok_or("events of no known API")?;
    Ok(vec![bare(name, api, text.to_owned(), Form::Stream, 200)])
}

/// Reads one body, which is an answer or an error.
fn whole(name: &str, text: &str) -> Result<Vec<Exchange>, String> {
    let api = api_of_payload(text).ok_or("a body of no known API")?;
    let tree: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let error = &tree["error"];
    let status = match (error.is_object(), error["code"].as_u64()) {
        (false, _) => 200,
        (true, Some(code)) => u16::try_from(code).unwrap_or(500),
        (true, None) => 400,
    };
    Ok(vec![bare(name, api, text.to_owned(), Form::Whole, status)])
}

fn bare(name: &str, api: Api, body: String, form: Form, status: u16) -> Exchange {
    let media = match form {
        Form::Whole => "application/json",
        Form::Stream => "text/event-stream",
    };
    let target = match api {
        Api::OpenaiChat => "/v1/chat/completions",
        Api::OpenaiResponses => "/v1/responses",
        Api::AnthropicMessages => "/v1/messages",
        Api::Gemini if form == Form::Stream => "/v1beta/models/bare:streamGenerateContent?alt=sse",
        Api::Gemini => "/v1beta/models/bare:generateContent",
        Api::Converse | Api::Other => "/",
    };
    Exchange {
        name: name.to_owned(),
        api,
        method: "POST".to_owned(),
        target: target.to_owned(),
        request: None,
        request_headers: Vec::new(),
        status,
        headers: vec![("content-type".to_owned(), media.to_owned())],
        body: Bytes::from(body),
        form,
    }
}

fn api_of_path(path: &str) -> Api {
    let ends: [(&str, Api); 6] = [
        ("/chat/completions", Api::OpenaiChat),
        ("/responses", Api::OpenaiResponses),
        ("/messages", Api::AnthropicMessages),
        (":generateContent", Api::Gemini),
        (":streamGenerateContent", Api::Gemini),
        ("/converse", Api::Converse),
    ];
    if path.ends_with("/converse-stream") {
        return Api::Converse;
    }
    let row = ends.iter().find(|(end, _)| path.ends_with(end));
    row.map_or(Api::Other, |(_, api)| *api)
}

/// Tells an API by what its bodies and events are marked with.
fn api_of_payload(payload: &str) -> Option<Api> {
    let tree: Value = serde_json::from_str(payload).ok()?;
    let kind = tree["type"].as_str().unwrap_or_default();
    let object = tree["object"].as_str().unwrap_or_default();
    let is_gemini = tree["candidates"].is_array() || tree["error"]["status"].is_string();
    // The wire's own words say more than the shape; Messages has an event `error` too, but only
    // its envelope has a type of its own.
    let api = match (kind, object) {
        ("message" | "message_start" | "ping", _) => Api::AnthropicMessages,
        ("error", _) if tree["error"]["type"].is_string() => Api::AnthropicMessages,
        (_, "chat.completion" | "chat.completion.chunk") => Api::OpenaiChat,
        (_, "response") => Api::OpenaiResponses,
        (kind, _) if kind.starts_with("response.") => Api::OpenaiResponses,
        _ if is_gemini => Api::Gemini,
        _ if tree["choices"].is_array() => Api::OpenaiChat,
        _ if tree["error"] != json!(null) => Api::OpenaiResponses,
        _ => return None,
    };
    Some(api)
}

#[cfg(test)]
mod tests;
