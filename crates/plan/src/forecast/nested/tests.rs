//! Holds `nested` to figures by hand and to its laws.

use super::{NestedFault, nested};
use crate::forecast::resolved::read;

const HEADER: &str = "source,id,given_on,p,outcome,event,by\n";

#[test]
fn a_family_that_contradicts_itself_is_repaired_and_scores_no_worse() {
    let text = format!(
        "{HEADER}m,1,2027-01-01,0.5,0,it,2027-03-01\n\
         m,2,2027-01-01,0.3,0,it,2027-05-01\n\
         m,1,2027-02-01,0.1,0,it,2027-03-01\n\
         m,2,2027-02-01,0.3,0,it,2027-05-01\n\
         m,3,2027-01-01,0.9,1,other,2027-05-01\n"
    );
    let found = nested(&read(&text).unwrap()).unwrap();
    // The same event on two days of forecasting is two families of one event.
    assert_eq!((found.events, found.families, found.rows), (1, 2, 4));
    assert_eq!(found.incoherent.len(), 1);
    let mended = &found.incoherent[0];
    assert_eq!(mended.given_on.unwrap().to_string(), "2027-01-01");
    let moved: Vec<(usize, f64)> = mended
        .changes
        .iter()
        .map(|one| (one.line, one.to))
        .collect();
    assert_eq!(moved, [(2, 0.4), (3, 0.4)]);
    // 0.25 + 0.09 before, 2 · 0.16 after; the other family is 0.01 + 0.09, the fifth row 0.01.
    let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
    assert!(close(found.brier_of_incoherent, 0.17));
    assert!(close(found.brier_of_incoherent_repaired, 0.16));
    assert!(close(found.brier, 0.44 / 4.0) && close(found.brier_repaired, 0.42 / 4.0));
    assert!(close(found.brier_of_all, 0.45 / 5.0));
    assert!(close(found.brier_of_all_repaired, 0.43 / 5.0));
}

#[test]
fn outcomes_that_contradict_each_other_are_no_family() {
    let text =
        format!("{HEADER}m,1,2027-01-01,0.1,1,it,2027-03-01\nm,2,2027-01-01,0.3,0,it,2027-05-01\n");
    let fault = nested(&read(&text).unwrap()).unwrap_err();
    assert!(
        matches!(
            fault,
            NestedFault::Outcomes {
                earlier: 2,
                later: 3,
                ..
            }
        ),
        "{fault}"
    );
}

#[test]
fn without_events_there_is_no_family() {
    let found = nested(&read("p,outcome\n0.5,1\n").unwrap()).unwrap();
    assert_eq!(
        (found.families, found.brier, found.brier_repaired),
        (0, None, None)
    );
    assert_eq!(found.brier_of_all, found.brier_of_all_repaired);
}
