//! Asks the built binary, and keeps the command beside its answer. It must not know what the page
//! makes of one.

use std::path::Path;

use crate::json::Json;
use crate::shell::{Fault, output_where};

/// How it ends with an answer, and with the answer that there is none.
const ENDS: [i32; 2] = [0, 1];

/// Asks one binary.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// The root of the workspace.
    pub root: &'a Path,
    /// The binary.
    pub tiergate: &'a str,
}

/// Is an answer.
pub struct Answer {
    /// What a user would type.
    pub command: String,
    /// What it said.
    pub said: Json,
}

impl Asker<'_> {
    /// Asks a question of `tiergate plan`.
    pub fn plan(&self, arguments: &[&str]) -> Result<Answer, Fault> {
        let line: Vec<&str> = ["plan"].iter().chain(arguments).copied().collect();
        let json: Vec<&str> = line.iter().chain(&["--json"]).copied().collect();
        let text = output_where(self.root, self.tiergate, &json, &ENDS)?;
        let shown = line.iter().map(|argument| quoted(argument));
        let command = format!("tiergate {}", shown.collect::<Vec<_>>().join(" "));
        let said = Json::read(&text);
        let said = said.ok_or_else(|| Fault::Said(format!("`{command} --json` wrote no JSON")))?;
        Ok(Answer { command, said })
    }
}

fn quoted(argument: &str) -> String {
    if argument.contains(' ') {
        format!("\"{argument}\"")
    } else {
        argument.to_owned()
    }
}
