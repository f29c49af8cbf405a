//! Rows of serving that name a model and a system: predicted by the step-time function in the
//! row's own unit. It must not look at what the row measured but to compare.

use serde_json::{Value, json};

use crate::first_token::accelerators;
use crate::layouts::{Pipeline, Shape};
use crate::memory::weights;
use crate::rows::predicted::{First, Predicted, error};
use crate::rows::row::{Known, Row, number, text};
use crate::rows::silicon::{self, Sample};
use crate::serving::{Bounded, Estimate};

/// Says what of an estimate a row's unit is about.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    /// The time of an output token, in units of so many to a second.
    Step(f64),
    /// The time to the first token, likewise.
    First(f64),
    /// Tokens a second of one caller.
    Caller,
    /// Tokens a second of the replica.
    Replica,
    /// Tokens a second of an accelerator.
    Each,
}

/// Holds a number with the interval around it.
type Around = (f64, [f64; 2]);

fn measure(unit: &str) -> Option<Measure> {
    let plain = unit.to_lowercase().replace(['/', ' ', '-'], "_");
    let plain = plain.trim_start_matches("output_");
    Some(match plain {
        "" | "ms" | "ms_tpot" | "tpot_ms" | "ms_tpot_mean" | "ms_itl" | "itl_ms" | "ms_token"
        | "ms_per_token" | "silicon_tpot_ms" => Measure::Step(1e3),
        "s_tpot" | "tpot_s" | "s_token" | "s_per_token" => Measure::Step(1.0),
        "us_tpot" | "tpot_us" | "us_token" | "us_per_token" => Measure::Step(1e6),
        "ms_ttft" | "ttft_ms" | "ms_ttft_mean" | "silicon_ttft_ms" => Measure::First(1e3),
        "s_ttft" | "ttft_s" => Measure::First(1.0),
        "tokens_per_s_per_user" | "tokens_s_user" => Measure::Caller,
        "tokens_per_s" | "tokens_s" | "tokens_per_s_total" => Measure::Replica,
        "tokens_per_s_per_gpu" | "tokens_s_gpu" => Measure::Each,
        _ => return None,
    })
}

/// Says whether a row is one of serving samples: it names its accelerator as they do.
pub(super) fn is_sample(config: &Row) -> bool {
    config.contains_key("model_path") || config.contains_key("system")
}

pub(super) fn predict(id: &str, row: &Row, config: &Row, known: &Known) -> Predicted {
    let unit = text(row, "unit").unwrap_or_default();
    let read_unit = measure(unit);
    let measure = read_unit.unwrap_or(Measure::Step(1e3));
    let stated = number(row, "silicon_tpot_ms");
    let observed = match measure {
        Measure::Step(each) => stated.map(|ms| ms / 1e3 * each),
        _ => None,
    };
    let of_unit = number(row, "observed").filter(|_| read_unit.is_some());
    let observed = observed.or(of_unit);
    let is_usual = unit.is_empty() || read_unit.is_none();
    let mut predicted = Predicted {
        id: id.to_owned(),
        observed: json!(observed),
        unit: if is_usual { "ms_tpot" } else { unit }.to_owned(),
        ..Predicted::default()
    };
    // What names the model outside of the columns of samples names it, too.
    let mut config = config.clone();
    if let (None, Some(model)) = (text(&config, "model_path"), row.get("model")) {
        config.insert("model_path".to_owned(), model.clone());
    }
    let mut sample = match silicon::read(id, &config, &known.models, &known.accelerators) {
        Ok(sample) => sample,
        Err(fault) => {
            predicted.basis = fault.to_string();
            return predicted;
        }
    };
    if read_unit.is_none() {
        sample
            .assumed
            .push(format!("ms_tpot for the unit `{unit}`"));
    }
    if !known.estimator.has_engine(sample.deployment.engine) {
        let engine = sample.deployment.engine;
        sample
            .assumed
            .push(format!("`{engine}` is as other engines"));
    }
    answer(&mut predicted, &sample, (row, measure), known);
    predicted
}

fn answer(
    into: &mut Predicted,
    sample: &Sample<'_>,
    (row, measure): (&Row, Measure),
    known: &Known,
) {
    let of = &sample.deployment;
    let estimate = if sample.assumed.is_empty() && sample.stages <= 1.0 {
        known.estimator.held_out(of)
    } else {
        known.estimator.guessed(of)
    };
    let estimate = if sample.is_load_stated {
        estimate
    } else {
        known.estimator.at_any_load(of, estimate)
    };
    let estimate = match piped(estimate, sample, known) {
        Ok(estimate) => estimate,
        Err(reason) => {
            into.basis = reason;
            return;
        }
    };
    let estimate = sample.waiting.estimated(estimate, of.output);
    let (value, interval) = measured(measure, &estimate, sample);
    let (first, first_interval) = time(estimate.first, 1e3);
    let is_sound = |(value, [low, high]): Around| low > 0.0 && low <= value && value <= high;
    let all = [(value, interval), (first, first_interval)];
    if !all.iter().all(|one| is_sound(*one) && one.1[1].is_finite()) {
        into.basis = "the row's numbers are beyond what can be worked out; correct them".to_owned();
        return;
    }
    into.predicted = json!(value);
    into.interval = Some(interval);
    into.error = error(&into.observed, &into.predicted);
    into.basis = basis(sample, &estimate, known);
    let observed = number(row, "silicon_ttft_ms").or_else(|| number(row, "observed_ttft_ms"));
    into.first = Some(First {
        observed_ttft_ms: observed,
        predicted_ttft_ms: first,
        interval_ttft_ms: first_interval,
        error_ttft: error(&json!(observed), &json!(first)),
    });
}

/// Takes pipeline stages into account, as layouts do.
fn piped(estimate: Estimate, sample: &Sample<'_>, known: &Known) -> Result<Estimate, String> {
    if sample.stages <= 1.0 {
        return Ok(estimate);
    }
    let of = &sample.deployment;
    let value = |key| {
        let found = known.assumptions.value(key, of.accelerator);
        found.map_err(|fault| fault.to_string())
    };
    let (decode, _) = of.pools();
    let shape = Shape {
        layout: decode.layout,
        stages: sample.stages,
    };
    let pipeline = Pipeline {
        shape,
        busy: value("pipeline_busy")?,
        doubt: value("pipeline_doubt")?,
    };
    Ok(Estimate {
        step: pipeline.hopped(estimate.step, of, of.batch()),
        first: pipeline.hopped(estimate.first, of, of.input),
        ..estimate
    })
}

fn time(of: Bounded, each: f64) -> Around {
    let at = |time: crate::units::Seconds| time.get() * each;
    (at(of.time), [at(of.interval.0), at(of.interval.1)])
}

fn measured(measure: Measure, estimate: &Estimate, sample: &Sample<'_>) -> Around {
    let of = &sample.deployment;
    let tokens = sample.waiting.flight() * sample.stages * of.output;
    let steps = (of.output - 1.0).max(0.0);
    // The longest times are the lowest rate.
    let rate = |each: f64| {
        let round = |first: f64, step: f64| tokens / (first + step * steps) / each;
        let ((first, [soon, late]), (step, [fast, slow])) =
            (time(estimate.first, 1.0), time(estimate.step, 1.0));
        (round(first, step), [round(late, slow), round(soon, fast)])
    };
    match measure {
        Measure::Step(each) => time(estimate.step, each),
        Measure::First(each) => time(estimate.first, each),
        Measure::Caller => {
            let (step, [fast, slow]) = time(estimate.step, 1.0);
            (1.0 / step, [1.0 / slow, 1.0 / fast])
        }
        Measure::Replica => rate(1.0),
        Measure::Each => rate(accelerators(of) * sample.stages),
    }
}

fn basis(sample: &Sample<'_>, estimate: &Estimate, known: &Known) -> String {
    let of = &sample.deployment;
    let reach = serde_json::to_value(estimate.reach).unwrap_or_default();
    let reach = reach.as_str().unwrap_or_default().replace('_', " ");
    let by = if known.estimator.has_measured(of) {
        "by a fit without this point"
    } else {
        "by the fit of all rows, of which this point is none"
    };
    let rows = estimate.step.rows;
    let mut basis = format!("{reach}, {by}; interval of {rows} rows");
    let mut tell = |what: &str, all: &[String]| {
        if !all.is_empty() {
            basis = format!("{basis}; {what}: {}", all.join(", "));
        }
    };
    tell("beyond", &known.estimator.beyond(of));
    tell("assumed", &sample.assumed);
    if sample.stages > 1.0 {
        let stages = format!(
            "{} pipeline stages, as none was measured with",
            sample.stages
        );
        tell("widened for", &[stages]);
    }
    if sample.waiting.is_any() {
        let (served, flight) = (of.concurrency, sample.waiting.flight());
        let served = format!("caches have room for {served:.0} of {flight:.0} requests");
        tell("waiting", &[served]);
    }
    let (decode, _) = of.pools();
    let held = weights(of, decode.layout).get() / sample.stages;
    let memory = of.accelerator.memory().get();
    if held > memory {
        let fault = format!(
            "weights of {:.0} GB an accelerator do not fit its {:.0} GB",
            held / 1e9,
            memory / 1e9
        );
        tell("not possible", &[fault]);
    }
    basis
}

/// Tells a row's id, written as text or as a number.
pub(super) fn named(row: &Row) -> String {
    match row.get("id") {
        Some(Value::String(id)) => id.trim().to_owned(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}
