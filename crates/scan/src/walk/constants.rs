//! Works out texts that a file joins from parts: constants, concatenation, parts filled into a
//! text. Only what the file itself says counts. It must not know a language.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::language::Shape;
use crate::walk::read::{self, Reader};

/// How many parts are joined, and how deep expressions nest.
const DEEPEST: usize = 24;

/// The longest text that is worked out.
const LONGEST: usize = 400;

/// Holds the texts that a file gives names to.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    texts: HashMap<String, Text>,
}

#[derive(Debug)]
enum Text {
    Once(String),
    /// It is given another text elsewhere, so that nothing can be said of it.
    Changing,
}

impl Constants {
    pub(super) fn read(root: Node<'_>, read: Reader<'_>) -> Self {
        let mut constants = Self::default();
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if let Some(Shape::Assignment(to, value)) = read.shape(node) {
                let name = read.part_text(node, to);
                let value = read.part(node, value);
                if let Some(value) = value.filter(|_| is_name(&name)) {
                    constants.add(name, value, read);
                }
            }
            if cursor.goto_first_child() || cursor.goto_next_sibling() {
                continue;
            }
            loop {
                if !cursor.goto_parent() {
                    return constants;
                }
                if cursor.goto_next_sibling() {
                    break;
                }
            }
        }
    }

    fn add(&mut self, name: String, value: Node<'_>, read: Reader<'_>) {
        let text = self.evaluate(value, read, 0);
        let is_new = !self.texts.contains_key(&name);
        let text = text.filter(|_| is_new).map_or(Text::Changing, Text::Once);
        self.texts.insert(name, text);
    }

    fn get(&self, name: &str) -> Option<String> {
        match self.texts.get(name)? {
            Text::Once(text) => Some(text.clone()),
            Text::Changing => None,
        }
    }

    /// Works out an expression's text.
    pub(super) fn value(&self, node: Node<'_>, read: Reader<'_>) -> Option<String> {
        self.evaluate(node, read, 0)
            .filter(|text| text.len() <= LONGEST)
    }

    fn evaluate(&self, node: Node<'_>, read: Reader<'_>, depth: usize) -> Option<String> {
        if depth > DEEPEST {
            return None;
        }
        match read.shape(node) {
            Some(Shape::Value) => self.literal(node, read, depth),
            Some(Shape::Binary(left, operator, right)) => {
                let between = read.operator(node, operator, (left, right));
                let left = self.evaluate(read.part(node, left)?, read, depth + 1)?;
                if between != "+" {
                    return None;
                }
                let right = self.evaluate(read.part(node, right)?, read, depth + 1)?;
                Some(left + &right)
            }
            Some(_) => None,
            None if node.named_child_count() == 0 => {
                self.get(read.source.get(node.byte_range()).unwrap_or_default())
            }
            // What wraps an expression, and texts that stand side by side.
            None => {
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                let are_texts = children
                    .iter()
                    .all(|child| read.shape(*child) == Some(Shape::Value));
                if children.len() > 1 && !are_texts {
                    return self.get(read.source.get(node.byte_range()).unwrap_or_default());
                }
                let parts = children
                    .iter()
                    .map(|child| self.evaluate(*child, read, depth + 1));
                parts.collect()
            }
        }
    }

    /// Works out a literal with what is filled in.
    fn literal(&self, node: Node<'_>, read: Reader<'_>, depth: usize) -> Option<String> {
        let range = read::inner(read.source, node.byte_range());
        if !read.has_parts(node) {
            return read.source.get(range).map(str::to_owned);
        }
        let mut text = String::new();
        let mut at = range.start;
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            let kind = child.kind();
            if !["interpolation", "substitution", "expansion"]
                .iter()
                .any(|w| kind.ends_with(w))
            {
                continue;
            }
            text.push_str(read.source.get(at..child.start_byte()).unwrap_or_default());
            text.push_str(&self.filled(child, read, depth)?);
            at = child.end_byte();
        }
        text.push_str(read.source.get(at..range.end).unwrap_or_default());
        Some(text)
    }

    fn filled(&self, node: Node<'_>, read: Reader<'_>, depth: usize) -> Option<String> {
        if let Some(Shape::Expansion(_)) = read.shape(node) {
            return None;
        }
        let inner = node.named_child(0)?;
        self.evaluate(inner, read, depth + 1)
    }
}

fn is_name(text: &str) -> bool {
    let letters = |letter: char| letter.is_alphanumeric() || "_.".contains(letter);
    !text.is_empty() && text.chars().all(letters)
}
