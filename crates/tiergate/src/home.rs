//! Opens what a command works on: the data directory's store and the configuration file. It must
//! not change either.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};
use store::{Access, Store};

use crate::config::{Config, Settings};
use crate::exit::Fault;
use crate::offered;
use crate::options::Common;
use crate::standing::Standing;

/// The database's name unless the configuration says otherwise.
const DATABASE: &str = "tiergate.db";
/// The ledger's folder in the data directory.
const LEDGER: &str = "ledger";
/// Where a running gateway says how to reach it.
const RUNNING: &str = "running.json";
/// How long a running gateway may take to see a change of a key.
const KEYS_WITHIN: Duration = Duration::from_secs(5);
/// How often its word is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Where it says how the ledger's witnesses stand.
const WITNESSES: &str = "witnesses.json";
/// Where the first operator's key is kept.
const OPERATOR_KEY: &str = "operator.key";

/// Says where a running gateway listens, as its file does.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Running {
    /// Where applications connect.
    pub listen: String,
    /// Where operators connect.
    pub admin: String,
    /// Its process.
    pub pid: i32,
    /// The number of the last change of a key that it has taken in.
    pub keys: i64,
}

impl Running {
    /// Tells whether its process is there.
    fn is_alive(&self) -> bool {
        Pid::from_raw(self.pid).is_some_and(|pid| test_kill_process(pid).is_ok())
    }
}

/// Says where things are in one data directory.
#[derive(Clone, Debug)]
pub struct Home {
    dir: PathBuf,
}

impl Home {
    /// Takes the data directory that the options name.
    #[must_use]
    pub fn of(common: &Common) -> Self {
        Self {
            dir: common.data_dir(),
        }
    }

    /// Writes where the running gateway listens, in one step.
    ///
    /// # Errors
    /// Fails where the data directory cannot be written.
    pub fn announce(&self, running: &Running) -> io::Result<()> {
        let fresh = self.dir.join(format!("{RUNNING}.new"));
        fs::write(&fresh, serde_json::to_string(running)?)?;
        fs::rename(fresh, self.dir.join(RUNNING))
    }

    /// Takes back what [`Home::announce`] has written.
    pub fn withdraw(&self) {
        // A file left behind is only out of date: whoever reads it finds nothing listening.
        let _ = fs::remove_file(self.dir.join(RUNNING));
    }

    /// Waits until the running gateway of this directory, if there is one, has taken a change of
    /// a key in. Tells whether the change is in force.
    #[must_use]
    pub fn await_keys(&self, change: i64) -> bool {
        let deadline = Instant::now() + KEYS_WITHIN;
        while Instant::now() < deadline {
            match self.running_gateway() {
                Some(running) if running.is_alive() && running.keys < change => {
                    thread::sleep(LOOK_EVERY);
                }
                _ => return true,
            }
        }
        false
    }

    /// Reads where the running gateway of this directory listens; a file left behind by a crash
    /// names one that does not answer.
    #[must_use]
    pub fn running_gateway(&self) -> Option<Running> {
        let text = fs::read_to_string(self.dir.join(RUNNING)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Writes how the ledger's witnesses stand, in one step.
    ///
    /// # Errors
    /// Fails where the data directory cannot be written.
    pub fn tell_witnesses(&self, standings: &[Standing]) -> io::Result<()> {
        let fresh = self.dir.join(format!("{WITNESSES}.new"));
        fs::write(&fresh, serde_json::to_string(standings)?)?;
        fs::rename(fresh, self.dir.join(WITNESSES))
    }

    /// Reads how the ledger's witnesses stand, as the gateway of this directory told it last.
    #[must_use]
    pub fn witnesses(&self) -> Option<Vec<Standing>> {
        let text = fs::read_to_string(self.dir.join(WITNESSES)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Tells where the first operator's key is kept.
    #[must_use]
    pub fn operator_key(&self) -> PathBuf {
        self.dir.join(OPERATOR_KEY)
    }

    /// Tells where the ledger's signing key is kept.
    #[must_use]
    pub fn ledger_key(&self) -> PathBuf {
        self.dir.join(LEDGER).join("key")
    }

    /// Opens the store; the database's place is the configuration's where there is one.
    ///
    /// # Errors
    /// Fails when it is not there, is of a newer format, or cannot be written.
    pub fn store(
        &self,
        settings: Option<&Settings>,
        access: Access,
    ) -> Result<Arc<Store>, store::OpenError> {
        let database = settings.map_or(Path::new(DATABASE), |settings| &settings.database);
        let retention = settings.map_or(store::Retention::STANDARD, |settings| store::Retention {
            usage_days: settings.usage_days,
            dead_key_days: settings.revoked_keys_days,
        });
        let config = store::Config {
            database: self.dir.join(database),
            ledger_dir: self.dir.join(LEDGER),
            busy_timeout: store::Config::BUSY_TIMEOUT,
            retention,
        };
        Ok(Arc::new(Store::open(config, access)?))
    }
}

/// Reads and checks the configuration file.
///
/// # Errors
/// Fails when it cannot be read or has faults.
pub fn config(common: &Common) -> Result<Config, Box<dyn std::error::Error + Send + Sync>> {
    let path = &common.config;
    let text = fs::read_to_string(path).map_err(|error| {
        let what = format!("{} cannot be read", path.display());
        let mend = "name the file with --config, or let `tiergate up` write a starter";
        Fault::because(error, what, mend)
    })?;
    Ok(offered::with(|offered| {
        Config::parse(path, &text, offered)
    })?)
}

/// Reads the configuration's settings where there is a sound one; a command that works on the
/// data directory alone needs none.
#[must_use]
pub fn settings(common: &Common) -> Option<Settings> {
    config(common).ok().map(|config| config.settings)
}
