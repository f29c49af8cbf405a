//! Thought signatures: the field holds bytes in base64, so what another dialect sealed is carried
//! in it encoded. It must not look inside what this dialect's own provider sealed.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::gemini::vocabulary::NAME;
use crate::sealed::{MARK, Sealed, Seals};

/// Begins the field where it carries what another dialect sealed: [`MARK`] in base64.
const CARRIED: &str = "dGllcmdhdGU6";

/// Stands in a call of a function that a model behind another API made: newer models refuse one
/// without any signature, and the API documents this one for such a history. It is
/// `skip_thought_signature_validator` in base64.
pub(super) const PLACEHOLDER: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

/// The same as clients that do not encode it send it, and its older form.
const PLACEHOLDERS: [&str; 3] = [
    PLACEHOLDER,
    "skip_thought_signature_validator",
    "context_engineering_is_the_way_to_go",
];

/// Clients write either alphabet, with or without padding.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Reads a signature; none where it only stands for one. What it belongs to is said of one of
/// another dialect's alone.
pub(super) fn read(text: String) -> Option<(Sealed, Option<Seals>)> {
    if is_placeholder(&text) {
        return None;
    }
    if text.starts_with(CARRIED) {
        let bytes = PLAIN.decode(&text).or_else(|_| FOR_URLS.decode(&text));
        let carried = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(carried) = carried.filter(|carried| carried.starts_with(MARK)) {
            let (sealed, seals) = Sealed::read(carried, NAME);
            // One of no known maker is no signature of this dialect either.
            return seals.map(|seals| (sealed, Some(seals)));
        }
    }
    Some((Sealed::new(NAME, text), None))
}

/// Tells whether a signature only stands for one.
pub(super) fn is_placeholder(text: &str) -> bool {
    text.is_empty() || PLACEHOLDERS.contains(&text)
}

/// Writes a signature for a client of this dialect.
pub(super) fn carry(sealed: &Sealed, seals: Seals) -> Cow<'_, str> {
    match sealed.for_maker(NAME) {
        Some(own) => Cow::Borrowed(own),
        None => Cow::Owned(STANDARD.encode(sealed.carry(seals, NAME).as_bytes())),
    }
}
