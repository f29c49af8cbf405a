//! Reads a body into what a route wants, and names the field where it does not fit. It must not
//! know any route's fields.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};
use serde_json::{Map, Value};

/// Says which field of a body is wrong, and what is.
#[derive(Debug)]
pub(super) struct BodyFault {
    /// The way to the field, outermost first; empty where the body itself is wrong.
    path: String,
    what: String,
}

/// Reads a body; none at all counts as an object without fields.
pub(super) fn read<T: DeserializeOwned>(body: &Value) -> Result<T, BodyFault> {
    match body {
        Value::Null => T::deserialize(Node(&Value::Object(Map::new()))),
        Value::Object(_) => T::deserialize(Node(body)),
        _ => Err(de::Error::custom("it is not an object")),
    }
}

impl BodyFault {
    /// Makes the fault of one field.
    pub(super) fn of(field: &str, what: impl fmt::Display) -> Self {
        Self {
            path: field.to_owned(),
            what: what.to_string(),
        }
    }

    fn within(mut self, outer: &str) -> Self {
        let dot = match self.path.chars().next() {
            None | Some('[') => "",
            Some(_) => ".",
        };
        self.path = format!("{outer}{dot}{}", self.path);
        self
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.what),
            path => write!(f, "`{path}`: {}", self.what),
        }
    }
}

impl std::error::Error for BodyFault {}

impl de::Error for BodyFault {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::of("", what)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(field, "it is missing")
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let what = format!("there is no such field here, only {}", expected.join(", "));
        Self::of(field, what)
    }
}

/// A value on its way into a type; every fault on that way is told with its place.
struct Node<'v>(&'v Value);

fn plain(error: &serde_json::Error) -> BodyFault {
    de::Error::custom(error)
}

impl<'de> de::Deserializer<'de> for Node<'de> {
    type Error = BodyFault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyFault> {
        match self.0 {
            Value::Object(fields) => visitor.visit_map(Fields {
                rest: fields.iter(),
                value: None,
            }),
            Value::Array(values) => visitor.visit_seq(Values {
                rest: values.iter().enumerate(),
            }),
            other => other
                .deserialize_any(visitor)
                .map_err(|error| plain(&error)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyFault> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, BodyFault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BodyFault> {
        self.0
            .deserialize_enum(name, variants, visitor)
            .map_err(|error| plain(&error))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Fields<'v> {
    rest: serde_json::map::Iter<'v>,
    value: Option<(&'v str, &'v Value)>,
}

impl<'de> de::MapAccess<'de> for Fields<'de> {
    type Error = BodyFault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, BodyFault> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some((name, value));
        let name: StrDeserializer<'_, BodyFault> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, BodyFault> {
        let (name, value) = self.value.take().unwrap_or(("", &Value::Null));
        seed.deserialize(Node(value))
            .map_err(|fault| fault.within(name))
    }
}

struct Values<'v> {
    rest: std::iter::Enumerate<std::slice::Iter<'v, Value>>,
}

impl<'de> de::SeqAccess<'de> for Values<'de> {
    type Error = BodyFault;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, BodyFault> {
        let next = self.rest.next().map(|(at, value)| {
            let read = seed.deserialize(Node(value));
            read.map_err(|fault| fault.within(&format!("[{at}]")))
        });
        next.transpose()
    }
}
