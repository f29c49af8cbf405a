//! What files name, language by language, and what no bytes may do.

mod elsewhere;
mod properties;

use std::sync::LazyLock;

use domain::Facts;

use super::Scanner;
use crate::role::Role;
use crate::roles;
use crate::scanned::FileScan;
use crate::skip::Skip;

/// Made once: the tests scan thousands of files.
static SCANNER: LazyLock<Scanner> =
    LazyLock::new(|| Scanner::new(&Facts::shipped().expect("facts")).expect("scanner"));

fn scan(path: &str, source: &str) -> FileScan {
    SCANNER.scan_file(path, source.as_bytes())
}

/// Checks what a file names: line, id and role of each finding.
#[track_caller]
fn check(path: &str, source: &str, expected: &[(u32, &str, Role)]) {
    let scanned = scan(path, source);
    let found: Vec<_> = scanned
        .found
        .iter()
        .map(|found| {
            let site = &found.site;
            (site.span.line, site.model.id.as_str(), site.role)
        })
        .collect();
    assert_eq!(found, expected, "in {path}:\n{source}");
}

#[test]
fn every_rule_tells_its_example_and_leaves_its_counterexample() {
    for rule in roles::role_rows() {
        let ((path, source), (counter_path, counter)) = (rule.example, rule.counterexample);
        let scanned = scan(path, source);
        let told: Vec<_> = scanned.found.iter().map(|found| found.rule).collect();
        assert!(
            told.contains(&rule.name),
            "{} is {told:?} in {source}",
            rule.name
        );
        let scanned = scan(counter_path, counter);
        let told: Vec<_> = scanned.found.iter().map(|found| found.rule).collect();
        assert!(
            !told.contains(&rule.name),
            "{} is told in {counter}",
            rule.name
        );
    }
}

#[test]
fn names_of_rules_are_unique() {
    let mut names: Vec<_> = roles::all().map(|rule| rule.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn python() {
    check(
        "a.py",
        "import os\n\
         MODEL = os.getenv(\"MODEL\", \"gpt-4o\")\n\
         def ask(q, model=\"gpt-4o-mini\"):\n    return client.create(model=\"o1\", q=q)\n\
         chosen = given or \"gpt-4.1\"\n\
         if model.startswith(\"gpt-5\"):\n    pass\n\
         class Agent:\n    \"\"\"Asks gpt-5.1.\"\"\"\n    model: str = \"gpt-5.2\"\n\
         f(**{\"model\": \"gpt-5-mini\"})\n",
        &[
            (2, "gpt-4o", Role::EnvironmentDefault),
            (3, "gpt-4o-mini", Role::Default),
            (4, "o1", Role::LiveCall),
            (5, "gpt-4.1", Role::Default),
            (6, "gpt-5", Role::AllowList),
            (9, "gpt-5.1", Role::Comment),
            (10, "gpt-5.2", Role::Default),
            (11, "gpt-5-mini", Role::LiveCall),
        ],
    );
}

#[test]
fn typescript() {
    check(
        "a.ts",
        "const m = process.env.MODEL ?? \"gpt-4o\";\n\
         function ask({ model = \"gpt-4o-mini\" }) { return model; }\n\
         await generateText({ model: openai(\"gpt-4.1\"), temperature: 0 });\n\
         const old = /^gpt-4(?!o)/.test(model);\n\
         switch (model) { case \"gpt-5\": break; }\n\
         type M = \"gpt-4o\" | \"gpt-4\" | \"gpt-5\";\n\
         const view = <Chat model=\"gpt-5.1\" />; // or gpt-5.2\n",
        &[
            (1, "gpt-4o", Role::EnvironmentDefault),
            (2, "gpt-4o-mini", Role::Default),
            (3, "gpt-4.1", Role::LiveCall),
            (4, "gpt-4", Role::AllowList),
            (5, "gpt-5", Role::AllowList),
            (6, "gpt-4o", Role::Catalogue),
            (7, "gpt-5.1", Role::Default),
            (7, "gpt-5.2", Role::Comment),
        ],
    );
}

#[test]
fn go() {
    check(
        "a.go",
        "package a\n\
         const defaultModel = \"gpt-4o\"\n\
         func ask() {\n\
         r, err := c.Create(ctx, openai.Request{Model: openai.GPT4oMini, N: 1})\n\
         llm, err := openai.New(openai.WithModel(\"gpt-4.1\"))\n\
         if strings.HasPrefix(model, \"gpt-5\") { return }\n\
         switch model {\ncase \"o3\":\n\treturn\n}\n}\n",
        &[
            (2, "gpt-4o", Role::Default),
            (4, "gpt-4o-mini", Role::LiveCall),
            (5, "gpt-4.1", Role::LiveCall),
            (6, "gpt-5", Role::AllowList),
            (8, "o3", Role::AllowList),
        ],
    );
}

#[test]
fn rust() {
    check(
        "a.rs",
        "const MODEL: &str = \"gpt-4o\"; // not gpt-4\n\
         fn ask() {\n\
         let m = std::env::var(\"MODEL\").unwrap_or_else(|_| \"gpt-4o-mini\".to_string());\n\
         let r = Request { model: \"gpt-4.1\".into(), n: 1 };\n\
         match model { \"o3\" => 1, _ => 2 };\n\
         if model.starts_with(\"gpt-5\") {}\n\
         }\n\
         mod tests { fn a() { ask(\"gpt-5.1\"); } }\n",
        &[
            (1, "gpt-4o", Role::Default),
            (1, "gpt-4", Role::Comment),
            (3, "gpt-4o-mini", Role::EnvironmentDefault),
            (4, "gpt-4.1", Role::LiveCall),
            (5, "o3", Role::AllowList),
            (6, "gpt-5", Role::AllowList),
            (8, "gpt-5.1", Role::TestFixture),
        ],
    );
}

#[test]
fn java() {
    check(
        "src/A.java",
        "import static x.OpenAiChatModelName.GPT_4_O;\n\
         class A {\n\
         static final String MODEL = \"gpt-4o-mini\";\n\
         @Value(\"${model:gpt-4.1}\") String model;\n\
         void ask() {\n\
         var m = OpenAiChatModel.builder().modelName(GPT_4_O).temperature(0.3).build();\n\
         if (\"gpt-5\".equals(model)) { return; }\n\
         }\n}\n",
        &[
            (1, "gpt-4o", Role::LiveCall),
            (3, "gpt-4o-mini", Role::Default),
            (4, "gpt-4.1", Role::LiveCall),
            (6, "gpt-4o", Role::LiveCall),
            (7, "gpt-5", Role::AllowList),
        ],
    );
}

#[test]
fn settings_and_machines() {
    check(
        "app.yaml.txt",
        "model: gpt-4o\n",
        &[(1, "gpt-4o", Role::Documentation)],
    );
    check(
        "conf.yaml",
        "llm:\n  model: openai/gpt-4o  # was gpt-4\n  description: Asks gpt-4.1 for help.\n",
        &[
            (2, "gpt-4o", Role::Configuration),
            (2, "gpt-4", Role::Comment),
            (3, "gpt-4.1", Role::Documentation),
        ],
    );
    check(
        "a.toml",
        "[llm]\nmodel = \"gpt-4o\"\n",
        &[(2, "gpt-4o", Role::Configuration)],
    );
    check(
        ".env.example",
        "MODEL=gpt-4o\n# MODEL=gpt-4\n",
        &[
            (1, "gpt-4o", Role::Configuration),
            (2, "gpt-4", Role::Comment),
        ],
    );
    check(
        "Dockerfile",
        "FROM a\nENV MODEL=gpt-4o\n",
        &[(2, "gpt-4o", Role::Infrastructure)],
    );
    check(
        "docker-compose.yml",
        "services:\n  a:\n    environment:\n      - MODEL=gpt-4o\n",
        &[(4, "gpt-4o", Role::Infrastructure)],
    );
    check(
        "main.tf",
        "variable \"m\" {\n  default = \"anthropic.claude-3-haiku-20240307-v1:0\"\n}\n",
        &[(
            2,
            "anthropic.claude-3-haiku-20240307-v1:0",
            Role::Infrastructure,
        )],
    );
    check(
        "run.sh",
        "MODEL=\"${MODEL:-gpt-4o}\"\nllm --model gpt-4o-mini hi # not gpt-4\n",
        &[
            (1, "gpt-4o", Role::EnvironmentDefault),
            (2, "gpt-4o-mini", Role::LiveCall),
            (2, "gpt-4", Role::Comment),
        ],
    );
    check(
        ".github/workflows/a.yml",
        "jobs:\n  a:\n    steps:\n      - run: |\n          llm -m gpt-4o\n",
        &[(5, "gpt-4o", Role::CiWorkflow)],
    );
}

#[test]
fn a_notebook_is_read_by_the_lines_of_its_file() {
    let source = r#"{
 "cells": [
  {
   "cell_type": "code",
   "source": [
    "m = 1\n",
    "c.create(model=\"gpt-4o\", temperature=0)"
   ]
  }
 ]
}"#;
    let scanned = scan("a.ipynb", source);
    let found = scanned.found.first().expect("a finding");
    assert_eq!((found.site.span.line, found.site.role), (7, Role::Notebook));
    let beside: Vec<_> = found
        .place
        .beside
        .iter()
        .map(|one| (&*one.name, one.span.line))
        .collect();
    assert_eq!(beside, [("temperature", 7)]);
}

#[test]
fn a_constant_is_the_site_and_its_call_says_the_rest() {
    let source = "MODEL = \"gpt-4o\"\n\n\ndef ask():\n    return c.create(model=MODEL, top_p=1)\n";
    let scanned = scan("a.py", source);
    assert_eq!(scanned.found.len(), 1);
    let found = scanned.found.first().expect("a finding");
    assert_eq!((found.site.span.line, found.site.role), (1, Role::LiveCall));
    assert_eq!(
        found.site.model.resolved_from,
        ["MODEL, call of c.create, line 5"]
    );
    let beside: Vec<_> = found
        .place
        .beside
        .iter()
        .map(|one| (&*one.name, one.span.line))
        .collect();
    assert_eq!(beside, [("top_p", 5)]);
}

#[test]
fn names_joined_from_parts_are_worked_out() {
    for (path, source, id) in [
        ("a.py", "V = \"4o\"\nask(model=f\"gpt-{V}\")\n", "gpt-4o"),
        ("a.py", "ask(model=\"gpt-\" + \"4o\")\n", "gpt-4o"),
        (
            "a.py",
            "T = \"mini\"\nask(model=\"gpt-4o-\" + T)\n",
            "gpt-4o-mini",
        ),
        (
            "a.ts",
            "const v = \"4.1\";\nask({ model: `gpt-${v}` });\n",
            "gpt-4.1",
        ),
        (
            "a.py",
            "R = \"us\"\nask(model=f\"{R}.anthropic.claude-v2\")\n",
            "anthropic.claude-v2",
        ),
    ] {
        let scanned = scan(path, source);
        let ids: Vec<_> = scanned
            .found
            .iter()
            .map(|found| &*found.site.model.id)
            .collect();
        assert_eq!(ids, [id], "in {source}");
        let found = scanned.found.first().expect("a finding");
        assert!(!found.site.model.resolved_from.is_empty(), "in {source}");
    }
    check("a.py", "ask(model=f\"gpt-{chosen()}\")\n", &[]);
}

#[test]
fn what_stands_beside_a_name_is_told_with_keys_within_keys() {
    let source = "c.create({ model: \"gpt-4o\", thinking: { type: \"enabled\" }, n: 1 });\n";
    let scanned = scan("a.ts", source);
    let found = scanned.found.first().expect("a finding");
    let beside: Vec<_> = found
        .place
        .beside
        .iter()
        .map(|one| (&*one.name, &*one.value))
        .collect();
    let whole = "{ type: \"enabled\" }";
    assert_eq!(
        beside,
        [
            ("thinking", whole),
            ("thinking.type", "enabled"),
            ("n", "1")
        ]
    );
}

#[test]
fn a_chain_of_calls_stands_beside_its_model() {
    let source = "class A { Object m = M.builder().topP(1.0).modelName(\"gpt-4o\")\n\
                  .temperature(0.3).build(); }\n";
    let scanned = scan("A.java", source);
    let found = scanned.found.first().expect("a finding");
    let mut beside: Vec<_> = found.place.beside.iter().map(|one| &*one.name).collect();
    beside.sort_unstable();
    assert_eq!(beside, ["temperature", "topP"]);
}

#[test]
fn a_table_is_one_finding_with_all_its_lines() {
    let source = "PRICES = {\n  \"gpt-4o\": 2.5,\n  \"gpt-4\": 30.0,\n  \"gpt-5\": 1.25,\n}\n";
    let scanned = scan("a.py", source);
    assert_eq!(scanned.found.len(), 1);
    let site = &scanned.found.first().expect("a finding").site;
    assert_eq!(
        (site.role, site.names, &*site.lines),
        (Role::Catalogue, 3, &[2, 3, 4][..])
    );
}

#[test]
fn parts_of_names_are_logic_where_a_model_is_asked() {
    check(
        "a.py",
        "if \"claude\" in model:\n    a()\n",
        &[(1, "claude", Role::AllowList)],
    );
    check("a.py", "if \"claude\" in provider:\n    a()\n", &[]);
    check(
        "a.go",
        "package a\nfunc f(modelID string) bool { return strings.Contains(modelID, \"claude\") }\n",
        &[(2, "claude", Role::AllowList)],
    );
    check("a.py", "name = \"claude\"\n", &[]);
    check(
        "a.py",
        "if \"opus-4-\" in model:\n    a()\n",
        &[(1, "opus-4", Role::AllowList)],
    );
    check("a.py", "import x from \"ollama/thing\"\n", &[]);
    check(
        "a.yaml",
        "model: ollama/thing\n",
        &[(1, "thing", Role::Configuration)],
    );
}

#[test]
fn a_word_among_models_is_one_only_where_models_stand() {
    check(
        "a.yaml",
        "services:\n  a:\n    image: ollama/ollama:0.5.12\n    model: gpt-4o\n",
        &[(4, "gpt-4o", Role::Configuration)],
    );
    check(
        "a.py",
        "TRIED = ['gpt-4o', 'o1']\norder = {'id': 'o1', 'n': 1}\n",
        &[(1, "gpt-4o", Role::Catalogue), (1, "o1", Role::Catalogue)],
    );
}

#[test]
fn what_people_read_names_models_as_people_do() {
    check(
        "a.tsx",
        "const a = { label: \"GPT-4o\" };\nconst b = { kind: \"GPT-4o\" };\n\
         const c = <p>Claude 3.5 Haiku</p>;\n",
        &[
            (1, "gpt-4o", Role::Documentation),
            (3, "claude-3.5-haiku", Role::Documentation),
        ],
    );
}

#[test]
fn addresses_are_models_only_where_an_api_is_asked() {
    check(
        "a.py",
        "u = \"https://platform.openai.com/docs/models/gpt-4o\"\n",
        &[],
    );
    check(
        "a.py",
        "get(\"https://x.googleapis.com/v1/models/gemini-2.5-pro:generateContent\")\n",
        &[(1, "gemini-2.5-pro", Role::LiveCall)],
    );
}

#[test]
fn the_platform_is_told_by_what_is_called() {
    for (source, platform) in [
        ("ChatOpenAI(model=\"gpt-4o\")\n", Some("openai")),
        ("AzureChatOpenAI(model=\"gpt-4o\")\n", Some("azure")),
        ("ask(model=\"gpt-4o\")\n", None),
        (
            "u = \"https://openrouter.ai\"\nask(model=\"openai/gpt-4o\")\n",
            Some("openrouter"),
        ),
        ("ask(model=\"openai/gpt-4o\")\n", Some("openai")),
    ] {
        let scanned = scan("a.py", source);
        let found = scanned.found.first().expect("a finding");
        assert_eq!(
            found.site.model.platform.as_deref(),
            platform,
            "in {source}"
        );
    }
}

#[test]
fn the_wire_api_is_told_by_what_is_called() {
    for (source, dialect) in [
        (
            "c.chat.completions.create(model=\"gpt-4o\")\n",
            Some("openai-chat"),
        ),
        (
            "MODEL = \"gpt-4o\"\nc.responses.create(model=MODEL)\n",
            Some("openai-responses"),
        ),
        (
            "c.messages.create(model=\"claude-opus-4-5\")\n",
            Some("anthropic-messages"),
        ),
        ("ask(model=\"gpt-4o\")\n", None),
    ] {
        let scanned = scan("a.py", source);
        let found = scanned.found.first().expect("a finding");
        assert_eq!(found.site.dialect, dialect, "in {source}");
    }
}

#[test]
fn broken_syntax_is_read_by_lines() {
    let scanned = scan(
        "a.py",
        "def ((( \nask(model=\"gpt-4o\"\nclass ) = }\nm = \"gpt-4\"\n",
    );
    let ids: Vec<_> = scanned
        .found
        .iter()
        .map(|found| &*found.site.model.id)
        .collect();
    assert_eq!(ids, ["gpt-4o", "gpt-4"]);
    let scanned = scan("a.json", "{{{ \"model\" \"gpt-4o\"");
    assert_eq!(scanned.found.len(), 1);
}

#[test]
fn files_that_nobody_reads_are_skipped_with_a_reason() {
    let skipped = |path: &str, bytes: &[u8]| SCANNER.scan_file(path, bytes).skipped;
    assert_eq!(skipped("a.py", b"gpt-4o\0"), Some(Skip::Binary));
    assert_eq!(skipped("a.py", &vec![b'a'; 6 << 20]), Some(Skip::Huge));
    assert_eq!(skipped("a.min.js", b"gpt-4o"), Some(Skip::Minified));
    let long = format!("var a = \"gpt-4o\";{}", " ".repeat(6_000));
    assert_eq!(skipped("a.js", long.as_bytes()), Some(Skip::Minified));
    assert_eq!(
        skipped("a.py", b"m = 'gpt-4o' # \xff"),
        Some(Skip::Encoding)
    );
    assert_eq!(skipped("x/yarn.lock", b"gpt-4o"), Some(Skip::LockFile));
    assert_eq!(skipped("a.py", b"m = 'gpt-4o'"), None);
}

#[test]
fn what_nests_without_end_is_read_as_far_as_it_goes() {
    for (path, open) in [
        ("a.py", "["),
        ("a.json", "["),
        ("a.ts", "{a:"),
        ("a.rs", "f("),
    ] {
        let source = format!("{}\"gpt-4o\"", open.repeat(20_000));
        let scanned = scan(path, &source);
        assert!(scanned.found.len() <= 1, "in {path}");
    }
}

#[test]
fn lines_and_columns_are_those_of_editors() {
    let scanned = scan("a.py", "x = 1\r\né = ask(\"gpt-4o\")\r\n");
    let span = scanned.found.first().expect("a finding").site.span;
    assert_eq!((span.line, span.column, span.end_column), (2, 10, 16));
}
