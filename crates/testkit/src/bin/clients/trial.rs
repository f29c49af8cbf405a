//! One client doing one task in one dialect with the model behind another. It must not know what
//! the task's script holds.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::bed::{self, Bed};
use crate::case::{Case, Outcome, counted};
use crate::fault::ClientsError;
use crate::tools::{Runner, Tool};

/// The longest that one task may take: native agents start slowly on a busy machine.
const MOST: Duration = Duration::from_secs(300);
/// What stands in the note that agents are to read.
const WORD: &str = "heliotrope";
/// How much of what a client said last is shown.
const LAST_WORDS: usize = 400;

/// Holds what a client did.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The client.
    pub client: &'static str,
    /// How it was set up otherwise than as it comes.
    pub note: &'static str,
    /// What it says its version is.
    pub version: String,
    /// The dialect in which it asked.
    pub dialect: &'static str,
    /// The dialect that the provider spoke.
    pub upstream: &'static str,
    /// The tests that its script consists of, where it says so.
    pub cases: Vec<Case>,
    /// Why it failed, where it did.
    pub failed: Option<String>,
}

impl Trial {
    /// Runs a client's script to its end.
    pub fn run(
        root: &Path,
        bed: &Bed,
        tool: &'static Tool,
        dialect: &'static str,
        upstream: &'static str,
    ) -> Result<Self, ClientsError> {
        let name = format!("{}-{dialect}-{upstream}", tool.name);
        let model = bed::model_of(upstream);
        let before = bed.asked_of(&model)?;
        let folder = bed.scratch.path().join(name);
        let note = folder.join("note.txt");
        fs::create_dir_all(&folder)?;
        let written = fs::write(&note, format!("{WORD}\n"));
        written.map_err(|error| ClientsError::File(note, error))?;
        let mut command = prepared(root, tool)?;
        command
            .current_dir(&folder)
            .env("HOME", &folder)
            .env("TIERGATE_URL", format!("http://{}", bed.address))
            .env("TIERGATE_KEY", &bed.key)
            .env("TIERGATE_DIALECT", dialect)
            .env("TIERGATE_UPSTREAM", upstream)
            .env("TIERGATE_MODEL", &model)
            .env("TIERGATE_WORD", WORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = command.spawn();
        let child = started.map_err(|error| ClientsError::Start(tool.name.to_owned(), error))?;
        let (code, out, err) = ended(child)?;
        let last = out.lines().rev().find(|line| line.starts_with("version "));
        let version = last.and_then(|line| line.strip_prefix("version "));
        // Where the workspace is on this machine is nobody's business.
        let here = format!("{}/", fs::canonicalize(root)?.display());
        let failed = (code != Some(0)).then(|| last_words(&out, &err, code).replace(&here, ""));
        let strayed = strayed(dialect, &before, &bed.asked_of(&model)?);
        Ok(Self {
            client: tool.shown,
            note: tool.note,
            version: version.unwrap_or_default().trim().to_owned(),
            dialect,
            upstream,
            cases: out.lines().filter_map(Case::read).collect(),
            failed: failed.or(strayed),
        })
    }

    /// Tells whether it did its task.
    pub fn works(&self) -> bool {
        self.failed.is_none()
    }

    fn how(&self) -> String {
        let failed = self.failed.as_deref();
        if self.cases.is_empty() {
            return failed.unwrap_or("works").to_owned();
        }
        let mut how = counted(&self.cases);
        let cases = self.cases.iter();
        for case in cases.filter(|case| case.outcome == Outcome::Failed) {
            how += &format!("; {}: {}", case.name, case.why);
        }
        if !how.contains("failed")
            && let Some(failed) = failed
        {
            how += &format!("; {failed}");
        }
        how
    }

    /// Tells it in a line.
    pub fn line(&self) -> String {
        let how = self.how();
        let (client, dialect, upstream) = (self.client, self.dialect, self.upstream);
        let version = &self.version;
        format!("{client} {version}, {dialect} in front of {upstream}: {how}")
    }
}

/// Prepares a client's script in its environment, without the variables of this process.
fn prepared(root: &Path, tool: &Tool) -> Result<Command, ClientsError> {
    let root = fs::canonicalize(root)?;
    let below = match tool.runner {
        Runner::Python => "target/venvs",
        Runner::Node => "target/npm",
    };
    let place = root.join(below).join(tool.environment);
    if !place.exists() {
        return Err(ClientsError::Missing(place));
    }
    let mut command = match tool.runner {
        Runner::Python => Command::new(place.join("bin/python")),
        Runner::Node => Command::new("node"),
    };
    let script = root.join("clients/tools").join(tool.script);
    command.arg(script).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("TIERGATE_ENVIRONMENT", &place);
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUTF8", "1");
    Ok(command)
}

/// Says where a client asked in another dialect than it was told to, or in none.
fn strayed(
    dialect: &str,
    before: &BTreeMap<String, u64>,
    after: &BTreeMap<String, u64>,
) -> Option<String> {
    let grown = after
        .iter()
        .filter(|(name, count)| before.get(*name).unwrap_or(&0) < *count);
    let asked: Vec<_> = grown.map(|(name, _)| &**name).collect();
    // Counting tokens is a part of Messages that the gateway names by itself.
    let is_meant = |name: &&str| *name == dialect || *name == "anthropic-count-tokens";
    let has_asked = asked.contains(&dialect) && asked.iter().all(is_meant);
    (!has_asked).then(|| format!("asked in {}", asked.join(" and ")))
}

/// Waits for a program's end; one that takes too long is ended.
fn ended(mut child: Child) -> Result<(Option<i32>, String, String), ClientsError> {
    let (out, err) = (gather(child.stdout.take()), gather(child.stderr.take()));
    // Both streams end with the program, so the reader of the first tells of its end.
    let said = out.recv_timeout(MOST);
    if said.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    let code = said.is_ok().then(|| status.code()).flatten();
    let out = said.unwrap_or_default();
    let err = err.recv_timeout(MOST).unwrap_or_default();
    Ok((code, out, err))
}

fn gather(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What came before a fault is shown; it is all that there is.
            let _ = stream.read_to_end(&mut bytes);
        }
        // Nobody listens any more once the time is up.
        let _ = tell.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    told
}

fn last_words(out: &str, err: &str, code: Option<i32>) -> String {
    let said = if err.trim().is_empty() { out } else { err };
    let from = said.floor_char_boundary(said.len().saturating_sub(LAST_WORDS));
    let words = said.get(from..).unwrap_or_default();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match code {
        Some(code) => format!("ended with {code}: {words}"),
        None => format!("did not end in {} s: {words}", MOST.as_secs()),
    }
}
