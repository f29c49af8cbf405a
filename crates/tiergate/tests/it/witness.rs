//! Witnesses beside a gateway, each the real binary: its ledger is cosigned, nothing waits for
//! that, and what was taken away or put back is found. It must not reach into the protocol.

mod protocol;
mod server;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use ledger::{Quorum, Signer, WitnessVerifier};
use serde_json::{Value, json};

use crate::bench::{Bench, standard};
use crate::client::Ask;
use crate::home::Operator;
use crate::patience::{PATIENCE, eventually};
use crate::written::rewrite;
use server::{Server, declared};

/// A gateway with somebody who moves its release.
struct Scene {
    bench: Bench,
    lead: Operator,
    /// The configuration without witnesses.
    plain: String,
    /// How often it was taken up anew.
    taken_up: usize,
}

impl Scene {
    fn start() -> Self {
        let bench = Bench::start();
        let lead = bench.home.operator("platform-lead", "lead");
        let plain = standard(&bench.fake);
        Self {
            bench,
            lead,
            plain,
            taken_up: 0,
        }
    }

    /// Shows the public key of the gateway's ledger.
    fn log(&self) -> String {
        let key = self.bench.home.run(&["ledger", "key"]).is(0).out;
        key.trim().to_owned()
    }

    fn witness(&self, folder: &str) -> Server {
        Server::start(&self.bench.home, folder, &[&self.log()])
    }

    /// Declares these witnesses, all of whom are asked for, to the gateway as it runs.
    fn declare(&mut self, witnesses: &[String]) {
        let list = witnesses.join(", ");
        let text = format!("{}\n[ledger]\nwitnesses = [{list}]\n", self.plain);
        self.bench.home.write(&text);
        self.taken_up += 1;
        let gateway = &self.bench.gateway;
        gateway.await_said("was taken up", self.taken_up);
    }

    /// Stops and resumes the release: two moves, each acknowledged.
    fn moves(&self) {
        let hold = ["release", "hold", "hidden", "--reason", "a doubt"];
        self.bench.home.run_as(&self.lead, &hold).is(0);
        let resume = ["release", "resume", "hidden"];
        self.bench.home.run_as(&self.lead, &resume).is(0);
    }

    /// Counts the ledger's entries.
    fn size(&self) -> u64 {
        self.bench.home.store().ledger().unwrap().count().unwrap()
    }

    /// Waits until the gateway says so of its witnesses.
    fn await_standing(&self, what: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        eventually(what, || {
            let told = self.bench.home.run(&["ledger", "witnesses", "--json"]);
            let told = told.is(0).json_lines();
            is_so(&told).then_some(told)
        })
    }

    /// Waits until every witness has cosigned the ledger as it is.
    fn await_cosigned(&self) -> u64 {
        let size = self.size();
        self.await_standing("every witness cosigns", |told| {
            let has = |one: &Value| one["state"] == "cosigned" && one["size"] == json!(size);
            !told.is_empty() && told.iter().all(has)
        });
        size
    }

    fn verify(&self, code: i32, more: &[&str]) -> crate::home::Ended {
        let line = [&["ledger", "verify", "--json"], more].concat();
        self.bench.home.run(&line).is(code)
    }

    fn stop(&mut self) {
        assert!(self.bench.gateway.stop().success());
    }

    fn ledger(&self) -> std::path::PathBuf {
        self.bench.home.kept().join("ledger")
    }

    /// Asks for the metrics, which have each of the lines, and end once.
    fn scrapes(&self, lines: &[String]) {
        let scraped = self.bench.gateway.admin(&self.lead, Ask::get("/metrics"));
        let scraped = scraped.is(200).text();
        for line in lines {
            assert!(scraped.contains(line), "{line}{scraped}");
        }
        assert_eq!(scraped.matches("# EOF").count(), 1);
    }

    /// Edits what is kept of the one witness there is.
    fn edit_what_is_kept(&self) {
        let kept = self.ledger().join("witnessed");
        let kept = fs::read_dir(kept).unwrap().next().unwrap().unwrap().path();
        let text = fs::read_to_string(&kept).unwrap();
        let size = format!("\n{}\n", self.size());
        fs::write(&kept, text.replacen(&size, "\n1\n", 1)).unwrap();
    }
}

#[test]
fn a_ledger_is_cosigned_by_two_witnesses_and_goes_on_without_one() {
    let mut scene = Scene::start();
    let (one, two) = (scene.witness("one"), scene.witness("two"));
    scene.declare(&[one.declared(), two.declared()]);
    scene.moves();
    let size = scene.await_cosigned();
    let keys: Vec<WitnessVerifier> = [&one, &two]
        .map(|server| server.key.parse::<WitnessVerifier>().unwrap())
        .into();
    let both = Quorum::new(2, keys.clone()).unwrap();
    let file = scene.ledger().join("checkpoint.cosigned");
    let gathered = eventually("both cosignatures stand together", || {
        let note = fs::read(&file).ok()?;
        let tree = keys[0]
            .cosigned_tree(&note, scene.log().split('+').next()?)
            .ok()??;
        (tree.0.size == size).then_some(note)
    });
    assert_eq!(both.check(&gathered).unwrap().len(), 2);
    let verified = scene.verify(0, &[]).json();
    assert_eq!(
        verified["witnesses"].as_array().unwrap().len(),
        2,
        "{verified}"
    );
    scene.verify(0, &["--ask"]);

    // Killed: nobody is held up, and it is said who does not cosign.
    drop(two);
    scene.moves();
    let grown = scene.size();
    assert_eq!(grown, size + 2);
    let told = scene.await_standing("one goes on", |told| {
        told[0]["size"] == json!(grown) && told[1]["state"] == "unanswered"
    });
    assert_eq!(told[1]["size"], json!(size));
    assert!(
        told[1]["fault"]
            .as_str()
            .unwrap()
            .contains("gives no answer"),
        "{told:?}"
    );
    let [one_name, two_name] = [&keys[0], &keys[1]].map(|key| key.name().to_string());
    scene.scrapes(&[
        format!("tiergate_witness_entries{{witness=\"{one_name}\"}} {grown}\n"),
        format!("tiergate_witness_entries{{witness=\"{two_name}\"}} {size}\n"),
        format!("tiergate_witness_state{{witness=\"{two_name}\",state=\"unanswered\"}} 1\n"),
    ]);
    // What was gathered of two stands until both have cosigned again.
    assert_eq!(fs::read(&file).unwrap(), gathered);
    scene.verify(0, &[]);
    let told = scene.verify(1, &["--ask"]).err;
    assert!(
        told.contains("1 of the witnesses have cosigned, 2 are asked for"),
        "{told}"
    );

    let two = scene.witness("two");
    scene.declare(&[one.declared(), two.declared()]);
    scene.await_cosigned();
    scene.verify(0, &["--ask"]);
    scene.stop();
}

/// A witness that takes every question and answers none.
fn silent() -> (std::net::SocketAddr, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming().map_while(Result::ok) {
            kept.push(stream);
            // The test may have ended.
            let _ = tell.send(());
        }
    });
    (address, told)
}

#[test]
fn no_move_waits_for_a_witness_that_does_not_answer() {
    let mut scene = Scene::start();
    let (address, asked) = silent();
    let key = ledger::WitnessSigner::from_seed("w.example".parse().unwrap(), &[5; 32]);
    scene.declare(&[declared(address, &key.verifier().to_string())]);
    asked.recv_timeout(PATIENCE).expect("the witness is asked");
    let before = scene.size();
    let command = |verb: &str, body: Value| {
        let path = format!("/api/v1/releases/hidden/{verb}");
        let ask = Ask::post(&path, &body);
        scene.bench.gateway.admin(&scene.lead, ask).is(200);
    };
    // The question is under way, and stays so for much longer than this takes.
    command("hold", json!({ "reason": "a doubt" }));
    command("resume", json!({}));
    let scope = json!({ "attributes": { "region": "north" } });
    command("suspend", json!({ "reason": "an order", "scope": scope }));
    assert_eq!(
        asked.try_recv(),
        Err(mpsc::TryRecvError::Empty),
        "the first question ended"
    );
    assert_eq!(scene.size(), before + 3);
    // The end does not wait for it either.
    scene.stop();
    let told = scene
        .bench
        .home
        .run(&["ledger", "witnesses", "--json"])
        .is(0);
    assert_eq!(told.json_lines()[0]["state"], "waiting", "{}", told.out);
}

/// Answers every request in the same words.
fn parrot(answer: Vec<u8>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            whole(&mut stream);
            // Whoever asked may have left.
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", answer.len());
            let _ = stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes());
            let _ = stream.write_all(&answer);
        }
    });
    address
}

/// Reads a whole request: an answer to half of one would be cut off with it.
fn whole(stream: &mut TcpStream) {
    let mut text = String::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&piece[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert_ne!(read, 0, "{text}");
            continue;
        };
        let length = head.to_lowercase();
        let length = length.split("content-length: ").nth(1).unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        // Of the only letter that is not ASCII a piece may hold a part.
        if body.len() >= length || read == 0 {
            return;
        }
    }
}

#[test]
fn an_answer_that_is_not_the_witnesses_is_refused_and_told() {
    let mut scene = Scene::start();
    let real = scene.witness("one");
    let name = real.key.split('+').next().unwrap().parse().unwrap();
    let twin = ledger::WitnessSigner::from_seed(name, &[6; 32]);
    let other = |seed: u8| {
        let name = format!("w{seed}.example").parse().unwrap();
        let signer = ledger::WitnessSigner::from_seed(name, &[seed; 32]);
        signer.verifier().to_string()
    };
    let line = "\u{2014} w7.example AAAAAAAAAAA=\n".as_bytes().to_vec();
    scene.declare(&[
        // The right name, and another key.
        declared(real.listen, &twin.verifier().to_string()),
        declared(parrot(line), &other(7)),
        declared(parrot(vec![b'x'; 1 << 20]), &other(8)),
    ]);
    let told = scene.await_standing("each is refused", |told| {
        told.len() == 3 && told.iter().all(|one| one["failures"].as_u64() > Some(0))
    });
    let states: Vec<_> = told.iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["refused", "refused", "unanswered"], "{told:?}");
    let fault = |at: usize| told[at]["fault"].as_str().unwrap();
    assert!(
        fault(0).contains("is no cosignature of the checkpoint"),
        "{}",
        fault(0)
    );
    assert!(fault(2).contains("gives no answer"), "{}", fault(2));
    scene.bench.gateway.await_said("does not cosign", 3);
    assert!(!scene.ledger().join("witnessed").exists());
    let told = scene.verify(1, &[]).err;
    assert!(
        told.contains("0 of the witnesses have cosigned, 3 are asked for"),
        "{told}"
    );
    scene.stop();
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Puts another folder in the place of one.
fn replace(place: &Path, by: &Path) {
    fs::remove_dir_all(place).unwrap();
    copy(by, place);
}

#[test]
fn a_ledger_that_was_cut_short_put_back_or_rewritten_is_found() {
    let mut scene = Scene::start();
    let witness = scene.witness("one");
    let key = witness.key.clone();
    scene.moves();
    let (ledger, old) = (scene.ledger(), scene.bench.home.path().join("old"));
    copy(&ledger, &old);
    scene.declare(&[witness.declared()]);
    scene.moves();
    scene.await_cosigned();
    scene.stop();
    let named = ["--witness", key.as_str()];
    scene.verify(0, &named);
    let whole = scene.bench.home.path().join("whole");
    copy(&ledger, &whole);

    // An older ledger beside what was cosigned since.
    replace(&ledger, &old);
    let without = scene.verify(1, &named).err;
    assert!(
        without.contains("witnessed") && without.contains("is not there"),
        "{without}"
    );
    copy(&whole.join("witnessed"), &ledger.join("witnessed"));
    for more in [&named[..], &[], &["--ask"]] {
        let told = scene.verify(1, more).err;
        let says =
            told.contains("ledger file checkpoint: the log was truncated, or is an older copy");
        assert!(says && told.contains("that the witness"), "{told}");
    }
    // An older checkpoint alone, over the files of the newer tree.
    replace(&ledger, &whole);
    fs::copy(old.join("checkpoint"), ledger.join("checkpoint")).unwrap();
    let told = scene.verify(1, &named).err;
    assert!(
        told.contains("ledger file checkpoint: it is an older one put back"),
        "{told}"
    );
    // Another history of the same length, signed with the log's own key.
    replace(&ledger, &whole);
    let text = fs::read_to_string(ledger.join("key")).unwrap();
    let signer: Signer = text.parse().unwrap();
    rewrite(&ledger, &signer, "forged", scene.size());
    let told = scene.verify(1, &named).err;
    assert!(
        told.contains("ledger file checkpoint: the log was forked"),
        "{told}"
    );
    // What is kept of the witness, edited.
    replace(&ledger, &whole);
    scene.edit_what_is_kept();
    let told = scene.verify(1, &named).err;
    assert!(told.contains("is not what the witness"), "{told}");

    // The whole ledger put back with all that lies beside it: the witness itself knows better.
    replace(&ledger, &old);
    let told = scene.verify(1, &["--ask"]).err;
    assert!(
        told.contains("the log was truncated, or is an older copy"),
        "{told}"
    );
    scene.bench.gateway = scene.bench.home.serve();
    scene.bench.gateway.await_said("entries were lost", 1);
    let told = scene.await_standing("it is seen", |told| told[0]["state"] == "ahead");
    assert!(
        told[0]["fault"].as_str().unwrap().contains("older copy"),
        "{told:?}"
    );
    scene.stop();
}
