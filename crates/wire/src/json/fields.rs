//! Objects taken apart field by field, with the path of each for faults and losses. It must not
//! know any field's name, nor let one be dropped unseen.

use std::borrow::Cow;

use crate::canonical::Json;
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::{Broken, Cursor, Kind};

/// Holds one JSON value that is known to be valid, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Value<'a> {
    raw: &'a str,
    path: String,
}

impl<'a> Value<'a> {
    /// Checks a body and takes it as one value.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, BadRequest> {
        let check = || {
            let mut cursor = Cursor::new(body)?.carried();
            let span = cursor.skip()?;
            cursor.end()?;
            Ok(cursor.slice(span))
        };
        let raw = check().map_err(|broken: Box<Broken>| broken.to_bad_request(body))?;
        Ok(Self {
            raw,
            path: String::new(),
        })
    }

    /// Shows its JSON text.
    pub(crate) fn raw(&self) -> &'a str {
        self.raw
    }

    /// Names where it stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Names the kind of value.
    pub(crate) fn kind(&self) -> Kind {
        Cursor::over(self.raw).kind().unwrap_or(Kind::Null)
    }

    /// Makes a fault of it.
    pub(crate) fn fault(&self, message: impl Into<String>) -> BadRequest {
        BadRequest {
            field: (!self.path.is_empty()).then(|| self.path.clone()),
            message: message.into(),
        }
    }

    fn wrong(&self, wanted: &str) -> BadRequest {
        self.fault(format!("must be {wanted}, not {}", self.kind().name()))
    }

    /// Takes a string.
    pub(crate) fn string(&self) -> Result<Cow<'a, str>, BadRequest> {
        if self.kind() != Kind::String {
            return Err(self.wrong("a string"));
        }
        let read = Cursor::over(self.raw).string();
        read.map_err(|broken| self.fault(format!("holds {}", broken.what)))
    }

    /// Takes true or false.
    pub(crate) fn bool(&self) -> Result<bool, BadRequest> {
        match self.raw {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// Takes a whole number.
    pub(crate) fn whole(&self) -> Result<u64, BadRequest> {
        self.raw
            .parse()
            .map_err(|_| self.fault("must be a whole number that is not negative"))
    }

    /// Takes a number with its spelling.
    pub(crate) fn number(&self) -> Result<&'a str, BadRequest> {
        match self.kind() {
            Kind::Number => Ok(self.raw),
            _ => Err(self.wrong("a number")),
        }
    }

    /// Takes an array apart.
    pub(crate) fn elements(&self) -> Result<Vec<Self>, BadRequest> {
        if self.kind() != Kind::Array {
            return Err(self.wrong("an array"));
        }
        let mut elements = Vec::new();
        let mut cursor = Cursor::over(self.raw);
        let walked = cursor.array(|cursor| {
            let span = cursor.skip()?;
            elements.push(Self {
                raw: cursor.slice(span),
                path: format!("{}[{}]", self.path, elements.len()),
            });
            Ok(())
        });
        walked.map_err(|broken| self.fault(broken.what))?;
        Ok(elements)
    }

    /// Takes an object apart.
    pub(crate) fn fields(&self) -> Result<Fields<'a>, BadRequest> {
        if self.kind() != Kind::Object {
            return Err(self.wrong("an object"));
        }
        let mut fields: Vec<(Cow<'a, str>, Self)> = Vec::new();
        let mut twice = None;
        let mut cursor = Cursor::over(self.raw);
        let walked = cursor.object(|cursor, key| {
            let span = cursor.skip()?;
            let value = Self {
                raw: cursor.slice(span),
                path: join(&self.path, &key),
            };
            if fields.iter().any(|(known, _)| *known == key) {
                twice = Some(value.fault("is given twice; keep one"));
            }
            fields.push((key, value));
            Ok(())
        });
        walked.map_err(|broken| self.fault(broken.what))?;
        match twice {
            Some(fault) => Err(fault),
            None => Ok(Fields {
                path: self.path.clone(),
                fields,
            }),
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        return key.to_owned();
    }
    format!("{path}.{key}")
}

/// Holds the fields of one object that were not taken yet.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    path: String,
    fields: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Fields<'a> {
    /// Names where a field of that name stands or would.
    pub(crate) fn path_of(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Takes a field; one that is null counts as absent.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value<'a>> {
        let at = self.fields.iter().position(|(known, _)| known == key)?;
        let (_, value) = self.fields.remove(at);
        (value.raw != "null").then_some(value)
    }

    /// Gives a field back, so that it counts as not taken.
    pub(crate) fn put_back(&mut self, key: &str, value: Value<'a>) {
        self.fields.push((Cow::Owned(key.to_owned()), value));
    }

    /// Takes a field that must be there.
    pub(crate) fn must(&mut self, key: &str) -> Result<Value<'a>, BadRequest> {
        self.take(key)
            .ok_or_else(|| BadRequest::of(self.path_of(key), "is required"))
    }

    /// Takes a string that must be there.
    pub(crate) fn must_string(&mut self, key: &str) -> Result<String, BadRequest> {
        Ok(self.must(key)?.string()?.into_owned())
    }

    /// Takes a string.
    pub(crate) fn string(&mut self, key: &str) -> Result<Option<String>, BadRequest> {
        let value = self.take(key).map(|value| value.string());
        Ok(value.transpose()?.map(Cow::into_owned))
    }

    /// Takes true or false.
    pub(crate) fn bool(&mut self, key: &str) -> Result<Option<bool>, BadRequest> {
        self.take(key).map(|value| value.bool()).transpose()
    }

    /// Takes a number as it is spelt.
    pub(crate) fn number(&mut self, key: &str) -> Result<Option<Json>, BadRequest> {
        let value = self.take(key).map(|value| value.number()).transpose()?;
        Ok(value.map(|text| Json(text.to_owned())))
    }

    /// Takes a whole number.
    pub(crate) fn whole(&mut self, key: &str) -> Result<Option<u64>, BadRequest> {
        self.take(key).map(|value| value.whole()).transpose()
    }

    /// Takes an array apart; none is empty.
    pub(crate) fn elements(&mut self, key: &str) -> Result<Vec<Value<'a>>, BadRequest> {
        self.take(key)
            .map_or(Ok(Vec::new()), |value| value.elements())
    }

    /// Takes an object apart.
    pub(crate) fn fields(&mut self, key: &str) -> Result<Option<Fields<'a>>, BadRequest> {
        self.take(key).map(|value| value.fields()).transpose()
    }

    /// Takes every field that is left, each a string.
    pub(crate) fn pairs(self) -> Result<Vec<(String, String)>, BadRequest> {
        let set = self.fields.into_iter();
        let set = set.filter(|(_, value)| value.raw != "null");
        set.map(|(key, value)| Ok((key.into_owned(), value.string()?.into_owned())))
            .collect()
    }

    /// Takes every field that is left, each as JSON text, also one that is null.
    pub(crate) fn raw_pairs(self) -> Vec<(String, String)> {
        let set = self.fields.into_iter();
        set.map(|(key, value)| (key.into_owned(), value.raw.to_owned()))
            .collect()
    }

    /// Lists each field that was not taken as lost.
    pub(crate) fn rest(self, losses: &mut Vec<Loss>) {
        for (_, value) in self.fields {
            if value.raw != "null" {
                losses.push(Loss::new(value.path, "the other dialect has no such field"));
            }
        }
    }
}
