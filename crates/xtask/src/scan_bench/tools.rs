//! Installs the scanners that are asked beside ours, and asks one about a checkout. It must not
//! count.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::json::Json;
use crate::provision::{self, Missing};
use crate::shell::Fault;

/// Where each scanner states the packages that it consists of.
const STATED: &str = "clients/scanners";
/// Where they are installed.
const INSTALLED: &str = "target/venvs";
/// Where their answers are kept, by version; whoever wants them asked again removes it.
const KEPT: &str = "target/scan-bench";

/// Is one scanner that is asked beside ours.
#[derive(Debug)]
pub struct Tool {
    /// Its package, its program, and the folder that states it.
    pub name: &'static str,
    /// What it is called with; `{}` stands for the checkout.
    arguments: &'static [&'static str],
}

/// Scanners that write JSON.
const TOOLS: &[Tool] = &[
    Tool {
        name: "ai-bom",
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
        arguments: &["scan", "--path", "{}", "--format", "sarif"],
    },
    Tool {
        name: "scanllm",
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

/// Is one scanner that is there.
#[derive(Debug)]
pub struct Ready {
    tool: &'static Tool,
    program: PathBuf,
    /// The version that its folder states.
    pub version: String,
}

/// Shows which scanners are there, and which are not and why, each once.
#[derive(Debug, Default)]
pub struct Tools {
    /// Those that can be asked.
    pub ready: Vec<Ready>,
    /// Why others cannot.
    pub skips: Vec<String>,
}

/// Installs what is stated, each in an environment of its own.
pub fn install(root: &Path) -> Result<Tools, Fault> {
    let tally = provision::scanners(root, Missing::Skips)?;
    let mut tools = Tools::default();
    for tool in TOOLS {
        let place = root.join(INSTALLED).join(tool.name);
        let program = place.join("bin").join(tool.name);
        let is_made = place.join("installed").is_file();
        if is_made && program.is_file() {
            let version = version(root, tool.name);
            tools.ready.push(Ready {
                tool,
                program,
                version,
            });
            continue;
        }
        let said = tally.skips.iter().find(|skip| skip.contains(tool.name));
        let why = said.cloned().unwrap_or_else(|| {
            format!(
                "`{STATED}/{}/requirements.txt` installs no program of that name",
                tool.name
            )
        });
        tools.skips.push(format!("{}: {why}", tool.name));
    }
    Ok(tools)
}

impl Ready {
    /// Names it.
    pub fn name(&self) -> &'static str {
        self.tool.name
    }

    /// Asks about a checkout; none where it writes no JSON. The answer is kept, since these take
    /// minutes and a version says the same of the same files.
    pub fn ask(&self, root: &Path, checkout: &Path) -> Result<Option<Json>, Fault> {
        let name = checkout.file_name().unwrap_or_default().to_string_lossy();
        let folder = root.join(KEPT).join(self.name()).join(&self.version);
        let kept = folder.join(format!("{name}.json"));
        if let Ok(text) = fs::read_to_string(&kept) {
            return Ok(Json::read(&text));
        }
        let path = checkout.to_string_lossy();
        let fill = |argument: &&'static str| match *argument {
            "{}" => path.to_string(),
            argument => argument.to_owned(),
        };
        let arguments: Vec<String> = self.tool.arguments.iter().map(fill).collect();
        println!("{} on {name}", self.name());
        let text = ask(&self.program.to_string_lossy(), &arguments)?;
        let json = Json::read(&text);
        if json.is_some() {
            let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&kept, &text));
            written.map_err(|source| Fault::Read {
                path: kept.display().to_string(),
                source,
            })?;
        }
        Ok(json)
    }
}

/// Runs a scanner and returns what it writes from the first brace on. Some end with a failure where
/// they find something.
pub fn ask(program: &str, arguments: &[String]) -> Result<String, Fault> {
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
    Ok(text.get(begin..).unwrap_or_default().to_owned())
}

fn version(root: &Path, name: &str) -> String {
    let stated = root.join(STATED).join(name).join("requirements.txt");
    let stated = fs::read_to_string(stated).unwrap_or_default();
    pins(&stated).remove(name).unwrap_or_default()
}

/// Reads the versions that a statement pins, by package.
fn pins(stated: &str) -> BTreeMap<String, String> {
    let lines = stated.lines().map(str::trim);
    let pins = lines.filter_map(|line| line.split_once("=="));
    pins.map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests;
