//! The frontier as a plot in letters: quality upwards, cost (or, where it is not known, the strong
//! tier's share) to the right. It must not show a point that is not in the table.

use plan::cascade::{Frontier, Point, Way, bounds};

/// Columns of the plot.
const WIDE: usize = 64;
/// Lines of the plot.
const HIGH: usize = 18;

/// Draws the points.
#[must_use]
pub fn draw(points: &[Point]) -> String {
    let frontier = Frontier::of(points);
    let up = |point: &Point| point.measured.quality.value * 1e2;
    let spots: Vec<(char, f64, f64)> = points
        .iter()
        .map(|point| (letter(point.way), frontier.across(point), up(point)))
        .collect();
    let (left, right) = bounds(spots.iter().map(|spot| spot.1));
    let (low, high) = bounds(spots.iter().map(|spot| spot.2));
    let mut grid = vec![vec![' '; WIDE]; HIGH];
    for (letter, across, up) in spots {
        let column = place(across, (left, right), WIDE);
        let line = HIGH - 1 - place(up, (low, high), HIGH);
        let cell = &mut grid[line][column];
        // Where two points meet, the first in the table stays.
        if *cell == ' ' {
            *cell = letter;
        }
    }
    let mut text = format!("{high:>6.1} %\n");
    for line in grid {
        let line: String = line.into_iter().collect();
        text.push_str(&format!("         |{}\n", line.trim_end()));
    }
    let unit = frontier.unit();
    text.push_str(&format!("{low:>6.1} % +{}\n", "-".repeat(WIDE)));
    text.push_str(&format!(
        "          {left:<24.2}{unit:^16}{right:>24.2}\n          \
         l lot  v verifier  r rule  o oracle  x shuffled control\n"
    ));
    text
}

fn letter(way: Way) -> char {
    match way {
        Way::Lot(_) => 'l',
        Way::Verified(_) => 'v',
        Way::Ruled(_) => 'r',
        Way::Oracle(_) => 'o',
        Way::VerifiedShuffled(_) | Way::RuledShuffled(_) => 'x',
    }
}

/// Finds the cell of a value, from 0 to the last.
fn place(value: f64, (low, high): (f64, f64), cells: usize) -> usize {
    let last = cells - 1;
    let part = (value - low) / (high - low);
    ((part * last as f64).round() as usize).min(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_the_range_lie_in_the_first_and_the_last_cell() {
        assert_eq!(place(2.0, (2.0, 4.0), 10), 0);
        assert_eq!(place(4.0, (2.0, 4.0), 10), 9);
        assert_eq!(place(3.0, (2.0, 4.0), 11), 5);
        assert_eq!(bounds([1.0, 1.0].into_iter()), (0.0, 2.0));
    }
}
