//! How an exchange with a provider fails, and what may be done about it. It must not know who
//! asked, nor render anything to them.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// Says that a provider did not answer as asked.
#[derive(Debug, thiserror::Error)]
#[error("{class}")]
pub struct Fault {
    /// What went wrong.
    pub class: Class,
    /// What may be tried next.
    pub retry: Retry,
    /// How long the provider asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What the provider said, where it said anything: its own error answer.
    pub answer: Option<Box<Answer>>,
    /// The cause underneath.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

/// Holds a provider's own error answer, whole and unedited.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers without those that concern only one connection.
    pub headers: HeaderMap,
    /// Its body, up to [`crate::MAX_ERROR_BODY`] bytes.
    pub body: Bytes,
}

/// Says what went wrong with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The request could not be authorised: a token could not be fetched, or a signature made.
    Credential,
    /// No connection: the name, the address or the port does not answer.
    Connect,
    /// The connection stands, and TLS on it does not.
    Tls,
    /// No connection in time.
    TimeoutConnect,
    /// No headers in time.
    TimeoutHeaders,
    /// Headers, but no first byte of the body in time.
    TimeoutFirstToken,
    /// The body stopped for too long.
    TimeoutIdle,
    /// The connection ended before the answer's headers.
    Reset,
    /// The answer ended before its end: cut, or shorter than its own length says.
    Cut,
    /// What came is not an HTTP answer that can be read.
    Garbage,
    /// The provider points elsewhere; redirects are never followed.
    Redirect,
    /// The provider answered with an error status.
    Status(StatusCode),
    /// The provider's answer was an error inside a success.
    InBand,
    /// The answer is larger than the limit.
    TooLarge,
    /// The model in this process has no place left in its queue.
    Busy,
    /// The request asks for what this model cannot do.
    Unfit,
    /// The model in this process failed.
    Engine,
}

impl Class {
    /// Shows the word used in logs, metrics and accounting.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::TimeoutConnect => "timeout_connect",
            Self::TimeoutHeaders => "timeout_headers",
            Self::TimeoutFirstToken => "timeout_first_token",
            Self::TimeoutIdle => "timeout_idle",
            Self::Reset => "reset",
            Self::Cut => "cut",
            Self::Garbage => "garbage",
            Self::Redirect => "redirect",
            Self::Status(_) => "bad_status",
            Self::InBand => "in_band",
            Self::TooLarge => "too_large",
            Self::Busy => "busy",
            Self::Unfit => "unfit",
            Self::Engine => "engine",
        }
    }

    /// Tells what may be tried after a fault of this class, before anything was shown.
    #[must_use]
    pub fn retry(self) -> Retry {
        match self {
            Self::Connect | Self::Reset | Self::InBand => Retry::SameModel,
            Self::Status(status) => retry_of_status(status),
            Self::Unfit => Retry::Never,
            Self::Credential
            | Self::Tls
            | Self::TimeoutConnect
            | Self::TimeoutHeaders
            | Self::TimeoutFirstToken
            | Self::TimeoutIdle
            | Self::Cut
            | Self::Garbage
            | Self::Redirect
            | Self::TooLarge
            | Self::Busy
            | Self::Engine => Retry::NextModel,
        }
    }
}

/// A bad request stays bad wherever it goes, and its reason belongs to the caller. A credential
/// or a model that is not good there says nothing about the next model.
fn retry_of_status(status: StatusCode) -> Retry {
    match status.as_u16() {
        401..=404 => Retry::NextModel,
        408 | 409 | 429 | 500..=599 => Retry::SameModel,
        _ => Retry::Never,
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential => f.write_str("the credential for the provider could not be had"),
            Self::Connect => f.write_str("the provider cannot be reached"),
            Self::Tls => f.write_str("the provider's TLS could not be agreed on or trusted"),
            Self::TimeoutConnect => f.write_str("the provider took too long to connect"),
            Self::TimeoutHeaders => f.write_str("the provider took too long to answer"),
            Self::TimeoutFirstToken => f.write_str("the provider took too long to begin"),
            Self::TimeoutIdle => f.write_str("the provider stopped in the middle of its answer"),
            Self::Reset => f.write_str("the provider closed the connection without an answer"),
            Self::Cut => f.write_str("the provider's answer was cut off"),
            Self::Garbage => f.write_str("the provider's answer could not be read"),
            Self::Redirect => f.write_str("the provider redirects, which is not followed"),
            Self::Status(status) => write!(f, "the provider answered {}", status.as_u16()),
            Self::InBand => f.write_str("the provider reported an error"),
            Self::TooLarge => f.write_str("the provider's answer is over the limit"),
            Self::Busy => f.write_str("the model's queue is full"),
            Self::Unfit => f.write_str("the model cannot do what the request asks"),
            Self::Engine => f.write_str("the model in this process failed"),
        }
    }
}

/// Says what may be tried after a fault. Each allows what stands behind it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retry {
    /// Nothing: the answer belongs to the caller.
    Never,
    /// The next model.
    NextModel,
    /// The same model again, then the next.
    SameModel,
}

impl Fault {
    /// Makes a fault of a class without a cause underneath.
    #[must_use]
    pub fn new(class: Class) -> Self {
        Self {
            class,
            retry: class.retry(),
            retry_after: None,
            answer: None,
            source: None,
        }
    }

    /// Makes a fault of a class with its cause.
    #[must_use]
    pub fn caused(class: Class, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(class)
        }
    }
}
