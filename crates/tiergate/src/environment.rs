//! What the process finds around it: environment variables, the user's directories, the clock.
//! The only file that reads the environment. It must not decide what follows from it.

use std::env;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// Reads a variable; an empty one counts as unset.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Finds the working directory; none where it is gone.
#[must_use]
pub fn here() -> Option<PathBuf> {
    env::current_dir().ok()
}

/// Tells the time.
#[must_use]
pub fn now() -> Timestamp {
    // A clock before 1970 reads as 1970, which expires nothing early.
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Finds the user's data directory for `tiergate`.
#[must_use]
pub fn data_dir() -> PathBuf {
    base("XDG_DATA_HOME", ".local/share").join("tiergate")
}

/// Finds a directory of the XDG base directory specification, or its default below the home.
#[must_use]
pub fn base(name: &str, below_home: &str) -> PathBuf {
    variable(name)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .unwrap_or_else(|| home().join(below_home))
}

/// Finds the user's home directory; the current directory where there is none.
#[must_use]
pub fn home() -> PathBuf {
    env::home_dir()
        .filter(|home| !home.as_os_str().is_empty())
        .unwrap_or_else(|| ".".into())
}
