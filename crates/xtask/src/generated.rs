//! All that is written from the built binary: the reference pages and the case of ten trillion
//! parameters. It must not know what is in them.

use std::path::Path;

use crate::shell::Fault;
use crate::{case_10t, reference};

/// Writes them.
pub fn write(root: &Path) -> Result<(), Fault> {
    reference::write(root)?;
    case_10t::write(root, &reference::binary(root))
}

/// Compares what is committed with what the binary would write now.
pub fn compare(root: &Path) -> Result<(), Fault> {
    reference::compare(root)?;
    case_10t::compare(root, &reference::binary(root))
}
