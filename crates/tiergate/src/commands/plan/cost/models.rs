//! Which model a text means, and which price. It must not guess an id that no row of the facts has.

use std::error::Error;

use domain::{Catalogue, Facts, Known, Policy, Prices, Timestamp, TokenPrices};
use plan::cost::offer::{NoPrice, Offer};
use plan::cost::terms::Terms;

use super::loads::Conditioned;
use crate::commands::scan;
use crate::config::Config;
use crate::exit::Fault;
use crate::home;
use crate::options::Common;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Holds a model that somebody asked for, and its price or why there is none.
#[derive(Clone, Debug)]
pub struct Named {
    /// As it was asked for.
    pub asked: String,
    /// What people call it.
    pub name: String,
    /// Where it is served.
    pub platform: String,
    /// Its id there.
    pub id: String,
    /// Its price.
    pub offer: Result<Offer, NoPrice>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

/// Holds how many tokens models make of one that was counted.
pub type Factors = Vec<(String, f64)>;

/// Parts what sets a model's token factor from what sets an assumption.
///
/// # Errors
/// Fails when a factor is no number above 0.
pub fn factors(set: &[String]) -> Result<(Factors, Vec<String>), Fault> {
    let mut factors = Vec::new();
    let mut plain = Vec::new();
    for text in set {
        let Some(rest) = text.strip_prefix("tokens:") else {
            plain.push(text.clone());
            continue;
        };
        let parts = rest.split_once('=');
        let parts = parts.and_then(|(model, value)| Some((model, value.parse::<f64>().ok()?)));
        let parts = parts.filter(|(_, ratio)| (0.01..=100.0).contains(ratio));
        let (model, ratio) = parts.ok_or_else(|| {
            let what = format!("`{text}` states no token factor");
            Fault::new(what, "write tokens:MODEL=RATIO with a ratio of 0.01 to 100")
        })?;
        factors.push((model.to_owned(), ratio));
    }
    Ok((factors, plain))
}

/// Holds where models and prices are looked up: the facts, and the configuration where there is a
/// sound one.
pub struct Shelf {
    /// What is known of models.
    pub facts: Facts,
    terms: Terms,
    config: Option<Config>,
}

impl Shelf {
    /// Reads what ships, and the configuration.
    ///
    /// # Errors
    /// Fails when what ships does not read, which a test rules out.
    pub fn read(common: &Common) -> Fallible<Self> {
        Ok(Self {
            facts: Facts::shipped()?,
            terms: Terms::shipped()?,
            config: common
                .config
                .exists()
                .then(|| home::config(common).ok())
                .flatten(),
        })
    }

    /// Shows what the configuration declares, where there is a sound one.
    pub fn policy(&self) -> Option<&Policy> {
        self.config.as_ref().map(|config| &config.policy)
    }

    /// Finds a model by its name in the configuration, or in the facts; none where only the
    /// configuration knows it.
    ///
    /// # Errors
    /// Fails when neither knows it.
    pub fn known(&self, text: &str) -> Result<Option<Known<'_>>, Fault> {
        match self.declared(text) {
            Some(declared) => Ok(self.facts.known(&declared.platform, declared.id)),
            None => find(text, &self.facts).map(Some),
        }
    }

    /// Finds a model and its price: stated by hand, declared, or of the facts.
    ///
    /// # Errors
    /// Fails when nothing knows the model, or a price by hand does not read.
    pub fn named(&self, text: &str, conditioned: &Conditioned) -> Fallible<Named> {
        let declared = self.declared(text);
        let by_hand = by_hand(text, &conditioned.prices)?;
        let known = match &declared {
            Some(declared) => self.facts.known(&declared.platform, declared.id),
            None => find(text, &self.facts).ok(),
        };
        let (on, plain) = text
            .split_once('/')
            .map_or((None, text), |(on, id)| (Some(on), id));
        let row = self.terms.offer(on, plain);
        let is_told = by_hand.is_some() || declared.is_some() || row.is_some();
        if known.is_none() && !is_told {
            find(text, &self.facts)?;
        }
        let (platform, id) = match (&declared, known, row) {
            (Some(declared), _, _) => (declared.platform.as_str(), declared.id),
            (None, Some(known), _) => (known.platform(), plain),
            (None, None, Some(row)) => (row.platform.as_str(), plain),
            (None, None, None) => (on.unwrap_or("by hand"), plain),
        };
        let name = known.map(|known| known.fact().name.as_str());
        let name = name.or(row.map(|row| row.name.as_str())).unwrap_or(id);
        let conditions = conditioned.conditions();
        let of_facts = || match (known, row) {
            (Some(known), _) => Offer::of_known(known, &self.terms, conditions),
            (None, Some(row)) => Offer::of_row(row, conditions),
            (None, None) => Err(NoPrice::Row {
                model: name.to_owned(),
                platform: platform.to_owned(),
            }),
        };
        let of_config = || {
            let prices = declared.as_ref().and_then(|declared| declared.prices);
            prices.map(|prices| Offer::of_prices(name, platform, prices.clone()))
        };
        let offer = match by_hand {
            Some(prices) => Ok(Offer::by_hand(name, platform, prices, "given by hand")),
            None => of_facts().or_else(|missing| of_config().ok_or(missing)),
        };
        let offer = offer.map(|mut offer| {
            offer.context_tokens = known.and_then(|known| known.context_tokens());
            offer
        });
        // A price of the catalogue is a plain one: it says nothing of a region, a batch or a mode.
        let is_unpriced = matches!(offer, Err(NoPrice::Row { .. }));
        let notes = if is_unpriced {
            catalogue(platform, id)?
        } else {
            Vec::new()
        };
        Ok(Named {
            asked: text.to_owned(),
            name: name.to_owned(),
            platform: platform.to_owned(),
            id: id.to_owned(),
            offer,
            notes,
        })
    }

    /// Finds a model of the configuration by its name.
    fn declared(&self, text: &str) -> Option<Declared<'_>> {
        let config = self.config.as_ref()?;
        let model = config.policy.models.get(text)?;
        let provider = &model.provider;
        let settings = config.settings.providers.get(provider.name.as_str());
        let named = settings.and_then(|settings| settings.platform.as_deref());
        let platform = scan::platform(named, &provider.base_url, &self.facts);
        Some(Declared {
            platform: platform.unwrap_or(model.provider.name.as_str()).to_owned(),
            id: &model.id,
            prices: model.prices.as_ref(),
        })
    }
}

/// Is a model as the configuration declares it.
struct Declared<'c> {
    /// Where it is served.
    platform: String,
    /// Its id there.
    id: &'c str,
    /// Its price there.
    prices: Option<&'c Prices>,
}

/// Tells what the public catalogue has, which decides nothing.
fn catalogue(platform: &str, id: &str) -> Fallible<Vec<String>> {
    let catalogue = Catalogue::shipped()?;
    let mut rows = catalogue.rows.iter();
    let found = rows.find(|row| row.platform == platform && row.id == id);
    let usd = |micros: u64| micros as f64 / 1e6;
    let told = found.and_then(|row| {
        let (input, output) = (usd(row.input_usd_micros?), usd(row.output_usd_micros?));
        Some(format!(
            "{} of {} says {input}/{output} USD a million tokens, which decides nothing here; \
             to take it, give --price {platform}/{id}={input}/{output}",
            catalogue.name, catalogue.read_on
        ))
    });
    Ok(told.into_iter().collect())
}

/// Reads the price that was given for a model, if one was.
fn by_hand(text: &str, given: &[String]) -> Result<Option<TokenPrices>, Fault> {
    let rows = given.iter().filter_map(|row| row.split_once('='));
    let Some((_, prices)) = rows.into_iter().find(|(model, _)| *model == text) else {
        return Ok(None);
    };
    let micros = |text: &str| {
        let usd = text.trim().parse::<f64>().ok();
        let usd = usd.filter(|usd| (0.0..=1e6).contains(usd));
        usd.map(|usd| (usd * 1e6).round() as u64)
    };
    let all: Option<Vec<u64>> = prices.split('/').map(micros).collect();
    let price = match all.as_deref() {
        Some([input, output, rest @ ..]) if rest.len() <= 2 => TokenPrices {
            input_usd_micros: *input,
            output_usd_micros: *output,
            cached_usd_micros: rest.first().copied(),
            cache_write_usd_micros: rest.get(1).copied(),
            ..TokenPrices::default()
        },
        _ => {
            let what = format!("`{text}={prices}` states no price");
            let mend = "write MODEL=IN/OUT, MODEL=IN/OUT/CACHED or MODEL=IN/OUT/CACHED/WRITTEN, in \
                        USD a million tokens";
            return Err(Fault::new(what, mend));
        }
    };
    Ok(Some(price))
}

/// Finds a model of the facts: `platform/id`, or an id, on its vendor's own platform first.
///
/// # Errors
/// Fails when the facts do not know it, and names ids that are like it.
pub fn find<'f>(text: &str, facts: &'f Facts) -> Result<Known<'f>, Fault> {
    let on = text
        .split_once('/')
        .and_then(|(platform, id)| facts.known(platform, id));
    let names = || facts.platforms().iter().map(|one| one.name.as_str());
    let anywhere = || {
        let mut found: Vec<Known<'f>> = names()
            .filter_map(|platform| facts.known(platform, text))
            .collect();
        found.sort_by_key(|known| known.platform() != known.fact().vendor);
        found.first().copied()
    };
    on.or_else(anywhere).ok_or_else(|| {
        let what = format!("the facts know no model `{text}`");
        let like = alike(text, facts);
        let mend = if like.is_empty() {
            "write an id as its platform has it, such as anthropic/claude-opus-5-5".to_owned()
        } else {
            format!("did you mean {}?", like.join(", "))
        };
        Fault::new(what, mend)
    })
}

/// Lists a few ids that share a part with a text.
fn alike(text: &str, facts: &Facts) -> Vec<String> {
    const MOST: usize = 6;
    let id = text.rsplit('/').next().unwrap_or(text);
    let parts: Vec<&str> = id
        .split(['-', '.', '_'])
        .filter(|part| part.len() > 1)
        .collect();
    let mut scored: Vec<(usize, String)> = Vec::new();
    for model in facts.models() {
        for (platform, ids) in &model.ids {
            for known in ids {
                let shared = parts.iter().filter(|part| known.contains(**part)).count();
                if shared > 0 {
                    scored.push((shared, format!("{platform}/{known}")));
                }
            }
        }
    }
    scored.sort_by(|one, two| two.0.cmp(&one.0).then(one.1.len().cmp(&two.1.len())));
    scored
        .into_iter()
        .take(MOST)
        .map(|(_, name)| name)
        .collect()
}

/// Reads `IN/OUT` in USD a million tokens, or finds a model's prices of now; with what it is.
///
/// # Errors
/// Fails when it is neither, or no price of the model is known.
pub fn two_prices(text: &str, facts: &Facts, now: Timestamp) -> Result<([f64; 2], String), Fault> {
    let number = |text: &str| {
        let number = text.trim().parse::<f64>().ok();
        number.filter(|number| number.is_finite() && *number >= 0.0)
    };
    let pair = text.split_once('/');
    if let Some((input, output)) = pair.and_then(|(i, o)| Some((number(i)?, number(o)?))) {
        let basis = format!("{input}/{output} USD a million tokens, given by hand");
        return Ok(([input, output], basis));
    }
    let known = find(text, facts)?;
    let unknown = || {
        let what = format!("no price known for `{text}`");
        Fault::new(
            what,
            "give one by hand, such as 4/20 USD a million tokens of input/output",
        )
    };
    let prices = known.prices().ok_or_else(unknown)?;
    let found = prices.at(now).ok_or_else(unknown)?;
    let usd = |micros: u64| micros as f64 / 1e6;
    let (input, output) = (
        found.prices.input_usd_micros,
        found.prices.output_usd_micros,
    );
    let basis = format!(
        "{}/{} USD a million tokens, {}, {}",
        usd(input),
        usd(output),
        known.fact().name,
        found.basis
    );
    Ok(([usd(input), usd(output)], basis))
}
