//! The steps of agents in code: functions, methods and agents that make live calls, and what one
//! file says of their order. It must not guess an order that the file does not show.

mod order;
mod tokens;

use std::collections::BTreeMap;

use crate::pipeline::make::pipeline;
use crate::pipeline::step::{Edge, Origin, Part, Pipeline, Step};
use crate::place::{Around, Place};
use crate::role::Role;
use crate::site::Site;

/// Names the step that a place belongs to: the function around it with its type, else the variable
/// that what is made there is given to.
#[must_use]
pub fn step_of(place: &Place) -> Option<String> {
    let mut function = None;
    for around in &place.around {
        match around {
            Around::Function { name } if function.is_none() => function = Some(name.as_str()),
            Around::Type { name } => {
                // A constructor is the whole type's.
                let inner = function.filter(|name| !is_constructor(name));
                return Some(match inner {
                    Some(function) => format!("{name}.{function}"),
                    None => name.clone(),
                });
            }
            _ => {}
        }
    }
    if let Some(function) = function {
        return Some(function.to_owned());
    }
    let is_made = |one: &Around| matches!(one, Around::Argument { .. });
    let made = place.around.iter().position(is_made)?;
    let outside = place.around.get(made..).unwrap_or_default();
    outside.iter().find_map(|around| match around {
        Around::Assignment { to } => Some(to.clone()),
        _ => None,
    })
}

fn is_constructor(name: &str) -> bool {
    matches!(name, "__init__" | "constructor" | "new" | "init")
}

/// Tells the steps of one file; none where it has fewer than two. Each site comes with the name of
/// its step.
#[must_use]
pub fn steps_in(path: &str, source: &str, sites: &[(&Site, &str)]) -> Option<Pipeline> {
    let mut steps: Vec<Step> = Vec::new();
    let live = sites.iter().filter(|(site, _)| is_call(site.role));
    for (site, name) in live {
        let place = steps.iter().position(|step| step.name == *name);
        let place = place.unwrap_or_else(|| {
            steps.push(Step {
                name: (*name).to_owned(),
                ..Step::default()
            });
            steps.len() - 1
        });
        let Some(step) = steps.get_mut(place) else {
            continue;
        };
        step.lines.push(site.span.line);
        count(&mut step.models, &site.model.id);
        count(&mut step.asks, &site.model.written);
    }
    if steps.is_empty() {
        return None;
    }
    let mut names: Vec<String> = steps.iter().map(|step| step.name.clone()).collect();
    let mut edges: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
    for next in order::order(source, &names) {
        let mut place = |name: &str| {
            names
                .iter()
                .position(|known| known == name)
                .unwrap_or_else(|| {
                    names.push(name.to_owned());
                    steps.push(Step {
                        name: name.to_owned(),
                        ..Step::default()
                    });
                    names.len() - 1
                })
        };
        let (from, to) = (place(&next.from), place(&next.to));
        let edge = edges.entry((from, to)).or_insert(Edge {
            from,
            to,
            times: 0,
            because: next.because,
        });
        edge.times += 1;
    }
    let edges = edges.into_values().collect();
    (steps.len() > 1).then(|| pipeline(path, Origin::Code, steps, edges))
}

/// Tells whether a site is one where a step says what it asks.
fn is_call(role: Role) -> bool {
    matches!(
        role,
        Role::LiveCall | Role::Default | Role::EnvironmentDefault | Role::Notebook
    )
}

fn count(parts: &mut Vec<Part>, name: &str) {
    match parts.iter_mut().find(|part| part.name == name) {
        Some(part) => part.count += 1,
        None => parts.push(Part {
            name: name.to_owned(),
            count: 1,
        }),
    }
}

#[cfg(test)]
mod tests;
