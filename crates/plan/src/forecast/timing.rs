//! Our readiness beside what we are to be ready for: the chance of being in time, days and cost of
//! late and early, and the best day. Exact sums over days. It must not know what is compared.

use domain::Date;
use serde::Serialize;

use super::arrival::Arrival;
use super::days;
use super::readiness::Between;

/// Holds what a day costs, in USD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Costs {
    /// A day on which it is there and we are not ready.
    pub late_usd_per_day: f64,
    /// A day on which we are ready and it is not there.
    pub early_usd_per_day: f64,
}

/// Holds a value and the least and most that what is said leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Open<Value> {
    /// The value by the likely course of both.
    pub likely: Value,
    /// The least.
    pub least: Value,
    /// The most.
    pub most: Value,
}

/// Tells how readiness and what it is for meet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timing {
    /// The chance of being ready on its day or before.
    pub in_time: Open<f64>,
    /// The expected days between its day and ours where ours is the later.
    pub days_late: Open<f64>,
    /// The expected days between ours and its where ours is the earlier.
    pub days_early: Open<f64>,
    /// The expected cost in USD.
    pub cost_usd: Open<f64>,
    /// What one more day until we are ready adds to the likely cost in USD; below 0 where waiting
    /// saves.
    pub day_later_usd: f64,
    /// The day on which to be ready if one could choose it: at which the expected cost is least.
    /// None where it lies beyond the horizon, or where days cost nothing.
    pub best_day: Open<Option<Date>>,
}

/// Compares readiness with what it is for. What does not come by the horizon counts as coming on
/// the day after it: days and costs are counted up to there. Who is not ready by then is not in
/// time.
#[must_use]
pub fn timing(ready: &Between, target: &Between, costs: Costs, horizon: Date) -> Timing {
    let meet = |ready: &Arrival, target: &Arrival| Meeting::of(ready, target, horizon);
    let likely = meet(&ready.likely, &target.likely);
    // Readiness that is sooner, or a target that is later, is never less in time.
    let good = meet(&ready.soonest, &target.latest);
    let bad = meet(&ready.latest, &target.soonest);
    let cost =
        |late: f64, early: f64| late * costs.late_usd_per_day + early * costs.early_usd_per_day;
    Timing {
        in_time: Open {
            likely: likely.in_time,
            least: bad.in_time,
            most: good.in_time,
        },
        days_late: Open {
            likely: likely.late,
            least: good.late,
            most: bad.late,
        },
        days_early: Open {
            likely: likely.early,
            least: bad.early,
            most: good.early,
        },
        cost_usd: Open {
            likely: cost(likely.late, likely.early),
            least: cost(good.late, bad.early),
            most: cost(bad.late, good.early),
        },
        day_later_usd: cost(likely.at_or_after, -likely.before),
        best_day: best(target, costs),
    }
}

impl Timing {
    /// Sums timings by weights that sum to one, over futures in which the target comes as mixed.
    #[must_use]
    pub(super) fn mixed(parts: &[(f64, &Self)], target: &Between, costs: Costs) -> Self {
        let sum = |of: &dyn Fn(&Self) -> f64| -> f64 {
            parts.iter().map(|(weight, part)| weight * of(part)).sum()
        };
        let open = |of: fn(&Self) -> Open<f64>| Open {
            likely: sum(&|part| of(part).likely),
            least: sum(&|part| of(part).least),
            most: sum(&|part| of(part).most),
        };
        Self {
            in_time: open(|part| part.in_time),
            days_late: open(|part| part.days_late),
            days_early: open(|part| part.days_early),
            cost_usd: open(|part| part.cost_usd),
            day_later_usd: sum(&|part| part.day_later_usd),
            best_day: best(target, costs),
        }
    }
}

fn best(target: &Between, costs: Costs) -> Open<Option<Date>> {
    Open {
        likely: best_day(&target.likely, costs),
        least: best_day(&target.soonest, costs),
        most: best_day(&target.latest, costs),
    }
}

/// Finds the day at which late and early cost least together: where the chance that it has come is
/// the share of early in both (the critical fractile; Arrow, Harris, Marschak 1951).
fn best_day(target: &Arrival, costs: Costs) -> Option<Date> {
    let sum = costs.late_usd_per_day + costs.early_usd_per_day;
    let share = costs.early_usd_per_day / sum;
    if sum <= 0.0 {
        return None;
    }
    if share <= 0.0 {
        // Early costs nothing: any day up to the first on which it can come is as good.
        let mut days = target.days();
        return days.find(|(_, chance)| *chance > 0.0).map(|(day, _)| day);
    }
    target.quantile(share)
}

/// Holds the sums over both.
struct Meeting {
    in_time: f64,
    late: f64,
    early: f64,
    /// The chance that we are ready on its day or after: a day later is a day later.
    at_or_after: f64,
    /// The chance that we are ready before its day: a day later is a day less early.
    before: f64,
}

impl Meeting {
    fn of(ready: &Arrival, target: &Arrival, horizon: Date) -> Self {
        let ours = Capped::of(ready, horizon);
        let its = Capped::of(target, horizon);
        let mut meeting = Self {
            in_time: 0.0,
            late: 0.0,
            early: 0.0,
            at_or_after: 0.0,
            before: 0.0,
        };
        for (day, chance) in its.days {
            let until = ours.until(day);
            // Σ max(0, r − x) is Σ (r − x) and Σ max(0, x − r).
            let early = until.chance * day as f64 - until.moment;
            let late = ours.moment - day as f64 + early;
            let on = ours.until(day - 1);
            let in_time = if day > its.horizon {
                ours.until(its.horizon).chance
            } else {
                until.chance
            };
            meeting.in_time += chance * in_time;
            meeting.early += chance * early;
            meeting.late += chance * late.max(0.0);
            meeting.before += chance * on.chance;
            meeting.at_or_after += chance * (1.0 - on.chance);
        }
        meeting.in_time = meeting.in_time.min(1.0);
        meeting
    }
}

/// Is an arrival in days from its horizon's epoch, with all that is beyond it on the day after.
struct Capped {
    horizon: i64,
    days: Vec<(i64, f64)>,
    /// The sums up to each of the days, in their order.
    sums: Vec<Sum>,
    moment: f64,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    chance: f64,
    moment: f64,
}

impl Capped {
    fn of(arrival: &Arrival, horizon: Date) -> Self {
        // Days are counted from the horizon, so that the numbers stay small.
        let mut within: Vec<(i64, f64)> = Vec::new();
        for (day, chance) in arrival.days() {
            let at = days::between(horizon, day);
            if at <= 0 && chance > 0.0 {
                within.push((at, chance));
            }
        }
        let sum: f64 = within.iter().map(|(_, chance)| chance).sum();
        within.push((1, (1.0 - sum).max(0.0)));
        let mut sums = Vec::with_capacity(within.len());
        let mut so_far = Sum::default();
        for (day, chance) in &within {
            so_far.chance += chance;
            so_far.moment += chance * *day as f64;
            sums.push(so_far);
        }
        Self {
            horizon: 0,
            days: within,
            sums,
            moment: so_far.moment,
        }
    }

    fn until(&self, day: i64) -> Sum {
        let count = self.days.partition_point(|(own, _)| *own <= day);
        let last = count.checked_sub(1).and_then(|at| self.sums.get(at));
        last.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
