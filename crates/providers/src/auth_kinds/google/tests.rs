//! Tokens of a service account against a server that hands them out.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::{Account, ServiceAccount};
use crate::authorise::{AuthFault, AuthKind as _, Authorise, Clock, Given};
use crate::fault::{Class, Fault};
use crate::secret::Secret;
use crate::tests::DEADLINES;
use crate::tests::upstream::{Upstream, answer};

/// A key made for this run alone; none is kept.
static KEY: LazyLock<String> = LazyLock::new(|| {
    let kind = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let made = Command::new("openssl").arg("genpkey").args(kind).output();
    String::from_utf8(made.expect("openssl makes the test's key").stdout).unwrap()
});
const START: u64 = 1_780_000_000;

fn key_file(upstream: &Upstream, email: &str) -> String {
    json!({
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "key-1",
        "private_key": *KEY,
        "client_email": email,
        "token_uri": format!("{}/token", upstream.base_url()),
    })
    .to_string()
}

fn given(text: &str) -> Given {
    let mut given = Given::default();
    let name = ServiceAccount.name().to_owned();
    given.secrets.insert(name, Secret::new(text));
    given
}

struct Bench {
    now: Arc<AtomicU64>,
    auth: Arc<dyn Authorise>,
}

impl Bench {
    fn of(upstream: &Upstream) -> Self {
        let now = Arc::new(AtomicU64::new(START));
        let shown = Arc::clone(&now);
        let clock: Clock = Arc::new(move || {
            SystemTime::UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::SeqCst))
        });
        let given = given(&key_file(upstream, "one@p.example"));
        Self {
            now,
            auth: ServiceAccount.make(&given, &clock).unwrap(),
        }
    }

    fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    fn must_wait(&self) -> bool {
        self.auth.wait(DEADLINES).is_some()
    }

    async fn ready(&self) -> Result<(), Fault> {
        match self.auth.wait(DEADLINES) {
            Some(wait) => wait.await,
            None => Ok(()),
        }
    }

    fn bears(&self) -> Result<String, Fault> {
        let mut request: Request<Full<Bytes>> = Request::new(Full::default());
        self.auth.authorise(&mut request, b"")?;
        assert!(request.headers()["authorization"].is_sensitive());
        Ok(request.headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned())
    }
}

fn token(number: usize, life: u64) -> Vec<u8> {
    let body = json!({
        "access_token": format!("token-{number}"),
        "expires_in": life,
        "token_type": "Bearer",
    });
    let json = [("content-type", "application/json")];
    answer("200 OK", &json, body.to_string().as_bytes())
}

#[tokio::test]
async fn an_assertion_says_who_asks_whom_for_what_and_until_when() {
    let upstream = Upstream::start(|number, _| token(number, 3600)).await;
    Bench::of(&upstream).ready().await.unwrap();
    let seen = upstream.seen().remove(0);
    assert_eq!(seen.target(), "/token");
    let form = "application/x-www-form-urlencoded";
    assert_eq!(seen.header("content-type"), Some(form));
    let front = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let assertion = seen.body.strip_prefix(front).unwrap();
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let parts: Vec<Value> = signed
        .split('.')
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    assert_eq!(
        parts[0],
        json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"})
    );
    assert_eq!(
        parts[1],
        json!({
            "iss": "one@p.example",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "aud": format!("{}/token", upstream.base_url()),
            "iat": START,
            "exp": START + 3600,
        })
    );
    let account = Account::read(&key_file(&upstream, "x")).unwrap();
    let public = account.key.public_key().as_ref().to_vec();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    public.verify(signed.as_bytes(), &signature).unwrap();
    let other = signed.replace('.', ",");
    assert!(public.verify(other.as_bytes(), &signature).is_err());
}

#[tokio::test]
async fn many_who_wait_share_one_token() {
    let upstream = Upstream::held(|number, _| token(number, 3600)).await;
    let bench = Bench::of(&upstream);
    let waiting = futures_util::future::join_all((0..20).map(|_| bench.ready()));
    let release = async {
        upstream.await_requests(1).await;
        upstream.release(1);
    };
    let (readied, ()) = tokio::join!(waiting, release);
    assert!(readied.into_iter().all(|ready| ready.is_ok()));
    assert_eq!(bench.bears().unwrap(), "Bearer token-0");
    assert_eq!(upstream.seen().len(), 1);
}

/// Lets what runs in the background come forward until something holds.
async fn until(holds: impl Fn() -> bool) {
    let turns = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::tests::SOON, turns)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end_while_requests_go_on() {
    let upstream = Upstream::held(|number, _| token(number, 3600)).await;
    let bench = Bench::of(&upstream);
    upstream.release(1);
    bench.ready().await.unwrap();
    upstream.await_requests(1).await;
    bench.pass(3299);
    assert!(!bench.must_wait());
    assert_eq!(upstream.seen().len(), 1, "not yet due");
    bench.pass(1);
    for _ in 0..5 {
        assert!(!bench.must_wait(), "the old token still serves");
    }
    upstream.await_requests(1).await;
    assert_eq!(bench.bears().unwrap(), "Bearer token-0");
    upstream.release(1);
    until(|| bench.bears().unwrap() == "Bearer token-1").await;
    assert_eq!(upstream.seen().len(), 2, "one renewal for all");
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_serves_to_its_end() {
    let upstream = Upstream::start(|number, _| match number {
        0 => token(0, 3600),
        _ => answer("503 Service Unavailable", &[], b"{}"),
    })
    .await;
    let bench = Bench::of(&upstream);
    bench.ready().await.unwrap();
    upstream.await_requests(1).await;
    bench.pass(3400);
    assert!(!bench.must_wait());
    upstream.await_requests(1).await;
    // After the failure nothing is asked until some time has passed.
    for _ in 0..200 {
        assert!(!bench.must_wait());
        tokio::task::yield_now().await;
    }
    assert_eq!(upstream.seen().len(), 2);
    bench.pass(11);
    until(|| {
        assert!(!bench.must_wait());
        upstream.seen().len() == 3
    })
    .await;
    assert_eq!(bench.bears().unwrap(), "Bearer token-0");
    bench.pass(200);
    let fault = bench.ready().await.unwrap_err();
    assert_eq!(fault.class, Class::Credential);
}

#[tokio::test]
async fn an_ended_token_is_waited_for() {
    let upstream = Upstream::start(|number, _| token(number, 60)).await;
    let bench = Bench::of(&upstream);
    bench.ready().await.unwrap();
    bench.pass(60);
    assert!(bench.must_wait());
    bench.ready().await.unwrap();
    assert_eq!(bench.bears().unwrap(), "Bearer token-1");
}

#[tokio::test]
async fn a_changed_key_file_brings_a_token_of_its_own() {
    let upstream = Upstream::start(|number, _| token(number, 3600)).await;
    let bench = Bench::of(&upstream);
    bench.ready().await.unwrap();
    assert!(bench.auth.renew(&given("{}")).is_err());
    assert_eq!(
        bench.bears().unwrap(),
        "Bearer token-0",
        "the last good one is kept"
    );
    let other = given(&key_file(&upstream, "two@p.example"));
    bench.auth.renew(&other).unwrap();
    assert!(bench.bears().is_err());
    bench.ready().await.unwrap();
    assert_eq!(bench.bears().unwrap(), "Bearer token-1");
}

#[tokio::test]
async fn what_is_no_token_is_a_fault_that_shows_nothing() {
    for body in [
        &b"{\"access_token\":\"secret-token\"}"[..],
        b"not json secret-token",
        b"{\"access_token\":\"secret-token\\n\",\"expires_in\":9}",
        b"{\"access_token\":\"secret-token\",\"expires_in\":0}",
    ] {
        let body = body.to_vec();
        let upstream = Upstream::start(move |_, _| answer("200 OK", &[], &body)).await;
        let fault = Bench::of(&upstream).ready().await.unwrap_err();
        assert_eq!(fault.class, Class::Credential);
        assert!(!format!("{fault:?}").contains("secret-token"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_redirect_of_the_token_is_not_followed() {
    let other = Upstream::start(|number, _| token(number, 3600)).await;
    let away = format!("{}/token", other.base_url());
    let upstream =
        Upstream::start(move |_, _| answer("307 Temporary Redirect", &[("location", &away)], b""))
            .await;
    let fault = Bench::of(&upstream).ready().await.unwrap_err();
    assert_eq!(fault.class, Class::Credential);
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_file_that_is_no_service_account_is_refused_without_being_shown() {
    let upstream = Upstream::start(|number, _| token(number, 3600)).await;
    let sound: Value = serde_json::from_str(&key_file(&upstream, "hidden@p.example")).unwrap();
    for (field, value) in [
        ("type", json!("authorized_user")),
        (
            "private_key",
            json!("-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----"),
        ),
        ("private_key", json!("hidden")),
        ("token_uri", json!("http://tokens.example/token")),
        ("token_uri", json!("hidden")),
        ("client_email", json!(7)),
    ] {
        let mut file = sound.clone();
        file[field] = value;
        let refused = Account::read(&file.to_string()).err().unwrap();
        assert!(matches!(refused, AuthFault::NotOfVendor { .. }), "{field}");
        let shown = format!("{refused:?} {refused}");
        assert!(!shown.contains("hidden"), "{shown}");
    }
}
