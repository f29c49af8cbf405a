//! People at work until the gateway is gone: one moves the release to and fro, one brings
//! evidence. Each notes what was acknowledged. It must not judge.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::Client;

use super::chance::{Chance, Event, Fuse};
use super::history::Standing;
use super::judge::Asked;
use super::place::EVALUATOR;
use super::traffic::{put, question};
use crate::client::Ask;

/// How many cases of the suite a run brings: a gate wants thirty.
const ITEMS: usize = 32;
/// The name of the candidate's arm.
const ARM: &str = "release/next/candidate";
const DAY_MS: u128 = 86_400_000;

/// Where a person commands, and when a round may end.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) admin: SocketAddr,
    pub(crate) listen: SocketAddr,
    /// The key of who moves, and of who approves.
    pub(crate) platform: String,
    pub(crate) security: String,
    pub(crate) round: u64,
    pub(crate) fuse: Arc<Fuse>,
}

/// A move that was acknowledged.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) sent: Instant,
    pub(crate) known: Instant,
    pub(crate) body: Value,
}

/// What one who moves the release noted.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    pub(crate) made: Vec<Made>,
    /// Approvals that were acknowledged.
    pub(crate) approved: Vec<Value>,
    /// When the move was commanded that no answer came to.
    pub(crate) under_way: Option<Instant>,
    /// Answers that are neither a yes nor a reasoned no.
    pub(crate) wrong: Vec<String>,
}

/// What one who brings evidence noted.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    /// Evidence that was acknowledged.
    pub(crate) taken: Vec<Value>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) wrong: Vec<String>,
}

enum Said {
    Yes(Value),
    No,
    Gone,
}

impl Desk {
    async fn post(&self, client: &mut Client, key: &str, path: &str, body: &Value) -> (u16, Value) {
        let ask = Ask::post(path, body).bearer(key);
        match client.exchange(&ask.bytes()).await {
            Ok(reply) => {
                let value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
                (reply.head.status, value)
            }
            Err(_) => (0, Value::Null),
        }
    }

    /// Commands something of the release.
    async fn command(
        &self,
        client: &mut Client,
        (key, verb, body): (&str, &str, &Value),
        noted: &mut Moved,
    ) -> Said {
        self.fuse.burn(Event::Command);
        let sent = Instant::now();
        let path = format!("/api/v1/releases/next/{verb}");
        match self.post(client, key, &path, body).await {
            (200, body) if verb == "approve" => {
                noted.approved.push(body.clone());
                Said::Yes(body)
            }
            (200, body) => {
                let known = Instant::now();
                noted.made.push(Made {
                    sent,
                    known,
                    body: body.clone(),
                });
                Said::Yes(body)
            }
            (409, _) => Said::No,
            (0, _) => {
                noted.under_way = (verb != "approve").then_some(sent);
                Said::Gone
            }
            (status, body) => {
                noted
                    .wrong
                    .push(format!("{verb} was answered {status}: {body}"));
                Said::No
            }
        }
    }
}

/// Moves the release until the gateway is gone.
pub(crate) async fn move_on(desk: Desk, mut standing: Standing, mut chance: Chance) -> Moved {
    let mut noted = Moved::default();
    let Ok(mut client) = Client::connect(desk.admin).await else {
        return noted;
    };
    loop {
        let (verb, body) = next(&standing, &mut chance);
        if verb == "promote" {
            let approve = (desk.security.as_str(), "approve", &json!({}));
            if let Said::Gone = desk.command(&mut client, approve, &mut noted).await {
                return noted;
            }
        }
        let command = (desk.platform.as_str(), verb, &body);
        match desk.command(&mut client, command, &mut noted).await {
            Said::Yes(made) => standing = standing.after(&made),
            Said::No => {}
            Said::Gone => return noted,
        }
    }
}

/// Draws what is commanded next. Most of it leads forward, or the candidate would hardly serve.
fn next(standing: &Standing, chance: &mut Chance) -> (&'static str, Value) {
    let roll = chance.below(100);
    if standing.is_held && roll < 50 {
        return ("resume", json!({}));
    }
    if standing.suspensions.len() > 1 || (roll < 35 && !standing.suspensions.is_empty()) {
        let number = chance.one_of(&standing.suspensions).number;
        let mut body = json!({ "reason": "lifted", "suspension": number });
        if chance.below(3) == 0 {
            body["group"] = json!({ "attributes": { "region": "north" } });
        }
        return ("restore", body);
    }
    match chance.below(100) {
        0..=9 if !standing.is_held => ("hold", json!({ "reason": "a doubt" })),
        10..=27 => (
            "suspend",
            json!({ "reason": "an order", "scope": scope(chance) }),
        ),
        28..=42 if standing.stage == "general" => {
            let to = *chance.one_of(&["sealed", "early_access"]);
            ("rollback", json!({ "reason": "a complaint", "to": to }))
        }
        28..=35 if standing.stage != "sealed" => ("rollback", json!({ "reason": "a complaint" })),
        _ => ("promote", json!({})),
    }
}

fn scope(chance: &mut Chance) -> Value {
    let several = [
        json!({}),
        json!({ "attributes": { "region": "north" } }),
        json!({ "attributes": { "region": "south" } }),
        json!({ "teams": ["blue"] }),
        json!({ "use_cases": ["sales"], "attributes": { "region": "south" } }),
    ];
    chance.one_of(&several).clone()
}

/// Brings one run of evidence after the other until the gateway is gone.
pub(crate) async fn bring(desk: Desk, suite_digest: String) -> Brought {
    let mut noted = Brought::default();
    let admin = Client::connect(desk.admin).await;
    let asking = Client::connect(desk.listen).await;
    let (Ok(mut admin), Ok(mut asking)) = (admin, asking) else {
        return noted;
    };
    for run in 0.. {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let wanted = json!({
            "name": "run",
            "kind": "evaluator",
            "release": "next",
            "expires_at": u64::try_from(since.as_millis() + DAY_MS).unwrap(),
        });
        let made = desk.post(&mut admin, &desk.platform, "/api/v1/keys", &wanted);
        let (200, key) = made.await else {
            break;
        };
        let mut items = Vec::new();
        for case in 0..ITEMS {
            let mark = format!("{}-run-{run}-{case}", desk.round);
            let ask = question(key["key"].as_str().unwrap(), ARM, &mark);
            let asked = put(&mut asking, (EVALUATOR, ARM, &mark), &ask).await;
            let answer = asked.answer.clone();
            noted.asked.push(asked);
            match answer {
                Some(answer) if answer.status == 200 => items.push(json!({
                    "id": mark, "cluster": mark, "score": 1.0, "decision": answer.decision,
                })),
                // Suspended for everybody: this run brings nothing, another one may.
                Some(_) => break,
                None => return noted,
            }
        }
        if items.len() < ITEMS {
            continue;
        }
        let run = json!({
            "arm": "candidate", "suite": "basics", "suite_digest": suite_digest,
            "key": key["id"], "items": items,
        });
        desk.fuse.burn(Event::Evidence);
        let path = "/api/v1/releases/next/evidence";
        match desk.post(&mut admin, &desk.platform, path, &run).await {
            (200, taken) => noted.taken.push(taken),
            (0, _) => break,
            (status, body) => {
                noted
                    .wrong
                    .push(format!("evidence was answered {status}: {body}"));
            }
        }
    }
    noted
}
