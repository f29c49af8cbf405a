//! Patches that `git apply` takes, on the files that patches are broken by, and what they make.

use tree_sitter::{Language, Parser};

use super::repository::{PLAIN, Repository, TYPESCRIPT};

const MOVE: [&str; 4] = ["--target", "anthropic/claude-opus-5-5", "--fix", "model"];

/// Tells whether a text has no fault of syntax.
fn parses(text: &str, language: &Language) -> bool {
    let mut parser = Parser::new();
    parser.set_language(language).unwrap();
    !parser.parse(text, None).unwrap().root_node().has_error()
}

fn python() -> Language {
    tree_sitter_python::LANGUAGE.into()
}

fn typescript() -> Language {
    tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()
}

#[test]
fn git_takes_every_patch_and_the_code_still_parses() {
    let two = "a = [client.messages.create(model=\"claude-opus-4-5\", max_tokens=1), \
               client.messages.create(model=\"claude-haiku-4-5\", max_tokens=2)]\n";
    let import = "import anthropic\nclient = anthropic.Anthropic()\n";
    let files = [
        ("plain.py", PLAIN.to_owned()),
        ("windows.py", PLAIN.replace('\n', "\r\n")),
        ("unended.py", PLAIN.trim_end().to_owned()),
        (
            "last.py",
            format!("{import}client.messages.create(max_tokens=9, model=\"claude-opus-4-5\")"),
        ),
        ("two.py", format!("{import}{two}")),
        ("ünïcode/a b.py", PLAIN.to_owned()),
        ("bom.py", format!("\u{feff}{PLAIN}")),
        ("web/a.ts", TYPESCRIPT.to_owned()),
        ("web/windows.ts", TYPESCRIPT.replace('\n', "\r\n")),
    ];
    let given: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let repository = Repository::new(&given);
    repository.git(&["init", "--quiet"]).is(0);
    let made = repository.scan(&[&["."], &MOVE[..]].concat()).is(0);
    assert_eq!(
        made.out.matches("diff --git").count(),
        files.len(),
        "{}",
        made.out
    );
    repository.put(".git/scan.patch", &made.out);
    let patch = ".git/scan.patch";
    repository.git(&["apply", "--check", patch]).is(0);
    repository.git(&["apply", patch]).is(0);
    for (path, text) in &files {
        let now = repository.read(path);
        let old = ["claude-opus-4-5", "claude-haiku-4-5"];
        let moved = old.iter().fold(text.clone(), |text, old| {
            text.replace(old, "claude-opus-5-5")
        });
        assert_eq!(now, moved, "{path}");
        let language = if path.ends_with(".py") {
            python()
        } else {
            typescript()
        };
        assert!(
            parses(text, &language) && parses(&now, &language),
            "{path}: {now}"
        );
    }
    // Nothing is left to do.
    let again = repository.scan(&[&["."], &MOVE[..]].concat()).is(0);
    assert_eq!(again.out, "", "{}", again.out);
}

#[test]
fn a_fix_to_a_tier_names_it_and_a_scan_changes_no_file() {
    let repository = Repository::new(&[("a.py", PLAIN)]);
    let fix = ["--fix", "tier=opus", "--patch", "scan.patch"];
    let told = repository.scan(&[&["."], &fix[..]].concat()).is(0);
    assert!(told.out.contains("a.py:5:12"), "{}", told.out);
    assert_eq!(repository.read("a.py"), PLAIN);
    let patch = repository.read("scan.patch");
    assert!(
        patch.contains("\n+    model=\"opus\", max_tokens=99"),
        "{patch}"
    );
    repository.git(&["init", "--quiet"]).is(0);
    repository.git(&["apply", "--check", "scan.patch"]).is(0);
}

#[test]
fn what_is_not_safe_is_in_no_patch() {
    // A test, a catalogue's row, prose: nothing that asks the model.
    let repository = Repository::new(&[
        ("README.md", "Ask claude-opus-4-5.\n"),
        (
            "tests/test_a.py",
            "def test_a():\n    assert name() == \"claude-opus-4-5\"\n",
        ),
    ]);
    let made = repository.scan(&[&["."], &MOVE[..]].concat()).is(0);
    assert_eq!(made.out, "");
    assert!(made.err.contains("0 safe fixes"), "{}", made.err);
}
