//! The edit that mends a site: the name alone, in the spelling that stands there, and what the new
//! model does not take left out where that is an argument of its own. It must not edit what tells
//! models apart, lists them or documents code.

use domain::{Effect, Facts, Feature};

use crate::breaks::Verdict;
use crate::edit::{span, without};
use crate::finding::{Edit, Fix, Safety};
use crate::parameters::plain_name;
use crate::role::Role;
use crate::site::{Certainty, Parameter, Site, Span};
use crate::target::{Target, spell};

/// Says what a fix puts in a name's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// The target; where there is none, what the vendor recommends.
    Model,
    /// A tier of the gateway, by name.
    Tier(String),
}

/// Holds what a fix is made from.
pub(crate) struct Case<'c> {
    pub(crate) facts: &'c Facts,
    /// The file's text.
    pub(crate) text: &'c str,
    pub(crate) site: &'c Site,
    /// The platform that the name is asked of, where it is known.
    pub(crate) platform: Option<&'c str>,
    /// What was judged of the model that the fix leads to.
    pub(crate) verdict: &'c Verdict,
}

/// Holds a name that is written in another's place.
struct Renamed {
    text: String,
    is_sure: bool,
    says: String,
}

impl Case<'_> {
    /// Makes the fix that names a tier of the gateway; none where a name alone cannot lead there.
    pub(crate) fn to_tier(&self, tier: &str) -> Option<Fix> {
        // These are asked by clients that speak to nobody else, in an API that the gateway has not.
        if matches!(self.platform, Some("bedrock" | "vertex" | "azure")) || !self.is_fixable() {
            return None;
        }
        let prefix = self.prefix()?;
        let written = &self.site.model.written;
        let renamed = Renamed {
            text: format!("{prefix}{tier}"),
            // A router's prefix leads past the gateway whatever the base URL is.
            is_sure: !matches!(self.platform, Some("openrouter")),
            says: format!(
                "names the gateway's tier `{tier}` in place of `{written}`; the client's base URL \
                 has to be the gateway's"
            ),
        };
        self.fix(renamed)
    }

    /// Makes the fix that names another model; none where its platform does not serve that.
    pub(crate) fn to_model(&self, target: &Target) -> Option<Fix> {
        if !self.is_fixable() || self.platform != Some(target.platform.as_str()) {
            return None;
        }
        let prefix = self.prefix()?;
        let old = &self.site.model.id;
        let known = target.known(self.facts);
        let spelled = known.and_then(|known| spell(known.fact(), &target.platform, old));
        let (id, is_sure) = match spelled {
            Some(spelled) if spelled.is_sure && target.platform == "bedrock" => (spelled.id, true),
            Some(spelled) => (target.id.clone(), spelled.is_sure),
            None => (target.id.clone(), false),
        };
        // A deployment bears whatever name it was given, so the new one has to be made first.
        let is_sure = is_sure && target.platform != "azure";
        let written = &self.site.model.written;
        let says = format!("names `{id}` in place of `{written}`");
        let text = format!("{prefix}{id}");
        self.fix(Renamed {
            text,
            is_sure,
            says,
        })
    }

    fn is_fixable(&self) -> bool {
        let site = self.site;
        let is_there = self.text.get(site.span.start..site.span.end) == Some(&site.model.written);
        let is_edited = !matches!(site.role, Role::Catalogue | Role::AllowList | Role::Comment);
        is_there && is_edited && site.names == 1
    }

    /// Gives what routers and SDKs want before the id, as it is written there.
    fn prefix(&self) -> Option<&str> {
        let model = &self.site.model;
        model.written.strip_suffix(model.id.as_str())
    }

    fn fix(&self, renamed: Renamed) -> Option<Fix> {
        let site = self.site;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte);
        if renamed.text == site.model.written || !renamed.text.bytes().all(is_plain) {
            return None;
        }
        let mut edits = vec![Edit {
            span: site.span,
            text: renamed.text.clone(),
        }];
        let mended = self.mended();
        edits.extend(mended.edits);
        edits.sort_by_key(|edit| edit.span.start);
        let is_safe = renamed.is_sure
            && self.is_safe_place()
            && !self.verdict.is_refused()
            && self.verdict.unknown.is_empty();
        let mut says = renamed.says;
        if !mended.done.is_empty() {
            says.push_str(&format!("; {}", mended.done.join(", ")));
        }
        if !mended.left.is_empty() {
            says.push_str(&format!("; left to you: {}", mended.left.join(", ")));
        }
        Some(Fix {
            safety: if is_safe {
                Safety::Safe
            } else {
                Safety::Suggest
            },
            says,
            edits,
        })
    }

    /// Tells whether a name at such a place is there to be asked for and nothing else.
    fn is_safe_place(&self) -> bool {
        let role = self.site.role;
        role.is_live() && role != Role::Notebook && self.site.confidence == Certainty::High
    }

    /// Makes the edits that mend what is refused, and names the refusals that no edit mends.
    fn mended(&self) -> Mended {
        let mut mended = Mended::default();
        let mut goes: Vec<&Parameter> = Vec::new();
        let all = self.verdict.breaks.iter().chain(&self.verdict.standing);
        for one in all.filter(|one| one.seen && one.effect == Effect::Error.as_str()) {
            let by = one.by.iter();
            let by = by.filter_map(|place| self.site.parameters.get(*place));
            // Of two that are refused together the last goes, as the gateway has it.
            let mut by = by.rev();
            let renamed = by.clone().find_map(|one| self.newer_name(one));
            if let Some(edit) = renamed {
                mended
                    .done
                    .push("writes `max_completion_tokens`".to_owned());
                mended.edits.push(edit);
            } else if let Some(one) = by.find(|one| self.may_go(one)) {
                if !goes.contains(&one) {
                    goes.push(one);
                }
            } else {
                mended.left.push(one.rule.clone());
            }
        }
        let mut spans: Vec<Span> = goes.iter().map(|one| one.span).collect();
        spans.sort_unstable_by_key(|span| span.start);
        for argument in self.joined(&spans) {
            let edit = without(self.text, argument);
            let edit = edit.map(|span| Edit {
                span,
                text: String::new(),
            });
            mended.edits.extend(edit);
        }
        let goes = goes
            .iter()
            .map(|one| format!("leaves out `{}`", one.feature));
        mended.done.extend(goes);
        mended.edits.dedup();
        mended
    }

    /// Joins arguments with nothing but a comma between them, which go together.
    fn joined(&self, spans: &[Span]) -> Vec<Span> {
        let mut found: Vec<Span> = Vec::new();
        for next in spans {
            let between = |last: &Span| {
                let between = self.text.get(last.end..next.start);
                between.is_some_and(|between| between.trim() == ",")
            };
            match found.last_mut().filter(|last| between(last)) {
                Some(last) => {
                    (last.end, last.end_line, last.end_column) =
                        (next.end, next.end_line, next.end_column);
                }
                None => found.push(*next),
            }
        }
        found
    }

    /// Tells whether a parameter stands there as an argument of its own that can be left out.
    fn may_go(&self, parameter: &Parameter) -> bool {
        let at = parameter.span;
        let inside = self.text.get(at.start..at.end);
        let name = inside.and_then(|inside| {
            let name = inside.get(..inside.find(['=', ':', '('])?)?;
            Some(plain_name(name.trim_matches(['.', '"', '\'', ' '])))
        });
        let is_own = name == Some(plain_name(parameter.feature.as_str()));
        is_own && means_no_other(parameter.feature) && without(self.text, at).is_some()
    }

    /// Makes the edit that gives the older field for the most tokens its newer name.
    fn newer_name(&self, parameter: &Parameter) -> Option<Edit> {
        const OLDER: &str = "max_tokens";
        let at = parameter.span;
        let inside = self.text.get(at.start..at.end)?;
        let place = inside.find(OLDER)?;
        let is_name = inside
            .get(..place)?
            .trim_matches(['"', '\'', '.'])
            .is_empty();
        let start = at.start + place;
        let edit = Edit {
            span: span(self.text, start, start + OLDER.len())?,
            text: "max_completion_tokens".to_owned(),
        };
        (parameter.feature == Feature::OlderMaxTokens && is_name).then_some(edit)
    }
}

/// Holds what edits of parameters do, and what they cannot.
#[derive(Default)]
struct Mended {
    edits: Vec<Edit>,
    done: Vec<String>,
    left: Vec<String>,
}

/// Tells whether an edit of the parameter alone mends a refusal.
pub(crate) fn is_edited(feature: Feature) -> bool {
    means_no_other(feature) || feature == Feature::OlderMaxTokens
}

/// Tells whether a request without it is the same request, but for how words are drawn.
fn means_no_other(feature: Feature) -> bool {
    matches!(
        feature,
        Feature::Temperature
            | Feature::TopP
            | Feature::TopK
            | Feature::PresencePenalty
            | Feature::FrequencyPenalty
            | Feature::Logprobs
            | Feature::TopLogprobs
            | Feature::LogitBias
    )
}

#[cfg(test)]
mod tests;
