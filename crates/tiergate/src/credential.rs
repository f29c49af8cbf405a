//! Finds the operator key that commands use. It must not check it.

use std::fs;

use crate::environment;
use crate::exit::Fault;
use crate::home::Home;
use crate::options::Common;

/// Reads the operator key in use: the option's file, the variable, the data directory's file.
///
/// # Errors
/// Fails when the file that the option names cannot be read.
pub fn operator_key(home: &Home, common: &Common) -> Result<Option<String>, Fault> {
    if let Some(path) = &common.operator_key {
        let text = fs::read_to_string(path).map_err(|error| {
            let what = format!("the operator key in {} cannot be read", path.display());
            Fault::because(error, what, "name a readable file with --operator-key")
        })?;
        return Ok(Some(text.trim().to_owned()));
    }
    let from_file = || fs::read_to_string(home.operator_key()).ok();
    let found = environment::variable("TIERGATE_OPERATOR_KEY").or_else(from_file);
    Ok(found.map(|text| text.trim().to_owned()))
}
