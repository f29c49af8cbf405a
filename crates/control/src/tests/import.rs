//! Other tools' files through the admin API: what joins with the accounting, what does not, and
//! what is refused before anything is recorded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Model;
use serde_json::{Value, json};
use store::{Arm, NewKeyKind, Outcome};

use super::files::{ITEMS, promptfoo};
use super::world::{Key, RELEASE, World};
use crate::card::{self, Card, Names};

const PATH: &str = "/api/v1/releases/next/evidence/import";

struct Bench {
    world: World,
    lead: Key,
}

impl Bench {
    fn new() -> Self {
        let world = World::new();
        let lead = world.operator("lead");
        Self { world, lead }
    }

    fn key(&self) -> Key {
        self.world.mint(NewKeyKind::Evaluator {
            release: RELEASE.into(),
        })
    }

    /// Makes a key that the candidate has answered so often.
    fn used(&mut self, count: usize, outcome: Outcome) -> Key {
        let key = self.key();
        self.answer(&key, count, outcome);
        key
    }

    fn answer(&mut self, key: &Key, count: usize, outcome: Outcome) {
        let candidate = self.world.plan().candidate;
        let by: Vec<&Model> = vec![&*candidate; count];
        self.world.answered_as(key, Arm::Candidate, &by, outcome);
    }

    fn bring(&self, key: &Key, file: &Value) -> (u16, Value) {
        self.send(key, file, &json!({}))
    }

    fn send(&self, key: &Key, file: &Value, more: &Value) -> (u16, Value) {
        let mut body = json!({
            "arm": "candidate", "suite": "capitals", "key": key.id,
            "file": STANDARD.encode(file.to_string()),
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.world.post(&self.lead, PATH, &body)
    }

    /// Brings a file that is taken in, and shows why it is no evidence.
    fn reasons(&self, key: &Key, file: &Value) -> Vec<String> {
        let (status, taken) = self.bring(key, file);
        assert_eq!(status, 200, "{taken}");
        let reasons = serde_json::from_value(taken["reasons"].clone());
        reasons.unwrap()
    }

    fn card(&self) -> Card {
        let (names, now) = (Names::default(), super::world::clock());
        card::read(&self.world.store, &RELEASE.into(), &names, now).unwrap()
    }

    fn entries(&self, kind: &str) -> Vec<Value> {
        let ledger = self.world.store.ledger().unwrap();
        let entries = ledger.entries(0..u64::MAX).unwrap().into_iter();
        let of_kind = entries.filter(|entry| entry.kind == kind);
        of_kind.map(|entry| entry.body).collect()
    }
}

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or("no error")
}

#[test]
fn a_file_that_joins_is_evidence_and_stands_in_the_ledger_with_its_counts() {
    let mut bench = Bench::new();
    let key = bench.used(ITEMS, Outcome::Success);
    let file = promptfoo("candidate", 55);
    let rates = json!({ "known_error": { "sensitivity": 0.9, "specificity": 0.35 } });
    let (status, taken) = bench.send(&key, &file, &rates);
    assert_eq!(status, 200, "{taken}");
    assert_eq!(taken["reasons"], json!([]), "{taken}");
    assert_eq!(
        (&taken["items"], &taken["attempt"]),
        (&json!(ITEMS), &json!(1))
    );
    let entries = bench.entries("evidence.taken");
    let written = &entries[0]["file"];
    assert_eq!(written["requests"], json!({ "ok": ITEMS }));
    assert_eq!(written["known_error"]["specificity"], json!(0.35));
    let card = bench.card();
    let run = &card.evidence[0].shown;
    assert_eq!(
        run.file.as_ref().unwrap().scorer.as_deref(),
        Some("promptfoo")
    );
    let digest = evidence::digest_of(file.to_string().as_bytes());
    assert_eq!(run.file.as_ref().unwrap().digest, Some(digest));
    assert!(run.mean.is_some());
    let public = card::public(&card);
    assert_eq!(public.evidence[0].shown.file.as_ref().unwrap().scorer, None);
}

#[test]
fn what_does_not_join_is_taken_in_and_says_why() {
    let mut bench = Bench::new();
    let whole = promptfoo("candidate", ITEMS);
    let mut cases: Vec<(Key, Value, &str)> = Vec::new();
    let key = bench.used(ITEMS - 2, Outcome::Success);
    bench.answer(&key, 2, Outcome::Fallback);
    cases.push((key, whole.clone(), "a fallback answered 2 requests"));
    let key = bench.used(ITEMS - 1, Outcome::Success);
    bench.answer(&key, 1, Outcome::Error);
    cases.push((key, whole.clone(), "1 requests ended in an error"));
    let key = bench.used(ITEMS + 1, Outcome::Success);
    cases.push((
        key,
        whole.clone(),
        "61 requests were accounted for, its items took 60",
    ));
    cases.push((bench.key(), whole.clone(), "0 requests were accounted for"));
    let mut counted = whole.clone();
    counted["results"]["stats"]["failures"] = json!(7);
    let key = bench.used(ITEMS, Outcome::Success);
    cases.push((key, counted, "the file was edited: results.stats.failures"));
    let mut scored = promptfoo("candidate", ITEMS - 9);
    scored["results"]["results"][59]["score"] = json!(1);
    let key = bench.used(ITEMS, Outcome::Success);
    let why = "the file was edited: results.prompts[0].metrics.score";
    cases.push((key, scored, why));
    let mut shortened = promptfoo("candidate", ITEMS - 1);
    shortened["results"]["results"]
        .as_array_mut()
        .unwrap()
        .pop();
    shortened["results"]["stats"]["failures"] = json!(0);
    let key = bench.used(ITEMS, Outcome::Success);
    cases.push((
        key.clone(),
        shortened.clone(),
        "60 requests were accounted for, its items took 59",
    ));
    let other = promptfoo("incumbent", ITEMS);
    let key = bench.used(ITEMS, Outcome::Success);
    cases.push((key, other, "was asked for, not"));
    for (at, (key, file, why)) in (1..).zip(&cases) {
        let reasons = bench.reasons(key, file);
        assert!(
            reasons.iter().any(|one| one.contains(why)),
            "{why}: {reasons:?}"
        );
        let (_, release) = bench.world.show(&bench.lead, "/api/v1/releases/next");
        assert_eq!(release["gates"][0]["verdict"], "inconclusive", "{release}");
        let entries = bench.entries("evidence.taken");
        assert_eq!(entries.len(), at);
        let card = bench.card();
        let told = &card.evidence[at - 1].shown.spoilt[0].reason;
        assert!(told.as_ref().unwrap().contains(why), "{told:?}");
    }
    // A shortened file is not the suite that was declared either.
    let key = bench.used(ITEMS - 1, Outcome::Success);
    let reasons = bench.reasons(&key, &shortened);
    assert!(reasons[0].contains("not those of the suite"), "{reasons:?}");
}

#[test]
fn a_key_is_for_one_file() {
    let mut bench = Bench::new();
    let key = bench.used(ITEMS, Outcome::Success);
    let file = promptfoo("candidate", ITEMS);
    assert_eq!(bench.bring(&key, &file).0, 200);
    let incumbent = json!({ "arm": "incumbent" });
    for (file, more) in [(&file, json!({})), (&promptfoo("incumbent", 3), incumbent)] {
        let (status, answer) = bench.send(&key, file, &more);
        assert_eq!((status, code(&answer)), (400, "key_used"), "{answer}");
    }
    let native = json!({
        "arm": "incumbent", "suite": "basics", "suite_digest": "s", "key": key.id,
        "items": [{ "id": "a", "cluster": "a", "score": 1, "decision": null }],
    });
    let (status, answer) = bench
        .world
        .post(&bench.lead, "/api/v1/releases/next/evidence", &native);
    assert_eq!((status, code(&answer)), (400, "key_used"), "{answer}");
    // The next run takes a new key, and is the second attempt.
    let key = bench.used(ITEMS, Outcome::Success);
    assert_eq!(bench.bring(&key, &file).1["attempt"], 2);
}

#[test]
fn what_cannot_be_read_is_refused_and_leaves_the_key_for_the_right_file() {
    let mut bench = Bench::new();
    let key = bench.used(ITEMS, Outcome::Success);
    let file = promptfoo("candidate", ITEMS);
    let application = bench.world.mint(NewKeyKind::Caller {
        team: None,
        attributes: Default::default(),
        use_cases: Vec::new(),
    });
    let with = |name: &str, value: Value| {
        let mut more = json!({});
        more[name] = value;
        more
    };
    let rates = json!({ "sensitivity": 1.2, "specificity": 0.5 });
    let cases = [
        (
            &key,
            with("file", json!("no base64!")),
            "bad_file",
            "base64",
        ),
        (
            &key,
            with("file", json!("aGVsbG8=")),
            "bad_file",
            "no source knows",
        ),
        (
            &key,
            with("source", json!("pytest")),
            "bad_file",
            "promptfoo, ",
        ),
        (
            &key,
            with("source", json!("junit")),
            "bad_file",
            "does not read",
        ),
        (&key, with("known_error", rates), "bad_file", "from 0 to 1"),
        (
            &key,
            with("suite", json!("basics")),
            "bad_file",
            "tiergate eval run",
        ),
        (
            &key,
            with("suite", json!("rivers")),
            "undeclared_suite",
            "digest = \"sha256:",
        ),
        (&application, json!({}), "bad_run", "evaluation key"),
    ];
    for (key, more, expected, says) in &cases {
        let (status, answer) = bench.send(key, &file, more);
        assert_eq!((status, code(&answer)), (400, *expected), "{answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    }
    assert_eq!(bench.entries("evidence.taken").len(), 0);
    assert_eq!(bench.reasons(&key, &file), [""; 0]);
}

#[test]
fn a_file_of_endless_reasons_fits_an_entry() {
    let mut bench = Bench::new();
    let key = bench.used(ITEMS, Outcome::Success);
    let mut file = promptfoo("candidate", ITEMS);
    file["metadata"]["promptfooVersion"] = json!("9".repeat(10_000));
    let prompt = json!({ "metrics": { "score": 3 } });
    file["results"]["prompts"] = json!(vec![prompt; 500]);
    let reasons = bench.reasons(&key, &file);
    assert_eq!(reasons.len(), 9, "{reasons:?}");
    assert!(reasons[8].starts_with("and 49"), "{reasons:?}");
}
