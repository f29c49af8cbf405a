//! Where each provider is reached, kept over reloads so that connections and credentials stay. It
//! must not speak to one.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use domain::ProviderName;
use gateway::Target;
use providers::{AUTH_KINDS, AuthFault, Authorise, Clock, Credential, Endpoint, Given, Secret};

use crate::config::{AuthSettings, CredentialSource, ProviderSettings, Settings};
use crate::environment;
use crate::exit::Fault;
use crate::offered;

/// Names the secret that goes into the adapter's own header.
const API_KEY: &str = "api_key";

/// Keeps the endpoints in use, and the files that credentials come from.
pub(super) struct Targets {
    known: Mutex<HashMap<ProviderName, Known>>,
}

struct Known {
    wanted: ProviderSettings,
    opens: Opens,
    secrets: BTreeMap<String, Secret>,
    target: Target,
}

/// Is what the secrets of a provider went into.
enum Opens {
    Nothing,
    Key(Arc<Credential>),
    Auth(Arc<dyn Authorise>),
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
            let secrets = one.read_again();
            if secrets == one.secrets {
                continue;
            }
            match one.renew(&secrets) {
                Ok(()) => tracing::info!(provider = %name, "a credential was renewed"),
                Err(error) => {
                    tracing::warn!(provider = %name, %error, "a credential's file is not usable");
                }
            }
            one.secrets = secrets;
        }
    }
}

impl Known {
    fn is(&self, wanted: &ProviderSettings) -> bool {
        self.wanted == *wanted
    }

    /// Reads the files again; what cannot be read stays as it was.
    fn read_again(&self) -> BTreeMap<String, Secret> {
        let mut secrets = self.secrets.clone();
        for (field, source) in &self.wanted.sources {
            if let CredentialSource::File(path) = source
                && let Ok(text) = fs::read_to_string(path)
            {
                secrets.insert(field.clone(), Secret::new(&text));
            }
        }
        secrets
    }

    fn renew(&self, secrets: &BTreeMap<String, Secret>) -> Result<(), AuthFault> {
        match &self.opens {
            Opens::Nothing => Ok(()),
            Opens::Key(credential) => {
                let key = secrets.get(API_KEY).ok_or(AuthFault::Missing(API_KEY))?;
                let renewed = credential.renew(key);
                renewed.map_err(|fault| AuthFault::Unusable(API_KEY, fault))
            }
            Opens::Auth(auth) => auth.renew(&given(&self.wanted, secrets)),
        }
    }
}

fn given(wanted: &ProviderSettings, secrets: &BTreeMap<String, Secret>) -> Given {
    let auth = wanted.auth.as_ref();
    Given {
        secrets: secrets.clone(),
        texts: auth.map(|auth| auth.texts.clone()).unwrap_or_default(),
    }
}

fn make(
    name: &ProviderName,
    wanted: &ProviderSettings,
    settings: &Settings,
) -> Result<Known, Fault> {
    let mut secrets = BTreeMap::new();
    for (field, source) in &wanted.sources {
        secrets.insert(field.clone(), Secret::new(&read(name, source)?));
    }
    let opens = match (&wanted.auth, secrets.get(API_KEY)) {
        (Some(auth), _) => Opens::Auth(authorisation(name, auth, &given(wanted, &secrets))?),
        (None, Some(key)) => {
            let credential = Credential::of(key).map_err(|error| {
                let what = format!("the credential of provider {name} cannot be used");
                Fault::because(error, what, "write the key alone, on one line")
            })?;
            Opens::Key(Arc::new(credential))
        }
        (None, None) => Opens::Nothing,
    };
    let adapter = offered::adapter(&wanted.dialect, wanted.platform.as_deref(), settings)?;
    let endpoint = endpoint(name, wanted, &opens)?;
    Ok(Known {
        wanted: wanted.clone(),
        opens,
        secrets,
        target: Target {
            adapter,
            endpoint: Arc::new(endpoint),
        },
    })
}

fn authorisation(
    name: &ProviderName,
    auth: &AuthSettings,
    given: &Given,
) -> Result<Arc<dyn Authorise>, Fault> {
    let clock: Clock = Arc::new(SystemTime::now);
    let kind = AUTH_KINDS.iter().find(|kind| kind.name() == auth.kind);
    let Some(kind) = kind else {
        let what = format!("there is no authorisation `{}`", auth.kind);
        return Err(Fault::new(what, "see `tiergate check`"));
    };
    kind.make(given, &clock).map_err(|error| {
        let what = format!("provider {name}: `{}` cannot be set up", auth.kind);
        Fault::because(
            error,
            what,
            "see what it takes in docs/reference/providers.md",
        )
    })
}

fn endpoint(
    name: &ProviderName,
    wanted: &ProviderSettings,
    opens: &Opens,
) -> Result<Endpoint, Fault> {
    if wanted.base_url.is_empty() {
        return Ok(Endpoint::in_process());
    }
    let key = match opens {
        Opens::Key(credential) => Some(Arc::clone(credential)),
        Opens::Auth(_) | Opens::Nothing => None,
    };
    let endpoint = Endpoint::new(&wanted.base_url, key).map_err(|error| {
        let what = format!("the base URL of provider {name} cannot be used");
        Fault::because(error, what, "write scheme, host and path")
    })?;
    let endpoint = endpoint.querying(wanted.query.clone());
    Ok(match opens {
        Opens::Auth(auth) => endpoint.authorised(Arc::clone(auth)),
        Opens::Key(_) | Opens::Nothing => endpoint,
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
