//! Callers of every kind that ask until the gateway is gone, each request with a mark of its own.
//! It must not judge what comes back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use testkit::{Client, Reply};
use tokio::task::JoinHandle;

use super::chance::{Chance, Event, Fuse};
use super::history::Kind;
use super::judge::{Answered, Asked, TIER};
use crate::client::Ask;
use crate::home::Key;
use crate::patience::{on, runtime};

/// How many connections each caller has.
const LINES_EACH: usize = 2;

/// Callers that are asking.
pub(crate) struct Traffic {
    lines: Vec<JoinHandle<Vec<Asked>>>,
}

impl Traffic {
    /// Starts asking on every connection.
    pub(crate) fn start(
        address: SocketAddr,
        callers: &[(Kind, Key)],
        (round, seed): (u64, u64),
        fuse: &Arc<Fuse>,
    ) -> Self {
        let several = callers.iter().flat_map(|one| [one; LINES_EACH]);
        let lines = several.enumerate().map(|(line, (who, key))| {
            let caller = Caller {
                who: *who,
                key: key.key.clone(),
                mark: format!("{round}-{line}"),
                chance: Chance::of(seed, round * 1_000 + line as u64),
            };
            runtime().spawn(ask_on(address, caller, Arc::clone(fuse)))
        });
        Self {
            lines: lines.collect(),
        }
    }

    /// Waits until nothing answers any more, and lists what was asked.
    pub(crate) fn ended(self) -> Vec<Asked> {
        let lines = self.lines.into_iter();
        lines.flat_map(|line| on(line).unwrap()).collect()
    }
}

struct Caller {
    who: Kind,
    key: String,
    /// Begins every mark of this line.
    mark: String,
    chance: Chance,
}

async fn ask_on(address: SocketAddr, mut caller: Caller, fuse: Arc<Fuse>) -> Vec<Asked> {
    let mut asked = Vec::new();
    let Ok(mut client) = Client::connect(address).await else {
        return asked;
    };
    loop {
        // The candidate's own name leads to it where the tier does, and nowhere else.
        let name = if caller.chance.below(6) == 0 {
            "next"
        } else {
            TIER
        };
        let mark = format!("{}-{}", caller.mark, asked.len());
        let is_streamed = caller.chance.below(3) == 0;
        let ask = question(&caller.key, name, &mark);
        let ask = if is_streamed { ask.streamed() } else { ask };
        let whole = put(&mut client, (caller.who, name, &mark), &ask).await;
        let is_cut = whole.answer.is_none();
        asked.push(whole);
        if is_cut {
            return asked;
        }
        fuse.burn(Event::Answer);
    }
}

/// Makes a request whose text and conversation are its mark.
pub(crate) fn question(key: &str, name: &str, mark: &str) -> Ask {
    let body = json!({ "model": name, "messages": [{ "role": "user", "content": mark }] });
    let ask = Ask::post("/v1/chat/completions", &body);
    ask.bearer(key).with("tiergate-conversation", mark)
}

/// Asks on a connection and notes what came of it.
pub(crate) async fn put(
    client: &mut Client,
    (who, name, mark): (Kind, &'static str, &str),
    ask: &Ask,
) -> Asked {
    let sent = Instant::now();
    let reply = client.exchange(&ask.bytes()).await.ok();
    Asked {
        who,
        name,
        mark: mark.to_owned(),
        sent,
        answer: reply.map(|reply| answered(&reply)),
    }
}

fn answered(reply: &Reply) -> Answered {
    let header = |name| reply.head.header(name).map(str::to_owned);
    Answered {
        at: Instant::now(),
        status: reply.head.status,
        model: header("tiergate-model"),
        decision: header("tiergate-decision"),
    }
}
