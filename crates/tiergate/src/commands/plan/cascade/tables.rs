//! The tables of a cascade: the ways, how well they are predicted, what is assumed. It must not
//! compute what it shows.

use plan::cascade::{Bounded, COVERAGE, Held, Point};

use super::answer::Answer;
use super::plot;
use crate::commands::plan::cost::shown;
use crate::output;

/// Writes the whole answer.
pub fn write(answer: &Answer<'_>, next: Option<usize>) {
    let [both, cheap, strong, neither] = answer.study.right.map(|share| share * 1e2);
    output::line(format!(
        "{} items. {} first, {} after it. Right: both {both:.1} %, {} alone {cheap:.1} %, {} alone \
         {strong:.1} %, neither {neither:.1} %.",
        answer.study.items, answer.cheap, answer.strong, answer.cheap, answer.strong,
    ));
    let over = next.map_or_else(
        || "in the long run".to_owned(),
        |items| format!("of the next {items} items"),
    );
    let rule = answer.rule.unwrap_or("nothing: there is no column for one");
    output::line(format!(
        "Intervals hold {:.0} % of cases, {over}. The rule goes by {rule}; an item is decided by a \
         rule that has not seen it.\n",
        COVERAGE * 1e2,
    ));
    let header = [
        "way",
        "strong",
        "quality",
        "interval",
        "over a lot",
        "interval",
        "USD/1000",
        "interval",
    ];
    let rows: Vec<Vec<String>> = answer.study.points.iter().map(row).collect();
    output::table(&header, &rows);
    output::line("");
    output::text(&plot::draw(&answer.study.points));
    held(&answer.study.held_out);
    output::line("");
    shown::assumptions(&answer.assumptions);
    for price in &answer.prices {
        output::note(format!("price of the {price}"));
    }
    if answer
        .study
        .points
        .iter()
        .any(|point| point.measured.usd.is_none())
    {
        output::note(
            "cost is not known: it takes a price of both tiers (--cheap-price, --strong-price) and \
             the lengths of prompt and answers, or what each answer cost, for every item",
        );
    }
}

fn row(point: &Point) -> Vec<String> {
    let measured = &point.measured;
    let percent = |share: f64| format!("{:.1} %", share * 1e2);
    // Adding nothing to a rounded 0 takes the minus off it.
    let points = |share: f64| format!("{:+.1}", (share * 1e3).round() / 1e1 + 0.0);
    let thousand = |usd: f64| shown::usd(usd * 1e3);
    let interval = |of: &Bounded, show: &dyn Fn(f64) -> String| {
        format!("{} to {}", show(of.low), show(of.high))
    };
    let usd = measured.usd.as_ref();
    let none = || "-".to_owned();
    vec![
        point.way.to_string(),
        percent(measured.strong_share),
        percent(measured.quality.value),
        interval(&measured.quality, &percent),
        points(measured.over_lot.value),
        interval(&measured.over_lot, &points),
        usd.map_or_else(none, |usd| thousand(usd.value)),
        usd.map_or_else(none, |usd| interval(usd, &thousand)),
    ]
}

fn held(rows: &[Held]) {
    let Some(first) = rows.first() else {
        return;
    };
    output::line(format!(
        "\nHow well one half of the items predicts the other, over {} splits by lot:",
        first.splits
    ));
    let percent = |share: f64| format!("{:.1} %", share * 1e2);
    let maybe = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), percent);
    let row = |held: &Held| {
        vec![
            held.way.to_string(),
            format!("{:+.2}", held.bias_points),
            format!("{:.2}", held.error_points),
            percent(held.covered),
            format!("{:+.2}", held.over_lot_points),
            held.usd_bias
                .map_or_else(|| "-".to_owned(), |bias| format!("{:+.1} %", bias * 1e2)),
            maybe(held.usd_error),
            maybe(held.usd_covered),
        ]
    };
    let header = [
        "way",
        "bias",
        "error",
        "covered",
        "over a lot",
        "cost bias",
        "cost error",
        "cost covered",
    ];
    output::table(&header, &rows.iter().map(row).collect::<Vec<_>>());
    output::line("bias, error and what is over a lot are in percentage points of quality");
}
