//! Measures `tiergate scan` by labelled lines of public repositories, beside plain search and other
//! scanners. It must not fetch anything: what is not there is skipped, and told.

mod located;
mod score;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::json::Json;
use crate::reference::binary;
use crate::scan_bench::located::Located;
use crate::scan_bench::score::{HEADINGS, Score};
use crate::shell::{Fault, cargo, run};
use crate::truth::{self, Label};

/// Is one scanner that is asked beside ours.
struct Tool {
    name: &'static str,
    program: &'static str,
    /// What it is called with; `{}` stands for the checkout.
    arguments: &'static [&'static str],
}

/// Scanners as their packages install them on the path; each writes JSON.
const TOOLS: &[Tool] = &[
    Tool {
        name: "ai-bom",
        program: "ai-bom",
        arguments: &[
            "scan",
            "{}",
            "--format",
            "sarif",
            "--quiet",
            "--output",
            "/dev/stdout",
        ],
    },
    Tool {
        name: "aibom-scanner",
        program: "aibom-scanner",
        arguments: &["scan", "--path", "{}", "--format", "sarif"],
    },
    Tool {
        name: "scanllm",
        program: "scanllm",
        arguments: &[
            "scan",
            "{}",
            "-o",
            "json",
            "--full-scan",
            "--no-save",
            "--no-banner",
        ],
    },
];

/// Makes the report; returns whether ours met the bars.
pub fn bench(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    let (folder, files): (&str, &[&str]) = match arguments {
        [folder] => (folder, &["labels.csv", "fixes.csv"]),
        [folder, "--held"] | ["--held", folder] => {
            (folder, &["labels.csv", "labels-held.csv", "fixes.csv"])
        }
        _ => {
            return Err(Fault::Said(
                "name the directory that holds the checkouts, as `crates/xtask/truth/README.md` \
                 says, and `--held` to measure by the labels set aside too"
                    .to_owned(),
            ));
        }
    };
    run(root, &cargo(), &["build", "--release", "-p", "tiergate"])?;
    let mut sets = Vec::new();
    for file in files {
        sets.push((*file, truth::labels(root, file)?));
    }
    let all = sets.iter().flat_map(|(_, labels)| labels);
    let repositories: BTreeSet<&str> = all.map(|label| label.repository.as_str()).collect();
    let mut scores: BTreeMap<(String, &str), Score> = BTreeMap::new();
    let mut skips = Vec::new();
    for repository in repositories {
        let checkout = Path::new(folder).join(repository.replace('/', "+"));
        if !checkout.is_dir() {
            skips.push(format!(
                "{repository}: there is no `{}`",
                checkout.display()
            ));
            continue;
        }
        let told = ask_all(root, &checkout, &mut skips)?;
        for (name, located) in &told {
            for (file, labels) in &sets {
                let own = labels.iter().filter(|label| label.repository == repository);
                let own: Vec<&Label> = own.collect();
                let score = scores.entry((name.clone(), *file)).or_default();
                score.add(&own, located);
            }
        }
    }
    print(&scores, files, &skips);
    let ours = |file: &str| {
        let all = scores
            .iter()
            .filter(|((name, of), _)| name == "tiergate" && *of == file);
        all.map(|(_, score)| score).all(Score::meets_the_bars)
    };
    Ok(files.iter().all(|file| ours(file)))
}

/// Asks ours, plain search and what else is installed about one checkout.
fn ask_all(
    root: &Path,
    checkout: &Path,
    skips: &mut Vec<String>,
) -> Result<Vec<(String, Located)>, Fault> {
    let mut told = Vec::new();
    let ours = binary(root);
    let path = checkout.to_string_lossy();
    let begun = Instant::now();
    let json = ask(&ours, &["scan", &path, "--json"])?;
    println!("tiergate scan {path}: {:?}", begun.elapsed());
    let json = json.ok_or_else(|| Fault::Said(format!("`tiergate scan {path}` wrote no JSON")))?;
    told.push(("tiergate".to_owned(), Located::ours(&json)));
    told.push(("plain search".to_owned(), Located::everywhere(checkout)));
    for tool in TOOLS {
        let arguments: Vec<&str> = tool
            .arguments
            .iter()
            .map(|argument| if *argument == "{}" { &*path } else { argument })
            .collect();
        match ask(tool.program, &arguments) {
            Ok(Some(json)) => told.push((tool.name.to_owned(), Located::others(&json))),
            Ok(None) => skips.push(format!("{}: wrote no JSON about {path}", tool.name)),
            Err(fault) => skips.push(format!("{}: {fault}", tool.name)),
        }
    }
    Ok(told)
}

/// Runs a scanner and reads what it writes. Some end with a failure where they find something.
fn ask(program: &str, arguments: &[&str]) -> Result<Option<Json>, Fault> {
    let ended = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|source| Fault::Start {
            program: program.to_owned(),
            source,
        })?;
    let text = String::from_utf8_lossy(&ended.stdout);
    let begin = text.find('{').unwrap_or(text.len());
    Ok(Json::read(text.get(begin..).unwrap_or_default()))
}

fn print(scores: &BTreeMap<(String, &str), Score>, files: &[&str], skips: &[String]) {
    let mut told: Vec<&String> = skips.iter().collect();
    told.dedup();
    for skip in told {
        println!("skipped: {skip}");
    }
    for file in files {
        println!("\n{file}\n{HEADINGS}");
        let of_file = scores.iter().filter(|((_, of), _)| of == file);
        for ((name, _), score) in of_file {
            println!("{}", score.row(name));
        }
    }
}
