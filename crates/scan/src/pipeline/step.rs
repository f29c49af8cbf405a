//! The steps of an agent and their edges, as reports show them. It must not find or draw any.

use serde::Serialize;

/// Shows the steps of one agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pipeline {
    /// The caller, or the file.
    pub name: String,
    /// Where it is told from.
    pub origin: Origin,
    /// The steps, in the order in which they were met.
    pub steps: Vec<Step>,
    /// Which follows which.
    pub edges: Vec<Edge>,
    /// Steps that stand out from their neighbours.
    pub findings: Vec<Odd>,
    /// How many requests of the caller named no step.
    pub unnamed: u64,
    /// The graph in Mermaid's words.
    pub mermaid: String,
}

/// Says where a pipeline is told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// From what callers sent.
    Traffic,
    /// From what is written.
    Code,
}

/// Shows one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// The names that it asks for: tiers, aliases, models.
    pub asks: Vec<Part>,
    /// The tiers that answered; none of code.
    pub tiers: Vec<Part>,
    /// The models that answered, or that the code names.
    pub models: Vec<Part>,
    /// Where it stands in the code: lines of the file.
    pub lines: Vec<u32>,
    /// What its requests came to; nothing of code.
    pub traffic: Option<StepTraffic>,
}

/// Counts one name of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The name.
    pub name: String,
    /// How many requests, or places.
    pub count: u64,
}

/// Sums the requests of one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StepTraffic {
    /// How many.
    pub requests: u64,
    /// How many were answered in full.
    pub answered: u64,
    /// How many the model refused.
    pub refused: u64,
    /// How many answers were cut at a limit.
    pub cut: u64,
    /// How many failed.
    pub failed: u64,
    /// How many its caller has reported on.
    pub reported: u64,
    /// How well those went, in percent.
    pub success_percent: Option<f64>,
    /// What they cost in US dollars, as far as prices are known.
    pub cost_usd: String,
    /// What one costs, of those whose price is known.
    pub cost_usd_each: Option<String>,
    /// How many have no known price.
    pub unpriced: u64,
    /// Input tokens.
    pub input_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// How many asked for a model by its own name, or an alias of one, and not for a tier.
    pub by_model: u64,
}

/// Shows that one step follows another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// Place of the earlier step.
    pub from: usize,
    /// Place of the later one.
    pub to: usize,
    /// How often, in traffic; places, in code.
    pub times: u64,
    /// Why they are held to be neighbours.
    pub because: &'static str,
}

/// Shows a step that stands out from its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Odd {
    /// The step.
    pub step: String,
    /// What it uses.
    pub uses: Vec<String>,
    /// Its neighbours.
    pub neighbours: Vec<String>,
    /// What those use.
    pub they_use: Vec<String>,
    /// The finding, in a sentence.
    pub says: String,
}

impl Step {
    /// Tells in a few words what it uses.
    pub(crate) fn uses(&self) -> String {
        let names = |parts: &[Part]| {
            let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
            names.join(", ")
        };
        match (names(&self.tiers), names(&self.models)) {
            (tiers, models) if tiers.is_empty() => models,
            (tiers, models) if models.is_empty() => tiers,
            (tiers, models) => format!("{tiers}: {models}"),
        }
    }

    /// Tells in a few words what its requests came to.
    pub(crate) fn came_to(&self) -> String {
        let Some(traffic) = &self.traffic else {
            let lines: Vec<_> = self.lines.iter().map(u32::to_string).collect();
            return match lines.as_slice() {
                [] => String::new(),
                [one] => format!("line {one}"),
                several => format!("lines {}", several.join(", ")),
            };
        };
        let success = match traffic.success_percent {
            Some(percent) => format!("{percent:.0} % of {} succeeded", traffic.reported),
            None => "success not reported".to_owned(),
        };
        let cost = match &traffic.cost_usd_each {
            Some(each) => format!("${each} each"),
            None => "price unknown".to_owned(),
        };
        format!("{} requests, {cost}, {success}", traffic.requests)
    }
}
