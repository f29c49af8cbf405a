//! The store's evidence beside the entries that name it, as `ledger verify` tells it. It must not
//! change either, nor know how an entry is bound to what is kept.

use std::error::Error;

use control::Kept;
use serde_json::{Value, json};
use store::Access;

use crate::home::{self, Home};
use crate::options::Common;
use crate::output;

/// Compares what the data directory's store keeps with what its ledger names.
///
/// # Errors
/// Fails when either cannot be read.
pub fn compared(common: &Common) -> Result<Kept, Box<dyn Error + Send + Sync>> {
    let settings = home::settings(common);
    let store = Home::of(common).store(settings.as_ref(), Access::Read)?;
    Ok(control::compare(&store)?)
}

/// Tells it in lines; what does not fit is a fault.
pub fn tell(kept: &Kept) {
    output::line(format!(
        "evidence: {} as the ledger names it, {} erased.",
        kept.fitting, kept.erased
    ));
    for one in faults(kept) {
        output::line(one);
    }
    for id in &kept.left {
        output::line(format!(
            "noted: {id} was erased and is in the database still; a running gateway finishes it, \
             or the next start"
        ));
    }
    for id in &kept.unnamed {
        output::line(format!(
            "noted: {id} is in the database, and no entry names it: it counts for nothing, and \
             `tiergate evidence erase` removes it"
        ));
    }
}

/// Tells it as JSON.
pub fn shown(kept: &Kept) -> Value {
    let unfit = kept.unfit.iter().map(|one| {
        json!({
            "entry": one.entry,
            "evidence": one.evidence,
            "release": one.release,
            "why": one.why.to_string(),
        })
    });
    json!({
        "fitting": kept.fitting,
        "erased": kept.erased,
        "unfit": unfit.collect::<Vec<_>>(),
        "left": kept.left,
        "unnamed": kept.unnamed,
    })
}

/// Says of each piece that does not fit what is wrong.
pub fn faults(kept: &Kept) -> impl Iterator<Item = String> {
    kept.unfit.iter().map(|one| {
        let (entry, id, release) = (one.entry, &one.evidence, &one.release);
        format!(
            "entry {entry}: evidence {id} of release {release}: {}",
            one.why
        )
    })
}
