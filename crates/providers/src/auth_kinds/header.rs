//! A key or token that stands in one header. It must not know where the secret comes from.

use std::sync::Arc;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderName, Request};
use http_body_util::Full;

use crate::authorise::{AuthFault, AuthKind, Authorise, Clock, Given, Takes};
use crate::credential::Credential;
use crate::fault::Fault;

/// Is one kind of header.
pub(super) struct Header {
    name: &'static str,
    about: &'static str,
    form: Form,
}

#[derive(Clone)]
enum Form {
    Bearer,
    Plain(HeaderName),
}

pub(super) static BEARER: Header = Header {
    name: "bearer",
    about: "A token in `Authorization: Bearer`, such as an Amazon Bedrock API key, or a Microsoft \
        Entra token in a file that something keeps fresh: the file is read again when it changes.",
    form: Form::Bearer,
};

pub(super) static API_KEY_HEADER: Header = Header {
    name: "x_api_key",
    about: "A key in `x-api-key`, as Anthropic takes it.",
    form: Form::Plain(HeaderName::from_static("x-api-key")),
};

pub(super) static AZURE_KEY: Header = Header {
    name: "azure_key",
    about: "A key in `api-key`, as Azure takes it.",
    form: Form::Plain(HeaderName::from_static("api-key")),
};

impl AuthKind for Header {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn takes(&self) -> Takes {
        Takes::Secret
    }

    fn make(&self, given: &Given, _clock: &Clock) -> Result<Arc<dyn Authorise>, AuthFault> {
        let credential = Credential::of(given.secret(self.name)?);
        Ok(Arc::new(InHeader {
            kind: self.name,
            form: self.form.clone(),
            credential: credential.map_err(|fault| AuthFault::Unusable(self.name, fault))?,
        }))
    }
}

struct InHeader {
    kind: &'static str,
    form: Form,
    credential: Credential,
}

impl Authorise for InHeader {
    fn authorise(&self, request: &mut Request<Full<Bytes>>, _body: &[u8]) -> Result<(), Fault> {
        let (name, value) = match &self.form {
            Form::Bearer => (AUTHORIZATION, self.credential.bearer()),
            Form::Plain(name) => (name.clone(), self.credential.plain()),
        };
        request.headers_mut().insert(name, value);
        Ok(())
    }

    fn renew(&self, given: &Given) -> Result<(), AuthFault> {
        let renewed = self.credential.renew(given.secret(self.kind)?);
        renewed.map_err(|fault| AuthFault::Unusable(self.kind, fault))
    }
}
