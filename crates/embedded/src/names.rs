//! The names of control tokens: found in what a chat template wrote, and hidden in what a message
//! says, so that no message can forge a turn. It must not know a template, nor how text becomes
//! tokens.

/// Begins and ends what stands for a hidden character. Both are no characters of any language,
/// and one that a message holds all the same is hidden too.
const MARK: char = '\u{fdd0}';
const END: char = '\u{fdd1}';

/// Holds the names of a model's control tokens.
pub(crate) struct Names {
    longest_first: Vec<(String, u32)>,
}

/// Holds a part of a rendered chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A control token.
    Control(u32),
    /// Text between control tokens; what is hidden in it is hidden still.
    Text(&'a str),
}

impl Names {
    /// Takes the names; empty ones name nothing.
    pub(crate) fn new(names: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut names: Vec<_> = names
            .into_iter()
            .filter(|(name, _)| !name.is_empty())
            .collect();
        names.sort_by(|(left, _), (right, _)| right.len().cmp(&left.len()).then(left.cmp(right)));
        Self {
            longest_first: names,
        }
    }

    /// Hides the first character of every name in a text, and leaves all else, so that a template
    /// still finds whatever it looks for in a message.
    pub(crate) fn hide(&self, text: &str) -> String {
        self.hide_where(text, |rest, _| self.at_start(rest).is_some())
    }

    /// Hides every character that a name begins with, so that no part of the text can become a
    /// part of a name's beginning, however a template cuts and joins it.
    pub(crate) fn hide_beginnings(&self, text: &str) -> String {
        self.hide_where(text, |_, first| self.begin_with(first))
    }

    /// Cuts a rendered chat at the control tokens in it, the longest name first.
    pub(crate) fn pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let (mut from, mut at) = (0, 0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let Some((name, token)) = self.at_start(rest) else {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            };
            pieces.extend(text.get(from..at).and_then(filled));
            pieces.push(Piece::Control(*token));
            at += name.len();
            from = at;
        }
        pieces.extend(text.get(from..).and_then(filled));
        pieces
    }

    /// Lists the control tokens of a rendered chat.
    pub(crate) fn controls(&self, text: &str) -> Vec<u32> {
        let pieces = self.pieces(text).into_iter();
        pieces
            .filter_map(|piece| match piece {
                Piece::Control(token) => Some(token),
                Piece::Text(_) => None,
            })
            .collect()
    }

    fn hide_where(&self, text: &str, is_hidden: impl Fn(&str, char) -> bool) -> String {
        let mut hidden = String::with_capacity(text.len());
        for (at, letter) in text.char_indices() {
            let rest = text.get(at..).unwrap_or_default();
            if letter == MARK || is_hidden(rest, letter) {
                hidden.push(MARK);
                hidden.push_str(&format!("{:x}", u32::from(letter)));
                hidden.push(END);
            } else {
                hidden.push(letter);
            }
        }
        hidden
    }

    fn at_start(&self, text: &str) -> Option<&(String, u32)> {
        let first = text.chars().next()?;
        if !self.begin_with(first) {
            return None;
        }
        let mut names = self.longest_first.iter();
        names.find(|(name, _)| text.starts_with(name.as_str()))
    }

    fn begin_with(&self, letter: char) -> bool {
        let mut names = self.longest_first.iter();
        names.any(|(name, _)| name.starts_with(letter))
    }
}

/// Puts back what was hidden. A mark that a template has cut apart stays as it is: it is text.
pub(crate) fn reveal(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK) {
        plain.push_str(before);
        let found = after
            .split_once(END)
            .and_then(|(code, behind)| Some((letter_of(code)?, behind)));
        if let Some((letter, behind)) = found {
            plain.push(letter);
            rest = behind;
        } else {
            plain.push(MARK);
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

fn letter_of(code: &str) -> Option<char> {
    u32::from_str_radix(code, 16).ok().and_then(char::from_u32)
}

fn filled(text: &str) -> Option<Piece<'_>> {
    (!text.is_empty()).then_some(Piece::Text(text))
}

#[cfg(test)]
mod tests;
