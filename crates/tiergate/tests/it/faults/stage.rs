//! A tier of two models for each pair of dialects that the fake provider speaks, a caller's and a
//! provider's. It must not know a fault.

use std::thread;

use serde_json::Value;
use testkit::{Behaviour, FakeProvider, SPEECHES, Speech};

use crate::bench::Bench;
use crate::client::{Answer, Ask};

/// Deadlines that a test can wait for, and that an answer on a busy machine keeps.
const SERVER: &str = r#"
[server]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
headers_timeout_ms = 1000
first_token_timeout_ms = 1000
idle_timeout_ms = 1000
answer_timeout_ms = 1000
circuit_rest_ms = 300

[people.platform-lead]
roles = ["platform"]
"#;

/// What the models of a pair are called: `first-` and `second-` and the name of its tier.
pub(super) const FIRST: &str = "first";
pub(super) const SECOND: &str = "second";
/// What every answer repeats.
const HEARD: &str = "hello out there";

/// One dialect of a caller before one dialect of a provider, streamed or not.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub(super) face: &'static dyn Speech,
    pub(super) upstream: &'static dyn Speech,
    pub(super) is_stream: bool,
}

/// What a caller got.
pub(super) struct Got {
    pub(super) answer: Answer,
    text: String,
    /// Whose answer it is, where it is whole.
    pub(super) whole_of: Option<&'static str>,
    /// How many errors the stream reports.
    pub(super) errors: usize,
    /// Whether it ends as a success does.
    pub(super) ends_well: bool,
    /// The requests that came to the first and to the second model.
    pub(super) asked: (usize, usize),
}

/// Starts a gateway whose tiers serve two models each.
pub(super) fn start() -> Bench {
    Bench::with(config)
}

/// Declares a provider, two models and a tier for each pair, so that the pairs can be tried side by
/// side: they share no connection, and no circuit.
pub(super) fn config(fake: &FakeProvider) -> String {
    let rows = pairs().into_iter().map(|[way, _]| {
        let (tier, dialect) = (way.tier(), way.upstream.name());
        let url = fake.base_url(way.upstream);
        let [first, second] = [FIRST, SECOND].map(|which| way.model(which));
        let model = |name: &str| {
            format!(
                "[models.{name}]\nprovider = \"{tier}\"\nid = \"{name}\"\n\
                 price = {{ input_usd_micros = 1000000, output_usd_micros = 5000000 }}\n"
            )
        };
        format!(
            "[providers.{tier}]\ndialect = \"{dialect}\"\nbase_url = \"{url}\"\n{}{}\
             [tiers.{tier}]\nserves = [\"{first}\", \"{second}\"]\npurpose = \"p\"\n",
            model(&first),
            model(&second)
        )
    });
    format!("{SERVER}{}", rows.collect::<String>())
}

/// Lists every pair of dialects, each streamed and not.
pub(super) fn pairs() -> Vec<[Way; 2]> {
    let faces = SPEECHES.iter();
    let pairs = faces.flat_map(|face| SPEECHES.iter().map(|upstream| (*face, *upstream)));
    let both = pairs.map(|(face, upstream)| {
        [true, false].map(|is_stream| Way {
            face,
            upstream,
            is_stream,
        })
    });
    both.collect()
}

/// Lists every way.
pub(super) fn ways() -> Vec<Way> {
    pairs().concat()
}

/// Tries each pair on a thread of its own: no two have anything in common.
pub(super) fn side_by_side(each: impl Fn(&[Way; 2]) + Sync) {
    thread::scope(|scope| {
        let each = &each;
        for pair in pairs() {
            scope.spawn(move || each(&pair));
        }
    });
}

impl Way {
    /// Names it.
    pub(super) fn name(&self) -> String {
        let how = if self.is_stream { "stream" } else { "whole" };
        format!(
            "{} before {} ({how})",
            self.face.name(),
            self.upstream.name()
        )
    }

    fn tier(&self) -> String {
        format!("{}-for-{}", self.upstream.name(), self.face.name())
    }

    /// Names one of its models.
    pub(super) fn model(&self, which: &str) -> String {
        format!("{which}-{}", self.tier())
    }

    /// Lets both models behave so.
    pub(super) fn set(&self, bench: &Bench, first: &Behaviour, second: &Behaviour) {
        bench.fake.rescript(&self.model(FIRST), first.clone());
        bench.fake.rescript(&self.model(SECOND), second.clone());
    }

    /// Makes the request.
    pub(super) fn ask(&self, bench: &Bench) -> Ask {
        let question = self.face.question(&self.tier(), self.is_stream);
        Ask::post(&question.path, &question.body).bearer(&bench.caller.key)
    }

    /// Asks, and reads what came.
    pub(super) fn got(&self, bench: &Bench) -> Got {
        let before = bench.fake.count_requests();
        let answer = self.ask(bench).to(bench.gateway.listen);
        let requests = bench.fake.requests_since(before);
        let asked = |which: &str| {
            let model = self.model(which);
            let seen = requests.iter();
            seen.filter(|seen| self.upstream.asks(seen) == model)
                .count()
        };
        let read = self.read(&answer);
        let whole_of = [FIRST, SECOND].into_iter().find(|which| {
            answer.status == 200
                && read.errors == 0
                && read.ends_well
                && read
                    .text
                    .starts_with(&format!("{} heard: {HEARD}", self.model(which)))
                && answer.model() == Some(&*self.model(which))
        });
        Got {
            text: read.text,
            whole_of,
            errors: read.errors,
            ends_well: read.ends_well,
            asked: (asked(FIRST), asked(SECOND)),
            answer,
        }
    }

    fn read(&self, answer: &Answer) -> Read {
        if !self.is_stream || answer.status != 200 {
            let body = answer.json();
            let is_error = self.face.is_error(&body);
            return Read {
                text: self.face.text_of(&body),
                errors: usize::from(is_error),
                ends_well: answer.status == 200 && !is_error,
            };
        }
        let shown = answer.text();
        let data = shown.lines().filter_map(|line| line.strip_prefix("data: "));
        let events: Vec<Value> = data
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap_or_else(|_| panic!("{data}")))
            .collect();
        Read {
            text: events
                .iter()
                .map(|it| self.face.text_of_event(it))
                .collect(),
            errors: events.iter().filter(|it| self.face.is_error(it)).count(),
            ends_well: self.face.ends_well(&shown),
        }
    }
}

impl Got {
    /// Tells whether its text is all that a model says, and no error stands behind it.
    pub(super) fn is_said_by(&self, which: &str, way: &Way) -> bool {
        let said = format!("{} heard: {HEARD}", way.model(which));
        self.answer.status == 200 && self.errors == 0 && self.text == said
    }
}

struct Read {
    text: String,
    errors: usize,
    ends_well: bool,
}
