//! What is set holds, and what cannot be set says why. It must not rest on a number that ships.

use super::{Assumptions, Kind};
use crate::accelerators::Accelerators;

fn both() -> (Assumptions, Accelerators) {
    let assumptions = Assumptions::shipped().expect("assumptions");
    (assumptions, Accelerators::shipped().expect("accelerators"))
}

#[test]
fn what_is_set_for_one_accelerator_holds_for_it_alone() {
    let (mut assumptions, parts) = both();
    let [one, other] = ["H200", "H100"].map(|name| parts.find(name).expect(name));
    let before = assumptions.value("gpu_hour", other).expect("a price");
    assumptions
        .set("gpu_hour.h200_sxm=7.5", &parts)
        .expect("set");
    assert_eq!(assumptions.value("gpu_hour", one).expect("a price"), 7.5);
    assert_eq!(
        assumptions.value("gpu_hour", other).expect("a price"),
        before
    );
    let rows = assumptions.in_force(&["gpu_hour"], &[one, other]);
    let set: Vec<bool> = rows.iter().map(|row| row.kind == Kind::Set).collect();
    assert_eq!(set, [true, false]);
}

#[test]
fn what_is_set_for_all_holds_for_each() {
    let (mut assumptions, parts) = both();
    assumptions.set("gpu_hour=1.25", &parts).expect("set");
    for part in parts.all() {
        assert_eq!(assumptions.value("gpu_hour", part).expect("a price"), 1.25);
    }
}

#[test]
fn what_cannot_be_set_says_what_can() {
    let (mut assumptions, parts) = both();
    let mut said = |text: &str| assumptions.set(text, &parts).expect_err(text).to_string();
    assert!(said("busy").contains("write `key=value`"));
    assert!(said("busy=often").contains("write `key=value`"));
    assert!(said("lazy=1").contains("busy"));
    assert!(said("busy=1.5").contains("from 0.001 to 1"));
    assert!(said("gpu_hour.Z9=2").contains("H200"));
    assert!(said("pue=NaN").contains("cannot be NaN"));
}

#[test]
fn no_price_is_known_for_an_accelerator_without_one() {
    let (assumptions, parts) = both();
    let part = parts.find("TPU v4").expect("a part");
    let said = assumptions
        .value("gpu_hour", part)
        .expect_err("no price")
        .to_string();
    assert!(said.contains("--set gpu_hour="), "{said}");
}

#[test]
fn every_row_is_within_its_own_bounds() {
    let (assumptions, _) = both();
    for row in &assumptions.0 {
        assert!((row.least..=row.most).contains(&row.value), "{}", row.key);
        assert!(!row.source.is_empty() && row.read_on.len() == 10);
    }
}
