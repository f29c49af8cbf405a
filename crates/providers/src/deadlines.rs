//! How long each part of an exchange with a provider may take. It must not measure it.

use std::time::Duration;

/// Limits the time of each part of one exchange with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// From the request's last byte to the answer's headers. An answer that is not streamed has
    /// its headers when it is finished, so the gateway puts the limit of a whole answer here.
    pub headers: Duration,
    /// From the headers to the first byte of the body.
    pub first_token: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
}
