//! From what a request asks for and what a model refuses to the changes between them. It must not
//! know whether the request is bytes or canonical.

use crate::adapt::restrictions::{NoThinking, Parameter, Refused, Restrictions, ToolEffort, When};
use crate::fault::BadRequest;

/// The words of effort from the least to the most.
const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
/// The least thinking budget that a model takes.
const LEAST_BUDGET: u64 = 1_024;

/// Holds what a request asks for, as far as a model may refuse it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    /// Parameters that are set, with their values as JSON text.
    pub(crate) parameters: Vec<(Parameter, String)>,
    pub(crate) effort: Option<String>,
    pub(crate) thinking: Option<Thought>,
    pub(crate) forced_tool: bool,
    pub(crate) has_tools: bool,
    pub(crate) prefill: bool,
    pub(crate) max_tokens: Option<u64>,
    /// Whether the most tokens stand in the older field.
    pub(crate) older_max_tokens: bool,
}

/// Says how a request wants to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thought {
    Disabled,
    Adaptive,
    Budget(u64),
}

/// Names one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) what: What,
    pub(super) why: String,
}

/// Says what is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Drop(Parameter),
    SetEffort(String),
    DropEffort,
    ThinkAdaptively,
    ThinkUpTo(u64),
    /// Another word for "no thinking".
    ThinkAs(String),
    DropThinking,
    FreeTool,
    MaxTokens(u64),
    NewerMaxTokens,
}

/// Gathers the changes; what was changed is what later steps see.
struct Plan<'r> {
    asked: Asked,
    restrictions: &'r Restrictions,
    actions: Vec<Action>,
}

/// Decides on the changes, in the order in which they depend on each other.
pub(super) fn decide(asked: Asked, restrictions: &Restrictions) -> Result<Vec<Action>, BadRequest> {
    let mut plan = Plan {
        asked,
        restrictions,
        actions: Vec::new(),
    };
    plan.refuse()?;
    plan.thinking();
    plan.effort();
    plan.tool_effort();
    plan.no_thinking();
    plan.forced_tool();
    plan.parameters();
    plan.max_tokens();
    Ok(plan.actions)
}

impl Plan<'_> {
    fn act(&mut self, what: What, why: impl Into<String>) {
        let why = why.into();
        self.actions.push(Action { what, why });
    }

    /// Refuses what nothing else can stand for: the application meant it, and must hear of it.
    fn refuse(&self) -> Result<(), BadRequest> {
        if self.restrictions.prefill && self.asked.prefill {
            return Err(BadRequest::of(
                "messages",
                "the last turn is the assistant's, and this model continues none; end with a \
                 user turn, and ask for a form by structured output",
            ));
        }
        let refuses_tools = self.restrictions.tool_effort == Some(ToolEffort::NoTools);
        if refuses_tools && self.asked.has_tools {
            return Err(BadRequest::of(
                "tools",
                "this model calls tools over another of its provider's APIs alone; ask through \
                 that one, or without tools",
            ));
        }
        Ok(())
    }

    /// Turns a budget into adaptive thinking with an effort, and back for models of before.
    fn thinking(&mut self) {
        match self.asked.thinking {
            Some(Thought::Budget(most)) if self.restrictions.thinking_budget => {
                self.act(
                    What::ThinkAdaptively,
                    "the model takes no budget; it thinks as it sees fit, by its effort",
                );
                self.asked.thinking = Some(Thought::Adaptive);
                let takes_effort = self.restrictions.efforts.as_ref();
                let takes_effort = takes_effort.is_some_and(|words| !words.is_empty());
                if self.asked.effort.is_none() && takes_effort {
                    self.set_effort(effort_of(most), "stands for the budget of thinking");
                }
            }
            Some(Thought::Adaptive) if self.restrictions.thinking_adaptive => {
                let most = budget_of(self.asked.effort.as_deref());
                // The budget must stay under the most tokens, and has a least of its own.
                let room = self
                    .asked
                    .max_tokens
                    .map_or(most, |max| max.saturating_sub(1));
                let most = most.min(room);
                if most < LEAST_BUDGET {
                    self.act(
                        What::DropThinking,
                        "the model thinks with a budget alone, for which max_tokens leaves no room",
                    );
                    self.asked.thinking = None;
                } else {
                    self.act(
                        What::ThinkUpTo(most),
                        "the model thinks with a budget alone",
                    );
                    self.asked.thinking = Some(Thought::Budget(most));
                }
            }
            _ => {}
        }
    }

    /// Sets the effort; of several words the last counts, and is named alone.
    fn set_effort(&mut self, word: &str, why: &str) {
        let is_effort = |action: &Action| matches!(action.what, What::SetEffort(_));
        self.actions.retain(|action| !is_effort(action));
        self.asked.effort = Some(word.to_owned());
        self.act(What::SetEffort(word.to_owned()), why);
    }

    /// Changes a word of effort that the model does not know into the nearest that it does.
    fn effort(&mut self) {
        let (Some(asked), Some(taken)) = (&self.asked.effort, &self.restrictions.efforts) else {
            return;
        };
        if taken.contains(asked) {
            return;
        }
        match nearest(asked, taken) {
            Some(word) => {
                let why = format!("{asked} became {word}, the nearest that the model takes");
                let word = word.to_owned();
                self.set_effort(&word, &why);
            }
            None if taken.is_empty() => {
                self.act(What::DropEffort, "the model takes no effort");
                self.asked.effort = None;
            }
            // A word that nobody knows is left to the provider.
            None => {}
        }
    }

    fn tool_effort(&mut self) {
        if !self.asked.has_tools {
            return;
        }
        let said = self.asked.effort.as_deref();
        let wanted = match &self.restrictions.tool_effort {
            Some(ToolEffort::Said(word)) if said.is_some_and(|said| said != word) => word,
            Some(ToolEffort::MustSay(word)) if said != Some(word) => word,
            _ => return,
        };
        let why = format!("with tools the model takes this API's requests at {wanted} alone");
        self.set_effort(&wanted.clone(), &why);
    }

    fn no_thinking(&mut self) {
        if self.asked.thinking != Some(Thought::Disabled) {
            return;
        }
        match &self.restrictions.no_thinking {
            None => {}
            Some(NoThinking::Word(word)) => {
                let why = format!("the model always thinks; {word} is the least of it");
                self.act(What::ThinkAs(word.clone()), why);
            }
            Some(NoThinking::Omitted) => {
                self.act(What::DropThinking, "the model always thinks");
                self.asked.thinking = None;
                if self.asked.effort.is_none() {
                    self.set_effort(
                        "low",
                        "stands for no thinking, which the model does not take",
                    );
                    self.effort();
                }
            }
            Some(NoThinking::NotAt(efforts, lower)) => {
                let said = self.asked.effort.as_ref();
                let said = said.or(self.restrictions.default_effort.as_ref());
                if said.is_some_and(|said| efforts.contains(said)) {
                    let why = format!("without thinking the model takes no more than {lower}");
                    self.set_effort(&lower.clone(), &why);
                }
            }
        }
    }

    fn forced_tool(&mut self) {
        let mut whens = self.restrictions.forced_tool.iter();
        if self.asked.forced_tool && whens.any(|when| self.holds(when)) {
            self.act(
                What::FreeTool,
                "the model may not be forced to call a tool; it chooses",
            );
        }
    }

    fn holds(&self, when: &When) -> bool {
        match when {
            When::Always => true,
            When::EffortUnset => self.asked.effort.is_none(),
            When::EffortOtherThan(word) => {
                let said = self.asked.effort.as_ref();
                let effort = said.or(self.restrictions.default_effort.as_ref());
                effort.is_some_and(|effort| effort != word)
            }
            When::ThinkingBudget => matches!(self.asked.thinking, Some(Thought::Budget(_))),
            When::ThinkingAdaptive => self.asked.thinking == Some(Thought::Adaptive),
        }
    }

    fn parameters(&mut self) {
        let refuses = |refused: &Refused, value: &str| {
            let is_taken = refused.except.iter().any(|taken| is_same(taken, value));
            !is_taken && self.holds(&refused.when)
        };
        let is_refused = |(parameter, value): &&(Parameter, String)| {
            let mut rows = self.restrictions.refused.iter();
            rows.any(|refused| refused.parameter == *parameter && refuses(refused, value))
        };
        let parameters = self.asked.parameters.iter();
        let dropped: Vec<Parameter> = parameters
            .filter(is_refused)
            .map(|(parameter, _)| *parameter)
            .collect();
        for parameter in dropped {
            self.drop(parameter, "the model refuses it");
        }
        let has = |wanted| self.asked.parameters.iter().any(|(one, _)| *one == wanted);
        let has_both = has(Parameter::Temperature) && has(Parameter::TopP);
        if self.restrictions.one_of_temperature_and_top_p && has_both {
            self.drop(
                Parameter::TopP,
                "the model takes temperature or top_p, not both",
            );
        }
    }

    fn drop(&mut self, parameter: Parameter, why: &str) {
        self.asked.parameters.retain(|(one, _)| *one != parameter);
        self.act(What::Drop(parameter), why);
    }

    fn max_tokens(&mut self) {
        if self.restrictions.older_max_tokens && self.asked.older_max_tokens {
            self.act(
                What::NewerMaxTokens,
                "the model takes max_completion_tokens in its place",
            );
        }
        let limit = self.restrictions.max_output_tokens;
        if let (Some(limit), Some(asked)) = (limit, self.asked.max_tokens)
            && asked > limit
        {
            let why = format!("{asked} became {limit}, the most that the model gives");
            self.act(What::MaxTokens(limit), why);
        }
    }
}

/// Compares two JSON texts: numbers by value, all else by spelling.
fn is_same(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    one == other || number(one).is_some_and(|one| number(other) == Some(one))
}

/// Finds the taken word at or under the asked one, else the least above it. No effort at all is
/// never put in the place of some.
fn nearest<'w>(asked: &str, taken: &'w [String]) -> Option<&'w str> {
    let rank = |word: &str| EFFORTS.iter().position(|known| *known == word);
    let wanted = rank(asked)?;
    let ranked = taken.iter().filter_map(|word| Some((rank(word)?, word)));
    let ranked = ranked.filter(|(rank, _)| *rank > 0);
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_unstable();
    let below = ranked.iter().rev().find(|(rank, _)| *rank <= wanted);
    let found = below.or_else(|| ranked.first());
    found.map(|(_, word)| word.as_str())
}

/// Names the effort that stands for a budget of thinking.
pub(crate) fn effort_of(budget: u64) -> &'static str {
    match budget {
        0..4_096 => "low",
        4_096..16_384 => "medium",
        _ => "high",
    }
}

/// Names a budget in the middle of those that an effort stands for.
fn budget_of(effort: Option<&str>) -> u64 {
    match effort {
        Some("none" | "minimal" | "low") => 2_048,
        Some("medium") => 8_192,
        Some("xhigh" | "max") => 32_768,
        _ => 16_384,
    }
}
