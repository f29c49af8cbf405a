//! Walks a tree once to all places that are asked for, and says for each what is around it. It must
//! not know a language, nor what a model is.

mod climb;
mod constants;
mod read;

use tree_sitter::{Node, Parser, Tree, TreeCursor};

use crate::language::Grammar;
use crate::lines::Lines;
use crate::spot::Answer;
use crate::walk::constants::Constants;
use crate::walk::read::Reader;

/// How deep a tree is followed; what is nested deeper is read from there.
const DEEPEST: usize = 400;

/// Holds a file as a tree.
pub(crate) struct Parsed<'t> {
    read: Reader<'t>,
    tree: Tree,
}

impl<'t> Parsed<'t> {
    /// Parses a file; none where the parser's tables are not of its making.
    pub(crate) fn new(
        source: &'t str,
        lines: &'t Lines<'t>,
        grammar: &'static Grammar,
    ) -> Option<Self> {
        let mut parser = Parser::new();
        parser.set_language(&grammar.language.into()).ok()?;
        let read = Reader {
            source,
            grammar,
            lines,
        };
        let tree = parser.parse(source, None)?;
        Some(Self { read, tree })
    }

    /// Tells for each byte, in order, where it stands.
    pub(crate) fn answers(&self, at: &[usize]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(at.len());
        let mut cursor = self.tree.walk();
        self.visit(&mut cursor, at, &mut Vec::new(), &mut answers);
        answers
    }

    fn visit<'n>(
        &'n self,
        cursor: &mut TreeCursor<'n>,
        at: &[usize],
        path: &mut Vec<Node<'n>>,
        answers: &mut Vec<Answer>,
    ) {
        path.push(cursor.node());
        let mut left = at;
        if path.len() < DEEPEST && !at.is_empty() && cursor.goto_first_child() {
            loop {
                let range = cursor.node().byte_range();
                let before = left.partition_point(|place| *place < range.start);
                let (outside, rest) = left.split_at(before);
                self.answer(path, outside, answers);
                let within = rest.partition_point(|place| *place < range.end);
                let (within, rest) = rest.split_at(within);
                if !within.is_empty() {
                    self.visit(cursor, within, path, answers);
                }
                left = rest;
                if left.is_empty() || !cursor.goto_next_sibling() {
                    break;
                }
            }
            cursor.goto_parent();
        }
        self.answer(path, left, answers);
        path.pop();
    }

    fn answer(&self, path: &[Node<'_>], at: &[usize], answers: &mut Vec<Answer>) {
        answers.extend(at.iter().map(|_| climb::climb(path, self.read)));
    }

    /// Finds the names that the file gives to texts.
    pub(crate) fn constants(&self) -> Constants {
        Constants::read(self.tree.root_node(), self.read)
    }

    /// Works out the text of the expression at a stretch, as far as its parts are texts of the
    /// file.
    pub(crate) fn value(&self, constants: &Constants, start: usize, end: usize) -> Option<String> {
        let root = self.tree.root_node();
        let node = root.descendant_for_byte_range(start, end)?;
        constants.value(node, self.read)
    }
}
