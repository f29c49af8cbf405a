//! One name in code with its value, and how names are compared. It must not know what any means.

use domain::Feature;

use crate::callee::Sends;

/// Shows one name with its value, as a reader of a row sees it.
pub(crate) struct Entry<'t> {
    /// The names around it, the outermost first, in small letters without `_` and `-`.
    pub(crate) within: Vec<String>,
    /// The value as it is written.
    pub(crate) value: &'t str,
    /// The wire API that is called, where it is known.
    pub(crate) dialect: Option<&'static str>,
    /// How the client sends it.
    pub(crate) sends: Sends,
}

/// Is a feature that was read, with its value where that is written.
pub(crate) type Read = (Feature, Option<String>);

/// Writes a name as the rows do: `WithTopP`, `top_p` and `topP` are one.
pub(crate) fn plain_name(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = letters.map(|one| one.to_ascii_lowercase()).collect();
    let after = |word: &str| {
        let rest = name.strip_prefix(word)?;
        let begins = rest.chars().next()?;
        (begins.is_ascii_uppercase() || begins == '_').then(|| plain_name(rest))
    };
    let bare = ["with", "With", "set", "Set"]
        .iter()
        .find_map(|word| after(word));
    bare.unwrap_or(plain)
}
