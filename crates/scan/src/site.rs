//! A place that names a model: where it stands, what for, and which model. It must not know what
//! breaks there.

use domain::Feature;
use serde::Serialize;

use crate::role::Role;

/// Marks a stretch of a file as editors count it: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// The first line.
    pub line: u32,
    /// The first column.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column after the last character.
    pub end_column: u32,
    /// The first byte in the file.
    #[serde(skip)]
    pub start: usize,
    /// The byte after the last.
    #[serde(skip)]
    pub end: usize,
}

/// Says how sure a role is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Told by the file or the words around alone.
    Low,
    /// Told by the construct that it stands in.
    Medium,
    /// Told by what is called or read there.
    High,
}

/// Shows one place that names a model, or many rows of one catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// The file, with `/` between its folders, relative to where the scan began.
    pub path: String,
    /// The name as it is written, without quotes.
    pub span: Span,
    /// The language, as reports name it.
    pub language: &'static str,
    /// What it is there for.
    pub role: Role,
    /// How sure the role is.
    pub confidence: Certainty,
    /// Why it has the role, in a sentence.
    pub reason: String,
    /// The model.
    pub model: Named,
    /// What the request sets beside the model, where it can be seen.
    pub parameters: Vec<Parameter>,
    /// The wire API that is called there, where what is called says so: the facts' word for it.
    pub dialect: Option<&'static str>,
    /// The line, cut to a length that reads.
    pub excerpt: String,
    /// How many names stand in the catalogue that this one finding is; 1 for a single name.
    pub names: usize,
    /// All lines on which they stand, in order.
    pub lines: Vec<u32>,
}

/// States which model a place names, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The name as it is written.
    pub written: String,
    /// The id on its platform: without the prefixes that routers and SDKs put before it.
    pub id: String,
    /// The platform, where the name or what is called there says so.
    pub platform: Option<String>,
    /// What people call the model, where the facts know the id.
    pub known: Option<String>,
    /// From where to here: of a constant the first call of the file that is given it, such as
    /// `MODEL, call of client.messages.create, line 12`; of a name that is joined from parts what
    /// it comes to. Empty for a literal that is used where it stands.
    pub resolved_from: Vec<String>,
}

/// Shows one thing that the request at a site sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// What it uses, in the facts' word.
    #[serde(serialize_with = "as_word")]
    pub feature: Feature,
    /// The value as it is written, where it is a literal.
    pub value: Option<String>,
    /// The line on which it is set.
    pub line: u32,
    /// Where the whole argument or pair stands.
    #[serde(skip)]
    pub span: Span,
}

fn as_word<S: serde::Serializer>(feature: &Feature, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(feature.as_str())
}
