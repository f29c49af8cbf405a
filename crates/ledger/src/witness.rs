//! The witness protocol, both sides: what a witness answers to a new checkpoint, and what a log
//! asks and reads (C2SP tlog-witness, `add-checkpoint`). It must not know HTTP beyond its status
//! numbers, nor a clock, nor where the latest checkpoints are kept.

use crate::checkpoint::{Checkpoint, CheckpointError, TreeHead, read_text};
use crate::cosignature::UnixSeconds;
use crate::hash::{Hash, empty_root, sha256};
use crate::keys::{Origin, Verifier, WitnessSigner, WitnessVerifier};
use crate::lines::{Lines, read_decimal, with_proof};
use crate::note::{MAX_NOTE_BYTES, MAX_SIGNATURES, Note, NoteError};
use crate::proof::is_consistent;
use crate::snapshot::{ProofError, Snapshot};

/// Bytes that the body of a request may have: the proof's lines, and the checkpoint.
pub const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 4096;

/// Hashes that a consistency proof may have, as the protocol says.
const MAX_PROOF: usize = 63;

/// What a log asks of a witness: to cosign a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Tells the size of the checkpoint that the witness cosigned last; 0 where there is none.
    pub old: u64,
    /// Shows that the new tree only adds to the old one; empty where `old` is 0.
    pub proof: Vec<Hash>,
    /// Holds the new checkpoint's note.
    pub checkpoint: Vec<u8>,
}

/// Tells where below its address a witness shows the latest checkpoint that it cosigned of a log.
#[must_use]
pub fn latest_path(origin: &Origin) -> String {
    let digest = sha256(&[origin.as_str().as_bytes()]);
    let hex: String = digest.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}/checkpoint")
}

/// Cosigns the checkpoints of the logs that it knows; keeps nothing itself.
#[derive(Clone, Debug)]
pub struct Witness {
    signer: WitnessSigner,
    logs: Vec<Verifier>,
}

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// The checkpoint is cosigned: status 200.
    Cosigned {
        /// The answer's body: the witness's signature line.
        body: String,
        /// What to keep durably as this log's latest checkpoint before the answer is sent. It
        /// bears the signatures of the log's known keys and the witness's own, and is what
        /// `GET <origin hash>/checkpoint` gives.
        keep: Vec<u8>,
    },
    /// The checkpoint is not cosigned, and what is kept stays.
    Denied(WitnessDenial),
}

/// Says why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessDenial {
    /// The request does not have its shape, or its old size is above the checkpoint's.
    #[error("the request is malformed: {0}")]
    BadRequest(&'static str),
    /// No known key of the log signed, or one signed wrongly.
    #[error("the checkpoint is not signed by a known key of its log")]
    Unsigned,
    /// The log is not known.
    #[error("the checkpoint is of an unknown log")]
    UnknownLog,
    /// The old size is not that of the checkpoint that was cosigned last.
    #[error("the checkpoint cosigned last has {size} entries")]
    Conflict {
        /// The size that was cosigned last; 0 where there is none.
        size: u64,
    },
    /// The checkpoint is not shown to go on from the one that was cosigned last.
    #[error("the checkpoint is not shown to be consistent with the one cosigned last")]
    Inconsistent,
}

/// Says why a witness cannot answer; it then answers 500 and cosigns nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// What was kept is not this log's checkpoint with this witness's cosignature.
    #[error("the checkpoint kept for the log `{origin}` does not bear this witness's cosignature")]
    Kept {
        /// The log whose latest checkpoint it should be.
        origin: String,
        /// What its cosignature was found to be.
        #[source]
        source: Option<NoteError>,
    },
}

/// What a log reads in a witness's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessReply {
    /// The witness cosigned.
    Cosigned {
        /// The checkpoint's note with the witness's line added.
        checkpoint: Vec<u8>,
        /// When it says that it did.
        time: UnixSeconds,
    },
    /// The witness cosigned a tree of another size last: ask again from there. A size above the
    /// log's own says that the log lost entries that were witnessed.
    Conflict {
        /// The size that it cosigned last.
        size: u64,
    },
    /// The witness does not cosign.
    Denied {
        /// The HTTP status that says why.
        status: u16,
    },
}

/// Says why a witness's answer cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessReplyError {
    /// The body does not have the shape that its status asks for.
    #[error("the witness `{witness}` answered {status} with a body that does not belong to it")]
    Malformed {
        /// Who was asked.
        witness: String,
        /// The status of the answer.
        status: u16,
    },
    /// The body's lines are no cosignature of this witness on this checkpoint.
    #[error("the answer of the witness `{witness}` is no cosignature of the checkpoint")]
    Cosignature {
        /// Who was asked.
        witness: String,
        /// What is wrong with it.
        #[source]
        source: NoteError,
    },
}

impl AddCheckpoint {
    /// Asks for a cosignature on the log's checkpoint, from the size that the witness cosigned
    /// last; 0 where that is not known, so that the witness tells it.
    ///
    /// # Errors
    /// When `old` is beyond the log, or its files do not make the proof.
    pub fn ask(snapshot: &Snapshot<'_>, old: u64) -> Result<Self, ProofError> {
        let proof = match old {
            0 => Vec::new(),
            _ => snapshot.consistency(old)?,
        };
        Ok(Self {
            old,
            proof,
            checkpoint: snapshot.note().to_vec(),
        })
    }

    /// Writes the body of the request.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let first = format!("old {}\n", self.old);
        with_proof(first, &self.proof, &self.checkpoint)
    }

    /// Reads the body of a request; nothing in it is checked yet.
    ///
    /// # Errors
    /// With the denial to answer (400) when the body does not have its shape.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WitnessDenial> {
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(WitnessDenial::BadRequest("it is too long"));
        }
        let mut lines = Lines::of(bytes);
        let old = lines
            .next()
            .and_then(|line| read_decimal(line.strip_prefix("old ")?))
            .ok_or(WitnessDenial::BadRequest(
                "it begins with `old ` and a size",
            ))?;
        let proof = lines.proof(MAX_PROOF).ok_or(WitnessDenial::BadRequest(
            "at most 63 lines of a hash, an empty line and the checkpoint follow the size",
        ))?;
        let checkpoint = lines.rest().to_vec();
        let request = Self {
            old,
            proof,
            checkpoint,
        };
        request.claim()?;
        Ok(request)
    }

    /// Tells which log the checkpoint says that it is of: under which the latest is kept.
    ///
    /// # Errors
    /// With the denial to answer (400) when that is not a checkpoint.
    pub fn origin(&self) -> Result<&str, WitnessDenial> {
        self.claim().map(|(origin, _)| origin)
    }

    fn claim(&self) -> Result<(&str, TreeHead), WitnessDenial> {
        let note = Note::read(&self.checkpoint).ok();
        note.and_then(|note| read_text(note.text))
            .ok_or(WitnessDenial::BadRequest("its note is not a checkpoint"))
    }
}

impl Witness {
    /// Witnesses the logs of these keys; a log may have several.
    #[must_use]
    pub fn new(signer: WitnessSigner, logs: Vec<Verifier>) -> Self {
        Self { signer, logs }
    }

    /// Tells the witness's public key.
    #[must_use]
    pub fn verifier(&self) -> &WitnessVerifier {
        self.signer.verifier()
    }

    /// Lists the keys of the logs that it knows.
    #[must_use]
    pub fn logs(&self) -> &[Verifier] {
        &self.logs
    }

    /// Answers a request. `kept` is what an earlier answer said to keep for the request's
    /// [`AddCheckpoint::origin`], nothing where there was none. Reading it, answering and keeping
    /// the new one must be one step for each log, else a slower request rolls a faster one back.
    ///
    /// # Errors
    /// When what was kept is damaged: nothing is cosigned then.
    pub fn answer(
        &self,
        request: &AddCheckpoint,
        kept: Option<&[u8]>,
        now: UnixSeconds,
    ) -> Result<WitnessAnswer, WitnessError> {
        let checkpoint = match self.authenticate(request) {
            Ok(checkpoint) => checkpoint,
            Err(denial) => return Ok(WitnessAnswer::Denied(denial)),
        };
        let latest = kept
            .map(|note| self.read_kept(note, checkpoint.origin().as_str()))
            .transpose()?;
        let (tree, time) = latest.unzip();
        if let Err(denial) = check_growth(request, tree, &checkpoint.tree()) {
            return Ok(WitnessAnswer::Denied(denial));
        }
        // A clock that went back must not say that a larger tree was seen before a smaller one.
        let time = time.map_or(now, |last| last.max(now));
        let body = self.signer.cosign(&checkpoint, time);
        Ok(match self.keep(request, &checkpoint, &body) {
            Some(keep) => WitnessAnswer::Cosigned { body, keep },
            None => WitnessAnswer::Denied(WitnessDenial::BadRequest("its note is too long")),
        })
    }

    fn authenticate(&self, request: &AddCheckpoint) -> Result<Checkpoint, WitnessDenial> {
        let (origin, _) = request.claim()?;
        let is_of_log = |key: &&Verifier| key.name().as_str() == origin;
        let keys: Vec<_> = self.logs.iter().filter(is_of_log).cloned().collect();
        if keys.is_empty() {
            return Err(WitnessDenial::UnknownLog);
        }
        Checkpoint::open_any(&request.checkpoint, &keys).map_err(|error| match error {
            CheckpointError::Text => WitnessDenial::BadRequest("its note is not a checkpoint"),
            _ => WitnessDenial::Unsigned,
        })
    }

    /// Reads what was kept. Its log's key may have been replaced since, so the witness's own
    /// cosignature is what vouches for it.
    fn read_kept(
        &self,
        note: &[u8],
        origin: &str,
    ) -> Result<(TreeHead, UnixSeconds), WitnessError> {
        let fault = |source| WitnessError::Kept {
            origin: origin.to_owned(),
            source,
        };
        match self.verifier().cosigned_tree(note, origin) {
            Ok(Some(latest)) => Ok(latest),
            Ok(None) => Err(fault(None)),
            Err(error) => Err(fault(Some(error))),
        }
    }

    /// Keeps only what was checked, so that no stranger's lines fill the note; nothing where that
    /// would be too long to be read again.
    fn keep(
        &self,
        request: &AddCheckpoint,
        checkpoint: &Checkpoint,
        cosignature: &str,
    ) -> Option<Vec<u8>> {
        // The note was read before, so it has its shape.
        let note = Note::read(&request.checkpoint).ok()?;
        let by_known = self.logs.iter().flat_map(|key| note.lines_by(key));
        let mut lines: Vec<&str> = by_known.map(|line| line.whole).collect();
        lines.sort_unstable();
        lines.dedup();
        let signatures = lines.join("\n");
        let note = format!("{}\n{signatures}\n{cosignature}", checkpoint.text());
        let fits = note.len() <= MAX_NOTE_BYTES && lines.len() < MAX_SIGNATURES;
        fits.then(|| note.into_bytes())
    }
}

fn check_growth(
    request: &AddCheckpoint,
    latest: Option<TreeHead>,
    new: &TreeHead,
) -> Result<(), WitnessDenial> {
    if request.old > new.size {
        return Err(WitnessDenial::BadRequest("the old size is above the new"));
    }
    let latest = latest.unwrap_or(TreeHead {
        size: 0,
        root: empty_root(),
    });
    if request.old != latest.size {
        return Err(WitnessDenial::Conflict { size: latest.size });
    }
    let goes_on = match latest.size {
        // Every tree goes on from the empty one, and there is one empty tree.
        0 => request.proof.is_empty() && (new.size > 0 || new.root == empty_root()),
        _ => is_consistent(&latest, new, &request.proof),
    };
    goes_on.then_some(()).ok_or(WitnessDenial::Inconsistent)
}

impl WitnessAnswer {
    /// Tells the answer's HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Cosigned { .. } => 200,
            Self::Denied(denial) => denial.status(),
        }
    }

    /// Gives the answer's body.
    #[must_use]
    pub fn body(&self) -> String {
        match self {
            Self::Cosigned { body, .. } => body.clone(),
            Self::Denied(WitnessDenial::Conflict { size }) => format!("{size}\n"),
            Self::Denied(denial) => format!("{denial}\n"),
        }
    }

    /// Tells the body's content type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Denied(WitnessDenial::Conflict { .. }) => "text/x.tlog.size",
            _ => "text/plain; charset=utf-8",
        }
    }
}

impl WitnessDenial {
    /// Tells the HTTP status that says so.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::Unsigned => 403,
            Self::UnknownLog => 404,
            Self::Conflict { .. } => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl WitnessReply {
    /// Reads the answer of one witness to a request for this checkpoint's note. Lines of other
    /// keys are left out.
    ///
    /// # Errors
    /// When the answer does not have its status's shape, or is no cosignature of this witness.
    pub fn read(
        status: u16,
        body: &[u8],
        checkpoint: &[u8],
        witness: &WitnessVerifier,
    ) -> Result<Self, WitnessReplyError> {
        let text = std::str::from_utf8(body).ok();
        let malformed = || WitnessReplyError::Malformed {
            witness: witness.name().to_string(),
            status,
        };
        match status {
            200 => {
                let lines = text.ok_or_else(malformed)?;
                Self::read_cosignature(lines, checkpoint, witness).map_err(|source| {
                    WitnessReplyError::Cosignature {
                        witness: witness.name().to_string(),
                        source,
                    }
                })
            }
            409 => {
                let size = text.and_then(|text| read_decimal(text.strip_suffix('\n')?));
                size.map(|size| Self::Conflict { size })
                    .ok_or_else(malformed)
            }
            _ => Ok(Self::Denied { status }),
        }
    }

    fn read_cosignature(
        lines: &str,
        checkpoint: &[u8],
        witness: &WitnessVerifier,
    ) -> Result<Self, NoteError> {
        let before = Note::read(checkpoint)?;
        let text = before.text;
        // The lines alone under the text: one with an empty line in it would be another text.
        if lines.contains("\n\n") || lines.starts_with('\n') {
            return Err(NoteError::Malformed);
        }
        let answered = format!("{text}\n{lines}").into_bytes();
        let time = witness.cosigned_at(&answered)?;
        let mut cosigned = checkpoint.to_vec();
        for line in Note::read(&answered)?.lines_by(witness) {
            if !before
                .lines_by(witness)
                .any(|known| known.whole == line.whole)
            {
                cosigned.extend_from_slice(format!("{}\n", line.whole).as_bytes());
            }
        }
        // Whether the note still has room, and earlier lines of this witness are right.
        witness.cosigned_at(&cosigned)?;
        Ok(Self::Cosigned {
            checkpoint: cosigned,
            time,
        })
    }
}

#[cfg(test)]
mod tests;
