//! AWS Signature Version 4 over host, type, time, token and body. Every other header stays out of
//! the signature, so that nothing on the way can break it. It must not know what is asked.

use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderName, Request};
use http_body_util::Full;

use crate::authorise::{Absent, AuthFault, AuthKind, Authorise, Clock, Field, Given, Holds, Takes};
use crate::credential::CredentialFault;
use crate::fault::{Class, Fault};

const ACCESS_KEY_ID: &str = "access_key_id";
const SECRET_ACCESS_KEY: &str = "secret_access_key";
const SESSION_TOKEN: &str = "session_token";
const REGION: &str = "region";
const SERVICE: &str = "service";

static SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Says in credentials who made them; it is never sent.
const MAKER: &str = "tiergate";

static FIELDS: &[Field] = &[
    Field {
        name: ACCESS_KEY_ID,
        about: "the access key's id",
        holds: Holds::Secret,
        absent: Absent::Refused,
    },
    Field {
        name: SECRET_ACCESS_KEY,
        about: "the access key's secret",
        holds: Holds::Secret,
        absent: Absent::Refused,
    },
    Field {
        name: SESSION_TOKEN,
        about: "the session token of temporary credentials",
        holds: Holds::Secret,
        absent: Absent::Fine,
    },
    Field {
        name: REGION,
        about: "the region that signatures name; the provider's own `region` where it has one",
        holds: Holds::Text,
        absent: Absent::Refused,
    },
    Field {
        name: SERVICE,
        about: "the service that signatures name; the platform's own where it has one",
        holds: Holds::Text,
        absent: Absent::Refused,
    },
];

/// Signs with an access key.
pub(super) struct SigV4;

impl AuthKind for SigV4 {
    fn name(&self) -> &'static str {
        "sigv4"
    }

    fn about(&self) -> &'static str {
        "AWS Signature Version 4 with an access key, temporary or not. Keys in files are read \
         again when a file changes, and taken up together."
    }

    fn takes(&self) -> Takes {
        Takes::Table(FIELDS)
    }

    fn make(&self, given: &Given, clock: &Clock) -> Result<Arc<dyn Authorise>, AuthFault> {
        Ok(Arc::new(Signer {
            credentials: ArcSwap::from_pointee(credentials(given)?),
            region: given.text(REGION)?.to_owned(),
            service: given.text(SERVICE)?.to_owned(),
            clock: Arc::clone(clock),
        }))
    }
}

struct Signer {
    credentials: ArcSwap<Credentials>,
    region: String,
    service: String,
    clock: Clock,
}

fn credentials(given: &Given) -> Result<Credentials, AuthFault> {
    let secret = |name: &'static str| {
        let text = given.secret(name)?.reveal();
        let fault = if text.is_empty() {
            CredentialFault::Empty
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            CredentialFault::Characters
        } else {
            return Ok(text.to_owned());
        };
        Err(AuthFault::Unusable(name, fault))
    };
    let token = given.secrets.contains_key(SESSION_TOKEN);
    Ok(Credentials::new(
        secret(ACCESS_KEY_ID)?,
        secret(SECRET_ACCESS_KEY)?,
        token.then(|| secret(SESSION_TOKEN)).transpose()?,
        None,
        MAKER,
    ))
}

impl Authorise for Signer {
    fn authorise(&self, request: &mut Request<Full<Bytes>>, body: &[u8]) -> Result<(), Fault> {
        self.sign(request, body, &[HOST, CONTENT_TYPE])
    }

    fn renew(&self, given: &Given) -> Result<(), AuthFault> {
        self.credentials.store(Arc::new(credentials(given)?));
        Ok(())
    }
}

impl Signer {
    /// Signs these headers, and those that the signature brings.
    fn sign(
        &self,
        request: &mut Request<Full<Bytes>>,
        body: &[u8],
        names: &[HeaderName],
    ) -> Result<(), Fault> {
        let identity = Credentials::clone(&self.credentials.load()).into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time((self.clock)())
            .settings(settings)
            .build()
            .map_err(unsigned)?;
        let headers = request.headers();
        let signed = headers
            .iter()
            .filter(|(name, _)| names.contains(name))
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let method = request.method().as_str();
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        // Only host, path and query of the address are part of a signature, never the scheme.
        let address = format!("https://{}{}", host.unwrap_or_default(), request.uri());
        let signable = SignableRequest::new(method, address, signed, SignableBody::Bytes(body));
        let output = sign(signable.map_err(unsigned)?, &params.into()).map_err(unsigned)?;
        let (instructions, _signature) = output.into_parts();
        instructions.apply_to_request_http1x(request);
        // The crate marks neither, and a header's value that is shown would show them.
        for name in [&AUTHORIZATION, &SECURITY_TOKEN] {
            if let Some(value) = request.headers_mut().get_mut(name) {
                value.set_sensitive(true);
            }
        }
        Ok(())
    }
}

fn unsigned(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::caused(Class::Credential, cause)
}

#[cfg(test)]
mod tests;
