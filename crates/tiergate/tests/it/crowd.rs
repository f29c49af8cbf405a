//! A thousand callers of every kind: for each of them `explain` says what the request then gets.
//! It must not know how a share is drawn.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::client::{Answer, Ask, Line};
use crate::home::Key;
use crate::patience::{on, runtime};
use crate::rollout::Rollout;

/// How many callers, as the issue wants it.
const CALLERS: usize = 1_000;
/// How many connections ask at the same time.
const LINES: usize = 8;

/// One caller, and what it asks for.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    key: Key,
    name: &'static str,
    use_case: Option<&'static str>,
    conversation: String,
}

/// Where the callers ask, and who may ask about them.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) listen: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) operator: Key,
    /// The names that they ask for, in turns.
    pub(crate) names: [&'static str; 5],
    /// The use cases that their keys may list.
    pub(crate) use_cases: [&'static str; 2],
}

/// What `explain` and the request came to; equal for each caller.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Came {
    To {
        model: String,
        stage: Option<String>,
    },
    Nothing {
        status: u16,
    },
}

#[test]
fn explain_agrees_with_the_header_for_each_of_a_thousand_callers() {
    let story = Rollout::start();
    let place = Place {
        listen: story.gateway.listen,
        admin: story.gateway.admin,
        operator: story.platform_lead.key.clone(),
        names: ["haiku", "claude-haiku-4-5", "next", "haiku", "old"],
        use_cases: ["code-help", "sales"],
    };
    let crowd = Arc::new(mint(&place));
    assert_eq!(crowd.len(), CALLERS);
    let came = compare(&place, &crowd);
    assert_eq!(served(&came, "next"), 0, "sealed: {came:?}");

    story.open();
    let came = compare(&place, &crowd);
    let early = served(&came, "next");
    assert!(early > 0 && served(&came, "old") > 0, "{came:?}");

    // A quarter of the conversations, of every team and use case.
    story.approve(&story.security_lead[1]);
    story.promote().is(0);
    assert_eq!(story.shown()["share"], json!(25), "{}", story.shown());
    let came = compare(&place, &crowd);
    assert!(
        served(&came, "next") > 0 && served(&came, "old") > 0,
        "{came:?}"
    );

    let rollback = ["release", "rollback", "next"];
    story.home.run_as(&story.platform_lead, &rollback).is(0);
    let came = compare(&place, &crowd);
    assert_eq!(served(&came, "next"), 0, "rolled back: {came:?}");
    the_command_says_the_same(&story, &crowd);
}

/// Counts the callers that a model answered.
pub(crate) fn served(came: &BTreeMap<Came, usize>, wanted: &str) -> usize {
    let counts = came.iter().map(|(came, count)| match came {
        Came::To { model, .. } if model == wanted => *count,
        _ => 0,
    });
    counts.sum()
}

/// Creates the callers through the admin port: teams, use cases and names in every mixture.
pub(crate) fn mint(place: &Place) -> Vec<Caller> {
    let here = place.clone();
    in_lines(
        CALLERS,
        move |line, number| {
            let place = here.clone();
            Box::pin(async move { caller(line, &place, number).await })
        },
        place.admin,
    )
}

async fn caller(line: &mut Line, place: &Place, number: usize) -> Caller {
    let [first, second] = place.use_cases;
    let held = [vec![first], vec![second], vec![second, first], vec![]];
    let held = &held[number % 4];
    let team = [Some("blue"), Some("red"), None][number / 4 % 3];
    let wanted = json!({
        "name": format!("caller-{number}"),
        "kind": "caller",
        "team": team,
        "use_cases": held,
        "attributes": { "region": if number.is_multiple_of(2) { "eu" } else { "us" } },
    });
    let ask = Ask::post("/api/v1/keys", &wanted).bearer(&place.operator.key);
    let made = line.ask(&ask).await.is(200).json();
    Caller {
        key: Key::read(&made),
        name: place.names[number / 12 % 5],
        use_case: [None, Some(first), None, Some(second), Some("nowhere")][number / 60 % 5],
        conversation: format!("conversation-{number}"),
    }
}

/// Asks both for every caller, asserts that they agree, and counts what came of it.
pub(crate) fn compare(place: &Place, crowd: &Arc<Vec<Caller>>) -> BTreeMap<Came, usize> {
    let operator = place.operator.clone();
    let asked = Arc::clone(crowd);
    let explained = in_lines(
        CALLERS,
        move |line, number| {
            let (caller, operator) = (asked[number].clone(), operator.clone());
            Box::pin(async move { line.ask(&explain(&caller, &operator)).await })
        },
        place.admin,
    );
    let asked = Arc::clone(crowd);
    let answered = in_lines(
        CALLERS,
        move |line, number| {
            let caller = asked[number].clone();
            Box::pin(async move { line.ask(&request(&caller)).await })
        },
        place.listen,
    );
    let mut counts = BTreeMap::new();
    for (number, (explained, answered)) in explained.into_iter().zip(answered).enumerate() {
        let said = of_explanation(&explained.is(200).json());
        let got = of_answer(&answered);
        assert_eq!(said, got, "{:?}", crowd[number]);
        *counts.entry(got).or_insert(0) += 1;
    }
    counts
}

fn request(caller: &Caller) -> Ask {
    let body = json!({
        "model": caller.name,
        "messages": [{ "role": "user", "content": "hello" }],
        "max_tokens": 1,
    });
    let ask = Ask::post("/v1/chat/completions", &body).bearer(&caller.key.key);
    let ask = ask.with("tiergate-conversation", &caller.conversation);
    match caller.use_case {
        Some(use_case) => ask.with("tiergate-use-case", use_case),
        None => ask,
    }
}

fn explain(caller: &Caller, operator: &Key) -> Ask {
    let body = json!({
        "name": caller.name,
        "key": caller.key.id,
        "use_case": caller.use_case,
        "conversation": caller.conversation,
    });
    Ask::post("/api/v1/explain", &body).bearer(&operator.key)
}

fn of_explanation(explained: &Value) -> Came {
    let outcome = &explained["outcome"];
    let Some(why) = outcome["denied"].as_str() else {
        return Came::To {
            model: outcome["models"][0].as_str().unwrap().to_owned(),
            stage: outcome["stage"].as_str().map(str::to_owned),
        };
    };
    let is_unknown = why == "the name leads to nothing that this key may ask for";
    Came::Nothing {
        status: if is_unknown { 404 } else { 403 },
    }
}

fn of_answer(answer: &Answer) -> Came {
    match answer.status {
        200 => Came::To {
            model: answer.model().unwrap().to_owned(),
            stage: answer.header("tiergate-stage").map(str::to_owned),
        },
        status => Came::Nothing { status },
    }
}

/// Asks through the command for one caller of each mixture of use cases.
fn the_command_says_the_same(story: &Rollout, crowd: &[Caller]) {
    for caller in crowd.iter().take(4) {
        let mut command = vec!["explain", caller.name, "--key", &caller.key.id, "--json"];
        command.extend(["--conversation", &caller.conversation]);
        if let Some(use_case) = caller.use_case {
            command.extend(["--use-case", use_case]);
        }
        let said = story
            .home
            .run_as(&story.platform_lead, &command)
            .is(0)
            .json();
        let got = on(async {
            let mut line = Line::open(story.gateway.listen).await;
            line.ask(&request(caller)).await
        });
        assert_eq!(of_explanation(&said), of_answer(&got), "{caller:?}");
    }
}

type Work<'l, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'l>>;

/// Does a numbered work on a few keep-alive connections at once; the results are in order.
fn in_lines<T: Send + 'static>(
    count: usize,
    work: impl for<'l> Fn(&'l mut Line, usize) -> Work<'l, T> + Clone + Send + 'static,
    address: SocketAddr,
) -> Vec<T> {
    let lines: Vec<_> = (0..LINES)
        .map(|first| {
            let work = work.clone();
            runtime().spawn(async move {
                let mut line = Line::open(address).await;
                let mut done = Vec::new();
                for number in (first..count).step_by(LINES) {
                    done.push((number, work(&mut line, number).await));
                }
                done
            })
        })
        .collect();
    let mut done = Vec::new();
    for line in lines {
        done.extend(on(line).unwrap());
    }
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
