//! The circuits of all models, across reloads. While no model fails, a request costs one look at
//! one number here. It must not know what a failure is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use domain::{Admits, CircuitPhase as Phase, CircuitState as State, Model, ModelName};

/// The most models whose circuits are kept: more than a file declares. What is fine makes place
/// first.
const MAX_KNOWN: usize = 256;

/// Holds a circuit for each model that has failed lately.
#[derive(Debug)]
pub(crate) struct Circuits {
    epoch: Instant,
    rest_ms: AtomicU64,
    /// How many are not fine. It may lag behind for a moment, which costs one look too few or
    /// too many.
    troubled: AtomicUsize,
    known: ArcSwap<Vec<Arc<Circuit>>>,
}

#[derive(Debug)]
struct Circuit {
    model: Arc<Model>,
    state: AtomicU64,
}

impl Circuits {
    /// Starts with every model fine.
    pub(crate) fn new(rest: Duration) -> Self {
        Self {
            epoch: Instant::now(),
            rest_ms: AtomicU64::new(millis(rest)),
            troubled: AtomicUsize::new(0),
            known: ArcSwap::default(),
        }
    }

    /// Sets how long a model that keeps failing is left alone from now on.
    pub(crate) fn rest_for(&self, rest: Duration) {
        self.rest_ms.store(millis(rest), Ordering::Relaxed);
    }

    /// Decides on a request to a model.
    pub(crate) fn admits(&self, model: &Model) -> Admits {
        let Some(circuit) = self.troubled(model) else {
            return Admits::Yes;
        };
        let (now, rest) = (self.now(), self.rest());
        let mut admits = Admits::Yes;
        circuit.change(|state| {
            let (next, found) = state.admits(now, rest);
            admits = found;
            next
        });
        admits
    }

    /// Notes that a model has answered.
    pub(crate) fn answered(&self, model: &Model) {
        let Some(circuit) = self.troubled(model) else {
            return;
        };
        let before = circuit.change(State::answered);
        if before != State::FINE && circuit.state() == State::FINE {
            self.troubled.fetch_sub(1, Ordering::Relaxed);
        }
        if before.phase() != Phase::Closed {
            tracing::info!(model = %model.name, "the model answers again: its circuit is closed");
        }
    }

    /// Notes that a model has failed; `asked` is how long its provider wants to be left alone.
    pub(crate) fn failed(&self, model: &Arc<Model>, asked: Option<Duration>) {
        let circuit = self.find(model).unwrap_or_else(|| self.add(model));
        let (now, rest) = (self.now(), self.rest());
        let before = circuit.change(|state| state.failed(now, rest, asked));
        if before == State::FINE {
            self.troubled.fetch_add(1, Ordering::Relaxed);
        }
        if before.phase() == Phase::Closed && circuit.state().phase() == Phase::Open {
            tracing::warn!(model = %model.name, "the model keeps failing: its circuit is open");
        }
    }

    /// Lists the models that have failed, each with its phase.
    pub(crate) fn phases(&self) -> Vec<(ModelName, Phase)> {
        let known = self.known.load();
        let row = |one: &Arc<Circuit>| (one.model.name.clone(), one.state().phase());
        known.iter().map(row).collect()
    }

    fn now(&self) -> u64 {
        millis(self.epoch.elapsed())
    }

    fn rest(&self) -> Duration {
        Duration::from_millis(self.rest_ms.load(Ordering::Relaxed))
    }

    fn troubled(&self, model: &Model) -> Option<Arc<Circuit>> {
        if self.troubled.load(Ordering::Relaxed) == 0 {
            return None;
        }
        self.find(model)
    }

    fn find(&self, model: &Model) -> Option<Arc<Circuit>> {
        let known = self.known.load();
        let found = known.iter().find(|one| one.model.digest == model.digest);
        found.map(Arc::clone)
    }

    fn add(&self, model: &Arc<Model>) -> Arc<Circuit> {
        let fresh = Arc::new(Circuit {
            model: Arc::clone(model),
            state: AtomicU64::new(State::FINE.to_bits()),
        });
        self.known.rcu(|known| {
            if known.iter().any(|one| one.model.digest == model.digest) {
                return Arc::clone(known);
            }
            let mut known = Vec::clone(known);
            if known.len() >= MAX_KNOWN {
                known.retain(|one| one.state() != State::FINE);
                known.truncate(MAX_KNOWN - 1);
            }
            known.push(Arc::clone(&fresh));
            Arc::new(known)
        });
        // Another request may have been first; its circuit is the one that counts.
        self.find(model).unwrap_or(fresh)
    }
}

impl Circuit {
    fn state(&self) -> State {
        State::of_bits(self.state.load(Ordering::Acquire))
    }

    /// Changes the state as a whole and shows the one before.
    fn change(&self, mut next: impl FnMut(State) -> State) -> State {
        let mut bits = self.state.load(Ordering::Acquire);
        loop {
            let wanted = next(State::of_bits(bits)).to_bits();
            let (done, failed) = (Ordering::AcqRel, Ordering::Acquire);
            let swapped = self.state.compare_exchange_weak(bits, wanted, done, failed);
            match swapped {
                Ok(before) => return State::of_bits(before),
                Err(now) => bits = now,
            }
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
