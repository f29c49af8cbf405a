//! What a user says of the future, in TOML: releases with dated probabilities, own retirements, our
//! plan, costs and scenarios. Each fault names its line and how to mend it. It must not judge
//! coherence.

use std::ops::Range;

use domain::Date;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::arrival::MOST_DAYS;
use super::calendar::Read;
use super::families::{By, Family};
use super::readiness::{Plan, Step, days_of_effort};
use super::scenarios::Scenario;
use super::timing::Costs;

/// Holds what a user says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The day from which all is seen.
    pub today: Date,
    /// The day up to which days and costs are counted; none for a year after the last one named.
    pub horizon: Option<Date>,
    /// Models whose retirements matter, with their lines.
    pub models: Vec<(String, usize)>,
    /// The platform on which they are used; none for each that has them.
    pub platform: Option<String>,
    /// Releases.
    pub releases: Vec<Release>,
    /// Retirements that no fact knows.
    pub retirements: Vec<Retirement>,
    /// Groups of releases of which at most one comes, as places in `releases`.
    pub exclusive: Vec<Vec<usize>>,
    /// Our plan; none where nothing is to be ready.
    pub plan: Option<Plan>,
    /// What days cost.
    pub costs: Costs,
    /// What the use of a model costs a day, in USD; 0 where it is not said.
    pub usage_usd_per_day: f64,
    /// Scenarios; none where there is but one future.
    pub scenarios: Vec<Scenario>,
}

/// Is a release that may come.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// Its probabilities.
    pub family: Family,
    /// Who says so.
    pub read: Read,
}

/// Is a retirement that a user knows of.
#[derive(Clone, Debug, PartialEq)]
pub struct Retirement {
    /// The model.
    pub model: String,
    /// Its last day.
    pub day: Date,
    /// Who says so.
    pub read: Read,
}

/// Says what is wrong in a file, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FileFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

/// Holds what is known beside a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// The day from which all is to be seen, whatever the file says; none for the file's.
    pub asked: Option<Date>,
    /// The day on which it is read, where neither says another.
    pub day: Date,
    /// Points of effort that a scan counted; they take the place of the file's.
    pub points: Option<f64>,
}

/// Reads what a user says.
///
/// # Errors
/// It is no TOML, a setting is not known, or a value is not what it should be.
pub fn read(text: &str, beside: Beside) -> Result<Said, FileFault> {
    let raw: Raw = toml::from_str(text).map_err(|error| FileFault {
        line: error.span().map_or(1, |span| line_of(text, &span)),
        what: error.message().to_owned(),
        mend: "correct the TOML at this line; docs/plan-forecast.md lists the settings".to_owned(),
    })?;
    let written = raw.today.as_ref().map(|day| {
        (Reader {
            text,
            today: beside.day,
        })
        .day(day)
    });
    let today = beside.asked.or(written.transpose()?).unwrap_or(beside.day);
    Reader { text, today }.said(raw, beside.points)
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.get(..span.start).unwrap_or(text);
    before.matches('\n').count() + 1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    today: Option<Spanned<Datetime>>,
    horizon: Option<Spanned<Datetime>>,
    #[serde(default)]
    models: Vec<Spanned<String>>,
    platform: Option<String>,
    #[serde(default)]
    releases: Vec<RawRelease>,
    #[serde(default)]
    retirements: Vec<RawRetirement>,
    #[serde(default)]
    exclusive: Vec<Vec<Spanned<String>>>,
    readiness: Option<Spanned<RawReadiness>>,
    costs: Option<RawCosts>,
    #[serde(default)]
    scenarios: Vec<RawScenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRelease {
    model: Spanned<String>,
    source: String,
    read_on: Spanned<Datetime>,
    by: Spanned<Vec<Spanned<RawBy>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBy {
    day: Spanned<Datetime>,
    p: f64,
    weight: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRetirement {
    model: String,
    day: Spanned<Datetime>,
    source: String,
    read_on: Spanned<Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReadiness {
    start: Option<Spanned<Datetime>>,
    dates: Option<[Spanned<Datetime>; 3]>,
    p50: Option<Spanned<Datetime>>,
    p90: Option<Spanned<Datetime>>,
    #[serde(default)]
    steps: Vec<RawStep>,
    effort: Option<Spanned<RawEffort>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    name: String,
    days: Spanned<[f64; 3]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEffort {
    points: Option<f64>,
    hours_per_point: Spanned<[f64; 3]>,
    hours_per_week: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCosts {
    late_usd_per_day: Option<Spanned<f64>>,
    early_usd_per_day: Option<Spanned<f64>>,
    usage_usd_per_day: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScenario {
    name: Spanned<String>,
    #[serde(default)]
    about: String,
    weight: Spanned<f64>,
    #[serde(default)]
    release_days: i64,
    release_factor: Option<Spanned<f64>>,
    #[serde(default)]
    ready_days: i64,
    #[serde(default)]
    retirement_days: i64,
    available: Option<Spanned<f64>>,
    price_factor: Option<Spanned<f64>>,
}

/// Turns what stands in a text into what is meant.
struct Reader<'t> {
    text: &'t str,
    today: Date,
}

type Found<T> = Result<T, FileFault>;

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        line_of(self.text, span)
    }

    fn fault(&self, span: &Range<usize>, what: impl Into<String>, mend: &str) -> FileFault {
        FileFault {
            line: self.line(span),
            what: what.into(),
            mend: mend.to_owned(),
        }
    }

    fn day(&self, written: &Spanned<Datetime>) -> Found<Date> {
        let text = written.get_ref().to_string();
        text.parse().map_err(|_| {
            let mend = "write a day such as 2027-03-01, without quotes and without a time";
            self.fault(
                &written.span(),
                format!("`{text}` is no calendar day"),
                mend,
            )
        })
    }

    fn maybe_day(&self, written: Option<&Spanned<Datetime>>) -> Found<Option<Date>> {
        written.map(|day| self.day(day)).transpose()
    }

    /// Checks that a number is within bounds, both included.
    fn within(&self, number: &Spanned<f64>, [from, to]: [f64; 2], name: &str) -> Found<f64> {
        let value = *number.get_ref();
        if (from..=to).contains(&value) && value.is_finite() {
            return Ok(value);
        }
        let what = format!("{name} is {value}");
        let mend = match to.is_finite() {
            true => format!("it lies from {from} to {to}"),
            false => format!("it is a number from {from} on"),
        };
        Err(self.fault(&number.span(), what, &mend))
    }

    fn said(&self, raw: Raw, points: Option<f64>) -> Found<Said> {
        let releases: Vec<Release> = raw
            .releases
            .iter()
            .map(|release| self.release(release))
            .collect::<Found<_>>()?;
        let exclusive = raw
            .exclusive
            .iter()
            .map(|group| self.group(group, &releases));
        let exclusive = exclusive.collect::<Found<Vec<_>>>()?;
        self.check_apart(&raw.exclusive)?;
        let costs = raw.costs.as_ref();
        let cost = |of: fn(&RawCosts) -> &Option<Spanned<f64>>, name: &str| -> Found<f64> {
            let number = costs.and_then(|costs| of(costs).as_ref());
            let number = number.map(|one| self.within(one, [0.0, f64::INFINITY], name));
            Ok(number.transpose()?.unwrap_or(0.0))
        };
        let line = |name: &Spanned<String>| (name.get_ref().clone(), self.line(&name.span()));
        Ok(Said {
            today: self.today,
            horizon: self.maybe_day(raw.horizon.as_ref())?,
            models: raw.models.iter().map(line).collect(),
            platform: raw.platform,
            exclusive,
            retirements: raw
                .retirements
                .iter()
                .map(|one| self.retirement(one))
                .collect::<Found<_>>()?,
            plan: match &raw.readiness {
                None => None,
                Some(plan) => Some(self.within_sight(plan.span(), self.plan(plan, points)?)?),
            },
            costs: Costs {
                late_usd_per_day: cost(|costs| &costs.late_usd_per_day, "the cost of a late day")?,
                early_usd_per_day: cost(
                    |costs| &costs.early_usd_per_day,
                    "the cost of an early day",
                )?,
            },
            usage_usd_per_day: cost(|costs| &costs.usage_usd_per_day, "the cost of use a day")?,
            scenarios: match (&raw.readiness, raw.scenarios.first()) {
                (None, Some(first)) => {
                    let what = "there are scenarios and nothing to be ready with";
                    let mend = "add `[readiness]`, which they are about, or leave them out";
                    return Err(self.fault(&first.name.span(), what, mend));
                }
                _ => self.scenarios(&raw.scenarios)?,
            },
            releases,
        })
    }

    fn release(&self, raw: &RawRelease) -> Found<Release> {
        let mut points = Vec::new();
        for row in raw.by.get_ref() {
            let by = row.get_ref();
            let day = self.day(&by.day)?;
            if day <= self.today {
                let what = format!("{day} is not after {}, from which all is seen", self.today);
                let mend = "leave out what has passed, or set `today` to when it was said";
                return Err(self.fault(&row.span(), what, mend));
            }
            points.push(By {
                day,
                probability: by.p,
                weight: by.weight.unwrap_or(1.0),
                line: self.line(&row.span()),
            });
        }
        let family = Family::new(raw.model.get_ref(), points).map_err(|fault| {
            let said = fault.to_string();
            // The fault of a row names its line already; here it is the one of the list.
            let what = said
                .split_once(": ")
                .filter(|(front, _)| front.starts_with("line "));
            let line = fault.line().unwrap_or_else(|| self.line(&raw.by.span()));
            FileFault {
                line,
                what: what.map_or(said.as_str(), |(_, rest)| rest).to_owned(),
                mend: "correct the row: `{ day = 2027-04-30, p = 0.26 }`, a weight above 0 where \
                       there is one, each day once"
                    .to_owned(),
            }
        })?;
        let read = Read {
            source: raw.source.clone(),
            read_on: self.day(&raw.read_on)?,
        };
        Ok(Release { family, read })
    }

    fn retirement(&self, raw: &RawRetirement) -> Found<Retirement> {
        Ok(Retirement {
            model: raw.model.clone(),
            day: self.day(&raw.day)?,
            read: Read {
                source: raw.source.clone(),
                read_on: self.day(&raw.read_on)?,
            },
        })
    }

    fn group(&self, names: &[Spanned<String>], releases: &[Release]) -> Found<Vec<usize>> {
        let place = |name: &Spanned<String>| {
            let mut all = releases.iter();
            let found = all.position(|one| one.family.event() == name.get_ref());
            found.ok_or_else(|| {
                let known: Vec<&str> = releases.iter().map(|one| one.family.event()).collect();
                let what = format!("no release is called `{}`", name.get_ref());
                let mend = format!("name one of the releases: {}", known.join(", "));
                self.fault(&name.span(), what, &mend)
            })
        };
        names.iter().map(place).collect()
    }

    /// Checks that a release stands in one group at most, and there once: the nearest of several
    /// sums at once is not the nearest of each.
    fn check_apart(&self, groups: &[Vec<Spanned<String>>]) -> Found<()> {
        let mut seen: Vec<&str> = Vec::new();
        for name in groups.iter().flatten() {
            if seen.contains(&name.get_ref().as_str()) {
                let what = format!("`{}` stands twice in `exclusive`", name.get_ref());
                let mend = "put all that exclude each other into one group";
                return Err(self.fault(&name.span(), what, mend));
            }
            seen.push(name.get_ref());
        }
        Ok(())
    }

    fn plan(&self, raw: &Spanned<RawReadiness>, points: Option<f64>) -> Found<Plan> {
        let at = raw.span();
        let raw = raw.get_ref();
        let start = self.maybe_day(raw.start.as_ref())?.unwrap_or(self.today);
        let has_steps = !raw.steps.is_empty() || raw.effort.is_some();
        let mend = "give one of `dates`, `p50` with `p90`, or `steps` and `effort`";
        match (&raw.dates, &raw.p50, &raw.p90) {
            (Some(dates), None, None) if !has_steps => {
                let days = [
                    self.day(&dates[0])?,
                    self.day(&dates[1])?,
                    self.day(&dates[2])?,
                ];
                if days[0] > days[1] || days[1] > days[2] {
                    let what = "the best, the likeliest and the worst day are out of order";
                    let mend = "write the best day first and the worst last";
                    return Err(self.fault(&dates[0].span(), what, mend));
                }
                Ok(Plan::Dates(days))
            }
            (None, Some(p50), Some(p90)) if !has_steps => {
                let from = start;
                let (half, most) = (self.day(p50)?, self.day(p90)?);
                if half <= from || most <= half {
                    let what = format!("{from}, {half} and {most} are out of order");
                    let mend = "`p90` comes after `p50`, and `p50` after `start`";
                    return Err(self.fault(&p50.span(), what, mend));
                }
                Ok(Plan::Quantiles { from, half, most })
            }
            (None, None, None) if has_steps => {
                let steps = self.steps(raw, points)?;
                Ok(Plan::Steps { start, steps })
            }
            _ => Err(self.fault(&at, "the plan is none of the three forms", mend)),
        }
    }

    fn within_sight(&self, at: Range<usize>, plan: Plan) -> Found<Plan> {
        if plan.days() < MOST_DAYS as f64 {
            return Ok(plan);
        }
        let what = format!("the plan spans {:.0} days", plan.days());
        Err(self.fault(
            &at,
            what,
            "a plan spans less than fifty years; mind the units",
        ))
    }

    fn steps(&self, raw: &RawReadiness, scanned: Option<f64>) -> Found<Vec<Step>> {
        let mut steps = Vec::new();
        if let Some(written) = &raw.effort {
            let effort = written.get_ref();
            let hours = self.in_order(&effort.hours_per_point)?;
            let is_positive = effort.hours_per_week > 0.0 && effort.hours_per_week.is_finite();
            let Some(points) = scanned.or(effort.points) else {
                let mend = "add `points`, or name a scan's JSON with `--scan`";
                return Err(self.fault(&written.span(), "the effort has no points", mend));
            };
            if !(is_positive && points >= 0.0 && points.is_finite()) {
                let what = "the points or the hours a week are no positive numbers";
                let mend = "give the hours that all who work on it work in a week";
                return Err(self.fault(&written.span(), what, mend));
            }
            steps.push(Step {
                name: format!("{points} points of effort"),
                days: days_of_effort(points, hours, effort.hours_per_week),
            });
        }
        for step in &raw.steps {
            steps.push(Step {
                name: step.name.clone(),
                days: self.in_order(&step.days)?,
            });
        }
        Ok(steps)
    }

    fn in_order(&self, three: &Spanned<[f64; 3]>) -> Found<[f64; 3]> {
        let [best, likely, worst] = *three.get_ref();
        let is_so = 0.0 <= best && best <= likely && likely <= worst && worst.is_finite();
        if is_so {
            return Ok([best, likely, worst]);
        }
        let what = format!("{best}, {likely} and {worst} are out of order");
        let mend = "write the best, the likeliest and the worst number, none below 0";
        Err(self.fault(&three.span(), what, mend))
    }

    fn scenarios(&self, raw: &[RawScenario]) -> Found<Vec<Scenario>> {
        let mut scenarios: Vec<Scenario> = Vec::new();
        let mut sum = 0.0;
        for one in raw {
            let name = one.name.get_ref().clone();
            if scenarios.iter().any(|other| other.name == name) {
                let what = format!("two scenarios are called `{name}`");
                return Err(self.fault(&one.name.span(), what, "name each once"));
            }
            let moves = [one.release_days, one.ready_days, one.retirement_days];
            let is_far = |days: &i64| {
                let count = usize::try_from(days.unsigned_abs());
                !count.is_ok_and(|count| count < MOST_DAYS)
            };
            if moves.iter().any(is_far) {
                let what = format!("`{name}` moves days by more than fifty years");
                return Err(self.fault(&one.name.span(), what, "give a number of days"));
            }
            let or_one = |number: Option<&Spanned<f64>>, most: f64, what: &str| -> Found<f64> {
                let number = number.map(|number| self.within(number, [0.0, most], what));
                Ok(number.transpose()?.unwrap_or(1.0))
            };
            let weight = self.within(&one.weight, [0.0, 1.0], "a weight")?;
            sum += weight;
            scenarios.push(Scenario {
                name,
                about: one.about.clone(),
                weight,
                release_days: one.release_days,
                release_factor: or_one(
                    one.release_factor.as_ref(),
                    f64::INFINITY,
                    "`release_factor`",
                )?,
                ready_days: one.ready_days,
                retirement_days: one.retirement_days,
                available: or_one(one.available.as_ref(), 1.0, "`available`")?,
                price_factor: or_one(one.price_factor.as_ref(), f64::INFINITY, "`price_factor`")?,
            });
        }
        match raw.first() {
            Some(first) if (sum - 1.0).abs() > 1e-9 => {
                let what = format!("the weights of the scenarios sum to {sum:.6}, not to 1");
                let mend = "change the weights, or add the scenario that is left out";
                Err(self.fault(&first.weight.span(), what, mend))
            }
            _ => Ok(scenarios),
        }
    }
}

#[cfg(test)]
mod tests;
