//! Arguments of a call that come in pieces, each for a place that a JSON path names, put together
//! to one object. It must not know which call they belong to.

use crate::fault::BadRequest;
use crate::json::cursor::MAX_DEPTH;
use crate::json::write::Writer;

/// Limits the texts of one call.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Holds the arguments that came until now.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    root: Node,
    bytes: usize,
}

/// Holds one piece.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'p> {
    /// More of a text.
    Text(&'p str),
    /// A number, `true`, `false` or `null` as it was written.
    Whole(&'p str),
}

#[derive(Clone, Debug)]
enum Node {
    Empty,
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Text(String),
    Whole(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Place(usize),
}

impl Default for Partial {
    fn default() -> Self {
        Self {
            root: Node::Object(Vec::new()),
            bytes: 0,
        }
    }
}

impl Partial {
    /// Puts a piece to its place.
    pub(super) fn put(&mut self, path: &str, piece: Piece<'_>) -> Result<(), BadRequest> {
        let fault = |why: &str| Err(BadRequest::of("partialArgs.jsonPath", why));
        let Some(steps) = steps(path).filter(|steps| !steps.is_empty()) else {
            return fault("cannot be read");
        };
        let text = match piece {
            Piece::Text(text) | Piece::Whole(text) => text,
        };
        self.bytes += text.len() + path.len();
        if self.bytes > MAX_BYTES || steps.len() >= MAX_DEPTH as usize {
            return fault("the arguments are too large");
        }
        let mut node = &mut self.root;
        for step in steps {
            let Some(inner) = node.step(step) else {
                return fault("names a place that cannot be");
            };
            node = inner;
        }
        match (node, piece) {
            (Node::Text(old), Piece::Text(more)) => old.push_str(more),
            (node @ Node::Empty, Piece::Text(text)) => *node = Node::Text(text.to_owned()),
            (node @ Node::Empty, Piece::Whole(text)) => *node = Node::Whole(text.to_owned()),
            _ => return fault("names a place that is taken"),
        }
        Ok(())
    }

    /// Writes them as JSON text.
    pub(super) fn write(&self) -> String {
        let mut out = Writer::new();
        self.root.write(&mut out);
        String::from_utf8(out.finish()).unwrap_or_default()
    }
}

impl Node {
    /// Goes to a place in a node, which is made where it is the next.
    fn step(&mut self, step: Step) -> Option<&mut Self> {
        if let Self::Empty = self {
            *self = match step {
                Step::Name(_) => Self::Object(Vec::new()),
                Step::Place(_) => Self::Array(Vec::new()),
            };
        }
        match (self, step) {
            (Self::Object(fields), Step::Name(name)) => {
                let place = fields.iter().position(|(known, _)| *known == name);
                let place = place.unwrap_or_else(|| {
                    fields.push((name, Self::Empty));
                    fields.len() - 1
                });
                fields.get_mut(place).map(|(_, node)| node)
            }
            (Self::Array(nodes), Step::Place(place)) => {
                if place == nodes.len() {
                    nodes.push(Self::Empty);
                }
                nodes.get_mut(place)
            }
            _ => None,
        }
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Empty => out.raw("null"),
            Self::Text(text) => out.string(text),
            Self::Whole(text) => out.raw(text),
            Self::Array(nodes) => out.array(|out| nodes.iter().for_each(|node| node.write(out))),
            Self::Object(fields) => out.object(|out| {
                for (name, node) in fields {
                    node.write(out.key(name));
                }
            }),
        }
    }
}

/// Reads a path such as `$.a.b[0]['c d']`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(name) = rest.strip_prefix('.') {
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, others) = name.split_at_checked(end)?;
            steps.push(Step::Name(name.to_owned()).filled()?);
            rest = others;
            continue;
        }
        let inside = rest.strip_prefix('[')?;
        let quote = inside
            .chars()
            .next()
            .filter(|first| matches!(first, '\'' | '"'));
        if let Some(quote) = quote {
            let (name, others) = quoted(inside.get(1..)?, quote)?;
            steps.push(Step::Name(name));
            rest = others.strip_prefix(']')?;
        } else {
            let (place, others) = inside.split_once(']')?;
            steps.push(Step::Place(place.parse().ok()?));
            rest = others;
        }
    }
    Some(steps)
}

impl Step {
    fn filled(self) -> Option<Self> {
        (self != Self::Name(String::new())).then_some(self)
    }
}

/// Reads a quoted name up to its closing mark; a backslash takes the next letter as it is.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => name.push(letters.next()?.1),
            letter if letter == quote => return Some((name, text.get(at + letter.len_utf8()..)?)),
            letter => name.push(letter),
        }
    }
    None
}
