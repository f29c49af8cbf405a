//! In which column and row of a drawing each step stands: a step stands behind those that it
//! follows, but for the way back of a loop. It must not draw.

use std::collections::BTreeSet;

/// Gives each of `count` steps its column, and says of each edge whether it leads back.
pub(super) fn columns(count: usize, edges: &[(usize, usize)]) -> (Vec<usize>, Vec<bool>) {
    let is_back = backward(count, edges);
    let mut columns = vec![0; count];
    // Each round moves a step at least one column; no way forward is longer than all steps.
    for _ in 0..count {
        let mut is_still = true;
        for ((from, to), _) in edges.iter().zip(&is_back).filter(|(_, back)| !**back) {
            let least = columns.get(*from).copied().unwrap_or_default() + 1;
            if let Some(column) = columns.get_mut(*to)
                && *column < least
            {
                *column = least;
                is_still = false;
            }
        }
        if is_still {
            break;
        }
    }
    (columns, is_back)
}

/// Finds the edges that lead back, walking from the first step on.
fn backward(count: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    let mut is_back = vec![false; edges.len()];
    let mut done = BTreeSet::new();
    for start in 0..count {
        if done.contains(&start) {
            continue;
        }
        // The way from the start to here, each step with the edge to look at next.
        let mut way = vec![(start, 0)];
        while let Some((step, next)) = way.last_mut() {
            let (here, from) = (*step, *next);
            let mut more = edges.iter().enumerate().skip(from);
            let Some((at, (_, to))) = more.find(|(_, (from, _))| *from == here) else {
                done.insert(here);
                way.pop();
                continue;
            };
            *next = at + 1;
            if way.iter().any(|(on_it, _)| on_it == to) {
                if let Some(back) = is_back.get_mut(at) {
                    *back = true;
                }
            } else if !done.contains(to) {
                way.push((*to, 0));
            }
        }
    }
    is_back
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_stands_behind_those_that_it_follows() {
        let (found, back) = columns(4, &[(0, 1), (1, 2), (0, 2), (2, 3)]);
        assert_eq!(found, [0, 1, 2, 3]);
        assert_eq!(back, [false; 4]);
    }

    #[test]
    fn the_way_back_of_a_loop_moves_nothing() {
        let (found, back) = columns(3, &[(0, 1), (1, 0), (1, 1), (1, 2), (2, 0)]);
        assert_eq!(found, [0, 1, 2]);
        assert_eq!(back, [false, true, true, false, true]);
        assert_eq!(columns(2, &[]).0, [0, 0]);
    }
}
