//! Says what a name in a text is. It must not know how one is read.

/// Says how much of a model a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// A model wherever it stands: with a version, or listed in the facts.
    Strong,
    /// A model where it is all of a literal.
    Weak,
    /// A model only where one is asked for: a word that other things are called by too.
    Bare,
    /// A name for people: `GPT-4o`.
    Shown,
    /// A word of a program that stands for an id: `GPT_4_O_MINI`.
    Constant,
    /// A part of names, as code that tells models apart asks for it.
    Fragment,
}

/// Shows a name in a text, by bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// Where it begins, prefixes included.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The id on its platform.
    pub id: String,
    /// The id as a platform that routes between vendors has it, where a vendor stands before it.
    pub routed: Option<String>,
    /// The platform, where the spelling says so.
    pub platform: Option<String>,
    /// How much of a model it names.
    pub strength: Strength,
    /// Whether it is a part of an address.
    pub is_in_url: bool,
}
