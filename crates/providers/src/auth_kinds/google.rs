//! A Google service account: an assertion signed with its key is exchanged for an access token,
//! which is kept and renewed in the background before it ends. It must not know what is asked with
//! the token.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::{ArcSwap, ArcSwapOption};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use http_body_util::Full;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::authorise::{AuthFault, AuthKind, Authorise, Clock, Given, Takes};
use crate::client;
use crate::deadlines::Deadlines;
use crate::endpoint::Endpoint;
use crate::fault::{Class, Fault};

const NAME: &str = "google_service_account";
/// What the token is good for: every service of Google Cloud, as far as the account may use it.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How long an assertion is good for; Google takes no more.
const ASSERTION_LIFE: Duration = Duration::from_secs(3600);
/// How long before its end a token is renewed, or half its life if that is less.
const RENEW_BEFORE: Duration = Duration::from_secs(300);
/// How long a token that could not be renewed is used before the next try.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// The largest answer with a token, in bytes.
const MAX_ANSWER: usize = 64 << 10;

/// Authorises with a service account's key file.
pub(super) struct ServiceAccount;

impl AuthKind for ServiceAccount {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "A Google service account's key, the JSON file that Google Cloud hands out. Its access \
         token is fetched at the first request and renewed in the background before it ends."
    }

    fn takes(&self) -> Takes {
        Takes::Secret
    }

    fn make(&self, given: &Given, clock: &Clock) -> Result<Arc<dyn Authorise>, AuthFault> {
        let account = Account::read(given.secret(NAME)?.reveal())?;
        Ok(Arc::new(Tokens {
            shared: Arc::new(Shared {
                account: ArcSwap::from_pointee(account),
                token: ArcSwapOption::empty(),
                fetching: Arc::default(),
                clock: Arc::clone(clock),
            }),
        }))
    }
}

/// Is the file's content, as far as it is needed.
#[derive(Deserialize)]
struct KeyFile {
    r#type: String,
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: String,
}

struct Account {
    email: String,
    key: RsaKeyPair,
    key_id: Option<String>,
    audience: String,
    endpoint: Endpoint,
}

struct Tokens {
    shared: Arc<Shared>,
}

struct Shared {
    account: ArcSwap<Account>,
    token: ArcSwapOption<Token>,
    /// Held while a token is fetched, so that one fetch serves everybody who waits.
    fetching: Arc<Mutex<()>>,
    clock: Clock,
}

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    renew_at: SystemTime,
    ends_at: SystemTime,
}

/// Is Google's answer.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

impl Account {
    fn read(text: &str) -> Result<Self, AuthFault> {
        let wrong = |what| {
            move |source| AuthFault::NotOfVendor {
                what,
                source: Some(source),
            }
        };
        let file: KeyFile = serde_json::from_str(text)
            // The parser's words may show what stands in the file.
            .map_err(|_| AuthFault::NotOfVendor {
                what: "it is no JSON with type, client_email, private_key and token_uri",
                source: None,
            })?;
        if file.r#type != "service_account" {
            let what = "its `type` is not \"service_account\"";
            return Err(AuthFault::NotOfVendor { what, source: None });
        }
        let what = "its `private_key` is no PEM of an RSA key in PKCS #8";
        let pem = PrivatePkcs8KeyDer::from_pem_slice(file.private_key.as_bytes());
        let pem = pem.map_err(|fault| wrong(what)(fault.into()))?;
        let key = RsaKeyPair::from_pkcs8(pem.secret_pkcs8_der());
        let key = key.map_err(|fault| wrong(what)(fault.to_string().into()))?;
        let endpoint = Endpoint::new(&file.token_uri, None);
        let endpoint =
            endpoint.map_err(|fault| wrong("its `token_uri` is no URL")(fault.into()))?;
        if !endpoint.is_private() {
            let what = "its `token_uri` is neither https nor on the loopback";
            return Err(AuthFault::NotOfVendor { what, source: None });
        }
        Ok(Self {
            email: file.client_email,
            key,
            key_id: file.private_key_id,
            audience: file.token_uri,
            endpoint,
        })
    }

    /// Writes and signs what is exchanged for a token.
    fn assertion(&self, now: SystemTime) -> Result<String, Fault> {
        let unix = |time: SystemTime| {
            let since = time.duration_since(SystemTime::UNIX_EPOCH);
            since.unwrap_or_default().as_secs()
        };
        let mut header = json!({ "alg": "RS256", "typ": "JWT" });
        if let (Some(id), Some(header)) = (&self.key_id, header.as_object_mut()) {
            header.insert("kid".to_owned(), id.as_str().into());
        }
        let claims = json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.audience,
            "iat": unix(now),
            "exp": unix(now + ASSERTION_LIFE),
        });
        let part = |value: String| URL_SAFE_NO_PAD.encode(value);
        let mut signed = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| Fault::caused(Class::Credential, "the assertion could not be signed"))?;
        signed.push('.');
        signed.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(signed)
    }
}

impl Authorise for Tokens {
    fn wait(&self, deadlines: Deadlines) -> Option<BoxFuture<'_, Result<(), Fault>>> {
        let now = (self.shared.clock)();
        match self.shared.token.load().as_deref() {
            Some(token) if now < token.renew_at => None,
            Some(token) if now < token.ends_at => {
                self.renew_behind(deadlines);
                None
            }
            Some(_) | None => Some(Box::pin(self.first(deadlines))),
        }
    }

    fn authorise(&self, request: &mut Request<Full<Bytes>>, _body: &[u8]) -> Result<(), Fault> {
        let token = self.shared.token.load();
        let token = token
            .as_deref()
            .ok_or_else(|| Fault::new(Class::Credential))?;
        request
            .headers_mut()
            .insert(AUTHORIZATION, token.header.clone());
        Ok(())
    }

    fn renew(&self, given: &Given) -> Result<(), AuthFault> {
        let account = Account::read(given.secret(NAME)?.reveal())?;
        self.shared.account.store(Arc::new(account));
        // The next request fetches a token of the new account.
        self.shared.token.store(None);
        Ok(())
    }
}

impl Tokens {
    /// Fetches a token, unless somebody else did while this waited.
    async fn first(&self, deadlines: Deadlines) -> Result<(), Fault> {
        let _held = self.shared.fetching.lock().await;
        // A second try serves the case that the account was renewed during the first.
        for _ in 0..2 {
            let now = (self.shared.clock)();
            let is_there = |token: &Arc<Token>| now < token.ends_at;
            if self.shared.token.load().as_ref().is_some_and(is_there) {
                break;
            }
            self.shared.fetch(deadlines).await?;
        }
        Ok(())
    }

    /// Renews the token while requests go on with the one that is there.
    fn renew_behind(&self, deadlines: Deadlines) {
        let Ok(guard) = Arc::clone(&self.shared.fetching).try_lock_owned() else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            // Held to the end, so that nobody asks again before it is known how this went.
            let _held = guard;
            let Err(fault) = shared.fetch(deadlines).await else {
                return;
            };
            let class = fault.class.as_str();
            tracing::warn!(
                fault = class,
                "an access token could not be renewed; it is kept"
            );
            let later = (shared.clock)() + RETRY_AFTER;
            shared.token.rcu(|token| {
                let token = token.as_deref().cloned();
                token.map(|token| {
                    Arc::new(Token {
                        renew_at: later,
                        ..token
                    })
                })
            });
        });
    }
}

impl Shared {
    async fn fetch(&self, deadlines: Deadlines) -> Result<(), Fault> {
        let account = self.account.load_full();
        let asked_at = (self.clock)();
        let assertion = account.assertion(asked_at)?;
        // Of the characters of an assertion none has a meaning in a form.
        let form = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}"
        );
        let answer = client::post_form(&account.endpoint, form.into(), deadlines).await;
        let answer = answer.map_err(|fault| Fault::caused(Class::Credential, Box::new(fault)))?;
        let body = answer.into_body().read_whole(MAX_ANSWER).await?;
        let unreadable = |what: &'static str| Fault::caused(Class::Credential, what);
        let answer: Option<Answer> = serde_json::from_slice(&body).ok();
        let answer = answer
            .filter(|answer| answer.expires_in > 0)
            .ok_or_else(|| unreadable("what came is no JSON with a token and how long it lives"))?;
        let header = HeaderValue::from_str(&format!("Bearer {}", answer.access_token));
        let mut header = header.map_err(|_| unreadable("the token is no header's value"))?;
        header.set_sensitive(true);
        let life = Duration::from_secs(answer.expires_in).min(ASSERTION_LIFE * 24);
        let token = Token {
            header,
            renew_at: asked_at + life - RENEW_BEFORE.min(life / 2),
            ends_at: asked_at + life,
        };
        // An account that was renewed meanwhile must not get the token of the one before.
        if Arc::ptr_eq(&account, &self.account.load_full()) {
            self.token.store(Some(Arc::new(token)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
