//! The strings that end an answer, found across pieces and never shown in part. It must not know
//! tokens.

/// Looks for stop strings in text that comes in pieces.
pub(crate) struct Stops {
    stops: Vec<String>,
    held: String,
}

impl Stops {
    /// Begins an answer; empty strings stop nothing.
    pub(crate) fn new(stops: &[String]) -> Self {
        Self {
            stops: stops
                .iter()
                .filter(|stop| !stop.is_empty())
                .cloned()
                .collect(),
            held: String::new(),
        }
    }

    /// Takes a piece. Returns what may be shown, and whether a stop string was found behind it.
    pub(crate) fn take(&mut self, piece: &str) -> (String, bool) {
        self.held.push_str(piece);
        let found = self
            .stops
            .iter()
            .filter_map(|stop| self.held.find(stop.as_str()))
            .min();
        if let Some(at) = found {
            self.held.truncate(at);
            return (std::mem::take(&mut self.held), true);
        }
        let from = self.held.len() - self.begun();
        let kept = self.held.split_off(from);
        (std::mem::replace(&mut self.held, kept), false)
    }

    /// Returns what was held back, at the answer's end.
    pub(crate) fn rest(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Counts the bytes at the end that may be the beginning of a stop string.
    fn begun(&self) -> usize {
        let beginnings = self.stops.iter().flat_map(|stop| {
            stop.char_indices()
                .skip(1)
                .map(|(at, _)| stop.get(..at).unwrap_or_default())
        });
        beginnings
            .filter(|begin| self.held.ends_with(begin))
            .map(str::len)
            .max()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
