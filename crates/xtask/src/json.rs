//! Reads JSON: what scanners write. It must not know what any key means.

use std::iter::Peekable;
use std::str::Chars;

/// How deep values nest; what is deeper is refused.
const DEEPEST: usize = 200;

/// Is one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`, `true` or `false`.
    Word(String),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object, its keys in the order of the text.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text; none where it is not JSON.
    pub fn read(text: &str) -> Option<Self> {
        let mut letters = text.chars().peekable();
        value(&mut letters, 0)
    }

    /// Finds the value of a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(pairs) = self else {
            return None;
        };
        let found = pairs.iter().find(|(named, _)| named == key);
        found.map(|(_, value)| value)
    }

    /// Finds a value by the keys that lead to it.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |found, key| found.get(key))
    }

    /// Shows a text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Shows a whole number.
    pub fn number(&self) -> Option<usize> {
        match self {
            Self::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// Shows any number.
    pub fn float(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// Lists the elements of a list, or the values of an object.
    pub fn values(&self) -> Vec<&Self> {
        match self {
            Self::List(values) => values.iter().collect(),
            Self::Object(pairs) => pairs.iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }
}

type Letters<'t> = Peekable<Chars<'t>>;

fn skip(letters: &mut Letters<'_>) {
    while letters.next_if(char::is_ascii_whitespace).is_some() {}
}

fn value(letters: &mut Letters<'_>, depth: usize) -> Option<Json> {
    if depth > DEEPEST {
        return None;
    }
    skip(letters);
    match letters.peek()? {
        '"' => string(letters).map(Json::Text),
        '{' => object(letters, depth),
        '[' => list(letters, depth),
        _ => word(letters),
    }
}

fn word(letters: &mut Letters<'_>) -> Option<Json> {
    let mut word = String::new();
    let is_of_word = |letter: &char| letter.is_ascii_alphanumeric() || "+-.".contains(*letter);
    while let Some(letter) = letters.next_if(is_of_word) {
        word.push(letter);
    }
    let is_number = word.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    if is_number {
        return Some(Json::Number(word));
    }
    let is_word = ["null", "true", "false"].contains(&word.as_str());
    is_word.then_some(Json::Word(word))
}

fn string(letters: &mut Letters<'_>) -> Option<String> {
    letters.next_if_eq(&'"')?;
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => match letters.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'b' | 'f' => text.push(' '),
                'u' => {
                    let digits: String = letters.by_ref().take(4).collect();
                    let code = u32::from_str_radix(&digits, 16).ok()?;
                    // Half of a pair is shown as what cannot be shown: no path has one.
                    text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                }
                letter => text.push(letter),
            },
            letter => text.push(letter),
        }
    }
}

fn list(letters: &mut Letters<'_>, depth: usize) -> Option<Json> {
    letters.next_if_eq(&'[')?;
    let mut values = Vec::new();
    loop {
        skip(letters);
        if letters.next_if_eq(&']').is_some() {
            return Some(Json::List(values));
        }
        values.push(value(letters, depth + 1)?);
        skip(letters);
        if letters.next_if_eq(&',').is_none() {
            letters.next_if_eq(&']')?;
            return Some(Json::List(values));
        }
    }
}

fn object(letters: &mut Letters<'_>, depth: usize) -> Option<Json> {
    letters.next_if_eq(&'{')?;
    let mut pairs = Vec::new();
    loop {
        skip(letters);
        if letters.next_if_eq(&'}').is_some() {
            return Some(Json::Object(pairs));
        }
        let key = string(letters)?;
        skip(letters);
        letters.next_if_eq(&':')?;
        pairs.push((key, value(letters, depth + 1)?));
        skip(letters);
        if letters.next_if_eq(&',').is_none() {
            letters.next_if_eq(&'}')?;
            return Some(Json::Object(pairs));
        }
    }
}

#[cfg(test)]
mod tests;
