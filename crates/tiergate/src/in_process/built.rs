//! The demonstration models of this build: started when a configuration first names them. It must
//! not load one before it is asked.

use std::sync::{Arc, OnceLock};

use embedded::{CATALOGUE, Embedded, Host, Limits};
use providers::Adapter;

use crate::config::EmbeddedSettings;
use crate::exit::Fault;
use crate::models::{self, Directory, Network};

/// Names the adapter of the models in this process.
pub const DIALECT: Option<&str> = Some("embedded");

/// Holds the running threads; they are started once for the process.
static RUNNING: OnceLock<Embedded> = OnceLock::new();

/// Finds the hash of the weights behind a model's id.
#[must_use]
pub fn weights(id: &str) -> Option<String> {
    Directory::of_environment().weights(id)
}

/// Finds the adapter of the models in this process; its threads start with the first call, whose
/// settings stay in force.
///
/// # Errors
/// Fails where the threads cannot be started.
pub fn adapter(settings: &EmbeddedSettings) -> Result<&'static dyn Adapter, Fault> {
    if let Some(running) = RUNNING.get() {
        return Ok(running);
    }
    let host = Host::start(embedded::Config {
        directory: Directory::of_environment().path().to_owned(),
        threads: settings.threads,
        queue: settings.queue,
        limits: Limits {
            input_tokens: settings.max_input_tokens,
            output_tokens: settings.max_output_tokens,
            prefix_bytes: settings.prefix_cache_bytes,
        },
    });
    let host = host.map_err(|fault| {
        let what = "the threads of the embedded models cannot be started";
        Fault::because(fault, what, "see the process's limits")
    })?;
    Ok(RUNNING.get_or_init(|| Embedded::new(Arc::new(host))))
}

/// Pulls a model of the catalogue after saying what it is; one that is there, or that the
/// catalogue does not know, is left as it is.
///
/// # Errors
/// Fails where it cannot be fetched.
pub fn pull(id: &str) -> Result<(), Fault> {
    let directory = Directory::of_environment();
    let row = CATALOGUE.iter().find(|row| row.name == id);
    let Some(row) = row.filter(|row| !directory.file(row.name).exists()) else {
        return Ok(());
    };
    models::say_what(row);
    match models::pull(&directory, row, Network::Allowed) {
        Ok(_) => Ok(()),
        Err(fault) => {
            let what = format!("the model {id} could not be pulled");
            let mend = "run the command again, or bring the file: \
                        tiergate models pull NAME --from FILE";
            Err(Fault::because(fault, what, mend))
        }
    }
}
