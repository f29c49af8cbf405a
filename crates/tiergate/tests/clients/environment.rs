//! The environments of client libraries, as `cargo xtask clients` makes them. It must not know
//! what a script holds.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Is one environment: its name below `clients`, and who runs its scripts.
#[derive(Debug)]
pub struct Environment {
    /// Its name.
    pub name: &'static str,
    runner: Runner,
}

#[derive(Clone, Copy, Debug)]
enum Runner {
    Python,
    Node,
}

/// Holds the newest SDKs for Python.
pub const CURRENT: Environment = Environment {
    name: "python-current",
    runner: Runner::Python,
};

/// Holds the generation before.
pub const OLDER: Environment = Environment {
    name: "python-older",
    runner: Runner::Python,
};

/// Holds Google's SDK for Python.
pub const GOOGLE: Environment = Environment {
    name: "python-google",
    runner: Runner::Python,
};

/// Holds the SDKs for Node.
pub const NODE: Environment = Environment {
    name: "node",
    runner: Runner::Node,
};

/// Holds the property-based tester of described interfaces.
pub const SCHEMATHESIS: Environment = Environment {
    name: "python-schemathesis",
    runner: Runner::Python,
};

/// Holds promptfoo, whose results are brought in as evidence.
pub const PROMPTFOO: Environment = Environment {
    name: "peer-promptfoo",
    runner: Runner::Node,
};

/// Holds Inspect.
pub const INSPECT: Environment = Environment {
    name: "peer-inspect",
    runner: Runner::Python,
};

/// Holds lm-evaluation-harness.
pub const LM_EVAL: Environment = Environment {
    name: "peer-lm-eval",
    runner: Runner::Python,
};

impl Environment {
    /// Prepares a program that the environment brings, or says that the environment is missing.
    pub fn program(&self, name: &str) -> Result<Command, String> {
        let (below, inside) = match self.runner {
            Runner::Python => ("venvs", "bin"),
            Runner::Node => ("npm", "node_modules/.bin"),
        };
        let place = Path::new("target").join(below).join(self.name);
        let found = workspace().join(&place).join(inside).join(name);
        if !found.exists() {
            return Err(absent(&place));
        }
        let mut command = Command::new(found);
        command.env_clear().env("PYTHONUTF8", "1");
        if let Runner::Node = self.runner {
            // The program names its interpreter.
            command.env("PATH", env::var_os("PATH").unwrap_or_default());
        }
        Ok(command)
    }

    /// Names a file that stands beside what the environment states.
    pub fn beside(&self, file: &str) -> PathBuf {
        workspace().join("clients").join(self.name).join(file)
    }

    /// Prepares a script with no variables but those that its interpreter needs, or says that the
    /// environment is missing.
    pub fn command(&self, script: &str) -> Result<Command, String> {
        match self.runner {
            Runner::Python => self.prepare(&format!("scripts/{script}.py")),
            Runner::Node => self.prepare(&format!("node/{script}.cjs")),
        }
    }

    /// Prepares an oracle in the same way.
    pub fn oracle(&self, script: &str) -> Result<Command, String> {
        self.prepare(&format!("oracles/{script}.py"))
    }

    fn prepare(&self, script: &str) -> Result<Command, String> {
        let (below, inside) = match self.runner {
            Runner::Python => ("venvs", "bin/python"),
            Runner::Node => ("npm", "node_modules"),
        };
        let place = Path::new("target").join(below).join(self.name);
        let found = workspace().join(&place).join(inside);
        if !found.exists() {
            return Err(absent(&place));
        }
        let file = workspace().join("clients").join(script);
        let mut command = match self.runner {
            Runner::Python => Command::new(&found),
            Runner::Node => Command::new("node"),
        };
        command.arg(file).env_clear();
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        match self.runner {
            // The checkout stays as it was.
            Runner::Python => command
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .env("PYTHONUTF8", "1"),
            Runner::Node => command.env("NODE_PATH", found),
        };
        Ok(command)
    }
}

fn absent(place: &Path) -> String {
    let place = place.display();
    format!("there is no environment {place}; `cargo xtask clients` makes it")
}

/// Finds the root of the workspace, which holds `clients` and `target`.
pub fn workspace() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut above = manifest.ancestors();
    let root = above.find(|folder| folder.join("Cargo.lock").is_file());
    root.expect("the crate stands in a workspace")
}

/// Counts a scenario as skipped; where everything is expected to run, it fails.
pub fn skip(scenario: &str, why: &str) {
    let is_ci = env::var_os("CI").is_some_and(|set| !set.is_empty());
    assert!(!is_ci, "{scenario}: {why}");
    println!("skipped: 1 scenario, {scenario} ({why})");
}
