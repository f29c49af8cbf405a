//! Whether a JSON text is what a schema says, within bounds: both come from outside. It must not
//! fetch what a schema refers to, nor work for long on one that is made to take long.

use jsonschema::PatternOptions;
use serde_json::{Map, Value};

/// The longest schema that is looked at, in bytes.
const MAX_SCHEMA: usize = 64 << 10;
/// The most values that a schema may have once its references are written out.
const MAX_VALUES: usize = 4_096;
/// How deep a schema may be once its references are written out.
const MAX_DEPTH: usize = 64;

/// How many bytes of a text weigh as much as one value.
const BYTES_A_VALUE: usize = 64;

/// Keys by which one schema refers to another in a way that is not followed here.
const FOREIGN: [&str; 5] = [
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
];

/// Says what the fields of an object in a schema are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// A schema's own words.
    Words,
    /// Names of the text's fields, each with a schema.
    Names,
    /// Part of a value that is no schema.
    Values,
}

impl Holds {
    /// Tells what stands under a field.
    fn under(self, field: &str) -> Self {
        match (self, field) {
            (Self::Words, "properties" | "patternProperties" | "dependentSchemas") => Self::Names,
            (Self::Words, "const" | "enum" | "default" | "examples") | (Self::Values, _) => {
                Self::Values
            }
            _ => Self::Words,
        }
    }
}

/// Says whether a text is what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is.
    Right,
    /// It is not.
    Wrong,
    /// It cannot be told: the schema is too large, refers to itself or elsewhere, or is none.
    Unknown,
}

/// Tells whether a text is JSON.
#[must_use]
pub fn json(text: &str) -> Fit {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Fit::Right,
        Err(_) => Fit::Wrong,
    }
}

/// Tells whether a text is JSON that follows a schema. References are written out first and
/// patterns run without going back, so that the work is bounded by the product of both lengths:
/// a schema that refers to itself in several places could take a time exponential in the depth of
/// the text, on the thread that accounts for everybody.
#[must_use]
pub fn schema(schema: &str, text: &str) -> Fit {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Fit::Wrong;
    };
    if schema.len() > MAX_SCHEMA {
        return Fit::Unknown;
    }
    let Ok(root) = serde_json::from_str::<Value>(schema) else {
        return Fit::Unknown;
    };
    let mut writing = Writing {
        root: &root,
        left: MAX_VALUES,
    };
    let Some(plain) = writing.value(&root, Holds::Words, MAX_DEPTH) else {
        return Fit::Unknown;
    };
    let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
    match options.build(&plain) {
        Ok(validator) if validator.is_valid(&value) => Fit::Right,
        Ok(_) => Fit::Wrong,
        Err(_) => Fit::Unknown,
    }
}

/// Writes a schema's references out, within bounds.
struct Writing<'s> {
    root: &'s Value,
    /// The values that may still be written.
    left: usize,
}

impl Writing<'_> {
    /// Writes a value; none where that has no end within the bounds.
    fn value(&mut self, value: &Value, holds: Holds, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match value {
            Value::Array(values) => {
                self.weighs("")?;
                let written = values.iter().map(|one| self.value(one, holds, depth));
                written.collect()
            }
            Value::Object(fields) => self.fields(fields, holds, depth),
            plain => {
                self.weighs(plain.as_str().unwrap_or_default())?;
                Some(plain.clone())
            }
        }
    }

    fn fields(&mut self, fields: &Map<String, Value>, holds: Holds, depth: usize) -> Option<Value> {
        let mut out = Map::new();
        let mut referred = None;
        for (name, value) in fields {
            self.weighs(name)?;
            let word = match holds {
                Holds::Words => name.as_str(),
                Holds::Names | Holds::Values => "",
            };
            match word {
                // Written where they are referred to.
                "$defs" | "definitions" => continue,
                "$ref" => {
                    let target = self.target(value.as_str()?)?;
                    referred = Some(self.value(target, Holds::Words, depth)?);
                    continue;
                }
                word if FOREIGN.contains(&word) => return None,
                _ => {}
            }
            let written = self.value(value, holds.under(name), depth)?;
            out.insert(name.clone(), written);
        }
        if let Some(referred) = referred {
            let all = out.entry("allOf");
            let all = all.or_insert_with(|| Value::Array(Vec::new()));
            all.as_array_mut()?.push(referred);
        }
        Some(Value::Object(out))
    }

    /// Counts a value with its text, where there is room for it.
    fn weighs(&mut self, text: &str) -> Option<()> {
        self.left = self.left.checked_sub(1 + text.len() / BYTES_A_VALUE)?;
        Some(())
    }
}

impl<'s> Writing<'s> {
    /// Finds what a reference within the schema leads to. Names whose address has an escape are
    /// rare, and are not followed.
    fn target(&self, reference: &str) -> Option<&'s Value> {
        let pointer = reference.strip_prefix('#')?;
        if pointer.contains('%') {
            return None;
        }
        self.root.pointer(pointer)
    }
}

#[cfg(test)]
mod tests;
