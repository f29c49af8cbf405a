//! What a scanner's folder states.

use super::pins;

#[test]
fn versions_are_read_from_what_is_pinned() {
    let stated = "# about\nai-bom==3.6.0\nrich==14.0.0\n";
    let pins = pins(stated);
    assert_eq!(pins.get("ai-bom").map(String::as_str), Some("3.6.0"));
    assert_eq!(pins.get("ai"), None);
}
