//! Pairs conversations of two arms as they close, in the proportion in which they come, so that
//! both sides of a pair are of the same time. It must not know what is compared.

use std::collections::VecDeque;

use domain::Share;

/// The most conversations of one arm in a pair.
const MOST_IN_PAIR: usize = 99;
/// The most pairs whose conversations of one arm wait for the other; the oldest go, since both
/// sides of a pair are to be of the same time.
const MOST_WAITING: usize = 64;

/// Says how many conversations of each arm make a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proportion {
    pub(super) candidates: usize,
    pub(super) incumbents: usize,
}

impl Proportion {
    /// Finds the proportion in which a share makes conversations come; none where it leaves one
    /// arm without any.
    pub(super) fn of(share: Share) -> Option<Self> {
        let percent = usize::from(share.as_percent());
        let rest = 100_usize.checked_sub(percent)?;
        if percent == 0 || rest == 0 {
            return None;
        }
        let ratio = |more: usize, less: usize| ((more + less / 2) / less).clamp(1, MOST_IN_PAIR);
        Some(Self {
            candidates: if percent > rest {
                ratio(percent, rest)
            } else {
                1
            },
            incumbents: if rest > percent {
                ratio(rest, percent)
            } else {
                1
            },
        })
    }
}

/// Holds the conversations that wait to be paired.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    candidates: VecDeque<f64>,
    incumbents: VecDeque<f64>,
}

/// Holds one pair: what each side gave on average, and the incumbents' own values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) candidates: Vec<f64>,
    pub(super) incumbents: Vec<f64>,
}

impl Pairs {
    pub(super) fn push_candidate(&mut self, value: f64) {
        self.candidates.push_back(value);
    }

    pub(super) fn push_incumbent(&mut self, value: f64) {
        self.incumbents.push_back(value);
    }

    /// Takes out the next pair, if there is a whole one.
    pub(super) fn next(&mut self, proportion: Proportion) -> Option<Pair> {
        forget(&mut self.candidates, proportion.candidates);
        forget(&mut self.incumbents, proportion.incumbents);
        let is_whole = self.candidates.len() >= proportion.candidates
            && self.incumbents.len() >= proportion.incumbents;
        is_whole.then(|| Pair {
            candidates: self.candidates.drain(..proportion.candidates).collect(),
            incumbents: self.incumbents.drain(..proportion.incumbents).collect(),
        })
    }
}

/// Forgets the oldest of those that wait.
fn forget(waiting: &mut VecDeque<f64>, in_pair: usize) {
    let surplus = waiting.len().saturating_sub(MOST_WAITING * in_pair);
    waiting.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use domain::Share;

    use super::{Pairs, Proportion};

    fn proportion(percent: u64) -> Option<(usize, usize)> {
        let found = Proportion::of(Share::percent(percent).unwrap());
        found.map(|one| (one.candidates, one.incumbents))
    }

    #[test]
    fn pairs_are_as_the_share_makes_them_come() {
        let expected = [
            (0, None),
            (1, Some((1, 99))),
            (5, Some((1, 19))),
            (25, Some((1, 3))),
            (50, Some((1, 1))),
            (75, Some((3, 1))),
            (99, Some((99, 1))),
            (100, None),
        ];
        for (percent, pair) in expected {
            assert_eq!(proportion(percent), pair, "{percent} %");
        }
    }

    #[test]
    fn a_side_without_conversations_makes_no_pair() {
        let mut pairs = Pairs::default();
        let half = Proportion::of(Share::percent(50).unwrap()).unwrap();
        pairs.push_candidate(1.0);
        assert_eq!(pairs.next(half), None);
        pairs.push_incumbent(0.0);
        let pair = pairs.next(half).unwrap();
        assert_eq!((pair.candidates, pair.incumbents), (vec![1.0], vec![0.0]));
        assert_eq!(pairs.next(half), None);
    }
}
