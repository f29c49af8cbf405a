//! Agents of a few steps, from rows and from places, and what is drawn of them.

use domain::{PicoUsd, Timestamp, Tokens};

use super::{Origin, Pipeline, StepTally};
use crate::traffic::{Ending, Heard};

/// Rows of one conversation after another: step, tier, model, name asked for, success.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<f64>,
);

fn heard(conversations: &[&[Row]]) -> Vec<Pipeline> {
    let mut tally = StepTally::default();
    for (conversation, rows) in conversations.iter().enumerate() {
        for (step, tier, model, requested, success) in *rows {
            tally.hear(&Heard {
                at: Timestamp(1),
                caller: "agent",
                step: Some(step).filter(|step| !step.is_empty()).copied(),
                requested,
                tier: Some(tier),
                model: Some(model),
                dialect: "openai-chat",
                conversation: Some(conversation as u64),
                tokens: Tokens {
                    input: 10,
                    output: 2,
                    ..Tokens::default()
                },
                cost: Some(PicoUsd(2_000_000_000)),
                ending: if *success == Some(0.0) {
                    Ending::Cut
                } else {
                    Ending::Answered
                },
                success: *success,
                features: None,
            });
        }
    }
    tally.finish()
}

const PLAN: Row = ("plan", "opus", "big", "opus", Some(1.0));
const ACT: Row = ("act", "haiku", "small", "gpt-4o-mini", Some(0.0));
const CHECK: Row = ("check", "opus", "big", "opus", None);

fn agent() -> Pipeline {
    let mut found = heard(&[
        &[PLAN, ACT, CHECK],
        &[PLAN, ACT, ACT, CHECK, PLAN],
        &[CHECK],
    ]);
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[test]
fn steps_are_summed_and_joined_by_their_order_in_a_conversation() {
    let agent = agent();
    assert_eq!(
        (agent.name.as_str(), agent.origin),
        ("agent", Origin::Traffic)
    );
    let names: Vec<_> = agent.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["plan", "act", "check"]);
    let edges = agent
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to, edge.times));
    let edges: Vec<_> = edges.collect();
    assert_eq!(edges, [(0, 1, 2), (1, 1, 1), (1, 2, 2), (2, 0, 1)]);
    let act = agent.steps[1].traffic.as_ref().unwrap();
    assert_eq!((act.requests, act.answered, act.cut), (3, 0, 3));
    assert_eq!((act.reported, act.success_percent), (3, Some(0.0)));
    assert_eq!((act.cost_usd.as_str(), act.unpriced), ("0.006000", 0));
    assert_eq!(act.cost_usd_each.as_deref(), Some("0.002000"));
    assert_eq!(
        (act.input_tokens, act.output_tokens, act.by_model),
        (30, 6, 3)
    );
    let check = agent.steps[2].traffic.as_ref().unwrap();
    assert_eq!((check.reported, check.success_percent), (0, None));
}

#[test]
fn a_step_that_differs_from_its_neighbours_is_found_and_a_plain_chain_is_not() {
    let says: Vec<_> = agent().findings.into_iter().map(|odd| odd.says).collect();
    assert_eq!(
        says,
        [
            "step `act` names small, its neighbours plan, check name big",
            "step `act` asks for a model by gpt-4o-mini, its neighbours plan, check ask for \
             tiers: opus",
        ]
    );
    let chain: &[Row] = &[
        ("a", "haiku", "small", "haiku", None),
        ("b", "sonnet", "middle", "sonnet", None),
        ("c", "opus", "big", "opus", None),
    ];
    assert_eq!(heard(&[chain])[0].findings, []);
    let pair: &[Row] = &[PLAN, ("act", "haiku", "small", "haiku", None)];
    let pair = heard(&[pair]).remove(0);
    assert_eq!(pair.findings.len(), 1, "{:#?}", pair.findings);
}

#[test]
fn requests_without_a_step_join_nothing() {
    assert_eq!(heard(&[&[("", "opus", "big", "opus", None)]]), []);
    let agent = heard(&[&[PLAN, ("", "opus", "big", "opus", None), ACT]]).remove(0);
    assert_eq!(agent.unnamed, 1);
}

#[test]
fn the_graph_is_drawn_with_every_step_and_no_names_of_a_callers_own_making_in_the_markup() {
    let evil: Row = ("<script>\"]\n end", "opus", "big", "opus", None);
    let agent = heard(&[&[PLAN, evil, PLAN]]).remove(0);
    let svg = agent.svg();
    assert!(!svg.contains("<script"), "{svg}");
    assert!(
        svg.contains("&lt;script&gt;") && svg.contains("marker-end"),
        "{svg}"
    );
    assert_eq!(svg.matches("<rect").count(), 2);
    // One way leads back.
    assert_eq!(svg.matches("stroke-dasharray").count(), 1);
    assert!(!agent.mermaid.contains("<script"), "{}", agent.mermaid);
    let lines: Vec<_> = agent.mermaid.lines().collect();
    assert_eq!(lines[0], "flowchart LR");
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert_eq!(lines[3], "  s0 -->|1| s1");
}

#[test]
fn there_is_an_end_to_the_steps_that_a_caller_makes_up() {
    let mut tally = StepTally::default();
    let names: Vec<_> = (0..150).map(|number| format!("step-{number}")).collect();
    for name in &names {
        tally.hear(&Heard {
            caller: "agent",
            step: Some(name),
            ..Heard::default()
        });
    }
    let agent = tally.finish().remove(0);
    assert_eq!(agent.steps.len(), 101);
    let last = agent.steps.last().unwrap();
    assert_eq!(last.name, "(other steps)");
    assert_eq!(last.traffic.as_ref().unwrap().requests, 50);
}
