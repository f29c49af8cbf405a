//! Sums over relative errors: mean, median, shares. It must not know what was predicted.

/// Tells the mean; none of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count(values.len()))
}

/// Tells the median; none of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// Tells how many of a list hold, in a share; none of nothing.
pub fn share(holds: impl IntoIterator<Item = bool>) -> Option<f64> {
    let holds: Vec<f64> = holds
        .into_iter()
        .map(|one| f64::from(u8::from(one)))
        .collect();
    mean(&holds)
}

/// Writes a share in percent.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 1e2))
}

fn count(of: usize) -> f64 {
    u32::try_from(of).map_or(f64::INFINITY, f64::from)
}
