//! How a request fails: whose fault, what class, what it says. It must not render anything: that
//! is `respond`.

use std::time::Duration;

use domain::Denial;
use providers::{Answer, Fault};
use wire::ErrorKind;

/// Says why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
#[error("{}", class.row().says)]
pub struct Error {
    /// Whose fault it is.
    pub origin: Origin,
    /// What went wrong.
    pub class: Class,
    /// What exactly, where the class alone does not say it.
    pub detail: Option<String>,
    /// The request's field at fault.
    pub field: Option<String>,
    /// How long the caller should wait.
    pub retry_after: Option<Duration>,
    /// The provider's own words, in the provider's dialect.
    pub answer: Option<Box<Said>>,
    /// The cause underneath.
    #[source]
    pub source: Option<Box<Fault>>,
}

/// Holds a provider's error answer and the dialect that it is in.
#[derive(Debug)]
pub struct Said {
    /// The answer.
    pub answer: Answer,
    /// Names the dialect.
    pub dialect: &'static str,
}

/// Says whose fault a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The caller's.
    Caller,
    /// The provider's.
    Provider,
    /// Tiergate's own.
    Tiergate,
}

/// Names what went wrong. Each has one row: status, code and remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// No credential.
    NoCredential,
    /// A credential that opens nothing.
    BadCredential,
    /// Credential headers that can be read in two ways.
    CredentialHeader,
    /// No such route.
    NoRoute,
    /// A route that Tiergate knows and does not offer.
    NotOffered,
    /// A route under another method.
    Method,
    /// A body of another type.
    ContentType,
    /// A body over the limit.
    BodyTooLarge,
    /// A body that did not arrive in time, or not at all.
    BodyTimeout,
    /// A body that broke off, or whose chunks cannot be read.
    BodyBroken,
    /// A body that is no request.
    BadRequest,
    /// A header of ours with a value that cannot be.
    BadHeader,
    /// A name that leads nowhere for this caller, hidden and unknown alike.
    UnknownName,
    /// A use case that is not declared.
    UseCaseUndeclared,
    /// A use case that the key does not list.
    UseCaseNotHeld,
    /// A tier that the use case does not list.
    TierNotAllowed,
    /// An answer that was taken back from this caller while it was under way.
    CutOff,
    /// A decision that this key has not made, or not yet.
    UnknownDecision,
    /// A decision on which another report stands.
    AlreadyReported,
    /// A report that could not be kept.
    NotKept,
    /// More output than the model's limit.
    MaxOutput,
    /// A request that the model's dialect cannot say.
    Untranslatable,
    /// A request for what the model refuses and nothing else can stand for.
    Unadaptable,
    /// The provider answered with an error.
    ProviderSaid,
    /// The provider could not be reached or broke off.
    ProviderFailed,
    /// The provider was too slow.
    ProviderTimeout,
    /// The provider has no place now.
    ProviderBusy,
    /// The provider's answer cannot be read.
    ProviderGarbage,
    /// The provider's answer cannot be told in the caller's dialect.
    AnswerUntranslatable,
    /// Nothing serves the model: its provider is not set up.
    NotWired,
}

/// Describes a class to the caller and to the reference.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The HTTP status, where a dialect has no other for the kind.
    pub status: u16,
    /// The kind, which gives the dialect's own type.
    pub kind: ErrorKind,
    /// The stable code.
    pub code: &'static str,
    /// What happened.
    pub says: &'static str,
    /// How to mend it.
    pub remedy: &'static str,
}

impl Class {
    /// Lists every class, in the order of the reference.
    pub const ALL: [Self; 30] = [
        Self::NoCredential,
        Self::BadCredential,
        Self::CredentialHeader,
        Self::NoRoute,
        Self::NotOffered,
        Self::Method,
        Self::ContentType,
        Self::BodyTooLarge,
        Self::BodyTimeout,
        Self::BodyBroken,
        Self::BadRequest,
        Self::BadHeader,
        Self::UnknownName,
        Self::UseCaseUndeclared,
        Self::UseCaseNotHeld,
        Self::TierNotAllowed,
        Self::CutOff,
        Self::UnknownDecision,
        Self::AlreadyReported,
        Self::NotKept,
        Self::MaxOutput,
        Self::Untranslatable,
        Self::Unadaptable,
        Self::ProviderSaid,
        Self::ProviderFailed,
        Self::ProviderTimeout,
        Self::ProviderBusy,
        Self::ProviderGarbage,
        Self::AnswerUntranslatable,
        Self::NotWired,
    ];

    /// Finds the class of what a provider failed with.
    #[must_use]
    pub fn of_provider(class: &providers::Class) -> Self {
        use providers::Class as Provider;
        match class {
            Provider::TimeoutConnect
            | Provider::TimeoutHeaders
            | Provider::TimeoutFirstToken
            | Provider::TimeoutIdle => Self::ProviderTimeout,
            Provider::Busy => Self::ProviderBusy,
            Provider::Garbage | Provider::TooLarge => Self::ProviderGarbage,
            _ => Self::ProviderFailed,
        }
    }

    /// Shows the class's row.
    #[must_use]
    pub fn row(self) -> Row {
        match self {
            Self::NoCredential
            | Self::BadCredential
            | Self::CredentialHeader
            | Self::UnknownName
            | Self::UseCaseUndeclared
            | Self::UseCaseNotHeld
            | Self::TierNotAllowed
            | Self::CutOff => self.row_of_access(),
            Self::UnknownDecision | Self::AlreadyReported | Self::NotKept => self.row_of_report(),
            Self::ProviderSaid
            | Self::ProviderFailed
            | Self::ProviderTimeout
            | Self::ProviderBusy
            | Self::ProviderGarbage
            | Self::AnswerUntranslatable
            | Self::NotWired => self.row_of_provider(),
            _ => self.row_of_request(),
        }
    }

    fn row_of_access(self) -> Row {
        use ErrorKind::{Authentication, InvalidRequest, NotFound, Permission};
        match self {
            Self::NoCredential => row(401, Authentication, "no_credential").says(
                "the request bears no key",
                "send `Authorization: Bearer KEY` or `x-api-key: KEY`",
            ),
            Self::CredentialHeader => row(400, InvalidRequest, "credential_header").says(
                "the credential header is given twice or is not readable",
                "send one `Authorization: Bearer KEY` or one `x-api-key: KEY`",
            ),
            Self::UnknownName => row(404, NotFound, "model_not_found").says(
                "the model does not exist, or this key may not ask for it",
                "ask for one of the names that GET /v1/models lists",
            ),
            Self::UseCaseUndeclared => row(403, Permission, "use_case_undeclared").says(
                "the use case is not declared",
                "name a declared one in `tiergate-use-case`, or leave the header out",
            ),
            Self::UseCaseNotHeld => row(403, Permission, "use_case_not_held").says(
                "this key does not list the use case",
                "name one that the key lists, or ask for a key that lists it",
            ),
            Self::TierNotAllowed => row(403, Permission, "tier_not_allowed").says(
                "the use case does not list the tier",
                "ask for a tier that the use case lists, or claim another use case",
            ),
            Self::CutOff => row(403, Permission, "cut_off").says(
                "the answer was ended: its model was suspended or withdrawn for this caller",
                "ask again, and what serves beside it answers",
            ),
            _ => row(401, Authentication, "bad_credential").says(
                "the key is not valid here",
                "check the key, its expiry and that it is a caller's key",
            ),
        }
    }

    fn row_of_report(self) -> Row {
        use ErrorKind::{Api, Conflict, NotFound};
        match self {
            Self::UnknownDecision => row(404, NotFound, "decision_not_found").says(
                "no decision of this key has that id",
                "report the `tiergate-decision` of an answer that has ended, \
                 with the key that asked",
            ),
            Self::AlreadyReported => row(409, Conflict, "already_reported").says(
                "another report stands for this decision, and the first one counts",
                "report a decision once, when its outcome is known",
            ),
            _ => row(503, Api, "report_not_kept")
                .says("the report could not be kept", "send it again"),
        }
    }

    fn row_of_request(self) -> Row {
        use ErrorKind::{InvalidRequest, NotFound, Timeout, TooLarge};
        match self {
            Self::NoRoute => row(404, NotFound, "no_such_route").says(
                "there is no such route",
                "see GET /v1/models and the base URLs",
            ),
            Self::NotOffered => row(404, NotFound, "route_not_offered").says(
                "Tiergate does not offer this route yet",
                "use /v1/chat/completions, /v1/responses or /v1/messages",
            ),
            Self::Method => row(405, InvalidRequest, "method_not_allowed").says(
                "the route has another method",
                "use the one in the `allow` header",
            ),
            Self::ContentType => row(415, InvalidRequest, "content_type").says(
                "the body is not declared as JSON",
                "send `content-type: application/json`, without an encoding",
            ),
            Self::BodyTooLarge => row(413, TooLarge, "body_too_large").says(
                "the body is over the limit",
                "send less, or raise `max_body_bytes`",
            ),
            Self::BodyTimeout => row(408, Timeout, "body_timeout")
                .says("the body did not arrive in time", "send it again"),
            Self::BodyBroken => row(400, InvalidRequest, "body_broken").says(
                "the body broke off, or its chunks cannot be read",
                "send it whole, with a `content-length` or well-formed chunks",
            ),
            Self::BadHeader => row(400, InvalidRequest, "bad_header").says(
                "a tiergate header cannot be read",
                "send short visible ASCII, once",
            ),
            Self::MaxOutput => row(400, InvalidRequest, "max_output").says(
                "more output is asked for than the model's limit",
                "ask for fewer tokens",
            ),
            Self::Untranslatable => row(400, InvalidRequest, "not_translatable").says(
                "the request has no form in the model's dialect",
                "leave the field out, or ask in the model's own dialect",
            ),
            Self::Unadaptable => row(400, InvalidRequest, "not_adaptable").says(
                "the model refuses what the request asks for",
                "mend the field named, or ask for another model",
            ),
            _ => row(400, InvalidRequest, "bad_request")
                .says("the body is not a request", "mend the field named"),
        }
    }

    fn row_of_provider(self) -> Row {
        use ErrorKind::{Api, Overloaded, Timeout};
        match self {
            Self::ProviderSaid => row(502, Api, "provider_error")
                .says("the provider answered with an error", "see what it says"),
            Self::ProviderTimeout => row(504, Timeout, "provider_timeout")
                .says("the provider took too long", "try again later"),
            Self::ProviderBusy => row(503, Overloaded, "provider_busy").says(
                "the model has no free place",
                "try again after `retry-after`",
            ),
            Self::ProviderGarbage => row(502, Api, "provider_garbage").says(
                "the provider's answer cannot be read",
                "try again, then tell the operator",
            ),
            Self::AnswerUntranslatable => row(502, Api, "answer_not_translatable").says(
                "the answer has no form in the request's dialect",
                "ask in the model's own dialect",
            ),
            Self::NotWired => row(503, Api, "provider_not_set_up").says(
                "the model's provider is not set up",
                "tell the operator: `tiergate check` says what is missing",
            ),
            _ => row(502, Api, "provider_failed").says(
                "the provider could not be reached or broke off",
                "try again",
            ),
        }
    }
}

fn row(status: u16, kind: ErrorKind, code: &'static str) -> Row {
    Row {
        status,
        kind,
        code,
        says: "",
        remedy: "",
    }
}

impl Row {
    fn says(self, says: &'static str, remedy: &'static str) -> Self {
        Self {
            says,
            remedy,
            ..self
        }
    }
}

impl Error {
    /// Makes an error that is the caller's to mend.
    #[must_use]
    pub fn caller(class: Class) -> Self {
        Self {
            origin: Origin::Caller,
            class,
            detail: None,
            field: None,
            retry_after: None,
            answer: None,
            source: None,
        }
    }

    /// Says what exactly.
    #[must_use]
    pub fn detailed(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// Makes an error of a denial.
    #[must_use]
    pub fn denied(denial: &Denial, name: &str) -> Self {
        match denial {
            Denial::UnknownName => {
                Self::caller(Class::UnknownName).detailed(format!("the model `{name}`"))
            }
            Denial::UseCaseUndeclared => Self::caller(Class::UseCaseUndeclared),
            Denial::UseCaseNotHeld => Self::caller(Class::UseCaseNotHeld),
            Denial::TierNotAllowed { tier } => {
                Self::caller(Class::TierNotAllowed).detailed(format!("tier `{tier}`"))
            }
        }
    }

    /// Makes an error of a body that its dialect cannot read.
    #[must_use]
    pub fn bad_request(fault: wire::BadRequest) -> Self {
        Self {
            field: fault.field.clone(),
            ..Self::caller(Class::BadRequest).detailed(fault.to_string())
        }
    }

    /// Makes an error of what went wrong with a provider that speaks `dialect`.
    #[must_use]
    pub fn provider(mut fault: Fault, dialect: &'static str) -> Self {
        let class = match fault.class {
            providers::Class::Status(_) if fault.answer.is_some() => Class::ProviderSaid,
            ref class => Class::of_provider(class),
        };
        let answer = fault.answer.take().map(|answer| {
            Box::new(Said {
                answer: *answer,
                dialect,
            })
        });
        Self {
            origin: Origin::Provider,
            class,
            detail: Some(fault.class.to_string()),
            field: None,
            retry_after: fault.retry_after,
            answer,
            source: Some(Box::new(fault)),
        }
    }

    /// Makes an error of a model that nothing serves.
    #[must_use]
    pub fn not_wired() -> Self {
        Self::of_ours(Class::NotWired)
    }

    /// Makes an error that is Tiergate's own.
    #[must_use]
    pub fn of_ours(class: Class) -> Self {
        Self {
            origin: Origin::Tiergate,
            ..Self::caller(class)
        }
    }
}
