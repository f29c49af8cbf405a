//! Which adapters take what is only ever passed through, and where it goes.

use super::{ADAPTERS, Case, Upstream, answer};

const CHAT: (&str, Option<&str>) = ("openai-chat", None);
const MESSAGES: (&str, Option<&str>) = ("anthropic-messages", None);

#[tokio::test]
async fn each_kind_goes_to_its_own_path() {
    for (adapter, dialect, path) in [
        (CHAT, wire::COMPLETIONS, "/completions?beta=true"),
        (CHAT, wire::EMBEDDINGS, "/embeddings?beta=true"),
        (CHAT, "openai-chat", "/chat/completions?beta=true"),
        (
            MESSAGES,
            wire::COUNT_TOKENS,
            "/v1/messages/count_tokens?beta=true",
        ),
        (MESSAGES, "anthropic-messages", "/v1/messages?beta=true"),
    ] {
        let upstream = Upstream::start(|_, _| answer("200 OK", &[], b"{}")).await;
        let case = Case {
            adapter,
            id: "m",
            body: "{}",
            headers: &[],
        };
        case.send_as(dialect, &upstream).await.unwrap();
        assert_eq!(upstream.seen().remove(0).target(), path, "{dialect}");
    }
}

#[test]
fn no_other_adapter_takes_them() {
    for kind in [wire::COMPLETIONS, wire::EMBEDDINGS, wire::COUNT_TOKENS] {
        let takers = ADAPTERS.iter().filter(|one| one.passes(kind));
        let names: Vec<&str> = takers.map(|one| one.name()).collect();
        assert!(!names.is_empty(), "{kind}");
        let is_counting = kind == wire::COUNT_TOKENS;
        let only = if is_counting { MESSAGES.0 } else { CHAT.0 };
        assert!(names.iter().all(|name| *name == only), "{kind}: {names:?}");
    }
}
