//! Describes a language to the walk: how its files are named and what its nodes are in words that
//! all languages share. It must not know any one language.

/// Describes a language: one row of the table.
pub(crate) struct Language {
    /// How reports name it.
    pub name: &'static str,
    /// The ends of its files' names.
    pub extensions: &'static [&'static str],
    /// How its files are called where that tells it; a `*` stands for any text.
    pub files: &'static [&'static str],
    /// How its files are read.
    pub reading: Reading,
}

/// Says how a file is read.
#[derive(Clone, Copy)]
pub(crate) enum Reading {
    /// As a tree.
    Tree(&'static Grammar),
    /// Line by line: `KEY=value`, with or without quotes.
    Settings,
    /// Line by line: names in quotes and comments.
    Lines,
    /// As text for people.
    Prose,
    /// As cells in a file of JSON.
    Notebook,
}

/// Says what the nodes of a language's trees are.
pub(crate) struct Grammar {
    /// The parser's tables.
    pub language: tree_sitter_language::LanguageFn,
    /// What a node is, by its kind; kinds that are not listed are seen through.
    pub shapes: &'static [(&'static str, Shape)],
}

impl Grammar {
    /// Tells what a node of this kind is.
    pub(crate) fn shape(&self, kind: &str) -> Option<Shape> {
        let row = self.shapes.iter().find(|(named, _)| *named == kind);
        row.map(|(_, shape)| *shape)
    }
}

/// Points to a part of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A field of the grammar.
    Field(&'static str),
    /// A child that bears a kind, by its place.
    Child(usize),
    /// The last child that bears a kind.
    Last,
}

/// Says what a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A string, or a value without quotes.
    Value,
    /// A pattern.
    Pattern,
    /// A comment.
    Comment,
    /// Text for people in the middle of code.
    Prose,
    /// A call; what is called, and the node that holds the arguments.
    Call(Part, Part),
    /// A call of a method; the object, the method's name, the node that holds the arguments.
    Method(Part, Part, Part),
    /// An argument with a name; its name and value.
    NamedArgument(Part, Part),
    /// A command of a shell: its name, then words.
    Command,
    /// A pair or a field; key and value.
    Pair(Part, Part),
    /// What holds pairs.
    Map,
    /// A literal of a type; the type and what holds its fields.
    Composite(Part, Part),
    /// A list, a set, a tuple.
    List,
    /// Declarations that stand together: an enum, a block of constants.
    Block,
    /// A value that a name is given; name and value.
    Assignment(Part, Part),
    /// A loop over a list: what each of its elements is given to, and the list.
    Loop(Part, Part),
    /// A parameter with a default; name and default.
    Parameter(Part, Part),
    /// Two operands; left, operator, right.
    Binary(Part, Part, Part),
    /// A place in a list or a map; which one, and in what.
    Index(Part, Part),
    /// A value or one beside it where it is missing: `${M:-x}`; what is asked, and the rest.
    Expansion(Part),
    /// A case; what is compared.
    Case(Part),
    /// What cases belong to; what they compare.
    Switch(Part),
    /// What a function returns.
    Return,
    /// A function; its name.
    Function(Part),
    /// A type; its name.
    Type(Part),
    /// A section of settings; its name is what stands before this kind of node.
    Section(&'static str),
    /// A statement: a string that is all of it documents.
    Statement,
}
