//! The prediction of a row beside what it observed, and how far off that is. It must not predict.

use serde::Serialize;
use serde_json::Value;

use crate::rows::row::finite;

/// Holds the prediction of a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Predicted {
    /// The row's id.
    pub id: String,
    /// What the row observed.
    pub observed: Value,
    /// What is predicted; none where there is no answer.
    pub predicted: Value,
    /// Between which four fifths of measurements should lie.
    pub interval: Option<[f64; 2]>,
    /// `|predicted / observed − 1|`; the greatest of several values.
    pub error: Option<f64>,
    /// The unit.
    pub unit: String,
    /// By what it was predicted, or why it was not.
    pub basis: String,
    /// The same for the time to the first token, in milliseconds, where the row has it.
    #[serde(flatten)]
    pub first: Option<First>,
}

/// Holds the prediction of a time to the first token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct First {
    /// What the row observed.
    pub observed_ttft_ms: Option<f64>,
    /// What is predicted.
    pub predicted_ttft_ms: f64,
    /// Between which four fifths of measurements should lie.
    pub interval_ttft_ms: [f64; 2],
    /// `|predicted / observed − 1|`.
    pub error_ttft: Option<f64>,
}

/// Compares numbers, or objects of numbers field by field; text is right or wrong.
pub(super) fn error(observed: &Value, predicted: &Value) -> Option<f64> {
    match (observed, predicted) {
        (Value::Object(observed), Value::Object(predicted)) => {
            let errors = observed.iter().filter_map(|(field, value)| {
                let other = predicted.get(field).unwrap_or(&Value::Null);
                if value.is_null() {
                    None
                } else {
                    Some(error(value, other).unwrap_or(1.0))
                }
            });
            errors.reduce(f64::max)
        }
        (Value::String(observed), Value::String(predicted)) => {
            let observed = observed.trim();
            let is_same = observed == predicted;
            // An empty cell observed nothing.
            (!observed.is_empty()).then_some(if is_same { 0.0 } else { 1.0 })
        }
        _ => {
            let (observed, predicted) = (finite(observed)?, predicted.as_f64()?);
            if observed == predicted {
                return Some(0.0);
            }
            // What was measured to be nothing, or less, has no relative error.
            (observed > 0.0).then(|| (predicted / observed - 1.0).abs())
        }
    }
}
