//! Rows of training: work, hours, steps, rates, money. A rate that a row states is used, and said
//! to be. It must not fit anything to a row.

use crate::accelerators::Accelerator;
use crate::model::Model;
use crate::precision::Precision;
use crate::rows::row::{Answer, Known, Row, number, text};
use crate::training::{
    self, HOURS_SPREAD, RECOMPUTED, USUAL_RUN_SHARE, USUAL_STEP_SHARE, hours, step, work,
    work_of_token,
};
use crate::units::Flops;

const DAY: f64 = 86_400.0;
/// The same for rates of steps that follow from a usual share of the peak.
const RATES: (f64, f64) = (0.8, 1.25);
/// The same where the row states the rate that was reached.
const STATED: (f64, f64) = (0.95, 1.05);

/// The length of a sequence where a row names none.
const USUAL_LENGTH: f64 = 8_192.0;

/// Holds a row with what it names.
struct Run<'r> {
    row: &'r Row,
    config: &'r Row,
    known: &'r Known,
}

pub(super) fn answer(row: &Row, config: &Row, known: &Known) -> Result<Answer, String> {
    let run = Run { row, config, known };
    match text(row, "unit").unwrap_or_default() {
        "flop" => Ok(Answer::number(run.work()?.get(), "6·N·D").within(0.93, 1.07)),
        "gpu_hours" => run.hours(run.work()?, 1.0),
        "gpu_hours_per_trillion_tokens" => {
            let work = work(run.active()?, 1e12);
            run.hours(work, 1.0)
        }
        "usd" => run.hours(run.work()?, run.needs("usd_per_gpu_hour")?),
        "gflop_per_token" => {
            let work = work_of_token(run.model()?, run.needs("seq_len")?).get() / 1e9;
            Ok(Answer::number(work, "6·N and attention").within(0.95, 1.05))
        }
        "tokens_per_s_per_gpu" => run.tokens_per_second(),
        "mfu_bf16" => run.share(),
        "hfu" => Ok(run.usual(USUAL_STEP_SHARE * RECOMPUTED)),
        "hw_tflops_per_gpu" => run.reached_tflops(),
        "s_per_step" => run.step(),
        "days" => {
            let reached = run.needs("tflops_per_gpu")? * 1e12 * run.needs("gpus")?;
            let flop = run.work()?.get() * RECOMPUTED;
            let days = flop / reached / DAY;
            Ok(Answer::number(days, "8·N·D over the stated rate").within(STATED.0, STATED.1))
        }
        "" => Err("the row names no unit".to_owned()),
        other => Err(format!("training has no `{other}`")),
    }
}

impl Run<'_> {
    fn needs(&self, field: &'static str) -> Result<f64, String> {
        let found = number(self.config, field);
        found.ok_or_else(|| format!("the row has no `{field}`"))
    }

    fn model(&self) -> Result<&Model, String> {
        let name = text(self.row, "model").ok_or("the row names no model")?;
        // `DeepSeek-V3 671B/37B` names the sizes behind the model.
        let sized = |part: &&str| !part.contains('/') || part.contains("V3/");
        let plain: Vec<&str> = name.split(' ').filter(sized).collect();
        let found = self.known.models.find(&plain.join(" "));
        found.map_err(|fault| fault.to_string())
    }

    /// Tells the parameters that a token passes, from the row or from the size in its model's name.
    fn active(&self) -> Result<f64, String> {
        let stated = number(self.config, "active_params").or_else(|| number(self.config, "params"));
        let named = || {
            let name = text(self.row, "model")?;
            name.split(['-', ' ']).find_map(|part| {
                let upper = part.to_uppercase();
                let scales = [('B', 1e9), ('T', 1e12)];
                let found = scales.iter().find(|(mark, _)| upper.ends_with(*mark))?;
                let digits = upper.trim_end_matches(found.0);
                digits.parse::<f64>().ok().map(|digits| digits * found.1)
            })
        };
        stated
            .or_else(named)
            .ok_or_else(|| "the row states no parameters".to_owned())
    }

    fn work(&self) -> Result<Flops, String> {
        Ok(work(self.active()?, self.needs("tokens")?))
    }

    fn accelerator(&self) -> Result<&Accelerator, String> {
        let name = text(self.config, "gpu").or_else(|| text(self.config, "chip"));
        let name = name.ok_or("the row names no accelerator")?;
        let found = self.known.accelerators.find(name);
        found.map_err(|fault| fault.to_string())
    }

    fn peak(&self) -> Result<f64, String> {
        Ok(self.accelerator()?.peak(Precision::Bf16).get())
    }

    fn usual(&self, value: f64) -> Answer {
        Answer::number(value, "the usual share of the peak in large runs").within(RATES.0, RATES.1)
    }

    fn hours(&self, work: Flops, usd: f64) -> Result<Answer, String> {
        let part = self.accelerator()?;
        let mut hours = hours(work, part, Precision::Bf16, USUAL_RUN_SHARE);
        let taught = self.taught();
        let basis = if taught.get() > 0.0 {
            hours += training::hours(taught, part, Precision::Fp8, USUAL_RUN_SHARE);
            "6·N·D at the usual share of the sixteen-bit peak over all hours of a run, and its \
             teachers' forward passes at that of the eight-bit peak"
        } else {
            "6·N·D at the usual share of the sixteen-bit peak over all hours of a run"
        };
        Ok(Answer::number(hours * usd, basis).within(HOURS_SPREAD.0, HOURS_SPREAD.1))
    }

    /// Tells the work of the forward passes of the model's teachers, where its maker names them.
    fn taught(&self) -> Flops {
        let tokens = number(self.config, "tokens").unwrap_or_default();
        let length = number(self.config, "seq_len").unwrap_or(USUAL_LENGTH);
        let teachers = self.model().map(|model| &model.name);
        let teachers =
            teachers.map_or_else(|_| Vec::new(), |name| self.known.models.teachers(name));
        training::work_of_teaching(teachers, length, tokens)
    }

    fn tokens_per_second(&self) -> Result<Answer, String> {
        let each = work_of_token(self.model()?, self.needs("seq_len")?).get();
        if let Some(stated) = number(self.config, "model_tflops_per_gpu") {
            let rate = stated * 1e12 / each;
            let basis = "the stated rate over the work of a token";
            return Ok(Answer::number(rate, basis).within(0.9, 1.1));
        }
        Ok(self.usual(USUAL_STEP_SHARE * self.peak()? / each))
    }

    /// Tells the tokens of a step where the row says how many there are.
    fn tokens_of_step(&self) -> Option<f64> {
        let length = number(self.config, "seq_len").unwrap_or(2048.0);
        Some(number(self.config, "batch")? * length)
    }

    /// Tells the share of the peak: by definition where the row states what was reached.
    fn share(&self) -> Result<Answer, String> {
        let peak = self.peak()?;
        let stated = |share: f64| {
            Answer::number(share, "the stated rate over the peak").within(STATED.0, STATED.1)
        };
        if let Some(reached) = number(self.config, "tflops_per_gpu") {
            return Ok(stated(reached * 1e12 / peak));
        }
        let accelerators = number(self.config, "gpus").or_else(|| number(self.config, "chips"));
        let per_second = number(self.config, "tokens_per_s").or_else(|| {
            let seconds = number(self.config, "iteration_s")?;
            Some(self.tokens_of_step()? / seconds)
        });
        if let Some((accelerators, rate)) = accelerators.zip(per_second) {
            let work = work(self.active()?, rate).get();
            return Ok(stated(work / accelerators / peak));
        }
        Ok(self.usual(USUAL_STEP_SHARE))
    }

    fn reached_tflops(&self) -> Result<Answer, String> {
        let peak = self.peak()? / 1e12;
        if let Some(percent) = number(self.config, "pct_peak") {
            let rate = peak * percent / 100.0;
            return Ok(Answer::number(rate, "the stated share of the peak").within(0.97, 1.03));
        }
        Ok(self.usual(USUAL_STEP_SHARE * peak))
    }

    fn step(&self) -> Result<Answer, String> {
        let accelerators = self.needs("gpus")?;
        let tokens = self.tokens_of_step();
        let stated = number(self.config, "tflops_per_gpu").map(|rate| rate * 1e12);
        let share = number(self.config, "mfu_pct").map(|percent| percent / 100.0);
        let Some(tokens) = tokens else {
            return self.step_of_known_run();
        };
        let flop = work(self.active()?, tokens);
        let is_recomputed = text(self.config, "recompute") == Some("full");
        let (flop, reached) = match (stated, share) {
            (Some(reached), _) if is_recomputed => (flop * RECOMPUTED, reached),
            (Some(reached), _) => (flop, reached),
            (None, share) => (flop, share.unwrap_or(USUAL_STEP_SHARE) * self.peak()?),
        };
        let seconds = step(flop, accelerators, Flops::new(reached)).get();
        let basis = "the work of a step over the rate; attention's part is left out";
        Ok(Answer::number(seconds, basis).within(0.95, 1.1))
    }

    /// Tells the step of a run whose batch the row leaves out but the model's report states.
    fn step_of_known_run(&self) -> Result<Answer, String> {
        let model = self.model()?;
        if model.family != "deepseek-v3" {
            return Err("the row has no `batch`".to_owned());
        }
        // 15,360 sequences of 4,096 tokens (DeepSeek-V3 report, 4.2).
        let tokens = 15_360.0 * 4_096.0;
        let flop = work_of_token(model, 4_096.0) * tokens;
        let reached = Flops::new(USUAL_STEP_SHARE * self.peak()?);
        Ok(self.usual(step(flop, self.needs("gpus")?, reached).get()))
    }
}
