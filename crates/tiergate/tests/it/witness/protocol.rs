//! What a witness answers over HTTP, before and after a restart, and to many at once. It must not
//! know a gateway.

use std::fs;
use std::sync::Arc;

use domain::Timestamp;
use ledger::{AddCheckpoint, Draft, Signer, WitnessReply, WitnessVerifier, latest_path};
use serde_json::json;
use store::{Access, LedgerFiles, LedgerWriter};

use super::server::{Server, added, is_private};
use crate::client::Ask;
use crate::home::Home;
use crate::patience::on;
use crate::written::rewrite;

const NOW: Timestamp = Timestamp(1_795_478_400_000);

/// A ledger that grows, and its witness.
struct Bench {
    home: Home,
    writer: LedgerWriter,
    size: u64,
}

impl Bench {
    fn of(size: u64) -> Self {
        let home = Home::empty();
        let store = Arc::new(home.open(Access::Write));
        let writer = store.ledger_writer(store.lease().unwrap()).unwrap();
        let mut bench = Self {
            home,
            writer,
            size: 0,
        };
        bench.grow(size);
        bench
    }

    fn grow(&mut self, to: u64) {
        let draft = |number| Draft {
            kind: "test.move".to_owned(),
            body: json!({ "number": number }),
        };
        let drafts = (self.size..to).map(draft).collect();
        self.writer.append_all(drafts, NOW).unwrap();
        self.size = to;
    }

    fn files(&self) -> &LedgerFiles {
        self.writer.files()
    }

    fn log(&self) -> String {
        self.files().verifier().to_string()
    }

    fn witness(&self) -> Server {
        Server::start(&self.home, "witness", &[&self.log()])
    }

    fn ask(&self, old: u64) -> AddCheckpoint {
        let (size, request) = self.files().ask_witness(old).unwrap();
        assert_eq!(size, self.size);
        request
    }
}

#[test]
fn a_restarted_witness_refuses_what_does_not_go_on_from_what_it_cosigned() {
    let mut bench = Bench::of(5);
    let early = bench.ask(0);
    bench.grow(9);
    let witness = bench.witness();
    let key: WitnessVerifier = witness.key.parse().unwrap();
    let request = bench.ask(0);
    let cosigned = witness.add(&request.to_bytes()).is(200);
    let reply = WitnessReply::read(200, &cosigned.body, &request.checkpoint, &key);
    assert!(
        matches!(reply, Ok(WitnessReply::Cosigned { .. })),
        "{reply:?}"
    );
    witness.stop();
    assert!(is_private(&bench.home.path().join("witness/key")));

    let witness = bench.witness();
    assert_eq!(witness.key, key.to_string(), "one key over restarts");
    let conflict = witness.add(&early.to_bytes()).is(409);
    assert_eq!(conflict.text(), "9\n");
    assert_eq!(conflict.header("content-type"), Some("text/x.tlog.size"));
    let forked = forked(&bench, 12, 9);
    witness.add(&forked.to_bytes()).is(422);
    let of_same_size = AddCheckpoint {
        proof: Vec::new(),
        ..self::forked(&bench, 9, 9)
    };
    witness.add(&of_same_size.to_bytes()).is(422);
    bench.grow(300);
    witness.add(&bench.ask(9).to_bytes()).is(200);
    // Killed, it has kept what it answered; the two histories it was shown were told once.
    let said = witness.kill();
    assert_eq!(said.matches("was forked or rewritten").count(), 1, "{said}");
    let witness = bench.witness();
    assert_eq!(witness.add(&early.to_bytes()).is(409).text(), "300\n");
}

/// Asks for a cosignature on another history, signed with the log's own key.
fn forked(bench: &Bench, size: u64, old: u64) -> AddCheckpoint {
    let other = Home::empty();
    let (from, to) = (bench.home.kept(), other.kept());
    let text = fs::read_to_string(from.join("ledger/key")).unwrap();
    let signer: Signer = text.parse().unwrap();
    drop(other.open(Access::Write));
    fs::create_dir_all(to.join("ledger/tile")).unwrap();
    fs::copy(from.join("ledger/key.pub"), to.join("ledger/key.pub")).unwrap();
    rewrite(&to.join("ledger"), &signer, "forged", size);
    let files = other.store().ledger().unwrap();
    files.ask_witness(old).unwrap().1
}

#[test]
fn each_answer_has_the_protocols_status() {
    let bench = Bench::of(9);
    let witness = bench.witness();
    let listen = witness.listen;
    let name = bench.files().verifier().name();
    let latest = Ask::get(&format!("/{}", latest_path(name)));
    latest.to(listen).is(404);
    let good = bench.ask(0).to_bytes();
    let text = String::from_utf8(good.clone()).unwrap();
    let edited = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
    let stranger = Signer::from_seed(name.clone(), &[9; 32]);
    let bare = |signer: &Signer| {
        let checkpoint = ledger::Head::create(signer).checkpoint;
        [b"old 0\n\n", &checkpoint[..]].concat()
    };
    let unknown = Signer::from_seed("../../etc".parse().unwrap(), &[9; 32]);
    for (what, body, status) in [
        ("no request", b"hello".to_vec(), 400),
        ("nothing", Vec::new(), 400),
        ("a sign before the size", edited("old 0", "old -1"), 400),
        ("an old size above the new", edited("old 0", "old 10"), 400),
        ("a changed root", edited("\n9\n", "\n8\n"), 403),
        ("a stranger's signature", bare(&stranger), 403),
        ("a log that is not known", bare(&unknown), 404),
        (
            "a size that was never cosigned",
            bench.ask(4).to_bytes(),
            409,
        ),
        ("a body that is too long", vec![b'x'; 1 << 20], 413),
    ] {
        let answer = witness.add(&body);
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
    }
    Ask::get("/add-checkpoint").to(listen).is(405);
    Ask::get("/").to(listen).is(404);
    Ask::get("/../witness/key").to(listen).is(404);
    latest.to(listen).is(404);
    let line = witness.add(&good).is(200);
    assert_eq!(
        line.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let shown = latest.to(listen).is(200).text();
    let checkpoint = String::from_utf8(bench.ask(0).checkpoint).unwrap();
    assert_eq!(shown, format!("{checkpoint}{}", line.text()));
}

#[test]
fn of_many_checkpoints_at_once_one_is_cosigned() {
    let mut bench = Bench::of(1);
    let requests: Vec<_> = (2..18)
        .map(|size| {
            bench.grow(size);
            bench.ask(0).to_bytes()
        })
        .collect();
    let witness = bench.witness();
    let listen = witness.listen;
    let sent = requests.into_iter().map(|body| {
        crate::patience::runtime().spawn(async move { added(&body).sent(listen).await })
    });
    let sent: Vec<_> = sent.collect();
    let answers: Vec<_> = sent.into_iter().map(|one| on(one).unwrap()).collect();
    let is_cosigned = |status: u16| move |answer: &&crate::client::Answer| answer.status == status;
    assert_eq!(answers.iter().filter(is_cosigned(200)).count(), 1);
    let told: Vec<_> = answers.iter().filter(is_cosigned(409)).collect();
    assert_eq!(told.len(), 15);
    let size = told[0].text();
    assert!(told.iter().all(|answer| answer.text() == size), "{size}");
    let old = size.trim_end().parse().unwrap();
    witness.add(&bench.ask(old).to_bytes()).is(200);
}

#[test]
fn a_folder_serves_one_witness_that_keeps_to_the_loopback() {
    let bench = Bench::of(1);
    let _witness = bench.witness();
    let log = bench.log();
    let run = |more: &[&str]| {
        let line = [&["ledger", "witness", "--log", log.as_str()], more].concat();
        bench.home.run(&line).is(2).err
    };
    let free = ["--listen", "127.0.0.1:0"];
    let state = bench.home.path().join("witness");
    let state = state.to_str().unwrap();
    let held = run(&[&free[..], &["--state", state]].concat());
    assert!(held.contains("is the witness of"), "{held}");
    let open = run(&["--listen", "0.0.0.0:0", "--state", "other"]);
    assert!(open.contains("reachable from outside"), "{open}");
    let line = [
        "ledger",
        "witness",
        "--state",
        "other",
        "--log",
        "nonsense+",
    ];
    let told = bench.home.run(&line).is(2).err;
    assert!(told.contains("give --log what"), "{told}");
    assert!(!bench.home.path().join("other").exists());
}
