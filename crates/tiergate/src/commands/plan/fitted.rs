//! Which coefficients times of serving rest on: those that ship, or a fit of one's own. It must not
//! fit.

use std::path::PathBuf;

use clap::Args;
use plan::coefficients::FITS;
use plan::measured::Axis;
use plan::serving::{Estimator, ServingFacts};

use super::faults::broken;
use crate::exit::Fault;
use crate::input::{self, Mends};

/// Most bytes of a file of coefficients.
const MOST_BYTES: u64 = 1 << 28;
const MEND: &str = "name a file that `tiergate plan calibrate` wrote";

/// Says whose coefficients are taken.
#[derive(Args, Clone, Debug)]
pub struct FittedAsked {
    /// Coefficients that `tiergate plan calibrate` fitted to your own measurements, in place of
    /// those that ship
    #[arg(long, value_name = "FILE")]
    coefficients: Option<PathBuf>,
}

impl FittedAsked {
    /// Reads the coefficients.
    ///
    /// # Errors
    /// Fails when the file cannot be read or holds none.
    pub fn estimator(&self) -> Result<Estimator, Fault> {
        let Some(path) = &self.coefficients else {
            return Estimator::shipped().map_err(broken);
        };
        let mends = Mends {
            large: MEND,
            unread: MEND,
        };
        let text = input::text(path, MOST_BYTES, mends)?;
        let what = || format!("{} holds no coefficients", path.display());
        let facts: ServingFacts =
            toml::from_str(&text).map_err(|error| Fault::because(error, what(), MEND))?;
        if !is_whole(&facts) {
            let why = format!(
                "{}: a correction is not {FITS} finite numbers, or a load has no ends",
                what()
            );
            return Err(Fault::new(why, MEND));
        }
        Ok(Estimator::new(&facts))
    }
}

/// Says whether each correction has a finite number for each fit, and each load an end above zero.
fn is_whole(facts: &ServingFacts) -> bool {
    let parts = facts.step.values().chain(facts.first.values());
    let mut numbers = parts.flat_map(|level| level.values().flat_map(|group| group.values()));
    let is_axis =
        |axis: &Axis| 0.0 < axis.least && axis.least <= axis.most && axis.most.is_finite();
    facts.loads.iter().all(is_axis)
        && numbers.all(|own| own.len() == FITS && own.iter().all(|number| number.is_finite()))
}
