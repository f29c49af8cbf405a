//! Cosignatures: a witness's timestamped Ed25519 signature on a log's checkpoint, and quorums of
//! them (C2SP tlog-cosignature, `cosignature/v1`). It must not know a clock, nor whether the
//! checkpoint agrees with earlier ones: that is the witness's to check before it signs.

use crate::checkpoint::{Checkpoint, TreeHead, read_text};
use crate::keys::{Origin, WitnessSigner, WitnessVerifier};
use crate::note::{Note, NoteError, signature_line};

/// Witnesses that a quorum may name.
pub const MAX_WITNESSES: usize = 32;

const MAX_SECONDS: u64 = i64::MAX as u64;

/// Counts seconds since the Unix epoch, UTC, as cosignatures bear them: 1 to 2^63 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(u64);

/// Asks for the cosignatures of some of several witnesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    threshold: usize,
    witnesses: Vec<WitnessVerifier>,
}

/// Tells who cosigned a checkpoint, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Names the witness.
    pub witness: Origin,
    /// Tells the time that the witness signed.
    pub time: UnixSeconds,
}

/// Says why there is no such quorum, or why a checkpoint does not reach it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuorumError {
    /// No such quorum can be reached, or it would ask for nothing.
    #[error(
        "a quorum asks for 1 to all of at most {MAX_WITNESSES} witnesses, \
         not {threshold} of {count}"
    )]
    Threshold {
        /// How many cosignatures were asked for.
        threshold: usize,
        /// Of how many witnesses.
        count: usize,
    },
    /// One witness would count twice.
    #[error("the witness `{name}` has the key or the name of another one")]
    Twice {
        /// The later one's name.
        name: String,
    },
    /// The note is misshapen, or a known witness's cosignature on it is wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Too few of the witnesses cosigned.
    #[error("{found} of the known witnesses cosigned it, {threshold} are asked for")]
    TooFew {
        /// How many cosigned.
        found: usize,
        /// How many are asked for.
        threshold: usize,
    },
}

impl UnixSeconds {
    /// The first second that a cosignature can bear.
    pub const FIRST: Self = Self(1);

    /// Takes a time that a cosignature can bear; zero would say that there is none.
    #[must_use]
    pub fn new(seconds: u64) -> Option<Self> {
        (1..=MAX_SECONDS)
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    /// Tells the seconds.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0
    }
}

impl WitnessSigner {
    /// Cosigns a checkpoint: gives the signature line with its newline.
    #[must_use]
    pub fn cosign(&self, checkpoint: &Checkpoint, time: UnixSeconds) -> String {
        let signature = self.signature_on(&message(checkpoint.text(), time.0));
        let signature = [&time.0.to_be_bytes(), &signature[..]].concat();
        signature_line(self.verifier(), &signature)
    }
}

impl WitnessVerifier {
    /// Checks this witness's cosignatures on a checkpoint's note and tells the latest one's time.
    /// What the log signed is not checked here.
    ///
    /// # Errors
    /// When the note is misshapen, or this witness did not cosign it, or one of its lines is
    /// wrong.
    pub fn cosigned_at(&self, note: &[u8]) -> Result<UnixSeconds, NoteError> {
        let note = Note::read(note)?;
        let mut latest = None;
        for line in note.lines_by(self) {
            let time = self.check(note.text, &line.signature);
            latest = latest.max(Some(time.ok_or_else(|| NoteError::bad_signature(self))?));
        }
        latest.ok_or_else(|| NoteError::not_signed(self))
    }

    /// Checks this witness's cosignatures on a note and tells which tree of the log it cosigned,
    /// and when; nothing where the note is no checkpoint of that log. What the log signed is not
    /// checked here, since its key may have been replaced.
    ///
    /// # Errors
    /// As for [`Self::cosigned_at`].
    pub fn cosigned_tree(
        &self,
        note: &[u8],
        origin: &str,
    ) -> Result<Option<(TreeHead, UnixSeconds)>, NoteError> {
        let time = self.cosigned_at(note)?;
        let note = Note::read(note)?;
        let found = read_text(note.text).filter(|(found, _)| *found == origin);
        Ok(found.map(|(_, tree)| (tree, time)))
    }

    fn check(&self, text: &str, signature: &[u8]) -> Option<UnixSeconds> {
        let (time, signature) = signature.split_first_chunk()?;
        let time = UnixSeconds::new(u64::from_be_bytes(*time))?;
        let has_signed = self.has_signed(&message(text, time.0), signature);
        has_signed.then_some(time)
    }
}

impl Quorum {
    /// Asks for the cosignatures of `threshold` of the witnesses.
    ///
    /// # Errors
    /// When that cannot be reached or asks for nothing, or when one witness would count twice.
    pub fn new(threshold: usize, witnesses: Vec<WitnessVerifier>) -> Result<Self, QuorumError> {
        let count = witnesses.len();
        if !(1..=count).contains(&threshold) || count > MAX_WITNESSES {
            return Err(QuorumError::Threshold { threshold, count });
        }
        for (at, later) in witnesses.iter().enumerate() {
            let is_same = |other: &WitnessVerifier| {
                // The signed message does not bear the name, so one key is one witness.
                other.is_same_key(later) || other.name() == later.name()
            };
            if witnesses.iter().take(at).any(is_same) {
                return Err(QuorumError::Twice {
                    name: later.name().to_string(),
                });
            }
        }
        Ok(Self {
            threshold,
            witnesses,
        })
    }

    /// Tells how many cosignatures are asked for.
    #[must_use]
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Lists the witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[WitnessVerifier] {
        &self.witnesses
    }

    /// Gathers on a checkpoint's note, as its log signed it, the cosignatures that other notes of
    /// the same checkpoint bear: of each known witness its latest. Notes of other checkpoints are
    /// left out.
    ///
    /// # Errors
    /// When too few of the witnesses cosigned this checkpoint, a note is misshapen, or the
    /// cosignature of a known witness is wrong.
    pub fn gather(&self, checkpoint: &[u8], cosigned: &[Vec<u8>]) -> Result<Vec<u8>, QuorumError> {
        let text = Note::read(checkpoint)?.text;
        let notes = cosigned.iter().map(|note| Note::read(note));
        let notes = notes.collect::<Result<Vec<_>, _>>()?;
        let mut gathered = checkpoint.to_vec();
        for witness in &self.witnesses {
            let mut latest = None;
            let of_text = notes.iter().filter(|note| note.text == text);
            for line in of_text.flat_map(|note| note.lines_by(witness)) {
                let time = witness.check(text, &line.signature);
                let time = time.ok_or_else(|| NoteError::bad_signature(witness))?;
                latest = latest.max(Some((time, line.whole)));
            }
            if let Some((_, line)) = latest {
                gathered.extend_from_slice(format!("{line}\n").as_bytes());
            }
        }
        self.check(&gathered)?;
        Ok(gathered)
    }

    /// Checks every known witness's cosignature on a checkpoint's note and tells who cosigned.
    ///
    /// # Errors
    /// When too few did, or when the cosignature of a known witness is wrong.
    pub fn check(&self, note: &[u8]) -> Result<Vec<Cosigned>, QuorumError> {
        let mut cosigned = Vec::new();
        for witness in &self.witnesses {
            match witness.cosigned_at(note) {
                Ok(time) => cosigned.push(Cosigned {
                    witness: witness.name().clone(),
                    time,
                }),
                Err(NoteError::NotSigned { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if cosigned.len() < self.threshold {
            return Err(QuorumError::TooFew {
                found: cosigned.len(),
                threshold: self.threshold,
            });
        }
        Ok(cosigned)
    }
}

fn message(text: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

#[cfg(test)]
mod tests;
