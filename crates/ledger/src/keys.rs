//! Ed25519 keys as C2SP signed-note writes them, each of one signature type. It must not know
//! what is signed, nor where keys come from or lie.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Bytes that an origin may have.
pub const MAX_ORIGIN_BYTES: usize = 256;

/// Names the signature type of a log's key.
pub(crate) const ED25519: u8 = 1;
/// Names the signature type of a witness's key, whose signatures bear a time.
pub(crate) const TIMESTAMPED_ED25519: u8 = 4;

const SECRET_START: &str = "PRIVATE+KEY+";

/// Names a log: the first line of its checkpoints and the name of its key. A witness's key has
/// such a name, too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// Signs with a key of one signature type; prints without its secret.
#[derive(Clone)]
pub struct SecretKey<const KIND: u8> {
    key: SigningKey,
    public: PublicKey<KIND>,
}

/// Knows a public key of one signature type and checks what was signed with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey<const KIND: u8> {
    name: Origin,
    id: [u8; 4],
    key: VerifyingKey,
}

/// Signs a log's checkpoints; prints without its secret.
pub type Signer = SecretKey<ED25519>;
/// Knows a log's public key and checks what was signed with it.
pub type Verifier = PublicKey<ED25519>;
/// Cosigns checkpoints as one witness; prints without its secret.
pub type WitnessSigner = SecretKey<TIMESTAMPED_ED25519>;
/// Knows a witness's public key and checks what it cosigned.
pub type WitnessVerifier = PublicKey<TIMESTAMPED_ED25519>;

/// Says why a text is no key or no origin.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The name cannot stand in a note.
    #[error(
        "`{name}` cannot name a log: use 1 to {MAX_ORIGIN_BYTES} bytes without spaces, control \
         characters or `+`, such as `tiergate.example/main/audit`"
    )]
    Origin {
        /// What was given.
        name: String,
    },
    /// The text does not have a public key's parts.
    #[error("this is not a log's public key: expected `name+hash+base64` of an Ed25519 key")]
    Verifier,
    /// The text does not have a witness's public key's parts.
    #[error(
        "this is not a witness's public key: expected `name+hash+base64` of an Ed25519 \
         cosignature key (type 0x04)"
    )]
    Witness,
    /// The text does not have a witness's secret key's parts; it is not repeated.
    #[error(
        "this is not a witness's secret key: expected `PRIVATE+KEY+name+hash+base64` of an \
         Ed25519 cosignature key (type 0x04)"
    )]
    WitnessSecret,
    /// The text does not have a secret key's parts; it is not repeated.
    #[error("this is not a log's secret key: expected `PRIVATE+KEY+name+hash+base64` of Ed25519")]
    Signer,
    /// The key's own hash is another than the text says.
    #[error("the key of `{name}` was damaged: its hash does not belong to it")]
    Hash {
        /// The key's name.
        name: String,
    },
}

impl Origin {
    /// Tells the origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Self, KeyError> {
        let is_out = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.len() > MAX_ORIGIN_BYTES || name.contains(is_out) {
            return Err(KeyError::Origin {
                name: name.to_owned(),
            });
        }
        Ok(Self(name.to_owned()))
    }
}

impl<const KIND: u8> SecretKey<KIND> {
    /// Makes the key that follows from 32 random bytes. They must be this key's alone, so not a
    /// log's and a witness's: what a witness signs does not say the name.
    #[must_use]
    pub fn from_seed(name: Origin, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::new(name, key.verifying_key());
        Self { key, public }
    }

    /// Tells the public half.
    #[must_use]
    pub fn verifier(&self) -> &PublicKey<KIND> {
        &self.public
    }

    /// Writes the secret key as `PRIVATE+KEY+name+hash+base64`: for a file that only its owner
    /// reads.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        let text = self.public.text_of(&self.key.to_bytes());
        format!("{SECRET_START}{text}")
    }

    /// Makes the signature on a message.
    pub(crate) fn signature_on(&self, message: &str) -> [u8; Signature::BYTE_SIZE] {
        self.key.sign(message.as_bytes()).to_bytes()
    }
}

impl<const KIND: u8> fmt::Debug for SecretKey<KIND> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey")
            .field("public", &self.public)
            .field("key", &"[redacted]")
            .finish()
    }
}

impl<const KIND: u8> FromStr for SecretKey<KIND> {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let rest = text.trim_end().strip_prefix(SECRET_START);
        let parts = rest.and_then(|rest| split::<KIND>(rest));
        let (name, id, seed) = parts.ok_or(match KIND {
            TIMESTAMPED_ED25519 => KeyError::WitnessSecret,
            _ => KeyError::Signer,
        })?;
        let secret = Self::from_seed(name.parse()?, &seed);
        secret.public.check_id(id)?;
        Ok(secret)
    }
}

impl<const KIND: u8> PublicKey<KIND> {
    fn new(name: Origin, key: VerifyingKey) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(name.as_str());
        hasher.update([b'\n', KIND]);
        hasher.update(key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
        let id = [a, b, c, d];
        Self { name, id, key }
    }

    /// Tells the key's name: of a log's key, the log's origin.
    #[must_use]
    pub fn name(&self) -> &Origin {
        &self.name
    }

    /// Tells the key's 32 bytes.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Tells the id by which signature lines name it.
    pub(crate) fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Tells whether this is the same key, under whatever name.
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Tells whether a signature is this key's on a message.
    pub(crate) fn has_signed(&self, message: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .and_then(|signature| self.key.verify_strict(message.as_bytes(), &signature))
            .is_ok()
    }

    /// Writes a half of the key as `name+hash+base64`.
    fn text_of(&self, half: &[u8; 32]) -> String {
        let id = u32::from_be_bytes(self.id);
        let half = STANDARD.encode([&[KIND], half.as_slice()].concat());
        format!("{}+{id:08x}+{half}", self.name)
    }

    /// Checks that the id that a key's text bears is the key's own.
    fn check_id(&self, found: [u8; 4]) -> Result<(), KeyError> {
        if self.id == found {
            return Ok(());
        }
        Err(KeyError::Hash {
            name: self.name.to_string(),
        })
    }
}

/// Writes the public key as `name+hash+base64`.
impl<const KIND: u8> fmt::Display for PublicKey<KIND> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text_of(self.key.as_bytes()))
    }
}

impl<const KIND: u8> FromStr for PublicKey<KIND> {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let malformed = || match KIND {
            TIMESTAMPED_ED25519 => KeyError::Witness,
            _ => KeyError::Verifier,
        };
        let (name, id, key) = split::<KIND>(text.trim_end()).ok_or_else(malformed)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| malformed())?;
        let public = Self::new(name.parse()?, key);
        public.check_id(id)?;
        Ok(public)
    }
}

/// Parts a key's text into its name, its id and 32 bytes, where it is of this type.
fn split<const KIND: u8>(text: &str) -> Option<(&str, [u8; 4], [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let is_id = id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = u32::from_str_radix(id, 16).ok().filter(|_| is_id)?;
    let key = STANDARD.decode(key).ok()?;
    let (_, key) = key.split_first().filter(|(found, _)| **found == KIND)?;
    Some((name, id.to_be_bytes(), key.try_into().ok()?))
}
