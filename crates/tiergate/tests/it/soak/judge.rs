//! Judges a round: the callers' notes joined to the provider's own log by the mark that each
//! request bears, and both to the statuses of the ledger. It must not ask the gateway anything.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::Value;

use super::history::{History, Kind};

/// The provider's ids of the two models.
pub(crate) const CANDIDATE: &str = "next-1";
pub(crate) const INCUMBENT: &str = "old-1";

/// A request, as its caller notes it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) who: Kind,
    /// The name asked for: the tier, the candidate's, or the evaluation's.
    pub(crate) name: &'static str,
    /// Stands in the request's text and names its conversation; no two requests share one.
    pub(crate) mark: String,
    /// Before it was sent.
    pub(crate) sent: Instant,
    /// The answer, where it came whole.
    pub(crate) answer: Option<Answered>,
}

/// An answer, as its caller notes it.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) at: Instant,
    pub(crate) status: u16,
    /// The model that the gateway says has answered, and the decision.
    pub(crate) model: Option<String>,
    pub(crate) decision: Option<String>,
}

/// A request, as the provider got it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) mark: String,
    pub(crate) model: String,
    pub(crate) at: Instant,
}

/// A command that was under way when the gateway was killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost {
    /// When it was sent. The ledger does not hold it, so that it may have been in force from here
    /// until the kill, where it goes back.
    pub(crate) sent: Instant,
}

/// Lists what the provider was asked that no status allowed, what callers did not get that every
/// status gave them, and what does not join.
pub(crate) fn judge(
    asked: &[Asked],
    seen: &[Seen],
    history: &History,
    lost: Option<Lost>,
) -> Vec<String> {
    let by_mark: HashMap<&str, &Asked> = asked.iter().map(|one| (one.mark.as_str(), one)).collect();
    let mut served: HashMap<&str, &str> = HashMap::new();
    let mut wrong = Vec::new();
    for one in seen {
        let Some(asked) = by_mark.get(one.mark.as_str()) else {
            wrong.push(format!("nobody asked what the provider saw: {one:?}"));
            continue;
        };
        if let Some(before) = served.insert(&one.mark, &one.model) {
            wrong.push(format!("asked twice, {before} before: {one:?}"));
        }
        wrong.extend(not_allowed(asked, one, history));
        wrong.extend(withheld(asked, one, history, lost));
    }
    for one in asked {
        let model = served.get(one.mark.as_str()).copied();
        wrong.extend(answered_wrongly(one, model, history, lost));
    }
    wrong
}

/// Tells where the provider's candidate was asked and no status that could be in force gave it.
fn not_allowed(asked: &Asked, seen: &Seen, history: &History) -> Option<String> {
    let steps = history.between(asked.sent, seen.at);
    let gives = |mark: &str| steps.iter().any(|one| one.standing.gives(&asked.who, mark));
    let is_fine = match seen.model.as_str() {
        CANDIDATE => gives(&asked.mark),
        // Who names a model, or an arm, wants that one and no other.
        INCUMBENT => asked.name == TIER,
        _ => false,
    };
    (!is_fine).then(|| format!("not allowed: {asked:?} reached {seen:?} under {steps:?}"))
}

/// Tells where the incumbent was asked although every status that could be in force gave the
/// candidate: a move that was acknowledged and is not in force.
fn withheld(asked: &Asked, seen: &Seen, history: &History, lost: Option<Lost>) -> Option<String> {
    let is_due = seen.model == INCUMBENT && is_due(asked, seen.at, history, lost);
    is_due.then(|| format!("withheld: {asked:?} reached {seen:?}"))
}

fn is_due(asked: &Asked, until: Instant, history: &History, lost: Option<Lost>) -> bool {
    let steps = history.between(asked.sent, until);
    let is_clear = lost.is_none_or(|lost| until < lost.sent);
    let gives = |mark: &str| steps.iter().all(|one| one.standing.gives(&asked.who, mark));
    is_clear && gives(&asked.mark)
}

/// The name of the tier, which everybody may ask for.
pub(crate) const TIER: &str = "haiku";

/// Tells where an answer is none that the caller may get, or is not the one of the provider.
fn answered_wrongly(
    asked: &Asked,
    model: Option<&str>,
    history: &History,
    lost: Option<Lost>,
) -> Option<String> {
    let answer = asked.answer.as_ref()?;
    let named = answer.model.as_deref();
    let is_fine = match answer.status {
        200 => matches!(
            (named, model),
            (Some("next"), Some(CANDIDATE)) | (Some("old"), Some(INCUMBENT))
        ),
        // The name does not exist for this caller; the tier always does.
        403 => model == Some(CANDIDATE) && is_taken_back(asked, answer.at, history, lost),
        404 => asked.name != TIER && model.is_none() && !is_due(asked, answer.at, history, lost),
        _ => false,
    };
    (!is_fine).then(|| format!("answered wrongly: {asked:?}, the provider saw {model:?}"))
}

/// Tells whether a suspension of the caller may have been in force by then, which takes back what
/// the candidate is answering. A roll back takes nothing back.
fn is_taken_back(asked: &Asked, at: Instant, history: &History, lost: Option<Lost>) -> bool {
    let steps = history.between(asked.sent, at).iter();
    let is_cut = { steps }.any(|one| one.standing.cuts(&asked.who));
    is_cut || lost.is_some_and(|lost| lost.sent <= at)
}

/// Names what was acknowledged and does not stand in the ledger, by the entries of one kind.
pub(crate) fn missing<'a>(
    acknowledged: &'a [Value],
    stands: impl Fn(&Value) -> bool + 'a,
) -> impl Iterator<Item = String> + 'a {
    let lost = acknowledged.iter().filter(move |made| !stands(made));
    lost.map(|made| format!("acknowledged and lost: {made}"))
}
