//! Tries the assigned models in order until one has something to show. Up to then every fault may
//! be followed by another attempt; afterwards none is. It must not know who asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Admits, Assignment, Fallback, Model, Then};
use providers::{Class as Cause, Fault, Retry};
use wire::{Dialect, Trouble};

use crate::attempt::Try;
use crate::bonds::foreign_below;
use crate::circuits::Circuits;
use crate::config::Translation;
use crate::error::{Class, Error};
use crate::guard;
use crate::prepare::prepare;
use crate::retry::{self, Failure, Step, Tried};
use crate::snapshot::Snapshot;

pub use crate::attempt::{Begun, Flow, Opened};
pub use crate::prepare::Ready;

/// Tells one attempt that failed, or a model that was passed over.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The model.
    pub model: Arc<Model>,
    /// What went wrong.
    pub fault: &'static str,
    /// The provider's status, where there was one.
    pub status: Option<u16>,
    /// How long it took; none where nothing was sent.
    pub took: Option<Duration>,
    /// How long the provider asked to be left alone.
    pub retry_after: Option<Duration>,
}

/// Tries the models until one answers. Every failed attempt is put into `failed`.
///
/// # Errors
/// Fails with the first attempt's error, which is the cause: what a fallback said afterwards
/// about a request that was not made for it would only hide it.
pub async fn run(
    snapshot: &Snapshot,
    circuits: &Circuits,
    assignment: &Assignment<'_>,
    ready: Ready<'_>,
    failed: &mut Vec<Attempt>,
) -> Result<Opened, Error> {
    let mut walk = Walk {
        snapshot,
        circuits,
        fallback: assignment.tier.fallback,
        ready,
        asked: 0,
        failed,
        refusal: None,
        error: None,
    };
    let wanted = ready.peek.max_tokens;
    let models = || {
        assignment
            .models()
            .filter(|it| ready.adapt || guard::fits(it, wanted))
    };
    for model in models() {
        let is_resting = match circuits.admits(model) {
            Admits::Yes => false,
            // A probe is one request, which is not repeated.
            Admits::Probe => true,
            Admits::No => {
                walk.pass_over(model);
                continue;
            }
        };
        match walk.ask(model, is_resting).await {
            Ok(opened) => return Ok(opened),
            Err(After::Return) => return walk.end(),
            Err(After::Next) => {}
        }
    }
    if walk.asked == 0 {
        // An open circuit sends requests elsewhere. Where there is no elsewhere, a model that may
        // have come back is better than none.
        for model in models() {
            match walk.ask(model, true).await {
                Ok(opened) => return Ok(opened),
                Err(After::Return) => break,
                Err(After::Next) => {}
            }
        }
    }
    walk.end()
}

/// Says what comes after a model that gave no answer to be shown.
enum After {
    Next,
    Return,
}

/// Holds a request on its way from model to model.
struct Walk<'r, 'f> {
    snapshot: &'r Snapshot,
    circuits: &'r Circuits,
    fallback: Fallback,
    ready: Ready<'r>,
    /// Attempts so far.
    asked: u32,
    failed: &'f mut Vec<Attempt>,
    /// The first answer that was a refusal, kept while the next models are asked.
    refusal: Option<Box<Opened>>,
    /// The first error.
    error: Option<Error>,
}

impl Walk<'_, '_> {
    /// Ends a walk on which no model gave an answer to be shown: a refusal is one all the same.
    fn end(self) -> Result<Opened, Error> {
        match (self.refusal, self.error) {
            (Some(refusal), _) => Ok(*refusal),
            (None, Some(error)) => Err(error),
            (None, None) => Err(Error::not_wired()),
        }
    }

    fn fails(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    fn pass_over(&mut self, model: &Arc<Model>) {
        self.failed.push(Attempt {
            model: Arc::clone(model),
            fault: "resting",
            status: None,
            took: None,
            retry_after: None,
        });
    }

    /// Asks one model, as often as makes sense.
    async fn ask(&mut self, model: &Arc<Model>, is_resting: bool) -> Result<Opened, After> {
        let config = &self.snapshot.config;
        let found = self.snapshot.target(model);
        let own = self.ready.dialect;
        let found = found.and_then(|it| {
            let is_passed = it.adapter.passes(own.name());
            let speaks = if is_passed {
                Some(own)
            } else {
                wire::dialect(it.adapter.speaks())
            };
            Some((it, speaks?))
        });
        let Some((target, speaks)) = found else {
            tracing::error!(model = %model.name, "the model's provider is not set up");
            self.fails(Error::not_wired());
            return Err(After::Next);
        };
        let mut cut_below = foreign_below(self.ready.bond, model.tag);
        let mut on_model = 0;
        loop {
            let prepared = match prepare(model, speaks, self.ready, config.translation, cut_below) {
                Ok(prepared) => prepared,
                Err(error) => {
                    self.fails(error);
                    return Err(After::Next);
                }
            };
            let attempt = Try {
                target,
                model,
                speaks,
                config,
                ready: self.ready,
            };
            let started = self.starts();
            self.asked += 1;
            on_model += 1;
            let fault = match attempt.open(&prepared).await {
                Ok(opened) => return self.opened(opened, started),
                Err(fault) => fault,
            };
            let failure = failure_of(&fault, speaks);
            self.note(model, &failure, started);
            let tried = Tried {
                on_model,
                in_all: self.asked,
                is_resting,
                has_thoughts: prepared.has_thoughts,
            };
            let step = retry::step(&failure, tried, &self.fallback, draw());
            if let Step::NextModel | Step::Return = step {
                self.fails(Error::provider(fault, speaks.name()));
            }
            match step {
                Step::Again(wait) => tokio::time::sleep(wait).await,
                Step::WithoutThoughts => cut_below = u32::MAX,
                Step::NextModel => return Err(After::Next),
                Step::Return => return Err(After::Return),
            }
        }
    }

    /// Tells when the attempt that is made now began. The first begins with the request, whose
    /// time is known.
    fn starts(&self) -> Instant {
        if self.asked == 0 {
            return self.ready.started;
        }
        Instant::now()
    }

    /// Judges an answer that has begun.
    fn opened(&mut self, opened: Opened, started: Instant) -> Result<Opened, After> {
        self.circuits.answered(&opened.model);
        // Losses of the request were refused before it was sent, so what is listed is the
        // answer's, and where nothing may be lost it is refused.
        if let (Translation::Strict, Some(path)) =
            (self.snapshot.config.translation, opened.lossy.first())
        {
            self.fails(Error::caller(Class::AnswerUntranslatable).detailed(path));
            return Err(After::Return);
        }
        if self.fallback.on_refusal == Then::Next && opened.is_refusal() {
            self.failed.push(Attempt {
                model: Arc::clone(&opened.model),
                fault: "refusal",
                status: Some(opened.head.status.as_u16()),
                took: Some(started.elapsed()),
                retry_after: None,
            });
            self.refusal.get_or_insert(Box::new(opened));
            return Err(After::Next);
        }
        Ok(opened)
    }

    /// Notes a failed attempt in the record, in the log and on the model's circuit.
    fn note(&mut self, model: &Arc<Model>, failure: &Failure, started: Instant) {
        let fault = match failure.trouble {
            Trouble::Other => failure.class.as_str(),
            trouble => trouble.as_str(),
        };
        let status = match failure.class {
            Cause::Status(status) => Some(status.as_u16()),
            _ => None,
        };
        // The provider's own words are the caller's, and are not logged.
        tracing::warn!(model = %model.name, fault, status, "an attempt failed");
        self.failed.push(Attempt {
            model: Arc::clone(model),
            fault,
            status,
            took: Some(started.elapsed()),
            retry_after: failure.retry_after,
        });
        if retry::counts_against_model(failure) {
            self.circuits.failed(model, retry::quiet(failure));
        } else if status.is_some() {
            // Who refuses a bad request is there.
            self.circuits.answered(model);
        }
    }
}

fn failure_of(fault: &Fault, speaks: &dyn Dialect) -> Failure {
    let trouble = fault.answer.as_ref().map_or(Trouble::Other, |answer| {
        let said = speaks.read_error(answer.status.as_u16(), &answer.body);
        said.trouble()
    });
    Failure {
        class: fault.class,
        // A request in the middle of which an account ran dry is as bad as one without.
        retry: fault.retry.max(match trouble {
            Trouble::Exhausted => Retry::NextModel,
            _ => Retry::Never,
        }),
        retry_after: fault.retry_after,
        trouble,
    }
}

/// Draws a number that spreads waits. Without randomness everyone waits the longest, which is
/// slower and no less safe.
fn draw() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}
