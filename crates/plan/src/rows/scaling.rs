//! Rows of scaling laws: their constants, optimal tokens, losses. It must not fit a law.

use serde_json::Value;

use crate::rows::row::{Answer, Row, number, text};
use crate::scaling::{CHINCHILLA, EPOCH, KAPLAN, tokens_for};

/// Half of the loss points lie nearer to the replication's law than this, four fifths within twice.
const LOSS_SPREAD: f64 = 0.015;

pub(super) fn answer(row: &Row, config: &Row) -> Result<Answer, String> {
    let shown = |value: Value, basis: &str| {
        Ok(Answer {
            value,
            interval: None,
            basis: basis.to_owned(),
        })
    };
    let source = text(row, "source").unwrap_or_default();
    match text(row, "unit") {
        Some("parameters") if source.contains("replication") => {
            shown(EPOCH.shown(), "constants as published (replication)")
        }
        Some("parameters") if source.contains("Compute-Optimal") => shown(
            CHINCHILLA.shown(),
            "constants as published (Chinchilla, approach 3)",
        ),
        Some("parameters") => shown(KAPLAN.shown(), "constants as published (Kaplan)"),
        Some("tokens") => {
            let both = number(config, "flop").zip(number(config, "params"));
            let (flop, parameters) = both.ok_or("the row has no `flop` and `params`")?;
            let tokens = tokens_for(flop, parameters);
            Ok(Answer::number(tokens, "C = 6·N·D").within(0.9, 1.1))
        }
        Some("loss") => {
            let both = number(config, "params").zip(number(config, "tokens"));
            let (parameters, tokens) = both.ok_or("the row has no `params` and `tokens`")?;
            let loss = EPOCH.loss(parameters, tokens);
            let other = CHINCHILLA.loss(parameters, tokens);
            let basis = format!("the replication's law; Chinchilla's gives {other:.3}");
            let answer = Answer::number(loss, &basis);
            Ok(answer.within(1.0 - LOSS_SPREAD, 1.0 + LOSS_SPREAD))
        }
        Some(other) => Err(format!("no scaling law gives `{other}`")),
        None => Err("the row names no unit".to_owned()),
    }
}
