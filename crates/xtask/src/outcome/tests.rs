//! Tests of reading the output of `cargo test`.

use super::{Reader, Show};
use crate::tally::Count;

const OUTPUT: &str = "\
     Running unittests src/lib.rs (target/release/deps/domain-0123456789abcdef)

running 3 tests
test names::tests::a_name_is_short ... ok
test decide::tests::properties::is_total ... ok
test money::tests::adds ... FAILED

successes:

---- names::tests::a_name_is_short stdout ----
test in prose ... ok
skipped: 2 fact files (the shared folder is not there)

successes:
    names::tests::a_name_is_short

failures:

---- money::tests::adds stdout ----
assertion failed

failures:
    money::tests::adds

test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s

     Running tests/it/main.rs (target/release/deps/it-fedcba9876543210)
test story::walk ... ok
test exposure::every_route_is_closed ... ok
test clients::openai ... ok
test story::off ... ignored
test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 2s

     Running tests/clients/main.rs (target/release/deps/clients-0011223344556677)
test current::openai_answers_over_chat ... ok
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 2s

   Doc-tests domain
test crates/domain/src/names.rs - names::Name (line 3) ... ok
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s
";

#[test]
fn tests_are_counted_by_kind_and_skips_by_number() {
    let mut reader = Reader::default();
    for line in OUTPUT.lines() {
        reader.line(line);
    }
    let tally = reader.finish();
    let of = |passed, failed, skipped| Count {
        passed,
        failed,
        skipped,
    };
    let found: Vec<(&str, Count)> = tally
        .kinds
        .iter()
        .map(|(kind, count)| (kind.as_str(), *count))
        .collect();
    let wanted = [
        ("client", of(2, 0, 0)),
        ("doc", of(1, 0, 0)),
        // One of the four that passed was cut in its line; the binary's own sum has it.
        ("end to end", of(2, 0, 1)),
        ("exposure", of(1, 0, 0)),
        ("property, domain", of(1, 0, 0)),
        ("unit, domain", of(1, 1, 2)),
    ];
    assert_eq!(found, wanted);
    assert_eq!(tally.total(), of(8, 1, 3));
    assert_eq!(tally.failures, ["domain money::tests::adds"]);
    let why = "domain names::tests::a_name_is_short: 2 fact files (the shared folder is not there)";
    assert_eq!(tally.skips, [why, "it story::off (ignored)"]);
    assert!(
        tally
            .report()
            .ends_with("\n8 passed, 1 failed, 3 skipped\n"),
        "{}",
        tally.report()
    );
}

#[test]
fn passing_tests_are_quiet_and_failing_ones_speak() {
    let mut reader = Reader::default();
    let shown: Vec<&str> = OUTPUT
        .lines()
        .filter(|l| reader.line(l) == Show::Line)
        .collect();
    assert!(shown.contains(&"assertion failed"), "{shown:?}");
    assert!(
        shown.contains(&"test money::tests::adds ... FAILED"),
        "{shown:?}"
    );
    assert!(
        !shown.iter().any(|line| line.contains("in prose")),
        "{shown:?}"
    );
    assert!(!shown.contains(&"test story::walk ... ok"), "{shown:?}");
}
