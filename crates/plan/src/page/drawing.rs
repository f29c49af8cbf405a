//! Where the lines of a page's pictures lie. It must not know what they mean.

use serde::Serialize;

/// Width and height of a plot, and the margins left of and below it, in pixels.
pub const PLOT: (f64, f64) = (640.0, 320.0);
const LEFT: f64 = 64.0;
const BELOW: f64 = 44.0;
const AROUND: f64 = 16.0;
/// Least pixels between two marks of an axis.
const LEAST_GAP: f64 = 44.0;

/// Is a segment of a bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Where it begins, as a share of the bar in percent.
    pub from: f64,
    /// How wide it is, in percent.
    pub wide: f64,
}

/// Is a mark of an axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tick {
    /// Where, in pixels.
    pub at: f64,
    /// What stands there.
    pub text: String,
}

/// Is a point of a plot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dot {
    /// Across, in pixels.
    pub x: f64,
    /// Down, in pixels.
    pub y: f64,
    /// What it is.
    pub text: String,
}

/// Is a plot with both axes logarithmic.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plot {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// The left edge of what is plotted.
    pub left: f64,
    /// The lower edge of it.
    pub bottom: f64,
    /// Marks of the axis across.
    pub across: Vec<Tick>,
    /// Marks of the axis up.
    pub up: Vec<Tick>,
    /// A line through the first points.
    pub line: String,
    /// The points of the line.
    pub dots: Vec<Dot>,
    /// Points that are marked.
    pub marked: Vec<Dot>,
}

/// Divides a bar into segments; those that are nothing are left out.
#[must_use]
pub fn bar(parts: Vec<(String, f64)>) -> Vec<Segment> {
    let sum: f64 = parts.iter().map(|(_, value)| value).sum();
    let mut from = 0.0;
    let mut segments = Vec::new();
    for (name, value) in parts.into_iter().filter(|(_, value)| *value > 0.0) {
        let wide = value / sum * 100.0;
        segments.push(Segment {
            name,
            value,
            from,
            wide,
        });
        from += wide;
    }
    segments
}

/// Is a point to be plotted: across, up, and what it is.
pub type Given = (f64, f64, String);

/// Plots points on logarithmic axes; none where there are none above zero.
#[must_use]
pub fn plot(line: &[Given], marked: &[Given]) -> Option<Plot> {
    let all = || line.iter().chain(marked);
    let across = Axis::of(all().map(|(x, _, _)| *x), (LEFT, PLOT.0 - AROUND))?;
    let up = Axis::of(all().map(|(_, y, _)| *y), (PLOT.1 - BELOW, AROUND))?;
    let dot = |(x, y, text): &Given| Dot {
        x: across.place(*x),
        y: up.place(*y),
        text: text.clone(),
    };
    let dots: Vec<Dot> = line.iter().map(dot).collect();
    let steps: Vec<String> = dots
        .iter()
        .map(|dot| format!("{:.1},{:.1}", dot.x, dot.y))
        .collect();
    Some(Plot {
        width: PLOT.0,
        height: PLOT.1,
        left: LEFT,
        bottom: PLOT.1 - BELOW,
        across: across.ticks(),
        up: up.ticks(),
        line: steps.join(" "),
        dots,
        marked: marked.iter().map(dot).collect(),
    })
}

/// Maps values to pixels by their logarithm.
struct Axis {
    from: f64,
    to: f64,
    pixels: (f64, f64),
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>, pixels: (f64, f64)) -> Option<Self> {
        let values: Vec<f64> = values
            .filter(|value| value.is_finite() && *value > 0.0)
            .collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        (high > 0.0).then_some(Self {
            from: (low / 1.15).ln(),
            to: (high * 1.15).ln(),
            pixels,
        })
    }

    fn place(&self, value: f64) -> f64 {
        let share = (value.ln() - self.from) / (self.to - self.from);
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }

    /// Marks 1, 2 and 5 of each power of ten, as far as they are apart.
    fn ticks(&self) -> Vec<Tick> {
        let powers = (-6..12).map(|power| 10.0_f64.powi(power));
        let values = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * power));
        let inside = values.filter(|value| (self.from..=self.to).contains(&value.ln()));
        let mut ticks: Vec<Tick> = Vec::new();
        for value in inside {
            let at = self.place(value);
            if ticks
                .last()
                .is_none_or(|last| (last.at - at).abs() >= LEAST_GAP)
            {
                let text = if value >= 1.0 {
                    format!("{value:.0}")
                } else {
                    format!("{value}")
                };
                ticks.push(Tick { at, text });
            }
        }
        ticks
    }
}
