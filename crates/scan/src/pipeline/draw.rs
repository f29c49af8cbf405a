//! The graph of a pipeline as an SVG element and in Mermaid's words. Names come from callers and
//! from code: it must not let one out unescaped.

use std::fmt::Write as _;

use crate::escape::markup;
use crate::pipeline::layers::columns;
use crate::pipeline::step::{Origin, Pipeline, Step};

const WIDTH: usize = 250;
const HEIGHT: usize = 66;
const GAP_ACROSS: usize = 70;
const GAP_DOWN: usize = 26;
const MARGIN: usize = 20;
/// Room below the steps for the ways back.
const BELOW: usize = 46;
/// How many characters of a line fit into a box.
const FITS: usize = 38;

/// Writes the graph as Mermaid's flowchart.
pub(super) fn mermaid(pipeline: &Pipeline) -> String {
    // Writing to a String cannot fail, here and below.
    let mut text = String::from("flowchart LR\n");
    for (place, step) in pipeline.steps.iter().enumerate() {
        let lines = lines(step).map(|line| quoted(&line));
        let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        let _ = writeln!(text, "  s{place}[\"{}\"]", lines.join("<br/>"));
    }
    for edge in &pipeline.edges {
        let label = label(pipeline, edge.times);
        let label = label.map_or_else(String::new, |label| format!("|{label}|"));
        let _ = writeln!(text, "  s{} -->{label} s{}", edge.from, edge.to);
    }
    text
}

/// Tells how often an edge was gone; in code that says nothing.
fn label(pipeline: &Pipeline, times: u64) -> Option<String> {
    (pipeline.origin == Origin::Traffic).then(|| times.to_string())
}

fn lines(step: &Step) -> [String; 3] {
    let uses = step.uses();
    let uses = if uses.is_empty() {
        "names no model".to_owned()
    } else {
        uses
    };
    [step.name.clone(), uses, step.came_to()]
}

/// Escapes what would end a quoted label or begin a tag in it.
fn quoted(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => safe.push_str("#quot;"),
            '<' => safe.push_str("#lt;"),
            '>' => safe.push_str("#gt;"),
            '#' => safe.push_str("#35;"),
            '&' => safe.push_str("#amp;"),
            '`' => safe.push('\''),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

fn cut(text: &str) -> String {
    if text.chars().count() <= FITS {
        return text.to_owned();
    }
    let front: String = text.chars().take(FITS - 1).collect();
    front + "…"
}

/// Says where a step's box begins.
#[derive(Clone, Copy, Default)]
struct Spot {
    x: usize,
    y: usize,
}

impl Pipeline {
    /// Draws the graph as one SVG element that needs nothing else.
    #[must_use]
    pub fn svg(&self) -> String {
        svg(self)
    }

    /// Tells whether a step stands out.
    fn is_odd(&self, step: &Step) -> bool {
        self.findings.iter().any(|odd| odd.step == step.name)
    }
}

fn svg(pipeline: &Pipeline) -> String {
    let edges: Vec<_> = pipeline
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to))
        .collect();
    let (columns, is_back) = columns(pipeline.steps.len(), &edges);
    let mut filled: Vec<usize> = Vec::new();
    let mut spots = Vec::with_capacity(columns.len());
    for column in &columns {
        if filled.len() <= *column {
            filled.resize(column + 1, 0);
        }
        let row = filled.get_mut(*column).map(|row| {
            *row += 1;
            *row - 1
        });
        spots.push(Spot {
            x: MARGIN + column * (WIDTH + GAP_ACROSS),
            y: MARGIN + row.unwrap_or_default() * (HEIGHT + GAP_DOWN),
        });
    }
    let rows = filled.iter().copied().max().unwrap_or_default();
    let wide = 2 * MARGIN + filled.len() * (WIDTH + GAP_ACROSS) - GAP_ACROSS.min(filled.len());
    let high = 2 * MARGIN + rows * (HEIGHT + GAP_DOWN) + BELOW;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" \
         width=\"{wide}\" height=\"{high}\" role=\"img\" aria-label=\"steps of {name}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"currentColor\">\
         <defs><marker id=\"{mark}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>",
        name = markup(&pipeline.name),
        mark = mark(pipeline),
    );
    for ((edge, is_back), (from, to)) in pipeline.edges.iter().zip(is_back).zip(&edges) {
        if let (Some(from), Some(to)) = (spots.get(*from), spots.get(*to)) {
            let label = label(pipeline, edge.times).unwrap_or_default();
            let line = if is_back {
                back(*from, *to)
            } else {
                forth(*from, *to)
            };
            arrow(&mut text, &mark(pipeline), &line, &label);
        }
    }
    for (step, spot) in pipeline.steps.iter().zip(&spots) {
        boxed(&mut text, step, *spot, pipeline.is_odd(step));
    }
    text + "</svg>"
}

/// Names the arrow's head: two drawings of one page must not share it.
fn mark(pipeline: &Pipeline) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = pipeline.name.chars().map(plain).collect();
    format!("to-{:?}-{name}", pipeline.origin)
}

/// Is a way of an arrow: its path, and where its label stands.
struct Line {
    path: String,
    dash: &'static str,
    x: usize,
    y: usize,
}

fn forth(from: Spot, to: Spot) -> Line {
    let (x, y) = (from.x + WIDTH, from.y + HEIGHT / 2);
    let (to_x, to_y) = (to.x, to.y + HEIGHT / 2);
    let middle = usize::midpoint(x, to_x);
    Line {
        path: format!("M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}"),
        dash: "",
        x: middle,
        y: usize::midpoint(y, to_y).saturating_sub(4),
    }
}

fn back(from: Spot, to: Spot) -> Line {
    let (x, y) = (from.x + WIDTH * 3 / 5, from.y + HEIGHT);
    let (to_x, to_y) = (to.x + WIDTH * 2 / 5, to.y + HEIGHT);
    let low = y.max(to_y) + BELOW;
    Line {
        path: format!("M{x} {y}C{x} {low} {to_x} {low} {to_x} {to_y}"),
        dash: " stroke-dasharray=\"5 4\"",
        x: usize::midpoint(x, to_x),
        y: low - BELOW / 4,
    }
}

fn arrow(text: &mut String, mark: &str, line: &Line, label: &str) {
    let Line { path, dash, x, y } = line;
    let _ = write!(
        text,
        "<path d=\"{path}\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\".6\"{dash} \
         marker-end=\"url(#{mark})\"/>\
         <text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-size=\"11\">{label}</text>"
    );
}

fn boxed(text: &mut String, step: &Step, spot: Spot, is_odd: bool) {
    let Spot { x, y } = spot;
    let (stroke, thick) = if is_odd {
        ("var(--unclear, #8a5a00)", 2.5)
    } else {
        ("currentColor", 1.0)
    };
    let [name, uses, came_to] = lines(step);
    let whole = markup(&[name.as_str(), &uses, &came_to].join("\n"));
    let _ = write!(
        text,
        "<g><title>{whole}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" rx=\"6\" fill=\"none\" stroke=\"{stroke}\" \
         stroke-width=\"{thick}\"/>"
    );
    let rows = [
        (name, 20, "600", 13),
        (uses, 39, "400", 12),
        (came_to, 56, "400", 11),
    ];
    for (row, down, weight, size) in rows {
        let _ = write!(
            text,
            "<text x=\"{}\" y=\"{}\" font-weight=\"{weight}\" font-size=\"{size}\">{}</text>",
            x + 12,
            y + down,
            markup(&cut(&row)),
        );
    }
    text.push_str("</g>");
}
