//! Faults of the configuration with their places: file, line, what is wrong, how to mend it. It
//! must not know what any setting means.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use domain::PolicyFault;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Says what is wrong in one place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The dotted path of the setting, empty for a fault of syntax.
    pub path: String,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            path,
            what,
            mend,
        } = self;
        write!(f, "{}:{line}: ", file.display())?;
        if !path.is_empty() {
            write!(f, "{path}: ")?;
        }
        write!(f, "{what}\n  mend: {mend}")
    }
}

/// Lists every fault found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            let gap = if position == 0 { "" } else { "\n" };
            write!(f, "{gap}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFaults {}

/// Notes a fault by the path of its setting.
pub(super) fn fault(
    faults: &mut Vec<PolicyFault>,
    path: impl Into<String>,
    what: impl Into<String>,
    mend: impl Into<String>,
) {
    faults.push(PolicyFault {
        path: path.into(),
        what: what.into(),
        mend: mend.into(),
    });
}

/// Finds the line of a setting by its dotted path.
pub(super) struct Places<'t> {
    file: &'t Path,
    text: &'t str,
}

impl<'t> Places<'t> {
    pub(super) fn new(file: &'t Path, text: &'t str) -> Self {
        Self { file, text }
    }

    /// Places a fault of syntax or of a field's type.
    pub(super) fn of_syntax(&self, error: &toml::de::Error) -> ConfigFaults {
        let line = error.span().map_or(1, |span| self.line(&span));
        let what = error.message().trim_end().replace('\n', "; ");
        let mend = if what.starts_with("unknown field") {
            "correct the spelling or remove it; nothing unknown is taken"
        } else if what.starts_with("missing field") {
            "add the field to this table"
        } else if what.starts_with("unknown variant") {
            "use one of the words it lists"
        } else if what.starts_with("duplicate key") {
            "keep one of the two"
        } else if what.starts_with("invalid type") || what.starts_with("expected") {
            "write a value of the kind it names"
        } else {
            "correct the TOML at this line (see https://toml.io)"
        };
        let (file, mend) = (self.file.to_owned(), mend.to_owned());
        ConfigFaults(vec![ConfigFault {
            file,
            line,
            path: String::new(),
            what,
            mend,
        }])
    }

    /// Places faults that were found by path.
    pub(super) fn of_policy(&self, faults: Vec<PolicyFault>) -> ConfigFaults {
        let root = DeTable::parse(self.text).ok();
        let mut placed: Vec<ConfigFault> = faults
            .into_iter()
            .map(|fault| {
                let span = root.as_ref().and_then(|root| locate(root, &fault.path));
                ConfigFault {
                    file: self.file.to_owned(),
                    line: span.map_or(1, |span| self.line(&span)),
                    path: fault.path,
                    what: fault.what,
                    mend: fault.mend,
                }
            })
            .collect();
        placed.sort_by_key(|fault| fault.line);
        ConfigFaults(placed)
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }
}

/// Follows a dotted path as far as it exists and tells the span of the last part found.
fn locate(root: &Spanned<DeTable<'_>>, path: &str) -> Option<Range<usize>> {
    let mut span = None;
    let mut table = Some(root.get_ref());
    let mut rest = path;
    while let Some(current) = table {
        // A name may itself hold dots: take the longest key that fits.
        let Some((key, value)) = current
            .iter()
            .filter(|(key, _)| is_head(rest, key.get_ref()))
            .max_by_key(|(key, _)| key.get_ref().len())
        else {
            break;
        };
        span = Some(key.span());
        rest = rest.get(key.get_ref().len()..).unwrap_or("");
        let mut value = value;
        while let Some(index) = rest.strip_prefix('[') {
            let (number, tail) = index.split_once(']')?;
            let DeValue::Array(items) = value.get_ref() else {
                break;
            };
            let Some(item) = number.parse().ok().and_then(|at: usize| items.get(at)) else {
                break;
            };
            span = Some(item.span());
            (value, rest) = (item, tail);
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
        table = match value.get_ref() {
            DeValue::Table(inner) => Some(inner),
            _ => None,
        };
    }
    span
}

fn is_head(path: &str, key: &str) -> bool {
    path.strip_prefix(key)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
}
