//! Reads the parts of nodes as text, and what stands beside a place in a call, a map or a section.
//! It must not know a language.

use std::ops::Range;

use tree_sitter::Node;

use crate::language::{Grammar, Part, Shape};
use crate::lines::Lines;
use crate::place::Beside;

/// How many neighbours are read, and how deep.
const MOST: usize = 64;
const DEEPEST: usize = 3;

/// The longest text of a part in bytes.
const LONGEST: usize = 400;

/// Reads nodes of one file.
#[derive(Clone, Copy)]
pub(super) struct Reader<'r> {
    pub source: &'r str,
    pub grammar: &'r Grammar,
    pub lines: &'r Lines<'r>,
}

impl Reader<'_> {
    pub(super) fn shape(&self, node: Node<'_>) -> Option<Shape> {
        self.grammar.shape(node.kind())
    }

    /// Finds a part of a node.
    pub(super) fn part<'n>(&self, node: Node<'n>, part: Part) -> Option<Node<'n>> {
        let index = |at: usize| u32::try_from(at).ok().and_then(|at| node.named_child(at));
        match part {
            Part::Field(name) => node.child_by_field_name(name),
            Part::Child(at) => index(at),
            Part::Last => index(node.named_child_count().checked_sub(1)?),
        }
    }

    /// Shows the text of a node, on one line and cut to a length.
    pub(super) fn text(&self, node: Node<'_>) -> String {
        squeeze(self.raw(node))
    }

    fn raw(&self, node: Node<'_>) -> &str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// Shows the text of a part without quotes.
    pub(super) fn part_text(&self, node: Node<'_>, part: Part) -> String {
        let part = self.part(node, part);
        part.map(|part| self.plain(part)).unwrap_or_default()
    }

    /// Shows the text of a node without the quotes of a string.
    fn plain(&self, node: Node<'_>) -> String {
        let core = self.core(node);
        if self.shape(core) == Some(Shape::Value) {
            let range = inner(self.source, core.byte_range());
            return squeeze(self.source.get(range).unwrap_or_default());
        }
        self.text(node)
    }

    /// Sees through nodes that only wrap another.
    fn core<'n>(&self, node: Node<'n>) -> Node<'n> {
        let mut node = node;
        while self.shape(node).is_none() && node.named_child_count() == 1 {
            let only = node.named_child(0);
            let Some(only) = only.filter(|only| only.byte_range() == node.byte_range()) else {
                break;
            };
            node = only;
        }
        node
    }

    /// Tells whether a literal has parts that are filled in.
    pub(super) fn has_parts(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        let mut children = node.named_children(&mut cursor);
        let words = ["interpolation", "substitution", "expansion"];
        children.any(|child| words.iter().any(|word| child.kind().ends_with(word)))
    }

    /// Names what is called, without what earlier calls of a chain are given.
    pub(super) fn callee(&self, node: Node<'_>, callee: Part) -> String {
        let callee = self.part(node, callee).map(|callee| self.raw(callee));
        without_arguments(callee.unwrap_or_default())
    }

    pub(super) fn method(&self, node: Node<'_>, object: Part, name: Part) -> String {
        let name = self
            .part(node, name)
            .map(|name| self.raw(name))
            .unwrap_or_default();
        match self.part(node, object) {
            Some(object) => format!("{}.{name}", without_arguments(self.raw(object))),
            None => name.to_owned(),
        }
    }

    /// Shows what stands between two operands.
    pub(super) fn operator(&self, node: Node<'_>, part: Part, sides: (Part, Part)) -> String {
        if let Some(operator) = self.part(node, part) {
            return self.text(operator);
        }
        let (left, right) = (self.part(node, sides.0), self.part(node, sides.1));
        let (Some(left), Some(right)) = (left, right) else {
            return String::new();
        };
        let between = self.source.get(left.end_byte()..right.start_byte());
        between.unwrap_or_default().trim().to_owned()
    }

    /// Names a section by what stands before its first part of a kind.
    pub(super) fn section(&self, node: Node<'_>, until: &str) -> String {
        let mut cursor = node.walk();
        let mut words = Vec::new();
        for child in node.named_children(&mut cursor) {
            if child.kind() == until {
                break;
            }
            words.push(self.plain(child));
        }
        words.join(" ")
    }

    /// Gathers what stands in a list of arguments, a map or a section beside the path's own part.
    pub(super) fn beside_if_none(
        &self,
        beside: &mut Vec<Beside>,
        holder: Node<'_>,
        below: &[Node<'_>],
    ) {
        if beside.is_empty() {
            let own = part_in(holder, below).map(|own| own.byte_range());
            self.gather(beside, holder, own);
        }
    }

    /// Gathers the pairs of a map or a list of arguments, but for one.
    pub(super) fn gather(
        &self,
        beside: &mut Vec<Beside>,
        holder: Node<'_>,
        but: Option<Range<usize>>,
    ) {
        self.pairs(beside, self.core(holder), ("", 0), but.as_ref());
    }

    /// Shows the value of a key that is itself the name: it stands beside under no name.
    pub(super) fn value_of_key(&self, value: Node<'_>) -> Beside {
        Beside {
            name: String::new(),
            value: self.plain(value),
            span: self.lines.span(value.start_byte(), value.end_byte()),
        }
    }

    fn pairs(
        &self,
        beside: &mut Vec<Beside>,
        holder: Node<'_>,
        (before, depth): (&str, usize),
        but: Option<&Range<usize>>,
    ) {
        let mut cursor = holder.walk();
        for child in holder.named_children(&mut cursor).take(MOST) {
            if beside.len() >= MOST || but == Some(&child.byte_range()) {
                continue;
            }
            let child = self.core(child);
            let (name, value) = match self.shape(child) {
                Some(Shape::Pair(key, value) | Shape::NamedArgument(key, value)) => {
                    (self.part_text(child, key), self.part(child, value))
                }
                // An object among the arguments holds options.
                Some(Shape::Map) if depth == 0 => {
                    self.pairs(beside, child, (before, depth + 1), None);
                    continue;
                }
                _ => continue,
            };
            let Some(value) = value else {
                continue;
            };
            let joint = if before.is_empty() { "" } else { "." };
            let name = format!("{before}{joint}{name}");
            beside.push(Beside {
                name: name.clone(),
                value: self.plain(value),
                span: self.lines.span(child.start_byte(), child.end_byte()),
            });
            let inner = self.core(value);
            if depth < DEEPEST && self.shape(inner) == Some(Shape::Map) {
                self.pairs(beside, inner, (&name, depth + 1), None);
            }
        }
    }

    /// Shows one call of a chain as what stands beside the others.
    pub(super) fn link(&self, node: Node<'_>, callee: &str, arguments: Part) -> Option<Beside> {
        let value = self.raw(self.part(node, arguments)?);
        let value = value.strip_prefix('(')?.strip_suffix(')')?.trim();
        let name = callee.rsplit(['.', ':']).next().unwrap_or_default();
        if value.is_empty() || name.is_empty() {
            return None;
        }
        let is_quoted = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
        let value = if is_quoted {
            value.trim_matches('"')
        } else {
            value
        };
        Some(Beside {
            name: name.to_owned(),
            value: squeeze(value),
            span: self.lines.span(node.start_byte(), node.end_byte()),
        })
    }

    /// Gathers the calls that a call follows on in a chain.
    pub(super) fn chain(&self, node: Node<'_>, beside: &mut Vec<Beside>) {
        let mut node = node;
        for _ in 0..MOST {
            let Some(earlier) = self.receiver(node) else {
                return;
            };
            let (callee, arguments) = match self.shape(earlier) {
                Some(Shape::Call(callee, arguments)) => (self.callee(earlier, callee), arguments),
                Some(Shape::Method(_, name, arguments)) => {
                    (self.part_text(earlier, name), arguments)
                }
                _ => return,
            };
            beside.extend(self.link(earlier, &callee, arguments));
            node = earlier;
        }
    }

    /// Finds the call on whose answer another is made.
    fn receiver<'n>(&self, node: Node<'n>) -> Option<Node<'n>> {
        let mut at = match self.shape(node)? {
            Shape::Call(callee, _) => self.part(node, callee)?,
            Shape::Method(object, _, _) => self.part(node, object)?,
            _ => return None,
        };
        for _ in 0..4 {
            if matches!(self.shape(at), Some(Shape::Call(..) | Shape::Method(..))) {
                return Some(at);
            }
            at = at.named_child(0)?;
        }
        None
    }
}

/// Finds the part of a node that a path goes through.
fn part_in<'p, 'n>(holder: Node<'n>, below: &'p [Node<'n>]) -> Option<&'p Node<'n>> {
    let place = below.iter().position(|node| node.id() == holder.id());
    below.get(place.map_or(0, |place| place + 1))
}

/// Tells the place of a path's own part in a list of arguments.
pub(super) fn position(list: Node<'_>, below: &[Node<'_>]) -> usize {
    let own = part_in(list, below);
    let mut cursor = list.walk();
    let mut children = list.named_children(&mut cursor);
    let place = own.and_then(|own| children.position(|child| child.id() == own.id()));
    place.unwrap_or(0)
}

/// Leaves out the quotes of a literal, and the letters before them.
pub(super) fn inner(source: &str, range: Range<usize>) -> Range<usize> {
    let text = source.get(range.clone()).unwrap_or_default();
    let letters = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphabetic() || b"#$".contains(byte));
    let before = letters.count();
    let rest = text.get(before..).unwrap_or_default();
    for quote in ["\"\"\"", "'''", "\"", "'", "`"] {
        if let Some(opened) = rest.strip_prefix(quote) {
            let start = range.start + before + quote.len();
            let opened = opened.trim_end_matches('#');
            let closing = if opened.ends_with(quote) {
                quote.len()
            } else {
                0
            };
            return start..start + opened.len() - closing;
        }
    }
    range
}

/// Puts a text on one line and cuts it to a length.
fn squeeze(text: &str) -> String {
    let mut cut = text;
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end));
        cut = text.get(..end.unwrap_or(0)).unwrap_or_default();
    }
    let words: Vec<&str> = cut.split_whitespace().collect();
    words.join(" ")
}

/// Leaves out what stands in parentheses, and what is not seen.
fn without_arguments(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for letter in text.chars() {
        match letter {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 && !letter.is_whitespace() => kept.push(letter),
            _ => {}
        }
    }
    let from = kept.len().saturating_sub(LONGEST);
    let from = (from..kept.len()).find(|at| kept.is_char_boundary(*at));
    kept.get(from.unwrap_or(0)..).unwrap_or_default().to_owned()
}
