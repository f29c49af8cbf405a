//! Walks the folders and has each file scanned and judged, over all cores; contents are dropped as
//! soon as they are judged. It must not know what a finding means.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};
use scan::{
    Edit, Files, Finding, Found, Judge, Pipeline, Role, Safety, Scanner, Services, Skipped,
};

use super::base::Base;
use crate::exit::Fault;
use crate::progress::Bar;

/// Folders that hold no code of one's own, whatever `.gitignore` says.
const NEVER: &[&str] = &[".git", ".hg", ".svn", ".jj", "node_modules"];
/// The most bytes read of a file: a longer one is left out before it is read whole.
const READ_MOST: u64 = 8 << 20;
/// How long a scan goes on without a word of its progress.
const SILENT: Duration = Duration::from_secs(1);

/// Is what is done with each file.
pub(super) struct Task<'f> {
    pub(super) scanner: Scanner,
    pub(super) judge: Judge<'f>,
    pub(super) taken: Taken,
    /// The roles that are told; all where there is none.
    pub(super) roles: Vec<Role>,
}

/// Says which files are taken.
pub(super) struct Taken {
    include: Option<Gitignore>,
    exclude: Gitignore,
    /// Whole paths of files that are not taken whatever the patterns say.
    without: Vec<PathBuf>,
}

/// Holds what a walk gathered, in the order of paths and lines.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) findings: Vec<Finding>,
    pub(super) files: Files,
    /// A diff of each file with a safe fix.
    pub(super) patch: Vec<String>,
    /// The files that say what is a service.
    pub(super) manifests: Vec<String>,
    /// The steps of agents, file by file.
    pub(super) pipelines: Vec<Pipeline>,
}

/// Is what one file gave.
struct Read {
    path: String,
    bytes: u64,
    skipped: Option<String>,
    is_fallback: bool,
    findings: Vec<Finding>,
    diff: String,
    steps: Option<Pipeline>,
}

impl Taken {
    /// Reads the patterns.
    pub(super) fn of(include: &[String], exclude: &[String]) -> Result<Self, Fault> {
        Ok(Self {
            include: (!include.is_empty())
                .then(|| patterns(include))
                .transpose()?,
            exclude: patterns(exclude)?,
            without: Vec::new(),
        })
    }

    /// Leaves these files out.
    pub(super) fn without(self, without: Vec<PathBuf>) -> Self {
        Self { without, ..self }
    }

    fn takes(&self, path: &str, whole: &Path) -> bool {
        let is_in = |patterns: &Gitignore| {
            let matched = patterns.matched_path_or_any_parents(path, false);
            matched.is_ignore()
        };
        let is_own = self.without.iter().any(|own| own == whole);
        !is_own && self.include.as_ref().is_none_or(is_in) && !is_in(&self.exclude)
    }
}

fn patterns(written: &[String]) -> Result<Gitignore, Fault> {
    let mut builder = GitignoreBuilder::new("");
    let wrong = |error, pattern: &str| {
        let what = format!("`{pattern}` is no pattern");
        Fault::because(
            error,
            what,
            "write it as in a .gitignore, such as `tests/` or `*.md`",
        )
    };
    for pattern in written {
        builder
            .add_line(None, pattern)
            .map_err(|error| wrong(error, pattern))?;
    }
    builder
        .build()
        .map_err(|error| wrong(error, &written.join(" ")))
}

/// Walks and scans; a bar says how far it is once that takes longer than a second.
pub(super) fn gather(base: &Base, task: &Task<'_>) -> Gathered {
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        scope.spawn(move || walk(base, task, &sender));
        receive(&receiver)
    })
}

fn receive(receiver: &Receiver<Read>) -> Gathered {
    let began = Instant::now();
    let mut gathered = Gathered::default();
    let mut diffs = Vec::new();
    let mut bar: Option<Bar> = None;
    let mut count = 0;
    for read in receiver {
        count += 1;
        if bar.is_none() && began.elapsed() > SILENT {
            bar = Some(Bar::of_count("files read"));
        }
        if let Some(bar) = &bar {
            bar.at(count);
        }
        gathered.add(read, &mut diffs);
    }
    if let Some(bar) = bar {
        bar.done();
    }
    diffs.sort();
    gathered.patch = diffs.into_iter().map(|(_, diff)| diff).collect();
    let at = |finding: &Finding| (finding.site.path.clone(), finding.site.span);
    gathered.findings.sort_by_cached_key(at);
    gathered
        .pipelines
        .sort_by(|one, other| one.name.cmp(&other.name));
    gathered.files.skipped.sort();
    gathered.files.as_words.sort();
    gathered
}

impl Gathered {
    fn add(&mut self, read: Read, diffs: &mut Vec<(String, String)>) {
        if Services::is_manifest(&read.path) {
            self.manifests.push(read.path.clone());
        }
        if !read.diff.is_empty() {
            diffs.push((read.path.clone(), read.diff));
        }
        self.findings.extend(read.findings);
        self.pipelines.extend(read.steps);
        if let Some(reason) = read.skipped {
            let path = read.path;
            self.files.skipped.push(Skipped { reason, path });
            return;
        }
        self.files.read += 1;
        self.files.bytes += read.bytes;
        if read.is_fallback {
            self.files.as_words.push(read.path);
        }
    }
}

fn walk(base: &Base, task: &Task<'_>, sender: &Sender<Read>) {
    let mut roots = base.roots().iter();
    let Some(first) = roots.next() else {
        return;
    };
    let mut walk = WalkBuilder::new(first);
    for root in roots {
        walk.add(root);
    }
    // Hidden files are read: workflows and settings are among them.
    walk.hidden(false)
        .follow_links(false)
        // A checkout without its repository has the same files.
        .require_git(false)
        // What one person's machine ignores is the project's all the same.
        .git_global(false)
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !NEVER.contains(&name.as_ref())
        });
    walk.build_parallel().run(|| {
        let sender = sender.clone();
        let mut bytes = Vec::new();
        Box::new(move |entry| {
            let read = match entry {
                Ok(entry) => task.visit(base, &entry, &mut bytes),
                Err(error) => Some(unreadable(base, &error)),
            };
            let Some(read) = read else {
                return WalkState::Continue;
            };
            match sender.send(read) {
                Ok(()) => WalkState::Continue,
                Err(_) => WalkState::Quit,
            }
        })
    });
}

fn unreadable(base: &Base, error: &ignore::Error) -> Read {
    let path = match error {
        ignore::Error::WithPath { path, .. } => base.relative(path),
        other => other.to_string(),
    };
    Read::skipped(path, "unreadable")
}

impl Task<'_> {
    fn visit(&self, base: &Base, entry: &DirEntry, bytes: &mut Vec<u8>) -> Option<Read> {
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let path = base.relative(entry.path());
        if !is_file || !self.taken.takes(&path, entry.path()) {
            return None;
        }
        if fill(bytes, entry.path()).is_err() {
            return Some(Read::skipped(path, "unreadable"));
        }
        Some(self.read(path, bytes))
    }

    fn read(&self, path: String, bytes: &[u8]) -> Read {
        let scanned = self.scanner.scan_file(&path, bytes);
        if let Some(reason) = scanned.skipped {
            return Read::skipped(path, &reason.as_str().replace('_', " "));
        }
        // A file that names no model need not be text.
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let steps = steps(&path, text, &scanned.found);
        let sites = scanned.found.into_iter().map(|found| {
            let mut site = found.site;
            site.parameters = scan::parameters(&found.place);
            site.dialect = scan::dialect(&found.place).or(site.dialect);
            site
        });
        let mut findings = self.judge.findings(text, sites.collect());
        findings.retain(|finding| self.roles.is_empty() || self.roles.contains(&finding.site.role));
        Read {
            bytes: bytes.len() as u64,
            skipped: None,
            is_fallback: scanned.is_fallback,
            diff: mend(&path, text, &mut findings),
            path,
            findings,
            steps,
        }
    }
}

/// Tells the steps of agents in a file.
fn steps(path: &str, text: &str, found: &[Found]) -> Option<Pipeline> {
    let named: Vec<_> = found
        .iter()
        .filter_map(|found| Some((&found.site, scan::step_of(&found.place)?)))
        .collect();
    let named: Vec<_> = named
        .iter()
        .map(|(site, step)| (*site, step.as_str()))
        .collect();
    scan::steps_in(path, text, &named)
}

impl Read {
    fn skipped(path: String, reason: &str) -> Self {
        Self {
            path,
            bytes: 0,
            skipped: Some(reason.to_owned()),
            is_fallback: false,
            findings: Vec::new(),
            diff: String::new(),
            steps: None,
        }
    }
}

/// Puts a file's safe fixes together. Of two that would change one stretch in two ways the later
/// is left to people.
fn mend(path: &str, text: &str, findings: &mut [Finding]) -> String {
    let mut edits: Vec<Edit> = Vec::new();
    let mut made = String::new();
    for finding in findings {
        let Some(fix) = finding.fix.as_mut().filter(|fix| fix.is_safe()) else {
            continue;
        };
        let more: Vec<Edit> = edits.iter().chain(&fix.edits).cloned().collect();
        match scan::diff(path, text, &more) {
            Ok(diff) => (edits, made) = (more, diff),
            Err(_) => fix.safety = Safety::Suggest,
        }
    }
    made
}

/// Reads a file into a buffer that is used again.
fn fill(bytes: &mut Vec<u8>, path: &Path) -> io::Result<()> {
    bytes.clear();
    File::open(path)?.take(READ_MOST).read_to_end(bytes)?;
    Ok(())
}
