//! The driver counts, times and refuses. It must not know a gateway.

use std::time::Duration;

use super::{Crew, Latencies, LoadError, alternate, post, stream_times};
use crate::behaviour::Behaviour;
use crate::fake::FakeProvider;
use crate::gauge::Gauge;
use crate::script::Script;

const PATH: &str = "/v1/chat/completions";

#[tokio::test]
async fn a_crew_sends_exactly_what_it_was_told_over_its_own_connections() {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    let request = post(PATH, &[], r#"{"model":"m"}"#);
    let mut crew = Crew::connect(fake.address(), 4, request).await.unwrap();
    assert_eq!(crew.drive(30).await.unwrap().latencies.count(), 30);
    assert_eq!(crew.drive(7).await.unwrap().latencies.count(), 7);
    assert_eq!(fake.requests().len(), 37);
    assert_eq!(fake.connections().len(), 4);
}

#[tokio::test]
async fn a_status_other_than_200_ends_the_round() {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    let request = post(PATH, &[], r#"{"model":"status-503"}"#);
    let mut crew = Crew::connect(fake.address(), 2, request).await.unwrap();
    let error = crew.drive(4).await.unwrap_err();
    assert!(
        matches!(error, LoadError::Status { status: 503, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn targets_take_turns() {
    let fakes = [
        FakeProvider::start(Script::new()).await.unwrap(),
        FakeProvider::start(Script::new()).await.unwrap(),
    ];
    let request = post(PATH, &[], r#"{"model":"m"}"#);
    let targets = fakes
        .each_ref()
        .map(|fake| (fake.address(), request.clone()));
    let times = alternate(&targets, 5).await.unwrap();
    assert_eq!(
        times.iter().map(Latencies::count).collect::<Vec<_>>(),
        [5, 5]
    );
    let (first, second) = (fakes[0].requests(), fakes[1].requests());
    for (before, after) in first.iter().zip(&second) {
        assert!(before.at < after.at);
    }
}

#[tokio::test]
async fn stamped_streams_are_timed_by_delta() {
    let gap = Duration::from_millis(2);
    let script = Script::new().model("s", Behaviour::Stamped { tokens: 6, gap });
    let fake = FakeProvider::start(script).await.unwrap();
    let request = post(PATH, &[], r#"{"model":"s","stream":true}"#);
    let times = stream_times(fake.address(), &request, 3).await.unwrap();
    assert_eq!(times.first.len(), 3);
    assert_eq!(times.transit.len(), 18);
    assert_eq!(times.gaps.len(), 15);
    assert!(times.first.iter().all(|first| *first >= gap));
    assert!(
        times
            .transit
            .iter()
            .all(|transit| *transit < Duration::from_secs(20))
    );
    let plain = post(PATH, &[], r#"{"model":"m","stream":true}"#);
    let error = stream_times(fake.address(), &plain, 1).await.unwrap_err();
    assert!(matches!(error, LoadError::NoStamps));
}

#[test]
fn quantiles_are_the_nearest_rank() {
    let times = Latencies::new((1..=200).rev().map(Duration::from_micros).collect());
    let check = |share, micros| {
        assert_eq!(
            times.quantile(share),
            Duration::from_micros(micros),
            "{share}"
        );
    };
    check(0.0, 1);
    check(0.5, 100);
    check(0.99, 198);
    check(1.0, 200);
    assert_eq!(Latencies::default().quantile(0.5), Duration::ZERO);
}

#[test]
fn a_gauge_sees_processor_time_and_memory() {
    let mut gauge = Gauge::of(std::process::id());
    let before = gauge.cpu().unwrap();
    let mut spins = 0_u64;
    while gauge.cpu().unwrap() - before < Duration::from_millis(5) {
        spins = std::hint::black_box(spins + 1);
    }
    assert!(spins > 0);
    let memory = gauge.memory().unwrap();
    assert!(memory.resident_bytes > 1 << 20);
    assert!(memory.anonymous_bytes <= memory.resident_bytes);
    assert!(Gauge::of(u32::MAX).cpu().is_err());
}
