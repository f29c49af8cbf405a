//! The answer as a page of its own: the frontier drawn, each number with its formula and source a
//! click away. It must not fetch anything, nor compute what it shows.

use minijinja::Error;
use serde::Serialize;

use crate::cascade::frontier::{Frontier, bounds};
use crate::cascade::part::Way;
use crate::cascade::study::{Point, Study};
use crate::cost::assumptions::InForce;
use crate::html;

const TEMPLATE: &str = include_str!("page.html");

/// Holds what a page says beside the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Titles<'t> {
    /// The cheap tier.
    pub cheap: &'t str,
    /// The strong tier.
    pub strong: &'t str,
    /// What the rule goes by.
    pub rule: Option<&'t str>,
    /// What prices are, and where from.
    pub prices: &'t [String],
    /// The assumptions in force.
    pub assumptions: &'t [InForce],
}

const WIDE: f64 = 760.0;
const HIGH: f64 = 420.0;
const MARGIN: f64 = 60.0;
/// From the name of one kind of way to the next.
const STEP: f64 = 125.0;

/// Holds what the template takes.
#[derive(Serialize)]
struct Drawn<'s> {
    cheap: &'s str,
    strong: &'s str,
    rule: &'s str,
    study: &'s Study,
    picture: Picture,
    prices: &'s [String],
    assumptions: &'s [InForce],
}

/// Holds where the lines of the picture lie, in its units.
#[derive(Serialize)]
struct Picture {
    wide: f64,
    high: f64,
    margin: f64,
    bottom: f64,
    end: f64,
    unit: &'static str,
    across: (f64, f64),
    up: (f64, f64),
    dots: Vec<Dot>,
    kinds: Vec<Kind>,
}

#[derive(Serialize)]
struct Dot {
    colour: &'static str,
    x: f64,
    y: f64,
    top: f64,
    bottom: f64,
}

#[derive(Serialize)]
struct Kind {
    colour: &'static str,
    name: &'static str,
    at: f64,
}

/// Writes the page.
///
/// # Errors
/// When the template does not take the study, which a test would have shown.
pub fn page(study: &Study, titles: &Titles<'_>) -> Result<String, Error> {
    let mut environment = html::environment(TEMPLATE)?;
    environment.add_filter("fixed", |value: f64, digits: usize| {
        format!("{value:.digits$}")
    });
    environment.add_filter("signed", |value: f64, digits: usize| {
        format!("{value:+.digits$}")
    });
    // 20 stays 20, where the template would write 20.0.
    environment.add_filter("shortest", |value: f64| value.to_string());
    let drawn = Drawn {
        cheap: titles.cheap,
        strong: titles.strong,
        rule: titles.rule.unwrap_or("nothing"),
        study,
        picture: Picture::of(&study.points),
        prices: titles.prices,
        assumptions: titles.assumptions,
    };
    html::write(&environment, &drawn)
}

impl Picture {
    fn of(points: &[Point]) -> Self {
        let frontier = Frontier::of(points);
        let across = bounds(points.iter().map(|point| frontier.across(point)));
        let up = bounds(points.iter().flat_map(|point| {
            let quality = point.measured.quality;
            [quality.low, quality.high]
        }));
        let part = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        let x = |value: f64| MARGIN + part(value, across) * (WIDE - 2.0 * MARGIN);
        let y = |value: f64| HIGH - MARGIN - part(value, up) * (HIGH - 2.0 * MARGIN);
        let dot = |point: &Point| {
            let quality = point.measured.quality;
            Dot {
                colour: look(point.way).0,
                x: x(frontier.across(point)),
                y: y(quality.value),
                top: y(quality.high),
                bottom: y(quality.low),
            }
        };
        let kinds = [
            Way::Lot(0.5),
            Way::Verified(0.5),
            Way::Ruled(0.5),
            Way::Oracle(0.5),
            Way::VerifiedShuffled(0.5),
        ];
        let kind = |(place, way): (u8, Way)| {
            let (colour, name) = look(way);
            let at = MARGIN + f64::from(place) * STEP;
            Kind { colour, name, at }
        };
        Self {
            wide: WIDE,
            high: HIGH,
            margin: MARGIN,
            bottom: HIGH - MARGIN,
            end: WIDE - MARGIN,
            unit: frontier.unit(),
            across,
            up,
            dots: points.iter().map(dot).collect(),
            kinds: (0..).zip(kinds).map(kind).collect(),
        }
    }
}

fn look(way: Way) -> (&'static str, &'static str) {
    match way {
        Way::Lot(_) => ("#777777", "by lot"),
        Way::Verified(_) => ("#0b6e4f", "verifier"),
        Way::Ruled(_) => ("#1f5fbf", "rule"),
        Way::Oracle(_) => ("#b8860b", "oracle"),
        Way::VerifiedShuffled(_) | Way::RuledShuffled(_) => ("#c0392b", "shuffled control"),
    }
}
