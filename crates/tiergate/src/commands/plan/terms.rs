//! On what a plan is made and what is assumed for it. It must not let a change of an assumption go
//! unsaid.

use clap::Args;
use plan::accelerators::{Accelerator, Accelerators};
use plan::assumptions::{Assumption, Assumptions, GPU_HOUR, Kind};
use plan::precision::Precision;

use super::model::Chosen;
use crate::exit::Fault;
use crate::output;

/// Says on what and under which terms.
#[derive(Args)]
pub struct TermsAsked {
    /// Accelerators, such as gb300,h200 [default: all that are known and have a price]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    on: Vec<String>,
    /// What an accelerator costs you for an hour, in USD [default: the middle list price on demand,
    /// or an assumption where no list has one; shown with its source]
    #[arg(long, value_name = "USD")]
    gpu_hour: Option<f64>,
    /// Put a number in place of an assumption, for all accelerators or for one
    /// (gpu_hour.H200=2.5); may be repeated. The answer lists those in force
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// Reads the name of a format of weights, as an argument.
///
/// # Errors
/// Fails when it is none.
pub fn precision(text: &str) -> Result<Precision, String> {
    Precision::read(text).ok_or_else(|| format!("`{text}` is none of bf16, fp8, fp4"))
}

/// Holds what there is, and what is assumed.
pub struct Terms {
    /// All accelerators that are known.
    pub parts: Accelerators,
    /// What is assumed.
    pub assumptions: Assumptions,
}

impl TermsAsked {
    /// Takes what the user set over what ships.
    ///
    /// # Errors
    /// Fails when something is set that does not exist or makes no sense.
    pub fn terms(&self) -> Result<Terms, Fault> {
        let parts = Accelerators::shipped().map_err(super::faults::broken)?;
        let mut assumptions = Assumptions::shipped().map_err(super::faults::broken)?;
        let mend = "see the assumptions in force at the end of the answer";
        if let Some(usd) = self.gpu_hour {
            let put = assumptions.put(GPU_HOUR, None, usd);
            put.map_err(|error| Fault::because(error, "--gpu-hour is no price", mend))?;
        }
        for text in &self.set {
            let set = assumptions.set(text, &parts);
            set.map_err(|error| Fault::because(error, format!("--set {text} sets nothing"), mend))?;
        }
        Ok(Terms { parts, assumptions })
    }

    /// Finds the accelerators that are asked for; all that have a price where none is.
    ///
    /// # Errors
    /// Fails when one is not known.
    pub fn on<'t>(&self, terms: &'t Terms) -> Result<Vec<&'t Accelerator>, Fault> {
        if !self.on.is_empty() {
            let mut found: Vec<&Accelerator> = Vec::new();
            for name in &self.on {
                let part = terms.parts.find(name);
                let part =
                    part.map_err(|error| Fault::new(error.to_string(), "name one of these"))?;
                if !found.iter().any(|one| one.name == part.name) {
                    found.push(part);
                }
            }
            return Ok(found);
        }
        Ok(priced(terms))
    }

    /// Says whether accelerators were named.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        !self.on.is_empty()
    }
}

/// Lists the accelerators that have a price.
#[must_use]
pub fn priced(terms: &Terms) -> Vec<&Accelerator> {
    let has_price = |part: &&Accelerator| terms.assumptions.value(GPU_HOUR, part).is_ok();
    terms.parts.all().iter().filter(has_price).collect()
}

/// Names the accelerators that have none.
#[must_use]
pub fn unpriced(terms: &Terms) -> Vec<String> {
    let has_none = |part: &&Accelerator| terms.assumptions.value(GPU_HOUR, part).is_err();
    let parts = terms.parts.all().iter().filter(has_none);
    parts.map(|part| part.name.clone()).collect()
}

/// Says what must be known of the prices of accelerators side by side: that lists quote rent
/// without a commitment, and whose price no list has.
#[must_use]
pub fn prices(terms: &Terms, parts: &[&Accelerator]) -> Vec<String> {
    let rows = terms.assumptions.in_force(&[GPU_HOUR], parts);
    let of = |kind: Kind| -> Vec<&str> {
        let rows = rows.iter().filter(|row| row.kind == kind);
        rows.filter_map(|row| row.accelerator.as_deref()).collect()
    };
    let (listed, assumed) = (of(Kind::Fact), of(Kind::Assumption));
    let mut notes = Vec::new();
    if !listed.is_empty() {
        notes.push(
            "an hour is priced as lists have it without a commitment; one for months or years \
             costs less: give yours by --gpu-hour"
                .to_owned(),
        );
    }
    if !listed.is_empty() && !assumed.is_empty() {
        notes.push(format!(
            "no list has a price of {}: it is assumed, and money beside that of a list compares \
             badly",
            assumed.join(", ")
        ));
    }
    notes
}

/// Writes what a plan rests on: the model, the accelerators, and each assumption in force.
pub fn tell(chosen: &Chosen, parts: &[&Accelerator], rows: &[Assumption]) {
    let basis = &chosen.basis;
    let facts = [vec![
        "shape".to_owned(),
        chosen.model.name.clone(),
        String::new(),
        String::new(),
        basis.kind.to_owned(),
        format!("{} ({})", basis.source, basis.read_on),
    ]];
    let of_parts = parts.iter().map(|part| {
        vec![
            "datasheet".to_owned(),
            part.name.clone(),
            String::new(),
            String::new(),
            "fact".to_owned(),
            format!("{} ({})", part.source, part.read_on),
        ]
    });
    let assumed = rows.iter().map(|row| {
        let kind = match row.kind {
            Kind::Fact => "fact",
            Kind::Assumption => "assumption",
            Kind::Set => "set",
        };
        vec![
            row.key.clone(),
            row.accelerator.clone().unwrap_or_default(),
            super::shown::number(row.value),
            row.unit.clone(),
            kind.to_owned(),
            format!("{}; {} ({})", row.about, row.source, row.read_on),
        ]
    });
    let all: Vec<Vec<String>> = facts.into_iter().chain(of_parts).chain(assumed).collect();
    output::table(
        &["key", "of", "value", "unit", "kind", "meaning and source"],
        &all,
    );
}
