//! The suites that come with the program hold what gates need of them.

use std::collections::BTreeSet;

use super::{BUILTIN, builtin};
use crate::scorers::score;
use crate::suite::Suite;

#[test]
fn every_suite_parses_and_has_clusters_enough_for_a_gate() {
    for one in BUILTIN {
        let suite = Suite::parse(one.bytes).unwrap();
        let clusters: BTreeSet<&str> = suite.cases.iter().map(|one| one.cluster.as_str()).collect();
        assert!(clusters.len() >= 72, "{}: {}", one.name, clusters.len());
        assert!(suite.cases.iter().all(|case| case.max_tokens.is_some()));
    }
    assert!(builtin("basics").is_some() && builtin("basic").is_none());
}

#[test]
fn no_case_is_met_by_repeating_the_question() {
    let parrots = ["format-upper", "format-lower", "format-only"];
    for one in BUILTIN {
        for case in Suite::parse(one.bytes).unwrap().cases {
            let asked = case.messages().pop().unwrap().content;
            let is_met = score(&case, &asked).value > 0.0;
            assert!(
                !is_met || parrots.contains(&case.id.as_str()),
                "{}",
                case.id
            );
            assert_eq!(score(&case, "").value, 0.0, "{}", case.id);
        }
    }
}
