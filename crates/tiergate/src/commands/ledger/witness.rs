//! `tiergate ledger witness`: serves as a witness of other ledgers over HTTP (C2SP tlog-witness).
//! It must not know this installation's own ledger, nor judge a checkpoint itself.

use std::collections::HashSet;
use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use gateway::ServerLimits;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use ledger::{
    AddCheckpoint, MAX_REQUEST_BYTES, Origin, UnixSeconds, Verifier, WitnessAnswer, WitnessDenial,
};
use serde_json::json;
use store::WitnessFiles;

use super::prove::read_key;
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;
use crate::serving::{Stops, bind};

/// Where a new checkpoint is sent.
const ADD_CHECKPOINT: &str = "/add-checkpoint";
/// How long a request's body may take to come.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// Requests under way when it is told to stop take no longer than writing a file.
const DRAIN: Duration = Duration::from_secs(10);
const PLAIN: &str = "text/plain; charset=utf-8";

/// Says what to serve as a witness, and where.
#[derive(Args)]
pub struct Serve {
    /// Where logs connect; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4002")]
    listen: SocketAddr,
    /// Listen off the loopback without TLS; a proxy in front should speak it
    #[arg(long)]
    insecure: bool,
    /// The folder of the witness's key and of what it cosigned; made where there is none
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// The public key of a log to witness, or a file that holds it; several times for several
    #[arg(long = "log", value_name = "KEY", required = true)]
    logs: Vec<String>,
    /// The name of a new witness's key [default: one that is drawn]
    #[arg(long, value_name = "NAME")]
    name: Option<Origin>,
}

/// Serves until a signal stops it.
///
/// # Errors
/// Fails when folder, keys or listener do not allow it to start.
pub fn serve(options: &Serve, common: &Common) -> Outcome {
    let listen = options.listen;
    if !listen.ip().is_loopback() && !options.insecure {
        let what = format!("{listen} is reachable from outside, and TLS is not there yet");
        let mend = "listen on 127.0.0.1 behind a TLS proxy, or say --insecure";
        return Err(Fault::new(what, mend).into());
    }
    let keys = options.logs.iter().map(|key| read_key(key, "--log"));
    let logs = keys.collect::<Result<Vec<Verifier>, _>>()?;
    let files = WitnessFiles::open(&options.state, options.name.clone(), logs.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let desk = Arc::new(Desk {
        files,
        told: Mutex::default(),
    });
    runtime.block_on(run(listen, desk, |listening, desk| {
        ready(listening, desk, &logs, common);
    }))
}

fn ready(listening: SocketAddr, desk: &Desk, logs: &[Verifier], common: &Common) {
    let key = desk.files.verifier().to_string();
    let names: Vec<_> = logs.iter().map(|log| log.name().as_str()).collect();
    if common.json {
        output::json(&json!({
            "event": "ready",
            "listen": listening.to_string(),
            "key": key,
            "logs": names,
        }));
        return;
    }
    output::line(format!("witness  http://{listening}\nkey      {key}"));
    for name in names {
        output::line(format!("log      {name}"));
    }
}

async fn run(
    listen: SocketAddr,
    desk: Arc<Desk>,
    ready: impl FnOnce(SocketAddr, &Desk),
) -> Outcome {
    // Heard from here on: whoever reads that it is ready may signal at once.
    let stops = Stops::heard()?;
    let listener = bind(listen, "--listen").await?;
    let listening = listener.local_addr()?;
    let limits = ServerLimits {
        max_connections: ServerLimits::MAX_CONNECTIONS,
        max_header_bytes: ServerLimits::MAX_HEADER_BYTES,
        header_timeout: ServerLimits::HEADER_TIMEOUT,
        drain: DRAIN,
    };
    let service = {
        let desk = Arc::clone(&desk);
        service_fn(move |request| respond(Arc::clone(&desk), request))
    };
    ready(listening, &desk);
    gateway::serve(listener, service, limits, stops.come()).await;
    Ok(Exit::Done)
}

/// Answers one request.
async fn respond(
    desk: Arc<Desk>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST_BYTES).collect();
    let said = match tokio::time::timeout(BODY_WITHIN, body).await {
        Err(_) => Said::text(StatusCode::REQUEST_TIMEOUT, "the body takes too long"),
        Ok(Err(error)) if is_too_long(error.as_ref()) => {
            Said::text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long")
        }
        Ok(Err(_)) => Said::text(StatusCode::BAD_REQUEST, "the body broke off"),
        Ok(Ok(body)) => {
            let body = body.to_bytes();
            // What is cosigned is on the disk before it is answered, which blocks.
            let work = move || desk.answer(&head.method, head.uri.path(), &body);
            let answered = tokio::task::spawn_blocking(work).await;
            answered.unwrap_or_else(|error| broken(&error))
        }
    };
    Ok(said.into_response())
}

fn is_too_long(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    error.is::<LengthLimitError>()
}

/// Answers requests as one witness.
struct Desk {
    files: WitnessFiles,
    /// The logs of which it was told that they do not go on from what was cosigned; anyone can
    /// send their checkpoints again.
    told: Mutex<HashSet<String>>,
}

/// What is answered.
struct Said {
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Desk {
    fn answer(&self, method: &Method, path: &str, body: &[u8]) -> Said {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        match path {
            ADD_CHECKPOINT if *method == Method::POST => self.add(body),
            ADD_CHECKPOINT => Said::text(StatusCode::METHOD_NOT_ALLOWED, "send it with POST"),
            _ if is_read => self.latest(path.trim_start_matches('/')),
            _ => Said::absent(),
        }
    }

    fn add(&self, body: &[u8]) -> Said {
        let request = match AddCheckpoint::from_bytes(body) {
            Ok(request) => request,
            Err(denial) => return Said::answer(&WitnessAnswer::Denied(denial)),
        };
        match self.files.answer(&request, now()) {
            Ok(answer) => {
                self.tell(&request, &answer);
                Said::answer(&answer)
            }
            Err(error) => broken(&error),
        }
    }

    /// Says once for each log that it was shown with two histories: that is what a witness is for.
    fn tell(&self, request: &AddCheckpoint, answer: &WitnessAnswer) {
        let is_fork = matches!(answer, WitnessAnswer::Denied(WitnessDenial::Inconsistent));
        let Some(origin) = request.origin().ok().filter(|_| is_fork) else {
            return;
        };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(origin.to_owned()) {
            output::note(format!(
                "a checkpoint of {origin} was shown that does not go on from the one cosigned \
                 last: the log was forked or rewritten, or its proof is wrong; ask who keeps it"
            ));
        }
    }

    fn latest(&self, path: &str) -> Said {
        match self.files.latest(path) {
            Ok(Some(note)) => Said {
                status: StatusCode::OK,
                content_type: PLAIN,
                body: note,
            },
            Ok(None) => Said::absent(),
            Err(error) => broken(&error),
        }
    }
}

impl Said {
    fn text(status: StatusCode, text: &str) -> Self {
        Self {
            status,
            content_type: PLAIN,
            body: format!("{text}\n").into_bytes(),
        }
    }

    fn absent() -> Self {
        let what = "nothing is here; a witness takes POST /add-checkpoint, and shows the latest \
                    checkpoint of a log under GET /ORIGIN-HASH/checkpoint";
        Self::text(StatusCode::NOT_FOUND, what)
    }

    fn answer(answer: &WitnessAnswer) -> Self {
        Self {
            // The statuses are those of the protocol, all of them HTTP's.
            status: StatusCode::from_u16(answer.status())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            content_type: answer.content_type(),
            body: answer.body().into_bytes(),
        }
    }

    fn into_response(self) -> Response<Full<Bytes>> {
        let is_method = self.status == StatusCode::METHOD_NOT_ALLOWED;
        let mut response = Response::new(Full::new(Bytes::from(self.body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            http::HeaderValue::from_static(self.content_type),
        );
        if is_method {
            headers.insert(ALLOW, http::HeaderValue::from_static("POST"));
        }
        response
    }
}

/// Tells the operator why nothing was cosigned, and whoever asked only that.
fn broken(error: &(dyn Error + 'static)) -> Said {
    output::fault(error);
    let what = "the witness could not keep the checkpoint, and has cosigned nothing";
    Said::text(StatusCode::INTERNAL_SERVER_ERROR, what)
}

/// Tells the time; a clock before 1970 is the first second after it.
fn now() -> UnixSeconds {
    let seconds = u64::try_from(environment::now().0 / 1000).unwrap_or_default();
    UnixSeconds::new(seconds).unwrap_or(UnixSeconds::FIRST)
}
