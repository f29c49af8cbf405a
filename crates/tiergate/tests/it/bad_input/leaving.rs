//! Clients that leave in each phase: the provider's connection is closed within a second, and the
//! row says that they left. It must not test answers.

use std::time::Duration;

use testkit::{Behaviour, Client};

use crate::bench::Bench;
use crate::client::Ask;
use crate::home::Operator;
use crate::patience::{PATIENCE, eventually, on};

/// What the issue allows between a client's leaving and the provider's connection's close.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How far a client follows its answer before it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    /// Until the provider has the request.
    Nothing,
    /// Until some of the answer has come.
    FirstPiece,
}

fn leaves(bench: &Bench, behaviour: &Behaviour, ask: &Ask, follows: Follows) {
    bench.fake.rescript("plain", behaviour.clone());
    bench.fake.rescript("claude", behaviour.clone());
    let seen = bench.fake.requests().len();
    let abandoned = abandoned(bench);
    on(async {
        let mut client = Client::connect(bench.gateway.listen).await.unwrap();
        client.send(&ask.bytes()).await.unwrap();
        bench.fake.await_requests(seen + 1, PATIENCE).await.unwrap();
        if follows == Follows::FirstPiece {
            client.read_head().await.unwrap();
            client.next_piece().await.unwrap().unwrap();
        }
        drop(client);
        let closed = bench.fake.await_abandoned(abandoned + 1, AT_ONCE).await;
        closed.unwrap_or_else(|late| panic!("{behaviour:?} {}: {late}", ask.path));
    });
}

fn abandoned(bench: &Bench) -> usize {
    let requests = bench.fake.requests();
    let left = requests.iter();
    left.filter(|request| request.fate == testkit::Fate::ClosedByPeer)
        .count()
}

/// Every way to ask: both faces, each to a provider of its own dialect and of the other.
fn ways(bench: &Bench) -> Vec<Ask> {
    ["haiku", "opus"]
        .iter()
        .flat_map(|tier| [bench.chat(tier), bench.messages(tier)])
        .collect()
}

#[test]
fn while_waiting_for_headers_the_first_token_and_in_the_middle() {
    let bench = Bench::with(|fake| {
        // No deadline may come before the client has left.
        crate::bench::standard(fake).replace("_timeout_ms = 1500", "_timeout_ms = 60000")
    });
    let mut count = 0;
    for ask in ways(&bench) {
        leaves(&bench, &Behaviour::StallHeaders, &ask, Follows::Nothing);
        leaves(&bench, &Behaviour::StallAfter(3), &ask, Follows::Nothing);
        let ask = ask.streamed();
        leaves(&bench, &Behaviour::StallHeaders, &ask, Follows::Nothing);
        leaves(&bench, &Behaviour::StallFirstToken, &ask, Follows::Nothing);
        leaves(&bench, &Behaviour::StallAfter(3), &ask, Follows::FirstPiece);
        leaves(&bench, &Behaviour::EndlessStream, &ask, Follows::FirstPiece);
        count += 6;
    }
    rows_say_that_they_left(&bench, count);
}

#[test]
fn while_it_sends_its_body() {
    let bench = Bench::start();
    let operator = bench.home.operator("platform-lead", "operator");
    let ask = bench.chat("haiku");
    let half = on(async {
        let mut client = Client::connect(bench.gateway.listen).await.unwrap();
        client.send(ask.head().as_bytes()).await.unwrap();
        client.send(&ask.body[..ask.body.len() / 2]).await.unwrap();
        client
    });
    // Who has left before the gateway first looks has asked nothing, and leaves no row.
    eventually("the request is under way", || {
        let metrics = scrape(&bench, &operator)?;
        metrics
            .contains("tiergate_requests_in_flight 1\n")
            .then_some(())
    });
    drop(half);
    eventually("no request is under way", || {
        let metrics = scrape(&bench, &operator)?;
        let is_over = metrics.contains("tiergate_requests_in_flight 0\n");
        (is_over && metrics.contains("dialect=\"openai-chat\"")).then_some(())
    });
    assert!(
        bench.fake.requests().is_empty(),
        "half a body reaches no provider"
    );
    let totals = || {
        bench
            .home
            .run(&["usage", "--json", "--by", "caller"])
            .is(0)
            .json()
    };
    let row = eventually("the row of the one who left", || totals().get(0).cloned());
    assert_eq!(row["requests"], 1, "{row}");
    assert_eq!(row["outcomes"]["success"], 0, "{row}");
}

/// Reads the metrics; nothing until the operator's key stands in the ledger.
fn scrape(bench: &Bench, operator: &Operator) -> Option<String> {
    let answer = bench.gateway.admin(operator, Ask::get("/metrics"));
    (answer.status == 200).then(|| answer.text())
}

fn rows_say_that_they_left(bench: &Bench, count: u64) {
    eventually("the rows of those who left", || {
        let totals = bench.home.run(&["usage", "--json", "--by", "caller"]);
        let totals = totals.is(0).json();
        let told = totals[0]["outcomes"]["cancelled"].as_u64();
        (told == Some(count)).then_some(())
    });
}
