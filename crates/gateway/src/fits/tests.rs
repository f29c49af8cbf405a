//! Holds the check against schemas: what fits, what does not, and what is not looked into. It must
//! not need a network.

use super::{Fit, schema};

fn check(rule: &str, text: &str, wanted: Fit) {
    assert_eq!(schema(rule, text), wanted, "{rule} {text}");
}

#[test]
fn a_text_is_held_against_its_schema() {
    let rule = r#"{"type":"object","properties":{"city":{"type":"string","pattern":"^[A-Z]"},
        "days":{"type":"integer","minimum":1}},"required":["city"],"additionalProperties":false}"#;
    check(rule, r#"{"city":"Oslo","days":2}"#, Fit::Right);
    check(rule, r#"{"city":"oslo"}"#, Fit::Wrong);
    check(rule, r#"{"city":"Oslo","days":0}"#, Fit::Wrong);
    check(rule, r#"{"days":2}"#, Fit::Wrong);
    check(rule, r#"{"city":"Oslo","x":1}"#, Fit::Wrong);
    check(rule, r#"{"city":"Oslo""#, Fit::Wrong);
    check(rule, "", Fit::Wrong);
}

#[test]
fn references_within_the_schema_are_followed() {
    let rule = r##"{"$defs":{"day":{"enum":["mon","tue"]}},"type":"object",
        "properties":{"from":{"$ref":"#/$defs/day"},"to":{"$ref":"#/$defs/day","title":"end"}}}"##;
    check(rule, r#"{"from":"mon","to":"tue"}"#, Fit::Right);
    check(rule, r#"{"from":"mon","to":"sun"}"#, Fit::Wrong);
}

#[test]
fn fields_may_be_called_like_a_schemas_words() {
    let rule = r#"{"type":"object","properties":{"definitions":{"type":"string"},
        "$ref":{"type":"string"},"enum":{"type":"integer"},"$id":{"type":"integer"}},
        "additionalProperties":false}"#;
    check(
        rule,
        r#"{"definitions":"a","$ref":"b","enum":1,"$id":2}"#,
        Fit::Right,
    );
    check(rule, r#"{"enum":"1"}"#, Fit::Wrong);
    check(r#"{"const":{"$ref":"x"}}"#, r#"{"$ref":"x"}"#, Fit::Right);
}

#[test]
fn what_may_take_for_ever_or_leads_elsewhere_is_not_looked_into() {
    // Each level doubles the work of the one below.
    let twice = |next: usize| {
        let one = format!(r##"{{"$ref":"#/$defs/d{next}"}}"##);
        format!(r#"{{"allOf":[{one},{one}]}}"#)
    };
    let defs: Vec<_> = (0..40)
        .map(|at| format!(r#""d{at}":{}"#, twice(at + 1)))
        .collect();
    let bomb = format!(
        r##"{{"$defs":{{{},"d40":{{"type":"string"}}}},"$ref":"#/$defs/d0"}}"##,
        defs.join(",")
    );
    check(&bomb, "1", Fit::Unknown);
    let branches = r##"{"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}"##;
    check(
        branches,
        &format!("{}1{}", "[".repeat(100), "]".repeat(100)),
        Fit::Unknown,
    );
    check(
        r#"{"$ref":"https://example.com/s.json"}"#,
        "1",
        Fit::Unknown,
    );
    check(r#"{"$ref":"file:///etc/passwd"}"#, "1", Fit::Unknown);
    check(r##"{"$ref":"#/$defs/absent"}"##, "1", Fit::Unknown);
    check(
        r#"{"$id":"https://example.com/","type":"string"}"#,
        "1",
        Fit::Unknown,
    );
    check(r#"{"pattern":"(?=a)"}"#, r#""a""#, Fit::Unknown);
    check(r#"{"type":"nothing"}"#, "1", Fit::Unknown);
    check("[", "1", Fit::Unknown);
    check(
        &format!(r#"{{"title":"{}"}}"#, "x".repeat(70_000)),
        "1",
        Fit::Unknown,
    );
    let long = "x".repeat(60_000);
    let copies = [r##"{"$ref":"#/$defs/long"}"##; 900].join(",");
    let large = format!(
        r#"{{"$defs":{{"long":{{"title":"{}"}}}},"allOf":[{copies}]}}"#,
        &long[..30_000]
    );
    check(&large, "1", Fit::Unknown);
    // Runs in a time linear in the text, where one that goes back would not end.
    let slow = format!(r#""{}!""#, "a".repeat(50_000));
    check(r#"{"pattern":"^(a+)+$"}"#, &slow, Fit::Wrong);
}
