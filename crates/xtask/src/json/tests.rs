//! Values read from text.

use super::Json;

#[test]
fn values_of_all_kinds_are_read() {
    let text = r#" {"a": [1, -2.5e3, "x\"\né"], "b": {"c": null}, "d": true, "e": [], "f": {}} "#;
    let json = Json::read(text).expect("JSON");
    let a = json.get("a").expect("a list").values();
    assert_eq!(a.first().and_then(|one| one.number()), Some(1));
    assert_eq!(a.get(1).and_then(|one| one.float()), Some(-2500.0));
    assert_eq!(a.get(2).and_then(|one| one.text()), Some("x\"\né"));
    assert_eq!(
        json.get("b").and_then(|b| b.get("c")),
        Some(&Json::Word("null".to_owned()))
    );
    assert_eq!(json.get("e"), Some(&Json::List(Vec::new())));
    assert_eq!(json.get("nothing"), None);
}

#[test]
fn what_is_not_json_is_none() {
    for text in [
        "",
        "{",
        "[1",
        "{\"a\" 1}",
        "{\"a\": }",
        "nothing",
        "\"a",
        &"[".repeat(5_000),
    ] {
        assert_eq!(Json::read(text), None, "{text}");
    }
}
