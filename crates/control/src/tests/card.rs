//! Cards of releases told through the admin API, over a real store and ledger.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Model, Stage, Timestamp};
use ed25519_dalek::{Signature, VerifyingKey};
use ledger::{Checkpoint, Hash, Signer, Verifier, includes};
use serde_json::{Value, json};
use store::Arm;

use super::world::{Key, RELEASE, SUITE_DIGEST, World, clock, wait_days};
use crate::card::{
    Card, Names, PAYLOAD_TYPE, Sources, assemble, concerns, envelope, page, public, read, statement,
};

/// A reason that a page must not take for markup.
const MARKUP: &str = "<script>alert('a complaint')</script>";

/// A release that went through a waiver, a suspension and a way back.
struct Story {
    world: World,
    lead: Key,
}

impl Story {
    fn tell() -> Self {
        let world = World::new();
        let [lead, guard, watch, chief] =
            ["lead", "guard", "watch", "chief"].map(|name| world.operator(name));
        let mut story = Self { world, lead };
        story.bring(Arm::Candidate, 48);
        story.bring(Arm::Incumbent, 45);
        story.post(&guard, "approve", &json!({}));
        story.post(&story.lead, "promote", &json!({}));
        wait_days(3);
        let scope = json!({ "teams": ["blue"], "attributes": { "region": "north" } });
        let order = json!({ "reason": MARKUP, "order": "X-1", "scope": scope });
        story.post(&story.lead, "suspend", &order);
        wait_days(2);
        let south = json!({ "teams": ["blue"] });
        let restore = json!({ "reason": "in part", "group": south });
        story.post(&story.lead, "restore", &restore);
        story.post(&chief, "incident", &json!({ "reason": "a wrong dose" }));
        wait_days(40);
        let until = clock().plus_days(20).0;
        let waive = json!({ "gate": "eval_floor", "reason": "the suite is old", "until": until });
        story.post(&chief, "waive", &waive);
        story.post(&guard, "approve", &json!({}));
        story.post(&watch, "approve", &json!({}));
        story.post(&story.lead, "promote", &json!({}));
        wait_days(1);
        story.post(
            &story.lead,
            "rollback",
            &json!({ "reason": "refusals rose" }),
        );
        story
    }

    /// Brings a run of 60 items, so many of them right.
    fn bring(&mut self, arm: Arm, hits: usize) {
        let body = json!({ "kind": "evaluator", "name": "eval", "release": RELEASE });
        let (_, made) = self.world.post(&self.lead, "/api/v1/keys", &body);
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        let key = Key {
            id: text("id"),
            secret: text("key"),
        };
        let plan = self.world.plan();
        let asked: &Model = match arm {
            Arm::Candidate => &plan.candidate,
            Arm::Incumbent => plan.incumbent.as_ref().unwrap(),
        };
        let decisions = self.world.answered(&key, arm, &[asked; 60]);
        let item = |(at, decision): (usize, &String)| {
            let (name, score) = (format!("item-{at}"), if at < hits { 1.0 } else { 0.0 });
            json!({ "id": name, "cluster": name, "score": score, "decision": decision })
        };
        let items: Vec<Value> = decisions.iter().enumerate().map(item).collect();
        let run = json!({
            "arm": arm.as_str(), "suite": "basics", "suite_digest": SUITE_DIGEST,
            "key": key.id, "items": items,
        });
        let lead = self.lead.clone();
        self.post(&lead, "evidence", &run);
    }

    fn post(&self, key: &Key, verb: &str, body: &Value) {
        let path = format!("/api/v1/releases/{RELEASE}/{verb}");
        let (status, answer) = self.world.post(key, &path, body);
        assert_eq!(status, 200, "{verb}: {answer}");
    }

    fn card(&self) -> Card {
        let path = format!("/api/v1/releases/{RELEASE}/card");
        let (status, card) = self.world.show(&self.lead, &path);
        assert_eq!(status, 200, "{card}");
        serde_json::from_value(card).unwrap()
    }
}

/// Collects every fact that a card shows, wherever it stands in its JSON.
fn facts<'v>(value: &'v Value, into: &mut Vec<&'v Value>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("leaf") {
                into.push(value);
            }
            fields.values().for_each(|one| facts(one, into));
        }
        Value::Array(items) => items.iter().for_each(|one| facts(one, into)),
        _ => {}
    }
}

#[test]
fn it_tells_what_moved_on_what_evidence_and_what_is_in_force() {
    let card = Story::tell().card();
    let kinds: Vec<Value> = card.moves.iter().map(|one| json!(one.shown.kind)).collect();
    assert_eq!(
        json!(kinds),
        json!(["promote", "suspend", "restore", "promote", "roll_back"])
    );
    assert_eq!(card.standing.stage, Stage::Sealed);
    assert_eq!(
        card.standing.conditions.len(),
        1,
        "a way back lifts no order"
    );
    let order = &card.standing.conditions[0];
    assert_eq!(order.order.as_deref(), Some("X-1"));
    let words = order.scope.as_ref().unwrap().words.as_deref();
    assert_eq!(words, Some("team blue, region north"));
    assert_eq!(order.index, Some(card.moves[1].index));
    let waived = card.moves[3]
        .shown
        .verdicts
        .iter()
        .find(|one| one.waived.is_some());
    assert_eq!(waived.unwrap().gate, "eval_floor");
    assert!(card.approvals.iter().all(|one| one.shown.is_void));
    assert_eq!(card.approvals[0].shown.by.roles, ["security"]);
    assert_eq!(card.policies.len(), 1);
}

#[test]
fn its_intervals_are_those_of_the_statistics() {
    let card = Story::tell().card();
    let mean = card.evidence[0].shown.mean.unwrap();
    // Wilson 1927 for 48 of 60 at 95 %.
    let z = 1.959_963_984_540_054_f64;
    let (n, p) = (60.0_f64, 0.8_f64);
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    assert!((mean.value - p).abs() < 1e-12);
    assert!((mean.lower - (centre - half)).abs() < 1e-9, "{mean:?}");
    assert!((mean.upper - (centre + half)).abs() < 1e-9, "{mean:?}");
    let paired = card.comparisons[0].difference.unwrap();
    assert!((paired.value - 0.05).abs() < 1e-12, "{paired:?}");
    let (below, above) = (paired.value - paired.lower, paired.upper - paired.value);
    assert!(below > 0.0 && (below - above).abs() < 1e-12, "{paired:?}");
}

#[test]
fn rows_that_were_changed_count_for_nothing_and_show() {
    let story = Story::tell();
    let names = Names::default();
    let store = &story.world.store;
    let release = RELEASE.into();
    let proven = store.proven(|entry| concerns(entry, &release)).unwrap();
    let files = store.ledger().unwrap();
    let mut rows = store.evidence_of(&release).unwrap();
    rows[0].body["items"][0]["score"] = json!(0.5);
    let card = assemble(&Sources {
        release: &release,
        proven: &proven,
        key: files.verifier(),
        evidence: &rows,
        declared: &names,
        now: Timestamp(0),
    })
    .unwrap();
    let changed = card.evidence.iter().filter(|one| one.shown.mean.is_none());
    assert_eq!(changed.count(), 1);
    assert!(card.comparisons[0].difference.is_none());
    let html = page(&card).unwrap();
    assert!(html.contains("not those that the ledger names"), "{html}");
}

#[test]
fn what_people_wrote_is_no_markup() {
    let html = page(&Story::tell().card()).unwrap();
    assert!(html.contains("&lt;script&gt;alert("), "{html}");
    assert!(!html.to_lowercase().contains("<script"), "{html}");
    for outside in ["http://", "https://", "src=", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn the_page_is_well_formed_and_every_source_leads_somewhere() {
    let html = page(&Story::tell().card()).unwrap();
    let targets: BTreeSet<&str> = parts(&html, "id=\"");
    let links: BTreeSet<&str> = parts(&html, "href=\"#");
    assert!(links.len() > 10, "{links:?}");
    assert!(links.is_subset(&targets), "{links:?} {targets:?}");
    for named in parts(&html, "aria-labelledby=\"") {
        let is_there = |one: &str| targets.contains(one);
        assert!(named.split(' ').all(is_there), "{named}");
    }
    let pictures = html.matches("<svg ").count();
    assert_eq!(pictures, html.matches("role=\"img\"").count());
    assert_eq!(pictures, html.matches("<title id=").count());
    for tag in [
        "table", "section", "article", "svg", "tr", "td", "p", "details",
    ] {
        let open =
            html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(open, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

fn parts<'h>(html: &'h str, before: &str) -> BTreeSet<&'h str> {
    let rest = html.split(before).skip(1);
    rest.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_public_card_names_nobody_and_each_of_its_facts_is_proven() {
    let story = Story::tell();
    let card = public(&story.card());
    let json = serde_json::to_value(&card).unwrap();
    let (text, html) = (json.to_string(), page(&card).unwrap());
    let keys = story.world.store.list_keys().unwrap();
    let ids = keys.iter().map(|key| key.id.to_string());
    let words = [
        "lead",
        "guard",
        "watch",
        "chief",
        "blue",
        "north",
        "X-1",
        "alert(",
        "in part",
        "the suite is old",
        "a wrong dose",
        "refusals rose",
        "item-",
    ];
    for hidden in words.into_iter().map(str::to_owned).chain(ids) {
        assert!(!text.contains(&hidden), "{hidden}: {text}");
        // The page's own prose has these words in it.
        if !["lead"].contains(&hidden.as_str()) {
            assert!(!html.contains(&hidden), "{hidden}: {html}");
        }
    }
    let key: Verifier = card.log.key.parse().unwrap();
    let tree = Checkpoint::open(card.log.checkpoint.as_bytes(), &key)
        .unwrap()
        .tree();
    let mut shown = Vec::new();
    facts(&json, &mut shown);
    assert_eq!(shown.len(), 5 + 3 + 1 + 1 + 2 + 1);
    for fact in shown {
        let hash = |value: &Value| Hash::from_base64(value.as_str().unwrap()).unwrap();
        let proof: Vec<Hash> = fact["proof"].as_array().unwrap().iter().map(hash).collect();
        let index = fact["index"].as_u64().unwrap();
        let mut leaf = hash(&fact["leaf"]);
        assert!(includes(&tree, index, &leaf, &proof), "{fact}");
        leaf.0[0] ^= 1;
        assert!(!includes(&tree, index, &leaf, &proof), "{fact}");
    }
}

#[test]
fn a_card_without_any_entry_shows_a_sealed_release() {
    let world = World::new();
    let names = Names::default();
    let card = read(&world.store, &"other".into(), &names, Timestamp(0)).unwrap();
    assert!(card.moves.is_empty() && card.policies.is_empty());
    assert!(page(&card).unwrap().contains("has not moved"));
    assert!(statement(&card, None).is_err());
}

/// Encodes as DSSE 1.0 says: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`.
fn encoded(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"DSSEv1 ".to_vec();
    bytes.extend(format!("{} {kind} {} ", kind.len(), body.len()).bytes());
    bytes.extend(body);
    bytes
}

#[test]
fn a_statement_of_a_move_is_signed_by_the_ledgers_key() {
    let mut card = Story::tell().card();
    let digest = "sha256:".to_owned() + &"0a".repeat(32);
    for one in &mut card.moves {
        one.shown.digest = domain::ModelDigest(digest.clone().into());
    }
    let signer = Signer::from_seed("tiergate.example/test".parse().unwrap(), &[7; 32]);
    let index = card.moves[1].index;
    let made = statement(&card, Some(index)).unwrap();
    assert_eq!(made["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(made["subject"][0]["digest"]["sha256"], "0a".repeat(32));
    assert_eq!(made["predicate"]["decision"]["index"], index);
    let wrapped = envelope(&made, &signer).unwrap();
    let payload = STANDARD
        .decode(wrapped["payload"].as_str().unwrap())
        .unwrap();
    assert_eq!(wrapped["payloadType"], PAYLOAD_TYPE);
    let read: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(read, made);
    let sig = STANDARD
        .decode(wrapped["signatures"][0]["sig"].as_str().unwrap())
        .unwrap();
    let signature = Signature::from_slice(&sig).unwrap();
    // The public half out of the text that the envelope names, type byte cut.
    let key = wrapped["signatures"][0]["keyid"].as_str().unwrap();
    assert_eq!(key, signer.verifier().to_string());
    let half = STANDARD.decode(key.splitn(3, '+').nth(2).unwrap()).unwrap();
    let key = VerifyingKey::from_bytes(half[1..].try_into().unwrap()).unwrap();
    let signed = encoded(PAYLOAD_TYPE, &payload);
    key.verify_strict(&signed, &signature).unwrap();
    let mut other = signed.clone();
    *other.last_mut().unwrap() ^= 1;
    assert!(key.verify_strict(&other, &signature).is_err());
    let none = statement(&card, Some(card.approvals[0].index));
    assert!(none.is_err(), "an approval is no move");
}
