//! Counts of tokens, which OpenAI's two APIs name differently and mean alike. It must not know
//! whose they are.

use crate::canonical::Usage;
use crate::counts::numbers;
use crate::json::cursor::{Cursor, Scan};

/// Names what is counted.
pub(crate) struct Names {
    /// All input.
    pub(crate) input: &'static str,
    /// All output.
    pub(crate) output: &'static str,
    /// The object with parts of the input.
    pub(crate) input_details: &'static str,
    /// The object with parts of the output.
    pub(crate) output_details: &'static str,
}

/// Reads a usage object; none where it is null.
pub(crate) fn read(cursor: &mut Cursor<'_>, names: &Names) -> Scan<Option<Usage>> {
    let mut usage = Usage::default();
    let mut any = false;
    let mut total = 0;
    numbers(cursor, &mut |outer, key, count| {
        let place = match (outer, key) {
            ("", "total_tokens") => &mut total,
            ("", key) if key == names.input => &mut usage.input,
            ("", key) if key == names.output => &mut usage.output,
            (outer, "cached_tokens") if outer == names.input_details => &mut usage.cached,
            (outer, "cache_write_tokens") if outer == names.input_details => &mut usage.cache_write,
            (outer, "reasoning_tokens") if outer == names.output_details => &mut usage.reasoning,
            _ => return,
        };
        *place = count;
        any = true;
    })?;
    // Some servers count reasoning beside the output; their total tells.
    let beside = usage.output.saturating_add(usage.reasoning);
    if total > 0 && total == usage.input.saturating_add(beside) {
        usage.output = beside;
    }
    Ok(any.then_some(usage))
}
