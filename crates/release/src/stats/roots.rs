//! Points where a function of one variable crosses a threshold or is least. It must not know what
//! the function measures.

/// How often an interval is halved at most: from any width down to neighbouring numbers.
const HALVINGS: u32 = 200;
/// How often the golden section is taken at most; its ends then agree to 12 digits or more.
const SECTIONS: u32 = 80;
/// How often a bound is doubled in search of a crossing.
const DOUBLINGS: u32 = 100;

/// Finds where `is_beyond`, which is false at `low` and true at `high`, turns true.
pub(crate) fn crossing(low: f64, high: f64, is_beyond: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if middle == low || middle == high {
            break;
        }
        if is_beyond(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Finds the first of `start`, `2 start`, `4 start`… for which `is_beyond` holds.
pub(crate) fn doubled(start: f64, is_beyond: impl Fn(f64) -> bool) -> Option<f64> {
    std::iter::successors(Some(start), |point| Some(point * 2.0))
        .take(DOUBLINGS as usize)
        .find(|point| is_beyond(*point))
}

/// Finds where `function`, which falls and then rises between `low` and `high`, is least.
pub(super) fn minimiser(low: f64, high: f64, function: impl Fn(f64) -> f64) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (low, high);
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (function(left), function(right));
    for _ in 0..SECTIONS {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = function(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = function(right);
        }
    }
    f64::midpoint(low, high)
}
