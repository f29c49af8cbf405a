//! Which files a scan reads, and what their paths are relative to.

use serde_json::json;

use super::repository::{PYTHON, Repository};

#[test]
fn what_git_ignores_is_left_out_and_what_is_hidden_is_read() {
    let names = "MODEL=claude-opus-4-5\n";
    let repository = Repository::new(&[
        (".gitignore", "build/\n*.log\n"),
        ("app.py", PYTHON),
        ("build/app.py", PYTHON),
        ("run.log", names),
        (".env", names),
        (
            ".github/workflows/ci.yml",
            "env:\n  MODEL: claude-opus-4-5\n",
        ),
        (".git/config.py", PYTHON),
        (
            "node_modules/sdk/index.js",
            "const model = \"claude-opus-4-5\";\n",
        ),
        ("deep/.gitignore", "mine.py\n"),
        ("deep/mine.py", PYTHON),
        ("deep/yours.py", PYTHON),
    ]);
    let expected = [
        ".env",
        ".github/workflows/ci.yml",
        "app.py",
        "deep/yours.py",
    ];
    assert_eq!(repository.found(&["."]), expected);
}

#[test]
fn a_link_is_not_followed() {
    let repository = Repository::new(&[("real/app.py", PYTHON)]);
    std::os::unix::fs::symlink(repository.at("real"), repository.at("linked")).unwrap();
    std::os::unix::fs::symlink(repository.at("real/app.py"), repository.at("app.py")).unwrap();
    assert_eq!(repository.found(&["."]), ["real/app.py"]);
}

#[test]
fn patterns_take_and_leave_files_and_bring_nothing_back_that_git_ignores() {
    let repository = Repository::new(&[
        (".gitignore", "secret/\n"),
        ("secret/app.py", PYTHON),
        ("src/app.py", PYTHON),
        ("src/gen/app.py", PYTHON),
        ("tests/app.py", PYTHON),
        ("notes.md", "Ask claude-opus-4-5.\n"),
    ]);
    let found = |arguments: &[&str]| repository.found(&[&["."], arguments].concat());
    assert_eq!(found(&["--include", "*.md"]), ["notes.md"]);
    let python = ["src/app.py", "src/gen/app.py", "tests/app.py"];
    assert_eq!(found(&["--include", "*.py"]), python);
    let less = [
        "--include",
        "*.py",
        "--exclude",
        "gen/",
        "--exclude",
        "/tests",
    ];
    assert_eq!(found(&less), ["src/app.py"]);
}

#[test]
fn paths_are_relative_to_the_folder_or_to_where_one_stands() {
    let repository = Repository::new(&[("a/x.py", PYTHON), ("b/c/y.py", PYTHON)]);
    assert_eq!(repository.found(&["b"]), ["c/y.py"]);
    assert_eq!(repository.found(&["a", "b/c"]), ["a/x.py", "b/c/y.py"]);
    assert_eq!(repository.found(&["./b/../a/x.py"]), ["a/x.py"]);
    let whole = repository.at("b");
    assert_eq!(repository.found(&[whole.to_str().unwrap()]), ["c/y.py"]);
    let missing = repository.scan(&["a", "nowhere"]).is(2);
    assert!(
        missing.err.contains("nowhere cannot be scanned"),
        "{}",
        missing.err
    );
    assert_eq!(missing.out, "");
    repository.scan(&[]).is(2);
}

#[test]
fn what_is_left_out_is_counted_by_reason_and_listed_on_demand() {
    let repository = Repository::new(&[
        ("app.py", PYTHON),
        ("broken.py", "def (:\n  'claude-opus-4-5'\n"),
    ]);
    repository.put("logo.png", b"\x89PNG\0claude-opus-4-5");
    repository.put("latin.py", b"# \xe4\nmodel = 'claude-opus-4-5'\n");
    let mut huge = "x = 1\n".repeat(2_000_000);
    huge.push_str("model = 'claude-opus-4-5'\n");
    repository.put("huge.py", huge);
    let document = repository.json(&["."]);
    let skipped = json!([
        { "reason": "binary", "path": "logo.png" },
        { "reason": "encoding", "path": "latin.py" },
        { "reason": "huge", "path": "huge.py" },
    ]);
    assert_eq!(document["skipped"], skipped);
    assert_eq!(document["summary"]["files_read"], json!(2));
    let short = repository.scan(&["."]).is(0);
    let counted = "3 skipped: 1 binary, 1 encoding, 1 huge";
    assert!(
        short.out.contains(counted) && !short.out.contains("logo.png"),
        "{}",
        short.out
    );
    let long = repository.scan(&[".", "--verbose"]).is(0);
    assert!(long.out.contains("binary  logo.png"), "{}", long.out);
}

#[test]
fn findings_have_a_service_and_owners() {
    let repository = Repository::new(&[
        (".github/CODEOWNERS", "* @all\n/pay/ @payments\n"),
        ("pay/package.json", "{}\n"),
        ("pay/src/a.py", PYTHON),
        ("run.py", PYTHON),
    ]);
    let document = repository.json(&["."]);
    let told: Vec<_> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["path"].clone(),
                one["service"].clone(),
                one["owners"].clone(),
            )
        })
        .collect();
    let name = repository.path().file_name().unwrap().to_str().unwrap();
    let expected = [
        (json!("pay/src/a.py"), json!("pay"), json!(["@payments"])),
        (json!("run.py"), json!(name), json!(["@all"])),
    ];
    assert_eq!(told, expected);
    // A folder below the root is owned by the same rules.
    let below = repository.json(&["pay"]);
    assert_eq!(below["findings"][0]["owners"], json!(["@payments"]));
}
