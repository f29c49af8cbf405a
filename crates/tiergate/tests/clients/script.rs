//! One script, run against a gateway. It must not know what the script holds.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};

use crate::gateway::Gateway;

/// Is one script, ready to run.
pub struct Script<'s> {
    /// Its name, for a test that fails.
    pub name: &'s str,
    /// What runs it.
    pub command: Command,
    /// The gateway that it asks.
    pub gateway: &'s Gateway,
    /// Who answers, in the scripts' word.
    pub upstream: &'s str,
}

impl Script<'_> {
    /// Runs it to its end; all its asserts must hold.
    pub fn run(mut self) {
        self.prepare();
        let output = self.command.output().unwrap();
        self.judge(&output);
    }

    /// Starts it and looks in each time that it says `word`, which it must say so many times.
    pub fn run_meeting(mut self, word: &str, times: usize, look: impl Fn(usize)) {
        self.prepare();
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = self.command.stderr(Stdio::piped()).spawn().unwrap();
        let met = meet(&mut child, word, times, look);
        let output = child.wait_with_output().unwrap();
        self.judge(&output);
        assert_eq!(met, times, "the script said `{word}` so many times");
    }

    /// Sets the variables that applications set.
    fn prepare(&mut self) {
        let Gateway { address, key, .. } = self.gateway;
        self.command
            .current_dir(self.gateway.folder())
            .env("HOME", self.gateway.folder())
            .env("OPENAI_BASE_URL", format!("http://{address}/v1"))
            .env("OPENAI_API_KEY", key)
            .env("ANTHROPIC_BASE_URL", format!("http://{address}"))
            .env("ANTHROPIC_API_KEY", key)
            .env("GOOGLE_GEMINI_BASE_URL", format!("http://{address}"))
            .env("GEMINI_API_KEY", key)
            .env("TIERGATE_UPSTREAM", self.upstream);
    }

    fn judge(&self, output: &Output) {
        let said = String::from_utf8_lossy(&output.stderr);
        let (name, status) = (self.name, output.status);
        let gateway = self.gateway.said();
        assert!(
            status.success(),
            "{name} ended with {status}\n{said}{gateway}"
        );
    }
}

/// Answers the script's words, and tells how many there were.
fn meet(child: &mut Child, word: &str, times: usize, look: impl Fn(usize)) -> usize {
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for met in 0..times {
        let mut line = String::new();
        // A script that fails says nothing more; its end is judged afterwards.
        if stdout.read_line(&mut line).unwrap() == 0 {
            return met;
        }
        assert_eq!(line.trim_end(), word);
        look(met + 1);
        stdin.write_all(b"go on\n").unwrap();
    }
    times
}
