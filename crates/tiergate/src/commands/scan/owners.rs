//! Who owns a file, by the repository's `CODEOWNERS`. It must not know what was found in the file.

use std::fs;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::base::with_slashes;

/// Where the file is looked for, in this order.
const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
];

/// Holds the rules, and where the scanned folder lies below the repository's root.
#[derive(Default)]
pub(super) struct Owners {
    below: String,
    rules: Vec<Rule>,
}

struct Rule {
    /// Whether folders above a file count, as they do not where a pattern ends in `/*`.
    is_deep: bool,
    pattern: Gitignore,
    owners: Vec<String>,
}

impl Owners {
    /// Finds the file in the folder or above it, no further than the repository's root. Where there
    /// is none, nobody owns anything.
    pub(super) fn find(folder: &Path) -> Self {
        for root in folder.ancestors() {
            let texts = PLACES
                .iter()
                .map(|place| fs::read_to_string(root.join(place)));
            if let Some(text) = texts.filter_map(Result::ok).next() {
                let below = folder.strip_prefix(root).unwrap_or(Path::new(""));
                return Self::parse(&text, with_slashes(below));
            }
            if root.join(".git").exists() {
                break;
            }
        }
        Self::default()
    }

    fn parse(text: &str, below: String) -> Self {
        let rules = text.lines().filter_map(rule);
        Self {
            below,
            rules: rules.collect(),
        }
    }

    /// Lists a file's owners: those of the last rule that takes it.
    pub(super) fn of(&self, path: &str) -> Vec<String> {
        let whole = if self.below.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{path}", self.below)
        };
        let takes = |rule: &&Rule| {
            let matched = if rule.is_deep {
                rule.pattern.matched_path_or_any_parents(&whole, false)
            } else {
                rule.pattern.matched(&whole, false)
            };
            matched.is_ignore()
        };
        let last = self.rules.iter().rev().find(takes);
        last.map(|rule| rule.owners.clone()).unwrap_or_default()
    }
}

/// Reads a line; none where it is a comment, a section's head, or no pattern.
fn rule(line: &str) -> Option<Rule> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '[', '^', '!']) {
        return None;
    }
    let (pattern, rest) = split(line);
    let mut builder = GitignoreBuilder::new("");
    builder.add_line(None, pattern).ok()?;
    let owners = rest
        .split_whitespace()
        .take_while(|word| !word.starts_with('#'));
    Some(Rule {
        is_deep: !pattern.ends_with("/*"),
        pattern: builder.build().ok()?,
        owners: owners.map(str::to_owned).collect(),
    })
}

/// Cuts the pattern off, which may hold blanks behind a backslash.
fn split(line: &str) -> (&str, &str) {
    let mut is_escaped = false;
    let end = line.find(|c: char| {
        let ends = c.is_whitespace() && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    line.split_at(end.unwrap_or(line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# everything
*               @everybody
*.py            @python  # a comment
/docs/          @writers
/config/*       @config
apps/web        @web @ui
/apps/web/gen/
a\\ b.txt        @blank
[Section] @nobody
";

    #[test]
    fn the_last_rule_that_takes_a_file_names_its_owners() {
        let owners = Owners::parse(FILE, String::new());
        for (path, expected) in [
            ("README.md", "@everybody"),
            ("x/y.py", "@python"),
            ("docs/deep/a.py", "@writers"),
            ("x/docs/a.md", "@everybody"),
            ("config/a.toml", "@config"),
            ("config/deep/a.toml", "@everybody"),
            ("apps/web/src/a.ts", "@web @ui"),
            ("apps/web/gen/a.ts", ""),
            ("a b.txt", "@blank"),
        ] {
            assert_eq!(owners.of(path).join(" "), expected, "{path}");
        }
    }

    #[test]
    fn a_folder_below_the_root_is_owned_by_the_roots_rules() {
        let owners = Owners::parse(FILE, "apps/web".to_owned());
        assert_eq!(owners.of("src/a.ts"), ["@web", "@ui"]);
    }
}
