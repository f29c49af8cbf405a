//! One witness as the gateway that asks it knows it: what it cosigned, when to ask again. It must
//! not know the other ones.

use std::time::{Duration, Instant};

use ledger::{ProofError, UnixSeconds, WitnessReply};
use store::{LedgerError, LedgerFiles};

use crate::config::AskedWitness;
use crate::output;
use crate::standing::{Standing, State};
use crate::witness_client::{WitnessClient, WitnessFault};

/// Questions in one round: the first, one from the size that the witness tells, and one more where
/// the ledger and the witness went on in between.
const QUESTIONS: usize = 3;
/// How long a witness is left alone after a failure; twice as long after each further one.
const FIRST_REST: Duration = Duration::from_secs(1);
/// The longest that it is left alone.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// Is one witness that is asked.
pub(super) struct Member {
    client: WitnessClient,
    /// How many entries it cosigned last, as far as is known: from there the next proof goes.
    old: u64,
    cosigned: Option<Cosigned>,
    /// When it may be asked again after a failure.
    rests_until: Option<Instant>,
    standing: Standing,
}

/// What a witness cosigned since this process asks it.
struct Cosigned {
    /// The checkpoint as the log signed it.
    checkpoint: Vec<u8>,
    /// The same with the witness's cosignature.
    note: Vec<u8>,
}

/// Says why a question brought no cosignature.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Witness(#[from] WitnessFault),
    #[error("it answers {status}: {}", denial(.status))]
    Denied { status: u16 },
    #[error(
        "it cosigned {size} entries of this ledger, which has {own}: entries were lost, or an \
         older copy was put back; restore the newest backup of the data directory"
    )]
    Ahead { size: u64, own: u64 },
    #[error("it names another size with every answer")]
    Unsettled,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Member {
    /// Takes up a witness, from what is kept of it.
    pub(super) fn new(witness: AskedWitness, files: &LedgerFiles) -> Self {
        // A file that is gone or wrong costs one more question: the witness tells the size.
        let kept = files.cosigned(&witness.key).ok().flatten();
        let origin = files.verifier().name().as_str();
        let tree = kept.and_then(|note| witness.key.cosigned_tree(&note, origin).ok().flatten());
        let standing = Standing {
            witness: witness.key.name().to_string(),
            url: witness.url.clone(),
            state: State::Waiting,
            size: tree.map(|(tree, _)| tree.size),
            at: tree.map(|(_, time)| time.seconds()),
            failures: 0,
            fault: None,
        };
        Self {
            client: WitnessClient::new(witness),
            old: standing.size.unwrap_or_default(),
            cosigned: None,
            rests_until: None,
            standing,
        }
    }

    /// Shows which witness it is.
    pub(super) fn witness(&self) -> &AskedWitness {
        self.client.witness()
    }

    /// Tells how it stands.
    pub(super) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Shows the last checkpoint that it cosigned, with its cosignature.
    pub(super) fn note(&self) -> Option<Vec<u8>> {
        self.cosigned.as_ref().map(|cosigned| cosigned.note.clone())
    }

    /// Tells whether it is to be asked about the log's checkpoint. After a start it always is: what
    /// it says shows whether an older copy of the whole data directory was put back.
    pub(super) fn is_due(&self, checkpoint: &[u8], now: Instant) -> bool {
        let has_cosigned =
            self.cosigned.as_ref().map(|one| &one.checkpoint[..]) == Some(checkpoint);
        !has_cosigned && self.rests_until.is_none_or(|end| end <= now)
    }

    /// Asks it to cosign the ledger as it is now, and keeps the answer.
    pub(super) fn ask(&mut self, files: &LedgerFiles) {
        let before = self.standing.fault.take();
        match self.cosign(files) {
            Ok(time) => {
                self.standing.state = State::Cosigned;
                self.standing.size = Some(self.old);
                self.standing.at = Some(time.seconds());
                self.standing.failures = 0;
                self.rests_until = None;
                if before.is_some() {
                    output::note(format!(
                        "the witness {} cosigns again",
                        self.standing.witness
                    ));
                }
            }
            Err(trouble) => {
                let told = output::chain(&trouble);
                if before.as_ref() != Some(&told) {
                    let name = &self.standing.witness;
                    output::note(format!("the witness {name} does not cosign: {told}"));
                }
                self.standing.state = trouble.state();
                self.standing.failures = self.standing.failures.saturating_add(1);
                self.standing.fault = Some(told);
                self.rests_until = Instant::now().checked_add(rest(self.standing.failures));
            }
        }
    }

    fn cosign(&mut self, files: &LedgerFiles) -> Result<UnixSeconds, Trouble> {
        for _ in 0..QUESTIONS {
            let (own, request) = match files.ask_witness(self.old) {
                Err(LedgerError::Proof(ProofError::OutOfRange { asked, size })) => {
                    // It may have been told wrongly, so that the witness has the last word.
                    self.old = 0;
                    return Err(Trouble::Ahead {
                        size: asked,
                        own: size,
                    });
                }
                asked => asked?,
            };
            match self.client.add(&request)? {
                WitnessReply::Cosigned { checkpoint, time } => {
                    files.keep_cosigned(self.client.key(), &checkpoint)?;
                    self.old = own;
                    self.cosigned = Some(Cosigned {
                        checkpoint: request.checkpoint,
                        note: checkpoint,
                    });
                    return Ok(time);
                }
                // The ledger was at least as long as any checkpoint that left it.
                WitnessReply::Conflict { size } if size > own => {
                    return Err(Trouble::Ahead { size, own });
                }
                WitnessReply::Conflict { size } => self.old = size,
                WitnessReply::Denied { status } => return Err(Trouble::Denied { status }),
            }
        }
        Err(Trouble::Unsettled)
    }
}

impl Trouble {
    fn state(&self) -> State {
        match self {
            Self::Witness(WitnessFault::Unanswered { .. }) => State::Unanswered,
            Self::Witness(_) | Self::Denied { .. } | Self::Unsettled => State::Refused,
            Self::Ahead { .. } => State::Ahead,
            Self::Ledger(_) => State::Unkept,
        }
    }
}

fn denial(status: &u16) -> &'static str {
    match status {
        403 => {
            "it knows this ledger by another key; give it the one that `tiergate ledger key` shows"
        }
        404 => "it does not witness this ledger; give it the key that `tiergate ledger key` shows",
        422 => {
            "this ledger does not go on from what it cosigned: it was forked, or rewritten; \
             compare it with a backup"
        }
        _ => "see its own log",
    }
}

fn rest(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    FIRST_REST.saturating_mul(doubled).min(LONGEST_REST)
}
