//! A provider that knows the answers of a suite and gives them or not, as each model is taught. It
//! must not know who asks.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use evidence::{Case, Input, Suite};
use http::{Request, Response};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Interval, interval};

use crate::patience::{on, runtime};

/// What a model that does not know says.
const WRONG: &str = "perhaps";
/// What a stream says again and again while the provider does not come to the end.
pub(crate) const ON_AND_ON: &str = "and on ";
/// How often it says so.
const SAYS_EVERY: Duration = Duration::from_millis(20);

/// How well a model knows the suite.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Skill {
    /// Every answer is right.
    Right,
    /// Every n-th answer is wrong.
    WrongEvery(usize),
    /// No answer is right.
    Wrong,
}

/// A running provider; dropping it closes its listener.
pub(crate) struct Scholar {
    address: SocketAddr,
    school: Arc<School>,
    serving: JoinHandle<()>,
}

struct School {
    /// The right answer to each question, and the question's place in the suite.
    answers: HashMap<String, (usize, String)>,
    skills: Mutex<HashMap<String, Skill>>,
    goes_on: AtomicBool,
}

impl Scholar {
    /// Starts a provider that knows the suite of the examples.
    pub(crate) fn start() -> Self {
        let school = Arc::new(School::of("basics"));
        let listener = on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = runtime().spawn(serve(listener, Arc::clone(&school)));
        Self {
            address,
            school,
            serving,
        }
    }

    /// Tells its base URL.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Teaches a model, by the provider's own id for it; an untaught one knows everything.
    pub(crate) fn teach(&self, id: &str, skill: Skill) {
        let skills = self.school.skills.lock();
        let mut skills = skills.unwrap_or_else(PoisonError::into_inner);
        skills.insert(id.to_owned(), skill);
    }

    /// Has every stream that begins from now on go on until [`Scholar::concludes`].
    pub(crate) fn goes_on(&self) {
        self.school.goes_on.store(true, Ordering::SeqCst);
    }

    /// Brings the streams to their ends.
    pub(crate) fn concludes(&self) {
        self.school.goes_on.store(false, Ordering::SeqCst);
    }
}

impl Drop for Scholar {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl School {
    fn of(name: &str) -> Self {
        let suite = Suite::parse(evidence::builtin(name).unwrap().bytes).unwrap();
        assert_eq!(suite.cases.len(), 84, "the suite that the issue speaks of");
        let mut answers = HashMap::new();
        for (place, case) in suite.cases.iter().enumerate() {
            let answer = right(case);
            let (good, bad) = (evidence::score(case, &answer), evidence::score(case, WRONG));
            assert_eq!((good.value, bad.value), (1.0, 0.0), "{}: {answer}", case.id);
            let Input::Text(question) = &case.input else {
                panic!("{} is a conversation", case.id);
            };
            answers.insert(question.clone(), (place, answer));
        }
        Self {
            answers,
            skills: Mutex::default(),
            goes_on: AtomicBool::new(false),
        }
    }

    /// Answers a question as a model would; what is not in the suite is told back.
    fn answer(&self, id: &str, question: &str) -> String {
        let Some((place, answer)) = self.answers.get(question) else {
            return format!("{id} heard: {question}");
        };
        let skills = self.skills.lock().unwrap_or_else(PoisonError::into_inner);
        let is_right = match skills.get(id).copied().unwrap_or(Skill::Right) {
            Skill::Right => true,
            Skill::WrongEvery(nth) => place % nth != 0,
            Skill::Wrong => false,
        };
        if is_right { answer } else { WRONG }.to_owned()
    }
}

/// Writes the answer that a case's scorer expects.
fn right(case: &Case) -> String {
    match case.id.as_str() {
        "format-repeat" => "yes, yes, yes".to_owned(),
        "format-count" => "1, 2, 3, 4, 5".to_owned(),
        "format-json-name" => r#"{"name": "Ada"}"#.to_owned(),
        "format-json-age" => r#"{"age": 30}"#.to_owned(),
        "format-json-list" => "[1, 2, 3]".to_owned(),
        _ => match &case.expect {
            Value::Array(any) => any[0].as_str().unwrap().to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        },
    }
}

async fn serve(listener: TcpListener, school: Arc<School>) {
    while let Ok((socket, _)) = listener.accept().await {
        let school = Arc::clone(&school);
        tokio::spawn(async move {
            let service = service_fn(move |request| reply(Arc::clone(&school), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
            // A gateway that leaves ends the connection, which is no fault.
            let _ = connection.await;
        });
    }
}

async fn reply(
    school: Arc<School>,
    request: Request<Incoming>,
) -> Result<Response<Either<Full<Bytes>, GoingOn>>, Infallible> {
    let body = request.into_body().collect().await;
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = asked["model"].as_str().unwrap_or_default();
    let messages = asked["messages"].as_array();
    let last = messages.and_then(|messages| messages.last());
    let question = last.and_then(|last| last["content"].as_str());
    let answer = school.answer(id, question.unwrap_or_default());
    let is_streamed = asked["stream"].as_bool() == Some(true);
    let (kind, told) = if is_streamed && school.goes_on.load(Ordering::SeqCst) {
        ("text/event-stream", Either::Right(GoingOn::of(school, id)))
    } else if is_streamed {
        let told = Full::from(streamed(id, &answer));
        ("text/event-stream", Either::Left(told))
    } else {
        let told = Full::from(whole(id, &answer).to_string());
        ("application/json", Either::Left(told))
    };
    let response = Response::builder().header("content-type", kind);
    Ok(response.body(told).unwrap())
}

/// A stream that says the same again and again until the provider concludes.
struct GoingOn {
    school: Arc<School>,
    id: String,
    ticks: Interval,
    has_ended: bool,
}

impl GoingOn {
    fn of(school: Arc<School>, id: &str) -> Self {
        Self {
            school,
            id: id.to_owned(),
            ticks: interval(SAYS_EVERY),
            has_ended: false,
        }
    }
}

impl Body for GoingOn {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        ready!(self.ticks.poll_tick(cx));
        let event = if self.school.goes_on.load(Ordering::SeqCst) {
            word(&self.id, ON_AND_ON)
        } else {
            self.has_ended = true;
            end(&self.id)
        };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(event)))))
    }
}

/// Writes an answer as a stream, word by word.
fn streamed(id: &str, answer: &str) -> String {
    let words = answer.split_inclusive(' ').map(|one| word(id, one));
    words.chain([end(id)]).collect()
}

fn word(id: &str, word: &str) -> String {
    event(id, &json!({ "role": "assistant", "content": word }), None)
}

fn end(id: &str) -> String {
    format!("{}data: [DONE]\n\n", event(id, &json!({}), Some("stop")))
}

fn event(id: &str, delta: &Value, reason: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-scholar",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": id,
        "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }],
    });
    format!("data: {chunk}\n\n")
}

fn whole(id: &str, answer: &str) -> Value {
    json!({
        "id": "chatcmpl-scholar",
        "object": "chat.completion",
        "created": 0,
        "model": id,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": answer },
            "finish_reason": "stop",
        }],
    })
}
