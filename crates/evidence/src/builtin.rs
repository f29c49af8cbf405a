//! The suites that come with the program. It must not parse them: they are read like any other.

/// Holds a suite that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinSuite {
    /// Its name in a configuration.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// What is in it.
    pub about: &'static str,
}

/// Lists the suites that come with the program.
pub static BUILTIN: &[BuiltinSuite] = &[BuiltinSuite {
    name: "basics",
    bytes: include_bytes!("builtin/basics.jsonl"),
    about: "short questions with one right answer: sums, words in other languages, formats, \
            code, plain facts; it tells small models apart and says little of large ones",
}];

/// Finds a suite that comes with the program.
#[must_use]
pub fn builtin(name: &str) -> Option<&'static BuiltinSuite> {
    BUILTIN.iter().find(|one| one.name == name)
}

#[cfg(test)]
mod tests;
