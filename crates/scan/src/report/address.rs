//! A file's path as a relative URI reference. It must not know what refers to it.

use std::fmt::Write as _;

/// Encodes what a path may hold and a URI's path may not.
pub(super) fn percent_encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
        if is_plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_uri_may_not_hold_is_encoded_byte_by_byte() {
        for (path, uri) in [
            ("src/a-b_c.py", "src/a-b_c.py"),
            ("a b/ü#?.ts", "a%20b/%C3%BC%23%3F.ts"),
            ("100%/c:d[e].md", "100%25/c%3Ad%5Be%5D.md"),
        ] {
            assert_eq!(percent_encoded(path), uri);
        }
    }
}
