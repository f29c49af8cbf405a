//! Clients that leave, a thousand of them, and some that stay without reading: nothing is leaked,
//! and nothing grows. It must not test how soon a provider notices.

use std::fs;

use testkit::{Behaviour, Client, Gauge, SPEECHES};

use super::kinds::is_idle;
use super::stage::{Way, config, ways};
use crate::bench::Bench;
use crate::client::Ask;
use crate::patience::{PATIENCE, eventually, on};

const TIMES: usize = 1_000;
/// The first ones open what is kept for the next ones.
const WARM: usize = 100;
/// How many files more may be open at the end than after the first ones: connections that are
/// kept for the next request.
const MORE_FILES: usize = 16;
/// How much the streams that nobody reads may take together: the buffers of their sockets are the
/// system's.
const FLAT: u64 = 8 << 20;

fn patient() -> Bench {
    // No deadline may come before the client has left.
    Bench::with(|fake| config(fake).replace("timeout_ms = 1000", "timeout_ms = 60000"))
}

#[test]
fn a_thousand_that_leave_leak_nothing() {
    let bench = patient();
    let operator = bench.home.operator("platform-lead", "operator");
    let ways = ways();
    let faults = [
        Behaviour::StallHeaders,
        Behaviour::StallFirstToken,
        Behaviour::StallAfter(1),
    ];
    let mut warm = 0;
    for at in 0..TIMES {
        let way = &ways[at % ways.len()];
        let fault = &faults[at / ways.len() % faults.len()];
        leave(&bench, way, fault, at + 1);
        if at + 1 == WARM {
            all_gone(&bench, &operator);
            warm = files(&bench);
        }
    }
    all_gone(&bench, &operator);
    let now = files(&bench);
    assert!(now <= warm + MORE_FILES, "from {warm} to {now} files");
    is_idle(&bench);
}

fn leave(bench: &Bench, way: &Way, fault: &Behaviour, seen: usize) {
    way.set(bench, fault, fault);
    let shows = way.is_stream && *fault == Behaviour::StallAfter(1);
    let bytes = way.ask(bench).bytes();
    on(async {
        let mut client = Client::connect(bench.gateway.listen).await.unwrap();
        client.send(&bytes).await.unwrap();
        bench.fake.await_requests(seen, PATIENCE).await.unwrap();
        if shows {
            client.read_head().await.unwrap();
            client.next_piece().await.unwrap().unwrap();
        }
    });
}

/// Waits until no request is under way.
fn all_gone(bench: &Bench, operator: &crate::home::Operator) {
    eventually("no request is under way", || {
        let metrics = bench.gateway.admin(operator, Ask::get("/metrics"));
        let text = metrics.text();
        text.contains("tiergate_requests_in_flight 0\n")
            .then_some(())
    });
}

fn files(bench: &Bench) -> usize {
    fs::read_dir(format!("/proc/{}/fd", bench.gateway.id()))
        .unwrap()
        .count()
}

#[test]
fn clients_that_stop_reading_hold_their_providers_up_and_not_the_memory() {
    let bench = patient();
    let streams = ways().into_iter().filter(|way| way.is_stream);
    let streams: Vec<_> = streams.collect();
    // As many at once as there are dialects of a provider.
    for some in streams.chunks(SPEECHES.len()) {
        stop_reading(&bench, some);
    }
}

fn stop_reading(bench: &Bench, ways: &[Way]) {
    let gauge = Gauge::of(bench.gateway.id());
    let before = gauge.memory().unwrap().resident_bytes;
    let gone = bench.fake.count_requests();
    let asked = ways.iter().map(|way| {
        way.set(bench, &Behaviour::EndlessStream, &Behaviour::EndlessStream);
        let bytes = way.ask(bench).bytes();
        on(async {
            let mut client = Client::connect(bench.gateway.listen).await.unwrap();
            client.send(&bytes).await.unwrap();
            client.read_head().await.unwrap();
            client.next_piece().await.unwrap().unwrap();
            client
        })
    });
    let clients: Vec<_> = asked.collect();
    // The providers send as fast as they are read: a gateway at rest is one that reads no more.
    is_idle(bench);
    let after = gauge.memory().unwrap().resident_bytes;
    let names: Vec<_> = ways.iter().map(Way::name).collect();
    assert!(after < before + FLAT, "{names:?}: {before} to {after}");
    drop(clients);
    let all = bench.fake.await_abandoned(gone + ways.len(), PATIENCE);
    on(all).unwrap_or_else(|late| panic!("{names:?}: {late}"));
}
