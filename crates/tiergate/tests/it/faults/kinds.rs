//! Sixteen kinds of fault before anything is visible: which are rescued, with how many requests,
//! and what is told where one is not. It must not test what comes after visible output.

use std::time::{Duration, Instant};

use testkit::{Behaviour, Complaint, Gauge};

use super::stage::{FIRST, Got, SECOND, Way, side_by_side, start};
use crate::bench::Bench;
use crate::patience::in_time;

/// How many of the kinds must be rescued, of the sixteen.
const RESCUED: usize = 14;
/// The longest that any answer may take: two deadlines of a second, and room.
const NO_HANG: Duration = Duration::from_secs(20);

/// One kind of fault.
struct Kind {
    name: &'static str,
    first: fn() -> Behaviour,
    second: fn() -> Behaviour,
    /// Who answers whole; nobody where the caller is told.
    answers: Option<&'static str>,
    /// The most requests that the first model gets.
    asked: usize,
    /// What the caller's error must say, and under which status.
    told: (u16, &'static str),
}

fn fine() -> Behaviour {
    Behaviour::normal(0)
}

const fn kind(name: &'static str, first: fn() -> Behaviour) -> Kind {
    Kind {
        name,
        first,
        second: fine,
        answers: Some(SECOND),
        asked: 1,
        told: (200, ""),
    }
}

impl Kind {
    const fn asks(mut self, times: usize) -> Self {
        self.asked = times;
        self
    }

    const fn answered_by(mut self, which: &'static str) -> Self {
        self.answers = Some(which);
        self
    }

    const fn told(mut self, status: u16, words: &'static str) -> Self {
        self.answers = None;
        self.told = (status, words);
        self
    }

    const fn before(mut self, second: fn() -> Behaviour) -> Self {
        self.second = second;
        self
    }
}

fn throttled() -> Behaviour {
    Behaviour::Status {
        code: 429,
        headers: vec![("retry-after".to_owned(), "1".to_owned())],
        body: String::new(),
    }
}

/// The flapping primary and the account of a fallback, the other two of the sixteen, have tests
/// of their own.
fn kinds() -> Vec<Kind> {
    vec![
        kind("429 with retry-after", || {
            Behaviour::failing(1, throttled())
        })
        .asks(2)
        .answered_by(FIRST),
        kind("429 for ever", || Behaviour::status(429)).asks(2),
        kind("one 500", || Behaviour::failing(1, Behaviour::status(500)))
            .asks(2)
            .answered_by(FIRST),
        kind("503 for ever", || Behaviour::status(503)).asks(2),
        // A kept connection that breaks at once is followed by a fresh one, in one attempt.
        kind("reset before headers", || Behaviour::CutBeforeHeaders).asks(3),
        kind("no answer", || Behaviour::StallHeaders),
        kind("slow first token", || {
            Behaviour::SlowFirstToken(Duration::from_secs(30))
        }),
        kind("cut", || Behaviour::CutAfter(0)).asks(2),
        kind("stall", || Behaviour::StallAfter(0)),
        kind("malformed event", || Behaviour::MalformedEvent(0)),
        kind("no terminator", || Behaviour::NoTerminator).answered_by(FIRST),
        kind("context length", || {
            Behaviour::Complaint(Complaint::Overflow)
        }),
        kind("content filter", || {
            Behaviour::Complaint(Complaint::Filtered)
        })
        .told(400, "filter"),
        kind("cut before a fallback without prefill", || {
            Behaviour::CutAfter(0)
        })
        .before(|| Behaviour::RejectsPrefill)
        .asks(2),
        kind("no money left", || {
            Behaviour::Complaint(Complaint::Exhausted)
        }),
    ]
}

/// Tells whether a kind shows itself on a way: some have no meaning for an answer in one piece, and
/// not each API has an error for each complaint.
fn applies(kind: &Kind, way: &Way) -> bool {
    match (kind.first)() {
        Behaviour::MalformedEvent(_) | Behaviour::NoTerminator => way.is_stream,
        Behaviour::Complaint(complaint) => way.upstream.complaint(complaint).is_some(),
        _ => true,
    }
}

/// Makes the circuit of the first model forget what the last kind did to it.
fn heal(bench: &Bench, way: &Way) {
    way.set(bench, &fine(), &fine());
    let healthy = || (way.got(bench).whole_of == Some(FIRST)).then_some(());
    in_time(NO_HANG, healthy).expect("the first model is asked again");
    // So many good answers that no kind counts together with the one before.
    for _ in 0..4 {
        assert_eq!(way.got(bench).whole_of, Some(FIRST), "{}", way.name());
    }
}

fn judge(kind: &Kind, way: &Way, got: &Got) {
    let what = format!("{} on {}: {}", kind.name, way.name(), got.answer.text());
    assert_eq!(got.whole_of, kind.answers, "{what}");
    if kind.answers.is_some() {
        assert!(
            (1..=kind.asked).contains(&got.asked.0),
            "{:?} {what}",
            got.asked
        );
        let on_second = usize::from(kind.answers == Some(SECOND));
        assert_eq!(got.asked.1, on_second, "{what}");
        return;
    }
    let (status, words) = kind.told;
    assert_eq!((got.answer.status, got.errors), (status, 1), "{what}");
    assert!(got.answer.text().contains(words), "{what}");
    assert_eq!(
        got.answer.header("tiergate-error"),
        Some("provider"),
        "{what}"
    );
    assert_eq!(got.asked, (1, 0), "{what}");
    assert!(!got.ends_well, "{what}");
}

/// Judges an answer whose last event is left out. Where the dialect's streams may end so, it is
/// finished at once; elsewhere it is not known to be whole, and told so.
fn is_finished(way: &Way, got: &Got) {
    let shown = got.answer.text();
    if !way.upstream.may_lack_terminator() {
        assert_eq!(
            (got.errors, got.ends_well),
            (1, false),
            "{}: {shown}",
            way.name()
        );
        return;
    }
    assert!(got.is_said_by(FIRST, way), "{}: {shown}", way.name());
    // A body that passes through as bytes gets nothing that its provider left out.
    let is_same = way.face.name() == way.upstream.name();
    assert!(is_same || got.ends_well, "{}: {shown}", way.name());
    assert_eq!(got.asked, (1, 0));
}

#[test]
fn each_kind_on_each_dialect_is_rescued_or_told() {
    let bench = start();
    side_by_side(|pair| {
        for way in pair {
            each_kind_on(&bench, way);
        }
    });
    is_idle(&bench);
}

fn each_kind_on(bench: &Bench, way: &Way) {
    // Those that have tests of their own.
    let mut rescued = 2;
    for kind in kinds().iter().filter(|kind| applies(kind, way)) {
        heal(bench, way);
        way.set(bench, &(kind.first)(), &(kind.second)());
        let begun = Instant::now();
        let got = way.got(bench);
        let took = begun.elapsed();
        assert!(took < NO_HANG, "{}: {took:?}", kind.name);
        if matches!((kind.first)(), Behaviour::NoTerminator) {
            is_finished(way, &got);
        } else {
            judge(kind, way, &got);
        }
        if kind.name == "429 with retry-after" {
            assert!(took >= Duration::from_secs(1), "{took:?}");
        }
        let is_rescued = got.is_said_by(FIRST, way) || got.whole_of.is_some();
        rescued += usize::from(is_rescued && kind.name != "no money left");
        let word = if is_rescued { "rescued" } else { "told" };
        println!("{}: {}: {word}", way.name(), kind.name);
    }
    if way.is_stream {
        println!("{}: {rescued} of 16 rescued", way.name());
        assert!(rescued >= RESCUED, "{}: {rescued}", way.name());
    }
}

/// Asserts that the process rests once nobody asks: a loop that spins would take a core.
pub(super) fn is_idle(bench: &Bench) {
    const QUIET: Duration = Duration::from_secs(1);
    // A tenth of a core, where a spinning loop takes a whole one.
    const MOST: Duration = Duration::from_millis(100);
    let mut gauge = Gauge::of(bench.gateway.id());
    let mut last = gauge.cpu().unwrap();
    let mut begun = Instant::now();
    let rested = in_time(NO_HANG, || {
        if begun.elapsed() < QUIET {
            return None;
        }
        let now = gauge.cpu().unwrap();
        let spent = now.saturating_sub(last);
        (last, begun) = (now, Instant::now());
        (spent < MOST).then_some(spent)
    });
    rested.expect("a quiet second after the faults");
}
