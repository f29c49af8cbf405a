//! A plan of serving as manifests and as a page. It must not choose a layout.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use plan::accelerators::Accelerator;
use plan::assumptions::Assumption;
use plan::emit::{Target, Written, emit};
use plan::layouts::{Found, Question};
use plan::page::{Report, page};

use super::model::Chosen;
use super::shown::number;
use crate::exit::Fault;

/// What is written beside the answer.
#[derive(Args)]
pub struct WrittenAsked {
    /// Write the best layout as command lines (vllm, sglang, dynamo) or as LeaderWorkerSets
    /// (kubernetes) instead of the answer; vllm and sglang imply the engine and one pool
    #[arg(long, value_enum, value_name = "TARGET")]
    pub emit: Option<EmitTo>,
    /// The checkpoint that they serve, by path or by name on a hub [default: the model's name]
    #[arg(long, value_name = "NAME", requires = "emit")]
    checkpoint: Option<String>,
    /// Write the answer as one page that needs nothing else, with pictures
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Names what a layout is written for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EmitTo {
    /// Command lines of vLLM
    Vllm,
    /// Command lines of SGLang
    Sglang,
    /// Command lines of Dynamo
    Dynamo,
    /// Manifests of Kubernetes
    Kubernetes,
}

impl EmitTo {
    const fn target(self) -> Target {
        match self {
            Self::Vllm => Target::Vllm,
            Self::Sglang => Target::Sglang,
            Self::Dynamo => Target::Dynamo,
            Self::Kubernetes => Target::Kubernetes,
        }
    }
}

/// Writes the best layout for what was asked for.
///
/// # Errors
/// Fails when there is no layout, or the target cannot serve it.
pub fn manifest(
    asked: &WrittenAsked,
    to: EmitTo,
    question: &Question<'_>,
    found: &Found,
) -> Result<String, Fault> {
    let Some(offer) = found.offers.first() else {
        let what = "there is no layout to write";
        return Err(Fault::new(
            what,
            "leave --emit out to see why none serves the model",
        ));
    };
    let is_it = |part: &&&Accelerator| part.name == offer.accelerator;
    let part = question.accelerators.iter().find(is_it).copied();
    let value = |key: &str| {
        let value = part.map(|part| question.assumptions.value(key, part));
        value
            .transpose()
            .map(Option::unwrap_or_default)
            .map_err(super::faults::broken)
    };
    let written = Written {
        offer,
        checkpoint: asked.checkpoint.as_deref().unwrap_or(&question.model.name),
        resource: part.map_or("nvidia.com/gpu", |part| part.resource.as_str()),
        longest: question.traffic.input + question.traffic.output,
        usable: value("usable_memory")?,
        node: value("node")?.max(1.0),
        guessed: value("guessed")?,
    };
    emit(&written, to.target()).map_err(|error| {
        let what = format!("{} cannot be written so", offer.layout);
        Fault::because(
            error,
            what,
            "choose another layout by --layout, or another target",
        )
    })
}

/// Holds what a page shows beside what was found.
pub struct Shown<'s> {
    /// The model.
    pub chosen: &'s Chosen,
    /// The load and the aim in words.
    pub asked: &'s str,
    /// The accelerators.
    pub parts: &'s [&'s Accelerator],
    /// The assumptions in force.
    pub rows: &'s [Assumption],
    /// What must be said beside.
    pub notes: &'s [String],
    /// What the times rest on.
    pub rests_on: &'s str,
}

/// Writes the page.
///
/// # Errors
/// Fails when the file cannot be written.
pub fn html(path: &Path, shown: &Shown<'_>, found: &Found) -> Result<(), Fault> {
    let model = &shown.chosen.model;
    let size = format!(
        "{} billion parameters, {} active",
        number(model.parameters() / 1e9),
        number(model.active_parameters() / 1e9)
    );
    let sourced =
        |part: &&Accelerator| (part.name.clone(), part.source.clone(), part.read_on.clone());
    let parts: Vec<_> = shown.parts.iter().map(sourced).collect();
    let report = Report {
        model: &model.name,
        basis: (shown.chosen.basis.kind, &shown.chosen.basis.source),
        size: &size,
        asked: shown.asked,
        found,
        parts: &parts,
        assumptions: shown.rows,
        notes: shown.notes,
        rests_on: shown.rests_on,
        version: env!("CARGO_PKG_VERSION"),
    };
    let text = page(&report).map_err(|error| {
        Fault::because(
            error,
            "the page cannot be made",
            "report this as a fault of Tiergate",
        )
    })?;
    fs::write(path, text).map_err(|error| {
        let what = format!("{} cannot be written", path.display());
        Fault::because(error, what, "name a file in a folder that you may write to")
    })
}
