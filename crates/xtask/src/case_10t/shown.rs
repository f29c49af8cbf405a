//! Numbers, ranges and tables as the page shows them. It must not know what they are about.

use std::fmt::Write as _;

use crate::json::Json;

/// Shows a number with three digits that count, and groups of thousands.
pub fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 1e15 => format!("{value:.2e}"),
        size if size >= 999.5 || size.fract() == 0.0 => grouped(&format!("{value:.0}")),
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        size if size >= 0.095 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

fn grouped(digits: &str) -> String {
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits), |digits| ("-", digits));
    let mut shown = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Shows the number at a path, scaled; a dash where there is none.
pub fn at(of: &Json, path: &[&str], scale: f64) -> String {
    let found = of.at(path).and_then(Json::float);
    found.map_or_else(|| "–".to_owned(), |value| number(value * scale))
}

/// Shows a number with its range, scaled.
pub fn ranged(of: &Json, path: &[&str], scale: f64) -> String {
    let end = |name: &str| at(of, &[path, &[name]].concat(), scale);
    format!("{} [{}–{}]", end("value"), end("low"), end("high"))
}

/// Shows a text at a path; a dash where there is none.
pub fn text(of: &Json, path: &[&str]) -> String {
    let found = of.at(path).and_then(Json::text);
    found.map_or_else(|| "–".to_owned(), |text| text.replace('|', "/"))
}

/// Shows a table whose first row says what kind of number each column has.
pub fn marked(columns: &[(&str, &str)], rows: &[Vec<String>]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let marks = columns.iter().map(|(_, mark)| match *mark {
        "" => String::new(),
        mark => format!("*{mark}*"),
    });
    let first = [marks.collect::<Vec<_>>()];
    table(&names, first.iter().chain(rows))
}

/// Shows a table.
pub fn table<'r>(header: &[&str], rows: impl IntoIterator<Item = &'r Vec<String>>) -> String {
    let mut shown = String::new();
    let _ = writeln!(shown, "| {} |", header.join(" | "));
    let _ = writeln!(shown, "|{}", "---|".repeat(header.len()));
    for row in rows {
        let _ = writeln!(shown, "| {} |", row.join(" | "));
    }
    shown.trim_end().to_owned()
}
