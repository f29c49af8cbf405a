//! What pages of plans have in common: each is one file that needs nothing else, and every value in
//! it is escaped. It must not know what a page shows.

use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error};
use serde::Serialize;

/// Ends in `.html`, so that every value is escaped.
const NAME: &str = "page.html";
const STYLE: &str = include_str!("html/style.css");

/// Opens an environment for one template, which may show `style`.
///
/// # Errors
/// Fails when the template is malformed, which a test would have shown.
pub fn environment(template: &'static str) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.add_template(NAME, template)?;
    // Ours, and so not escaped.
    environment.add_global(
        "style",
        Value::from_safe_string(STYLE.trim_end().to_owned()),
    );
    Ok(environment)
}

/// Writes the page.
///
/// # Errors
/// Fails when the template does not take what is drawn, which a test would have shown.
pub fn write(environment: &Environment<'_>, drawn: &impl Serialize) -> Result<String, Error> {
    environment.get_template(NAME)?.render(Serde(drawn))
}
