//! Rows of accepted lengths in speculative decoding: between the neighbours that were measured. It
//! must not use the row that it predicts.

use crate::rows::row::{Answer, Row, number, text};

/// How far from the line between neighbours four fifths of lengths lie.
const SPREAD: f64 = 0.06;

pub(super) fn answer(row: &Row, config: &Row, rows: &[Row]) -> Result<Answer, String> {
    let guessed = number(config, "num_speculative_tokens");
    let guessed = guessed.ok_or("the row has no `num_speculative_tokens`")?;
    let is_kin = |other: &&Row| {
        text(other, "model") == text(row, "model")
            && text(other, "unit") == text(row, "unit")
            && text(other, "id") != text(row, "id")
    };
    let depth = |other: &Row| {
        let config = other.get("config")?.as_object()?;
        Some((
            number(config, "num_speculative_tokens")?,
            number(other, "observed")?,
        ))
    };
    let mut known: Vec<(f64, f64)> = rows.iter().filter(is_kin).filter_map(depth).collect();
    // Nothing guessed yields one token.
    known.push((0.0, 1.0));
    known.sort_by(|one, two| one.0.total_cmp(&two.0));
    let found = between(&known, guessed).ok_or("no other depth of this model was measured")?;
    let basis = format!("between {} other depths of the file", known.len() - 1);
    Ok(Answer::number(found, &basis).within(1.0 - SPREAD, 1.0 + SPREAD))
}

/// Draws a line between the neighbours; beyond the last the length grows by half of what it last
/// grew for each token guessed.
fn between(known: &[(f64, f64)], at: f64) -> Option<f64> {
    if known.len() < 2 {
        return None;
    }
    let after = known.iter().position(|(depth, _)| *depth >= at);
    let place = after.unwrap_or(known.len() - 1).max(1);
    let ((left, low), (right, high)) = (known[place - 1], known[place]);
    let slope = (high - low) / (right - left);
    Some(match after {
        Some(_) => low + slope * (at - left),
        None => high + (slope / 2.0).max(0.0) * (at - right).min(2.0),
    })
}
