//! What breaks in the words of reports: with its source, and why it is told. It must not judge.

use domain::{Basis, Confidence, Facts, Known};

use crate::finding::{Break, SourceRead};
use crate::site::Certainty;
use crate::traffic::judge::{Lodging, Sure, Verdict, What};

/// Holds what is said of one break.
struct Words<'f> {
    says: String,
    remedy: String,
    basis: Option<&'f Basis>,
}

/// Puts what breaks into the words of reports.
#[must_use]
pub fn told(model: &Lodging, facts: &Facts, verdict: &Verdict) -> Break {
    let known = model.known(facts);
    let Words {
        says,
        remedy,
        basis,
    } = match &verdict.what {
        What::Rule(rule) => Words {
            says: rule.says.clone(),
            remedy: rule.remedy.clone(),
            basis: Some(&rule.basis),
        },
        other => limit(other, known),
    };
    let confidence = basis.map_or(Confidence::Reported, |one| one.confidence);
    Break {
        rule: verdict.what.id().to_owned(),
        effect: verdict.what.effect().as_str(),
        says,
        remedy,
        confidence: confidence.as_str(),
        sources: basis.map(sources).unwrap_or_default(),
        disputed: basis.and_then(|basis| basis.disputed.clone()),
        line: None,
        seen: !verdict.by.is_empty() || !matches!(verdict.what, What::Rule(_)),
        certainty: match verdict.sure {
            Sure::Yes => Certainty::High,
            Sure::Perhaps => Certainty::Medium,
            Sure::Untold => Certainty::Low,
        },
        because: because(verdict),
        by: Vec::new(),
    }
}

/// Says what follows from a limit of the model.
fn limit<'f>(what: &What, known: Option<Known<'f>>) -> Words<'f> {
    let limits = known.and_then(|known| known.limits());
    let efforts = known.and_then(|known| known.efforts_fact());
    let most = |tokens: Option<u64>| tokens.unwrap_or_default();
    let output = most(limits.and_then(|limits| limits.max_output_tokens));
    let context = most(limits.and_then(|limits| limits.context_tokens));
    let (says, remedy) = match what {
        What::Effort => {
            let words = efforts.map(|fact| fact.efforts.takes.join(", "));
            let words = words.filter(|words| !words.is_empty());
            let words = words.unwrap_or_else(|| "none at all".to_owned());
            (
                format!("the word of effort is not one that it takes: {words}"),
                "say an effort that the model takes, or leave it out",
            )
        }
        What::MaxTokens => (
            format!("more than the {output} tokens are asked for that an answer has at most"),
            "ask for no more than the model gives",
        ),
        What::Output => (
            format!("the answer was longer than the {output} tokens that one has at most"),
            "ask for less at a time",
        ),
        What::Context | What::Rule(_) => (
            format!("input and output together are more than its context of {context} tokens"),
            "send less, or keep such requests on a model with a longer context",
        ),
    };
    let basis = match what {
        What::Effort => efforts.map(|fact| &fact.basis),
        _ => limits.map(|limits| &limits.basis),
    };
    Words {
        says,
        remedy: remedy.to_owned(),
        basis,
    }
}

fn sources(basis: &Basis) -> Vec<SourceRead> {
    let sources = basis.sources.iter().map(|source| SourceRead {
        url: source.url.clone(),
        read_on: source.read_on,
    });
    sources.collect()
}

fn because(verdict: &Verdict) -> String {
    let open = verdict.open.join(", ");
    let by: Vec<_> = verdict.by.iter().map(|feature| feature.as_str()).collect();
    let by = by.join(", ");
    match (verdict.sure, &verdict.what) {
        (Sure::Untold, _) => format!("not recorded, so unknown: {open}"),
        (_, What::Context | What::Output) => "by the tokens that were counted".to_owned(),
        (Sure::Perhaps, _) if open.is_empty() && by.is_empty() => {
            "whether it applies is not known".to_owned()
        }
        (Sure::Perhaps, _) if open.is_empty() => {
            format!("it sets {by}, and to which value is not recorded")
        }
        (Sure::Perhaps, _) if by.is_empty() => format!("unless it says: {open}"),
        (Sure::Perhaps, _) => format!("it sets {by}; not recorded: {open}"),
        (Sure::Yes, _) if by.is_empty() => "it says nothing of it, as any request".to_owned(),
        (Sure::Yes, _) => format!("it sets {by}"),
    }
}
