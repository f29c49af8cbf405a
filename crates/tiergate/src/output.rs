//! The only place that writes to the terminal: lines and tables to standard output, progress and
//! faults to standard error. It must not know what it writes.

#![allow(clippy::print_stdout, clippy::print_stderr)] // This file is the exception.

use std::error::Error;
use std::io::{self, Write};

use serde::Serialize;

/// Writes a line to standard output.
pub fn line(text: impl AsRef<str>) {
    // A reader that went away (a closed pipe) is no fault of ours.
    let _ = writeln!(io::stdout().lock(), "{}", text.as_ref());
}

/// Writes a text of whole lines to standard output as it is.
pub fn text(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Writes a note to standard error.
pub fn note(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// Writes one JSON value as a line.
pub fn json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => line(text),
        Err(error) => fault(&error),
    }
}

/// Writes a fault with its chain of causes, once.
pub fn fault(fault: &(dyn Error + 'static)) {
    note(format!("error: {}", chain(fault)));
}

/// Tells a fault with its chain of causes.
#[must_use]
pub fn chain(fault: &(dyn Error + 'static)) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text.push_str("\n  because: ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// Writes a table with a header, columns as wide as their widest cell.
pub fn table(header: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain(header.get(column).map(|head| head.len()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let head: Vec<String> = header.iter().map(|head| (*head).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        line(cells.join("  ").trim_end());
    }
}
