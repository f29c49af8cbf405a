//! Rows of accepted lengths in speculative decoding: between the neighbours that were measured. It
//! must not use the row that it predicts.

use crate::rows::row::{Answer, Row, number, text};

/// How far from the line between neighbours four fifths of lengths lie.
const SPREAD: f64 = 0.06;

/// The share of guesses that are kept where nothing of the model was measured, and between which
/// shares four fifths are taken to lie: published ones run from 0.5 to 0.9 (Leviathan, Kalman and
/// Matias 2023, table 3, and the modules that ship with recent models).
const KEPT: (f64, [f64; 2]) = (0.7, [0.5, 0.85]);

pub(super) fn answer(row: &Row, config: &Row, rows: &[Row]) -> Result<Answer, String> {
    let guessed = number(config, "num_speculative_tokens");
    let guessed = guessed.ok_or("the row has no `num_speculative_tokens`")?;
    let model = text(row, "model").ok_or("the row names no model")?;
    let is_kin = |other: &&Row| {
        text(other, "model") == Some(model)
            && text(other, "unit") == text(row, "unit")
            && text(other, "id") != text(row, "id")
    };
    let depth = |other: &Row| {
        let config = other.get("config")?.as_object()?;
        let depth = number(config, "num_speculative_tokens").filter(|depth| *depth > 0.0)?;
        // A step yields one token at least and what was guessed beside it at most: anything else is
        // a blank.
        let length =
            number(other, "observed").filter(|length| (1.0..=depth + 1.0).contains(length));
        Some((depth, length?))
    };
    let known = by_depth(rows.iter().filter(is_kin).filter_map(depth));
    let Some(found) = between(&known, guessed) else {
        let (kept, [low, high]) = KEPT;
        let basis = format!(
            "no other depth of this model is in the file; assumed: {kept} of guesses are kept"
        );
        let mut answer = Answer::number(length(kept, guessed), &basis);
        answer.interval = Some([length(low, guessed), length(high, guessed)]);
        return Ok(answer);
    };
    let basis = format!("between {} other depths of the file", known.len() - 1);
    Ok(Answer::number(found, &basis).within(1.0 - SPREAD, 1.0 + SPREAD))
}

/// Tells the tokens of a step whose guesses are kept independently: `(1 − α^(k+1)) / (1 − α)`.
fn length(kept: f64, guessed: f64) -> f64 {
    (1.0 - kept.powf(guessed + 1.0)) / (1.0 - kept)
}

/// Takes the mean at each depth, in order, after that of nothing guessed, which yields one token.
fn by_depth(measured: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = measured.collect();
    all.sort_by(|one, two| one.0.total_cmp(&two.0));
    let groups = all.chunk_by(|one, two| one.0.total_cmp(&two.0).is_eq());
    let means = groups.map(|group| {
        let sum: f64 = group.iter().map(|(_, length)| length).sum();
        (group[0].0, sum / group.len() as f64)
    });
    std::iter::once((0.0, 1.0)).chain(means).collect()
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
