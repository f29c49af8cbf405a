//! Checks where each provider is and how requests to it are authorised, against what adapters and
//! kinds of authorisation want. It must not know any of them, nor read a credential.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::{PolicyFault, ProviderName};
use providers::{Absent, Address, AuthKind, Field, Holds, Missing, Takes, Written};
use serde_json::Value;

use super::fault::fault;
use super::file::{self, File};
use super::offered::Offered;

/// The field of a key that goes where the adapter puts it.
const API_KEY: &str = "api_key";
/// The fields that say where a provider is, of which each adapter wants some.
const PLACE: [&str; 4] = ["base_url", "region", "project", "api_version"];

/// Holds what connections to one provider need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSettings {
    /// The adapter's name.
    pub dialect: String,
    /// Whose platform the adapter is for, where it is for one.
    pub platform: Option<String>,
    /// The base URL, empty for a model in this process.
    pub base_url: String,
    /// The query behind every path.
    pub query: Option<String>,
    /// Where each secret is; a key for the adapter's own header is `api_key`.
    pub sources: BTreeMap<String, CredentialSource>,
    /// How requests are authorised, where not by such a key.
    pub auth: Option<AuthSettings>,
}

/// Says how requests are authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthSettings {
    /// The kind's name.
    pub kind: String,
    /// What it takes that is no secret.
    pub texts: BTreeMap<String, String>,
}

/// Says where a provider's credential is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// An environment variable.
    Env(String),
    /// A file, read again when it changes.
    File(PathBuf),
}

/// Checks and converts the providers.
pub(super) fn providers(
    file: &File,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) -> BTreeMap<ProviderName, ProviderSettings> {
    let mut providers = BTreeMap::new();
    for (name, written) in &file.providers {
        let path = format!("providers.{name}");
        let mut checked = Checked {
            path: &path,
            written,
            offered,
            faults,
        };
        providers.insert(ProviderName::new(name.as_str()), checked.settings());
    }
    providers
}

/// Finds where a provider is reached; none where no adapter reaches it over the network.
pub(super) fn address(
    written: &file::Provider,
    offered: &Offered<'_>,
) -> Option<Result<Address, Missing>> {
    let adapter = offered.adapter(&written.dialect, written.platform.as_deref())?;
    Some(adapter.address(&Written {
        base_url: written.base_url.as_deref(),
        region: written.region.as_deref(),
        project: written.project.as_deref(),
        api_version: written.api_version.as_deref(),
    }))
}

fn place<'f>(written: &'f file::Provider, field: &str) -> Option<&'f str> {
    let value = match field {
        "base_url" => &written.base_url,
        "region" => &written.region,
        "project" => &written.project,
        "api_version" => &written.api_version,
        _ => &None,
    };
    value.as_deref()
}

/// Is one provider while it is checked.
struct Checked<'c> {
    path: &'c str,
    written: &'c file::Provider,
    offered: &'c Offered<'c>,
    faults: &'c mut Vec<PolicyFault>,
}

impl Checked<'_> {
    fn fault(&mut self, field: &str, what: impl Into<String>, mend: impl Into<String>) {
        fault(self.faults, format!("{}.{field}", self.path), what, mend);
    }

    fn settings(&mut self) -> ProviderSettings {
        let written = self.written;
        let address = self.reached();
        let mut sources = BTreeMap::new();
        if let Some(key) = &written.api_key {
            sources.extend(
                self.source(API_KEY, key)
                    .map(|key| (API_KEY.to_owned(), key)),
            );
        }
        let service = address.as_ref().and_then(|address| address.service);
        ProviderSettings {
            dialect: written.dialect.clone(),
            platform: written.platform.clone(),
            base_url: address
                .as_ref()
                .map_or_else(String::new, |it| it.base_url.clone()),
            query: address.and_then(|address| address.query),
            auth: self.auth(service, &mut sources),
            sources,
        }
    }

    fn reached(&mut self) -> Option<Address> {
        let written = self.written;
        let (dialect, platform) = (written.dialect.as_str(), written.platform.as_deref());
        if !self.offered.dialects.contains(&dialect) {
            let mend = format!("use one of: {}", self.offered.dialects.join(", "));
            self.fault(
                "dialect",
                format!("there is no adapter for `{dialect}`"),
                mend,
            );
            return None;
        }
        if Some(dialect) == self.offered.in_process {
            for field in PLACE
                .into_iter()
                .filter(|field| place(written, field).is_some())
            {
                let what = format!("a model in this process has no `{field}`");
                self.fault(field, what, "remove it");
            }
            if platform.is_some() {
                let what = "a model in this process has no `platform`";
                self.fault("platform", what, "remove it");
            }
            return None;
        }
        let Some(adapter) = self.offered.adapter(dialect, platform) else {
            self.no_platform(dialect, platform.unwrap_or_default());
            return None;
        };
        self.check_place(adapter.place());
        match address(written, self.offered)? {
            Ok(address) => Some(address),
            Err(Missing(field)) => {
                let wanted = adapter.place().iter().find(|it| it.name == field);
                let about = wanted.map_or("", |field| field.about);
                let what = format!("the provider has no `{field}`");
                self.fault(field, what, format!("write {field} = \"…\": {about}"));
                None
            }
        }
    }

    fn no_platform(&mut self, dialect: &str, platform: &str) {
        let adapters = self.offered.adapters.iter();
        let there: Vec<&str> = adapters
            .filter(|adapter| adapter.name() == dialect)
            .filter_map(|adapter| adapter.platform())
            .collect();
        let mend = match there.as_slice() {
            [] => "remove it".to_owned(),
            there => format!("use one of: {}; or remove it", there.join(", ")),
        };
        let what = format!("`{dialect}` is not offered on a platform `{platform}`");
        self.fault("platform", what, mend);
    }

    /// Checks what is written of where the provider is, as far as it is wanted.
    fn check_place(&mut self, wanted: &[Field]) {
        let written = self.written;
        let is_wanted = |name: &str| wanted.iter().any(|field| field.name == name);
        for name in PLACE {
            let Some(text) = place(written, name) else {
                continue;
            };
            if !is_wanted(name) && !self.auth_takes(name) {
                let what = format!("`{name}` says nothing about such a provider");
                self.fault(
                    name,
                    what,
                    "remove it, or name the `platform` that it belongs to",
                );
            } else if name == "base_url" {
                self.check_base_url(text);
            } else if text.is_empty() || !text.bytes().all(is_plain) {
                let what = format!("`{text}` cannot stand in a URL as it is");
                self.fault(
                    name,
                    what,
                    "write letters, digits, `-`, `.`, `_` and `:` alone",
                );
            }
        }
    }

    fn auth_takes(&self, name: &str) -> bool {
        let kinds = self.written.auth.iter().flat_map(BTreeMap::keys);
        kinds
            .filter_map(|kind| self.kind(kind))
            .any(|kind| match kind.takes() {
                Takes::Secret => false,
                Takes::Table(fields) => fields.iter().any(|field| field.name == name),
            })
    }

    fn kind(&self, name: &str) -> Option<&'static dyn AuthKind> {
        let mut kinds = self.offered.auth_kinds.iter();
        kinds.find(|kind| kind.name() == name).copied()
    }

    fn check_base_url(&mut self, url: &str) {
        let parsed = url.parse::<http::Uri>().ok();
        let is_http = |uri: &http::Uri| matches!(uri.scheme_str(), Some("http" | "https"));
        let Some(uri) = parsed.filter(|uri| is_http(uri) && uri.host().is_some()) else {
            let mend = "write scheme, host and path, such as \"https://api.example.com/v1\"";
            return self.fault("base_url", format!("`{url}` is no http or https URL"), mend);
        };
        let authority = uri.authority();
        if uri.query().is_some() {
            let mend = "remove the part from `?` on";
            self.fault("base_url", "a base URL has no query", mend);
        } else if authority.is_some_and(|part| part.as_str().contains('@')) {
            let what = "the URL holds a credential in clear";
            let mend = "remove it, and write api_key = { env = \"NAME\" }";
            self.fault("base_url", what, mend);
        }
    }

    fn source(&mut self, field: &str, written: &file::KeySource) -> Option<CredentialSource> {
        match written {
            file::KeySource::Env(source) => Some(CredentialSource::Env(source.env.clone())),
            file::KeySource::File(source) => {
                Some(CredentialSource::File(PathBuf::from(&source.file)))
            }
            file::KeySource::Clear(_) => {
                let what = "a credential stands in the file in clear";
                let mend = "write { env = \"NAME\" } or { file = \"PATH\" }, and replace the \
                    leaked key";
                self.fault(field, what, mend);
                None
            }
        }
    }

    fn auth(
        &mut self,
        service: Option<&str>,
        sources: &mut BTreeMap<String, CredentialSource>,
    ) -> Option<AuthSettings> {
        let written = self.written;
        let auth = written.auth.as_ref()?;
        if written.api_key.is_some() {
            let what = "the provider has both `api_key` and `auth`";
            self.fault("auth", what, "keep one of the two");
            return None;
        }
        let names = || {
            let kinds = self.offered.auth_kinds.iter();
            kinds.map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
        };
        let mut kinds = auth.iter();
        let (Some((name, value)), None) = (kinds.next(), kinds.next()) else {
            let mend = format!("write one of: {}", names());
            self.fault("auth", "requests are authorised in one way", mend);
            return None;
        };
        let Some(kind) = self.kind(name) else {
            let mend = format!("use one of: {}", names());
            let what = format!("there is no authorisation `{name}`");
            self.fault(&format!("auth.{name}"), what, mend);
            return None;
        };
        let mut texts = BTreeMap::new();
        match kind.takes() {
            Takes::Secret => {
                let source = self.secret(&format!("auth.{name}"), value);
                sources.extend(source.map(|source| (name.clone(), source)));
            }
            Takes::Table(fields) => {
                self.table(kind, fields, value, sources, &mut texts);
                self.complete(kind, fields, service, sources, &mut texts);
            }
        }
        Some(AuthSettings {
            kind: name.clone(),
            texts,
        })
    }

    fn secret(&mut self, path: &str, value: &Value) -> Option<CredentialSource> {
        // Whatever is no source counts as a secret in clear.
        let clear = file::KeySource::Clear(serde::de::IgnoredAny);
        let source = serde_json::from_value(value.clone()).unwrap_or(clear);
        self.source(path, &source)
    }

    /// Takes what is written of a kind's fields.
    fn table(
        &mut self,
        kind: &dyn AuthKind,
        fields: &[Field],
        value: &Value,
        sources: &mut BTreeMap<String, CredentialSource>,
        texts: &mut BTreeMap<String, String>,
    ) {
        let path = |field: &str| format!("auth.{}.{field}", kind.name());
        let Some(table) = value.as_object() else {
            let what = format!("`{}` takes a table", kind.name());
            let mend = format!("write {{ {} }}", list(fields));
            return self.fault(&format!("auth.{}", kind.name()), what, mend);
        };
        for (key, value) in table {
            let field = fields.iter().find(|field| field.name == key);
            match (field.map(|field| field.holds), value.as_str()) {
                (None, _) => {
                    let what = format!("`{}` takes no `{key}`", kind.name());
                    self.fault(&path(key), what, format!("use: {}", list(fields)));
                }
                (Some(Holds::Secret), _) => {
                    let source = self.secret(&path(key), value);
                    sources.extend(source.map(|source| (key.clone(), source)));
                }
                (Some(Holds::Text), Some(text)) if !text.is_empty() => {
                    texts.insert(key.clone(), text.to_owned());
                }
                (Some(Holds::Text), _) => {
                    let what = format!("`{key}` is a text");
                    self.fault(&path(key), what, "write it in quotes");
                }
            }
        }
    }

    /// Fills in what the provider or its platform says, and finds what is missing.
    fn complete(
        &mut self,
        kind: &dyn AuthKind,
        fields: &[Field],
        service: Option<&str>,
        sources: &BTreeMap<String, CredentialSource>,
        texts: &mut BTreeMap<String, String>,
    ) {
        let written = self.written;
        let table = written.auth.as_ref().and_then(|auth| auth.get(kind.name()));
        for field in fields {
            let own = match field.name {
                "service" => service,
                name => place(written, name),
            };
            if let (Holds::Text, Some(own)) = (field.holds, own) {
                let own = || own.to_owned();
                texts.entry(field.name.to_owned()).or_insert_with(own);
            }
            let is_there = sources.contains_key(field.name) || texts.contains_key(field.name);
            let is_written = table.is_some_and(|table| table.get(field.name).is_some());
            if field.absent == Absent::Refused && !is_there && !is_written {
                let what = format!("`{}` needs `{}`", kind.name(), field.name);
                let path = format!("auth.{}.{}", kind.name(), field.name);
                self.fault(&path, what, format!("write it: {}", field.about));
            }
        }
    }
}

fn list(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    names.join(", ")
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._:".contains(&byte)
}
