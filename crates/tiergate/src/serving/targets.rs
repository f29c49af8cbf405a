//! Where each provider is reached, kept over reloads so that connections and credentials stay. It
//! must not speak to one.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ProviderName;
use gateway::Target;
use providers::{Credential, Endpoint};

use crate::config::{CredentialSource, ProviderSettings, Settings};
use crate::environment;
use crate::exit::Fault;
use crate::offered;

/// Keeps the endpoints in use, and the files that credentials come from.
pub(super) struct Targets {
    known: Mutex<HashMap<ProviderName, Known>>,
}

struct Known {
    dialect: String,
    base_url: String,
    source: Option<CredentialSource>,
    credential: Option<Arc<Credential>>,
    text: Option<String>,
    target: Target,
}

impl Targets {
    pub(super) fn new() -> Self {
        Self {
            known: Mutex::new(HashMap::new()),
        }
    }

    /// Finds how each provider is reached; one that is unchanged keeps its connections.
    pub(super) fn of(
        &self,
        settings: &Settings,
    ) -> Result<Arc<HashMap<ProviderName, Target>>, Fault> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut targets = HashMap::new();
        for (name, wanted) in &settings.providers {
            let kept = known.remove(name).filter(|kept| kept.is(wanted));
            let made = match kept {
                Some(kept) => kept,
                None => make(name, wanted, settings)?,
            };
            targets.insert(name.clone(), (made.target.clone(), made));
        }
        let map = targets
            .iter()
            .map(|(name, (target, _))| (name.clone(), target.clone()));
        let map = Arc::new(map.collect());
        *known = targets
            .into_iter()
            .map(|(name, (_, made))| (name, made))
            .collect();
        Ok(map)
    }

    /// Reads credentials in files again, and takes those that have changed.
    pub(super) fn refresh_credentials(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, one) in known.iter_mut() {
            let (Some(CredentialSource::File(path)), Some(credential)) =
                (&one.source, &one.credential)
            else {
                continue;
            };
            let Ok(text) = fs::read_to_string(path) else {
                continue;
            };
            if one.text.as_ref() == Some(&text) {
                continue;
            }
            match credential.replace(&text) {
                Ok(()) => tracing::info!(provider = %name, "a credential was renewed"),
                Err(error) => {
                    tracing::warn!(provider = %name, %error, "a credential's file is not usable");
                }
            }
            one.text = Some(text);
        }
    }
}

impl Known {
    fn is(&self, wanted: &ProviderSettings) -> bool {
        self.dialect == wanted.dialect
            && self.base_url == wanted.base_url
            && self.source == wanted.credential
    }
}

fn make(
    name: &ProviderName,
    wanted: &ProviderSettings,
    settings: &Settings,
) -> Result<Known, Fault> {
    let text = wanted
        .credential
        .as_ref()
        .map(|source| read(name, source))
        .transpose()?;
    let credential = match &text {
        None => None,
        Some(text) => Some(Arc::new(Credential::new(text).map_err(|error| {
            let what = format!("the credential of provider {name} cannot be used");
            Fault::because(error, what, "write the key alone, on one line")
        })?)),
    };
    let adapter = offered::adapter(&wanted.dialect, settings)?;
    let endpoint = if wanted.base_url.is_empty() {
        Endpoint::in_process()
    } else {
        Endpoint::new(&wanted.base_url, credential.clone()).map_err(|error| {
            let what = format!("the base URL of provider {name} cannot be used");
            Fault::because(error, what, "write scheme, host and path")
        })?
    };
    Ok(Known {
        dialect: wanted.dialect.clone(),
        base_url: wanted.base_url.clone(),
        source: wanted.credential.clone(),
        credential,
        text,
        target: Target {
            adapter,
            endpoint: Arc::new(endpoint),
        },
    })
}

fn read(name: &ProviderName, source: &CredentialSource) -> Result<String, Fault> {
    match source {
        CredentialSource::Env(variable) => environment::variable(variable).ok_or_else(|| {
            let what = format!("provider {name}: the variable {variable} is not set");
            Fault::new(what, "set it before the start, or remove the provider")
        }),
        CredentialSource::File(path) => fs::read_to_string(path).map_err(|error| {
            let path: &PathBuf = path;
            let what = format!("provider {name}: {} cannot be read", path.display());
            Fault::because(error, what, "write the key into that file, or name another")
        }),
    }
}
