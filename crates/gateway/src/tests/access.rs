//! Who gets in: every route without a key, names that are hidden, headers that pretend. It must
//! not test providers.

use domain::Attributes;
use store::NewKeyKind;
use testkit::{Client, Reply};

use super::{Bench, chat, config, json, text};
use crate::routes::{Access, ROUTES};

fn path_of(pattern: &str) -> String {
    pattern
        .replace("{model}", "haiku")
        .replace("{call}", "haiku:generateContent")
}

#[tokio::test]
async fn every_route_refuses_whoever_has_no_key() {
    let bench = Bench::start().await;
    let expired = "tg_c_0000000000000000000000";
    let long = format!("authorization: Bearer {}\r\n", "k".repeat(4000));
    for route in ROUTES {
        for headers in [
            "",
            "authorization: Bearer \r\n",
            "authorization: Basic a2V5\r\n",
            "authorization: Bearer\r\n",
            "x-api-key: \r\n",
            &format!("x-api-key: {expired}\r\n"),
            &format!("authorization: Bearer {expired}\r\n"),
            &long,
            "tiergate-caller: admin\r\nx-forwarded-user: admin\r\n",
        ] {
            let request = bench.request(route.method, &path_of(route.path), headers, "{}");
            let reply = bench.exchange(&request).await;
            let expected = match route.access {
                Access::Open => 200,
                Access::Caller => 401,
            };
            assert_eq!(reply.head.status, expected, "{} {headers}", route.path);
            if route.access == Access::Caller {
                assert_eq!(reply.head.header("tiergate-error"), Some("gateway"));
                assert!(json(&reply)["error"]["message"].is_string());
            }
        }
    }
    // Paths that are no routes tell nothing either.
    for path in [
        "/",
        "/v1",
        "/v1/chat/completions/",
        "//v1/models",
        "/admin",
        "/V1/models",
    ] {
        let reply = bench.exchange(&bench.request("GET", path, "", "")).await;
        assert_eq!(reply.head.status, 401, "{path}");
    }
    assert!(bench.fake.requests().is_empty());
}

#[tokio::test]
async fn both_credential_headers_open_both_dialects() {
    let bench = Bench::start().await;
    let key = &bench.key;
    for (path, name, version) in [
        ("/v1/chat/completions", "haiku", ""),
        ("/v1/messages", "opus", "anthropic-version: 2023-06-01\r\n"),
        ("/v1/messages", "opus", "anthropic-version: 2026-10-21\r\n"),
    ] {
        for credential in [
            format!("x-api-key: {key}\r\n"),
            format!("authorization: Bearer {key}\r\n"),
            format!("authorization: bearer {key}\r\n"),
        ] {
            let headers = format!("{credential}{version}content-type: application/json\r\n");
            let request = bench.request("POST", path, &headers, &chat(name, false));
            let reply = bench.exchange(&request).await;
            assert_eq!(
                reply.head.status, 200,
                "{path} {credential} {:?}",
                reply.body
            );
        }
    }
    let seen = bench.fake.requests();
    let versions: Vec<_> = seen
        .iter()
        .filter_map(|it| it.header("anthropic-version"))
        .collect();
    assert_eq!(versions.iter().filter(|it| **it == "2026-10-21").count(), 3);
    assert_eq!(versions.iter().filter(|it| **it == "2023-06-01").count(), 3);
}

#[tokio::test]
async fn one_credential_counts_where_two_are_there() {
    let bench = Bench::start().await;
    let key = &bench.key;
    let json_type = "content-type: application/json\r\n";
    let two = format!("authorization: Bearer wrong\r\nx-api-key: {key}\r\n{json_type}");
    let other = format!("authorization: Bearer {key}\r\nx-api-key: wrong\r\n{json_type}");
    let twice =
        format!("authorization: Bearer {key}\r\nauthorization: Bearer {key}\r\n{json_type}");
    for (path, name, headers, status) in [
        ("/v1/messages", "opus", &two, 200),
        ("/v1/messages", "opus", &other, 401),
        ("/v1/chat/completions", "haiku", &two, 401),
        ("/v1/chat/completions", "haiku", &other, 200),
        ("/v1/chat/completions", "haiku", &twice, 400),
    ] {
        let reply = bench
            .exchange(&bench.request("POST", path, headers, &chat(name, false)))
            .await;
        assert_eq!(reply.head.status, status, "{path} {headers}");
    }
}

#[tokio::test]
async fn revoked_and_operators_keys_open_nothing() {
    let bench = Bench::start().await;
    let headers = |key: &str| format!("x-api-key: {key}\r\ncontent-type: application/json\r\n");
    let (_, operator) = bench.mint(NewKeyKind::Operator {
        person: "lead".into(),
    });
    let (id, revoked) = bench.mint(NewKeyKind::Caller {
        team: None,
        attributes: Attributes::default(),
        use_cases: Vec::new(),
    });
    bench.store.revoke_key(&id, crate::now()).unwrap();
    bench.store.refresh_keys().unwrap();
    for key in [operator, revoked] {
        let body = chat("haiku", false);
        let request = bench.request("POST", "/v1/chat/completions", &headers(&key), &body);
        assert_eq!(bench.exchange(&request).await.head.status, 401);
    }
}

/// What is left of an answer once its ids are out.
fn without_ids(reply: &Reply, name: &str) -> String {
    let decision = reply.head.header("tiergate-decision").unwrap();
    let mut headers = reply.head.headers.clone();
    headers.retain(|(name, _)| name != "date" && name != "content-length");
    let whole = format!("{} {headers:?} {}", reply.head.status, text(reply));
    whole.replace(decision, "ID").replace(name, "NAME")
}

#[tokio::test]
async fn a_hidden_name_is_answered_like_one_that_does_not_exist() {
    let bench = Bench::start().await;
    for path in ["/v1/chat/completions", "/v1/messages"] {
        for headers in ["", "tiergate-use-case: defense\r\n"] {
            let mut answers = Vec::new();
            for name in [
                "absent",
                "hidden",
                "capybara",
                "release/mythos/candidate",
                "HIDDEN",
                "hidden ",
                "hidden-2",
                "h\\u0456dden",
            ] {
                let request = bench.post(path, headers, &chat(name, false));
                let reply = bench.exchange(&request).await;
                assert_eq!(reply.head.status, 404, "{name}");
                let said = name.replace("\\u0456", "\u{456}");
                answers.push(without_ids(&reply, &said));
            }
            let first = answers.first().unwrap();
            assert!(answers.iter().all(|answer| answer == first), "{answers:#?}");
        }
    }
    let list = bench.request(
        "GET",
        "/v1/models",
        &format!("x-api-key: {}\r\n", bench.key),
        "",
    );
    let listed = text(&bench.exchange(&list).await);
    assert!(
        !listed.contains("hidden") && !listed.contains("capybara"),
        "{listed}"
    );
    assert!(listed.contains("\"haiku\""), "{listed}");
    assert!(bench.fake.requests().is_empty());
}

#[tokio::test]
async fn no_header_or_field_of_a_client_lifts_it() {
    let bench = Bench::start().await;
    bench.open_release();
    let spoof = "tiergate-tier: capybara\r\ntiergate-model: hidden\r\ntiergate-stage: general\r\n\
                 x-api-model: hidden\r\nmetadata: hidden\r\n";
    let body = chat("haiku", false).replace(
        "\"max_tokens\"",
        "\"metadata\":{\"tier\":\"capybara\",\"model\":\"hidden\"},\"max_tokens\"",
    );
    let reply = bench
        .exchange(&bench.post("/v1/chat/completions", spoof, &body))
        .await;
    assert_eq!(reply.head.header("tiergate-model"), Some("plain"));
    let seen = bench.fake.requests().remove(0);
    let is_clean = seen
        .headers
        .iter()
        .all(|(name, _)| !name.starts_with("tiergate-"));
    assert!(is_clean, "{:?}", seen.headers);
    for (use_case, status) in [
        ("sales", 404),
        ("defense", 200),
        ("absent", 403),
        ("Defense", 403),
    ] {
        let header = format!("tiergate-use-case: {use_case}\r\n");
        let request = bench.post("/v1/chat/completions", &header, &chat("capybara", false));
        assert_eq!(
            bench.exchange(&request).await.head.status,
            status,
            "{use_case}"
        );
    }
    let twice = "tiergate-use-case: defense\r\ntiergate-use-case: sales\r\n";
    let request = bench.post("/v1/chat/completions", twice, &chat("capybara", false));
    assert_eq!(bench.exchange(&request).await.head.status, 400);
}

#[tokio::test]
async fn an_evaluation_key_reaches_its_arms_alone() {
    let bench = Bench::start().await;
    let (_, key) = bench.mint(NewKeyKind::Evaluator {
        release: "mythos".into(),
    });
    let headers = format!("x-api-key: {key}\r\ncontent-type: application/json\r\n");
    for (name, status) in [
        ("release/mythos/candidate", 200),
        ("haiku", 404),
        ("hidden", 404),
    ] {
        let body = chat(name, false);
        let request = bench.request("POST", "/v1/chat/completions", &headers, &body);
        assert_eq!(bench.exchange(&request).await.head.status, status, "{name}");
    }
}

#[tokio::test]
async fn bad_input_gets_its_status_and_one_message() {
    let bench = Bench::start().await;
    let good = chat("haiku", false);
    let twice = good.replace("{\"model\"", "{\"model\":\"x\",\"model\"");
    let key = &bench.key;
    let plain = format!("x-api-key: {key}\r\ncontent-type: text/plain\r\n");
    let gzip =
        format!("x-api-key: {key}\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n");
    let typed = format!("x-api-key: {key}\r\ncontent-type: application/json; charset=utf-8\r\n");
    let over = chat("haiku", false).replace("\"max_tokens\":50", "\"max_tokens\":1001");
    for (headers, body, status) in [
        (&typed, good.as_str(), 200),
        (&plain, good.as_str(), 415),
        (&gzip, good.as_str(), 415),
        (&typed, "{\"model\":", 400),
        (&typed, "", 400),
        (&typed, "[]", 400),
        (&typed, twice.as_str(), 400),
        (&typed, over.as_str(), 400),
    ] {
        let request = bench.request("POST", "/v1/chat/completions", headers, body);
        let reply = bench.exchange(&request).await;
        assert_eq!(reply.head.status, status, "{body}: {:?}", reply.body);
        if status != 200 {
            let error = &json(&reply)["error"];
            assert!(
                error["message"].is_string() && error["code"].is_string(),
                "{error}"
            );
        }
    }
    let request = bench.request("POST", "/v1/chat/completions", &typed, &twice);
    assert_eq!(
        json(&bench.exchange(&request).await)["error"]["param"],
        "model"
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_its_sender_hears_why() {
    let bench = Bench::start().await;
    let limit = config().max_body_bytes;
    let huge = "x".repeat(20 * limit);
    for path in ["/v1/chat/completions", "/v1/messages"] {
        let reply = bench.exchange(&bench.post(path, "", &huge)).await;
        assert_eq!(reply.head.status, 413);
        assert!(json(&reply)["error"]["message"].is_string());
    }
    // The same without a declared length.
    let key = &bench.key;
    let mut request = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: t\r\nx-api-key: {key}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n",
        huge.len()
    )
    .into_bytes();
    request.extend_from_slice(huge.as_bytes());
    request.extend_from_slice(b"\r\n0\r\n\r\n");
    assert_eq!(bench.exchange(&request).await.head.status, 413);
}

#[tokio::test]
async fn requests_that_can_be_read_in_two_ways_are_refused() {
    let bench = Bench::start().await;
    let key = &bench.key;
    for lines in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5, 6\r\n",
        "content-length: +5\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "bad header: x\r\n",
    ] {
        let request = format!(
            "POST /v1/messages HTTP/1.1\r\nhost: t\r\nx-api-key: {key}\r\n\
             content-type: application/json\r\n{lines}\r\nhello!"
        );
        let mut client = Client::connect(bench.address).await.unwrap();
        let reply = client.exchange(request.as_bytes()).await.unwrap();
        assert_eq!(reply.head.status, 400, "{lines}");
    }
    assert!(bench.fake.requests().is_empty());
}

#[tokio::test]
async fn a_route_under_another_method_names_its_own() {
    let bench = Bench::start().await;
    let headers = format!(
        "x-api-key: {}\r\ncontent-type: application/json\r\n",
        bench.key
    );
    let reply = bench
        .exchange(&bench.request("GET", "/v1/messages", &headers, ""))
        .await;
    assert_eq!(
        (reply.head.status, reply.head.header("allow")),
        (405, Some("POST"))
    );
}

#[tokio::test]
async fn the_list_comes_in_the_asking_dialect() {
    let bench = Bench::start().await;
    let key = &bench.key;
    for (headers, field) in [
        (format!("authorization: Bearer {key}\r\n"), "object"),
        (
            format!("x-api-key: {key}\r\nanthropic-version: 2026-10-21\r\n"),
            "has_more",
        ),
    ] {
        let reply = bench
            .exchange(&bench.request("GET", "/v1/models", &headers, ""))
            .await;
        assert_eq!(reply.head.status, 200);
        let page = json(&reply);
        assert!(!page[field].is_null(), "{page}");
        assert!(reply.head.header("tiergate-decision").is_some());
    }
}
