//! Findings as a whole: which places are judged at all, and by what.

use super::Judge;
use crate::finding::Finding;
use crate::role::Role;
use crate::samples::{day, facts, site};
use crate::target::Target;

const TEXT: &str = "c.messages.create(model=\"claude-opus-4-6\", temperature=0.2)";

fn finding(role: Role) -> Finding {
    let facts = facts();
    let judge = Judge {
        facts,
        day: day("2026-11-27"),
        target: Some(Target::new("anthropic", "claude-opus-5")),
        mend: None,
    };
    let mut found = site(TEXT, "claude-opus-4-6");
    found.role = role;
    judge.findings(TEXT, vec![found]).remove(0)
}

#[test]
fn only_places_that_ask_for_a_model_break() {
    for role in Role::ALL {
        let found = finding(role);
        assert_eq!(!found.breaks.is_empty(), role.is_live(), "{role}");
        assert_eq!(!found.unknown.is_empty(), role == Role::AllowList, "{role}");
        assert_eq!(found.fix, None);
        assert!(found.retirement.is_some(), "{role}");
    }
}

#[test]
fn a_target_of_another_platform_is_judged_where_the_site_asks() {
    let facts = facts();
    let judge = Judge {
        facts,
        day: day("2026-11-27"),
        target: Some(Target::new("anthropic", "claude-opus-5")),
        mend: None,
    };
    let text = "f(model=\"anthropic/claude-opus-4.6\", temperature=0.2)";
    let found = site(text, "anthropic/claude-opus-4.6");
    assert_eq!(found.model.platform.as_deref(), Some("openrouter"));
    let found = judge.findings(text, vec![found]).remove(0);
    let rules: Vec<_> = found.breaks.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(rules, ["claude-sampling-openrouter"]);
}
