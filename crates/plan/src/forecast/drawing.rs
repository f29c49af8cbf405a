//! Where the lines of the calendar's picture lie: a lane for each release, retirement and our
//! readiness over one axis of days. It must not know markup; numbers are in the picture's units.

use domain::Date;
use serde::Serialize;

use super::calendar::{Entry, Kind};
use super::days;
use super::outlook::{Curve, Outlook};

const WIDTH: f64 = 1000.0;
/// Where the axis begins; names are left of it.
const LEFT: f64 = 230.0;
/// What is left free at the right end.
const RIGHT: f64 = 24.0;
/// Units of a lane, and of what is drawn in it.
const LANE: f64 = 54.0;
const CURVE: f64 = 38.0;
/// Where the first lane begins; months stand above.
const TOP: f64 = 34.0;
/// Most lanes of retirements: a picture of more is no picture, and the table has all.
const MOST_RETIREMENTS: usize = 12;
/// About how many months are named.
const MOST_MONTHS: usize = 14;

/// Holds the picture.
#[derive(Debug, PartialEq, Serialize)]
pub struct Picture {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    foot: f64,
    top: f64,
    months: Vec<Month>,
    lanes: Vec<Lane>,
    /// How many retirements are in the table alone.
    left_out: usize,
}

#[derive(Debug, PartialEq, Serialize)]
struct Month {
    x: f64,
    name: String,
}

#[derive(Debug, PartialEq, Serialize)]
struct Lane {
    name: String,
    /// What stands under the name.
    note: String,
    kind: &'static str,
    /// Where its foot lies.
    y: f64,
    /// The likely course as points of a line; empty for a retirement.
    line: String,
    /// What is left open, as points of an area; empty for a retirement.
    area: String,
    marks: Vec<Mark>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Mark {
    x: f64,
    y: f64,
    says: String,
}

/// Is the axis: from a day over so many days.
struct Axis {
    from: Date,
    count: f64,
}

impl Axis {
    fn x(&self, day: Date) -> f64 {
        let share = days::between(self.from, day) as f64 / self.count;
        round(LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT))
    }
}

/// Keeps a coordinate short.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

impl Picture {
    /// Lays out the picture of an outlook.
    #[must_use]
    pub fn of(outlook: &Outlook) -> Self {
        let curved = outlook
            .curves
            .iter()
            .filter_map(|curve| curve.points.last());
        let dated = outlook.entries.iter().map(|one| one.day);
        let last = curved.map(|(day, _)| *day).chain(dated).max();
        let last = last
            .unwrap_or(outlook.horizon)
            .max(days::after(outlook.today, 1));
        let axis = Axis {
            from: outlook.today,
            count: days::between(outlook.today, last) as f64,
        };
        let is_shown = |one: &&Entry| one.kind == Kind::Retirement && one.days_left >= 0;
        let goes: Vec<&Entry> = outlook.entries.iter().filter(is_shown).collect();
        let mut lanes: Vec<Lane> = Vec::new();
        for curve in &outlook.curves {
            let rows = outlook.entries.iter().filter(|one| {
                one.kind == Kind::Release && Some(&one.model) == curve.model.as_ref()
            });
            let foot = foot(lanes.len());
            lanes.push(course(curve, &rows.collect::<Vec<_>>(), (&axis, foot)));
        }
        for one in goes.iter().take(MOST_RETIREMENTS) {
            let foot = foot(lanes.len());
            lanes.push(retirement(one, &axis, foot));
        }
        Self {
            width: WIDTH,
            height: foot(lanes.len()) - LANE + 16.0,
            left: LEFT,
            right: WIDTH - RIGHT,
            foot: foot(lanes.len()) - LANE + 8.0,
            top: TOP - 8.0,
            months: months(&axis),
            lanes,
            left_out: goes.len().saturating_sub(MOST_RETIREMENTS),
        }
    }
}

fn foot(lane: usize) -> f64 {
    TOP + LANE * (lane + 1) as f64
}

fn course(curve: &Curve, rows: &[&Entry], (axis, foot): (&Axis, f64)) -> Lane {
    let y = |chance: f64| round(foot - chance * CURVE);
    let point = |day: Date, chance: f64| format!("{},{}", axis.x(day), y(chance));
    let likely = curve
        .points
        .iter()
        .map(|(day, open)| point(*day, open.likely));
    let above = curve
        .points
        .iter()
        .map(|(day, open)| point(*day, open.most));
    let below = curve
        .points
        .iter()
        .rev()
        .map(|(day, open)| point(*day, open.least));
    let marks = rows.iter().map(|one| Mark {
        x: axis.x(one.day),
        y: y(one.probability),
        says: format!("{} by {}", percent(one.probability), one.day),
    });
    let last = rows
        .last()
        .map(|one| format!("{} by {}", percent(one.probability), one.day));
    Lane {
        name: curve
            .model
            .clone()
            .unwrap_or_else(|| "we are ready".to_owned()),
        note: last.unwrap_or_else(|| "chance over time".to_owned()),
        kind: if curve.model.is_some() {
            "release"
        } else {
            "ready"
        },
        y: foot,
        line: likely.collect::<Vec<_>>().join(" "),
        area: above.chain(below).collect::<Vec<_>>().join(" "),
        marks: marks.collect(),
    }
}

fn retirement(one: &Entry, axis: &Axis, foot: f64) -> Lane {
    Lane {
        name: one.model.clone(),
        note: one.platform.clone().unwrap_or_default(),
        kind: "retirement",
        y: foot,
        line: String::new(),
        area: String::new(),
        marks: vec![Mark {
            x: axis.x(one.day),
            y: round(foot - CURVE / 2.0),
            says: format!("last day {}", one.day),
        }],
    }
}

fn percent(chance: f64) -> String {
    format!("{:.0} %", chance * 1e2)
}

/// Lists the first days of months, every so many that their names have room.
fn months(axis: &Axis) -> Vec<Month> {
    let mut day = axis.from;
    let mut found = Vec::new();
    while (days::between(axis.from, day) as f64) < axis.count {
        day = days::after(day, 1);
        let text = day.to_string();
        if let Some(name) = text.strip_suffix("-01") {
            found.push(Month {
                x: axis.x(day),
                name: name.to_owned(),
            });
        }
    }
    let step = found.len().div_ceil(MOST_MONTHS).max(1);
    found.into_iter().step_by(step).collect()
}
