//! What is to come as one page of HTML that needs nothing else: no script, no network, no file
//! beside it. It must not decide what is shown: the outlook does.

use minijinja::Error;
use serde::Serialize;

use super::drawing::Picture;
use super::outlook::Outlook;
use crate::html;

const TEMPLATE: &str = include_str!("page.html");

/// Holds what the template takes.
#[derive(Serialize)]
struct Drawn<'o> {
    outlook: &'o Outlook,
    picture: Picture,
    version: &'o str,
}

/// Writes the page.
///
/// # Errors
/// When the template does not take the outlook, which a test would have shown.
pub fn page(outlook: &Outlook, version: &str) -> Result<String, Error> {
    let mut environment = html::environment(TEMPLATE)?;
    environment.add_filter("percent", |chance: f64| format!("{:.1} %", chance * 1e2));
    environment.add_filter("tenth", |count: f64| format!("{count:.1}"));
    environment.add_filter("usd", |usd: f64| format!("{usd:.0}"));
    environment.add_filter("words", |text: String| text.replace('_', " "));
    environment.add_filter("probability", |chance: f64| format!("{chance:.4}"));
    let drawn = Drawn {
        outlook,
        picture: Picture::of(outlook),
        version,
    };
    html::write(&environment, &drawn)
}

#[cfg(test)]
mod tests;
