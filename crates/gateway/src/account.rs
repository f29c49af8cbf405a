//! Accounts for a request: one row at its end, whatever the end. It must not hold up a request,
//! nor hold a word of its content.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use domain::{Assignment, Model, ReleaseName, ReleasePlan, Tokens};
use serde_json::{Value, json};
use store::{Arm, Key, Outcome, Recorder, UsageRow};
use wire::{Features, StopReason, Usage};

use crate::circuits::Circuits;
use crate::decisions::Arrival;
use crate::dispatch::Attempt;
use crate::judge::{Exchange, Findings, Room, Watch};
use crate::snapshot::Today;

/// How a row's features begin, with the number of their form: what a row of this form does not
/// name, its request did not use.
const FORM: &str = "{\"form\":2,";
/// The status of a row whose caller left before there was one.
const LEFT: u16 = 499;

/// Receives the rows, and knows what is under way and which models fail.
pub struct Accounts {
    recorder: Arc<Recorder>,
    in_flight: AtomicI64,
    circuits: Circuits,
    room: Room,
}

impl Accounts {
    /// Accounts to a recorder.
    #[must_use]
    pub(crate) fn new(recorder: Arc<Recorder>, circuits: Circuits) -> Self {
        Self {
            recorder,
            in_flight: AtomicI64::new(0),
            circuits,
            room: Room::default(),
        }
    }

    pub(crate) fn circuits(&self) -> &Circuits {
        &self.circuits
    }

    /// Shows the room there is for answers that are to be judged.
    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    /// Counts the requests under way.
    #[must_use]
    pub fn in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Waits until the rows handed on so far are durable, or the time is over.
    pub(crate) fn settle(&self, within: Duration) {
        // Whether they are is seen by whoever looks for one.
        let _ = self.recorder.flush(within);
    }

    /// Counts the rows that were lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.recorder.lost()
    }
}

/// Gathers what one request's row says. It ends with [`Tally::finish`]; one that is dropped
/// before counts as cancelled. That is the one effect here that hides in a drop, because a drop
/// is all that the server says when a client has left.
pub struct Tally {
    accounts: Arc<Accounts>,
    row: Option<Box<UsageRow>>,
    started: Instant,
    served: Option<Arc<Model>>,
    is_fallback: bool,
    quota: Option<(Arc<Today>, ReleaseName)>,
    /// What is to be judged at the end; nothing outside a release.
    exchange: Option<Box<Exchange>>,
}

impl Tally {
    /// Starts the row of a request whose key is known.
    #[must_use]
    pub fn start(
        accounts: &Arc<Accounts>,
        arrival: &Arrival,
        key: &Key,
        dialect: &'static str,
    ) -> Self {
        accounts.in_flight.fetch_add(1, Ordering::Relaxed);
        let row = UsageRow {
            decision: arrival.decision,
            caller: Arc::clone(&key.usage),
            use_case: None,
            step: None,
            tier: None,
            model: None,
            digest: None,
            release: None,
            chosen: None,
            arm: None,
            requested: Box::default(),
            dialect: dialect.into(),
            status: LEFT,
            outcome: Outcome::Cancelled,
            tokens: Tokens::default(),
            cost: None,
            price_basis: None,
            first_token_ms: None,
            total_ms: 0,
            attempts: None,
            conversation: None,
            features: None,
        };
        Self {
            accounts: Arc::clone(accounts),
            row: Some(Box::new(row)),
            started: arrival.started,
            served: None,
            is_fallback: false,
            quota: None,
            exchange: None,
        }
    }

    /// Changes the row; a finished one stays as it is.
    pub fn note(&mut self, change: impl FnOnce(&mut UsageRow)) {
        if let Some(row) = &mut self.row {
            change(row);
        }
    }

    /// Notes what was decided.
    pub fn assigned(&mut self, assignment: &Assignment<'_>, today: &Arc<Today>) {
        let Some(row) = &mut self.row else { return };
        row.tier = Some(assignment.tier.name.clone());
        row.use_case = assignment.use_case.map(|one| one.name.clone());
        let Some(release) = assignment.release else {
            return;
        };
        row.release = Some((release.plan.name.clone(), release.stage));
        let chosen = assignment.models().next();
        row.chosen = chosen.map(|model| arm_of(release.plan, model));
        if !row.caller.is_evaluator {
            self.quota = Some((Arc::clone(today), release.plan.name.clone()));
        }
    }

    /// Notes which model answers; another than the chosen one is a fallback.
    pub fn served(&mut self, model: &Arc<Model>, assignment: &Assignment<'_>) {
        let Some(row) = &mut self.row else { return };
        row.model = Some(model.name.clone());
        row.digest = Some(model.digest.clone());
        let release = assignment.release;
        row.arm = release.map(|release| arm_of(release.plan, model));
        self.served = Some(Arc::clone(model));
        let chosen = assignment.models().next();
        self.is_fallback = chosen.is_some_and(|chosen| chosen.digest != model.digest);
    }

    /// Takes over what is to be judged at the end.
    pub fn watches(&mut self, watch: Watch) {
        match watch {
            Watch::Nothing => {}
            Watch::Gathers(exchange) => self.exchange = Some(exchange),
            Watch::Cannot => self.note(|row| {
                let unchecked = Findings {
                    unchecked: true,
                    ..Findings::default()
                };
                row.features = with_findings(row.features.as_deref(), unchecked);
            }),
        }
    }

    /// Shows what is to be judged at the end.
    pub fn exchange(&mut self) -> Option<&mut Exchange> {
        self.exchange.as_deref_mut()
    }

    /// Notes that the first visible output has come.
    pub fn first_output(&mut self) {
        let elapsed = ms(self.started.elapsed());
        self.note(|row| row.first_token_ms = Some(elapsed));
    }

    /// Notes that the answer broke off after some of it was shown.
    pub fn broke_off(&mut self, fault: &str) {
        let Some(served) = &self.served else { return };
        self.accounts.circuits.failed(served, None);
        let model = served.name.as_str();
        let broken = json!({ "model": model, "fault": fault, "shown": true });
        self.note(|row| row.attempts = with(row.attempts.as_deref(), broken));
    }

    /// Finishes the row of an answer that was taken back: Tiergate's own no, and no fault of the
    /// model.
    pub fn taken_back(&mut self, status: u16, usage: Option<Usage>) {
        let Some(served) = &self.served else { return };
        let model = served.name.as_str();
        let ended = json!({ "model": model, "fault": "cut_off", "shown": status == 200 });
        self.note(|row| row.attempts = with(row.attempts.as_deref(), ended));
        self.finish(status, Outcome::Denied, usage);
    }

    /// Finishes the row of an answer that ended as its model says.
    pub fn answered(&mut self, status: u16, usage: Option<Usage>, stop: Option<&StopReason>) {
        let outcome = match stop {
            Some(StopReason::Refusal) => Outcome::Refusal,
            Some(StopReason::MaxTokens | StopReason::ContextWindow) => Outcome::Truncated,
            _ if self.is_fallback => Outcome::Fallback,
            _ => Outcome::Success,
        };
        self.finish(status, outcome, usage);
    }

    /// Finishes the row: computes the cost and hands it to the recorder, once.
    pub fn finish(&mut self, status: u16, outcome: Outcome, usage: Option<Usage>) {
        let Some(mut row) = self.row.take() else {
            return;
        };
        self.accounts.in_flight.fetch_sub(1, Ordering::Relaxed);
        row.status = status;
        row.outcome = outcome;
        row.total_ms = ms(self.started.elapsed());
        if let Some(usage) = usage {
            row.tokens = tokens(usage);
            let prices = self.served.as_ref().and_then(|model| model.prices.as_ref());
            // Some vendors bill by the hour at which an answer ends. Without a price the cost stays
            // unknown; it is never guessed as nothing.
            let ended = row.ended_at();
            if let Some(now) = prices.and_then(|prices| prices.at(ended)) {
                row.cost = Some(now.prices.cost(row.tokens));
                row.price_basis = Some(Arc::clone(now.basis));
            }
        }
        if let (Some((today, release)), Some(Arm::Candidate)) = (&self.quota, row.arm) {
            let used = row.tokens.input.saturating_add(row.tokens.output);
            today.add(release, row.decision.at(), used);
        }
        // A row that finds no place is counted as lost by the recorder, and shown in the metrics.
        let recorder = &self.accounts.recorder;
        let _ = match self.exchange.take() {
            Some(exchange) if is_answer(outcome) => {
                let complete = move |row: &mut UsageRow| {
                    row.features = with_findings(row.features.as_deref(), exchange.judged());
                };
                recorder.try_record_completed(*row, Box::new(complete))
            }
            _ => recorder.try_record(*row),
        };
    }
}

/// Tells whether there is an answer in full: one that was refused, cut or never came is counted as
/// that, and not as an invalid one too.
fn is_answer(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Success | Outcome::Fallback)
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.finish(LEFT, Outcome::Cancelled, None);
    }
}

fn arm_of(plan: &ReleasePlan, model: &Model) -> Arm {
    if plan.candidate.digest == model.digest {
        Arm::Candidate
    } else {
        Arm::Incumbent
    }
}

fn tokens(usage: Usage) -> Tokens {
    Tokens {
        input: usage.input,
        cached: usage.cached,
        cache_write: usage.cache_write,
        cache_write_1h: usage.cache_write_1h,
        output: usage.output,
        reasoning: usage.reasoning,
    }
}

fn ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

/// Writes the features as flat JSON: what is absent is left out.
#[must_use]
pub fn features(features: &Features) -> String {
    let mut text = String::with_capacity(160);
    text.push_str(FORM);
    let counts = [
        ("messages", u64::from(features.messages)),
        ("tools", u64::from(features.tools)),
        ("images", u64::from(features.images)),
        ("documents", u64::from(features.documents)),
        ("audio", u64::from(features.audio)),
        ("thinking_budget", features.thinking_budget.unwrap_or(0)),
        ("thoughts", u64::from(features.thoughts)),
    ];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        text.push('"');
        text.push_str(name);
        text.push_str("\":");
        push_number(&mut text, count);
        text.push(',');
    }
    let flags = [
        ("forced_tool", features.forced_tool),
        ("prefill", features.prefill),
        ("thinking", features.thinking),
        ("structured_output", features.structured_output),
        ("cache_control", features.cache_control),
        ("stream", features.stream),
        ("stop_sequences", features.stop_sequences),
        ("system", features.system),
        ("mid_system", features.mid_system),
        ("older_max_tokens", features.older_max_tokens),
    ];
    for (name, _) in flags.into_iter().filter(|(_, is_set)| *is_set) {
        text.push('"');
        text.push_str(name);
        text.push_str("\":true,");
    }
    if !features.sampling.is_empty() {
        push_words(&mut text, "sampling", features.sampling.names());
        // Whether a value is the usual one is told apart from not knowing it.
        push_words(&mut text, "usual", features.usual.names());
        let unusual = features.sampling.without(features.usual);
        push_words(&mut text, "unusual", unusual.names());
    }
    if features.effort.is_some() || features.thinking_form.is_some() {
        push_words(&mut text, "effort", features.effort.into_iter());
        push_words(
            &mut text,
            "thinking_form",
            features.thinking_form.into_iter(),
        );
    }
    if !features.tool_types.is_empty() {
        push_words(&mut text, "tool_types", features.tool_types.words());
    }
    text.pop();
    text.push('}');
    text
}

/// Adds words as one text; none adds nothing.
fn push_words<'w>(text: &mut String, name: &str, mut words: impl Iterator<Item = &'w str>) {
    let Some(first) = words.next() else { return };
    text.push('"');
    text.push_str(name);
    text.push_str("\":\"");
    text.push_str(first);
    for word in words {
        text.push(' ');
        text.push_str(word);
    }
    text.push_str("\",");
}

/// Adds to the features what was found of an answer.
fn with_findings(features: Option<&str>, found: Findings) -> Option<String> {
    let flags = [
        ("tool_call_invalid", found.tool_call_invalid),
        ("schema_checked", found.schema_checked),
        ("schema_invalid", found.schema_invalid),
        ("unchecked", found.unchecked),
    ];
    let mut more = Vec::new();
    if found.tool_calls > 0 {
        more.push(format!("\"tool_calls\":{}", found.tool_calls));
    }
    let set = flags.into_iter().filter(|(_, is_set)| *is_set);
    more.extend(set.map(|(name, _)| format!("\"{name}\":true")));
    more.iter()
        .fold(features.map(Into::into), |features, field| {
            with_field(features.as_deref(), field)
        })
}

/// Adds to the features that a request began its conversation.
#[must_use]
pub fn with_begun(features: Option<&str>) -> Option<String> {
    with_field(features, "\"begun\":true")
}

fn with_field(features: Option<&str>, field: &str) -> Option<String> {
    let fields = features.and_then(|text| text.strip_suffix('}'))?;
    let comma = if fields.len() > 1 { "," } else { "" };
    Some(format!("{fields}{comma}{field}}}"))
}

/// Writes a number without the formatter, which costs more than all the rest of the features.
fn push_number(text: &mut String, number: u64) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    let digit = u32::try_from(number % 10).unwrap_or_default();
    text.extend(char::from_digit(digit, 10));
}

/// Writes the attempts as small JSON: those that failed, then the model that answered, if one did.
#[must_use]
pub fn attempts(failed: &[Attempt], answered: Option<&Model>) -> Option<Box<str>> {
    let mut rows: Vec<_> = failed.iter().map(row).collect();
    rows.extend(answered.map(|model| json!({ "model": model.name.as_str(), "answered": true })));
    serde_json::to_string(&rows)
        .ok()
        .map(String::into_boxed_str)
}

fn row(attempt: &Attempt) -> Value {
    let mut row = json!({ "model": attempt.model.name.as_str(), "fault": attempt.fault });
    let fields = [
        ("status", attempt.status.map(u64::from)),
        ("ms", attempt.took.map(|took| u64::from(ms(took)))),
        (
            "retry_after_ms",
            attempt.retry_after.map(|wait| u64::from(ms(wait))),
        ),
    ];
    if let Some(row) = row.as_object_mut() {
        let known = fields.into_iter();
        row.extend(known.filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
    }
    row
}

/// Adds to the attempts the paths of what was changed, or of what a streamed answer lost once its
/// headers were gone.
#[must_use]
pub fn with_paths(attempts: Option<&str>, (what, paths): (&str, &[String])) -> Option<Box<str>> {
    with(attempts, json!({ what: paths }))
}

fn with(attempts: Option<&str>, more: Value) -> Option<Box<str>> {
    let mut rows: Vec<Value> = attempts
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    rows.push(more);
    serde_json::to_string(&rows)
        .ok()
        .map(String::into_boxed_str)
}
