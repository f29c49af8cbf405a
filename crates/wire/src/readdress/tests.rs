//! Tests of moving fields: what moves has moved, and every byte of the rest is as it was.

use bytes::Bytes;
use proptest::prelude::*;

use super::readdress;

fn check(body: &str, take_out: &[&str], put_in: &[(&str, &str)], wanted: &str) {
    let put_in: Vec<_> = put_in.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    let body = Bytes::copy_from_slice(body.as_bytes());
    let moved = readdress(&body, take_out, &put_in).unwrap();
    assert_eq!(std::str::from_utf8(&moved).unwrap(), wanted);
}

#[test]
fn fields_leave_from_every_place() {
    let out = ["model", "stream"];
    check(r#"{"model":"m","a":1.0}"#, &out, &[], r#"{"a":1.0}"#);
    check(r#"{"a":1.0,"model":"m"}"#, &out, &[], r#"{"a":1.0}"#);
    check(
        r#"{ "a" : 1.0 , "model":"m" , "b" : [1,{"model":2}] , "stream":true }"#,
        &out,
        &[],
        r#"{ "a" : 1.0 , "b" : [1,{"model":2}] }"#,
    );
    check(r#"{"mod\u0065l":"m","stream":true}"#, &out, &[], "{}");
    check(" {} ", &out, &[], " {} ");
}

#[test]
fn fields_come_only_where_they_are_missing() {
    let put = [("v", "\"1\""), ("w", "[2]")];
    check("{}", &[], &put, r#"{"v":"1","w":[2]}"#);
    check(r#"{"v": 7}"#, &[], &put, r#"{"w":[2],"v": 7}"#);
    check(r#"{"model":1}"#, &["model"], &put, r#"{"v":"1","w":[2]}"#);
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let refused = |body: &'static [u8]| readdress(&Bytes::from_static(body), &["a"], &[]).is_err();
    assert!(refused(b"[1]"));
    assert!(refused(br#"{"a":1} x"#));
}

fn body() -> impl Strategy<Value = Vec<(String, String)>> {
    let value = prop_oneof![
        "[1-9][0-9]{0,11}\\.[0-9]{1,3}",
        "\"[ -!#-\\[\\]-~]{0,9}\"",
        Just("{\"model\":[1, 2 ]}".to_owned()),
        Just("\"\\\"},{\"".to_owned()),
    ];
    proptest::collection::vec(("[a-z ,{}]{0,6}", value), 0..8)
}

proptest! {
    #[test]
    fn what_stays_keeps_its_bytes(fields in body(), space in "[ \n\t]{0,3}", at in 0usize..9) {
        let mut written: Vec<String> = fields
            .iter()
            .map(|(key, value)| format!("{space}\"{key}_\":{space}{value}{space}"))
            .collect();
        let kept = format!("{{{}}}", written.join(","));
        written.insert(at.min(fields.len()), format!("{space}\"model\"{space}:\"x\""));
        let body = Bytes::from(format!("{{{}}}", written.join(",")));
        let moved = readdress(&body, &["model"], &[]).unwrap();
        prop_assert_eq!(std::str::from_utf8(&moved).unwrap(), kept);
    }
}
