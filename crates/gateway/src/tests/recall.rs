//! A candidate's answers that are under way when it is suspended or withdrawn: they end for whom it
//! is cut, with an error that says so, and for nobody else. It must not know the commands.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{Attributes, Condition, ReleaseStatus, Scope, Stage, Status, Suspension};
use store::{NewKeyKind, Outcome};
use testkit::{Behaviour, Client};

use super::{Bench, chat, snapshot};
use crate::now;

/// Paces its pieces so that none of the streams ends before it is looked at.
const PACED: Behaviour = Behaviour::Normal {
    tokens: 40,
    gap: Duration::from_millis(20),
};

fn from_the_north() -> Suspension {
    Suspension {
        number: 2,
        scope: Scope {
            attributes: BTreeMap::from([("region".to_owned(), "north".to_owned())]),
            ..Scope::default()
        },
        reason: "an order".to_owned(),
        order: None,
        until: None,
        by: "lead".into(),
        at: now(),
        restored: Vec::new(),
    }
}

impl Bench {
    fn change(&self, change: impl FnOnce(&mut ReleaseStatus)) {
        let old = self.gateway.snapshot();
        let mut status = Status::clone(&old.status);
        status.generation += 1;
        change(status.releases.get_mut("mythos").unwrap());
        self.gateway
            .publish(snapshot(&old.policy, status, old.config));
    }

    fn caller_in(&self, region: &str) -> String {
        let attributes = Attributes::from([("region".to_owned(), region.to_owned())]);
        let kind = NewKeyKind::Caller {
            team: Some("blue".to_owned()),
            attributes,
            use_cases: vec!["defense".into()],
        };
        self.mint(kind).1
    }

    /// Begins a stream and reads until the first of the answer has come.
    async fn begin(&self, path: &str, key: &str) -> (Client, String) {
        let headers = format!("x-api-key: {key}\r\ncontent-type: application/json\r\n");
        let body = chat("capybara", true);
        let request = self.request("POST", path, &headers, &body);
        let mut client = Client::connect(self.address).await.unwrap();
        client.send(&request).await.unwrap();
        assert_eq!(client.read_head().await.unwrap().status, 200);
        let mut shown = String::new();
        while !shown.contains("hidden") {
            let piece = client.next_piece().await.unwrap().unwrap();
            shown.push_str(std::str::from_utf8(&piece).unwrap());
        }
        (client, shown)
    }
}

async fn rest(client: &mut Client) -> String {
    let mut shown = Vec::new();
    while let Some(piece) = client.next_piece().await.unwrap() {
        shown.extend_from_slice(&piece);
    }
    String::from_utf8(shown).unwrap()
}

#[tokio::test]
async fn a_suspension_ends_the_streams_of_whom_it_cuts_and_no_others() {
    let bench = Bench::start().await;
    bench.open_release();
    bench.fake.rescript("hidden", PACED);
    let (north, south) = (bench.caller_in("north"), bench.caller_in("south"));
    for path in ["/v1/chat/completions", "/v1/messages"] {
        let (mut cut, _) = bench.begin(path, &north).await;
        let (mut left, _) = bench.begin(path, &south).await;
        bench.change(|release| {
            release.conditions = vec![Condition::Suspended(from_the_north())];
        });
        let shown = rest(&mut cut).await;
        assert!(shown.contains("suspended or withdrawn"), "{shown}");
        assert!(shown.contains("ask again"), "{shown}");
        for whole in ["[DONE]", "message_stop"] {
            assert!(!shown.contains(whole), "{shown}");
        }
        let shown = rest(&mut left).await;
        assert!(
            shown.contains("[DONE]") || shown.contains("message_stop"),
            "{shown}"
        );
        bench.change(|release| release.conditions.clear());
    }
    let mut rows = bench.rows(4).await;
    rows.sort_by_key(|row| row.decision);
    let outcomes: Vec<_> = rows.iter().map(|row| row.outcome).collect();
    let both = [Outcome::Denied, Outcome::Success];
    assert_eq!(outcomes, [both, both].concat());
    assert!(rows[0].attempts.as_deref().unwrap().contains("cut_off"));
}

#[tokio::test]
async fn a_stream_in_which_nothing_comes_ends_too() {
    let bench = Bench::start().await;
    bench.open_release();
    bench.fake.rescript("hidden", Behaviour::StallAfter(3));
    let (mut client, _) = bench
        .begin("/v1/chat/completions", &bench.caller_in("north"))
        .await;
    // A publication that changes nothing for the caller leaves it waiting for the next.
    bench.change(|_| {});
    bench.change(|release| release.conditions = vec![Condition::Suspended(from_the_north())]);
    // The provider's own silence would end it only after this test's patience.
    let shown = tokio::time::timeout(Duration::from_secs(10), rest(&mut client)).await;
    assert!(shown.unwrap().contains("suspended or withdrawn"));
}

#[tokio::test]
async fn a_withdrawal_ends_every_stream_and_a_roll_back_none() {
    let bench = Bench::start().await;
    bench.open_release();
    bench.fake.rescript("hidden", PACED);
    let south = bench.caller_in("south");
    let path = "/v1/chat/completions";
    let (mut client, _) = bench.begin(path, &south).await;
    bench.change(|release| release.stage = Stage::Sealed);
    let shown = rest(&mut client).await;
    assert!(shown.ends_with("data: [DONE]\n\n"), "{shown}");
    bench.open_release();
    let (mut client, _) = bench.begin(path, &south).await;
    bench.change(|release| {
        release.stage = Stage::Sealed;
        release.conditions = vec![Condition::Withdrawn {
            digest: release.digest.clone(),
            by: "lead".into(),
            reason: "a fault".to_owned(),
            at: now(),
        }];
    });
    let shown = rest(&mut client).await;
    assert!(shown.contains("suspended or withdrawn"), "{shown}");
}

#[tokio::test]
async fn who_is_cut_while_the_provider_thinks_gets_no_answer_of_it() {
    let bench = Bench::start().await;
    bench.open_release();
    let wait = Duration::from_millis(300);
    bench.fake.rescript("hidden", Behaviour::SlowHeaders(wait));
    let key = bench.caller_in("north");
    let headers = format!("x-api-key: {key}\r\ncontent-type: application/json\r\n");
    for is_stream in [false, true] {
        let body = chat("capybara", is_stream);
        let request = bench.request("POST", "/v1/chat/completions", &headers, &body);
        let asked = bench.fake.count_requests();
        let cutting = async {
            while bench.fake.count_requests() == asked {
                tokio::task::yield_now().await;
            }
            bench.change(|release| {
                release.conditions = vec![Condition::Suspended(from_the_north())];
            });
        };
        let (reply, ()) = tokio::join!(bench.exchange(&request), cutting);
        assert_eq!(reply.head.status, 403, "{:?}", reply.body);
        assert_eq!(super::json(&reply)["error"]["code"], "cut_off");
        bench.change(|release| release.conditions.clear());
    }
}
