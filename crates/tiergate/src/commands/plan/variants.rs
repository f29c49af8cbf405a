//! `tiergate plan variants`: several models of one base side by side: bought, served, and what
//! evidence says. It must not say that a variant is good where nothing was measured.

mod assumed;
mod stored;

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Args;
use plan::accelerators::Accelerators;
use plan::cost::assumptions::InForce;
use plan::cost::bill::{Bill, bill};
use plan::cost::load::Load;
use plan::cost::offer::NoPrice;
use plan::model::Model;
use plan::models::{Models, sketch};
use plan::precision::Precision;
use plan::serving::Estimator;
use plan::units::Seconds;
use plan::variants::{
    Evidence, NotCounted, Place, Scored, Served, Shape, Variant, Variants, evidence,
    is_surely_better, serve,
};
use serde_json::{Value, json};

use self::assumed::Assumed;
use self::stored::{Stored, Told, Until};
use super::cost::models::Shelf;
use super::cost::{Conditioned, LoadOptions, bases, shown};
use super::faults::broken;
use super::fitted::FittedAsked;
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::input::{self, Mends};
use crate::options::Common;
use crate::output;

/// Most bytes of a file of variants or scores.
const MOST_BYTES: u64 = 1 << 24;

/// What is compared.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Asked {
    /// A file of variants (TOML): `base`, and for each of `[[variants]]` a `name`, `bought` (a
    /// model of the price facts), `served` (an open model or a sketch), `model` (that of the
    /// configuration as which it was evaluated: its evidence is read from the data directory) and
    /// `safeguards`, as far as it has them
    file: PathBuf,
    /// A file of scores (JSON): an array of objects with `variant`, `suite`, `score` from 0 to 1
    /// and `items`
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    fitted: FittedAsked,
    /// How many days a run in the data directory counts [default: as many as for the gates, 30]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..))]
    max_age_days: Option<u64>,
    #[command(flatten)]
    load: LoadOptions,
    #[command(flatten)]
    conditioned: Conditioned,
    /// The accelerator to serve on
    #[arg(long, default_value = "B200")]
    accelerator: String,
    /// The engine to serve with
    #[arg(long, default_value = "sglang")]
    engine: String,
    /// The format of the weights: bf16, fp8 or fp4
    #[arg(long, default_value = "fp8")]
    precision: String,
    /// Change an assumption; may be repeated. gpu_hour and busy are those of `plan serve`
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

const EXAMPLE: &str = "Example:
  tiergate plan variants variants.toml --evidence scores.json --input 6000 --output 700 \\
    --accelerator GB200 --precision fp4 --set gpu_hour=3.2

variants.toml:
  base = \"Mythos\"
  [[variants]]
  name = \"full\"
  bought = \"anthropic/claude-mythos-5-2\"
  served = \"10T, 0.8T active, 128 experts\"
  model = \"mythos\"
  [[variants]]
  name = \"distilled\"
  served = \"Llama-3.1-70B\"
  safeguards = \"verified-defenders\"";

struct Row {
    variant: Variant,
    bought: Option<Result<Bill, NoPrice>>,
    served: Option<Result<Served, String>>,
    is_sketch: bool,
    digest: Option<String>,
    safeguards: Option<String>,
    evidence: Vec<Evidence>,
    not_counted: Vec<NotCounted>,
}

/// Compares and writes.
///
/// # Errors
/// Fails when a file does not read or an option names what there is not.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let accelerators = Accelerators::shipped()?;
    let assumed = Assumed::new(&asked.set, &accelerators)?;
    let file = read(&asked.file, "a file of variants")?;
    let shown = asked.file.display();
    let variants = Variants::read(&file).map_err(|error| {
        let mend = "write `base` and two or more `[[variants]]`; the help has an example";
        Fault::because(error, format!("{shown} cannot be compared"), mend)
    })?;
    let scores = match &asked.evidence {
        None => Vec::new(),
        Some(path) => {
            let text = read(path, "a file of scores")?;
            variants.scores(&text).map_err(|error| {
                let mend =
                    "write an array of objects with variant, suite, score (0 to 1) and items";
                Fault::because(error, format!("{} holds no scores", path.display()), mend)
            })?
        }
    };
    let (load, about) = asked.load.load(&assumed.own, common)?;
    let serving = Serving::new(asked, accelerators, &assumed, &load)?;
    let in_force = assumed.in_force(serving.accelerators.find(&asked.accelerator)?);
    let shelf = Shelf::read(common)?;
    let stored = stored(&variants, asked, common)?;
    let mut rows = Vec::new();
    for variant in &variants.variants {
        let bought = bought(asked, variant, &load, &shelf)?;
        let (served, is_sketch) = serving.of(variant)?;
        let told = told(variant, stored.as_ref(), &scores)?;
        rows.push(Row {
            variant: variant.clone(),
            bought,
            served,
            is_sketch,
            digest: variant.model.is_some().then_some(told.digest),
            safeguards: told.safeguards,
            evidence: told.evidence,
            not_counted: told.not_counted,
        });
    }
    if common.json {
        output::json(&view(&variants.base, &rows, &in_force));
    } else {
        output::line(format!("Variants of {}. {about}.\n", variants.base));
        write(&rows, &serving);
        output::line("");
        shown::assumptions(&in_force);
    }
    Ok(Exit::Done)
}

fn read(path: &Path, what: &str) -> Result<String, Fault> {
    let mends = Mends {
        large: "leave out what is not compared",
        unread: &format!("name {what}"),
    };
    input::text(path, MOST_BYTES, mends)
}

/// Reads the store where a variant is a model of the configuration.
fn stored(
    variants: &Variants,
    asked: &Asked,
    common: &Common,
) -> Result<Option<Stored>, Box<dyn Error + Send + Sync>> {
    let mut all = variants.variants.iter();
    if all.all(|variant| variant.model.is_none()) {
        return Ok(None);
    }
    // Evidence has to count on the day of the prices: where that lies ahead, it is older by then.
    let at = environment::now().max(asked.conditioned.window()?.from.start());
    let until = Until {
        at,
        max_age_days: asked.max_age_days,
    };
    Stored::read(&asked.file, until, common).map(Some)
}

/// Gathers what the store and the file of scores say of a variant.
fn told(variant: &Variant, stored: Option<&Stored>, scores: &[Scored]) -> Result<Told, Fault> {
    let name = &variant.name;
    let of_file = evidence(scores, name);
    let Some((stored, model)) = stored.zip(variant.model.as_ref()) else {
        return Ok(Told {
            digest: String::new(),
            safeguards: variant.safeguards.clone(),
            evidence: of_file,
            not_counted: Vec::new(),
        });
    };
    let mut told = stored.of(name, model)?;
    if variant.safeguards.is_some() && variant.safeguards != told.safeguards {
        let profile = |safeguards: &Option<String>| {
            let named = safeguards.as_ref().map(|profile| format!("`{profile}`"));
            named.unwrap_or_else(|| "none".to_owned())
        };
        let what = format!(
            "`{name}` has the safeguards {}, and the model `{model}` has {}: evidence of one says \
             nothing of the other",
            profile(&variant.safeguards),
            profile(&told.safeguards)
        );
        let mend = "name the model with those safeguards, or leave `safeguards` out of the file";
        return Err(Fault::new(what, mend));
    }
    let counted = told.evidence.iter().map(|one| &one.suite);
    let mut kept = counted.chain(told.not_counted.iter().map(|one| &one.suite));
    let twice = kept.find(|suite| of_file.iter().any(|one| one.suite == **suite));
    if let Some(suite) = twice {
        let what = format!("both the store and the file of scores have `{name}` in `{suite}`");
        let mend =
            "leave the row out of the file of scores, or `model` out of the file of variants";
        return Err(Fault::new(what, mend));
    }
    told.evidence.extend(of_file);
    Ok(told)
}

fn bought(
    asked: &Asked,
    variant: &Variant,
    load: &Load,
    shelf: &Shelf,
) -> Result<Option<Result<Bill, NoPrice>>, Box<dyn Error + Send + Sync>> {
    let Some(text) = &variant.bought else {
        return Ok(None);
    };
    let named = shelf.named(text, &asked.conditioned)?;
    let window = asked.conditioned.window()?;
    let bill = |offer| bill(load, &offer, window, 100);
    Ok(Some(named.offer.and_then(bill)))
}

/// Holds what serving is estimated from.
struct Serving {
    models: Models,
    accelerators: Accelerators,
    estimator: Estimator,
    accelerator: String,
    engine: String,
    precision: Precision,
    shape: Shape,
    longest: Seconds,
    hour_usd: f64,
    busy: f64,
}

impl Serving {
    fn new(
        asked: &Asked,
        accelerators: Accelerators,
        assumed: &Assumed,
        load: &Load,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let part = accelerators.find(&asked.accelerator).map_err(|error| {
            Fault::new(error.to_string(), "name one of these with --accelerator")
        })?;
        let (hour_usd, busy) = assumed.hour(part)?;
        let precision = Precision::read(&asked.precision).ok_or_else(|| {
            let what = format!("`{}` is no format of weights", asked.precision);
            Fault::new(what, "give bf16, fp8 or fp4 with --precision")
        })?;
        let tokens = load.tokens();
        let count = (load.count() as f64).max(1.0);
        let input = tokens.input as f64;
        Ok(Self {
            models: Models::shipped()?,
            estimator: asked.fitted.estimator()?,
            accelerators,
            accelerator: asked.accelerator.clone(),
            engine: asked.engine.clone(),
            precision,
            shape: Shape {
                input: input / count,
                output: tokens.output as f64 / count,
                cached: tokens.cached as f64 / input.max(1.0),
            },
            longest: Seconds::from_ms(assumed.own.value("longest-step-ms")?),
            hour_usd,
            busy,
        })
    }

    /// Estimates a variant, and says whether its shape was assumed.
    fn of(&self, variant: &Variant) -> Result<(Option<Result<Served, String>>, bool), Fault> {
        let Some(text) = &variant.served else {
            return Ok((None, false));
        };
        let found = self.models.find(text);
        let is_sketch = found.is_err();
        let model: Model = found.cloned().or_else(|unknown| {
            sketch::read(text).map_err(|fault| {
                let what = format!("`{}` cannot be served: {fault}", variant.name);
                Fault::new(what, unknown.to_string())
            })
        })?;
        let accelerator = self.accelerators.find(&self.accelerator);
        let place = Place {
            accelerator: accelerator.map_err(broken)?,
            engine: &self.engine,
            precision: self.precision,
            longest: self.longest,
            hour_usd: self.hour_usd,
            busy: self.busy,
        };
        let served = serve(&model, &place, self.shape, &self.estimator);
        let served = served.map_err(|error| error.to_string());
        Ok((Some(served), is_sketch))
    }
}

fn write(rows: &[Row], serving: &Serving) {
    let header = [
        "variant",
        "safeguards",
        "bought USD/request",
        "served USD/request",
        "accelerators",
        "in flight",
        "step ms",
        "first token ms",
        "evidence",
    ];
    output::table(&header, &rows.iter().map(cells).collect::<Vec<_>>());
    output::line(format!(
        "\nServed: on {} in {} with {}, on as few as hold it. Times with intervals of 80 %, \
         scores of a file of 90 %, of the store of 95 % and more with each rerun.",
        serving.accelerator,
        serving.precision.name(),
        serving.engine
    ));
    for line in verdicts(rows) {
        output::line(line);
    }
    for row in rows {
        let name = &row.variant.name;
        for one in &row.not_counted {
            output::note(format!(
                "{name} in {}, run of {}: does not count: {}",
                one.suite, one.run.day, one.why
            ));
        }
        if row.is_sketch && row.served.as_ref().is_some_and(Result::is_ok) {
            output::note(format!("{name}: its shape is a sketch, assumed, not known"));
        }
        if let Some(Err(reason)) = &row.served {
            output::note(format!("{name} is not served there: {reason}"));
        }
        match &row.bought {
            Some(Err(reason)) => output::note(format!("{name}: {reason}; it is not guessed")),
            Some(Ok(bill)) => output::note(format!("{name}: price by {}", bases(bill))),
            None => {}
        }
        if let Some(Ok(served)) = &row.served {
            let reach = served.reach.words();
            output::note(format!(
                "{name}: the serving estimate is for a deployment that is {reach}"
            ));
        }
    }
}

fn cells(row: &Row) -> Vec<String> {
    let none = || "-".to_owned();
    let times = |[usual, low, high]: [f64; 3]| format!("{usual:.1} ({low:.1} to {high:.1})");
    let served = row.served.as_ref().and_then(|served| served.as_ref().ok());
    let bought = match &row.bought {
        None => none(),
        Some(Err(_)) => "no price known".to_owned(),
        Some(Ok(bill)) => shown::usd(bill.usd_per_request()),
    };
    let of = |show: &dyn Fn(&Served) -> String| served.map_or_else(none, show);
    vec![
        row.variant.name.clone(),
        row.safeguards.clone().unwrap_or_else(none),
        bought,
        of(&|served| shown::usd(served.usd_per_request)),
        of(&|served| format!("{:.0}", served.accelerators)),
        of(&|served| format!("{:.0}", served.concurrency)),
        of(&|served| times(served.step_ms)),
        of(&|served| times(served.first_ms)),
        scores(row),
    ]
}

fn scores(row: &Row) -> String {
    let counted = row.evidence.iter().map(|one| {
        let [score, low, high] = [one.score, one.low, one.high].map(|share| share * 1e2);
        let age = one
            .run
            .as_ref()
            .map(|run| format!(", {}", age(run.age_days)));
        format!(
            "{} {score:.1} % ({low:.1} to {high:.1}, n={}{})",
            one.suite,
            one.items,
            age.unwrap_or_default()
        )
    });
    let others = row.not_counted.iter();
    let others = others.map(|one| format!("{}: does not count", one.suite));
    let shown: Vec<String> = counted.chain(others).collect();
    if shown.is_empty() {
        "no evidence".to_owned()
    } else {
        shown.join("; ")
    }
}

fn age(days: f64) -> String {
    if days < 1.0 {
        format!("{:.0} hours old", days * 24.0)
    } else {
        format!("{days:.0} days old")
    }
}

/// Says who is surely better than whom in what both were measured in.
fn verdicts(rows: &[Row]) -> Vec<String> {
    let mut lines = Vec::new();
    for one in rows {
        for other in rows {
            for found in &one.evidence {
                let better = is_surely_better(&one.evidence, &other.evidence, &found.suite);
                if better == Some(true) {
                    lines.push(format!(
                        "{} is better than {} in {}: the intervals do not meet",
                        one.variant.name, other.variant.name, found.suite
                    ));
                }
            }
        }
    }
    if lines.is_empty() {
        lines.push("No variant is surely better than another in any suite.".to_owned());
    }
    lines
}

fn view(base: &str, rows: &[Row], assumptions: &[InForce]) -> Value {
    let row = |row: &Row| {
        let mut view = json!({
            "variant": row.variant.name,
            "safeguards": row.safeguards,
            "model": row.variant.model,
            "digest": row.digest,
            "evidence": row.evidence,
            "not_counted": row.not_counted,
            "is_sketch": row.is_sketch,
        });
        match &row.bought {
            None => {}
            Some(Err(reason)) => view["no_price"] = json!(reason.to_string()),
            Some(Ok(bill)) => {
                view["bought_usd_per_request"] = json!(bill.usd_per_request());
                view["bought_usd_per_day"] = json!(bill.usd_per_day());
                view["price_basis"] = json!(bases(bill));
            }
        }
        match &row.served {
            None => {}
            Some(Err(reason)) => view["not_served"] = json!(reason),
            Some(Ok(served)) => view["served"] = json!(served),
        }
        view
    };
    json!({
        "base": base,
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "verdicts": verdicts(rows),
        "assumptions": assumptions,
    })
}
