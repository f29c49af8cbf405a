//! Two SDKs' views of one answer, aspect by aspect: where they differ, and whether the second only
//! shows less. It must not know what may be lost.

use serde_json::Value;

/// Is one difference.
#[derive(Debug)]
pub struct Difference {
    /// The aspect.
    pub what: &'static str,
    /// Both views of it.
    pub told: String,
    /// Whether nothing is there that was not before.
    pub is_less: bool,
}

/// Lists the differences.
pub fn differences(source: &Value, target: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |what, a: String, b: String, is_less: bool| {
        if a != b {
            let told = format!("{} became {}", cut(&a), cut(&b));
            found.push(Difference {
                what,
                told,
                is_less,
            });
        }
    };
    note("text", said(source), said(target), false);
    let (thought, told) = (thinking(source), thinking(target));
    let is_less = thought.contains(&told);
    note("thinking", thought, told, is_less);
    let (made, kept) = (calls(source), calls_like(source, target));
    let is_less = is_within(&kept, &made);
    note("calls", made.join(" "), kept.join(" "), is_less);
    for (kind, what) in [("seal", "seals"), ("other", "other")] {
        let (before, behind) = (of_kind(source, kind), of_kind(target, kind));
        let is_less = is_within(&behind, &before);
        note(what, before.join(" "), behind.join(" "), is_less);
    }
    for (what, count) in COUNTS {
        let (before, behind) = (count(source), count(target));
        let is_less = behind <= before;
        note(what, before.to_string(), behind.to_string(), is_less);
    }
    note("order", order(source), order(target), true);
    for field in ["model", "stop", "stop_sequence", "category"] {
        note(field, text(&source[field]), text(&target[field]), true);
    }
    for field in ["input", "cached", "output", "reasoning"] {
        let count = |answer: &Value| format!("{} {field}", used(answer, field));
        note("usage", count(source), count(target), false);
    }
    found
}

type Count = fn(&Value) -> u64;

/// Lists what is only counted.
const COUNTS: [(&str, Count); 4] = [
    ("citations", |answer| {
        parts(answer)
            .filter_map(|part| part["citations"].as_u64())
            .sum()
    }),
    ("logprobs", |answer| {
        answer["logprobs"].as_u64().unwrap_or(0)
    }),
    ("form", |answer| {
        parts(answer).filter(|part| part["form"] == "text").count() as u64
    }),
    ("cache_write", |answer| used(answer, "cache_write")),
];

fn used(answer: &Value, field: &str) -> u64 {
    answer["usage"][field].as_u64().unwrap_or(0)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(160).collect();
    format!("`{short}`")
}

fn parts(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["parts"].as_array().into_iter().flatten()
}

/// Joins everything that was said to the user: where a block of text ends is no part of an answer.
/// Words of refusal are text in one dialect, a field of their own or an explanation in another.
fn said(answer: &Value) -> String {
    let texts = parts(answer).filter(|part| part["kind"] == "text");
    let refusals = parts(answer).filter(|part| part["kind"] == "refusal");
    let mut said: String = texts
        .chain(refusals)
        .map(|part| text(&part["text"]))
        .collect();
    said += &text(&answer["explanation"]);
    said
}

/// Joins everything that was thought, as dialects do that have one field for it.
fn thinking(answer: &Value) -> String {
    let thoughts = parts(answer).filter(|part| part["kind"] == "thinking");
    let texts: Vec<String> = thoughts.map(|part| text(&part["text"])).collect();
    texts.join("\n\n")
}

fn of_kind(answer: &Value, kind: &str) -> Vec<String> {
    let of_kind = parts(answer).filter(|part| part["kind"] == kind);
    of_kind.map(Value::to_string).collect()
}

fn calls(answer: &Value) -> Vec<String> {
    let calls = parts(answer).filter(|part| part["kind"] == "call");
    calls.map(call).collect()
}

/// Lists calls like those of another answer: the id of one that came without is the gateway's.
fn calls_like(model: &Value, answer: &Value) -> Vec<String> {
    let models: Vec<&Value> = parts(model).filter(|part| part["kind"] == "call").collect();
    let calls = parts(answer).filter(|part| part["kind"] == "call");
    let like = calls.enumerate().map(|(at, part)| {
        let has_id = models.get(at).is_some_and(|model| model["id"] != "");
        let mut part = part.clone();
        if !has_id && part["id"] != "" {
            part["id"] = Value::from("");
        }
        call(&part)
    });
    like.collect()
}

fn call(part: &Value) -> String {
    let [id, name, arguments] = ["id", "name", "arguments"].map(|field| text(&part[field]));
    format!("{name}({arguments}) as {id:?}")
}

/// Tells whether a list holds nothing that another does not hold as often.
fn is_within(list: &[String], all: &[String]) -> bool {
    let mut left = all.to_vec();
    list.iter().all(|one| {
        let found = left.iter().position(|other| other == one);
        found.map(|at| left.remove(at)).is_some()
    })
}

/// Tells in which order text and calls stand, neighbours of a kind as one. The explanation of a
/// refusal is text that stands last.
fn order(answer: &Value) -> String {
    let kinds = parts(answer).filter_map(|part| part["kind"].as_str());
    let mut kinds: Vec<&str> = kinds
        .filter_map(|kind| match kind {
            "text" | "refusal" => Some("text"),
            "call" => Some("call"),
            _ => None,
        })
        .collect();
    if !text(&answer["explanation"]).is_empty() {
        kinds.push("text");
    }
    kinds.dedup();
    kinds.join(" ")
}

/// Finds what stands at a path such as `output[1].content` in an SDK's own view, or in a chunk of
/// it.
pub fn at<'t>(path: &str, tree: &'t Value) -> Option<&'t Value> {
    let steps = path.split(['.', '[']);
    let found = steps.into_iter().try_fold(tree, |tree, step| {
        let place = step.strip_suffix(']').and_then(|step| step.parse().ok());
        place.map_or_else(|| tree.get(step), |place: usize| tree.get(place))
    });
    let chunks = tree["chunks"].as_array();
    let mut chunks = chunks.into_iter().flatten();
    found.or_else(|| chunks.find_map(|chunk| at(path, chunk)))
}
