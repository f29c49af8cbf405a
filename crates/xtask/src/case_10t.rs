//! Writes `docs/case-10t.md`, the case of ten trillion parameters, from the answers of the built
//! binary, or compares it with what those would make it. It must not compute an answer, nor hold a
//! number of one.

mod ask;
mod basis;
mod fleet;
mod question;
mod serving;
mod shown;
mod training;

use std::fs;
use std::path::Path;

use crate::case_10t::ask::{Answer, Asker};
use crate::case_10t::question::{CHANGES, DENSE, ONE_PART, PARTS, Question, SPARSE};
use crate::case_10t::serving::Served;
use crate::reference::{binary, build};
use crate::shell::Fault;

const PAGE: &str = "docs/case-10t.md";
const TEMPLATE: &str = include_str!("case_10t/page.md");
/// The formats that are asked for, with their names in the page.
const FORMATS: [(&str, &str); 2] = [("fp8", "eight bits"), ("fp4", "four bits")];

/// Writes or compares the page by a binary that is named, or that is built first.
pub fn chore(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    let built = || build(root).map(|()| binary(root));
    match arguments {
        [] => write(root, &built()?)?,
        ["--check"] => compare(root, &built()?)?,
        ["--binary", file] => write(root, file)?,
        ["--check", "--binary", file] | ["--binary", file, "--check"] => compare(root, file)?,
        _ => {
            return Err(Fault::Said(
                "it takes `--check` to compare, and `--binary FILE` for a built `tiergate`"
                    .to_owned(),
            ));
        }
    }
    Ok(true)
}

/// Writes the page.
pub fn write(root: &Path, tiergate: &str) -> Result<(), Fault> {
    let page = page(Asker { root, tiergate })?;
    fs::write(root.join(PAGE), page).map_err(fault)?;
    println!("wrote {PAGE}");
    Ok(())
}

/// Compares the page with what the binary's answers would make it.
pub fn compare(root: &Path, tiergate: &str) -> Result<(), Fault> {
    let committed = fs::read_to_string(root.join(PAGE)).map_err(fault)?;
    let fresh = page(Asker { root, tiergate })?;
    let Some(line) = first_difference(&committed, &fresh) else {
        return Ok(());
    };
    Err(Fault::Said(format!(
        "{PAGE} is not what the binary's answers make it, from line {line} on; run \
         `cargo xtask gen` and commit what it writes"
    )))
}

fn first_difference(one: &str, other: &str) -> Option<usize> {
    let (mut one, mut other) = (one.split('\n'), other.split('\n'));
    (1..).find_map(|line| match (one.next(), other.next()) {
        (None, None) => Some(None),
        (here, there) if here == there => None,
        _ => Some(Some(line)),
    })?
}

fn fault(source: std::io::Error) -> Fault {
    Fault::Read {
        path: PAGE.to_owned(),
        source,
    }
}

/// Holds all answers.
struct Answers {
    /// By format, sparse and dense, how many accelerators hold them.
    memory: Vec<Served>,
    serving: Vec<Served>,
    changes: Vec<(&'static str, Answer)>,
    fleet: Option<fleet::Fleet>,
    training: Vec<training::Run>,
}

impl Answers {
    fn ask(asker: Asker<'_>) -> Result<Self, Fault> {
        let (mut memory, mut serving, mut fleet) = (Vec::new(), Vec::new(), None);
        for (size, name) in [(SPARSE, "sparse"), (DENSE, "dense")] {
            for (format, bits) in FORMATS {
                let question = Question::of(size, format);
                let answer = question.ask(asker)?;
                if size == SPARSE {
                    memory.push(Served {
                        title: bits.to_owned(),
                        answer: question.ask_memory(asker)?,
                    });
                    // Of the formats the last, which is the smallest, has a replica within a rack.
                    fleet = fleet::ask(asker, &question, &answer, ONE_PART)?;
                }
                let title = format!("{name}, {bits}");
                serving.push(Served { title, answer });
            }
        }
        let mut changes = Vec::new();
        for change in CHANGES {
            let mut question = base();
            (change.to)(&mut question);
            changes.push((change.what, question.ask(asker)?));
        }
        Ok(Self {
            memory,
            serving,
            changes,
            fleet,
            training: training::ask(asker)?,
        })
    }

    /// Lists those that state what they rest on.
    fn resting(&self) -> Vec<&Answer> {
        let serving = self.serving.iter().map(|served| &served.answer);
        let training = self.training.iter().filter_map(training::Run::usual);
        serving.chain(training).collect()
    }
}

/// Asks the question of which one thing is changed at a time.
fn base() -> Question {
    Question {
        on: ONE_PART.to_owned(),
        ..Question::of(SPARSE, FORMATS[0].0)
    }
}

fn page(asker: Asker<'_>) -> Result<String, Fault> {
    let answers = Answers::ask(asker)?;
    let rows = basis::rows(&answers.resting());
    let command = |answers: &[Served]| {
        let first = answers.first();
        first.map_or_else(String::new, |served| served.answer.command.clone())
    };
    let changed = answers.changes.first();
    let rests_on = answers.serving.first().and_then(|served| {
        let said = served.answer.said.get("rests_on")?;
        said.text().map(str::to_owned)
    });
    let fleet = answers.fleet.as_ref();
    let none = || "No layout is in one pool without stages, so none is simulated.".to_owned();
    let parts = [
        ("read-on", basis::read_on(&rows)),
        ("listed", basis::listed(&rows)),
        ("short", serving::short(&answers.serving)),
        ("traffic", base().traffic()),
        ("aim", base().aim()),
        ("dense", DENSE.to_owned()),
        ("sparse", SPARSE.to_owned()),
        ("parts", PARTS.map(str::to_uppercase).join(", ")),
        ("rests-on", rests_on.unwrap_or_default()),
        ("hours", basis::hours(&rows)),
        ("assumptions", basis::others(&rows)),
        ("memory", serving::memory(&answers.memory)),
        ("memory-command", command(&answers.memory)),
        (
            "least-replica",
            serving::least_replica(&answers.memory, &ONE_PART.to_uppercase()),
        ),
        ("caches", serving::caches(&answers.serving)),
        ("serving", serving::layouts(&answers.serving)),
        ("fleet-about", fleet.map_or_else(none, fleet::Fleet::about)),
        ("fleet", fleet.map_or_else(String::new, fleet::Fleet::table)),
        (
            "fleet-command",
            fleet.map_or("", fleet::Fleet::command).to_owned(),
        ),
        ("training", training::bills(&answers.training)),
        ("training-commands", training::commands(&answers.training)),
        ("training-memory", training::memory(&answers.training)),
        ("loss", training::losses(&answers.training)),
        ("readings", training::readings(&answers.training)),
        ("change-format", FORMATS[0].1.to_owned()),
        ("change-part", ONE_PART.to_uppercase()),
        ("changes", serving::changes(&answers.changes)),
        (
            "change-command",
            changed.map_or_else(String::new, |(_, answer)| answer.command.clone()),
        ),
    ];
    filled(TEMPLATE, &parts)
}

/// Puts each part in its place; a place without a part, or a part without one, is an error.
fn filled(template: &str, parts: &[(&str, String)]) -> Result<String, Fault> {
    let named = |name: &str| parts.iter().find(|(part, _)| *part == name);
    let mut pieces = template.split('{');
    let mut page = pieces.next().unwrap_or_default().to_owned();
    let mut placed = Vec::new();
    for piece in pieces {
        let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let found = named(name);
        let (name, text) =
            found.ok_or_else(|| Fault::Said(format!("nothing was made for `{{{name}}}`")))?;
        placed.push(*name);
        page.push_str(text);
        page.push_str(rest);
    }
    let lost = parts.iter().find(|(name, _)| !placed.contains(name));
    match lost {
        None => Ok(page),
        Some((name, _)) => Err(Fault::Said(format!(
            "the template has no place for `{name}`"
        ))),
    }
}

#[cfg(test)]
mod tests;
