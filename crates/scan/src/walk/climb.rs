//! Says what is around a place, from the leaf of a tree to its root. It must not know a language.

use std::ops::Range;

use tree_sitter::Node;

use crate::language::{Part, Shape};
use crate::place::{Around, Beside, Place, Text};
use crate::spot::{Answer, Spot};
use crate::walk::read::{self, Reader};

/// How many constructs are kept.
const KEPT: usize = 24;

/// What stands between operands where the right one holds in the left one's absence.
const ABSENT: &[&str] = &["or", "||", "??", "?:", "||=", "??="];

/// What compares.
const COMPARES: &[&str] = &[
    "==", "!=", "===", "!==", "=~", "in", "not in", "is", "is not", "=", "<>",
];

/// What a text or a list is asked about a part of it.
const ASKS: &[&str] = &[
    "includes",
    "contains",
    "indexof",
    "has",
    "startswith",
    "starts_with",
    "hasprefix",
    "hassuffix",
    "endswith",
    "ends_with",
    "equals",
    "equalsignorecase",
    "equalfold",
    "eq_ignore_ascii_case",
    "eq",
    "match",
    "matches",
    "fullmatch",
    "count",
    "find",
    "is_match",
];

/// Says what is around the last node of a path from the root.
pub(super) fn climb(path: &[Node<'_>], read: Reader<'_>) -> Answer {
    let mut climb = Climb {
        read,
        text: None,
        around: Vec::new(),
        beside: Vec::new(),
        argument: None,
        group: None,
        is_beyond: false,
        joined: None,
        is_case: false,
        is_key: false,
        is_broken: false,
        is_receiver: false,
    };
    for (depth, node) in path.iter().enumerate().rev() {
        let below = path.get(depth + 1..).unwrap_or_default();
        climb.step(*node, below);
    }
    climb.finish(path)
}

struct Climb<'r> {
    read: Reader<'r>,
    text: Option<(Text, Range<usize>)>,
    around: Vec<Around>,
    beside: Vec<Beside>,
    /// The name of the argument that was left last, for the call above it.
    argument: Option<String>,
    group: Option<usize>,
    /// Whether the statement is left, beyond which no list is the name's own.
    is_beyond: bool,
    joined: Option<Range<usize>>,
    is_case: bool,
    is_key: bool,
    is_broken: bool,
    /// Whether its value is not handed on: a method of it is called, or it is only a name there.
    is_receiver: bool,
}

impl Climb<'_> {
    fn finish(self, path: &[Node<'_>]) -> Answer {
        let (text, literal, is_code) = match self.text {
            Some((Text::Value, range)) if self.is_key => (Text::Key, range, false),
            Some((text, range)) => (text, range, false),
            None if self.is_broken => return Answer::Broken,
            None => {
                let leaf = path.last().map(Node::byte_range).unwrap_or_default();
                let text = if self.is_key { Text::Key } else { Text::Token };
                (text, leaf, true)
            }
        };
        let spot = Spot {
            place: Place {
                text,
                around: self.around,
                beside: self.beside,
            },
            literal,
            group: self.group.filter(|_| text != Text::Comment),
            joined: self.joined,
            is_fallback: false,
            is_receiver: self.is_receiver || self.is_key,
        };
        if is_code {
            Answer::Code(spot)
        } else {
            Answer::Text(spot)
        }
    }

    fn push(&mut self, around: Around) {
        if self.around.len() < KEPT {
            self.around.push(around);
        }
    }

    fn step(&mut self, node: Node<'_>, below: &[Node<'_>]) {
        if node.is_error() && self.text.is_none() {
            self.is_broken = true;
        }
        let Some(shape) = self.read.shape(node) else {
            return;
        };
        match shape {
            Shape::Value | Shape::Pattern | Shape::Comment | Shape::Prose => self.text(shape, node),
            Shape::Call(callee, arguments) => {
                let called = self.read.callee(node, callee);
                self.call(node, called, arguments, below);
            }
            Shape::Method(object, name, arguments) => {
                let called = self.read.method(node, object, name);
                self.call(node, called, arguments, below);
            }
            Shape::NamedArgument(name, value) => {
                if self.is_via(node, value, below) {
                    self.argument = Some(self.read.part_text(node, name));
                } else {
                    self.is_receiver = true;
                }
            }
            Shape::Command => self.command(node, below),
            Shape::Pair(key, value) => self.pair(node, key, value, below),
            Shape::Map | Shape::List | Shape::Block => self.collection(shape, node, below),
            Shape::Composite(of, _) => {
                let name = self.read.part_text(node, of);
                self.push(Around::Type { name });
            }
            Shape::Statement => self.statement(node),
            _ => self.structure(shape, node, below),
        }
    }

    fn structure(&mut self, shape: Shape, node: Node<'_>, below: &[Node<'_>]) {
        match shape {
            Shape::Assignment(to, value) => {
                let to = self.read.part_text(node, to);
                if self.is_via(node, value, below) {
                    self.push(Around::Assignment { to });
                } else if self.around.is_empty() {
                    self.is_receiver = true;
                }
                self.is_beyond = true;
            }
            Shape::Loop(to, list) if self.is_via(node, list, below) => {
                let to = self.read.part_text(node, to);
                self.push(Around::Assignment { to });
                self.is_beyond = true;
            }
            Shape::Parameter(name, value) => {
                let name = self.read.part_text(node, name);
                if self.is_via(node, value, below) {
                    self.push(Around::ParameterDefault { name });
                } else if self.around.is_empty() {
                    self.is_receiver = true;
                }
                self.is_beyond = true;
            }
            Shape::Binary(left, operator, right) => {
                self.binary(node, (left, operator, right), below);
            }
            Shape::Index(index, of) => {
                // A language may have several indices in one place: all but what is asked is one.
                let is_index = !self.is_via(node, of, below) || self.is_via(node, index, below);
                if is_index {
                    self.index(&self.read.part_text(node, of), node);
                }
            }
            Shape::Expansion(of) => {
                let name = self.read.part_text(node, of);
                if !self.is_via(node, of, below) {
                    self.push(Around::Fallback { of: name });
                }
            }
            Shape::Case(pattern) => self.is_case |= self.is_via(node, pattern, below),
            Shape::Switch(subject) if std::mem::take(&mut self.is_case) => {
                let with = self.read.part_text(node, subject);
                self.push(Around::Comparison { with });
                self.group = Some(node.start_byte());
            }
            Shape::Return => self.push(Around::Return),
            Shape::Function(name) => self.scope(|name| Around::Function { name }, node, name),
            Shape::Type(name) => self.scope(|name| Around::Type { name }, node, name),
            Shape::Section(until) => {
                self.read.beside_if_none(&mut self.beside, node, below);
                let name = self.read.section(node, until);
                self.push(Around::Section { name });
            }
            _ => {}
        }
    }

    /// A place in a map asks for a row by the name; in a type, the name is one of several.
    fn index(&mut self, of: &str, node: Node<'_>) {
        let is_type = of.rsplit('.').next() == Some("Literal");
        if is_type {
            self.group = Some(node.start_byte());
        }
        self.push(if is_type {
            Around::Element { of: 2 }
        } else {
            Around::Comparison {
                with: format!("{of}[]"),
            }
        });
    }

    fn scope(&mut self, make: fn(String) -> Around, node: Node<'_>, name: Part) {
        let name = self.read.part_text(node, name);
        if !name.is_empty() {
            self.push(make(name));
        }
        self.is_beyond = true;
    }

    fn text(&mut self, shape: Shape, node: Node<'_>) {
        if self.text.is_some() {
            return;
        }
        let text = match shape {
            Shape::Pattern => Text::Pattern,
            Shape::Comment => Text::Comment,
            Shape::Prose => Text::Prose,
            _ => Text::Value,
        };
        let mut range = node.byte_range();
        if shape == Shape::Value {
            if self.read.has_parts(node) {
                self.joined = Some(node.byte_range());
            }
            range = read::inner(self.read.source, range);
        }
        self.text = Some((text, range));
    }

    /// A string that is a statement of its own documents.
    fn statement(&mut self, node: Node<'_>) {
        let only = node
            .named_child(0)
            .filter(|_| node.named_child_count() == 1);
        let is_string = only.is_some_and(|only| self.read.shape(only) == Some(Shape::Value));
        if let Some((text, _)) = self.text.as_mut().filter(|_| is_string) {
            *text = Text::Comment;
        }
    }

    fn call(&mut self, node: Node<'_>, callee: String, arguments: Part, below: &[Node<'_>]) {
        let name = self.argument.take();
        if !self.is_via(node, arguments, below) {
            let last = callee.rsplit(['.', ':', '>']).next().unwrap_or_default();
            // The text is asked itself: `["…"].includes(model)`, `"…".equals(model)`.
            if ASKS.contains(&last.to_lowercase().as_str()) && !self.is_beyond {
                let with = self.read.part_text(node, arguments);
                let with = with.trim_matches(['(', ')']).to_owned();
                self.push(Around::Comparison { with });
            } else if self.text.is_none() && self.around.is_empty() {
                self.is_receiver = true;
            } else if !self.is_beyond {
                self.beside.extend(self.read.link(node, &callee, arguments));
            }
            return;
        }
        let list = self.read.part(node, arguments);
        let position = list.map_or(0, |list| read::position(list, below));
        if let Some(list) = list {
            self.read.beside_if_none(&mut self.beside, list, below);
        }
        self.read.chain(node, &mut self.beside);
        self.push(Around::Argument {
            callee,
            name,
            position,
        });
    }

    /// Words of a command: a word after `--name` is the value of that name.
    fn command(&mut self, node: Node<'_>, below: &[Node<'_>]) {
        let mut cursor = node.walk();
        let words: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        let own = below.first();
        let place = words
            .iter()
            .position(|word| own.is_some_and(|own| own.id() == word.id()));
        let (Some(own), Some(place)) = (own, place.filter(|place| *place > 0)) else {
            return;
        };
        let callee = words.first().map(|word| self.read.text(*word));
        let before = words.get(place - 1).map(|word| self.read.text(*word));
        let own = self.read.text(*own);
        let flag = match own.split_once('=') {
            Some((flag, _)) if flag.starts_with('-') => Some(flag.to_owned()),
            _ => before.filter(|flag| flag.starts_with('-')),
        };
        self.push(Around::Argument {
            callee: callee.unwrap_or_default(),
            name: flag.map(|flag| flag.trim_matches('-').to_owned()),
            position: place - 1,
        });
    }

    fn pair(&mut self, node: Node<'_>, key: Part, value: Part, below: &[Node<'_>]) {
        if self.is_via(node, value, below) {
            let key = self.read.part_text(node, key);
            self.push(Around::Pair { key });
        } else if self.around.is_empty() && self.is_via(node, key, below) {
            self.is_key = true;
            if let Some(value) = self.read.part(node, value) {
                self.read.gather(&mut self.beside, value, None);
                if self.beside.is_empty() {
                    self.beside.push(self.read.value_of_key(value));
                }
            }
        }
    }

    fn collection(&mut self, shape: Shape, node: Node<'_>, below: &[Node<'_>]) {
        let own = below.first().and_then(|own| self.read.shape(*own));
        let is_pair = matches!(own, Some(Shape::Pair(..) | Shape::Section(_)));
        if shape != Shape::Block && !is_pair {
            let of = node.named_child_count();
            self.push(Around::Element { of });
        } else if shape == Shape::Map && !self.is_key {
            self.read.beside_if_none(&mut self.beside, node, below);
        }
        if !self.is_beyond || shape == Shape::Block {
            self.group = Some(node.start_byte());
        }
    }

    fn binary(&mut self, node: Node<'_>, parts: (Part, Part, Part), below: &[Node<'_>]) {
        let (left, operator, right) = parts;
        let is_left = self.is_via(node, left, below);
        let other = if is_left { right } else { left };
        let other = self.read.part_text(node, other);
        let between = self.read.operator(node, operator, (left, right));
        if ABSENT.contains(&between.as_str()) {
            let is_asked = self
                .around
                .iter()
                .any(|one| matches!(one, Around::Comparison { .. }));
            if !is_left && !is_asked {
                self.push(Around::Fallback { of: other });
            }
        } else if COMPARES.contains(&between.as_str()) {
            self.push(Around::Comparison { with: other });
        } else if matches!(between.as_str(), "+" | "%" | "." | "..") && !self.is_beyond {
            self.joined = Some(node.byte_range());
        }
    }

    /// Tells whether the path comes out of this part of a node.
    fn is_via(&self, node: Node<'_>, part: Part, below: &[Node<'_>]) -> bool {
        let (Some(part), Some(own)) = (self.read.part(node, part), below.first()) else {
            return false;
        };
        let holds = own.start_byte() <= part.start_byte() && part.end_byte() <= own.end_byte();
        own.id() == part.id() || holds
    }
}
