//! The HTTP client for a running gateway on this machine. It must not know what is asked.

use std::time::Duration;

use ureq::Agent;

/// Makes a client for one gateway's ports: no proxy, and every status is an answer.
#[must_use]
pub fn to_gateway(answer_within: Duration) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(answer_within))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .new_agent()
}
