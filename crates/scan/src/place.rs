//! The constructs around a name, in words that all languages share: roles, parameters and edits
//! are told from these alone. It must not know a grammar.

use crate::site::Span;

/// Says what kind of text a name stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Text {
    /// A string of a program, or a value of a settings file.
    Value,
    /// The key of a pair.
    Key,
    /// A pattern, where the language or what is called says so.
    Pattern,
    /// A comment, or a string that documents.
    Comment,
    /// Prose, and code within prose.
    Prose,
    /// Anything, in a file that was not understood.
    Token,
}

/// Names one construct around a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Around {
    /// An argument of a call.
    Argument {
        /// What is called, as it is written: `client.messages.create`.
        callee: String,
        /// The argument's name, where it has one.
        name: Option<String>,
        /// Its position, from 0.
        position: usize,
    },
    /// The value of a pair, or of a field: in a map, an object, a settings file.
    Pair {
        /// The key.
        key: String,
    },
    /// One of the elements of a list, a set or a tuple.
    Element {
        /// How many there are.
        of: usize,
    },
    /// The value of a variable, a constant, a field with a default.
    Assignment {
        /// The name that it is given to.
        to: String,
    },
    /// The default of a parameter.
    ParameterDefault {
        /// The parameter.
        name: String,
    },
    /// What holds where something else is missing: `x or "…"`, `x ?? "…"`, `${X:-…}`.
    Fallback {
        /// What is asked first, as it is written.
        of: String,
    },
    /// A side of a comparison, a case of a match, an operand of `in`.
    Comparison {
        /// The other side, as it is written.
        with: String,
    },
    /// What a function returns.
    Return,
    /// A function, a method, a test's block.
    Function {
        /// Its name, or the words of a test's block.
        name: String,
    },
    /// A class, a struct, an enum, a trait's block.
    Type {
        /// Its name.
        name: String,
    },
    /// A section of a settings file or of prose, a step of a workflow.
    Section {
        /// Its name.
        name: String,
    },
}

/// Shows what stands beside a name in one call, map or section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The argument's or the key's name; keys within keys are joined by `.`. Empty for the value of
    /// a key that is the name itself.
    pub name: String,
    /// The value as it is written, without quotes where it is a string.
    pub value: String,
    /// Where the whole argument or pair stands.
    pub span: Span,
}

/// Shows where a name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What kind of text it is in.
    pub text: Text,
    /// What is around it, the nearest first.
    pub around: Vec<Around>,
    /// What stands beside it in the call, map or section that is nearest.
    pub beside: Vec<Beside>,
}
