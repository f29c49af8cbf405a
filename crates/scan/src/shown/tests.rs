//! What people see of traffic: who breaks, on what, and what could not be told. The numbers are
//! tested where they are counted.

use domain::{Facts, Timestamp};

use super::{traffic_page, traffic_text};
use crate::pipeline::StepTally;
use crate::traffic::{Heard, Lineup, Lodging, TrafficTally};

fn shown() -> (String, String) {
    let facts = Facts::shipped().unwrap();
    let target = Lodging::of(&facts, "anthropic", "claude-fable-5-1");
    let lineup = Lineup {
        target: Some(("capybara".to_owned(), target)),
        dialects: vec!["anthropic-messages".to_owned()],
        ..Lineup::default()
    };
    let mut tally = TrafficTally::new(&facts, lineup, Timestamp(0));
    let mut steps = StepTally::default();
    let warm = r#"{"form":2,"sampling":"temperature","unusual":"temperature","forced_tool":true}"#;
    for (caller, features) in [("<b>\u{1b}[31m", warm), ("calm", r#"{"form":2}"#)] {
        let heard = Heard {
            caller,
            step: Some("plan"),
            dialect: "anthropic-messages",
            features: Some(features),
            ..Heard::default()
        };
        tally.hear(&heard);
        steps.hear(&heard);
    }
    let (traffic, pipelines) = (tally.finish(), steps.finish());
    let text = traffic_text(Some(&traffic), &pipelines);
    (text, traffic_page(Some(&traffic), &pipelines))
}

#[test]
fn each_caller_is_told_with_what_breaks_its_share_and_source() {
    let (text, page) = shown();
    for shown in [&text, &page] {
        for part in [
            "claude-forced-tool",
            "1 request (100 %)",
            "it sets forced_tool",
            "https://",
            "calm",
            "served by a model that the configuration does not name",
            "not recorded, so unknown",
            "claude-fable-5-1",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
}

#[test]
fn no_name_commands_the_terminal_or_the_page() {
    let (text, page) = shown();
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(
        !page.contains("<b>") && page.contains("&lt;b&gt;"),
        "{page}"
    );
}

#[test]
fn the_page_has_the_graph_and_its_words() {
    let (_, page) = shown();
    assert_eq!(page.matches("<svg").count(), 2);
    assert!(page.contains("flowchart LR\n  s0"), "{page}");
    let opened = page.matches("<section").count();
    assert_eq!(opened, page.matches("</section>").count());
    assert!(traffic_page(None, &[]).is_empty());
    assert!(traffic_text(None, &[]).is_empty());
}
