//! The rules of tidy, one row each. A new rule is a function in one of the files below, a row
//! here, and a planted fault with its clean twin in the tests.
//! It must not know how findings are shown.

mod conduct;
mod imports;
mod manifests;
mod places;
mod purity;
mod shape;
mod words;

#[cfg(test)]
mod tests;

use crate::finding::Rule;

/// Lists every rule.
pub const RULES: &[Rule] = &[
    Rule {
        name: "function-length",
        about: "a function has at most 70 lines",
        check: shape::function_length,
    },
    Rule {
        name: "file-length",
        about: "a Rust file has at most 600 lines, tests apart",
        check: shape::file_length,
    },
    Rule {
        name: "line-length",
        about: "a line of Rust has at most 100 characters",
        check: shape::line_length,
    },
    Rule {
        name: "arguments",
        about: "a function takes at most 6 arguments",
        check: shape::arguments,
    },
    Rule {
        name: "boolean-parameter",
        about: "a public function takes no boolean",
        check: shape::boolean_parameter,
    },
    Rule {
        name: "header",
        about: "a Rust file opens with `//!`",
        check: conduct::header,
    },
    Rule {
        name: "panic",
        about: "nothing outside tests can panic on purpose",
        check: conduct::panics,
    },
    Rule {
        name: "todo",
        about: "a TODO bears an issue number",
        check: conduct::todo,
    },
    Rule {
        name: "ignored-test",
        about: "no test is ignored",
        check: conduct::ignored_test,
    },
    Rule {
        name: "sleep-in-test",
        about: "no test sleeps",
        check: conduct::sleep_in_test,
    },
    Rule {
        name: "module-name",
        about: "no file or module is a drawer for everything",
        check: words::module_name,
    },
    Rule {
        name: "identifier",
        about: "names use the words of the design",
        check: words::identifier,
    },
    Rule {
        name: "crate-edge",
        about: "crates depend on each other as `STYLE.md` says",
        check: manifests::crate_edge,
    },
    Rule {
        name: "workspace-table",
        about: "every dependency stands in the workspace table, with a comment, and is used",
        check: manifests::workspace_table,
    },
    Rule {
        name: "import-cycle",
        about: "files of a crate do not import each other in a cycle",
        check: imports::import_cycle,
    },
    Rule {
        name: "upward-import",
        about: "nobody inside a crate imports its `lib.rs` or `main.rs`",
        check: imports::upward_import,
    },
    Rule {
        name: "purity",
        about: "pure crates use no clock, randomness, files, environment, network or runtime",
        check: purity::purity,
    },
    Rule {
        name: "provider-name",
        about: "only adapters and facts name a provider or a dialect",
        check: places::provider_name,
    },
    Rule {
        name: "machine-path",
        about: "no file names a path of somebody's machine",
        check: places::machine_path,
    },
    Rule {
        name: "architecture-length",
        about: "`ARCHITECTURE.md` has at most 150 lines",
        check: places::architecture_length,
    },
];
