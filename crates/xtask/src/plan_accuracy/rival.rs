//! AIConfigurator: installed apart, asked row by row on a fixed sample, its answers kept. It must
//! not choose a row by what was measured.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::json::Json;
use crate::provision::{Missing, planners};
use crate::shell::{Fault, output, run};

/// Where the environment is made.
const PLACE: &str = "target/venvs/aiconfigurator";
/// The program that asks.
const PROGRAM: &str = "clients/planners/aiconfigurator/estimate.py";
/// The answers of this version.
const ANSWERS: &str = "aiconfigurator-0.12.0.jsonl";

/// Is the environment.
pub struct Rival {
    place: PathBuf,
    packages: PathBuf,
}

/// Is its answer to one row; none where it had none.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Time of an output token and time to the first one, in milliseconds.
    pub times: Option<(f64, f64)>,
}

impl Rival {
    /// Installs it, unless it is there.
    pub fn install(root: &Path) -> Result<Self, Fault> {
        let made = planners(root, Missing::Skips)?;
        let place = root.join(PLACE);
        if made.total().skipped > 0 {
            return Err(Fault::Said("its environment could not be made".to_owned()));
        }
        let python = place.join("bin/python").to_string_lossy().into_owned();
        let ask = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let packages = PathBuf::from(output(root, &python, &["-c", ask])?.trim());
        Ok(Self { place, packages })
    }

    /// Names the table of measurements that it brings along.
    pub fn table(&self) -> PathBuf {
        self.packages
            .join("aiconfigurator_core/systems/silicon_sample.csv")
    }

    /// Asks for the rows that were not asked for before, and reads all answers.
    pub fn answers(
        &self,
        root: &Path,
        scratch: &Path,
        ids: &[&str],
    ) -> Result<BTreeMap<String, Answer>, Fault> {
        let asked = scratch.join("sample.txt");
        let unwritable = |source| Fault::Read {
            path: asked.display().to_string(),
            source,
        };
        fs::write(&asked, ids.join("\n")).map_err(unwritable)?;
        let answers = scratch.join(ANSWERS);
        let python = self.place.join("bin/python");
        let line = [&python, &root.join(PROGRAM), &asked, &answers];
        let line: Vec<String> = line
            .iter()
            .map(|one| one.to_string_lossy().into_owned())
            .collect();
        let line: Vec<&str> = ["-n", "19"]
            .into_iter()
            .chain(line.iter().map(String::as_str))
            .collect();
        if let Err(fault) = run(root, "nice", &line) {
            // What was answered before is still worth a page.
            println!("AIConfigurator stopped early: {fault}");
        }
        let text = fs::read_to_string(&answers).map_err(|source| Fault::Read {
            path: answers.display().to_string(),
            source,
        })?;
        let lines = text.lines().filter_map(Json::read);
        let pairs = lines.filter_map(|line| {
            let id = line.get("id")?.text()?.to_owned();
            let time = |key: &str| line.get(key).and_then(Json::float);
            let times = time("tpot_ms").zip(time("ttft_ms"));
            Some((id, Answer { times }))
        });
        let mut found: BTreeMap<String, Answer> = pairs.collect();
        // Rows are asked by database: only an unbroken start of the sample is as fair as the whole.
        let start = ids.iter().take_while(|id| found.contains_key(**id));
        let start: Vec<&str> = start.copied().collect();
        found.retain(|id, _| start.contains(&id.as_str()));
        Ok(found)
    }
}

/// Draws a sample that is the same everywhere: the ids of the least hashes.
pub fn sample<'i>(ids: &[&'i str], count: usize) -> Vec<&'i str> {
    let mut sorted = ids.to_vec();
    sorted.sort_by_key(|id| (hash(id), *id));
    sorted.truncate(count);
    sorted
}

/// FNV-1a, its halves mixed: the same from build to build.
fn hash(text: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let hash = text.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.rotate_left(32)
}

#[cfg(test)]
mod tests {
    use super::sample;

    #[test]
    fn a_sample_does_not_depend_on_the_order_and_grows_by_what_follows() {
        let ids = ["a", "b", "c", "d", "e", "f"];
        let other = ["f", "e", "d", "c", "b", "a"];
        assert_eq!(sample(&ids, 3), sample(&other, 3));
        assert_eq!(sample(&ids, 4)[..3], sample(&ids, 3)[..]);
        assert_eq!(sample(&ids, 9).len(), 6);
    }
}
