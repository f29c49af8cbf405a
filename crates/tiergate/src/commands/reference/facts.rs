//! The page of the facts: what is known of each model, by whose word and as of when. It must not
//! say more than a row does: what is not known is a dash.

use std::fmt::{self, Write as _};

use domain::{
    Basis, Catalogue, Date, Efforts, Facts, LimitsFact, LongContext, ModelFact, PriceFact, Rule,
    Setting, Source, Used,
};

const ABOUT: &str = "What is known of the models, as rows that ship with the program. A fact holds \
    for an exact id on a platform; what is not here is unknown, and a dash says so. `documented` \
    was read on the vendor's own pages, `probed` is an answer of the API that somebody published, \
    `reported` is a third party's word. The numbers name the sources at the end, each with the day \
    on which it was read. The rules that end in an error are what `adapt = true` in a tier changes \
    requests by; where sources dispute one, nothing is changed.";
const ABOUT_PRICES: &str = "USD a million tokens: input, read from a cache, written to it, written \
    to it for an hour, output. A price in the configuration goes before these.";
const ABOUT_LIFE: &str = "A day in the column \"not before\" is the earliest on which the vendor \
    could retire the model. It is no retirement date.";
const ABOUT_TOKENIZERS: &str = "Models in one row make the same tokens of a text; of a model in \
    none it is not known. A ratio is the number of tokens in percent of what the other makes.";
const ABOUT_CATALOGUE: &str = "Nothing here decides anything: it is where a public list of models, \
    compared id by id, says something else than the facts. Prices are USD a million tokens. The \
    list has one day for each model and does not say whether it is an earliest day.";
const UNKNOWN: &str = "–";

/// Writes the page.
pub(super) fn page() -> Result<String, Fault> {
    let facts = Facts::shipped()?;
    let mut page = Page {
        text: format!("# Facts\n\n{ABOUT}\n"),
        sources: Vec::new(),
    };
    page.platforms(&facts)?;
    let mut vendors: Vec<&str> = Vec::new();
    for model in facts.models() {
        if vendors.last() != Some(&model.vendor.as_str()) {
            vendors.push(&model.vendor);
        }
    }
    for vendor in vendors {
        let models = facts.models().iter().filter(|one| one.vendor == vendor);
        let models: Vec<_> = models.collect();
        writeln!(page.text, "\n## {vendor}")?;
        page.limits(&models)?;
        page.prices(&models)?;
        page.life(&models)?;
    }
    page.tokenizers(&facts)?;
    page.rules(&facts)?;
    page.catalogue(&facts, &Catalogue::shipped()?)?;
    page.sources()?;
    Ok(page.text)
}

/// Says why the page cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The rows cannot be read.
    #[error("the facts cannot be read")]
    Facts(#[from] domain::FactFault),
    /// The text cannot be put together.
    #[error("the page cannot be put together")]
    Text(#[from] fmt::Error),
}

/// Holds the page as far as it is written, and the sources that it names.
struct Page {
    text: String,
    sources: Vec<Source>,
}

impl Page {
    fn platforms(&mut self, facts: &Facts) -> fmt::Result {
        let text = &mut self.text;
        writeln!(
            text,
            "\n## Platforms\n\n| Name | What | Hosts |\n|---|---|---|"
        )?;
        for one in facts.platforms() {
            let hosts = code(&one.hosts);
            writeln!(text, "| `{}` | {} | {hosts} |", one.name, one.about)?;
        }
        Ok(())
    }

    fn limits(&mut self, models: &[&ModelFact]) -> fmt::Result {
        writeln!(
            self.text,
            "\n### Ids, limits and efforts\n\n\
             | Model | Platform | Ids | Context | Output | Efforts, default in bold | Basis |\n\
             |---|---|---|---|---|---|---|"
        )?;
        for model in models {
            for (platform, ids) in &model.ids {
                let here = |platforms: &[String]| platforms.contains(platform);
                let mut limits = model.limits.iter();
                let limits = limits.find(|fact| here(&fact.platforms));
                let mut known = model.efforts.iter();
                let known = known.find(|fact| here(&fact.platforms));
                let count = |count: fn(&LimitsFact) -> Option<u64>| {
                    let found = limits.and_then(count);
                    found.map_or_else(|| UNKNOWN.to_owned(), |count| count.to_string())
                };
                let (context, output) = (
                    count(|one| one.context_tokens),
                    count(|one| one.max_output_tokens),
                );
                let words = known.map_or_else(|| UNKNOWN.to_owned(), |one| words(&one.efforts));
                let bases = limits.map(|one| &one.basis).into_iter();
                let bases = bases.chain(known.map(|one| &one.basis));
                let bases: Vec<_> = bases.map(|basis| self.basis(basis)).collect();
                let basis = if bases.is_empty() {
                    UNKNOWN.to_owned()
                } else {
                    bases.join("; ")
                };
                let (name, ids) = (&model.name, code(ids));
                writeln!(
                    self.text,
                    "| {name} | {platform} | {ids} | {context} | {output} | {words} | {basis} |"
                )?;
            }
        }
        Ok(())
    }

    fn prices(&mut self, models: &[&ModelFact]) -> fmt::Result {
        writeln!(
            self.text,
            "\n### Prices\n\n{ABOUT_PRICES}\n\n\
             | Model | Platforms | From | Input | Cached | Written | For an hour | Output \
             | Batch | Basis |\n|---|---|---|---|---|---|---|---|---|---|"
        )?;
        for model in models {
            for fact in &model.prices {
                let (name, platforms) = (&model.name, fact.platforms.join(", "));
                let prices = fact.prices;
                let row = row([
                    Some(prices.input_usd_micros),
                    prices.cached_usd_micros,
                    prices.cache_write_usd_micros,
                    prices.cache_write_1h_usd_micros,
                    Some(prices.output_usd_micros),
                ]);
                let batch = fact.batch_percent;
                let batch = batch.map_or_else(|| UNKNOWN.to_owned(), |one| format!("{one} %"));
                let (from, basis) = (day(fact.from), self.basis(&fact.basis));
                let extra = peak(fact);
                writeln!(
                    self.text,
                    "| {name} | {platforms} | {from} | {row} | {batch} | {basis}{extra} |"
                )?;
                if let Some(long) = prices.long_context {
                    let (above, row) = (long.above_input_tokens, long_row(long));
                    writeln!(
                        self.text,
                        "| {name}, input above {above} tokens | {platforms} | {from} | {row} | \
                         {batch} | {basis} |"
                    )?;
                }
            }
        }
        Ok(())
    }

    fn life(&mut self, models: &[&ModelFact]) -> fmt::Result {
        if models.iter().all(|model| model.lifecycle.is_empty()) {
            return Ok(());
        }
        writeln!(
            self.text,
            "\n### Retirements\n\n{ABOUT_LIFE}\n\n\
             | Model | Platforms | Deprecated | Retires | Not before | Replacement | Basis |\n\
             |---|---|---|---|---|---|---|"
        )?;
        for model in models {
            for life in &model.lifecycle {
                let (name, platforms) = (&model.name, life.platforms.join(", "));
                let days = [life.deprecated_on, life.retires_on, life.not_before].map(day);
                let replacement = life.replacement.as_ref();
                let replacement =
                    replacement.map_or_else(|| UNKNOWN.to_owned(), |id| format!("`{id}`"));
                let (days, basis) = (days.join(" | "), self.basis(&life.basis));
                writeln!(
                    self.text,
                    "| {name} | {platforms} | {days} | {replacement} | {basis} |"
                )?;
            }
        }
        Ok(())
    }

    fn tokenizers(&mut self, facts: &Facts) -> fmt::Result {
        writeln!(
            self.text,
            "\n## Tokenizers\n\n{ABOUT_TOKENIZERS}\n\n\
             | Tokenizer | Models | Against another | Basis |\n|---|---|---|---|"
        )?;
        for one in facts.tokenizers() {
            let (name, models) = (&one.name, one.models.join(", "));
            let mut against = Vec::new();
            for ratio in &one.against {
                let basis = self.basis(&ratio.basis);
                let (other, percent) = (&ratio.against, ratio.percent);
                let (least, most) = (ratio.least_percent, ratio.most_percent);
                against.push(format!(
                    "{percent} % of `{other}`, {least} to {most}: {basis}"
                ));
            }
            let against = if against.is_empty() {
                UNKNOWN.to_owned()
            } else {
                against.join("; ")
            };
            let basis = self.basis(&one.basis);
            writeln!(self.text, "| `{name}` | {models} | {against} | {basis} |")?;
        }
        Ok(())
    }

    fn catalogue(&mut self, facts: &Facts, catalogue: &Catalogue) -> fmt::Result {
        let (name, url, day) = (&catalogue.name, &catalogue.url, catalogue.read_on);
        let (licence, count) = (&catalogue.licence, catalogue.rows.len());
        writeln!(
            self.text,
            "\n## Where a catalogue says otherwise\n\n{ABOUT_CATALOGUE}\n\n{name}, <{url}> \
             ({licence}), read on {day}: {count} ids that the facts know as well.\n\n\
             | Model | Platform | Id | About | Facts | Catalogue |\n|---|---|---|---|---|---|"
        )?;
        for one in facts.disagreements(catalogue) {
            writeln!(
                self.text,
                "| {} | {} | `{}` | {} | {} | {} |",
                one.model, one.platform, one.id, one.about, one.facts, one.catalogue
            )?;
        }
        Ok(())
    }

    fn rules(&mut self, facts: &Facts) -> fmt::Result {
        writeln!(
            self.text,
            "\n## Rules\n\nWhat a model, or a version of an API, refuses or changes, with a \
             request that sets it off.\n\n\
             | Rule | Set off by | Example | Models | Platforms | Effect | Remedy | Basis |\n\
             |---|---|---|---|---|---|---|---|"
        )?;
        for rule in facts.rules() {
            let cause = cause(rule);
            let models = if rule.models.is_empty() {
                "every one".to_owned()
            } else {
                rule.models.join(", ")
            };
            let (effect, basis) = (rule.effect.as_str(), self.basis(&rule.basis));
            let example = example(rule);
            writeln!(
                self.text,
                "| `{}` | {cause} | {example} | {models} | {} | {effect}: {} | {} | {basis} |",
                rule.id,
                rule.platforms.join(", "),
                rule.says,
                rule.remedy
            )?;
        }
        Ok(())
    }

    /// Names a basis by its confidence and the numbers of its sources.
    fn basis(&mut self, basis: &Basis) -> String {
        let mut text = basis.confidence.as_str().to_owned();
        for source in &basis.sources {
            let mut known = self.sources.iter();
            let place = known.position(|known| known == source);
            let place = place.unwrap_or_else(|| {
                self.sources.push(source.clone());
                self.sources.len() - 1
            });
            let number = place + 1;
            text.push_str(&format!(" [{number}]"));
        }
        if let Some(other) = &basis.disputed {
            text.push_str(&format!("; disputed: {other}"));
        }
        text
    }

    fn sources(&mut self) -> fmt::Result {
        writeln!(self.text, "\n## Sources\n")?;
        for (place, source) in self.sources.iter().enumerate() {
            let (number, url, day) = (place + 1, &source.url, source.read_on);
            let via = source.via.as_ref();
            let via = via.map_or_else(String::new, |via| format!(": {via}"));
            writeln!(self.text, "{number}. <{url}>, read on {day}{via}")?;
        }
        Ok(())
    }
}

fn code(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn words(efforts: &Efforts) -> String {
    if efforts.takes.is_empty() {
        return "none are taken".to_owned();
    }
    let bold = |word: &String| match &efforts.default {
        Some(default) if default == word => format!("**{word}**"),
        _ => word.clone(),
    };
    efforts
        .takes
        .iter()
        .map(bold)
        .collect::<Vec<_>>()
        .join(", ")
}

fn day(day: Option<Date>) -> String {
    day.map_or_else(|| UNKNOWN.to_owned(), |day| day.to_string())
}

fn row(prices: [Option<u64>; 5]) -> String {
    prices.map(usd).join(" | ")
}

fn long_row(long: LongContext) -> String {
    row([
        Some(long.input_usd_micros),
        long.cached_usd_micros,
        long.cache_write_usd_micros,
        long.cache_write_1h_usd_micros,
        Some(long.output_usd_micros),
    ])
}

/// Writes micro-USD as USD, without zeros that say nothing.
fn usd(micros: Option<u64>) -> String {
    let Some(micros) = micros else {
        return UNKNOWN.to_owned();
    };
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    let text = format!("{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn peak(fact: &PriceFact) -> String {
    let Some(peak) = &fact.peak else {
        return String::new();
    };
    let hours = peak.utc_hours.iter();
    let hours: Vec<_> = hours
        .map(|[from, until]| format!("{from:02}–{until:02}"))
        .collect();
    let days = if peak.weekdays_only {
        " on working days"
    } else {
        ""
    };
    let (percent, hours) = (peak.percent, hours.join(" and "));
    format!("; {percent} % at {hours} UTC{days}")
}

/// Says what sets a rule off.
fn cause(rule: &Rule) -> String {
    let join = if rule.together { " and " } else { " or " };
    let features = rule.features.iter().map(|one| format!("`{one}`"));
    let mut text = features.collect::<Vec<_>>().join(join);
    if !rule.only.is_empty() {
        text.push_str(&format!(" {}", code(&rule.only)));
    }
    if !rule.except.is_empty() {
        text.push_str(&format!(" other than {}", code(&rule.except)));
    }
    for setting in &rule.with {
        text.push_str(&format!(" with {}", named(setting)));
    }
    for setting in &rule.unless {
        text.push_str(&format!(", unless {}", named(setting)));
    }
    if !rule.dialects.is_empty() {
        text.push_str(&format!(", in {}", code(&rule.dialects)));
    }
    if let Some(version) = &rule.api_version {
        text.push_str(&format!(", under version `{version}`"));
    }
    text
}

/// Shows the request that sets a rule off.
fn example(rule: &Rule) -> String {
    let used = rule.example.uses.used.iter();
    let used = used.map(|Used { feature, value }| match value {
        Some(value) => format!("`{feature} {value}`"),
        None => format!("`{feature}`"),
    });
    let used: Vec<_> = used.collect();
    let used = if used.is_empty() {
        "any request".to_owned()
    } else {
        used.join(", ")
    };
    format!("{used} to `{}`", rule.example.id)
}

fn named(setting: &Setting) -> String {
    if setting.values.is_empty() {
        return format!("`{}`", setting.feature);
    }
    format!("`{}` {}", setting.feature, code(&setting.values))
}
