//! Which candidates of an answer began and which ended. It must not know what they say.

/// Notes, for the first 64 candidates, which began and which ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Candidates {
    begun: u64,
    ended: u64,
}

impl Candidates {
    /// Notes what a chunk holds of a candidate. One that says more behind its end has not ended.
    pub(super) fn note(&mut self, index: u64, says: bool, ends: bool) {
        let bit = 1 << index.min(63);
        self.begun |= bit;
        if ends {
            self.ended |= bit;
        } else if says {
            self.ended &= !bit;
        }
    }

    /// Tells whether there was a candidate.
    pub(super) fn have_begun(self) -> bool {
        self.begun != 0
    }

    /// Tells whether there was a candidate and each has ended.
    pub(super) fn are_whole(self) -> bool {
        self.begun != 0 && self.begun == self.ended
    }
}
