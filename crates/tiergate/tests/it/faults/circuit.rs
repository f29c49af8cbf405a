//! A first model that flaps: it is left alone, probed by one request, and asked again. It must not
//! know how many failures it takes.

use std::time::Duration;

use testkit::Behaviour;
use tokio::task::JoinSet;

use super::kinds::is_idle;
use super::stage::{FIRST, SECOND, Way, config, ways};
use crate::bench::Bench;
use crate::client::Ask;
use crate::patience::{eventually, on};

/// More failures than it may take.
const MANY: usize = 12;
/// How many ask at once.
const AT_ONCE: usize = 8;
/// How long the probe takes: longer than the others need to be answered, and shorter than the
/// rest, after which a probe that tells nothing is followed by another.
const SLOW: Duration = Duration::from_millis(500);

#[test]
fn a_model_that_flaps_is_left_alone_probed_by_one_request_and_asked_again() {
    let bench = Bench::with(|fake| config(fake).replace("rest_ms = 300", "rest_ms = 2000"));
    let operator = bench.home.operator("platform-lead", "operator");
    let ways = ways();
    let way = ways.iter().find(|way| way.is_stream).unwrap();
    let fine = Behaviour::normal(0);
    way.set(&bench, &Behaviour::status(503), &fine);
    let got = (0..MANY).map(|_| way.got(&bench));
    let got: Vec<_> = got.collect();
    assert!(got.iter().all(|one| one.whole_of == Some(SECOND)));
    let (begun, last) = (&got[0], &got[MANY - 1]);
    assert_eq!(begun.asked, (2, 1), "tried twice while nothing is known");
    assert_eq!(last.asked, (0, 1), "left alone");
    let phase = |phase: &str| {
        let row = format!(
            "tiergate_circuit{{model=\"{}\",phase=\"{phase}\"}} 1\n",
            way.model(FIRST)
        );
        eventually("the operator sees the circuit", || {
            let metrics = bench.gateway.admin(&operator, Ask::get("/metrics"));
            metrics.text().contains(&row).then_some(())
        });
    };
    phase("open");
    way.set(&bench, &Behaviour::SlowHeaders(SLOW), &fine);
    let asked = eventually("a probe", || {
        let first = at_once(&bench, way);
        (first > 0).then_some(first)
    });
    assert_eq!(
        asked, 1,
        "one request probes, the others are answered meanwhile"
    );
    phase("closed");
    assert_eq!(at_once(&bench, way), AT_ONCE, "all go to the first again");
    is_idle(&bench);
}

/// Asks so often at once, and counts the requests that came to the first model.
fn at_once(bench: &Bench, way: &Way) -> usize {
    let before = bench.fake.count_requests();
    let (ask, listen) = (way.ask(bench), bench.gateway.listen);
    on(async {
        let mut all = JoinSet::new();
        for _ in 0..AT_ONCE {
            let ask = ask.clone();
            all.spawn(async move { ask.sent(listen).await.is(200) });
        }
        for answer in all.join_all().await {
            assert!(way.face.ends_well(&answer.text()), "{}", answer.text());
        }
    });
    let requests = bench.fake.requests_since(before);
    let first = way.model(FIRST);
    let asked = requests.iter();
    asked.filter(|it| way.upstream.asks(it) == first).count()
}
