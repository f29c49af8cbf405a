//! Pages as text: whole, escaped, explained. It must not open a browser.

use super::drawing::{bar, plot};
use super::{Report, page};
use crate::accelerators::Accelerators;
use crate::assumptions::Assumptions;
use crate::layouts::{Aim, Found, Load, Pools, Question, SERVING_KEYS, Traffic, search};
use crate::models::Models;
use crate::precision::Precision;
use crate::serving::Estimator;
use crate::units::Seconds;

fn found(aim: Aim) -> Found {
    let models = Models::shipped().expect("models");
    let parts = Accelerators::shipped().expect("accelerators");
    let assumptions = Assumptions::shipped().expect("assumptions");
    let question = Question {
        model: models.find("Llama-3.1-70B").expect("a model"),
        accelerators: &[parts.find("H200").expect("a part")],
        engines: &["vllm"],
        precisions: &[Precision::Fp8],
        pools: Pools::Either,
        traffic: Traffic {
            input: 1024.0,
            output: 1024.0,
            cached: 0.0,
            load: Load::Full,
        },
        aim,
        only: None,
        assumptions: &assumptions,
    };
    search(&question, &Estimator::shipped().expect("estimator"), 5).expect("a search")
}

fn written(found: &Found, model: &str) -> String {
    let parts = Accelerators::shipped().expect("accelerators");
    let assumptions = Assumptions::shipped().expect("assumptions");
    let rows = assumptions.in_force(&SERVING_KEYS, &[parts.find("H200").expect("a part")]);
    let report = Report {
        model,
        basis: ("fact", "a source"),
        size: "70 billion parameters",
        asked: "as many requests as whole nodes carry",
        found,
        parts: &[(
            "H200".to_owned(),
            "a datasheet".to_owned(),
            "2026-11-27".to_owned(),
        )],
        assumptions: &rows,
        notes: &["a note".to_owned()],
        rests_on: "measured points",
        version: "0.0.0",
    };
    page(&report).expect("a page")
}

#[test]
fn a_page_needs_nothing_else_and_explains_every_figure() {
    let found = found(Aim::default());
    let text = written(&found, "Llama");
    for outside in [
        "<script",
        "http:",
        "https:",
        "<link rel=\"stylesheet",
        "url(",
    ] {
        assert!(!text.contains(outside), "{outside}");
    }
    assert_eq!(
        text.matches("Formula and source").count(),
        8 + 2,
        "figures and two pictures"
    );
    assert!(text.matches("<circle").count() > 3, "a frontier");
    for row in ["gpu_hour", "usable_memory", "busy"] {
        assert!(text.contains(&format!("<td>{row}</td>")), "{row}");
    }
    assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
}

#[test]
fn a_name_that_is_markup_is_shown_as_it_is() {
    let found = found(Aim::default());
    let text = written(&found, "<b onclick='x'>&");
    assert!(!text.contains("<b onclick"));
    assert!(text.contains("&lt;b onclick"));
}

#[test]
fn a_page_without_a_layout_says_why() {
    let step = Some(Seconds::from_ms(0.01));
    let text = written(&found(Aim { first: None, step }), "Llama");
    assert!(text.contains("Nothing that was asked for serves it"));
    assert!(text.contains("one request alone takes at least"));
    assert!(!text.contains("<circle"));
}

#[test]
fn bars_are_whole_and_plots_have_their_points_inside() {
    let parts = [("a", 1.0), ("nothing", 0.0), ("b", 3.0)];
    let segments = bar(parts.map(|(name, value)| (name.to_owned(), value)).to_vec());
    assert_eq!(segments.len(), 2);
    assert!((segments[1].from + segments[1].wide - 100.0).abs() < 1e-9);
    let line: Vec<_> = (1..=20)
        .map(|at| (f64::from(at), f64::from(at * at), String::new()))
        .collect();
    let plot = plot(&line, &[]).expect("a plot");
    for dot in &plot.dots {
        assert!(plot.left <= dot.x && dot.x <= plot.width && dot.y <= plot.bottom && dot.y >= 0.0);
    }
    assert!(plot.dots[0].x < plot.dots[19].x && plot.dots[0].y > plot.dots[19].y);
    assert!(super::drawing::plot(&[], &[]).is_none());
}
