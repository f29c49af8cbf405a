//! What a platform says in its own words about a vendor's API, told in the vendor's: errors in the
//! dialect's envelope. It must not know a platform.

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use wire::{BadRequest, Dialect, ErrorKind, WireError};

use crate::fault::{Answer, Class, Fault};

/// Is a platform's own error, read.
pub(crate) struct Enveloped {
    /// Its status.
    pub(crate) status: u16,
    /// What it says.
    pub(crate) message: String,
    /// What the platform calls it.
    pub(crate) code: Option<String>,
    /// The platform's id of the request, where it says one.
    pub(crate) request: Option<String>,
}

impl Enveloped {
    pub(crate) fn into_error(self, dialect: &dyn Dialect) -> WireError {
        let kind = match self.status {
            503 => ErrorKind::Overloaded,
            status => ErrorKind::of_status(status),
        };
        let mut error = WireError::new(self.status, kind, self.message);
        error.code = self.code;
        error.decision = self.request;
        error.status = dialect.status_of(&error);
        error
    }
}

/// Writes a platform's own error answer in the dialect's envelope; the status stays.
pub(crate) fn in_envelope(
    mut fault: Fault,
    dialect: &str,
    read: impl Fn(&Answer) -> Option<Enveloped>,
) -> Fault {
    let (Some(answer), Some(dialect)) = (fault.answer.as_mut(), wire::dialect(dialect)) else {
        return fault;
    };
    if let Some(said) = read(answer) {
        answer.body = dialect.error_body(&said.into_error(dialect)).into();
        let json = HeaderValue::from_static("application/json");
        answer.headers.insert(CONTENT_TYPE, json);
    }
    fault
}

/// Says that a body cannot be written for the platform.
pub(crate) fn unfit(fault: BadRequest) -> Fault {
    Fault::caused(Class::Unfit, fault)
}
