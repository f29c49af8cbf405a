//! What holds of any bytes: nothing panics, and spans hold what they say.

use proptest::prelude::*;

use super::{SCANNER, scan};

const EXTENSIONS: &[&str] = &[
    "py",
    "ts",
    "js",
    "go",
    "rs",
    "java",
    "yaml",
    "json",
    "toml",
    "sh",
    "tf",
    "md",
    "env",
    "ipynb",
    "rb",
    "dockerfile",
];

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "gpt-4o",
        "claude-3-",
        "openai/",
        "us.anthropic.",
        "\"",
        "'",
        "`",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        " = ",
        ":",
        ",",
        "\n",
        "\r\n",
        "#",
        "//",
        "model",
        "é",
        "漢",
        "\\n",
        "\\u00e9",
        "${",
        "f\"",
        "+",
        "if ",
        "==",
        "return ",
        "GPT_4_O",
        "o1",
        "\"cell_type\": \"code\"",
        "\"source\": [",
        "\t",
        "- ",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_scanned(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        extension in prop::sample::select(EXTENSIONS.to_vec()),
    ) {
        let _ = SCANNER.scan_file(&format!("a.{extension}"), &bytes);
    }

    #[test]
    fn spans_lie_on_letters_and_hold_what_is_written(
        source in pieces(),
        extension in prop::sample::select(EXTENSIONS.to_vec()),
    ) {
        let scanned = scan(&format!("a.{extension}"), &source);
        for found in scanned.found {
            let (span, model) = (found.site.span, &found.site.model);
            prop_assert_eq!(source.get(span.start..span.end), Some(&*model.written));
            prop_assert!(found.site.lines.contains(&span.line));
            for beside in found.place.beside {
                prop_assert!(source.get(beside.span.start..beside.span.end).is_some());
            }
        }
    }
}
