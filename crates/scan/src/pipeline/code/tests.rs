//! Places and the steps that they belong to.

use super::{step_of, steps_in};
use crate::pipeline::Origin;
use crate::place::{Around, Place, Text};
use crate::role::Role;
use crate::site::{Certainty, Named, Site, Span};

fn place(around: &[Around]) -> Place {
    Place {
        text: Text::Value,
        around: around.to_vec(),
        beside: Vec::new(),
    }
}

fn function(name: &str) -> Around {
    Around::Function {
        name: name.to_owned(),
    }
}

fn class(name: &str) -> Around {
    Around::Type {
        name: name.to_owned(),
    }
}

fn argument() -> Around {
    Around::Argument {
        callee: "Agent".to_owned(),
        name: Some("llm".to_owned()),
        position: 0,
    }
}

#[test]
fn a_step_is_the_function_with_its_type_or_the_variable_that_is_made() {
    let to = Around::Assignment {
        to: "planner".to_owned(),
    };
    for (around, expected) in [
        (vec![argument(), function("plan")], Some("plan")),
        (
            vec![argument(), function("plan"), class("Agent")],
            Some("Agent.plan"),
        ),
        (vec![function("__init__"), class("Agent")], Some("Agent")),
        (vec![function("inner"), function("outer")], Some("inner")),
        (vec![argument(), to.clone()], Some("planner")),
        // A plain constant is no step.
        (vec![to], None),
        (vec![argument()], None),
    ] {
        assert_eq!(step_of(&place(&around)).as_deref(), expected, "{around:?}");
    }
}

fn site(line: u32, role: Role, model: &str) -> Site {
    let span = Span {
        line,
        column: 1,
        end_line: line,
        end_column: 2,
        start: 0,
        end: 1,
    };
    Site {
        path: "agent.py".to_owned(),
        span,
        language: "python",
        role,
        confidence: Certainty::High,
        reason: String::new(),
        model: Named {
            written: model.to_owned(),
            id: model.to_owned(),
            platform: None,
            known: None,
            resolved_from: Vec::new(),
        },
        parameters: Vec::new(),
        dialect: None,
        excerpt: String::new(),
        names: 1,
        lines: vec![line],
    }
}

#[test]
fn live_calls_of_one_file_are_its_steps() {
    let source = "
def run(q):
    p = plan(q)
    a = act(p)
    return check(a)
";
    let (plan, act) = (
        site(7, Role::LiveCall, "big"),
        site(9, Role::LiveCall, "small"),
    );
    let (check, list) = (
        site(11, Role::Default, "big"),
        site(1, Role::Catalogue, "big"),
    );
    let sites = [
        (&plan, "plan"),
        (&act, "act"),
        (&check, "check"),
        (&list, "names"),
    ];
    let found = steps_in("agent.py", source, &sites).unwrap();
    assert_eq!(
        (found.name.as_str(), found.origin),
        ("agent.py", Origin::Code)
    );
    let names: Vec<_> = found.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["plan", "act", "check"]);
    let edges: Vec<_> = found
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to))
        .collect();
    assert_eq!(edges, [(0, 1), (1, 2)]);
    assert_eq!(found.findings.len(), 1, "{:#?}", found.findings);
    assert_eq!(found.findings[0].step, "act");
    assert!(found.mermaid.contains("line 9"), "{}", found.mermaid);
    assert_eq!(steps_in("agent.py", source, &sites[..1]), None);
    assert_eq!(steps_in("agent.py", "", &[]), None);
}
