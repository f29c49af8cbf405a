//! Writes `facts/catalogue.toml` from a public catalogue: the list of models of a release of
//! LiteLLM, as JSON. It takes the file, the release and the day on which it was read, and writes to
//! its output: `cargo run -p tiergate --example catalogue -- FILE 1.110.2 2026-11-27`.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;

use domain::Facts;
use serde_json::{Map, Value};

/// Which of the catalogue's providers is which platform.
const PLATFORMS: [(&str, &str); 10] = [
    ("anthropic", "anthropic"),
    ("openai", "openai"),
    ("bedrock", "bedrock"),
    ("bedrock_converse", "bedrock"),
    ("vertex_ai-anthropic_models", "vertex"),
    ("vertex_ai-language-models", "vertex"),
    ("gemini", "gemini"),
    ("azure", "azure"),
    ("deepseek", "deepseek"),
    ("openrouter", "openrouter"),
];

/// What the catalogue puts before an id, by platform.
const PREFIXES: [(&str, &str); 5] = [
    ("vertex", "vertex_ai/"),
    ("gemini", "gemini/"),
    ("azure", "azure/"),
    ("deepseek", "deepseek/"),
    ("openrouter", "openrouter/"),
];

const HEAD: &str = "\
# What a public catalogue says of the models that the facts know, as it stood in the release that
# is named. It is compared with the facts and decides nothing; where the two disagree,
# `docs/reference/facts.md` says so. Written by `crates/tiergate/examples/catalogue.rs`.
";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("{what} is missing"));
    let (file, release, day) = (next("the file")?, next("the release")?, next("the day")?);
    let list: Map<String, Value> = serde_json::from_slice(&std::fs::read(file)?)?;
    let facts = Facts::shipped()?;
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for (key, entry) in &list {
        let provider = entry.get("litellm_provider").and_then(Value::as_str);
        let known = PLATFORMS.iter().find(|(name, _)| Some(*name) == provider);
        let Some((_, platform)) = known else {
            continue;
        };
        let prefix = PREFIXES.iter().find(|(name, _)| name == platform);
        let id = prefix.and_then(|(_, prefix)| key.strip_prefix(prefix));
        let id = id.unwrap_or(key);
        if facts.known(platform, id).is_some() {
            rows.push((
                (*platform).to_owned(),
                id.to_owned(),
                row(platform, id, entry)?,
            ));
        }
    }
    rows.sort();
    rows.dedup_by(|one, other| one.0 == other.0 && one.1 == other.1);
    let mut text = format!(
        "{HEAD}\nname = \"LiteLLM\"\nurl = \"https://pypi.org/project/litellm/{release}/\"\n\
         read_on = \"{day}\"\nlicence = \"MIT\"\nrows = [\n"
    );
    for (_, _, row) in rows {
        writeln!(text, "  {row},")?;
    }
    text.push_str("]\n");
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

fn row(platform: &str, id: &str, entry: &Value) -> Result<String, std::fmt::Error> {
    let mut row = format!("{{ platform = \"{platform}\", id = \"{id}\"");
    for (field, name) in [
        ("input_cost_per_token", "input_usd_micros"),
        ("output_cost_per_token", "output_usd_micros"),
        ("cache_read_input_token_cost", "cached_usd_micros"),
    ] {
        if let Some(price) = entry.get(field).and_then(Value::as_f64) {
            // USD a token are 10¹² micro-USD a million tokens.
            write!(row, ", {name} = {}", (price * 1e12).round() as u64)?;
        }
    }
    if let Some(most) = entry.get("max_output_tokens").and_then(Value::as_u64) {
        write!(row, ", max_output_tokens = {most}")?;
    }
    if let Some(day) = entry.get("deprecation_date").and_then(Value::as_str) {
        write!(row, ", goes_on = \"{day}\"")?;
    }
    row.push_str(" }");
    Ok(row)
}
