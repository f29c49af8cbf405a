//! A release card as one page of HTML that needs nothing else: no script, no network, no file
//! beside it. It must not decide what is shown: the card does.

use domain::Timestamp;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind};
use serde::Serialize;

use super::drawing::{Bar, Way, reach};
use super::shown::Card;

/// Ends in `.html`, so that every value is escaped.
const NAME: &str = "card.html";
const TEMPLATE: &str = include_str!("card.html");

/// Holds what the template takes: the card, and where the lines of its pictures lie.
#[derive(Serialize)]
struct Drawn<'a> {
    card: &'a Card,
    way: Way,
    runs: Vec<Option<Bar>>,
    compared: Vec<Option<Bar>>,
    reach: f64,
}

impl<'a> Drawn<'a> {
    fn of(card: &'a Card) -> Self {
        let differences = || card.comparisons.iter().map(|one| one.difference.as_ref());
        let reach = reach(differences().flatten());
        let means = card.evidence.iter().map(|run| run.shown.mean.as_ref());
        Self {
            card,
            way: Way::of(card),
            runs: means.map(|mean| mean.map(Bar::of_mean)).collect(),
            compared: differences()
                .map(|one| one.map(|one| Bar::of_difference(one, reach)))
                .collect(),
            reach,
        }
    }
}

/// Writes the page.
///
/// # Errors
/// When the template does not take the card, which a test would have shown.
pub fn page(card: &Card) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.add_template(NAME, TEMPLATE)?;
    environment.add_filter("time", time);
    environment.add_filter("day", |at: i64| Timestamp(at).date().to_string());
    environment.add_filter("words", |text: String| text.replace('_', " "));
    environment.add_filter("score", |value: f64| format!("{value:.4}"));
    environment.add_filter("signed", |value: f64| format!("{value:+.4}"));
    environment.add_filter("short", short);
    let drawn = Drawn::of(card);
    environment.get_template(NAME)?.render(Serde(&drawn))
}

/// Writes a time to the second.
fn time(at: i64) -> String {
    let full = Timestamp(at).to_string();
    let (to_second, _) = full.split_once('.').unwrap_or((&full, ""));
    format!("{} UTC", to_second.replace('T', " "))
}

/// Shortens a digest to what tells it from others at a glance; the whole stands beside it.
fn short(digest: &str) -> Result<String, Error> {
    let (kind, hex) = digest.split_once(':').unwrap_or(("", digest));
    let head: String = hex.chars().take(12).collect();
    if head.is_empty() {
        let what = format!("`{kind}` is no digest");
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }
    Ok(head)
}
