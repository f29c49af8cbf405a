//! Progress of long work as a bar on standard error, and silence where that is no terminal. It must
//! not know the work.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const BYTES: &str = "{msg:>12} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const STEPS: &str = "{msg:>12} [{bar:30}] {pos}/{len}";
const COUNT: &str = "{msg:>12} {spinner} {human_pos}";
const EVERY: Duration = Duration::from_millis(500);

/// Shows how far one piece of work is.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// Starts a bar over bytes.
    #[must_use]
    pub fn of_bytes(what: &str, total: u64) -> Self {
        Self::new(what, total, BYTES)
    }

    /// Starts a bar over steps, whose number comes with the first of them.
    #[must_use]
    pub fn of_steps(what: &str) -> Self {
        Self::new(what, 1, STEPS)
    }

    /// Starts a count of what has no known end.
    #[must_use]
    pub fn of_count(what: &str) -> Self {
        Self::new(what, 0, COUNT)
    }

    fn new(what: &str, total: u64, template: &str) -> Self {
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(EVERY);
        Self { bar }
    }

    /// Moves to a position.
    pub fn at(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// Moves to a step of so many.
    pub fn step(&self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}
