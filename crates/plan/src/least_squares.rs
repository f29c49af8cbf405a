//! The least-squares step: weighted rows with few entries each, and the solution of their damped
//! normal equations. It must not know what is fitted.

/// Holds the rows of a least-squares problem, each with few entries.
pub struct Rows<'r> {
    /// For each row the columns of its entries.
    pub columns: &'r [Vec<usize>],
    /// For each row its entries.
    pub entries: Vec<Vec<f64>>,
    /// What each row counts.
    pub weights: Vec<f64>,
    /// What holds each column back.
    pub penalties: &'r [f64],
}

/// The share of the right side at which a solution is near enough: a step is corrected by the next.
const NEAR: f64 = 1e-4;
/// Most rounds of a solution.
const ROUNDS: usize = 300;

impl Rows<'_> {
    /// Tells the diagonal of the normal equations.
    #[must_use]
    pub fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = self.penalties.to_vec();
        for ((columns, entries), weight) in
            self.columns.iter().zip(&self.entries).zip(&self.weights)
        {
            for (column, entry) in columns.iter().zip(entries) {
                diagonal[*column] += weight * entry * entry;
            }
        }
        diagonal
    }

    /// Solves the normal equations for a right side, with something added to their diagonal, by
    /// conjugate gradients: the rows are sparse, and their product never is.
    #[must_use]
    pub fn solve(&self, right: &[f64], added: &[f64], diagonal: &[f64]) -> Vec<f64> {
        let scale: Vec<f64> = diagonal
            .iter()
            .zip(added)
            .map(|(one, add)| 1.0 / (one + add))
            .collect();
        let scaled = |of: &[f64]| of.iter().zip(&scale).map(|(one, by)| one * by).collect();
        let mut solved = vec![0.0; right.len()];
        let mut rest = right.to_vec();
        let mut towards: Vec<f64> = scaled(&rest);
        let mut measure = dot(&rest, &towards);
        let enough = measure * NEAR * NEAR;
        for _ in 0..ROUNDS {
            if measure <= enough {
                break;
            }
            let image = self.times(&towards, added);
            let along = measure / dot(&towards, &image);
            for at in 0..solved.len() {
                solved[at] += along * towards[at];
                rest[at] -= along * image[at];
            }
            let next: Vec<f64> = scaled(&rest);
            let before = measure;
            measure = dot(&rest, &next);
            for (one, new) in towards.iter_mut().zip(next) {
                *one = new + *one * measure / before;
            }
        }
        solved
    }

    fn times(&self, vector: &[f64], added: &[f64]) -> Vec<f64> {
        let held = self.penalties.iter().zip(added).zip(vector);
        let mut image: Vec<f64> = held.map(|((one, add), by)| (one + add) * by).collect();
        for ((columns, entries), weight) in
            self.columns.iter().zip(&self.entries).zip(&self.weights)
        {
            let own = columns.iter().zip(entries);
            let product: f64 = own
                .clone()
                .map(|(column, entry)| vector[*column] * entry)
                .sum();
            for (column, entry) in own {
                image[*column] += weight * product * entry;
            }
        }
        image
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}
