//! What a value says of one feature. A value that leaves the feature unset says nothing; one that
//! is not written is none. It must not know which name led here.

use domain::Feature;

use super::entry::{Entry, Read};
use crate::callee::Sends;
use crate::literal::{Literal, is_empty_group, read};
use crate::pairs::{elements, flatten, last_group};

/// The words of effort; a longer one stands before one that it ends with.
const EFFORTS: [&str; 7] = ["minimal", "medium", "xhigh", "none", "high", "low", "max"];

pub(super) fn temperature(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::Temperature, entry)
}

pub(super) fn top_p(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::TopP, entry)
}

pub(super) fn top_k(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::TopK, entry)
}

pub(super) fn presence_penalty(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::PresencePenalty, entry)
}

pub(super) fn frequency_penalty(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::FrequencyPenalty, entry)
}

pub(super) fn seed(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::Seed, entry)
}

pub(super) fn top_logprobs(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::TopLogprobs, entry)
}

pub(super) fn logprobs(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::Logprobs, entry)
}

pub(super) fn logit_bias(entry: &Entry<'_>) -> Vec<Read> {
    let is_unset = read(entry.value) == Literal::Unset || is_empty_group(entry.value);
    if is_unset {
        return Vec::new();
    }
    vec![(Feature::LogitBias, None)]
}

/// `n` alone is too short a name to mean anything outside of a known call.
pub(super) fn candidates(entry: &Entry<'_>) -> Vec<Read> {
    if entry.dialect.is_none() {
        return Vec::new();
    }
    number(Feature::Candidates, entry)
}

/// Reads a number or a truth; a word is no value of these.
fn number(feature: Feature, entry: &Entry<'_>) -> Vec<Read> {
    match read(entry.value) {
        Literal::Unset => Vec::new(),
        Literal::Plain(plain) => vec![(feature, Some(plain))],
        Literal::Word(_) | Literal::Open => vec![(feature, None)],
    }
}

pub(super) fn tools(entry: &Entry<'_>) -> Vec<Read> {
    let is_unset = read(entry.value) == Literal::Unset || is_empty_group(entry.value);
    if is_unset {
        return Vec::new();
    }
    vec![(Feature::Tools, None)]
}

/// Reads the type of a tool that the provider defines: a name with a day.
pub(super) fn tool_type(entry: &Entry<'_>) -> Vec<Read> {
    let Literal::Word(word) = read(entry.value) else {
        return Vec::new();
    };
    let day = word.rsplit('_').next().unwrap_or_default();
    let is_dated = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    if !is_dated {
        return Vec::new();
    }
    vec![(Feature::ToolType, Some(word))]
}

/// Reads a choice of tools. One in a variable says nothing here: it may well be `auto`.
pub(super) fn forced_tool(entry: &Entry<'_>) -> Vec<Read> {
    let is_forced = match read(entry.value) {
        Literal::Word(word) => matches!(word.as_str(), "any" | "required" | "tool" | "function"),
        Literal::Unset | Literal::Plain(_) | Literal::Open => false,
    };
    if is_forced {
        vec![(Feature::ForcedTool, None)]
    } else {
        Vec::new()
    }
}

/// Reads the kind of thinking, where it is a word, or the end of what makes it.
pub(super) fn thinking(entry: &Entry<'_>) -> Vec<Read> {
    let word = match read(entry.value) {
        Literal::Word(word) => word,
        Literal::Plain(plain) if plain == "false" => "disabled".to_owned(),
        _ => kind_of_thinking(entry.value),
    };
    let feature = match word.as_str() {
        "disabled" => Feature::ThinkingDisabled,
        "adaptive" | "between_tools" => Feature::ThinkingAdaptive,
        "enabled" => Feature::ThinkingBudget,
        _ => return Vec::new(),
    };
    vec![(feature, None)]
}

/// Tells the kind by a constructor's name: `ThinkingConfigParamOfEnabled(2048)`.
fn kind_of_thinking(value: &str) -> String {
    let front = value
        .split('(')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let kinds = ["disabled", "adaptive", "enabled"];
    let found = kinds.iter().find(|kind| front.ends_with(**kind));
    found.map_or_else(String::new, |kind| (*kind).to_owned())
}

/// Reads a budget: 0 is no thinking, and less than that is as the model sees fit.
pub(super) fn thinking_budget(entry: &Entry<'_>) -> Vec<Read> {
    let budget = match read(entry.value) {
        Literal::Unset => return Vec::new(),
        Literal::Plain(plain) => Some(plain),
        Literal::Word(_) | Literal::Open => None,
    };
    let number = budget
        .as_ref()
        .and_then(|budget| budget.parse::<f64>().ok());
    let read = match number {
        Some(0.0) => (Feature::ThinkingDisabled, None),
        Some(number) if number < 0.0 => (Feature::ThinkingAdaptive, None),
        _ => (Feature::ThinkingBudget, budget),
    };
    vec![read]
}

pub(super) fn enable_thinking(entry: &Entry<'_>) -> Vec<Read> {
    match read(entry.value) {
        Literal::Plain(plain) if plain == "false" => vec![(Feature::ThinkingDisabled, None)],
        _ => Vec::new(),
    }
}

pub(super) fn effort(entry: &Entry<'_>) -> Vec<Read> {
    let word = match read(entry.value) {
        Literal::Unset => return Vec::new(),
        Literal::Word(word) => EFFORTS.iter().find(|effort| word.ends_with(**effort)),
        Literal::Plain(_) | Literal::Open => None,
    };
    vec![(Feature::Effort, word.map(|word| (*word).to_owned()))]
}

pub(super) fn max_tokens(entry: &Entry<'_>) -> Vec<Read> {
    number(Feature::MaxTokens, entry)
}

/// Reads the most tokens by the name that some models refuse in the one wire API that has a newer
/// one; clients that know that rename it.
pub(super) fn older_max_tokens(entry: &Entry<'_>) -> Vec<Read> {
    let mut found = max_tokens(entry);
    let is_chat = entry.dialect.is_none_or(|dialect| dialect == "openai-chat");
    if is_chat && entry.sends == Sends::AsWritten && !found.is_empty() {
        found.push((Feature::OlderMaxTokens, None));
    }
    found
}

/// Reads beta headers: a list, or words with commas between them.
pub(super) fn betas(entry: &Entry<'_>) -> Vec<Read> {
    let inside = last_group(entry.value).unwrap_or(entry.value);
    let words = inside.split([',', ' ', '\n']);
    let words = words.map(|word| word.trim().trim_matches(['"', '\'', '`']));
    // A beta bears the day on which it began.
    let is_beta = |word: &&str| {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let ends = word.bytes().next_back();
        word.contains("-20")
            && word.bytes().all(is_word)
            && ends.is_some_and(|one| one.is_ascii_digit())
    };
    let words = words.filter(is_beta);
    words
        .map(|word| (Feature::Beta, Some(word.to_owned())))
        .collect()
}

pub(super) fn service_tier(entry: &Entry<'_>) -> Vec<Read> {
    match read(entry.value) {
        Literal::Unset => Vec::new(),
        Literal::Word(word) => vec![(Feature::ServiceTier, Some(word))],
        Literal::Plain(_) | Literal::Open => vec![(Feature::ServiceTier, None)],
    }
}

/// Reads a strict schema that leaves an object open. One that is not written here says nothing, and
/// neither does one that closes each of its objects.
pub(super) fn strict_schema(entry: &Entry<'_>) -> Vec<Read> {
    let pairs = flatten("", entry.value);
    let has = |name: &str, words: &[&str]| {
        let ends = pairs
            .iter()
            .filter(|pair| pair.name.rsplit('.').next() == Some(name));
        ends.filter(|pair| match read(pair.value) {
            Literal::Word(word) | Literal::Plain(word) => words.contains(&word.as_str()),
            _ => false,
        })
        .count()
    };
    let is_strict = has("strict", &["true"]) > 0;
    let is_open = has("type", &["object"]) > has("additionalProperties", &["false"]);
    if is_strict && is_open {
        vec![(Feature::StrictSchema, None)]
    } else {
        Vec::new()
    }
}

/// Reads the older field for an answer's form, where it is not another client's own.
pub(super) fn output_format(entry: &Entry<'_>) -> Vec<Read> {
    let is_its_own = entry.dialect == Some("anthropic-messages");
    let is_set = read(entry.value) != Literal::Unset;
    if is_its_own && is_set {
        vec![(Feature::OlderOutputFormat, None)]
    } else {
        Vec::new()
    }
}

/// Lists the elements of a list that is written.
pub(super) fn list(value: &str) -> Vec<&str> {
    let is_list = value.trim().ends_with([']', '}', ')']);
    match last_group(value) {
        Some(inside) if is_list => elements(inside),
        _ => Vec::new(),
    }
}
