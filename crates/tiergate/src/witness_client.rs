//! Asks one witness over HTTP: to cosign a checkpoint, and what it cosigned last. It must not know
//! when to ask, nor keep what it is told.

use std::time::Duration;

use ledger::{
    AddCheckpoint, MAX_NOTE_BYTES, Origin, WitnessReply, WitnessReplyError, WitnessVerifier,
    latest_path,
};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::config::AskedWitness;

/// How long one question may take, connecting and reading included.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Bytes that the answer to a new checkpoint may have: some lines, also of keys that are unknown
/// here, of which those that withstand quantum computers have some 3,300 bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Asks one witness; connections are kept for the next question.
#[derive(Clone, Debug)]
pub struct WitnessClient {
    agent: Agent,
    witness: AskedWitness,
}

/// Says why a witness gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFault {
    /// It could not be asked, broke off, answered too late or too long.
    #[error("{url} gives no answer")]
    Unanswered {
        /// Where it was asked.
        url: String,
        /// Why not.
        #[source]
        source: Box<ureq::Error>,
    },
    /// What it answered is not what a witness answers.
    #[error(transparent)]
    Reply(#[from] WitnessReplyError),
    /// It answered with a status that says nothing of a checkpoint.
    #[error("{url} answers with status {status}")]
    Status {
        /// Where it was asked.
        url: String,
        /// The status.
        status: u16,
    },
}

impl WitnessClient {
    /// Makes a client of one witness.
    #[must_use]
    pub fn new(witness: AskedWitness) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(ANSWER_WITHIN))
            .http_status_as_error(false)
            // What stands elsewhere is not the witness that was declared.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("tiergate/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, witness }
    }

    /// Shows which witness it asks.
    #[must_use]
    pub fn witness(&self) -> &AskedWitness {
        &self.witness
    }

    /// Shows the witness's key.
    #[must_use]
    pub fn key(&self) -> &WitnessVerifier {
        &self.witness.key
    }

    /// Asks to cosign a checkpoint.
    ///
    /// # Errors
    /// Fails when no answer comes in time and measure, or it is not this witness's.
    pub fn add(&self, request: &AddCheckpoint) -> Result<WitnessReply, WitnessFault> {
        let url = format!("{}/add-checkpoint", self.witness.url);
        let sent = self.agent.post(&url).send(request.to_bytes());
        let (status, body) = self.read(&url, sent, MAX_ANSWER_BYTES)?;
        let reply = WitnessReply::read(status, &body, &request.checkpoint, self.key());
        Ok(reply?)
    }

    /// Asks which checkpoint of a log it cosigned last; nothing where there is none. It is not
    /// checked here.
    ///
    /// # Errors
    /// Fails when no answer comes in time and measure.
    pub fn latest(&self, origin: &Origin) -> Result<Option<Vec<u8>>, WitnessFault> {
        let url = format!("{}/{}", self.witness.url, latest_path(origin));
        let sent = self.agent.get(&url).call();
        match self.read(&url, sent, MAX_NOTE_BYTES)? {
            (200, note) => Ok(Some(note)),
            (404, _) => Ok(None),
            (status, _) => Err(WitnessFault::Status { url, status }),
        }
    }

    fn read(
        &self,
        url: &str,
        sent: Result<http::Response<Body>, ureq::Error>,
        most: usize,
    ) -> Result<(u16, Vec<u8>), WitnessFault> {
        let unanswered = |source| WitnessFault::Unanswered {
            url: url.to_owned(),
            source: Box::new(source),
        };
        let mut answer = sent.map_err(unanswered)?;
        let status = answer.status().as_u16();
        let limited = answer.body_mut().with_config().limit(most as u64);
        Ok((status, limited.read_to_vec().map_err(unanswered)?))
    }
}
