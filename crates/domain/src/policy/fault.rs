//! What is wrong with a declaration: where, what, and how to mend it. It must not know any rule
//! between the parts.

use std::fmt::Display;

const MAX_NAME_BYTES: usize = 64;

/// Says what is wrong with a declaration, where it stands and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    /// The dotted path in the configuration, such as `tiers.opus.serves[1]`.
    pub path: String,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

/// Collects faults in the order in which they are found.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<PolicyFault>);

impl Faults {
    /// Adds a fault.
    pub(super) fn add(
        &mut self,
        path: impl Into<String>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.0.push(PolicyFault {
            path: path.into(),
            what: what.into(),
            mend: mend.into(),
        });
    }

    /// Reports a name that nothing declares, with the nearest or all that are.
    pub(super) fn undeclared<T: Display>(
        &mut self,
        path: impl Into<String>,
        (kind, section): (&str, &str),
        name: &str,
        declared: impl Iterator<Item = T>,
    ) {
        let known: Vec<String> = declared.map(|name| name.to_string()).collect();
        let choices = if known.is_empty() {
            "none yet".to_owned()
        } else {
            known.join(", ")
        };
        self.add(
            path,
            format!("there is no {kind} `{name}`"),
            format!("declare [{section}.{name}] or use one that is declared: {choices}"),
        );
    }

    /// Reports a name that cannot be used in `section`.
    pub(super) fn check_name(&mut self, section: &str, name: &str) {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(allowed) {
            self.add(
                format!("{section}.{name}"),
                format!("`{name}` is no usable name"),
                format!("use 1 to {MAX_NAME_BYTES} letters, digits, `-`, `_` or `.`"),
            );
        }
    }
}
