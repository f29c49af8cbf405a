//! Balancing: which of several replicas that serve the same gets the next request, by the requests
//! that each has in flight. It must not draw a number, nor know why a replica takes nothing.

/// Names a way of choosing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// The replica with the fewest requests in flight, the first among equals.
    Least,
    /// The less loaded of two that are drawn: nearly as even, without looking at all of them.
    #[default]
    TwoChoices,
    /// The replica to which a prefix belongs, as long as it is hardly busier than the others, so
    /// that what it has cached is found again.
    Prefix,
}

/// How much busier than the mean the replica of a prefix may be, in percent.
const MOST_OF_MEAN: u64 = 125;

impl Balance {
    /// Lists them.
    pub const ALL: [Self; 3] = [Self::Least, Self::TwoChoices, Self::Prefix];

    /// Tells its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Least => "least",
            Self::TwoChoices => "two-choices",
            Self::Prefix => "prefix",
        }
    }

    /// Chooses one of so many replicas. `load` tells the requests in flight of one, none where it
    /// takes no more; `in_flight` is all of them together; `key` stands for the request's prefix,
    /// none where it has none; `draw` is any number. None where no replica takes one.
    #[must_use]
    pub fn choose(
        self,
        replicas: usize,
        in_flight: u64,
        key: Option<u64>,
        draw: u64,
        load: impl Fn(usize) -> Option<u32>,
    ) -> Option<usize> {
        if replicas == 0 {
            return None;
        }
        match (self, key) {
            (Self::Least, _) => least(replicas, load),
            (Self::TwoChoices, _) | (Self::Prefix, None) => two_choices(replicas, draw, load),
            (Self::Prefix, Some(key)) => {
                let home = jump(key, replicas);
                let most = (in_flight + 1) * MOST_OF_MEAN / 100 / replicas as u64 + 1;
                let is_near = load(home).is_some_and(|load| u64::from(load) < most);
                if is_near {
                    Some(home)
                } else {
                    two_choices(replicas, draw, load)
                }
            }
        }
    }
}

fn least(replicas: usize, load: impl Fn(usize) -> Option<u32>) -> Option<usize> {
    let loads = (0..replicas).filter_map(|replica| load(replica).map(|load| (load, replica)));
    loads.min().map(|(_, replica)| replica)
}

fn two_choices(replicas: usize, draw: u64, load: impl Fn(usize) -> Option<u32>) -> Option<usize> {
    let one = scaled(draw & 0xFFFF_FFFF, replicas);
    let other = scaled(draw >> 32, replicas);
    match (load(one), load(other)) {
        (Some(first), Some(second)) if second < first => Some(other),
        (Some(_), _) => Some(one),
        (None, Some(_)) => Some(other),
        // Neither takes it: whoever does is looked for among all.
        (None, None) => least(replicas, load),
    }
}

/// Brings 32 drawn bits to a number below another.
fn scaled(bits: u64, below: usize) -> usize {
    usize::try_from((bits * below as u64) >> 32).unwrap_or_default()
}

/// Finds the replica of a key so that few keys move when one is added: the jump consistent hash of
/// Lamping and Veach (2014).
fn jump(key: u64, replicas: usize) -> usize {
    let (mut key, mut at, mut next) = (key, 0, 0);
    while next < replicas as u64 {
        at = next;
        key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        // (at + 1) · 2³¹ over 31 drawn bits and one: never below at + 1.
        next = (((u128::from(at) + 1) << 31) / u128::from((key >> 33) + 1)) as u64;
    }
    usize::try_from(at).unwrap_or_default()
}

#[cfg(test)]
mod tests;
