//! Counts of groups written by hand. They must not know a fit.

use super::Seen;
use crate::coefficients::Fit;
use crate::groups::{Groups, Level};
use crate::intervals::Reach;

/// Makes the groups of an accelerator, a family and degrees.
fn groups(system: &str, family: &str, degrees: &str) -> Groups {
    let combination = format!("vllm {system} {family}");
    Level::ALL.map(|level| match level {
        Level::System => system.to_owned(),
        Level::Family => family.to_owned(),
        Level::Combination => combination.clone(),
        Level::Degrees => format!("{combination} {degrees}"),
        _ => String::new(),
    })
}

fn seen() -> Seen {
    let rows = [
        (groups("h100", "llama", "1x1"), 0),
        (groups("h100", "llama", "2x1"), 1),
        (groups("h200", "qwen", "1x1"), 2),
    ];
    Seen::count(rows.iter().map(|(groups, fold)| (groups, *fold)))
}

#[test]
fn what_is_new_of_a_deployment_is_told() {
    let reach = |system, family, degrees| seen().reach(&groups(system, family, degrees), Fit::All);
    assert_eq!(reach("h100", "llama", "1x1"), Reach::Known);
    assert_eq!(reach("h100", "llama", "4x1"), Reach::NewDegrees);
    assert_eq!(reach("h100", "qwen", "1x1"), Reach::NewCombination);
    assert_eq!(reach("b200", "qwen", "1x1"), Reach::NewSystem);
    assert_eq!(reach("h100", "gemma", "1x1"), Reach::NewFamily);
    assert_eq!(reach("b200", "gemma", "1x1"), Reach::NewBoth);
}

#[test]
fn what_only_the_fold_that_is_left_out_holds_is_new() {
    let without = |fold| seen().reach(&groups("h100", "llama", "1x1"), Fit::Without(fold));
    assert_eq!(without(0), Reach::NewDegrees);
    assert_eq!(without(1), Reach::Known);
    let alone = seen().reach(&groups("h200", "qwen", "1x1"), Fit::Without(2));
    assert_eq!(alone, Reach::NewBoth);
}

#[test]
fn a_file_gives_back_what_was_counted() {
    let written = toml::to_string(&seen()).expect("a file");
    let read: Seen = toml::from_str(&written).expect("counts");
    let known = read.reach(&groups("h100", "llama", "2x1"), Fit::All);
    assert_eq!(known, Reach::Known);
    assert!(read.has_engine("vllm") && !read.has_engine("v"));
}
