//! An object's fields under either of their two spellings: the API takes `maxOutputTokens` and
//! `max_output_tokens` alike. It must not know what a field means.

use std::borrow::Cow;

use crate::fault::{BadRequest, Loss};
use crate::json::cursor::Kind;
use crate::json::fields::{Fields, Value};

/// Spells a key as the API's documents do.
pub(super) fn camel(key: &str) -> Cow<'_, str> {
    if !key.contains('_') {
        return Cow::Borrowed(key);
    }
    let mut spelt = String::with_capacity(key.len());
    let mut is_first = false;
    for letter in key.chars() {
        match letter {
            '_' => is_first = !spelt.is_empty(),
            letter if is_first => {
                spelt.push(letter.to_ascii_uppercase());
                is_first = false;
            }
            letter => spelt.push(letter),
        }
    }
    Cow::Owned(spelt)
}

fn snake(key: &str) -> String {
    let mut spelt = String::with_capacity(key.len() + 4);
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            spelt.push('_');
        }
        spelt.push(letter.to_ascii_lowercase());
    }
    spelt
}

/// Holds the fields of one object that were not taken yet; they are named in camel case.
#[derive(Clone, Debug)]
pub(super) struct Names<'a>(Fields<'a>);

impl<'a> Names<'a> {
    /// Takes an object apart.
    pub(super) fn of(value: &Value<'a>) -> Result<Self, BadRequest> {
        value.fields().map(Self)
    }

    /// Names where a field of that name stands or would.
    pub(super) fn path_of(&self, key: &str) -> String {
        self.0.path_of(key)
    }

    /// Takes a field; one that is null counts as absent. Where both spellings are given the other
    /// one stays and is listed as lost.
    pub(super) fn take(&mut self, key: &str) -> Option<Value<'a>> {
        let found = self.0.take(key);
        found.or_else(|| self.0.take(&snake(key)))
    }

    /// Takes a field that must be there.
    pub(super) fn must(&mut self, key: &str) -> Result<Value<'a>, BadRequest> {
        self.take(key)
            .ok_or_else(|| BadRequest::of(self.path_of(key), "is required"))
    }

    /// Takes a string that must be there.
    pub(super) fn must_string(&mut self, key: &str) -> Result<String, BadRequest> {
        Ok(self.must(key)?.string()?.into_owned())
    }

    /// Takes a string.
    pub(super) fn string(&mut self, key: &str) -> Result<Option<String>, BadRequest> {
        let value = self.take(key).map(|value| value.string());
        Ok(value.transpose()?.map(Cow::into_owned))
    }

    /// Takes true or false.
    pub(super) fn bool(&mut self, key: &str) -> Result<Option<bool>, BadRequest> {
        self.take(key).map(|value| value.bool()).transpose()
    }

    /// Takes a whole number, which the API takes as a string too.
    pub(super) fn whole(&mut self, key: &str) -> Result<Option<u64>, BadRequest> {
        self.take(key).map(|value| whole(&value)).transpose()
    }

    /// Takes an array apart; none is empty.
    pub(super) fn elements(&mut self, key: &str) -> Result<Vec<Value<'a>>, BadRequest> {
        self.take(key)
            .map_or(Ok(Vec::new()), |value| value.elements())
    }

    /// Takes an object apart.
    pub(super) fn names(&mut self, key: &str) -> Result<Option<Names<'a>>, BadRequest> {
        self.take(key).map(|value| Self::of(&value)).transpose()
    }

    /// Takes fields that say nothing which the canonical form leaves out.
    pub(super) fn ignore(&mut self, keys: &[&str]) {
        for key in keys {
            drop(self.take(key));
        }
    }

    /// Lists each field that was not taken as lost.
    pub(super) fn rest(self, losses: &mut Vec<Loss>) {
        self.0.rest(losses);
    }
}

fn whole(value: &Value<'_>) -> Result<u64, BadRequest> {
    if value.kind() != Kind::String {
        return value.whole();
    }
    let text = value.string()?;
    text.parse()
        .map_err(|_| value.fault("must be a whole number that is not negative"))
}
