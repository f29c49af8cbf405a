//! The answer as a page of its own: the frontier drawn, each number with its formula and source a
//! click away. It must not fetch anything, nor write a name unescaped.

use std::fmt::Write as _;

use crate::cascade::measure::Bounded;
use crate::cascade::part::Way;
use crate::cascade::study::{Point, Study};
use crate::cost::assumptions::InForce;

/// Holds what a page says beside the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Titles<'t> {
    /// The cheap tier.
    pub cheap: &'t str,
    /// The strong tier.
    pub strong: &'t str,
    /// What the rule goes by.
    pub rule: Option<&'t str>,
    /// What prices are, and where from.
    pub prices: &'t [String],
    /// The assumptions in force.
    pub assumptions: &'t [InForce],
}

const WIDE: f64 = 760.0;
const HIGH: f64 = 420.0;
const MARGIN: f64 = 60.0;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem \
auto;padding:0 \
1rem;color:#1a1a1a;background:#fff}table{border-collapse:collapse;\
font-variant-numeric:tabular-nums}\
td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid \
#ddd}td:first-child,th:first-child\
{text-align:left}details{margin:1rem 0}svg text{font-size:12px;fill:#333}";

const FORMULAE: &str = "<ul><li>Each item has a chance r that the strong tier answers it. Its \
quality is \
(1 − r)·[cheap right] + r·[strong right]; a way's quality is the mean over the \
items.</li><li>By lot r is \
the share. By the verifier r is sensitivity where the cheap answer is wrong and 1 − specificity \
where it \
is right, times the share of the rejected that goes on. By the rule r is 1 for the groups that \
gain the \
most; an item is decided by a rule learned from four fifths of the others. The oracle knows who \
will be \
right.</li><li>An interval is the normal one at 90 %: 1.645 times the root of the variance of \
what was \
measured over the number of items, and for a number of further items their own over that; the \
variance \
of a share is widened as by Agresti and Coull (1998).</li><li>The shuffled controls give each item \
another one's verdict, or another one's feature: what they seem to gain is chance.</li><li>Bias \
and \
coverage: half of the items, by lot, predict the other half.</li></ul>";

/// Writes the page.
#[must_use]
pub fn page(study: &Study, titles: &Titles<'_>) -> String {
    let mut page = String::new();
    let (cheap, strong) = (escaped(titles.cheap), escaped(titles.strong));
    // Writing to a String cannot fail.
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{cheap} first, \
        {strong} after \
         it</title><style>{STYLE}</style><h1>{cheap} first, {strong} after it</h1><p>{} items; \
         the rule \
         goes by {}.</p>",
        study.items,
        titles.rule.map_or_else(|| "nothing".to_owned(), escaped),
    );
    page.push_str(&drawing(&study.points));
    page.push_str("<h2>Ways</h2>");
    page.push_str(&ways(&study.points));
    page.push_str(&held(study));
    page.push_str("<details><summary>Formulae</summary>");
    page.push_str(FORMULAE);
    page.push_str("</details>");
    page.push_str(&assumed(titles));
    page.push_str("</html>\n");
    page
}

/// Draws quality against cost, or against the strong tier's share where costs are not known.
fn drawing(points: &[Point]) -> String {
    let is_priced = points.iter().all(|point| point.measured.usd.is_some());
    let across = |point: &Point| match point.measured.usd {
        Some(usd) if is_priced => usd.value * 1e3,
        _ => point.measured.strong_share * 1e2,
    };
    let (left, right) = bounds(points.iter().map(across));
    let ups = points.iter().flat_map(|point| {
        let quality = point.measured.quality;
        [quality.low, quality.high]
    });
    let (low, high) = bounds(ups);
    let x = |value: f64| MARGIN + (value - left) / (right - left) * (WIDE - 2.0 * MARGIN);
    let y = |value: f64| HIGH - MARGIN - (value - low) / (high - low) * (HIGH - 2.0 * MARGIN);
    let unit = if is_priced {
        "USD for 1000 items"
    } else {
        "% answered by the strong tier"
    };
    let (bottom, end) = (HIGH - MARGIN, WIDE - MARGIN);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDE} {HIGH}\" role=\"img\" aria-label=\"quality against \
        {unit}\"><path \
         d=\"M{MARGIN} {MARGIN}V{bottom}H{end}\" fill=\"none\" stroke=\"#333\"/>"
    );
    for point in points {
        let (colour, _) = look(point.way);
        let Bounded { value, low, high } = point.measured.quality;
        let (x, y, top, bottom) = (x(across(point)), y(value), y(high), y(low));
        let _ = write!(
            svg,
            "<g stroke=\"{colour}\" fill=\"{colour}\"><path d=\"M{x:.1} \
            {top:.1}V{bottom:.1}\"/><circle \
             cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{}: {:.1} %</title></circle></g>",
            escaped(&point.way.to_string()),
            value * 1e2
        );
    }
    let below = bottom + 18.0;
    let _ = write!(
        svg,
        "<text x=\"{MARGIN}\" y=\"{below}\">{left:.2}</text><text x=\"{end}\" y=\"{below}\" \
         text-anchor=\"end\">{right:.2} {unit}</text><text x=\"4\" y=\"{bottom}\">{:.1} \
         %</text><text \
         x=\"4\" y=\"{MARGIN}\">{:.1} %</text>",
        low * 1e2,
        high * 1e2
    );
    let kinds = [
        Way::Lot(0.5),
        Way::Verified(0.5),
        Way::Ruled(0.5),
        Way::Oracle(0.5),
        Way::VerifiedShuffled(0.5),
    ];
    let mut at = MARGIN;
    for kind in kinds {
        let (colour, name) = look(kind);
        let text = at + 10.0;
        let _ = write!(
            svg,
            "<circle cx=\"{at}\" cy=\"20\" r=\"5\" fill=\"{colour}\"/><text x=\"{text}\" \
             y=\"24\">{name}</text>"
        );
        at += 125.0;
    }
    svg.push_str("</svg>");
    svg
}

fn look(way: Way) -> (&'static str, &'static str) {
    match way {
        Way::Lot(_) => ("#777777", "by lot"),
        Way::Verified(_) => ("#0b6e4f", "verifier"),
        Way::Ruled(_) => ("#1f5fbf", "rule"),
        Way::Oracle(_) => ("#b8860b", "oracle"),
        Way::VerifiedShuffled(_) | Way::RuledShuffled(_) => ("#c0392b", "shuffled control"),
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = values.fold(start, |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low < high {
        (low, high)
    } else {
        (low - 1.0, low + 1.0)
    }
}

fn ways(points: &[Point]) -> String {
    let mut table =
        "<table><tr><th>way<th>strong<th>quality<th>90 %<th>over a lot, points<th>USD for \
                     1000"
            .to_owned();
    for point in points {
        let measured = &point.measured;
        let Bounded { value, low, high } = measured.quality;
        let usd = measured.usd.map_or_else(
            || "not known".to_owned(),
            |usd| {
                format!(
                    "{:.2} ({:.2} to {:.2})",
                    usd.value * 1e3,
                    usd.low * 1e3,
                    usd.high * 1e3
                )
            },
        );
        let _ = write!(
            table,
            "<tr><td>{}<td>{:.1} %<td>{:.1} %<td>{:.1} to {:.1} %<td>{:+.1} ({:+.1} to \
             {:+.1})<td>{usd}",
            escaped(&point.way.to_string()),
            measured.strong_share * 1e2,
            value * 1e2,
            low * 1e2,
            high * 1e2,
            measured.over_lot.value * 1e2,
            measured.over_lot.low * 1e2,
            measured.over_lot.high * 1e2,
        );
    }
    table.push_str("</table>");
    table
}

fn held(study: &Study) -> String {
    let Some(first) = study.held_out.first() else {
        return String::new();
    };
    let mut table = format!(
        "<h2>How well one half predicts the other</h2><p>{} splits by \
        lot.</p><table><tr><th>way<th>bias, \
         points<th>error, points<th>covered<th>over a lot, points",
        first.splits
    );
    for one in &study.held_out {
        let _ = write!(
            table,
            "<tr><td>{}<td>{:+.2}<td>{:.2}<td>{:.1} %<td>{:+.2}",
            escaped(&one.way.to_string()),
            one.bias_points,
            one.error_points,
            one.covered * 1e2,
            one.over_lot_points
        );
    }
    table.push_str("</table>");
    table
}

fn assumed(titles: &Titles<'_>) -> String {
    let mut list = "<h2>Assumed</h2><ul>".to_owned();
    for one in titles.assumptions {
        let _ = write!(
            list,
            "<li>{} = {} {}: {}. <em>{}</em>",
            escaped(&one.key),
            one.value,
            escaped(&one.unit),
            escaped(&one.about),
            escaped(&one.source)
        );
    }
    for price in titles.prices {
        let _ = write!(list, "<li>price of the {}", escaped(price));
    }
    list.push_str("</ul>");
    list
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
