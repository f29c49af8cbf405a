//! Which credential a request bears. It must not know whether it is a good one.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use wire::Dialect;

use crate::error::{Class, Error};

static API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Finds the one credential that counts: that of the header which the dialect's own API has, else
/// the bearer token, else `x-api-key`, else the parameter of the query that the dialect's own API
/// has. The others are not looked at. So a request is never judged by two keys.
///
/// # Errors
/// Fails when there is none, when a header or parameter is given twice, or is not readable.
pub fn presented<'h>(
    headers: &'h HeaderMap,
    query: Option<&'h str>,
    dialect: &dyn Dialect,
) -> Result<&'h str, Error> {
    let key = single(headers, API_KEY.as_str())?;
    let bearer = single(headers, AUTHORIZATION.as_str())?
        .map(bearer)
        .transpose();
    let own = match dialect.key_header() {
        None => None,
        Some(name) if name == API_KEY => key,
        Some(name) => single(headers, name)?,
    };
    let chosen = match own {
        Some(own) => Some(own),
        None => bearer?.or(key),
    };
    let chosen = match chosen {
        None => parameter(query, dialect)?,
        chosen => chosen,
    };
    chosen
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Error::caller(Class::NoCredential))
}

fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let unclear = || Error::caller(Class::CredentialHeader).detailed(name);
    if values.next().is_some() {
        return Err(unclear());
    }
    let text = value.to_str().map_err(|_| unclear())?;
    Ok(Some(text.trim()))
}

/// Finds a key in the query. Ours hold nothing that a query would have to escape.
fn parameter<'q>(query: Option<&'q str>, dialect: &dyn Dialect) -> Result<Option<&'q str>, Error> {
    let (Some(query), Some(name)) = (query, dialect.key_parameter()) else {
        return Ok(None);
    };
    let fields = query.split('&').filter_map(|field| field.split_once('='));
    let mut found = fields.filter(|(known, _)| *known == name);
    let first = found.next().map(|(_, key)| key);
    if found.next().is_some() {
        return Err(Error::caller(Class::CredentialHeader).detailed(name));
    }
    Ok(first)
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
