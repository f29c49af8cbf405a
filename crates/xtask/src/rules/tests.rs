//! Each rule finds a planted fault and passes its clean twin.

use super::RULES;
use crate::finding::Finding;
use crate::tree::Tree;

/// Is one planted fault: the tree with it, and the nearest tree without it.
struct Case {
    rule: &'static str,
    fault: Vec<(&'static str, String)>,
    /// The path and line that the finding must name.
    at: (&'static str, usize),
    clean: Vec<(&'static str, String)>,
}

fn case(
    rule: &'static str,
    at: (&'static str, usize),
    fault: Vec<(&'static str, String)>,
    clean: Vec<(&'static str, String)>,
) -> Case {
    Case {
        rule,
        fault,
        at,
        clean,
    }
}

/// Is a Rust file with its header.
fn rust(path: &'static str, code: &str) -> (&'static str, String) {
    (path, format!("//! About.\n{code}"))
}

fn plain(path: &'static str, text: &str) -> (&'static str, String) {
    (path, text.to_owned())
}

/// Is a pair of one-file trees.
fn one(rule: &'static str, line: usize, path: &'static str, fault: &str, clean: &str) -> Case {
    case(
        rule,
        (path, line),
        vec![rust(path, fault)],
        vec![rust(path, clean)],
    )
}

const A: &str = "crates/gateway/src/a.rs";
const TESTS: &str = "crates/gateway/src/a/tests.rs";
const GATEWAY: &str = "crates/gateway/Cargo.toml";
const ROOT: &str = "Cargo.toml";
const PURE: &str = "crates/domain/src/a.rs";

fn shapes() -> Vec<Case> {
    let body = |lines: usize| format!("fn f() {{\n{}}}\n", "    step();\n".repeat(lines));
    let steps = |count: usize| "const X: u8 = 1;\n".repeat(count);
    let in_tests = format!(
        "{}#[cfg(test)]\nmod inner {{\n{}}}\n",
        steps(500),
        steps(200)
    );
    let wide = |count: usize| format!("// {}\n", "word ".repeat(count));
    let unbroken = format!("// https://{}\n", "x".repeat(120));
    vec![
        one("function-length", 2, A, &body(69), &body(68)),
        one("function-length", 2, TESTS, &body(69), &body(68)),
        one("file-length", 601, A, &steps(600), &steps(599)),
        one("file-length", 601, A, &steps(600), &in_tests),
        case(
            "file-length",
            (A, 601),
            vec![rust(A, &steps(600))],
            vec![rust(TESTS, &steps(600))],
        ),
        one("line-length", 2, A, &wide(20), &wide(19)),
        one("line-length", 2, A, &wide(20), &unbroken),
        one(
            "arguments",
            2,
            A,
            "fn f(&self, a: M<u8, u8>, b: (u8, u8), c: u8, d: u8, e: u8, f: u8) {}",
            "fn f(&self, a: M<u8, u8>, b: (u8, u8), c: u8, d: u8, e: [u8; 2],) {}",
        ),
        one(
            "boolean-parameter",
            2,
            A,
            "pub fn f(a: bool) {}",
            "fn f(a: bool) {}",
        ),
        one(
            "boolean-parameter",
            2,
            A,
            "pub(crate) fn f(a: bool) {}",
            "pub fn f() -> bool {}",
        ),
    ]
}

fn panics() -> Vec<Case> {
    let pairs = [
        (
            "fn f() { x.unwrap(); }",
            "fn f() { x.unwrap_or(1); \"x.unwrap()\"; }",
        ),
        (
            "fn f() { x.expect(\"y\"); }",
            "// x.expect(\"y\")\nfn f() { expect(\"y\"); }",
        ),
        (
            "fn f() { panic!(\"y\"); }",
            "#[cfg(test)]\nmod m {\n fn f() { panic!(\"y\"); }\n}",
        ),
        ("fn f() { todo!() }", "fn todo() { r#\"todo!()\"#; }"),
        (
            "fn f() { unimplemented!() }",
            "#[test]\nfn f() { unimplemented!() }",
        ),
        ("fn f() { unreachable!() }", "fn f() { assert!(x); }"),
        (
            "#[cfg(not(test))] fn f() { x.unwrap() }",
            "#[cfg(test)] fn f() { x.unwrap() }",
        ),
    ];
    let pairs = pairs.iter();
    pairs
        .map(|(fault, clean)| one("panic", 2, A, fault, clean))
        .collect()
}

fn conducts() -> Vec<Case> {
    vec![
        case(
            "header",
            (A, 1),
            vec![plain(A, "fn f() {}\n")],
            vec![rust(A, "fn f() {}\n")],
        ),
        case(
            "panic",
            (A, 2),
            vec![rust(A, "fn f() { x.unwrap() }")],
            // A module declared for tests is a test, whatever the name of its file.
            vec![
                rust(A, "#[cfg(test)]\nmod planted;"),
                rust("crates/gateway/src/a/planted.rs", "fn f() { x.unwrap() }"),
            ],
        ),
        one("todo", 2, A, "// TODO: later", "// TODO(#12): later"),
        one("todo", 2, A, "/* FIXME */", "const X: &str = \"TODO\";"),
        case(
            "todo",
            ("clients/a/a.py", 1),
            vec![plain("clients/a/a.py", "# TODO later")],
            vec![plain("clients/a/a.py", "# TODO #3 later")],
        ),
    ]
}

fn switched_off() -> Vec<Case> {
    vec![
        one(
            "ignored-test",
            2,
            TESTS,
            "#[ignore] fn f() {}",
            "fn ignore() {}",
        ),
        one(
            "ignored-test",
            2,
            A,
            "#[ignore = \"slow\"] fn f() {}",
            "// #[ignore]",
        ),
        one(
            "ignored-test",
            2,
            A,
            "#[cfg_attr(x, ignore)] fn f() {}",
            "#[allow(ignore)] fn f() {}",
        ),
        one(
            "sleep-in-test",
            2,
            TESTS,
            "fn f() { std::thread::sleep(x); }",
            "fn f() { \"sleep\" }",
        ),
        one(
            "sleep-in-test",
            3,
            A,
            "#[cfg(test)]\nmod m { async fn f() { tokio::time::sleep(x).await } }",
            "async fn stall() { tokio::time::sleep(x).await }",
        ),
        case(
            "sleep-in-test",
            ("clients/a/a.py", 2),
            vec![plain("clients/a/a.py", "import time\ntime.sleep(1)\n")],
            vec![plain("clients/a/a.py", "import time\n")],
        ),
    ]
}

fn names() -> Vec<Case> {
    let identifiers = [
        ("fn get_name() {}", "fn get() {}"),
        ("fn process_line() {}", "fn processes() {}"),
        ("fn handle_error() {}", "fn handles() {}"),
        ("fn f() { let user_data = 1; }", "fn data_dir() {}"),
        ("fn f(data: &[u8]) {}", "struct Chunk { data: u8 }"),
        ("struct ModelInfo;", "struct Infos;"),
        ("fn f() { let mut handler = 1; }", "fn f() { \"handler\"; }"),
        ("struct KeyManager;", "struct Managed;"),
        ("enum Challenger {}", "enum Candidate {}"),
        ("fn revert_move() {}", "fn roll_back() {}"),
        ("const MAX_SPEND: u8 = 1;", "const MAX_COST: u8 = 1;"),
        (
            "struct U { prompt_tokens: u8 }",
            "struct U { input_tokens: u8 }",
        ),
    ];
    let mut cases: Vec<Case> = identifiers
        .iter()
        .map(|(fault, clean)| one("identifier", 2, A, fault, clean))
        .collect();
    let file = |path| vec![rust(path, "fn f() {}")];
    let wire = "crates/wire/src/a.rs";
    cases.extend([
        one(
            "identifier",
            2,
            A,
            "fn get_name() {}",
            "#[cfg(test)]\nmod m {\n fn get_x() {}\n}",
        ),
        case(
            "identifier",
            (A, 2),
            vec![rust(A, "struct U { completion_tokens: u8 }")],
            vec![rust(wire, "struct U { completion_tokens: u8 }")],
        ),
        one("module-name", 2, A, "mod utils {}", "mod tokens {}"),
    ]);
    let paths = [
        "crates/gateway/src/common.rs",
        "crates/gateway/src/types.rs",
        "crates/gateway/src/key_manager.rs",
        "crates/gateway/src/helpers/a.rs",
    ];
    cases.extend(paths.map(|path| case("module-name", (path, 1), file(path), file(A))));
    cases
}

fn manifests() -> Vec<Case> {
    let of = |path, fault: &str, clean: &str, rule, line| {
        case(
            rule,
            (path, line),
            vec![plain(path, fault)],
            vec![plain(path, clean)],
        )
    };
    vec![
        of(
            GATEWAY,
            "[dependencies]\nrelease.workspace = true\n",
            "[dependencies]\nwire.workspace = true\n",
            "crate-edge",
            2,
        ),
        of(
            GATEWAY,
            "[dependencies]\ntestkit.workspace = true\n",
            "[dev-dependencies]\ntestkit.workspace = true\n",
            "crate-edge",
            2,
        ),
        of(
            "crates/domain/Cargo.toml",
            "[dev-dependencies]\nwire = { workspace = true }\n",
            "[package]\nwire = 1\n",
            "crate-edge",
            2,
        ),
        case(
            "crate-edge",
            ("crates/extra/Cargo.toml", 1),
            vec![plain("crates/extra/Cargo.toml", "[package]\n")],
            vec![plain("crates/scan/Cargo.toml", "[package]\n")],
        ),
        of(
            "crates/xtask/Cargo.toml",
            "[dependencies]\nserde.workspace = true\n",
            "[dependencies]\n",
            "crate-edge",
            2,
        ),
    ]
}

fn tables() -> Vec<Case> {
    let of = |path, fault: &str, clean: &str, rule, line| {
        case(
            rule,
            (path, line),
            vec![plain(path, fault)],
            vec![plain(path, clean)],
        )
    };
    let table = |rows: &str| {
        let uses = "[dependencies]\nserde.workspace = true\nserde_json = { workspace = true }\n";
        vec![
            plain(ROOT, &format!("[workspace.dependencies]\n{rows}")),
            plain(GATEWAY, uses),
        ]
    };
    let good = "# Text formats.\nserde = \"1\"\nserde_json = { version = \"1\", features = [\n  \
                \"raw_value\",\n] }  # JSON\n";
    vec![
        of(
            GATEWAY,
            "[dependencies]\nserde = \"1\"\n",
            "[dependencies]\nserde.workspace = true\n",
            "workspace-table",
            2,
        ),
        case(
            "workspace-table",
            (ROOT, 2),
            table("serde = \"1\"\nserde_json = \"1\" # JSON\n"),
            table(good),
        ),
        case(
            "workspace-table",
            (ROOT, 4),
            table("serde = \"1\" # x\nserde_json = \"1\" # JSON\nregex = \"1\" # unused\n"),
            table(good),
        ),
    ]
}

fn imports() -> Vec<Case> {
    const B: &str = "crates/gateway/src/b.rs";
    const C: &str = "crates/gateway/src/c.rs";
    const CHILD: &str = "crates/gateway/src/a/child.rs";
    let fault = |at, fault, clean| case("import-cycle", (at, 2), fault, clean);
    vec![
        fault(
            A,
            vec![rust(A, "use crate::b::B;"), rust(B, "use crate::a::A;")],
            vec![rust(A, "use crate::b::B;"), rust(B, "// use crate::a::A;")],
        ),
        // Three files, through a group, `super` and a path in code.
        fault(
            A,
            vec![
                rust(A, "use crate::{b::{self, B}};"),
                rust(B, "use super::c::C;"),
                rust(C, "fn f() -> crate::a::A { crate::a::A::new() }"),
            ],
            vec![
                rust(A, "use crate::{b::{self, B}};"),
                rust(B, "use super::c::C;"),
                rust(C, "#[cfg(test)]\nmod m {\n use crate::a::A;\n}"),
            ],
        ),
        // A parent that uses its child and is used by it.
        fault(
            A,
            vec![
                rust(A, "pub use child::C;\nmod child;"),
                rust(CHILD, "use super::A;"),
            ],
            vec![rust(A, "mod child;"), rust(CHILD, "use super::A;")],
        ),
        fault(
            A,
            vec![
                rust(A, "fn f() { child::g() }\nmod child;"),
                rust(CHILD, "use crate::a::A;"),
            ],
            vec![
                rust(A, "fn f() { child::g() }\nmod child;"),
                rust(CHILD, "mod i { use super::A; }"),
            ],
        ),
    ]
}

fn upward_imports() -> Vec<Case> {
    const LIB: &str = "crates/gateway/src/lib.rs";
    const BIN_MAIN: &str = "crates/testkit/src/bin/x/main.rs";
    const BIN_LEAF: &str = "crates/testkit/src/bin/x/leaf.rs";
    let upward = |at, fault, clean| case("upward-import", at, fault, clean);
    vec![
        upward(
            (A, 2),
            vec![rust(LIB, "mod a;\npub use a::X;"), rust(A, "use crate::X;")],
            vec![
                rust(LIB, "mod a;\npub use a::X;"),
                rust(A, "pub(crate) struct X;"),
            ],
        ),
        upward(
            (A, 2),
            vec![rust(A, "use super::X;")],
            vec![rust(A, "use self::X;")],
        ),
        upward(
            (BIN_LEAF, 2),
            vec![
                rust(BIN_MAIN, "mod leaf;"),
                rust(BIN_LEAF, "use crate::Shape;"),
            ],
            vec![
                rust(BIN_MAIN, "mod leaf;\nuse leaf::Shape;"),
                rust(BIN_LEAF, ""),
            ],
        ),
    ]
}

fn impurities() -> Vec<Case> {
    let impure = [
        (
            "use std::time::Instant;\nfn f() { Instant::now() }",
            "use std::time::Instant;",
            3,
        ),
        (
            "fn f() { std::time::SystemTime::now() }",
            "fn f(now: SystemTime) {}",
            2,
        ),
        ("use std::{fs, fmt};", "use std::{fmt, io};", 2),
        (
            "fn f() { std::env::var(x) }",
            "const X: &str = env!(\"CARGO_PKG_NAME\");",
            2,
        ),
        ("use std::net::TcpStream;", "// std::net::TcpStream", 2),
        (
            "use tokio::sync::Mutex;",
            "#[cfg(test)]\nmod m {\n use tokio::sync::Mutex;\n}",
            2,
        ),
        (
            "fn f() { getrandom::fill(x) }",
            "fn f() { \"getrandom::fill\" }",
            2,
        ),
        ("use rand::Rng;", "use self::rand::Rng;", 2),
    ];
    let mut cases: Vec<Case> = impure
        .iter()
        .map(|(fault, clean, line)| one("purity", *line, PURE, fault, clean))
        .collect();
    cases.push(case(
        "purity",
        ("crates/ledger/src/a.rs", 2),
        vec![rust("crates/ledger/src/a.rs", "use std::fs;")],
        vec![rust("crates/store/src/a.rs", "use std::fs;")],
    ));
    cases
}

fn places() -> Vec<Case> {
    let text = |code: &str, path| vec![rust(path, code)];
    let home = concat!("/ho", "me/somebody/x");
    let long = |lines| vec![plain("ARCHITECTURE.md", &"A line.\n".repeat(lines))];
    let doc = |line: &str| vec![plain("docs/a.md", &format!("See\n{line}\n"))];
    vec![
        case(
            "provider-name",
            (A, 2),
            text("const X: &str = \"Anthropic-Version\";", A),
            text(
                "const X: &str = \"Anthropic-Version\";",
                "crates/wire/src/a.rs",
            ),
        ),
        one(
            "provider-name",
            2,
            A,
            "const X: &str = \"openai-chat\";",
            "// openai-chat",
        ),
        one(
            "provider-name",
            2,
            PURE,
            "const X: &str = r\"gemini\";",
            "const X: &str = \"g\";",
        ),
        case(
            "machine-path",
            ("docs/a.md", 2),
            doc(home),
            doc("https://a.example/home/somebody"),
        ),
        one(
            "machine-path",
            2,
            A,
            &format!("// see {home}"),
            "// see docs/home/",
        ),
        case(
            "architecture-length",
            ("ARCHITECTURE.md", 151),
            long(151),
            long(150),
        ),
    ]
}

fn cases() -> Vec<Case> {
    let groups = [
        shapes,
        panics,
        conducts,
        switched_off,
        names,
        manifests,
        tables,
        imports,
        upward_imports,
        impurities,
        places,
    ];
    groups.iter().flat_map(|group| group()).collect()
}

fn findings(files: &[(&'static str, String)]) -> Vec<(&'static str, Finding)> {
    let tree = Tree::of(
        files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.clone())),
    );
    let of = |rule: &'static crate::finding::Rule| {
        (rule.check)(&tree)
            .into_iter()
            .map(|finding| (rule.name, finding))
    };
    RULES.iter().flat_map(of).collect()
}

#[test]
fn a_planted_fault_is_found_where_it_is_and_by_its_rule_alone() {
    for Case {
        rule, fault, at, ..
    } in cases()
    {
        let found = findings(&fault);
        let places: Vec<(&str, &str, usize)> = found
            .iter()
            .map(|(by, f)| (*by, f.path.as_str(), f.line))
            .collect();
        assert!(
            places.contains(&(rule, at.0, at.1)),
            "{rule} at {at:?}, found {found:?}: {fault:?}"
        );
        assert!(
            found.iter().all(|(by, _)| *by == rule),
            "{rule}, found {found:?}: {fault:?}"
        );
    }
}

#[test]
fn a_clean_twin_passes_every_rule() {
    for Case { rule, clean, .. } in cases() {
        let found = findings(&clean);
        assert!(found.is_empty(), "{rule}, found {found:?}: {clean:?}");
    }
}

#[test]
fn every_rule_has_a_planted_fault_and_its_own_name() {
    for rule in RULES {
        assert!(
            cases().iter().any(|case| case.rule == rule.name),
            "no case for {}",
            rule.name
        );
        let same = RULES.iter().filter(|other| other.name == rule.name).count();
        assert_eq!(same, 1, "{}", rule.name);
    }
}

#[test]
fn a_cycle_is_told_in_order_and_once() {
    let file = |path: &str, code: &str| (path.to_owned(), format!("//! About.\n{code}"));
    let tree = Tree::of([
        file("crates/wire/src/a.rs", "use crate::b::B;"),
        file("crates/wire/src/b.rs", "use crate::c::C;"),
        file("crates/wire/src/c.rs", "use crate::a::A;"),
    ]);
    let found = super::imports::import_cycle(&tree);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].what.starts_with("a.rs → b.rs → c.rs → a.rs: "),
        "{found:?}"
    );
}
