//! Chance that can be drawn again: numbers from a seed, and the fuse that says when a round ends.
//! It must not know what is drawn for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Numbers from a seed: SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Begins with the numbers of one seed, and of one use of it.
    pub(crate) fn of(seed: u64, usage: u64) -> Self {
        let mut mixed = Self(seed);
        let begin = mixed.next();
        Self(begin ^ usage.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Draws a number below a limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Draws one of several.
    pub(crate) fn one_of<'t, T>(&mut self, several: &'t [T]) -> &'t T {
        let at = self.below(u64::try_from(several.len()).unwrap());
        &several[usize::try_from(at).unwrap()]
    }
}

/// What happens in a round, and of which the fuse counts one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A caller has a whole answer.
    Answer,
    /// A command is about to be sent.
    Command,
    /// Evidence is about to be brought.
    Evidence,
}

/// A round ends after so many answers at the latest, since the provider's log is bounded.
const MOST_ANSWERS: usize = 10_000;

/// Burns down with every event of its kind, and then tells once.
pub(crate) struct Fuse {
    counts: Event,
    left: AtomicUsize,
    answers_left: AtomicUsize,
    end: SyncSender<()>,
}

impl Fuse {
    /// Draws how long it burns, and gives what waits for its end.
    pub(crate) fn draw(chance: &mut Chance) -> (Self, Receiver<()>) {
        let kinds = [
            (Event::Answer, 1_500),
            (Event::Command, 40),
            (Event::Evidence, 4),
        ];
        let (counts, most) = *chance.one_of(&kinds);
        let left = AtomicUsize::new(usize::try_from(chance.below(most)).unwrap() + 1);
        let (end, ended) = sync_channel(1);
        let fuse = Self {
            counts,
            left,
            answers_left: AtomicUsize::new(MOST_ANSWERS),
            end,
        };
        (fuse, ended)
    }

    /// Takes an event in.
    pub(crate) fn burn(&self, event: Event) {
        let is_last = |left: &AtomicUsize| left.fetch_sub(1, Ordering::SeqCst) == 1;
        let is_over = event == Event::Answer && is_last(&self.answers_left);
        if is_over || (event == self.counts && is_last(&self.left)) {
            // The round may have ended by itself, and then nobody listens.
            let _ = self.end.try_send(());
        }
    }
}
