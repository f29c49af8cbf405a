//! `tiergate plan cascade`: a cheaper tier first, by outcomes measured item by item. It must not
//! hide which of its numbers are assumptions.

mod answer;
mod plot;
mod tables;

use std::fs;
use std::path::PathBuf;

use clap::Args;
use domain::Facts;
use plan::cascade::outcomes::{Feature, Names, Outcomes, read};
use plan::cascade::{Over, Question, Rates, Titles, Verifier, page, usual_feature};
use plan::cost::assumptions::Assumptions;

use self::answer::Answer;
use super::cost::models;
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::input::{self, Mends};
use crate::options::Common;
use crate::output;

/// Most bytes of a file of outcomes.
const MOST_BYTES: u64 = 1 << 30;
/// Most splits that are asked for at once.
const MOST_SPLITS: u32 = 100_000;

/// What is asked.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Asked {
    /// Outcomes item by item: CSV or a JSON array, with the columns `cheap_correct` and
    /// `strong_correct` (0 or 1); for cost also `prompt_tokens` or `prompt_chars`,
    /// `cheap_answer_tokens` or `…_chars`, or `cheap_cost_usd`, and the same of the strong tier.
    /// Every other column is one that a rule may go by
    file: PathBuf,
    /// The cheap tier, where its columns bear another name
    #[arg(long, value_name = "NAME")]
    cheap: Option<String>,
    /// The strong tier, likewise
    #[arg(long, value_name = "NAME")]
    strong: Option<String>,
    /// The cheap tier's price: USD a million tokens of input and output, such as 0.8/4, or a model
    /// of the price facts, such as anthropic/claude-haiku-5-5
    #[arg(long, value_name = "IN/OUT|MODEL")]
    cheap_price: Option<String>,
    /// The strong tier's price, likewise
    #[arg(long, value_name = "IN/OUT|MODEL")]
    strong_price: Option<String>,
    /// The column that a rule goes by [default: the first that names groups, else the first that is
    /// known before a tier is asked]
    #[arg(long, value_name = "COLUMN")]
    rule: Option<String>,
    /// State intervals for so many further items instead of the long run
    #[arg(long, value_name = "ITEMS")]
    next: Option<usize>,
    /// How many times one half of the items predicts the other
    #[arg(long, default_value_t = 200, value_parser = splits_range())]
    splits: u32,
    /// Where draws start: the same seed gives the same answer
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write a page with the frontier drawn
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Change an assumption; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

const EXAMPLE: &str = "Example:
  tiergate plan cascade outcomes.csv --cheap haiku --strong opus \\
    --cheap-price anthropic/claude-haiku-5-5 --strong-price 4/20 \\
    --set sensitivity=0.85 --set specificity=0.97";

fn splits_range() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=i64::from(MOST_SPLITS))
}

/// Studies and writes.
///
/// # Errors
/// Fails when the file holds no outcomes, or an option names what there is not.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let outcomes = outcomes(asked)?;
    let mut assumptions = Assumptions::shipped("cascade")?;
    for text in &asked.set {
        assumptions.set(text)?;
    }
    let feature = feature(asked, &outcomes)?;
    let (rates, prices) = rates(asked, &assumptions)?;
    let question = Question {
        outcomes: &outcomes,
        verifier: Verifier {
            sensitivity: assumptions.value("sensitivity")?,
            specificity: assumptions.value("specificity")?,
        },
        rates,
        feature,
        prior: assumptions.value("prior-items")?,
        over: asked.next.map_or(Over::TheLongRun, Over::Next),
        seed: asked.seed,
    };
    let splits = usize::try_from(asked.splits).unwrap_or_default();
    let study = question.study(splits);
    let answer = Answer {
        cheap: &outcomes.cheap,
        strong: &outcomes.strong,
        rule: feature.map(|feature| feature.name.as_str()),
        prices,
        study: &study,
        assumptions: assumptions.in_force(),
    };
    if let Some(path) = &asked.html {
        let titles = Titles {
            cheap: answer.cheap,
            strong: answer.strong,
            rule: answer.rule,
            prices: &answer.prices,
            assumptions: &answer.assumptions,
        };
        let text = page(&study, &titles).map_err(|error| {
            let mend = "report this as a fault of Tiergate";
            Fault::because(error, "the page cannot be made", mend)
        })?;
        fs::write(path, text).map_err(|error| {
            let what = format!("{} cannot be written", path.display());
            Fault::because(error, what, "name a place that can be written with --html")
        })?;
        output::note(format!("the page is in {}", path.display()));
    }
    if common.json {
        output::json(&answer);
    } else {
        tables::write(&answer, asked.next);
    }
    Ok(Exit::Done)
}

fn outcomes(asked: &Asked) -> Result<Outcomes, Fault> {
    let shown = asked.file.display();
    let mends = Mends {
        large: "split the file",
        unread: "name a file of outcomes, CSV or JSON",
    };
    let text = input::text(&asked.file, MOST_BYTES, mends)?;
    let names = Names {
        cheap: asked.cheap.clone(),
        strong: asked.strong.clone(),
    };
    read(&text, &names).map_err(|error| {
        let what = format!("{shown} holds no outcomes of two tiers");
        let mend = "give a row an item with `cheap_correct` and `strong_correct`, 0 or 1; where \
                    the columns are called NAME_correct, name both with --cheap and --strong";
        Fault::because(error, what, mend)
    })
}

fn feature<'o>(asked: &Asked, outcomes: &'o Outcomes) -> Result<Option<&'o Feature>, Fault> {
    let Some(name) = &asked.rule else {
        return Ok(usual_feature(outcomes));
    };
    let missing = || {
        let names = outcomes.features.iter().map(|one| one.name.as_str());
        let names: Vec<&str> = names.collect();
        let what = format!("no rule can go by `{name}`");
        let mend = match names.as_slice() {
            [] => "add a column with what is known of an item before it is answered".to_owned(),
            names => format!("name one of {}", names.join(", ")),
        };
        Fault::new(what, mend)
    };
    outcomes.feature(name).map(Some).ok_or_else(missing)
}

/// Finds both prices, and says what they are and where they are from.
fn rates(
    asked: &Asked,
    assumptions: &Assumptions,
) -> Result<(Rates, Vec<String>), Box<dyn std::error::Error + Send + Sync>> {
    let facts = Facts::shipped()?;
    let now = environment::now();
    let price = |text: &Option<String>| match text {
        None => Ok((None, "not given".to_owned())),
        Some(text) => {
            let (prices, basis) = models::two_prices(text, &facts, now)?;
            Ok::<_, Fault>((Some(prices), basis))
        }
    };
    let (cheap, of_cheap) = price(&asked.cheap_price)?;
    let (strong, of_strong) = price(&asked.strong_price)?;
    let rates = Rates {
        cheap,
        strong,
        chars_per_token: assumptions.value("chars-per-token")?,
        verifier: assumptions.value("verifier-usd")?,
    };
    Ok((
        rates,
        vec![format!("cheap: {of_cheap}"), format!("strong: {of_strong}")],
    ))
}
