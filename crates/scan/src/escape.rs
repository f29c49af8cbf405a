//! Texts of callers and of files, made harmless where they are shown. It must not shorten them.

/// Escapes a text for HTML and XML, without what XML cannot hold.
pub(crate) fn markup(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Takes out of a text what would command a terminal.
#[must_use]
pub fn terminal(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\t', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_commands_what_shows_it() {
        assert_eq!(
            markup("<a b='\"'>&\u{1b}"),
            "&lt;a b=&#39;&quot;&#39;&gt;&amp; "
        );
        assert_eq!(terminal("a\u{1b}[31m\tb\n"), "a\u{fffd}[31m\tb\u{fffd}");
    }
}
