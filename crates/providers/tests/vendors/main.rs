//! The adapters against a server that lets in only what the vendors' own libraries accept:
//! botocore for signatures and event streams, google-auth for assertions. It must not know how
//! anything is signed.
#![cfg(feature = "aws")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "all of this is test code, and a skip is told on standard output"
)]

mod judge;

use providers::{Class, Retry};

use crate::judge::{Ask, Auth, Judge};

const KEYS: [(&str, &str); 2] = [
    ("access_key_id", "AKIDEXAMPLE"),
    (
        "secret_access_key",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    ),
];
const TOKEN: (&str, &str) = ("session_token", "a/session+token==");

const BEDROCK: Ask<'_> = Ask {
    dialect: "anthropic-messages",
    platform: Some("bedrock"),
    root: "",
    id: "us.anthropic.claude-opus-5-v1:0",
    is_stream: false,
};
const MANTLE: Ask<'_> = Ask {
    platform: Some("bedrock-mantle"),
    root: "/anthropic",
    ..BEDROCK
};
const VERTEX: Ask<'_> = Ask {
    platform: Some("vertex"),
    root: "/v1",
    id: "claude-opus-4-6@20260205",
    ..BEDROCK
};

#[tokio::test]
async fn botocore_makes_the_same_signature() {
    let Some(judge) = Judge::start() else { return };
    for secrets in [&KEYS[..], &[KEYS[0], KEYS[1], TOKEN]] {
        for id in [
            "us.anthropic.claude-opus-5-v1:0",
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude",
            "odd @~ id/ü%2F",
        ] {
            let ask = Ask { id, ..BEDROCK };
            let answer = judge.ask(&ask, Auth::Sigv4(secrets)).await.unwrap();
            assert_eq!(answer.json()["model"], id);
        }
    }
}

#[tokio::test]
async fn frames_that_botocore_reads_come_as_the_dialects_stream() {
    let Some(judge) = Judge::start() else { return };
    let stream = |ask| Ask {
        is_stream: true,
        ..ask
    };
    let bedrock = judge
        .ask(&stream(BEDROCK), Auth::Sigv4(&KEYS))
        .await
        .unwrap();
    let mantle = judge
        .ask(&stream(MANTLE), Auth::Sigv4(&KEYS))
        .await
        .unwrap();
    assert_eq!(bedrock.kind, "text/event-stream");
    assert!(bedrock.body.ends_with("\n\n"));
    assert_eq!(
        bedrock.body, mantle.body,
        "as the vendor's own API would send it"
    );
    assert_eq!(bedrock.text(), "hello");
}

#[tokio::test]
async fn mantle_takes_a_signature_for_its_own_service() {
    let Some(judge) = Judge::start() else { return };
    for (dialect, root, path) in [
        ("anthropic-messages", "/anthropic", "/anthropic/v1/messages"),
        ("openai-chat", "/openai/v1", "/openai/v1/chat/completions"),
        ("openai-responses", "/openai/v1", "/openai/v1/responses"),
    ] {
        let ask = Ask {
            dialect,
            root,
            ..MANTLE
        };
        let answer = judge.ask(&ask, Auth::Sigv4(&KEYS)).await.unwrap();
        assert_eq!(answer.json()["path"], path);
    }
}

#[tokio::test]
async fn a_bedrock_key_needs_no_signature() {
    let Some(judge) = Judge::start() else { return };
    for ask in [BEDROCK, MANTLE] {
        judge.ask(&ask, Auth::Key("a-bedrock-key")).await.unwrap();
        let bearer = Auth::Kind("bearer", "a-bedrock-key");
        judge.ask(&ask, bearer).await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_signature_is_told_in_the_dialects_envelope() {
    let Some(judge) = Judge::start() else { return };
    let wrong = [KEYS[0], ("secret_access_key", "another")];
    let other_session = [KEYS[0], KEYS[1], ("session_token", "another")];
    for secrets in [&wrong[..], &other_session] {
        let fault = judge.ask(&BEDROCK, Auth::Sigv4(secrets)).await.unwrap_err();
        assert_eq!(fault.class, Class::Status(http::StatusCode::FORBIDDEN));
        assert_eq!(fault.retry, Retry::NextModel);
        let body: serde_json::Value = serde_json::from_slice(&fault.answer.unwrap().body).unwrap();
        assert_eq!(body["error"]["type"], "permission_error");
    }
}

#[tokio::test]
async fn google_accepts_the_assertion_and_one_token_serves() {
    let Some(judge) = Judge::start() else { return };
    let account = judge.account();
    let auth = judge.authorisation(&VERTEX, Auth::Kind("google_service_account", &account));
    for _ in 0..3 {
        let answer = judge.ask_with(&VERTEX, &auth).await.unwrap();
        assert_eq!(answer.json()["model"], VERTEX.id);
        assert_eq!(answer.headers["x-tokens"], "1");
    }
    let ask = Ask {
        is_stream: true,
        ..VERTEX
    };
    let answer = judge.ask_with(&ask, &auth).await.unwrap();
    assert_eq!(answer.text(), "hello");
}

#[tokio::test]
async fn google_refuses_another_account() {
    let Some(judge) = Judge::start() else { return };
    let account = judge.account().replace("gateway@", "other@");
    let auth = Auth::Kind("google_service_account", &account);
    let fault = judge.ask(&VERTEX, auth).await.unwrap_err();
    assert_eq!(
        (fault.class, fault.retry),
        (Class::Credential, Retry::NextModel)
    );
}

#[tokio::test]
async fn azure_takes_its_key_and_its_version() {
    let Some(judge) = Judge::start() else { return };
    let ask = Ask {
        dialect: "openai-chat",
        platform: Some("azure"),
        root: "",
        id: "my-deployment",
        is_stream: false,
    };
    for auth in [
        Auth::Key("an-azure-key"),
        Auth::Kind("azure_key", "an-azure-key"),
    ] {
        let answer = judge.ask(&ask, auth).await.unwrap();
        let path = "/openai/deployments/my-deployment/chat/completions";
        assert_eq!(answer.json()["path"], path);
    }
    let fault = judge.ask(&ask, Auth::Key("another")).await.unwrap_err();
    assert_eq!(fault.class, Class::Status(http::StatusCode::FORBIDDEN));
}
