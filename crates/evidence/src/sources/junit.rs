//! The source `junit`: cases of a JUnit report, each passed or failed. It must not know what wrote
//! the report, nor what a case asked.

use std::collections::HashMap;

use roxmltree::{Document, Node, NodeId, ParsingOptions};

use super::source::{Epochs, Source};
use crate::imported::{Count, ImportFault, Imported, ImportedRow, Requests, Scored, Warning};
use crate::rows::{MOST_ROWS, Outcome};
use crate::suite::digest_of;

/// The most nodes of a report: what surrounds a case is few for each.
const MOST_NODES: u32 = 32 * MOST_ROWS as u32;
/// The deepest that a case may stand.
const MOST_DEPTH: usize = 16;
/// The name of the only scorer.
const SCORER: &str = "passed";
/// How much of a file is looked at to recognise it.
const HEAD_BYTES: usize = 4 << 10;

/// Reads JUnit reports.
pub(super) struct Junit;

/// How many cases there are, and how they ended.
#[derive(Default)]
struct Tally {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

impl Source for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn about(&self) -> &'static str {
        "A JUnit report as XML. Each case that was not skipped is a row that scores 1 where it \
         passed and 0 where it failed, under the scorer `passed`; one with an error was not \
         answered. A case of the same name is a further epoch of it. The counts that each suite \
         states are checked. A report with a document type is refused. A case may have taken \
         any number of requests, but one at least."
    }

    fn recognises(&self, bytes: &[u8]) -> bool {
        let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let mark = b"<testsuite";
        head.trim_ascii_start().first() == Some(&b'<')
            && head.windows(mark.len()).any(|window| window == mark)
    }

    fn read(&self, bytes: &[u8]) -> Result<Imported, ImportFault> {
        let malformed = |what: String| ImportFault::malformed("the report", what);
        let text = std::str::from_utf8(bytes).map_err(|wrong| malformed(wrong.to_string()))?;
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: MOST_NODES,
            ..ParsingOptions::default()
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let tree = Document::parse_with_options(text, options);
        let tree = tree.map_err(|wrong| malformed(wrong.to_string()))?;
        let root = tree.root_element();
        if !is_suite(&root) {
            return Err(malformed("it is not of test suites".to_owned()));
        }
        let cases: Vec<Node<'_, '_>> = root.descendants().filter(is_case).collect();
        let rows = rows(&cases);
        let skipped = cases.iter().filter(|case| has(case, "skipped")).count() as u64;
        Ok(Imported {
            source: self.name(),
            tool: self.name(),
            tool_version: None,
            file_digest: digest_of(bytes),
            task: name_of(&root),
            requested_model: None,
            counts: counts(&root)?,
            contradictions: Vec::new(),
            requests: Requests {
                least: rows.len() as u64,
                most: None,
            },
            unfinished: None,
            rows,
            warnings: warnings(skipped),
        })
    }
}

fn is_suite(node: &Node<'_, '_>) -> bool {
    node.has_tag_name("testsuites") || node.has_tag_name("testsuite")
}

fn is_case(node: &Node<'_, '_>) -> bool {
    node.has_tag_name("testcase")
}

fn has(case: &Node<'_, '_>, what: &str) -> bool {
    case.children().any(|child| child.has_tag_name(what))
}

fn warnings(skipped: u64) -> Vec<Warning> {
    let mut warnings = vec![Warning::Unsaid {
        what: "which model was asked, nor what",
    }];
    if skipped > 0 {
        warnings.push(Warning::Skipped { count: skipped });
    }
    warnings
}

fn name_of(root: &Node<'_, '_>) -> String {
    let first = root.descendants().filter(is_suite);
    let mut names = first.filter_map(|suite| suite.attribute("name"));
    names.next().unwrap_or_default().to_owned()
}

fn rows(cases: &[Node<'_, '_>]) -> Vec<ImportedRow> {
    let mut epochs = Epochs::default();
    let mut rows = Vec::with_capacity(cases.len());
    for case in cases.iter().filter(|case| !has(case, "skipped")) {
        let name = case.attribute("name").unwrap_or_default();
        let item = match case.attribute("classname") {
            Some(class) if !class.is_empty() => format!("{class}::{name}"),
            _ => name.to_owned(),
        };
        let is_passed = !has(case, "failure") && !has(case, "error");
        let seconds = case
            .attribute("time")
            .and_then(|time| time.parse::<f64>().ok());
        rows.push(ImportedRow {
            cluster: item.clone(),
            part: case
                .parent()
                .and_then(|suite| suite.attribute("name").map(str::to_owned)),
            epoch: epochs.next(&item),
            asked: None,
            outcome: if has(case, "error") {
                Outcome::Error
            } else {
                Outcome::Ok
            },
            scores: vec![Scored {
                scorer: SCORER.to_owned(),
                value: if is_passed { 1.0 } else { 0.0 },
            }],
            served_model: None,
            tokens: None,
            time_ms: seconds.map(|time| (time * 1000.0).max(0.0) as u64),
            responses: Vec::new(),
            decisions: Vec::new(),
            item,
        });
    }
    rows
}

/// Compares what each suite states with its cases; what it does not state is not compared.
fn counts(root: &Node<'_, '_>) -> Result<Vec<Count>, ImportFault> {
    let tallies = tallies(root)?;
    let mut counts = Vec::new();
    for (at, suite) in (1..).zip(root.descendants().filter(is_suite)) {
        let nothing = Tally::default();
        let tally = tallies.get(&suite.id()).unwrap_or(&nothing);
        let found = [
            ("tests", tally.tests),
            ("failures", tally.failures),
            ("errors", tally.errors),
            ("skipped", tally.skipped),
        ];
        for (what, found) in found {
            let Some(stated) = suite.attribute(what) else {
                continue;
            };
            let what = format!("{what} of suite {at}");
            let stated = stated.trim().parse::<u64>();
            let stated = stated.map_err(|wrong| ImportFault::malformed(&*what, wrong))?;
            counts.push(Count {
                what,
                stated,
                found,
            });
        }
    }
    Ok(counts)
}

/// Counts each case in every suite that it stands in.
fn tallies(root: &Node<'_, '_>) -> Result<HashMap<NodeId, Tally>, ImportFault> {
    let mut tallies: HashMap<NodeId, Tally> = HashMap::new();
    for case in root.descendants().filter(is_case) {
        for (depth, above) in case.ancestors().enumerate() {
            if depth > MOST_DEPTH {
                let what = format!("a case stands deeper than {MOST_DEPTH} elements");
                return Err(ImportFault::malformed("the report", what));
            }
            if is_suite(&above) {
                tallies.entry(above.id()).or_default().add(&case);
            }
        }
    }
    Ok(tallies)
}

impl Tally {
    fn add(&mut self, case: &Node<'_, '_>) {
        self.tests += 1;
        if has(case, "skipped") {
            self.skipped += 1;
        } else if has(case, "error") {
            self.errors += 1;
        } else if has(case, "failure") {
            self.failures += 1;
        }
    }
}
