//! Words that a request may say and that are noted as they are. Any other is noted as `other`, so
//! that nothing a caller made up is kept. It must not know which model takes which.

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// What stands for a word that is not known.
pub(crate) const OTHER: &str = "other";

/// The words of effort of all dialects.
const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// The types of tools that a provider defines, in the order of their bits; the last stands for
/// those that are not known.
const TOOL_TYPES: [&str; 29] = [
    "bash_20241022",
    "bash_20250124",
    "code_execution_20250522",
    "code_execution_20250825",
    "code_execution_20260120",
    "computer_20241022",
    "computer_20250124",
    "computer_20251124",
    "computer_toolset_20260801",
    "memory_20250818",
    "text_editor_20241022",
    "text_editor_20250124",
    "text_editor_20250429",
    "text_editor_20250728",
    "tool_search_tool_bm25_20251119",
    "tool_search_tool_regex_20251119",
    "web_fetch_20250910",
    "web_fetch_20260209",
    "web_fetch_20260309",
    "web_fetch_20260318",
    "web_search_20250305",
    "web_search_20260209",
    "code_interpreter",
    "computer_use_preview",
    "file_search",
    "image_generation",
    "mcp",
    "web_search",
    OTHER,
];

/// Names an effort by its known word.
pub(crate) fn effort(word: &str) -> &'static str {
    let known = EFFORTS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(word));
    known.copied().unwrap_or(OTHER)
}

/// Holds which types of tools a request declares that its provider defines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToolTypes(u32);

impl ToolTypes {
    /// Adds a tool by the word of its type; one that the caller defines is none of these.
    pub(crate) fn insert(&mut self, word: &str) {
        if matches!(word, "function" | "custom") {
            return;
        }
        let known = TOOL_TYPES.iter().position(|known| *known == word);
        self.0 |= 1 << known.unwrap_or(TOOL_TYPES.len() - 1);
    }

    /// Lists the words.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let all = TOOL_TYPES.into_iter().enumerate();
        all.filter(move |(bit, _)| self.0 & (1 << bit) != 0)
            .map(|(_, word)| word)
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Serialize for ToolTypes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for word in self.words() {
            list.serialize_element(word)?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_caller_made_up_is_other() {
        assert_eq!(effort("xhigh"), "xhigh");
        assert_eq!(effort("HIGH"), "high");
        assert_eq!(effort("my secret"), OTHER);
        let mut types = ToolTypes::default();
        for word in ["function", "custom"] {
            types.insert(word);
        }
        assert!(types.is_empty());
        for word in ["computer_20251124", "my secret", "bash_20250124"] {
            types.insert(word);
        }
        let words: Vec<_> = types.words().collect();
        assert_eq!(words, ["bash_20250124", "computer_20251124", OTHER]);
    }
}
