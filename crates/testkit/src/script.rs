//! Which behaviour answers which model. It must not know a socket or a dialect.

use std::collections::HashMap;

use crate::behaviour::Behaviour;
use crate::library::Library;

/// Holds the behaviours of a fake provider by model id.
///
/// A model on no row that bears a behaviour's name behaves so; any other gets the default.
#[derive(Clone, Debug)]
pub struct Script {
    rows: HashMap<String, Behaviour>,
    otherwise: Behaviour,
    pub(crate) library: Option<Library>,
    pub(crate) recording: Recording,
}

/// Says whether requests are kept for asserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recording {
    Kept,
    Dropped,
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl Script {
    /// Makes a script in which every model answers normally.
    #[must_use]
    pub fn new() -> Self {
        Self {
            rows: HashMap::new(),
            otherwise: Behaviour::normal(0),
            library: None,
            recording: Recording::Kept,
        }
    }

    /// Gives one model its behaviour.
    #[must_use]
    pub fn model(mut self, id: impl Into<String>, behaviour: Behaviour) -> Self {
        self.rows.insert(id.into(), behaviour);
        self
    }

    /// Sets the behaviour of models without a row.
    #[must_use]
    pub fn otherwise(mut self, behaviour: Behaviour) -> Self {
        self.otherwise = behaviour;
        self
    }

    /// Answers with recordings, and with 404 what none fits.
    #[must_use]
    pub fn replaying(mut self, library: Library) -> Self {
        self.library = Some(library);
        self
    }

    /// Keeps no request: for benchmarks.
    #[must_use]
    pub fn without_records(mut self) -> Self {
        self.recording = Recording::Dropped;
        self
    }

    /// Replaces one model's behaviour.
    pub(crate) fn put(&mut self, id: &str, behaviour: Behaviour) {
        self.rows.insert(id.to_owned(), behaviour);
    }

    /// Picks the behaviour: the header's name first, then the model's row, then its name.
    pub(crate) fn pick(&self, model: &str, header: Option<&str>) -> Behaviour {
        if let Some(behaviour) = header.and_then(|name| Behaviour::named(name).ok()) {
            return behaviour;
        }
        if let Some(behaviour) = self.rows.get(model) {
            return behaviour.clone();
        }
        Behaviour::named(model).unwrap_or_else(|_| self.otherwise.clone())
    }
}
