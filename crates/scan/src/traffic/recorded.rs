//! From the features that accounting keeps of a request to what it uses, in the facts' words, and
//! to what the row cannot tell. It must not take what was not noted for what was not used.

use domain::{Feature, Used, Uses};
use serde_json::{Map, Value};

/// The form of a row's features in which what is not named was not used.
const WHOLE: u64 = 2;
/// What stands for a value that is none of the known ones.
const OTHER: &str = "other";

/// What no row says of its request, of whatever form: headers, an organisation's contract, how a
/// schema is meant, and in whose turns documents stand.
const NEVER_NOTED: [Feature; 5] = [
    Feature::Beta,
    Feature::ServiceTier,
    Feature::ZeroRetention,
    Feature::OlderOutputFormat,
    Feature::UserCitations,
];
/// What a form of thinking that is not known leaves open.
const FORMS: [Feature; 3] = [
    Feature::ThinkingBudget,
    Feature::ThinkingAdaptive,
    Feature::ThinkingDisabled,
];
/// What rows of the first form did not note.
const NOTED_LATER: [Feature; 4] = [
    Feature::MidSystem,
    Feature::ThinkingHistory,
    Feature::OlderMaxTokens,
    Feature::TopLogprobs,
];
/// Things that a row counts, by its word and the facts'.
const COUNTS: [(&str, Feature); 3] = [
    ("tools", Feature::Tools),
    ("images", Feature::Images),
    ("thoughts", Feature::ThinkingHistory),
];
/// Things that are there or not.
const FLAGS: [(&str, Feature); 4] = [
    ("forced_tool", Feature::ForcedTool),
    ("prefill", Feature::Prefill),
    ("mid_system", Feature::MidSystem),
    ("older_max_tokens", Feature::OlderMaxTokens),
];
/// Parameters of sampling, with the value that each has where it is not set, as JSON text.
const SAMPLING: [(&str, Feature, Option<&str>); 10] = [
    ("temperature", Feature::Temperature, Some("1")),
    ("top_p", Feature::TopP, Some("1")),
    ("top_k", Feature::TopK, None),
    ("presence_penalty", Feature::PresencePenalty, Some("0")),
    ("frequency_penalty", Feature::FrequencyPenalty, Some("0")),
    ("seed", Feature::Seed, None),
    ("logit_bias", Feature::LogitBias, None),
    ("logprobs", Feature::Logprobs, Some("false")),
    ("n", Feature::Candidates, Some("1")),
    ("top_logprobs", Feature::TopLogprobs, None),
];

/// Holds what is known of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// What it uses.
    pub uses: Uses,
    /// What it may use as well, since nothing tells.
    pub open: Vec<Feature>,
    /// Whether the version of the API is open too.
    pub is_version_open: bool,
}

impl Recorded {
    /// Reads the features of a row. None where they are no object, or one that was too long to
    /// keep.
    #[must_use]
    pub fn read(features: &str, dialect: &str) -> Option<Self> {
        let fields: Map<String, Value> = serde_json::from_str(features).ok()?;
        if fields.contains_key("too_long") {
            return None;
        }
        let form = fields.get("form").and_then(Value::as_u64).unwrap_or(1);
        let mut found = Self {
            uses: Uses {
                used: Vec::new(),
                dialect: Some(dialect.to_owned()),
                api_version: None,
            },
            open: NEVER_NOTED.to_vec(),
            is_version_open: true,
        };
        found.counted(&fields);
        found.sampled(&fields);
        if form >= WHOLE {
            found.thought(&fields);
        } else {
            found.thought_before(&fields);
        }
        Some(found)
    }

    /// Takes over from a reading of a whole body, which names what it leaves open. What is no
    /// word of the facts is left out.
    #[must_use]
    pub fn whole<'u>(
        uses: impl Iterator<Item = (&'u str, Option<&'u str>)>,
        open: impl Iterator<Item = &'u str>,
    ) -> Self {
        let feature = |word: &str| word.parse::<Used>().ok().map(|used| used.feature);
        let used = uses.filter_map(|(word, value)| {
            Some(Used {
                feature: feature(word)?,
                value: value.map(str::to_owned),
            })
        });
        Self {
            uses: Uses {
                used: used.collect(),
                ..Uses::default()
            },
            open: open.filter_map(feature).collect(),
            is_version_open: false,
        }
    }

    fn add(&mut self, feature: Feature, value: Option<&str>) {
        let value = value.map(str::to_owned);
        self.uses.used.push(Used { feature, value });
    }

    fn counted(&mut self, fields: &Map<String, Value>) {
        let count = |name: &str| fields.get(name).and_then(Value::as_u64).unwrap_or(0);
        for (_, feature) in COUNTS.iter().filter(|(name, _)| count(name) > 0) {
            self.add(*feature, None);
        }
        let is_set = |name: &str| fields.get(name) == Some(&Value::Bool(true));
        for (_, feature) in FLAGS.iter().filter(|(name, _)| is_set(name)) {
            self.add(*feature, None);
        }
        for word in words(fields, "tool_types") {
            self.add(Feature::ToolType, Some(word).filter(|word| *word != OTHER));
        }
        // Whether a schema is followed strictly is not noted, only that there is a form.
        if is_set("structured_output") {
            self.open.push(Feature::StrictSchema);
        }
        if count("documents") > 0 {
            self.open.push(Feature::AssistantDocument);
        }
    }

    fn sampled(&mut self, fields: &Map<String, Value>) {
        let usual: Vec<_> = words(fields, "usual").collect();
        let unusual: Vec<_> = words(fields, "unusual").collect();
        for word in words(fields, "sampling") {
            let row = SAMPLING.iter().find(|(name, _, _)| *name == word);
            let Some((_, feature, value)) = row else {
                continue;
            };
            let value = match () {
                () if usual.contains(&word) => *value,
                () if unusual.contains(&word) => Some(OTHER),
                // A row of before does not say.
                () => None,
            };
            self.add(*feature, value);
        }
    }

    fn thought(&mut self, fields: &Map<String, Value>) {
        match words(fields, "thinking_form").next() {
            Some("budget") => self.add(Feature::ThinkingBudget, None),
            Some("adaptive") => self.add(Feature::ThinkingAdaptive, None),
            Some("disabled") => self.add(Feature::ThinkingDisabled, None),
            Some(_) => self.open.extend(FORMS),
            None => {}
        }
        if let Some(word) = words(fields, "effort").next() {
            self.add(Feature::Effort, Some(word).filter(|word| *word != OTHER));
        }
    }

    /// Reads what rows of the first form say: that there is thinking or an effort, of one kind or
    /// another, and a budget where there is one.
    fn thought_before(&mut self, fields: &Map<String, Value>) {
        self.open.extend(NOTED_LATER);
        self.open.push(Feature::Effort);
        if fields.contains_key("tools") {
            self.open.push(Feature::ToolType);
        }
        let is_set = fields.get("thinking") == Some(&Value::Bool(true));
        match (is_set, fields.contains_key("thinking_budget")) {
            (_, true) => self.add(Feature::ThinkingBudget, None),
            (true, false) => self.open.push(Feature::ThinkingAdaptive),
            (false, false) => self.open.push(Feature::ThinkingDisabled),
        }
    }
}

fn words<'f>(fields: &'f Map<String, Value>, name: &str) -> impl Iterator<Item = &'f str> {
    let text = fields.get(name).and_then(Value::as_str);
    text.into_iter().flat_map(str::split_ascii_whitespace)
}

#[cfg(test)]
mod tests;
