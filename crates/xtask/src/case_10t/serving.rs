//! Tables of serving: memory, layouts, prices, and what would change them. It must not ask.

use crate::case_10t::ask::Answer;
use crate::case_10t::shown::{at, marked, number, ranged, table, text};
use crate::json::Json;

/// Milliseconds to seconds, and GB to TB.
const THOUSANDTH: f64 = 1e-3;

/// Is the answer about one size and format.
pub struct Served {
    /// What it is called.
    pub title: String,
    /// The answer.
    pub answer: Answer,
}

/// Pairs each accelerator's verdict with its best offer; none where there is none.
fn best(said: &Json) -> Vec<(&Json, Option<&Json>)> {
    let offers = said.get("offers").map(Json::values).unwrap_or_default();
    let verdicts = said.get("accelerators").map(Json::values);
    let pair = |verdict: &'_ Json| verdict.get("best").and_then(Json::number);
    let pairs = verdicts.unwrap_or_default().into_iter();
    pairs
        .map(|verdict| {
            (
                verdict,
                pair(verdict).and_then(|place| offers.get(place).copied()),
            )
        })
        .collect()
}

fn layout(offer: &Json) -> String {
    format!("`{}`", text(offer, &["layout"]))
}

fn money(offer: &Json, tokens: &str) -> String {
    let reserved = ranged(offer, &[tokens, "reserved"], 1.0);
    format!(
        "{reserved} ({})",
        at(offer, &[tokens, "active", "value"], 1.0)
    )
}

const INPUT: &str = "usd_per_million_input";
const OUTPUT: &str = "usd_per_million_output";

/// Shows the cheapest answer of each size and format.
pub fn short(all: &[Served]) -> String {
    let rows = all.iter().filter_map(|served| {
        let offers = served.answer.said.get("offers")?.values();
        let offer = *offers.first()?;
        Some(vec![
            served.title.clone(),
            text(offer, &["accelerator"]),
            at(offer, &["accelerators_each"], 1.0),
            at(offer, &[INPUT, "reserved", "value"], 1.0),
            at(offer, &[OUTPUT, "reserved", "value"], 1.0),
        ])
    });
    let columns = [
        ("10T served", "assumption"),
        ("for the least money on", "fitted"),
        ("accelerators of a replica", "fitted"),
        (
            "USD a million tokens in",
            "fitted, at an hour's price below",
        ),
        (
            "USD a million tokens out",
            "fitted, at an hour's price below",
        ),
    ];
    marked(&columns, &rows.collect::<Vec<_>>())
}

/// Shows which accelerators hold the weights.
pub fn memory(all: &[Served]) -> String {
    let mut rows = Vec::new();
    for served in all {
        let said = &served.answer.said;
        let weights = weights(said);
        for (verdict, _) in best(said) {
            rows.push(held(&served.title, weights, said, verdict));
        }
    }
    let columns = [
        ("10T", "assumption"),
        ("accelerator", "fact"),
        ("usable, GB", "assumption of a fact"),
        ("weights, TB", "formula"),
        ("fewest that hold them", "formula"),
        ("fewest of a layout", "formula"),
    ];
    marked(&columns, &rows)
}

/// Tells the fewest accelerators of a layout that holds the first of the answers on one of them.
pub fn least_replica(all: &[Served], part: &str) -> String {
    let offers = all
        .first()
        .and_then(|served| served.answer.said.get("offers"));
    let own = offers.map(Json::values).unwrap_or_default();
    let own = own
        .into_iter()
        .filter(|offer| text(offer, &["accelerator"]) == part);
    let each = own.filter_map(|offer| float(offer, &["accelerators_each"]));
    each.reduce(f64::min)
        .map_or_else(|| "no number of".to_owned(), number)
}

fn float(offer: &Json, path: &[&str]) -> Option<f64> {
    offer.at(path).and_then(Json::float)
}

/// Tells what all weights take, in GB: by the layout that holds nothing twice, and no stage more
/// than another.
fn weights(said: &Json) -> f64 {
    let offers = said.get("offers").map(Json::values).unwrap_or_default();
    let whole = offers.into_iter().filter_map(|offer| {
        let each = float(offer, &["accelerators_each"])?;
        Some(float(offer, &["memory", "weights_gb"])? * each)
    });
    whole.fold(f64::INFINITY, f64::min)
}

fn held(title: &str, weights: f64, said: &Json, verdict: &Json) -> Vec<String> {
    let name = text(verdict, &["accelerator"]);
    let offers = said.get("offers").map(Json::values).unwrap_or_default();
    let own = offers
        .into_iter()
        .filter(|offer| text(offer, &["accelerator"]) == name);
    let (mut fewest, mut usable) = (f64::INFINITY, None);
    for offer in own {
        let each = float(offer, &["accelerators_each"]).unwrap_or(f64::INFINITY);
        fewest = f64::min(fewest, each);
        usable = float(offer, &["memory", "usable_gb"]).or(usable);
    }
    let shown = |value: Option<f64>| {
        let finite = value.filter(|value| value.is_finite());
        finite.map_or_else(|| "–".to_owned(), number)
    };
    vec![
        title.to_owned(),
        name,
        shown(usable),
        shown(Some(weights * THOUSANDTH)),
        shown(usable.map(|usable| (weights / usable).ceil())),
        shown(Some(fewest)),
    ]
}

/// Shows what stands in memory beside the weights.
pub fn caches(all: &[Served]) -> String {
    let mut rows = Vec::new();
    for served in all {
        for (verdict, offer) in best(&served.answer.said) {
            let Some(offer) = offer else {
                continue;
            };
            rows.push(vec![
                served.title.clone(),
                text(verdict, &["accelerator"]),
                layout(offer),
                at(offer, &["memory", "weights_gb"], 1.0),
                at(offer, &["memory", "caches_gb"], 1.0),
                at(offer, &["memory", "usable_gb"], 1.0),
                at(offer, &["in_flight_each"], 1.0),
            ]);
        }
    }
    let columns = [
        ("10T", "assumption"),
        ("accelerator", "fact"),
        ("layout", "fitted"),
        ("weights, GB", "formula"),
        ("caches, GB", "formula"),
        ("usable, GB", "assumption of a fact"),
        ("requests in flight", "fitted"),
    ];
    marked(&columns, &rows)
}

/// Shows each answer under a heading, with its command.
pub fn layouts(all: &[Served]) -> String {
    let shown = all.iter().map(|served| {
        let Served { title, answer } = served;
        let (mut rows, mut none) = (Vec::new(), String::new());
        for (verdict, offer) in best(&answer.said) {
            let name = text(verdict, &["accelerator"]);
            match offer {
                Some(offer) => rows.push(offered(&name, offer)),
                None => {
                    let why = text(verdict, &["why"]);
                    none.push_str(&format!("- {name}, none (*fitted*): {why}\n"));
                }
            }
        }
        let table = marked(&COLUMNS, &rows);
        let none = if none.is_empty() {
            none
        } else {
            format!("{none}\n")
        };
        let command = &answer.command;
        format!("### {}\n\n{table}\n\n{none}    {command}", capital(title))
    });
    shown.collect::<Vec<_>>().join("\n\n")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

const COLUMNS: [(&str, &str); 9] = [
    ("accelerator", "fact"),
    ("a replica", "fitted"),
    ("accelerators, nodes of it", "fitted"),
    ("TTFT, s", "fitted"),
    ("TPOT, ms", "fitted"),
    ("output tokens/s of a replica", "fitted"),
    ("kW", "assumption"),
    ("USD/M input: reserved (active)", "fitted, hour as above"),
    ("USD/M output: reserved (active)", "fitted, hour as above"),
];

fn offered(name: &str, offer: &Json) -> Vec<String> {
    let units = offer.at(&["units"]).and_then(Json::float).unwrap_or(1.0);
    vec![
        name.to_owned(),
        format!("{}, {}", layout(offer), text(offer, &["engine"])),
        format!(
            "{}, {}",
            at(offer, &["accelerators_each"], 1.0),
            at(offer, &["nodes"], 1.0 / units)
        ),
        ranged(offer, &["ttft_ms"], THOUSANDTH),
        ranged(offer, &["tpot_ms"], 1.0),
        ranged(offer, &["output_tokens_per_second"], 1.0 / units),
        at(offer, &["power_kw"], 1.0 / units),
        money(offer, INPUT),
        money(offer, OUTPUT),
    ]
}

/// Shows the cheapest answer after each change.
pub fn changes(all: &[(&str, Answer)]) -> String {
    let whole = |offer: &Json| -> Option<f64> {
        let usd = |tokens: &str| {
            offer
                .at(&[tokens, "reserved", "value"])
                .and_then(Json::float)
        };
        Some(usd(INPUT)? + usd(OUTPUT)?)
    };
    let first = |answer: &'_ Answer| -> Option<Json> {
        let offers = answer.said.get("offers")?.values();
        offers.first().copied().cloned()
    };
    let base = all.first().and_then(|(_, answer)| whole(&first(answer)?));
    let rows = all.iter().map(|(what, answer)| {
        let Some(offer) = first(answer) else {
            return vec![(*what).to_owned(), "none".to_owned()];
        };
        let times = whole(&offer).zip(base).map(|(now, then)| now / then);
        vec![
            (*what).to_owned(),
            layout(&offer),
            at(&offer, &["tpot_ms", "value"], 1.0),
            at(&offer, &[INPUT, "reserved", "value"], 1.0),
            at(&offer, &[OUTPUT, "reserved", "value"], 1.0),
            times.map_or_else(String::new, |times| format!("{times:.2} ×")),
        ]
    });
    let header = [
        "changed (*assumption*)",
        "a replica (*fitted*)",
        "TPOT, ms (*fitted*)",
        "USD/M input (*fitted*)",
        "USD/M output (*fitted*)",
        "the two together (*fitted*)",
    ];
    table(&header, &rows.collect::<Vec<_>>())
}
