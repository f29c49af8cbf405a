//! Loads `tiergate.toml`: what is written becomes a policy and the crates' settings, or a list of
//! faults with file, line, what is wrong and how to mend it. It must not read the environment.

mod draft;
mod fault;
mod file;
mod offered;
mod provider;
mod settings;
mod witnesses;

use std::path::{Path, PathBuf};

use domain::{Policy, PolicyDigest};
use sha2::{Digest, Sha256};

pub use fault::ConfigFaults;
pub use offered::{GateFault, Offered, pick};
pub use provider::{AuthSettings, CredentialSource, ProviderSettings};
pub use settings::{EmbeddedSettings, Settings, SuiteSource};
pub use witnesses::{AskedWitness, Witnesses};

/// Holds a configuration that is sound.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// The declarations.
    pub policy: Policy,
    /// Settings of the process and its crates.
    pub settings: Settings,
}

impl Config {
    /// Reads and checks a file's text.
    ///
    /// # Errors
    /// Returns every fault found.
    pub fn parse(path: &Path, text: &str, offered: &Offered<'_>) -> Result<Self, ConfigFaults> {
        let place = fault::Places::new(path, text);
        let written: file::File = toml::from_str(text).map_err(|error| place.of_syntax(&error))?;
        let digest = digest(text).map_err(|error| place.of_syntax(&error))?;
        let mut faults = Vec::new();
        let settings = settings::settings(&written, offered, &mut faults);
        let draft = draft::draft(&written, offered, &mut faults);
        let policy = match Policy::build(draft, digest) {
            Ok(policy) => Some(policy),
            Err(found) => {
                faults.extend(found);
                None
            }
        };
        match policy {
            Some(policy) if faults.is_empty() => Ok(Self {
                path: path.to_owned(),
                policy,
                settings,
            }),
            _ => Err(place.of_policy(faults)),
        }
    }
}

/// Computes the policy's digest: SHA-256 of the file's content as canonical JSON, so that a
/// comment or a blank line changes nothing.
fn digest(text: &str) -> Result<PolicyDigest, toml::de::Error> {
    let content: serde_json::Value = toml::from_str(text)?;
    let bytes = serde_json_canonicalizer::to_vec(&content).map_err(serde::de::Error::custom)?;
    let digest = Sha256::digest(&bytes);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(PolicyDigest(format!("sha256:{hex}").into()))
}

#[cfg(test)]
mod tests;
