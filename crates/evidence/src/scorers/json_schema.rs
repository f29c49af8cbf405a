//! The scorer `json_schema`: the answer is JSON that a schema accepts. It must not fetch a schema
//! that another one refers to.

use serde_json::Value;

use super::parameter::{Kind, Parameter};
use super::scorer::{Score, Scorer, hit, miss, quoted};
use crate::case::{Case, Switch};

/// Scores 1 where the answer is JSON that the expected schema accepts.
pub(super) struct JsonSchema;

impl Scorer for JsonSchema {
    fn name(&self) -> &'static str {
        "json_schema"
    }

    fn version(&self) -> u32 {
        1
    }

    fn about(&self) -> &'static str {
        "Scores 1 where the answer is one JSON value that the expected schema accepts, and 0 \
         elsewhere. A code fence around it does not count unless `fence` is false. The schema may \
         refer to its own parts only."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter {
            name: "fence",
            kind: Kind::Switch,
            default: "true",
            about: "whether the JSON may stand in a code fence",
        }]
    }

    fn check(&self, case: &Case) -> Result<(), String> {
        if !case.expect.is_object() {
            return Err("must be a JSON schema: an object".to_owned());
        }
        refers_within(&case.expect)?;
        jsonschema::validator_for(&case.expect)
            .map(|_| ())
            .map_err(|fault| format!("is no JSON schema: {fault}"))
    }

    fn score(&self, case: &Case, answer: &str) -> Score {
        let validator = match jsonschema::validator_for(&case.expect) {
            Ok(validator) => validator,
            Err(fault) => return miss(format!("the schema cannot be used: {fault}")),
        };
        let mut text = answer.trim();
        if case.switch("fence", Switch::On) {
            text = unfenced(text);
        }
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(fault) => return miss(format!("{} is not JSON: {fault}", quoted(answer))),
        };
        match validator.validate(&value) {
            Ok(()) => hit("the schema accepts the answer"),
            Err(fault) => miss(format!("the schema does not accept the answer: {fault}")),
        }
    }
}

/// Takes what stands between the lines of a code fence, or all of it where there is none.
fn unfenced(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("```") else {
        return text;
    };
    let inner = rest.split_once('\n').map_or(rest, |(_, inner)| inner);
    inner.strip_suffix("```").unwrap_or(inner).trim()
}

fn refers_within(schema: &Value) -> Result<(), String> {
    match schema {
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            let is_reference = matches!(name.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef");
            match value.as_str() {
                Some(target) if is_reference && !target.starts_with('#') => Err(format!(
                    "refers to `{target}`: put that part under `$defs` and refer to `#/$defs/…`"
                )),
                _ => refers_within(value),
            }
        }),
        Value::Array(list) => list.iter().try_for_each(refers_within),
        _ => Ok(()),
    }
}
