//! The simulated fleet: asked for the best layout of one pool, at a share of what it carries. It
//! must not simulate.

use crate::case_10t::ask::{Answer, Asker};
use crate::case_10t::question::Question;
use crate::case_10t::shown::{at, marked, number, text};
use crate::json::Json;
use crate::shell::Fault;

/// Accelerators of the fleet.
const ACCELERATORS: f64 = 30_000.0;
/// The share of what it carries that arrives.
const SHARE: f64 = 0.6;
/// Requests that are drawn.
const REQUESTS: &str = "1000000";
/// Mean hours between failures of a rack: far fewer than any has, so that some fail in the minutes
/// that are simulated.
const RACK_HOURS: &str = "20";

/// Is the fleet's answer with the replica that it is made of.
pub struct Fleet {
    answer: Answer,
    carried: f64,
}

/// Asks for a fleet of the best layout without pools or stages; none where there is none.
pub fn ask(
    asker: Asker<'_>,
    question: &Question,
    served: &Answer,
    part: &str,
) -> Result<Option<Fleet>, Fault> {
    let offers = served.said.get("offers").map(Json::values);
    let is_plain = |offer: &&Json| {
        let layout = text(offer, &["layout"]);
        let name = text(offer, &["accelerator"]).to_lowercase();
        name == part && text(offer, &["serving"]) == "together" && !layout.contains("pp")
    };
    let Some(offer) = offers.unwrap_or_default().into_iter().find(is_plain) else {
        return Ok(None);
    };
    let float = |key: &str| offer.get(key).and_then(Json::float).unwrap_or_default();
    let replicas = (ACCELERATORS / float("accelerators_each")).floor();
    let carried = float("requests_per_second") / float("units") * replicas;
    let rate = format!("{:.0}", carried * SHARE);
    let sequences = format!("{:.0}", float("in_flight_each"));
    let accelerators = format!("{ACCELERATORS:.0}");
    let answer = asker.plan(&[
        "fleet",
        "--sketch",
        &question.size,
        "--on",
        part,
        "--precision",
        &question.format,
        "--engine",
        &text(offer, &["engine"]),
        "--layout",
        &text(offer, &["layout"]),
        "--accelerators",
        &accelerators,
        "--sequences",
        &sequences,
        "--isl",
        &question.input,
        "--osl",
        &question.output,
        "--rate",
        &rate,
        "--requests",
        REQUESTS,
        "--rack-mtbf",
        RACK_HOURS,
    ])?;
    Ok(Some(Fleet { answer, carried }))
}

impl Fleet {
    /// Tells the command.
    pub fn command(&self) -> &str {
        &self.answer.command
    }

    /// Says what is simulated.
    pub fn about(&self) -> String {
        let basis = |key: &str| at(&self.answer.said, &["basis", key], 1.0);
        format!(
            "{} accelerators (assumption) in {} replicas (fitted), behind the gateway's own \
             balancing, at {} of the {} requests a second that they carry (fitted). A rack fails \
             every {} hours on average (assumption: far more often than any should, so that some \
             do in the minutes that are simulated).",
            basis("accelerators"),
            basis("replicas"),
            number(SHARE),
            number(self.carried),
            RACK_HOURS
        )
    }

    /// Shows what it did.
    pub fn table(&self) -> String {
        let said = &self.answer.said;
        let count = |path: &[&str]| at(said, path, 1.0);
        let times = |what: &str, key: &str, scale: f64| {
            let of = |end: &str| at(said, &[key, end], scale);
            vec![what.to_owned(), of("mean"), of("p50"), of("p95"), of("p99")]
        };
        let rows = [
            times("first token, s", "ttft", 1.0),
            times("each token after, ms", "tpot", 1e3),
            times("last token, s", "e2e", 1.0),
        ];
        let columns = [
            ("simulated", "fitted"),
            ("mean", "fitted"),
            ("median", "fitted"),
            ("95 %", "fitted"),
            ("99 %", "fitted"),
        ];
        format!(
            "{}\n\nOf {} requests that are drawn (assumption) {} finished, {} were refused, \
             and {} were cut and begun anew, by {} failures of replicas, \
             which threw away {} output tokens (fitted).",
            marked(&columns, &rows),
            count(&["requests", "arrived"]),
            count(&["requests", "finished"]),
            count(&["requests", "refused_full"]),
            count(&["interrupted"]),
            count(&["failures"]),
            count(&["lost_output_tokens"])
        )
    }
}
