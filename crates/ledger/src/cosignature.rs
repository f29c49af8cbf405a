//! Cosignatures: a witness's timestamped Ed25519 signature on a log's checkpoint, and quorums of
//! them (C2SP tlog-cosignature, `cosignature/v1`). It must not know a clock, nor whether the
//! checkpoint agrees with earlier ones: that is the witness's to check before it signs.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::checkpoint::Checkpoint;
use crate::note::{
    KeyError, Note, NoteError, Origin, SECRET_START, check_id, key_id, key_text, signature_line,
    split_key,
};

/// Witnesses that a quorum may name.
pub const MAX_WITNESSES: usize = 32;

const TIMESTAMPED_ED25519: u8 = 4;
const MAX_SECONDS: u64 = i64::MAX as u64;

/// Counts seconds since the Unix epoch, UTC, as cosignatures bear them: 1 to 2^63 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(u64);

/// Cosigns checkpoints as one witness; prints without its secret.
#[derive(Clone)]
pub struct WitnessSigner {
    key: SigningKey,
    verifier: WitnessVerifier,
}

/// Knows a witness's public key and checks what it cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessVerifier {
    name: Origin,
    id: [u8; 4],
    key: VerifyingKey,
}

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
    /// Makes the key that follows from 32 random bytes. They must not be another witness's or a
    /// log's: what is signed does not say the name.
    #[must_use]
    pub fn from_seed(name: Origin, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let verifier = WitnessVerifier::new(name, key.verifying_key());
        Self { key, verifier }
    }

    /// Tells the public half.
    #[must_use]
    pub fn verifier(&self) -> &WitnessVerifier {
        &self.verifier
    }

    /// Writes the secret key as `PRIVATE+KEY+name+hash+base64`: for a file that only its owner
    /// reads.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        let WitnessVerifier { name, id, .. } = &self.verifier;
        let seed = self.key.to_bytes();
        let key = key_text(name, *id, TIMESTAMPED_ED25519, &seed);
        format!("{SECRET_START}{key}")
    }

    /// Cosigns a checkpoint: gives the signature line with its newline.
    #[must_use]
    pub fn cosign(&self, checkpoint: &Checkpoint, time: UnixSeconds) -> String {
        let signature = self.key.sign(message(checkpoint.text(), time.0).as_bytes());
        let signature = [&time.0.to_be_bytes(), &signature.to_bytes()[..]].concat();
        signature_line(&self.verifier.name, self.verifier.id, &signature)
    }
}

impl fmt::Debug for WitnessSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WitnessSigner")
            .field("verifier", &self.verifier)
            .field("key", &"[redacted]")
            .finish()
    }
}

impl FromStr for WitnessSigner {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let rest = text.trim_end().strip_prefix(SECRET_START);
        let (name, id, seed) = rest
            .and_then(|rest| split_key(rest, TIMESTAMPED_ED25519))
            .ok_or(KeyError::WitnessSecret)?;
        let signer = Self::from_seed(name.parse()?, &seed);
        check_id(&signer.verifier.name, signer.verifier.id, id)?;
        Ok(signer)
    }
}

impl WitnessVerifier {
    fn new(name: Origin, key: VerifyingKey) -> Self {
        let id = key_id(&name, TIMESTAMPED_ED25519, key.as_bytes());
        Self { name, id, key }
    }

    /// Tells the witness's name.
    #[must_use]
    pub fn name(&self) -> &Origin {
        &self.name
    }

    /// Checks this witness's cosignatures on a checkpoint's note and tells the latest one's time.
    /// What the log signed is not checked here.
    ///
    /// # Errors
    /// When the note is misshapen, or this witness did not cosign it, or one of its lines is
    /// wrong.
    pub fn cosigned_at(&self, note: &[u8]) -> Result<UnixSeconds, NoteError> {
        let note = Note::read(note)?;
        let mut latest = None;
        for line in note.lines_by(&self.name, self.id) {
            let time = self.check(note.text, &line.signature);
            latest = latest.max(Some(time.ok_or_else(|| NoteError::BadSignature {
                origin: self.name.to_string(),
            })?));
        }
        latest.ok_or_else(|| NoteError::NotSigned {
            origin: self.name.to_string(),
        })
    }

    /// Picks the note's signature lines that bear this key's name and id, unchecked.
    pub(crate) fn lines_in<'a>(&self, note: &'a [u8]) -> Result<Vec<&'a str>, NoteError> {
        let note = Note::read(note)?;
        let lines = note.lines_by(&self.name, self.id);
        Ok(lines.map(|line| line.whole).collect())
    }

    fn check(&self, text: &str, signature: &[u8]) -> Option<UnixSeconds> {
        let (time, signature) = signature.split_first_chunk()?;
        let time = UnixSeconds::new(u64::from_be_bytes(*time))?;
        let signature = Signature::from_slice(signature).ok()?;
        self.key
            .verify_strict(message(text, time.0).as_bytes(), &signature)
            .ok()?;
        Some(time)
    }
}

/// Writes the public key as `name+hash+base64`.
impl fmt::Display for WitnessVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_bytes();
        f.write_str(&key_text(&self.name, self.id, TIMESTAMPED_ED25519, key))
    }
}

impl FromStr for WitnessVerifier {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, key) =
            split_key(text.trim_end(), TIMESTAMPED_ED25519).ok_or(KeyError::Witness)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| KeyError::Witness)?;
        let verifier = Self::new(name.parse()?, key);
        check_id(&verifier.name, verifier.id, id)?;
        Ok(verifier)
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
                other.key == later.key || other.name == later.name
            };
            if witnesses.iter().take(at).any(is_same) {
                return Err(QuorumError::Twice {
                    name: later.name.to_string(),
                });
            }
        }
        Ok(Self {
            threshold,
            witnesses,
        })
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
                    witness: witness.name.clone(),
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
