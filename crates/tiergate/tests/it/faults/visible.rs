//! Faults of a stream before, at and after its first visible output: rescued before, told once
//! after, and never half an answer that looks whole. It must not test other kinds.

use testkit::Behaviour;

use super::kinds::is_idle;
use super::stage::{FIRST, SECOND, Way, side_by_side, start};
use crate::bench::Bench;

/// Makes the behaviour that fails behind so many pieces.
type After = fn(usize) -> Behaviour;

/// A stream's faults, by how many visible deltas come before them.
const FAULTS: [(&str, After); 4] = [
    ("error event", Behaviour::ErrorEvent),
    ("cut", Behaviour::CutAfter),
    ("stall", Behaviour::StallAfter),
    ("malformed event", Behaviour::MalformedEvent),
];
/// In the middle of an answer.
const N: usize = 3;

#[test]
fn a_stream_is_rescued_before_its_first_output_and_told_once_after_it() {
    let bench = start();
    side_by_side(|pair| {
        for way in pair.iter().filter(|way| way.is_stream) {
            for (name, fault) in FAULTS {
                for at in [0, 1, N] {
                    each_fault_on(&bench, way, (name, at), &fault(at));
                }
            }
        }
    });
    is_idle(&bench);
}

fn each_fault_on(bench: &Bench, way: &Way, (name, at): (&str, usize), fault: &Behaviour) {
    let fine = Behaviour::normal(0);
    way.set(bench, fault, &fine);
    let got = way.got(bench);
    let shown = got.answer.text();
    let what = format!("{name} at {at} on {}: {shown}", way.name());
    if at == 0 {
        assert_eq!((got.whole_of, got.errors), (Some(SECOND), 0), "{what}");
    } else {
        assert_eq!(got.answer.status, 200, "{what}");
        assert_eq!((got.errors, got.ends_well), (1, false), "{what}");
        assert_eq!(got.asked, (1, 0), "{what}");
        assert!(shown.contains("first-"), "what came is shown: {what}");
    }
    println!("{}: {name} at {at}: as it must be", way.name());
    // So many good answers that the model rests after none of the faults.
    way.set(bench, &fine, &fine);
    for _ in 0..4 {
        assert_eq!(way.got(bench).whole_of, Some(FIRST), "after {what}");
    }
}
