//! Which credential a request bears. It must not know whether it is a good one.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use wire::Dialect;

use crate::error::{Class, Error};

static API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Finds the one credential that counts. Where both headers are there, `x-api-key` counts for a
/// dialect whose own API has it, and the bearer token for every other; the other one is not looked
/// at. So a request is never judged by two keys.
///
/// # Errors
/// Fails when there is none, when a header is given twice, or is not readable.
pub fn presented<'h>(headers: &'h HeaderMap, dialect: &dyn Dialect) -> Result<&'h str, Error> {
    let key = single(headers, &API_KEY)?;
    let bearer = single(headers, &AUTHORIZATION)?.map(bearer).transpose();
    let chosen = match key {
        Some(key) if dialect.key_header() == Some(API_KEY.as_str()) => Some(key),
        key => bearer?.or(key),
    };
    chosen
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Error::caller(Class::NoCredential))
}

fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let unclear = || Error::caller(Class::CredentialHeader).detailed(name.as_str());
    if values.next().is_some() {
        return Err(unclear());
    }
    let text = value.to_str().map_err(|_| unclear())?;
    Ok(Some(text.trim()))
}

fn bearer(text: &str) -> Result<&str, Error> {
    let wrong = || Error::caller(Class::BadCredential).detailed("not a bearer token");
    let (scheme, token) = text.split_once(' ').ok_or_else(wrong)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(wrong())
    }
}
