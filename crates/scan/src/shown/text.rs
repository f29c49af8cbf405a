//! Traffic and pipelines as text for people. It must not leave out what could not be told.

use std::fmt::Write as _;

use crate::escape::terminal;
use crate::pipeline::{Origin, Pipeline};
use crate::shown::words::{counted, lead, left_out, often, unplaced};
use crate::traffic::{CallerTraffic, Habit, Traffic};

/// Writes traffic and pipelines as text.
#[must_use]
pub fn traffic_text(traffic: Option<&Traffic>, pipelines: &[Pipeline]) -> String {
    let mut text = String::new();
    if let Some(traffic) = traffic {
        for line in traffic_lines(traffic) {
            text.push_str(&terminal(&line));
            text.push('\n');
        }
    }
    // Steps of code whose order is not told are a list of what is told above already.
    let is_told = |one: &&Pipeline| one.origin == Origin::Traffic || !one.edges.is_empty();
    for pipeline in pipelines.iter().filter(is_told) {
        for line in pipeline_lines(pipeline) {
            text.push_str(&terminal(&line));
            text.push('\n');
        }
    }
    text
}

fn traffic_lines(traffic: &Traffic) -> Vec<String> {
    let mut lines = vec![lead(traffic)];
    for caller in &traffic.callers {
        caller_lines(&mut lines, caller);
    }
    lines.extend(left_out(traffic));
    lines.push(String::new());
    lines
}

fn caller_lines(lines: &mut Vec<String>, caller: &CallerTraffic) {
    let mut head = format!(
        "  {}: {}, {}",
        caller.caller,
        caller.verdict.as_str(),
        counted(caller.requests, "request")
    );
    if caller.breaking > 0 {
        let _ = write!(head, ", {} end in an error", caller.breaking);
    }
    if caller.may_break > 0 {
        let _ = write!(head, ", {} may", caller.may_break);
    }
    if caller.adapted > 0 {
        let _ = write!(
            head,
            "; {} of them by a tier that adapts them",
            caller.adapted
        );
    }
    lines.push(head);
    for habit in &caller.breaks {
        let Habit { what, .. } = habit;
        let is_sure = habit.sure > 0;
        let maybe = if is_sure { "" } else { " (perhaps)" };
        lines.push(format!(
            "    {}{maybe}  {}: {}",
            what.effect, what.rule, what.says
        ));
        lines.push(format!("      {}; {}", often(habit), what.because));
        if !what.remedy.is_empty() {
            lines.push(format!("      {}", what.remedy));
        }
        for source in &what.sources {
            let (url, day) = (&source.url, source.read_on);
            lines.push(format!("      {}, {url} (read on {day})", what.confidence));
        }
        if let Some(disputed) = &what.disputed {
            lines.push(format!("      disputed: {disputed}"));
        }
    }
    for (list, word) in [
        (&caller.expected, "any request"),
        (&caller.standing, "today already"),
        (&caller.unknown, "unknown"),
    ] {
        for Habit { what, requests, .. } in list {
            let times = counted(*requests, "request");
            lines.push(format!(
                "    {word}  {} {}, {times}: {} ({})",
                what.effect, what.rule, what.says, what.because
            ));
        }
    }
    lines.extend(unplaced(caller).map(|line| format!("    unknown  {line}")));
}

fn pipeline_lines(pipeline: &Pipeline) -> Vec<String> {
    let whose = match pipeline.origin {
        Origin::Traffic => "asked by",
        Origin::Code => "written in",
    };
    let mut lines = vec![format!("Steps {whose} {}", pipeline.name)];
    for step in &pipeline.steps {
        lines.push(format!(
            "  {}  {}; {}",
            step.name,
            step.uses(),
            step.came_to()
        ));
    }
    for edge in &pipeline.edges {
        let name = |place: usize| pipeline.steps.get(place).map_or("", |step| &step.name);
        let times = match pipeline.origin {
            Origin::Traffic => format!(", {} times", edge.times),
            Origin::Code => String::new(),
        };
        let (from, to) = (name(edge.from), name(edge.to));
        lines.push(format!("  {from} -> {to}{times} ({})", edge.because));
    }
    for odd in &pipeline.findings {
        lines.push(format!("  finding: {}", odd.says));
    }
    if pipeline.unnamed > 0 {
        let unnamed = counted(pipeline.unnamed, "request");
        lines.push(format!("  {unnamed} named no step"));
    }
    lines.push(String::new());
    lines
}
