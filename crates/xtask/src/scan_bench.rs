//! Measures `tiergate scan` by labelled lines of public repositories, beside plain search and other
//! scanners. It must not fetch a checkout: what is not there is skipped, and told.

mod located;
mod page;
mod score;
mod tools;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::json::Json;
use crate::reference::binary;
use crate::scan_bench::located::Located;
use crate::scan_bench::page::{Measured, Table};
use crate::scan_bench::score::Score;
use crate::scan_bench::tools::Tools;
use crate::shell::{Fault, cargo, output, run};
use crate::truth::{self, Label};

/// The page that is written.
const PAGE: &str = "docs/scan-bench.md";
const OURS: &str = "tiergate";
const SEARCH: &str = "plain search";
/// The labels of fix commits, which are complete for their models.
const FIXES: &str = "fixes.csv";

/// Makes the report and the page; returns whether ours met the bars.
pub fn bench(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    let (folder, files): (&str, &[&str]) = match arguments {
        [folder] => (folder, &["labels.csv", FIXES]),
        [folder, "--held"] | ["--held", folder] => {
            (folder, &["labels.csv", "labels-held.csv", FIXES])
        }
        _ => {
            return Err(Fault::Said(
                "name the directory that holds the checkouts, as `crates/xtask/truth/README.md` \
                 says, and `--held` to measure by the labels set aside too"
                    .to_owned(),
            ));
        }
    };
    let mut sets = Vec::new();
    for file in files {
        sets.push((*file, truth::labels(root, file)?));
    }
    let tools = tools::install(root)?;
    let mut skips = tools.skips.clone();
    let others = ask_others(root, Path::new(folder), &sets, &tools, &mut skips)?;
    run(root, &cargo(), &["build", "--release", "-p", "tiergate"])?;
    let mut measured = Measured {
        day: output(root, "date", &["-u", "+%Y-%m-%d"])?
            .trim()
            .to_owned(),
        asked: asked(root, &tools)?,
        skips,
        ..Measured::default()
    };
    let ours = measure(root, &sets, others, &mut measured)?;
    for (title, table) in measured.fixes.iter().chain(&measured.sets) {
        println!("{}", page::lines(title, table));
    }
    for skip in &measured.skips {
        println!("skipped: {skip}");
    }
    if measured.fixes.is_empty() {
        println!("no checkout of a fix commit is there, so `{PAGE}` is left as it is");
    } else {
        let path = root.join(PAGE);
        fs::write(&path, page::page(&measured)).map_err(|source| Fault::Read {
            path: PAGE.to_owned(),
            source,
        })?;
        println!("wrote {PAGE}");
    }
    Ok(ours)
}

fn asked(root: &Path, tools: &Tools) -> Result<Vec<String>, Fault> {
    let version = output(root, &binary(root), &["--version"])?;
    let commit = output(root, "git", &["rev-parse", "--short=8", "HEAD"])?;
    let mut asked = vec![format!("{} at {}", version.trim(), commit.trim())];
    let ready = tools.ready.iter();
    asked.extend(ready.map(|ready| format!("{} {}", ready.name(), ready.version)));
    Ok(asked)
}

/// Shows what one checkout was found to hold, by scanner; nothing where one wrote no JSON.
struct Asked {
    checkout: PathBuf,
    told: Vec<(String, Option<Located>)>,
}

/// Asks the other scanners about all checkouts that are there.
fn ask_others(
    root: &Path,
    folder: &Path,
    sets: &[(&str, Vec<Label>)],
    tools: &Tools,
    skips: &mut Vec<String>,
) -> Result<BTreeMap<String, Asked>, Fault> {
    let all = sets.iter().flat_map(|(_, labels)| labels);
    let repositories: BTreeSet<&str> = all.map(|label| label.repository.as_str()).collect();
    let mut asked = BTreeMap::new();
    let mut failed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for repository in repositories {
        let name = repository.replace('/', "+");
        let checkout = folder.join(&name);
        if !checkout.is_dir() {
            skips.push(format!("{repository}: there is no folder `{name}` in DIR"));
            continue;
        }
        let mut told = Vec::new();
        for ready in &tools.ready {
            let json = ready.ask(root, &checkout)?;
            if json.is_none() {
                failed.entry(ready.name()).or_default().push(repository);
            }
            let located = json.as_ref().map(Located::others);
            told.push((ready.name().to_owned(), located));
        }
        asked.insert(repository.to_owned(), Asked { checkout, told });
    }
    for (name, repositories) in failed {
        skips.push(format!(
            "{name}: wrote no JSON about {}",
            repositories.join(", ")
        ));
    }
    Ok(asked)
}

/// Counts all sets of labels over all checkouts; returns whether ours met the bars.
fn measure(
    root: &Path,
    sets: &[(&str, Vec<Label>)],
    others: BTreeMap<String, Asked>,
    measured: &mut Measured,
) -> Result<bool, Fault> {
    let mut totals: BTreeMap<&str, Table> = BTreeMap::new();
    let nothing = Located::nothing();
    for (repository, asked) in others {
        let mut told = ask(root, &asked.checkout)?;
        told.extend(asked.told);
        for (file, labels) in sets {
            let own = labels.iter().filter(|label| label.repository == repository);
            let own: Vec<&Label> = own.collect();
            if own.is_empty() {
                continue;
            }
            let mut table = Table::new();
            for (place, (name, located)) in told.iter().enumerate() {
                // A scanner that fails on a repository finds nothing there.
                let located = located.as_ref().unwrap_or(&nothing);
                let score = table.entry((place, name.clone())).or_default();
                score.add(&own, located);
                if *file == FIXES {
                    score.add_whole(&own, located);
                }
            }
            let total = totals.entry(file).or_default();
            for (key, score) in &table {
                total.entry(key.clone()).or_default().sum(score);
            }
            if *file == FIXES {
                measured.fixes.push((title(&own), table));
            }
        }
    }
    for (file, _) in sets {
        let table = totals.remove(file).unwrap_or_default();
        measured.sets.push(((*file).to_owned(), table));
    }
    let ours = measured.sets.iter().flat_map(|(_, table)| table);
    let mut ours = ours.filter(|((_, name), _)| name == OURS);
    Ok(ours.all(|(_, score): (_, &Score)| score.meets_the_bars()))
}

/// Names a fix commit and the models that it leaves.
fn title(labels: &[&Label]) -> String {
    let models: BTreeSet<&str> = labels.iter().map(|label| label.model.as_str()).collect();
    let models: Vec<String> = models.iter().map(|model| format!("`{model}`")).collect();
    let first = labels.first();
    let repository = first.map_or("", |label| label.repository.as_str());
    let fix = first.and_then(|label| label.fix.as_deref());
    let fix = fix.map_or("", |fix| fix.get(..8).unwrap_or(fix));
    format!("{repository} {fix}: {}", models.join(", "))
}

/// Asks ours and plain search about one checkout.
fn ask(root: &Path, checkout: &Path) -> Result<Vec<(String, Option<Located>)>, Fault> {
    let path = checkout.to_string_lossy();
    let begun = Instant::now();
    let arguments = ["scan", &path, "--json"].map(str::to_owned);
    let text = tools::ask(&binary(root), &arguments)?;
    println!("tiergate scan {path}: {:?}", begun.elapsed());
    let json = Json::read(&text);
    let json = json.ok_or_else(|| Fault::Said(format!("`tiergate scan {path}` wrote no JSON")))?;
    Ok(vec![
        (OURS.to_owned(), Some(Located::ours(&json))),
        (SEARCH.to_owned(), Some(Located::everywhere(checkout))),
    ])
}
