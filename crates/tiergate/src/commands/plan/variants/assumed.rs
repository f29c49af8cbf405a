//! What a comparison of variants assumes: what it has to itself, and what it has in common with
//! `plan serve`, so that one accelerator's hour has one price. It must not compute.

use plan::accelerators::{Accelerator, Accelerators};
use plan::assumptions::{AssumptionFault, Assumptions, GPU_HOUR};
use plan::cost::assumptions::{Assumptions as Own, InForce};

use crate::exit::Fault;

/// The share of reserved hours with the load.
const BUSY: &str = "busy";
/// What `plan serve` assumes, too.
const SHARED: [&str; 2] = [GPU_HOUR, BUSY];

/// Holds both.
pub struct Assumed {
    /// What is assumed here alone.
    pub own: Own,
    shared: Assumptions,
}

impl Assumed {
    /// Takes what the user set over what ships.
    ///
    /// # Errors
    /// Fails when something is set that does not exist or makes no sense.
    pub fn new(sets: &[String], parts: &Accelerators) -> Result<Self, Fault> {
        let mut assumed = Self {
            own: Own::shipped("variants").map_err(super::super::faults::broken)?,
            shared: Assumptions::shipped().map_err(super::super::faults::broken)?,
        };
        for text in sets {
            assumed.set(text, parts)?;
        }
        Ok(assumed)
    }

    fn set(&mut self, text: &str, parts: &Accelerators) -> Result<(), Fault> {
        let what = || format!("--set {text} sets nothing");
        let key = text.split(['=', '.']).next().unwrap_or_default().trim();
        if SHARED.contains(&key) {
            let mend = "write it as for `plan serve`: gpu_hour=3.2, gpu_hour.B200=3.2 or busy=0.8";
            let set = self.shared.set(text, parts);
            return set.map_err(|error| Fault::because(error, what(), mend));
        }
        let mend = "an accelerator's hour and the share of busy ones are gpu_hour and busy";
        let set = self.own.set(text);
        set.map_err(|error| Fault::because(error, what(), mend))
    }

    /// Tells the price of an accelerator's hour, in USD, and the share of hours with the load.
    ///
    /// # Errors
    /// Fails when no price is known.
    pub fn hour(&self, part: &Accelerator) -> Result<(f64, f64), AssumptionFault> {
        let value = |key: &str| self.shared.value(key, part);
        Ok((value(GPU_HOUR)?, value(BUSY)?))
    }

    /// Lists all that is in force on an accelerator.
    #[must_use]
    pub fn in_force(&self, part: &Accelerator) -> Vec<InForce> {
        let shared = self.shared.in_force(&SHARED, &[part]);
        let shared = shared.iter().map(InForce::shared);
        shared.chain(self.own.in_force()).collect()
    }
}
