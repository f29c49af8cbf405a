//! The rules around a fleet: the gateway's, failures, autoscaling. It must not apply them.

use std::time::Duration;

use clap::Args;
use domain::Balance;
use plan::fleet::clock::from_seconds;
use plan::fleet::faults::Faults;
use plan::fleet::front::Rules;
use plan::fleet::scaling::Scaling;

use crate::exit::Fault;

#[derive(Args)]
pub(super) struct RulesAsked {
    /// How the gateway chooses a replica: least, two-choices or prefix
    #[arg(long, value_name = "WAY", default_value = "two-choices", value_parser = balance)]
    balance: Balance,
    /// Most requests in flight at one replica; the next wait at the gateway [default: no limit]
    #[arg(long, value_name = "COUNT")]
    in_flight: Option<u32>,
    /// Most requests that wait at the gateway; the next are refused and counted
    #[arg(long, value_name = "COUNT", default_value_t = 1_000_000)]
    queue: usize,
    /// Milliseconds for which the gateway leaves a replica alone that keeps failing
    #[arg(long, value_name = "MS", default_value_t = 5_000)]
    circuit_rest: u64,
    /// Mean hours between failures of a replica [default: none fails]
    #[arg(long, value_name = "HOURS", value_parser = positive)]
    replica_mtbf: Option<f64>,
    /// Mean hours between failures of a fast domain, a node or a rack, with all its replicas
    #[arg(long, value_name = "HOURS", value_parser = positive)]
    rack_mtbf: Option<f64>,
    /// Mean minutes until what failed serves again
    #[arg(long, value_name = "MINUTES", default_value_t = 30.0, value_parser = positive)]
    mend: f64,
    /// Start and stop replicas by load, from so many on up to --replicas
    #[arg(long, value_name = "LEAST")]
    autoscale: Option<u32>,
    /// Requests in flight that the autoscaler gives a replica
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 64,
        requires = "autoscale"
    )]
    target: u32,
    /// Seconds from the start of a replica until it takes requests
    #[arg(long, value_name = "SECONDS", default_value_t = 180.0, value_parser = positive)]
    #[arg(requires = "autoscale")]
    cold_start: f64,
    /// Seconds between two looks of the autoscaler
    #[arg(long, value_name = "SECONDS", default_value_t = 15.0, value_parser = positive)]
    #[arg(requires = "autoscale")]
    look: f64,
    /// Seconds for which fewer replicas must have been enough before one is let go
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = positive)]
    #[arg(requires = "autoscale")]
    patience: f64,
}

impl RulesAsked {
    /// Tells the gateway's rules.
    pub(super) fn rules(&self) -> Rules {
        Rules {
            balance: self.balance,
            most_in_flight: self.in_flight.unwrap_or(u32::MAX),
            most_waiting: self.queue,
            rest: Duration::from_millis(self.circuit_rest),
        }
    }

    /// Tells the kinds of failures.
    pub(super) fn faults(&self, replicas_of_a_rack: u32) -> Vec<Faults> {
        let mend = self.mend * 60.0;
        let kinds = [(self.replica_mtbf, 1), (self.rack_mtbf, replicas_of_a_rack)];
        let kinds = kinds.into_iter().filter_map(|(hours, together)| {
            hours.map(|hours| Faults {
                between: hours * 3600.0,
                mend,
                together,
            })
        });
        kinds.collect()
    }

    /// Tells the autoscaler's rule.
    pub(super) fn scaling(&self, replicas: u32) -> Result<Option<Scaling>, Fault> {
        let Some(least) = self.autoscale else {
            return Ok(None);
        };
        if least == 0 || least > replicas || self.target == 0 {
            let what = format!("--autoscale {least} is not from 1 to the {replicas} replicas");
            return Err(Fault::new(
                what,
                "give fewer, or more with --replicas; --target is above 0",
            ));
        }
        Ok(Some(Scaling {
            least,
            most: replicas,
            each: self.target,
            every: from_seconds(self.look),
            cold_start: from_seconds(self.cold_start),
            patience: from_seconds(self.patience),
        }))
    }
}

fn balance(text: &str) -> Result<Balance, String> {
    let found = Balance::ALL.into_iter().find(|one| one.name() == text);
    found.ok_or_else(|| {
        format!(
            "`{text}` is none of {}",
            Balance::ALL.map(Balance::name).join(", ")
        )
    })
}

/// Reads a number above nought.
fn positive(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (1e-3..=1e7).contains(&value) {
        return Ok(value);
    }
    Err(format!("`{text}` is not from 0.001 to 10 million"))
}
