//! Values of arguments that more than one command reads. It must not know any command.

use domain::Timestamp;

/// Reads `NAME=VALUE`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write it as NAME=VALUE, such as region=eu")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Reads a day, which means its beginning (UTC), or a time.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    let day = text.parse::<domain::Date>().map(domain::Date::start);
    day.or_else(|_| text.parse())
        .map_err(|error| error.to_string())
}
