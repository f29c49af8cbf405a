//! Where the lines of a card's two pictures lie: the way through the stages, and the intervals.
//! It must not know markup; every number is in the picture's own units.

use domain::Stage;
use release::MoveKind;
use serde::Serialize;

use super::shown::{Card, Estimate, Fact, Moved};

/// Units between two moves.
const STEP: f64 = 88.0;
/// Where the first move stands; the stages' names are left of it.
const LEFT: f64 = 132.0;
/// Units between two stages.
const RISE: f64 = 44.0;
/// Where the highest stage lies.
const TOP: f64 = 26.0;
/// Units below the lowest stage, for numbers and days.
const FOOT: f64 = 52.0;
/// Where the scale of intervals begins and how long it is.
const SCALE_LEFT: f64 = 20.0;
const SCALE: f64 = 320.0;

/// Draws the way through the stages: moves at equal distances, in their order.
#[derive(Debug, Serialize)]
pub(super) struct Way {
    width: f64,
    height: f64,
    left: f64,
    levels: Vec<Level>,
    line: String,
    marks: Vec<Mark>,
}

#[derive(Debug, Serialize)]
struct Level {
    stage: Stage,
    y: f64,
}

#[derive(Debug, Serialize)]
struct Mark {
    x: f64,
    y: f64,
    index: u64,
    at: i64,
    kind: MoveKind,
    share: u8,
    direction: &'static str,
}

impl Way {
    pub(super) fn of(card: &Card) -> Self {
        let foot = TOP + RISE * (Stage::ALL.len() - 1) as f64;
        let moves: Vec<&Fact<Moved>> = card
            .moves
            .iter()
            .filter(|one| one.shown.took_effect)
            .collect();
        let marks: Vec<Mark> = moves
            .iter()
            .enumerate()
            .map(|(at, one)| mark(at, one))
            .collect();
        let right = LEFT + STEP * marks.len() as f64;
        Self {
            width: right + STEP / 2.0,
            height: foot + FOOT,
            left: LEFT - STEP / 4.0,
            levels: Stage::ALL
                .into_iter()
                .map(|stage| Level {
                    stage,
                    y: height_of(stage),
                })
                .collect(),
            line: line(&marks, right),
            marks,
        }
    }
}

fn height_of(stage: Stage) -> f64 {
    let above = Stage::ALL.iter().filter(|one| **one > stage).count();
    TOP + RISE * above as f64
}

fn mark(at: usize, fact: &Fact<Moved>) -> Mark {
    let one = &fact.shown;
    let direction = if one.kind.goes_back() {
        "back"
    } else if one.kind.goes_forward() {
        "forward"
    } else {
        "still"
    };
    Mark {
        x: LEFT + STEP * at as f64,
        y: height_of(one.to.stage),
        index: fact.index,
        at: fact.at.0,
        kind: one.kind,
        share: one.to.share.as_percent(),
        direction,
    }
}

/// Joins the marks by steps: a stage lasts until the next move.
fn line(marks: &[Mark], right: f64) -> String {
    let start = height_of(Stage::Sealed);
    let mut path = format!("M {:.1} {start:.1}", LEFT - STEP / 4.0);
    for mark in marks {
        path += &format!(" H {:.1} V {:.1}", mark.x, mark.y);
    }
    path += &format!(" H {right:.1}");
    path
}

/// Draws one estimate with its interval on a scale.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Bar {
    value: f64,
    lower: f64,
    upper: f64,
    zero: f64,
    left: f64,
    right: f64,
}

impl Bar {
    /// Draws a mean on the scale from 0 to 1.
    pub(super) fn of_mean(estimate: &Estimate) -> Self {
        Self::on(estimate, 0.0, 1.0)
    }

    /// Draws a difference on a scale that is as long on both sides of zero.
    pub(super) fn of_difference(estimate: &Estimate, reach: f64) -> Self {
        Self::on(estimate, -reach, reach)
    }

    fn on(estimate: &Estimate, low: f64, high: f64) -> Self {
        let place = |value: f64| {
            let share = (value.clamp(low, high) - low) / (high - low);
            SCALE_LEFT + SCALE * share
        };
        Self {
            value: place(estimate.value),
            lower: place(estimate.lower),
            upper: place(estimate.upper),
            zero: place(0.0),
            left: SCALE_LEFT,
            right: SCALE_LEFT + SCALE,
        }
    }
}

/// Finds a scale that holds every difference, in steps of a twentieth.
pub(super) fn reach<'a>(differences: impl Iterator<Item = &'a Estimate>) -> f64 {
    let widest = differences.fold(0.0_f64, |widest, one| {
        widest.max(one.lower.abs()).max(one.upper.abs())
    });
    ((widest * 20.0).ceil() / 20.0).clamp(0.05, 1.0)
}
