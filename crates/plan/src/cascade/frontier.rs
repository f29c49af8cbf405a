//! Quality against cost, or against the strong tier's share where costs are not known: what every
//! picture of the frontier goes by. It must not draw one.

use crate::cascade::study::Point;

/// Says what points lie along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frontier {
    is_priced: bool,
}

impl Frontier {
    /// Goes by cost where that of all points is known.
    #[must_use]
    pub fn of(points: &[Point]) -> Self {
        let is_priced = points.iter().all(|point| point.measured.usd.is_some());
        Self { is_priced }
    }

    /// Tells how far across a point lies, in the unit.
    #[must_use]
    pub fn across(self, point: &Point) -> f64 {
        match point.measured.usd {
            Some(usd) if self.is_priced => usd.value * 1e3,
            _ => point.measured.strong_share * 1e2,
        }
    }

    /// Names the unit.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        if self.is_priced {
            "USD for 1000 items"
        } else {
            "% answered by the strong tier"
        }
    }
}

/// Finds the ends of an axis: the least and the greatest value, apart where they are one.
#[must_use]
pub fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = values.fold(start, |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low < high {
        (low, high)
    } else {
        (low - 1.0, low + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::bounds;

    #[test]
    fn one_value_lies_in_the_middle_of_its_axis() {
        assert_eq!(bounds([1.0, 1.0].into_iter()), (0.0, 2.0));
        assert_eq!(bounds([2.0, 1.0, 4.0].into_iter()), (1.0, 4.0));
    }
}
