//! The digests of the declared suites' cases, so that evidence about other cases is seen as such.
//! It must not score anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use domain::SuiteName;
use evidence::digest_of;

use crate::config::{Config, SuiteSource};
use crate::exit::Fault;

/// Lists the suites whose cases another tool holds.
pub(super) fn elsewhere(config: &Config) -> BTreeSet<SuiteName> {
    let is_elsewhere = |source: &SuiteSource| matches!(source, SuiteSource::Elsewhere(_));
    let suites = config.settings.suites.iter();
    let found = suites.filter(|(_, source)| is_elsewhere(source));
    found.map(|(name, _)| name.clone()).collect()
}

/// Reads every declared suite and tells its digest.
///
/// # Errors
/// Fails when a suite's file cannot be read.
pub fn digests(config: &Config) -> Result<BTreeMap<SuiteName, String>, Fault> {
    let folder = config.path.parent().unwrap_or(Path::new("."));
    let mut digests = BTreeMap::new();
    for (name, source) in &config.settings.suites {
        let digest = match source {
            SuiteSource::Builtin(builtin) => {
                // The configuration was checked against the suites that there are.
                let Some(suite) = evidence::builtin(builtin) else {
                    continue;
                };
                digest_of(suite.bytes)
            }
            SuiteSource::File(path) => {
                let path = folder.join(path);
                let bytes = fs::read(&path).map_err(|error| {
                    let what = format!("suites.{name}: {} cannot be read", path.display());
                    Fault::because(error, what, "name a file relative to the configuration")
                })?;
                digest_of(&bytes)
            }
            SuiteSource::Elsewhere(digest) => digest.clone(),
        };
        digests.insert(name.clone(), digest);
    }
    Ok(digests)
}
