//! List prices of an accelerator's hour: rows with the page that lists them, the day and the terms,
//! and which of them a plan takes unless it is told another. It must not guess a price that no list
//! has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

const SHIPPED: &str = include_str!("../facts/hours.toml");

/// Says for how long one is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Terms {
    /// Not at all.
    #[serde(rename = "on demand")]
    OnDemand,
    /// For a term, of months or years.
    #[serde(rename = "reserved")]
    Reserved,
}

/// Holds one price of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPrice {
    /// The accelerator, by its own name.
    pub accelerator: String,
    /// Who lists it.
    pub platform: String,
    /// On which terms.
    pub terms: Terms,
    /// The price of one accelerator and hour, in USD.
    pub usd: f64,
    /// What is rented, as the list calls it.
    pub about: String,
    /// The platform's own page, where what was read names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// What was read.
    pub url: String,
    /// The day of the price there.
    pub listed_on: String,
    /// `documented` where the platform's own page was read, `reported` where another's words.
    pub confidence: String,
    /// The day on which it was read.
    pub read_on: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    hours: Vec<ListPrice>,
}

/// Holds the price that stands for an accelerator, and the others beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Usual {
    /// The middle price on demand.
    pub row: ListPrice,
    /// How many prices on demand there are.
    pub count: usize,
    /// The least and the greatest of them, in USD.
    pub range: (f64, f64),
    /// The cheapest reserved one; none where no list states one.
    pub reserved: Option<ListPrice>,
}

/// Reads the prices that ship.
///
/// # Errors
/// Fails when the file is malformed, which a test rules out.
pub fn shipped() -> Result<Vec<ListPrice>, toml::de::Error> {
    let file: File = toml::from_str(SHIPPED)?;
    Ok(file.hours)
}

/// Finds the price that stands for each accelerator with one on demand: the middle one, and of two
/// middle ones the lower, so that it is a row of a list and no single platform decides it.
#[must_use]
pub fn usual(rows: &[ListPrice]) -> Vec<Usual> {
    let mut by_part: BTreeMap<&str, Vec<&ListPrice>> = BTreeMap::new();
    for row in rows {
        by_part.entry(&row.accelerator).or_default().push(row);
    }
    by_part.into_values().filter_map(middle).collect()
}

fn middle(mut rows: Vec<&ListPrice>) -> Option<Usual> {
    rows.sort_by(|one, other| one.usd.total_cmp(&other.usd));
    let (free, bound): (Vec<&ListPrice>, Vec<&ListPrice>) = rows
        .into_iter()
        .partition(|row| row.terms == Terms::OnDemand);
    let (least, most) = (free.first()?, free.last()?);
    let row = free.get((free.len() - 1) / 2)?;
    Some(Usual {
        row: (*row).clone(),
        count: free.len(),
        range: (least.usd, most.usd),
        reserved: bound.first().map(|row| (*row).clone()),
    })
}

impl Usual {
    /// Tells where the price is from, and what other lists say.
    #[must_use]
    pub fn source(&self) -> String {
        let ListPrice {
            platform,
            about,
            listed_on,
            confidence,
            url,
            ..
        } = &self.row;
        // Reports that need nothing else have no addresses to go to; a name is enough to find it.
        let place = self.row.page.as_ref().unwrap_or(url);
        let place = place.trim_start_matches("https://");
        let others = match self.count {
            1 => "the only one".to_owned(),
            count => {
                let (least, most) = self.range;
                format!("the middle of {count}, {least:.2} to {most:.2}")
            }
        };
        let reserved = self.reserved.as_ref().map_or_else(String::new, |row| {
            format!("; reserved from {:.2} ({})", row.usd, row.platform)
        });
        format!(
            "list price on demand of {platform} on {listed_on}, {confidence}: {about}; \
             {others}{reserved}; {place}"
        )
    }
}

#[cfg(test)]
mod tests;
