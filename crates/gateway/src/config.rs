//! The settings of the gateway, filled by whoever wires it. It must not know where they were read.

use std::time::Duration;

/// Limits and deadlines of the application port.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The largest request body taken, in bytes.
    pub max_body_bytes: usize,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// The most time to connect to a provider.
    pub connect_timeout: Duration,
    /// The most time until the headers of a streamed answer.
    pub headers_timeout: Duration,
    /// The most time until a stream's first visible output.
    pub first_token_timeout: Duration,
    /// The most time between two pieces of an answer.
    pub idle_timeout: Duration,
    /// The most time for a whole answer that is not streamed: a provider sends its headers when
    /// it is finished.
    pub answer_timeout: Duration,
    /// How long a model that keeps failing is left alone before one request tries it again; a
    /// probe that fails doubles it, up to a minute.
    pub circuit_rest: Duration,
    /// What happens to a request that another dialect cannot say in full.
    pub translation: Translation,
}

/// Says what happens to what another dialect cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Translation {
    /// It is left out and named in `tiergate-lossy`.
    Named,
    /// It is refused.
    Strict,
}

impl Config {
    /// The largest request body unless the settings say otherwise: what the strictest provider
    /// takes.
    pub const MAX_BODY_BYTES: usize = 32 << 20;
    /// How long a body may take unless the settings say otherwise.
    pub const BODY_TIMEOUT: Duration = Duration::from_secs(60);
}

/// Limits of one listener's connections.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// The most connections at once; more wait in the system's queue.
    pub max_connections: usize,
    /// The largest request line and header section, in bytes.
    pub max_header_bytes: usize,
    /// How long a request's headers may take, and how long a connection may rest between two.
    pub header_timeout: Duration,
    /// How long requests under way may go on after a stop.
    pub drain: Duration,
}

impl ServerLimits {
    /// The most connections unless the settings say otherwise.
    pub const MAX_CONNECTIONS: usize = 10_000;
    /// The largest header section unless the settings say otherwise.
    pub const MAX_HEADER_BYTES: usize = 64 << 10;
    /// How long headers may take unless the settings say otherwise; above the 60 seconds that
    /// common clients keep a connection.
    pub const HEADER_TIMEOUT: Duration = Duration::from_secs(75);
}
