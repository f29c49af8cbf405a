//! A release told in a script: prose, comments and commands, and under each command what it
//! answers. The planner, the gates and the statistics are those of a running gateway; evidence,
//! people's commands and traffic are the script's. It must not know a clock or a store.

mod line;
mod stage;

use std::fmt;

use domain::Policy;

use line::Line;
use stage::Stage;

/// Begins a command.
const PROMPT: &str = "> ";

/// Says why a script does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and how to mend it.
    pub what: String,
}

impl fmt::Display for ScriptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ScriptFault {}

/// Plays a script against a policy and returns it with the answers of this run: prose as it
/// stands, and in place of what stood under a command what it answers now. A script that was
/// returned comes back the same, so that it can be kept and compared.
///
/// # Errors
/// Returns the first command that does not read.
pub fn simulate(policy: &Policy, script: &str) -> Result<String, ScriptFault> {
    let mut stage = Stage::new(policy);
    let mut text = String::new();
    let mut is_answer = false;
    for (number, line) in (1..).zip(script.lines()) {
        if let Some(command) = line.strip_prefix(PROMPT) {
            let fault = |what| ScriptFault { line: number, what };
            let answer = Line::read(command).and_then(|line| stage.play(&line));
            let answer = answer.map_err(fault)?;
            text.push_str(line);
            text.push('\n');
            text.push_str(&answer);
            is_answer = true;
        } else if line.is_empty() || line.starts_with('#') || !is_answer {
            text.push_str(line);
            text.push('\n');
            is_answer = false;
        }
    }
    Ok(text)
}
