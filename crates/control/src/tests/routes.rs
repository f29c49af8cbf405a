//! The admin API from outside: who may use a route, and what a malformed body is told.

use serde_json::{Value, json};
use store::NewKeyKind;

use super::world::{Key, RELEASE, World, wait_days};
use crate::api::{Access, ROUTES};

/// Fills the braces of every route's path.
fn paths() -> impl Iterator<Item = (&'static str, String, Access)> {
    ROUTES.iter().map(|route| {
        let path = route.path.replace("{release}", RELEASE);
        (
            route.method,
            path.replace("{key}", "some-key"),
            route.access,
        )
    })
}

fn caller(world: &World) -> Key {
    world.mint(NewKeyKind::Caller {
        team: None,
        attributes: Default::default(),
        use_cases: vec!["triage".into()],
    })
}

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or("no error")
}

#[test]
fn every_route_but_health_wants_an_operators_key() {
    let world = World::new();
    let operator = world.operator("lead");
    let evaluator = world.mint(NewKeyKind::Evaluator {
        release: RELEASE.into(),
    });
    let (caller, wrong) = (caller(&world), operator.secret.replace('o', "0"));
    let unaccepted = world.mint(NewKeyKind::Operator {
        person: "guard".into(),
    });
    let refused = [
        None,
        Some(""),
        Some("anything"),
        Some(wrong.as_str()),
        Some(&caller.secret),
        Some(&evaluator.secret),
        Some(&unaccepted.secret),
    ];
    let mut open = Vec::new();
    for (method, path, access) in paths() {
        if access == Access::Open {
            assert_eq!(world.call(method, &path, None, b"").0, 200, "{path}");
            open.push(path);
            continue;
        }
        for secret in refused {
            for body in [&b""[..], b"{}", b"not json"] {
                let (status, body) = world.call(method, &path, secret, body);
                assert_eq!((status, code(&body)), (401, "no_operator_key"), "{path}");
            }
        }
    }
    assert_eq!(open, ["/healthz", "/readyz"]);
    assert_eq!(world.published().generation, 0);
}

#[test]
fn a_path_that_is_no_route_tells_strangers_nothing() {
    let world = World::new();
    let operator = world.operator("lead");
    for (method, path) in [
        ("GET", "/api/v1/nothing"),
        ("DELETE", "/api/v1/releases/next"),
        ("GET", "/api/v1/releases/next/promote"),
        ("POST", "/api/v1/releases/next/promote/"),
        ("POST", "/api/v1/releases//promote"),
        ("POST", "/healthz"),
    ] {
        assert_eq!(world.call(method, path, None, b"").0, 401, "{path}");
        let (status, body) = world.call(method, path, Some(&operator.secret), b"");
        assert_eq!((status, code(&body)), (404, "no_such_route"), "{path}");
    }
}

#[test]
fn an_operators_key_ends_with_its_day_and_with_its_revocation() {
    let world = World::new();
    let lead = world.operator("lead");
    let expires_at = super::world::START.plus_days(1);
    let body = json!({
        "kind": "operator", "name": "day", "person": "guard", "expires_at": expires_at,
    });
    let (status, body) = world.post(&lead, "/api/v1/keys", &body);
    assert_eq!(status, 200);
    let guard = Key {
        id: body["id"].as_str().unwrap().to_owned(),
        secret: body["key"].as_str().unwrap().to_owned(),
    };
    assert_eq!(world.show(&guard, "/api/v1/policy").0, 200);
    wait_days(1);
    assert_eq!(world.show(&guard, "/api/v1/policy").0, 401);
    let revoke = format!("/api/v1/keys/{}/revoke", lead.id);
    assert_eq!(world.post(&lead, &revoke, &json!({})).0, 200);
    assert_eq!(world.show(&lead, "/api/v1/policy").0, 401);
}

#[test]
fn an_unknown_release_is_told_with_those_there_are() {
    let world = World::new();
    let lead = world.operator("lead");
    let run = json!({
        "arm": "candidate", "suite": "basics", "suite_digest": "s", "key": "k", "items": [],
    });
    let import = json!({ "arm": "candidate", "suite": "basics", "key": "k", "file": "" });
    let told = paths().filter(|(_, path, _)| path.contains(RELEASE));
    let mut count = 0;
    for (method, path, _) in told {
        let path = path.replace(RELEASE, "unheard-of");
        let body = match path.rsplit('/').next() {
            Some("evidence") => run.to_string(),
            Some("import") => import.to_string(),
            Some("suspend") => json!({ "reason": "an order", "scope": {} }).to_string(),
            Some("waive") => {
                json!({ "gate": "soak", "reason": "r", "until": i64::MAX }).to_string()
            }
            Some("retire") => json!({ "reason": "its provider ends it", "on": 0 }).to_string(),
            Some("incident") => json!({ "reason": "it leaked" }).to_string(),
            Some("restore") => json!({ "reason": "lifted" }).to_string(),
            _ => String::new(),
        };
        let (status, body) = world.call(method, &path, Some(&lead.secret), body.as_bytes());
        assert_eq!((status, code(&body)), (404, "no_such_release"), "{path}");
        let remedy = body["error"]["remedy"].as_str().unwrap();
        assert!(remedy.contains(RELEASE), "{remedy}");
        count += 1;
    }
    assert_eq!(count, 15);
}

/// Posts wrong bodies and looks for the field's name in what is answered.
fn check_bad(cases: &[((&str, Value), &str)]) {
    let world = World::new();
    let lead = world.operator("lead");
    for ((path, body), names) in cases {
        let (status, answer) = world.post(&lead, path, body);
        assert_eq!((status, code(&answer)), (400, "bad_body"), "{body}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(names), "{body}: {message}");
        assert!(!answer["error"]["remedy"].as_str().unwrap().is_empty());
    }
    assert_eq!(world.published().generation, 0, "nothing was done");
    let keys = world.store.list_keys().unwrap();
    assert_eq!(keys.len(), 1, "no key was made");
}

#[test]
fn a_wrong_key_is_a_400_that_names_the_field() {
    let key = |fields: Value| ("/api/v1/keys", fields);
    let cases = [
        (key(json!({})), "`kind`"),
        (key(json!({ "kind": "root", "name": "n" })), "`kind`"),
        (key(json!({ "kind": "caller" })), "`name`: it is missing"),
        (key(json!({ "kind": "caller", "name": 7 })), "`name`"),
        (
            key(json!({ "kind": "caller", "name": "n", "teem": "blue" })),
            "`teem`: there is no such field here, only kind, name, expires_at, team",
        ),
        (
            key(json!({ "kind": "caller", "name": "n", "use_cases": ["triage", 7] })),
            "`use_cases[1]`",
        ),
        (
            key(json!({ "kind": "caller", "name": "n", "attributes": { "region": 1 } })),
            "`attributes.region`",
        ),
        (
            key(json!({ "kind": "caller", "name": "n", "use_cases": ["trial"] })),
            "`use_cases[0]`: no use case `trial` is declared",
        ),
        (
            key(json!({ "kind": "caller", "name": "n", "expires_at": 1 })),
            "`expires_at`",
        ),
        (
            key(json!({ "kind": "caller", "name": "n", "person": "lead" })),
            "`person`",
        ),
        (
            key(json!({ "kind": "operator", "name": "n" })),
            "`person`: it is missing",
        ),
        (
            key(json!({ "kind": "operator", "name": "n", "person": "nobody" })),
            "`person`: no person `nobody` is declared",
        ),
        (
            key(json!({ "kind": "evaluator", "name": "n", "release": "last" })),
            "`release`: no release `last` is declared",
        ),
    ];
    check_bad(&cases);
}

#[test]
fn a_wrong_body_is_a_400_that_names_the_field() {
    let explain = |fields: Value| ("/api/v1/explain", fields);
    let run = |fields: Value| ("/api/v1/releases/next/evidence", fields);
    let import = |fields: Value| ("/api/v1/releases/next/evidence/import", fields);
    let hold = |fields: Value| ("/api/v1/releases/next/hold", fields);
    let back = |fields: Value| ("/api/v1/releases/next/rollback", fields);
    let items = |item: Value| {
        json!({
            "arm": "candidate", "suite": "basics", "suite_digest": "s", "key": "k",
            "items": [{ "id": "a", "cluster": "a", "score": 1, "decision": null }, item],
        })
    };
    let cases = [
        (explain(json!({ "name": "opus" })), "`key`: it is missing"),
        (explain(json!({ "key": "k", "name": [] })), "`name`"),
        (
            explain(json!({ "key": "k", "name": "opus", "usecase": "x" })),
            "`usecase`",
        ),
        (run(json!({ "arm": "both" })), "`arm`"),
        (
            import(json!({ "arm": "candidate" })),
            "`suite`: it is missing",
        ),
        (import(json!({ "attempt": 1 })), "`attempt`"),
        (run(items(json!({ "id": "b" }))), "`items[1].cluster`"),
        (
            run(items(json!({ "id": "b", "cluster": "b", "score": "1" }))),
            "`items[1].score`",
        ),
        (run(items(json!(3))), "`items[1]`"),
        (hold(json!({ "reason": 1 })), "`reason`"),
        (hold(json!({ "generation": -1 })), "`generation`"),
        (hold(json!({ "resaon": "typo" })), "`resaon`"),
        (hold(json!({ "to": "sealed" })), "`to`"),
        (back(json!({ "to": "nowhere" })), "`to`"),
        (back(json!([1])), "it is not an object"),
    ];
    check_bad(&cases);
    for verb in ["approve", "promote", "resume"] {
        let path = format!("/api/v1/releases/next/{verb}");
        let wrong = json!({ "generatoin": 3 });
        check_bad(&[((path.as_str(), wrong), "`generatoin`")]);
    }
}

#[test]
fn a_body_that_is_no_json_is_a_400() {
    let world = World::new();
    let lead = world.operator("lead");
    let path = "/api/v1/releases/next/hold";
    for body in [&b"{\"reason\": "[..], b"reason=late", b"\xff"] {
        let (status, answer) = world.call("POST", path, Some(&lead.secret), body);
        assert_eq!((status, code(&answer)), (400, "bad_body"));
    }
    assert_eq!(world.published().generation, 0);
}

#[test]
fn a_run_that_does_not_hold_together_is_refused() {
    let mut world = World::new();
    let lead = world.operator("lead");
    let application = caller(&world);
    let evaluator = |world: &World, release: &str| {
        world.mint(NewKeyKind::Evaluator {
            release: release.into(),
        })
    };
    let (own, other) = (evaluator(&world, RELEASE), evaluator(&world, "last"));
    let candidate = world.plan().candidate;
    let decisions = world.answered(&own, store::Arm::Candidate, &[&candidate]);
    let item = |id: &str, score: f64| {
        json!({
            "id": id, "cluster": id, "score": score, "decision": decisions[0],
        })
    };
    let run = |key: &Key, items: Vec<Value>| {
        json!({
            "arm": "candidate", "suite": "basics", "suite_digest": "s", "key": key.id,
            "items": items,
        })
    };
    let cases = [
        (run(&own, Vec::new()), "a run holds 1 to"),
        (run(&own, vec![item("a", 1.5)]), "item a: its score"),
        (run(&own, vec![item("a", 1.0), item("a", 1.0)]), "twice"),
        (run(&application, vec![item("a", 1.0)]), "evaluation key"),
        (run(&other, vec![item("a", 1.0)]), "evaluation key"),
    ];
    let path = "/api/v1/releases/next/evidence";
    for (body, says) in cases {
        let (status, answer) = world.post(&lead, path, &body);
        assert_eq!((status, code(&answer)), (400, "bad_run"), "{says}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    }
    // One answer stands for one item.
    let twice = run(&own, vec![item("a", 1.0), item("b", 1.0 / 3.0)]);
    let (status, taken) = world.post(&lead, path, &twice);
    assert_eq!((status, &taken["spoilt"]), (200, &json!(1)), "{taken}");
}

#[test]
fn scores_of_many_digits_read_back_as_they_were_taken_in() {
    let mut world = World::new();
    let lead = world.operator("lead");
    let key = world.mint(NewKeyKind::Evaluator {
        release: RELEASE.into(),
    });
    let candidate = world.plan().candidate;
    let decisions = world.answered(&key, store::Arm::Candidate, &[&*candidate; 60]);
    let items: Vec<Value> = (1_i32..)
        .zip(decisions)
        .map(|(number, decision)| {
            let (id, score) = (
                format!("case-{number}"),
                0.8 + f64::from(number).sin() / 7.0,
            );
            json!({ "id": id, "cluster": id, "score": score, "decision": decision })
        })
        .collect();
    let run = json!({
        "arm": "candidate", "suite": "basics", "suite_digest": super::world::SUITE_DIGEST,
        "key": key.id, "items": items,
    });
    let (status, _) = world.post(&lead, "/api/v1/releases/next/evidence", &run);
    assert_eq!(status, 200);
    let (_, release) = world.show(&lead, "/api/v1/releases/next");
    assert_eq!(release["gates"][0]["verdict"], "pass", "{release}");
}

#[test]
fn keys_are_listed_without_their_secrets() {
    let world = World::new();
    let lead = world.operator("lead");
    let body = json!({ "kind": "caller", "name": "shop", "use_cases": ["triage"] });
    let (status, made) = world.post(&lead, "/api/v1/keys", &body);
    assert_eq!(status, 200);
    let secret = made["key"].as_str().unwrap();
    let (_, keys) = world.show(&lead, "/api/v1/keys");
    let text = keys.to_string();
    assert!(text.contains("shop") && !text.contains(secret));
    assert!(!text.contains(&lead.secret));
    let revoke = format!("/api/v1/keys/{}/revoke", made["id"].as_str().unwrap());
    assert_eq!(world.post(&lead, &revoke, &Value::Null).0, 200);
    let (status, body) = world.post(&lead, &revoke, &Value::Null);
    assert_eq!((status, code(&body)), (404, "no_such_key"));
}

#[test]
fn explain_follows_the_status() {
    let world = World::new();
    let lead = world.operator("lead");
    let app = caller(&world);
    let ask = |name: &str| {
        let body = json!({ "key": app.id, "name": name, "use_case": "triage" });
        let (status, body) = world.post(&lead, "/api/v1/explain", &body);
        assert_eq!(status, 200, "{body}");
        body
    };
    assert_eq!(ask("opus")["outcome"]["models"], json!(["old"]));
    assert!(ask("new")["outcome"]["denied"].is_string());
    let body = json!({ "key": "nobody", "name": "opus" });
    let (status, body) = world.post(&lead, "/api/v1/explain", &body);
    assert_eq!((status, code(&body)), (404, "no_such_key"));
    let metrics = world.show(&lead, "/metrics");
    assert_eq!(metrics, (200, json!("# no metrics\n")));
    let (_, policy) = world.show(&lead, "/api/v1/policy");
    assert_eq!(policy["generation"], 0);
}
