//! What one model costs on one platform under stated terms, at any hour of any day: the price as a
//! function of model, region, batch, length of context, age of cache, mode and time of completion.
//! It must not answer where no price is known.

use std::sync::Arc;

use domain::{Facts, Known, Peak, PriceFact, PricePeriod, Prices, Timestamp, TokenPrices};

use crate::cost::terms::{OfferRow, Region, Term, Terms};

/// States the terms that hold for all requests of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Where requests may be served.
    pub region: Region,
    /// How fast.
    pub mode: Mode,
}

/// Says how fast requests are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As usual.
    #[default]
    Usual,
    /// Faster, at another price.
    Fast,
}

/// Holds the price of one model on one platform.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What people call the model.
    pub name: String,
    /// The platform.
    pub platform: String,
    /// The longest context in tokens, where known.
    pub context_tokens: Option<u64>,
    prices: Prices,
    batches: Vec<(Option<domain::Date>, Option<u64>)>,
    /// Percents that multiply, such as 110 for one region.
    percents: Vec<u64>,
    /// What holds beside the list price, with its source.
    pub notes: Vec<String>,
}

/// Holds the prices of one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// The list prices.
    pub prices: TokenPrices,
    /// What a batch costs of them, in percent; none where no batch price is known.
    pub batch_percent: Option<u64>,
    /// By whose word.
    pub basis: Arc<str>,
}

/// Says why there is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPrice {
    /// No row says what the model costs on that platform.
    #[error("no price known for {model} on {platform}")]
    Row {
        /// The model.
        model: String,
        /// The platform.
        platform: String,
    },
    /// No row says what it costs on that day.
    #[error("no price known for {model} on {platform} before {first}")]
    Day {
        /// The model.
        model: String,
        /// The platform.
        platform: String,
        /// The first day of which a price is known.
        first: String,
    },
    /// No row says what the term costs.
    #[error("no {term} price known for {model} on {platform}")]
    Term {
        /// The term.
        term: &'static str,
        /// The model.
        model: String,
        /// The platform.
        platform: String,
    },
}

impl Offer {
    /// Finds what a model of the facts costs under conditions.
    ///
    /// # Errors
    /// Fails when no price is known for the model, the region or the mode.
    pub fn of_known(
        known: Known<'_>,
        terms: &Terms,
        conditions: Conditions,
    ) -> Result<Self, NoPrice> {
        let fact = known.fact();
        let (model, platform) = (fact.name.clone(), known.platform().to_owned());
        let here = |row: &&PriceFact| row.platforms.contains(&platform);
        let batches = fact.prices.iter().filter(here);
        let batches = batches.map(|row| (row.from, row.batch_percent)).collect();
        let Some(prices) = known.prices() else {
            let ids = fact.ids.get(&platform).into_iter().flatten();
            let mut rows = ids.filter_map(|id| terms.offer(Some(&platform), id));
            let missing = NoPrice::Row {
                model,
                platform: platform.clone(),
            };
            let row = rows.next().ok_or(missing)?;
            let offer = Self::of_row(row, conditions)?;
            return Ok(Self {
                context_tokens: known.context_tokens(),
                ..offer
            });
        };
        let mut offer = Self {
            name: model,
            platform,
            context_tokens: known.context_tokens(),
            prices,
            batches,
            percents: Vec::new(),
            notes: Vec::new(),
        };
        if conditions.region == Region::One {
            offer.add(terms, Term::Regional, "regional")?;
        }
        if conditions.mode == Mode::Fast {
            offer.add(terms, Term::Fast, "fast")?;
        }
        Ok(offer)
    }

    /// Takes a list price from a row of the terms.
    ///
    /// # Errors
    /// Fails when the row is for another region or no fast price is known.
    pub fn of_row(row: &OfferRow, conditions: Conditions) -> Result<Self, NoPrice> {
        let missing = |term: &'static str| NoPrice::Term {
            term,
            model: row.name.clone(),
            platform: row.platform.clone(),
        };
        if conditions.region == Region::One && row.region == Region::Anywhere {
            return Err(missing("regional"));
        }
        if conditions.mode == Mode::Fast {
            return Err(missing("fast"));
        }
        let basis = format!("facts {} ({})", row.read_on, row.confidence);
        let mut offer = Self::by_hand(&row.name, &row.platform, row.usd_micros_per_million, &basis);
        offer.notes.push(format!("price from {}", row.source));
        if row.region == Region::One {
            offer
                .notes
                .push("the price is that of one region".to_owned());
        }
        Ok(offer)
    }

    /// Takes a price that somebody states; no batch price and no other hour is known of it.
    #[must_use]
    pub fn by_hand(name: &str, platform: &str, prices: TokenPrices, basis: &str) -> Self {
        Self::of_prices(name, platform, Prices::always(prices, basis))
    }

    /// Takes prices over time, such as a configuration's; no batch price is known of them.
    #[must_use]
    pub fn of_prices(name: &str, platform: &str, prices: Prices) -> Self {
        Self {
            name: name.to_owned(),
            platform: platform.to_owned(),
            context_tokens: None,
            prices,
            batches: Vec::new(),
            percents: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn add(&mut self, terms: &Terms, term: Term, word: &'static str) -> Result<(), NoPrice> {
        let missing = NoPrice::Term {
            term: word,
            model: self.name.clone(),
            platform: self.platform.clone(),
        };
        let row = terms
            .percent(term, &self.platform, &self.name)
            .ok_or(missing)?;
        self.percents.push(row.percent);
        self.notes.push(format!(
            "{word}: {} % of the list price ({}, read {}, {})",
            row.percent, row.source, row.read_on, row.confidence
        ));
        Ok(())
    }

    /// Finds the prices at an instant: that of the answer's end.
    ///
    /// # Errors
    /// Fails when no price is known for that day.
    pub fn tariff(&self, at: Timestamp) -> Result<Tariff, NoPrice> {
        let first = self.prices.periods().first();
        let first = first.and_then(|period| period.from);
        let missing = || NoPrice::Day {
            model: self.name.clone(),
            platform: self.platform.clone(),
            first: first.map_or_else(String::new, |day| day.to_string()),
        };
        let now = self.prices.at(at).ok_or_else(missing)?;
        let has_begun = |(from, _): &&(Option<domain::Date>, Option<u64>)| {
            from.is_none_or(|from| from.start() <= at)
        };
        let begun = self.batches.iter().filter(has_begun);
        let batch = begun.max_by_key(|(from, _)| *from);
        Ok(Tariff {
            prices: now.prices,
            batch_percent: batch.and_then(|(_, percent)| *percent),
            basis: Arc::clone(now.basis),
        })
    }

    /// Multiplies picos by what holds beside the list price, rounding half up once.
    #[must_use]
    pub fn with_percents(&self, picos: i128) -> i128 {
        let whole = self
            .percents
            .iter()
            .map(|percent| i128::from(*percent))
            .product::<i128>();
        let parts = 100_i128.pow(u32::try_from(self.percents.len()).unwrap_or_default());
        (picos * whole + parts / 2) / parts
    }

    /// Tells whether the price has hours at which it is another one.
    #[must_use]
    pub fn peaks(&self) -> Vec<&Peak> {
        let periods = self.prices.periods().iter();
        periods
            .filter_map(|period: &PricePeriod| period.peak.as_ref())
            .collect()
    }
}

/// Finds how many tokens one model makes of what another counted, in percent: the usual, the least
/// and the most; none where no row says so.
#[must_use]
pub fn token_percents(facts: &Facts, from: &str, to: &str) -> Option<[u64; 3]> {
    let ratio = facts.token_ratio(from, to)?;
    Some([ratio.percent, ratio.least_percent, ratio.most_percent])
}
