//! Cassettes are read as their writers meant them. It must not know a provider.

use super::{Node, YamlError};

fn json(yaml: &str) -> String {
    Node::parse(yaml).unwrap().json()
}

#[test]
fn scalars_keep_their_spelling_and_quoted_ones_are_text() {
    let yaml = "a: 1.0\nb: '1.0'\nc: 7.79e-05\nd: 1e5\ne: true\nf: 'true'\ng:\nh: ~\n\
                i: 9007199254740993\nj: -2\n";
    assert_eq!(
        json(yaml),
        r#"{"a":1.0,"b":"1.0","c":7.79e-05,"d":"1e5","e":true,"f":"true","g":null,"h":null,"i":9007199254740993,"j":-2}"#
    );
}

#[test]
fn order_nesting_and_aliases_are_kept() {
    let yaml = "z: &one\n- x: [1, {}]\n- ''\na: *one\n";
    assert_eq!(
        json(yaml),
        r#"{"z":[{"x":[1,{}]},""],"a":[{"x":[1,{}]},""]}"#
    );
}

#[test]
fn streams_come_out_of_every_style_with_their_line_ends() {
    let wanted = "event: a\ndata: {\"x\":\"\u{e9}\"}\n\n";
    let styles = [
        "s: |+\n  event: a\n  data: {\"x\":\"\u{e9}\"}\n\n",
        "s: 'event: a\n\n  data: {\"x\":\"\u{e9}\"}\n\n\n  '\n",
        "s: \"event: a\\ndata: {\\\"x\\\":\\\"\\xE9\\\"}\\n\\n\"\n",
        "s: !!binary |\n  ZXZlbnQ6IGEKZGF0YTogeyJ4\n  Ijoiw6kifQoK\n",
    ];
    for yaml in styles {
        let node = Node::parse(yaml).unwrap();
        let bytes = node.get("s").unwrap().bytes().unwrap();
        assert_eq!(std::str::from_utf8(bytes).unwrap(), wanted, "{yaml}");
    }
}

#[test]
fn what_is_no_cassette_is_said() {
    assert!(matches!(Node::parse("a: [1"), Err(YamlError::Parse(_))));
    assert!(Node::parse("").is_err());
    assert_eq!(
        Node::parse("[a]: 1").unwrap_err(),
        YamlError::Unexpected("key")
    );
    let deep = "[".repeat(400);
    assert!(Node::parse(&deep).is_err());
}
