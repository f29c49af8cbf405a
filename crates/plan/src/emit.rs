//! A chosen layout as command lines and manifests of engines that exist. It must not start one, and
//! names no option that the pinned engines do not have: a test reads theirs.

mod engines;
mod kubernetes;
mod pinned;
mod worker;

use crate::layouts::Unit;

pub use crate::emit::pinned::{Engine, Engines};
pub use crate::emit::worker::{Choice, Command, EmitFault, Given, Place, Role, Workers, Written};

/// Names what a layout is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Command lines of vLLM.
    Vllm,
    /// Command lines of SGLang.
    Sglang,
    /// Command lines of Dynamo's workers and frontend.
    Dynamo,
    /// LeaderWorkerSets of Kubernetes.
    Kubernetes,
}

/// Lists the commands of a layout: for each kind of worker one, and Dynamo's frontend before them.
///
/// # Errors
/// Fails when the target cannot serve the layout.
pub fn commands(written: &Written<'_>, target: Target) -> Result<Vec<Command>, EmitFault> {
    let engine = written.offer.engine.as_str();
    let is_apart = matches!(written.offer.unit, Unit::Apart { .. });
    let wanted = match target {
        Target::Vllm => Some("vllm"),
        Target::Sglang => Some("sglang"),
        Target::Dynamo | Target::Kubernetes => None,
    };
    if let Some(target) = wanted.filter(|wanted| *wanted != engine) {
        let engine = engine.to_owned();
        return Err(EmitFault::Engine { engine, target });
    }
    let is_dynamo = target == Target::Dynamo || (target == Target::Kubernetes && is_apart);
    if is_apart && !is_dynamo {
        return Err(EmitFault::Apart);
    }
    let workers = written.workers()?;
    let frontend = is_dynamo.then(engines::frontend);
    let workers = workers.iter().map(|one| {
        if is_dynamo {
            engines::dynamo(written, one)
        } else {
            engines::plain(written, one)
        }
    });
    Ok(frontend.into_iter().chain(workers).collect())
}

/// Writes a layout for a target.
///
/// # Errors
/// Fails when the target cannot serve it.
pub fn emit(written: &Written<'_>, target: Target) -> Result<String, EmitFault> {
    let commands = commands(written, target)?;
    let engines = Engines::shipped()?;
    let mut text = head(written, &engines);
    if target == Target::Kubernetes {
        text.push_str(&kubernetes::manifests(written, &commands, &engines));
        return Ok(text);
    }
    for command in &commands {
        text.push('\n');
        text.push_str(&script(command));
    }
    Ok(text)
}

/// Says as comments what a text was made from, and what it leaves open.
fn head(written: &Written<'_>, engines: &Engines) -> String {
    let offer = written.offer;
    let named = |engine: &Engine| format!("{} {}", engine.package, engine.version);
    let versions: Vec<String> = engines.all().iter().map(named).collect();
    let versions = versions.join(", ");
    let mut lines = vec![
        format!("Made by `tiergate plan serve` for the options of {versions}."),
        format!(
            "{:.0} × {} on {}: {:.0} accelerators and {:.0} requests in flight each.",
            offer.units,
            offer.layout,
            offer.accelerator,
            offer.accelerators_each,
            offer.in_flight_each
        ),
        format!(
            "The plan takes weights in {}: name a checkpoint in that format.",
            offer.precision
        ),
    ];
    if written.guessed > 0.0 {
        lines.push(format!(
            "The plan guesses {:.0} tokens ahead: add your engine's speculative decoding.",
            written.guessed
        ));
    }
    if offer.serving == "apart" {
        let what =
            "Frontend and workers find each other by Dynamo's own platform: install it first.";
        lines.push(what.to_owned());
    }
    lines.iter().map(|line| format!("# {line}\n")).collect()
}

/// Writes a command for a shell: on one node, or on the first and on the others.
fn script(command: &Command) -> String {
    let Some(workers) = &command.workers else {
        return format!(
            "# {}, once\n{}",
            command.role.name(),
            shell(command, Place::Leader)
        );
    };
    let (role, count) = (command.role.name(), workers.count);
    let on = format!("{:.0} accelerators", workers.accelerators);
    if workers.nodes <= 1.0 {
        return format!(
            "# {role}, {count:.0} times, {on}\n{}",
            shell(command, Place::Leader)
        );
    }
    format!(
        "# {role}, {count:.0} times, over {:.0} nodes of {on}; LEADER is the address of the first \
         node\n# on the first, with RANK=0\n{}# on each other, with RANK from 1\n{}",
        workers.nodes,
        shell(command, Place::Leader),
        shell(command, Place::Follower)
    )
}

/// Writes the words of a command, an option a line, quoted where a shell would read more into them.
fn shell(command: &Command, place: Place) -> String {
    let words = command.line(place, "\"$RANK\"", "\"$LEADER\"");
    let mut text = String::new();
    for word in words {
        let is_option = word.starts_with("--");
        let is_plain =
            |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@+,".contains(letter);
        let is_quoted = word.starts_with("\"$");
        let shown = if is_quoted || word.chars().all(is_plain) {
            word
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        };
        if is_option {
            text.push_str(" \\\n  ");
        } else if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&shown);
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
