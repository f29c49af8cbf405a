//! What a report's row is. It must not know any report.

use crate::report::survey::Survey;

/// Describes one form of report.
pub struct Report {
    /// Its name, and that of the option that writes it.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// Where it is written unless somebody says otherwise.
    pub written: Written,
    /// Writes it.
    pub render: fn(&Survey) -> Result<String, RenderFault>,
}

/// Says where a form of report goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// To the screen, or where a program reads what would stand there.
    ToScreen,
    /// To a file.
    ToFile,
}

/// Says why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderFault {
    /// A value does not become JSON.
    #[error("the report does not become JSON")]
    Json(#[from] serde_json::Error),
    /// The page's template does not take what was found.
    #[error("the page's template does not take the findings")]
    Page(#[from] minijinja::Error),
}
