//! What is to come as tables on the terminal. It must not compute.

use domain::Date;
use plan::forecast::calendar::{Entry, Kind};
use plan::forecast::outlook::{Future, Outlook, Target};
use plan::forecast::timing::Open;

use crate::output;

/// Writes an outlook.
pub(super) fn tell(found: &Outlook) {
    let rows: Vec<Vec<String>> = found.entries.iter().map(cells).collect();
    let header = [
        "day", "left", "what", "model", "platform", "chance", "source", "read on",
    ];
    output::table(&header, &rows);
    for one in &found.without {
        let earliest = one.not_before.map(|day| format!("; not before {day}"));
        let (model, at) = (&one.model, &one.platform);
        let earliest = earliest.unwrap_or_default();
        output::note(format!(
            "{model} has no announced retirement on {at}{earliest}"
        ));
    }
    if !found.repaired.is_empty() {
        output::line("");
        output::line("repaired to the nearest that do not contradict each other:");
        let rows = found.repaired.iter().map(|one| {
            vec![
                one.change.line.to_string(),
                one.model.clone(),
                one.change.day.to_string(),
                format!("{:.4}", one.change.from),
                format!("{:.4}", one.change.to),
            ]
        });
        let header = ["line", "model", "by", "said", "repaired"];
        output::table(&header, &rows.collect::<Vec<_>>());
    }
    if let Some(ready) = &found.ready {
        output::line("");
        let rows = [
            ("10 %", ready.p10),
            ("50 %", ready.p50),
            ("90 %", ready.p90),
        ];
        let rows = rows.map(|(chance, on)| {
            vec![
                chance.to_owned(),
                day(on.likely),
                day(on.least),
                day(on.most),
            ]
        });
        output::table(&["ready with", "by", "soonest", "latest"], &rows);
    }
    tell_futures(found);
}

fn cells(one: &Entry) -> Vec<String> {
    let chance = match (one.kind, one.repaired_from) {
        (Kind::Retirement, _) => "certain".to_owned(),
        (Kind::Release, None) => percent(one.probability),
        (Kind::Release, Some(from)) => {
            format!(
                "{}, repaired from {}",
                percent(one.probability),
                percent(from)
            )
        }
    };
    let read = one.sources.first();
    let more = one.sources.len().saturating_sub(1);
    let source = read.map_or_else(none, |read| read.source.clone());
    vec![
        one.day.to_string(),
        format!("{} d", one.days_left),
        kind(one.kind).to_owned(),
        one.model.clone(),
        one.platform.clone().unwrap_or_else(none),
        chance,
        match more {
            0 => source,
            more => format!("{source} and {more} more"),
        },
        read.map_or_else(none, |read| read.read_on.to_string()),
    ]
}

fn tell_futures(found: &Outlook) {
    let Some(as_said) = &found.as_said else {
        return;
    };
    if as_said.targets.is_empty() {
        output::note("there is nothing to be ready for: name `models`, or add `[[releases]]`");
        return;
    }
    output::line("");
    let futures = std::iter::once(as_said)
        .chain(&found.scenarios)
        .chain(&found.mixed);
    let rows: Vec<Vec<String>> = futures.flat_map(rows).collect();
    let header = [
        "future",
        "weight",
        "for",
        "in time",
        "open",
        "days late",
        "open",
        "days early",
        "cost USD",
        "open",
        "a day later USD",
        "best day",
        "open",
    ];
    output::table(&header, &rows);
    if !found.scenarios.is_empty() {
        output::line("");
        let futures = found.scenarios.iter().chain(&found.mixed);
        let rows = futures.map(|one| {
            vec![
                one.scenario.name.clone(),
                percent(one.scenario.weight),
                percent(one.scenario.available),
                format!("{:.2}", one.scenario.price_factor),
                format!("{:.2}", one.usage_usd_per_day),
            ]
        });
        let header = ["future", "weight", "available", "price", "use USD a day"];
        output::table(&header, &rows.collect::<Vec<_>>());
    }
    output::note(format!(
        "days and costs are counted up to {}",
        found.horizon
    ));
}

fn rows(future: &Future) -> impl Iterator<Item = Vec<String>> + '_ {
    future.targets.iter().map(|target| row(future, target))
}

fn row(future: &Future, target: &Target) -> Vec<String> {
    let timing = &target.timing;
    let at = target.platform.as_ref().map(|at| format!(" on {at}"));
    let open = |value: Open<f64>, shown: fn(f64) -> String| {
        format!("{} to {}", shown(value.least), shown(value.most))
    };
    let tenth = |value: f64| format!("{value:.1}");
    let whole = |value: f64| format!("{value:.0}");
    let (in_time, late, cost) = (timing.in_time, timing.days_late, timing.cost_usd);
    let best = timing.best_day;
    vec![
        future.scenario.name.clone(),
        percent(future.scenario.weight),
        format!(
            "{} of {}{}",
            kind(target.kind),
            target.model,
            at.unwrap_or_default()
        ),
        percent(in_time.likely),
        open(in_time, percent),
        tenth(late.likely),
        open(late, tenth),
        tenth(timing.days_early.likely),
        whole(cost.likely),
        open(cost, whole),
        whole(timing.day_later_usd),
        day(best.likely),
        format!("{} to {}", day(best.least), day(best.most)),
    ]
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Retirement => "retirement",
        Kind::Release => "release",
    }
}

fn day(day: Option<Date>) -> String {
    day.map_or_else(none, |day| day.to_string())
}

/// Writes a chance in percent.
pub(super) fn percent(chance: f64) -> String {
    format!("{:.1} %", chance * 1e2)
}

fn none() -> String {
    "-".to_owned()
}
