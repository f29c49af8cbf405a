//! The scorer `numeric`: the number in the answer is the expected one. It must not calculate.

use serde_json::Value;

use super::parameter::{Kind, Parameter};
use super::scorer::{Score, Scorer, hit, miss, quoted};
use crate::case::Case;

/// Scores 1 where the number in the answer is the expected one.
pub(super) struct Numeric;

/// What the error of binary fractions is allowed beside the tolerance, relative to the number.
const ROUNDING: f64 = 1e-12;

impl Scorer for Numeric {
    fn name(&self) -> &'static str {
        "numeric"
    }

    fn version(&self) -> u32 {
        1
    }

    fn about(&self) -> &'static str {
        "Scores 1 where the last number in the answer is within `tolerance` of the expected one, \
         and 0 elsewhere. `pick` takes the first number instead, or asks that it be the only one. \
         `1,234.5` is one number; a decimal comma is not understood."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter {
                name: "tolerance",
                kind: Kind::Amount,
                default: "0",
                about: "how far off the number may be, in its own unit",
            },
            Parameter {
                name: "pick",
                kind: Kind::Word(&["last", "first", "only"]),
                default: "last",
                about: "which number of the answer counts",
            },
        ]
    }

    fn check(&self, case: &Case) -> Result<(), String> {
        let number = case.expect.as_f64().filter(|number| number.is_finite());
        number.map(|_| ()).ok_or("must be a number".to_owned())
    }

    fn score(&self, case: &Case, answer: &str) -> Score {
        let Some(expected) = case.expect.as_f64() else {
            return miss("no number is expected");
        };
        let numbers = numbers(answer);
        let pick = case.options.get("pick").and_then(Value::as_str);
        let picked = match (pick, numbers.as_slice()) {
            (Some("first"), [first, ..]) => first,
            (Some("only"), [_, _, ..]) => {
                return miss(format!("{} holds several numbers", quoted(answer)));
            }
            (_, [.., last]) => last,
            (_, []) => return miss(format!("{} holds no number", quoted(answer))),
        };
        let tolerance = case.options.get("tolerance").and_then(Value::as_f64);
        let most = tolerance.unwrap_or(0.0) + expected.abs() * ROUNDING;
        // A comparison with a number that is not finite is false, which scores nothing.
        if (picked - expected).abs() <= most {
            hit(format!("{picked} is {expected}"))
        } else {
            miss(format!("{picked} is not {expected}"))
        }
    }
}

/// Lists the numbers of a text in their order.
fn numbers(text: &str) -> Vec<f64> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b' ');
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !byte(at).is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let is_negative = start > 0 && is_sign(text, start);
        at = end_of_number(bytes, start);
        let digits: String = text
            .get(start..at)
            .unwrap_or_default()
            .chars()
            .filter(|letter| *letter != ',')
            .collect();
        if let Ok(number) = digits.parse::<f64>() {
            found.push(if is_negative { -number } else { number });
        }
    }
    found
}

/// Finds where a number ends: digits, commas between groups of three, one point with digits.
fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is = |at: usize, sign: u8| bytes.get(at) == Some(&sign);
    let mut at = start;
    while is_digit(at) {
        at += 1;
    }
    // At most three digits stand before the first comma: `1024,512` is two numbers.
    while at - start > 0
        && is(at, b',')
        && (1..=3).all(|next| is_digit(at + next))
        && !is_digit(at + 4)
        && (at - start <= 3 || bytes.get(start..at).is_some_and(|one| one.contains(&b',')))
    {
        at += 4;
    }
    if is(at, b'.') && is_digit(at + 1) {
        at += 1;
        while is_digit(at) {
            at += 1;
        }
    }
    at
}

/// Tells whether what stands before a number is its sign, not a dash between two things.
fn is_sign(text: &str, start: usize) -> bool {
    let Some(before) = text.get(..start) else {
        return false;
    };
    let mut before = before.chars().rev();
    let is_minus = matches!(before.next(), Some('-' | '−'));
    let is_joined = before
        .next()
        .is_some_and(|letter| letter.is_alphanumeric() || letter == ')');
    is_minus && !is_joined
}
