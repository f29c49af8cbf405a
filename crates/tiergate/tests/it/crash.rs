//! A gateway that is killed or told to stop in the middle of its work: what was acknowledged is
//! there afterwards. It must not know how anything is made durable.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use store::{DecisionId, Outcome};
use testkit::{Behaviour, Client};

use crate::bench::{Bench, standard};
use crate::client::{Ask, Line};
use crate::home::{Home, Operator};
use crate::load::{LINES, Load};
use crate::patience::{PATIENCE, eventually, on};

const ROUNDS: usize = 3;

/// The standard bench with its release open, so that it can be held and resumed.
struct Scene {
    bench: Bench,
    operator: Operator,
}

impl Scene {
    fn start() -> Self {
        let mut bench = Bench::start();
        let operator = bench.home.operator("platform-lead", "operator");
        let approver = bench.home.operator("security-lead", "approver");
        // Operator keys open the admin port once the gateway has them in its ledger.
        assert!(bench.gateway.stop().success());
        bench.gateway = bench.home.serve();
        bench
            .home
            .run_as(&approver, &["release", "approve", "hidden"])
            .is(0);
        bench
            .home
            .run_as(&operator, &["release", "promote", "hidden"])
            .is(0);
        Self { bench, operator }
    }

    fn shown(&self) -> Value {
        let show = ["release", "show", "hidden", "--json"];
        self.bench.home.run_as(&self.operator, &show).is(0).json()
    }

    /// Counts the rows that the running gateway says are durable.
    fn durable(&self) -> usize {
        let metrics = self
            .bench
            .gateway
            .admin(&self.operator, Ask::get("/metrics"));
        let text = metrics.is(200).text();
        let lines = text
            .lines()
            .filter(|line| line.starts_with("tiergate_requests_total{"));
        let counts = lines.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap());
        counts.sum()
    }

    fn moves_in_the_ledger(&self) -> Vec<Value> {
        let home = &self.bench.home;
        let entries = home.run(&["ledger", "show", "--json"]).is(0).json_lines();
        let moves = entries
            .into_iter()
            .filter(|entry| entry["kind"] == "release.moved");
        moves.map(|entry| entry["body"].clone()).collect()
    }
}

/// Tells when to stop making moves, and how many were acknowledged so far.
#[derive(Default)]
struct Progress {
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
}

/// Holds and resumes a release, again and again, until it is over; lists the moves that were
/// acknowledged.
fn move_on(home: &Home, operator: &Operator, progress: &Progress) -> Vec<Value> {
    let mut acknowledged: Vec<Value> = Vec::new();
    while !progress.is_over.load(Ordering::SeqCst) {
        for verb in ["hold", "resume"] {
            let ended = home.run_as(operator, &["release", verb, "hidden", "--json"]);
            if ended.code == 0 {
                acknowledged.push(ended.json());
                progress.acknowledged.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
    acknowledged
}

#[test]
fn kill_9_under_load_loses_no_acknowledged_move_and_no_durable_row() {
    let mut scene = Scene::start();
    for round in 0..ROUNDS {
        let load = Load::start(scene.bench.gateway.listen, &scene.bench.chat("haiku"));
        load.await_more(100);
        let progress = Progress::default();
        let (acknowledged, durable) = thread::scope(|scope| {
            let (home, operator) = (&scene.bench.home, &scene.operator);
            let moving = scope.spawn(|| move_on(home, operator, &progress));
            load.await_more(200);
            eventually("some moves are made", || {
                (progress.acknowledged.load(Ordering::SeqCst) >= 3).then_some(())
            });
            let durable = scene.durable();
            load.await_more(17 * (round + 1));
            scene.bench.gateway.signal(Signal::KILL);
            progress.is_over.store(true, Ordering::SeqCst);
            (moving.join().unwrap(), durable)
        });
        scene.bench.gateway.ended();
        let answered: Vec<String> = load.end().into_iter().map(|one| one.decision).collect();
        scene.bench.gateway = scene.bench.home.serve();
        moves_are_there(&scene, &acknowledged);
        rows_are_there(&scene, &answered, durable);
    }
}

/// Asserts that every acknowledged move stands in the ledger, and that the status follows it.
fn moves_are_there(scene: &Scene, acknowledged: &[Value]) {
    assert!(!acknowledged.is_empty(), "no move was made before the kill");
    let logged = scene.moves_in_the_ledger();
    for made in acknowledged {
        assert!(logged.contains(made), "lost: {made}\n{logged:#?}");
    }
    let verified = scene
        .bench
        .home
        .run(&["ledger", "verify", "--json"])
        .is(0)
        .json();
    assert_eq!(verified["verified"], json!(true));
    let (shown, last) = (scene.shown(), logged.last().unwrap());
    assert_eq!(shown["stage"], json!("early_access"));
    let is_held = !shown["conditions"].as_array().unwrap().is_empty();
    assert_eq!(is_held, last["kind"] == "hold", "{shown}\n{last}");
    assert_eq!(
        shown["generation"].as_u64().unwrap(),
        last["planned_from"].as_u64().unwrap() + 1,
        "{shown}\n{last}"
    );
}

/// Asserts that the rows told to be durable are there, and that what is lost is no more than the
/// queue may hold.
fn rows_are_there(scene: &Scene, answered: &[String], durable: usize) {
    let kept = kept(&scene.bench.home, answered);
    let lost = answered.len() - kept.len();
    println!(
        "{lost} of {} rows lost, {durable} were told durable",
        answered.len()
    );
    assert!(kept.len() + LINES >= durable, "{} of {durable}", kept.len());
    assert!(
        lost <= answered.len() - durable.min(answered.len()),
        "{lost} lost"
    );
    assert!(lost <= store::QUEUE_ROWS, "{lost} lost");
    assert!(
        kept.iter().all(|outcome| *outcome == Outcome::Success),
        "{kept:?}"
    );
}

/// Finds how the rows of these decisions ended, as far as they are in the database.
fn kept(home: &Home, decisions: &[String]) -> Vec<Outcome> {
    let store = home.store();
    let rows = decisions.iter().filter_map(|decision| {
        let id: DecisionId = decision.parse().unwrap();
        store.decision(&id).unwrap()
    });
    rows.map(|row| row.outcome).collect()
}

#[test]
fn sigterm_under_load_finishes_streams_and_loses_nothing() {
    const STREAMS: usize = 8;
    let mut bench = Bench::start();
    let paced = Behaviour::Normal {
        tokens: 40,
        gap: Duration::from_millis(25),
    };
    bench.fake.rescript("claude", paced);
    let load = Load::start(bench.gateway.listen, &bench.chat("haiku"));
    let ask = bench.messages("opus").streamed();
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        streams.push(on(begun(&bench, &ask)));
    }
    load.await_more(100);
    bench.gateway.signal(Signal::TERM);
    bench.gateway.await_said("stopping", 1);
    let mut decisions = Vec::new();
    for (decision, mut client) in streams {
        let shown = on(rest(&mut client)).expect("a stream that ends well");
        assert!(shown.contains("event: message_stop"), "{shown}");
        decisions.push(decision);
    }
    assert!(bench.gateway.ended().success());
    assert!(
        TcpStream::connect(bench.gateway.listen).is_err(),
        "nothing listens"
    );
    decisions.extend(load.end().into_iter().map(|one| one.decision));
    let kept = kept(&bench.home, &decisions);
    assert_eq!(kept.len(), decisions.len(), "every answer has its row");
    assert!(
        kept.iter().all(|outcome| *outcome == Outcome::Success),
        "{kept:?}"
    );
}

#[test]
fn an_idle_connection_holds_up_no_stop() {
    let mut bench = Bench::start();
    let ask = bench.chat("haiku");
    let mut line = on(Line::open(bench.gateway.listen));
    on(line.ask(&ask)).is(200);
    let start = Instant::now();
    assert!(bench.gateway.stop().success());
    // The drain limit is half a minute.
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "{:?}",
        start.elapsed()
    );
    assert!(on(line.client.read_head()).is_err());
}

#[test]
fn a_signal_right_behind_the_word_that_it_is_ready_is_heard() {
    let mut bench = Bench::start();
    for _ in 0..10 {
        bench.gateway.signal(Signal::TERM);
        assert!(bench.gateway.ended().success(), "{}", bench.gateway.said());
        assert!(!bench.home.kept().join("running.json").exists());
        bench.gateway = bench.home.serve();
        bench.gateway.signal(Signal::HUP);
        bench.chat("haiku").to(bench.gateway.listen).is(200);
        assert!(bench.gateway.stop().success());
        bench.gateway = bench.home.serve();
    }
}

#[test]
fn a_stream_that_outlasts_the_drain_limit_is_cut_and_accounted_for() {
    let limit = "[server]\ndrain_ms = 300";
    let mut bench = Bench::with(|fake| standard(fake).replacen("[server]", limit, 1));
    bench.fake.rescript("plain", Behaviour::EndlessStream);
    let (decision, mut client) = on(begun(&bench, &bench.chat("haiku").streamed()));
    bench.gateway.signal(Signal::TERM);
    // What comes is read, so that nothing but the limit ends the stream.
    let shown = on(rest(&mut client));
    assert!(bench.gateway.ended().success());
    assert!(!shown.unwrap_or_default().contains("[DONE]"));
    assert!(
        bench.gateway.said().contains("drain limit"),
        "{}",
        bench.gateway.said()
    );
    assert_eq!(kept(&bench.home, &[decision]), [Outcome::Cancelled]);
}

/// Starts a stream and waits for its first piece; names its decision.
async fn begun(bench: &Bench, ask: &Ask) -> (String, Client) {
    let mut client = Client::connect(bench.gateway.listen).await.unwrap();
    client.send(&ask.bytes()).await.unwrap();
    let head = client.read_head().await.unwrap();
    assert_eq!(head.status, 200);
    client.next_piece().await.unwrap().unwrap();
    let decision = head.header("tiergate-decision").unwrap();
    (decision.to_owned(), client)
}

/// Reads a stream to its proper end; nothing where it was cut.
async fn rest(client: &mut Client) -> Option<String> {
    let reading = async {
        let mut tail = Vec::new();
        loop {
            match client.next_piece().await {
                Ok(Some(piece)) => {
                    tail.extend_from_slice(&piece);
                    // An endless stream is long; only its end counts.
                    let over = tail.len().saturating_sub(1 << 16);
                    tail.drain(..over);
                }
                Ok(None) => return Some(String::from_utf8_lossy(&tail).into_owned()),
                Err(_) => return None,
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("no hang")
}

#[test]
fn a_report_of_an_outcome_outlives_a_kill_and_the_first_one_stays() {
    let mut bench = Bench::start();
    let answer = bench.chat("haiku").to(bench.gateway.listen).is(200);
    let decision = answer.header("tiergate-decision").unwrap();
    let report = |score: f64| {
        let body = json!({ "decision": decision, "score": score });
        Ask::post("/tiergate/v1/outcomes", &body).bearer(&bench.caller.key)
    };
    let (first, other) = (report(0.25), report(0.75));
    first.to(bench.gateway.listen).is(200);
    bench.gateway.signal(Signal::KILL);
    bench.gateway.ended();
    bench.gateway = bench.home.serve();
    first.to(bench.gateway.listen).is(200);
    let refused = other.to(bench.gateway.listen).is(409).json();
    assert_eq!(refused["error"]["code"], json!("already_reported"));
}
