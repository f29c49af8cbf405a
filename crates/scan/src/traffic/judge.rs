//! What a request sets off at a model: its rules, its limits and its words of effort, each surely,
//! perhaps, or not to be told. It must not count.

use std::sync::Arc;

use domain::{Effect, Facts, Feature, Rule, SetOff, Takes, Used, Uses};

use crate::traffic::recorded::Recorded;

/// Names a model with what is known of it.
#[derive(Clone, Debug, Default)]
pub struct Lodging {
    /// The platform, where it is known.
    pub platform: Option<String>,
    /// Its id there.
    pub id: String,
    /// The dialect that is spoken with it, where it is known.
    pub dialect: Option<String>,
    /// What it takes.
    pub takes: Takes,
}

impl Lodging {
    /// Gathers what the facts know of an id on a platform.
    #[must_use]
    pub fn of(facts: &Facts, platform: &str, id: &str) -> Self {
        Self {
            platform: Some(platform.to_owned()),
            id: id.to_owned(),
            dialect: None,
            takes: facts.takes(platform, id),
        }
    }

    /// Finds its row.
    #[must_use]
    pub fn known<'f>(&self, facts: &'f Facts) -> Option<domain::Known<'f>> {
        facts.known(self.platform.as_deref()?, &self.id)
    }

    /// Says what a request of a caller uses once it comes to this model: where another dialect is
    /// spoken there, in that one's fields.
    fn arriving(&self, uses: &Uses) -> Uses {
        let mut uses = uses.clone();
        let came_in = uses.dialect.take();
        uses.dialect = self.dialect.clone().or(came_in.clone());
        if uses.dialect != came_in {
            // Whoever translates writes the field of today.
            let is_older = |used: &Used| used.feature == Feature::OlderMaxTokens;
            uses.used.retain(|used| !is_older(used));
        }
        uses
    }
}

/// Says how sure it is that a request sets something off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// Nothing that is known of it says so; what is not known may.
    Untold,
    /// It uses it; a value or a circumstance is not known.
    Perhaps,
    /// It does.
    Yes,
}

/// Is one thing that a request sets off.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What breaks.
    pub what: What,
    /// How sure that is.
    pub sure: Sure,
    /// What the request uses that sets it off; nothing where what is left unsaid does.
    pub by: Vec<Feature>,
    /// What would have to be known to be sure.
    pub open: Vec<&'static str>,
}

/// Names what breaks.
#[derive(Clone, Debug)]
pub enum What {
    /// A rule of the facts.
    Rule(Arc<Rule>),
    /// A word of effort that the model does not know.
    Effort,
    /// More tokens asked for than it gives.
    MaxTokens,
    /// More tokens than its context holds.
    Context,
    /// More output than it gives.
    Output,
}

impl What {
    /// Names it as reports do.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Rule(rule) => &rule.id,
            Self::Effort => "effort-words",
            Self::MaxTokens => "most-output-tokens",
            Self::Context => "context-tokens",
            Self::Output => "answer-tokens",
        }
    }

    /// Says what happens.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::Rule(rule) => rule.effect,
            Self::Effort | Self::MaxTokens | Self::Context => Effect::Error,
            Self::Output => Effect::Silent,
        }
    }

    /// Tells whether another, at another model, is the same news: it does the same to the same
    /// features.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Rule(one), Self::Rule(other)) => {
                let is_shared = |feature: &Feature| other.features.contains(feature);
                let is_same = one.id == other.id;
                let is_alike = one.effect == other.effect && one.features.iter().any(is_shared);
                is_same || is_alike
            }
            (one, other) => one.id() == other.id(),
        }
    }
}

/// Lists what a request sets off at a model.
#[must_use]
pub fn verdicts(model: &Lodging, facts: &Facts, recorded: &Recorded) -> Vec<Verdict> {
    let recorded = Recorded {
        uses: model.arriving(&recorded.uses),
        ..recorded.clone()
    };
    let efforts = model.takes.efforts.as_ref();
    let default = efforts.and_then(|efforts| efforts.default.as_deref());
    let rules = model.takes.rules.iter();
    let mut found: Vec<_> = rules
        .filter_map(|rule| verdict(rule, &recorded, default))
        .collect();
    let value = |feature: Feature| {
        let said = recorded.uses.used.iter();
        let mut said = said.filter(|used| used.feature == feature);
        said.find_map(|used| used.value.as_deref())
    };
    let is_unknown = |word: &str| {
        efforts.is_some_and(|efforts| !efforts.takes.iter().any(|known| known == word))
    };
    let has_rule = |one: &Verdict| one.by.contains(&Feature::Effort) && one.sure == Sure::Yes;
    if value(Feature::Effort).is_some_and(is_unknown) && !found.iter().any(has_rule) {
        found.push(surely(What::Effort, Feature::Effort));
    }
    let asked = value(Feature::MaxTokens).and_then(|most| most.parse::<u64>().ok());
    let most = model
        .known(facts)
        .and_then(|known| known.max_output_tokens());
    if asked.zip(most).is_some_and(|(asked, most)| asked > most) {
        found.push(surely(What::MaxTokens, Feature::MaxTokens));
    }
    found
}

fn surely(what: What, by: Feature) -> Verdict {
    Verdict {
        what,
        sure: Sure::Yes,
        by: vec![by],
        open: Vec::new(),
    }
}

fn verdict(rule: &Arc<Rule>, recorded: &Recorded, default: Option<&str>) -> Option<Verdict> {
    let uses = &recorded.uses;
    let closed = rule.set_off_by(uses, default);
    // The same request once more, with all that is open and that the rule looks at.
    let is_said = |feature: &Feature| uses.used.iter().any(|used| used.feature == *feature);
    let open: Vec<_> = looked_at(rule)
        .filter(|feature| recorded.open.contains(feature) && !is_said(feature))
        .collect();
    let mut opened = uses.clone();
    let more = open.iter().map(|feature| Used {
        feature: *feature,
        value: None,
    });
    opened.used.extend(more);
    let is_version = recorded.is_version_open && rule.api_version.is_some();
    if is_version {
        opened.api_version.clone_from(&rule.api_version);
    }
    let opened = rule.set_off_by(&opened, default).set_off;
    let sure = match (closed.set_off, opened) {
        (SetOff::No, SetOff::No) => return None,
        (SetOff::No, _) => Sure::Untold,
        (SetOff::Yes, SetOff::Yes) => Sure::Yes,
        _ => Sure::Perhaps,
    };
    let by = closed.by.iter().filter_map(|place| uses.used.get(*place));
    let mut names: Vec<_> = open.iter().map(|feature| feature.as_str()).collect();
    names.extend(is_version.then_some("the version of the API"));
    Some(Verdict {
        what: What::Rule(Arc::clone(rule)),
        sure,
        by: by.map(|used| used.feature).collect(),
        open: names,
    })
}

/// Lists the features that a rule looks at, and those that say what it takes for unsaid.
fn looked_at(rule: &Rule) -> impl Iterator<Item = Feature> {
    let settings = rule.with.iter().chain(&rule.unless);
    let settings = settings.map(|setting| setting.feature);
    let all = rule.features.iter().copied().chain(settings);
    let mut all: Vec<_> = all
        .flat_map(|one| [&[one][..], said_by(one)].concat())
        .collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
}

fn said_by(feature: Feature) -> &'static [Feature] {
    match feature {
        Feature::EffortUnset => &[Feature::Effort],
        Feature::ThinkingUnset => &[
            Feature::ThinkingBudget,
            Feature::ThinkingAdaptive,
            Feature::ThinkingDisabled,
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
