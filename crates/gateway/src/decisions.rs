//! Ids of decisions, and the clock that dates them. It must not know what is decided.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use store::DecisionId;

/// Makes ids that do not repeat: six bytes drawn once at the start, then a counter. They need not
/// be hard to guess, since an id opens nothing; so no random number is drawn for a request.
#[derive(Debug)]
pub struct Decisions {
    process: [u8; 6],
    next: AtomicU32,
}

/// Holds what is known of a request before anything of it was read.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its decision's id.
    pub decision: DecisionId,
    /// When it came, by the calendar.
    pub at: Timestamp,
    /// When it came, to measure from.
    pub started: Instant,
}

impl Decisions {
    /// Draws the bytes that tell this process from others.
    ///
    /// # Errors
    /// Fails when the system gives no random bytes.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut process = [0; 6];
        getrandom::fill(&mut process)?;
        Ok(Self {
            process,
            next: AtomicU32::new(0),
        })
    }

    /// Tells whether an id was given by this process.
    #[must_use]
    pub fn has_made(&self, decision: DecisionId) -> bool {
        let (_, unique) = decision.as_bytes().split_at(16 - 10);
        unique.starts_with(&self.process)
    }

    /// Dates and names a request that came now.
    #[must_use]
    pub fn arrival(&self) -> Arrival {
        let at = now();
        let mut unique = [0; 10];
        let count = self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let source = self.process.iter().chain(&count);
        for (place, byte) in unique.iter_mut().zip(source) {
            *place = *byte;
        }
        Arrival {
            decision: DecisionId::new(at, unique),
            at,
            started: Instant::now(),
        }
    }
}

/// Reads the clock; a clock before 1970 reads as 1970.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since.map_or(0, |since| since.as_millis());
    Timestamp(i64::try_from(ms).unwrap_or(i64::MAX))
}
