//! A release in use that is killed without warning, again and again: what was acknowledged is
//! there afterwards, and no request ever reached a model that no status allowed. Judged from the
//! provider's own log, joined to the ledger. It must not know how anything is made durable.

mod chance;
mod history;
mod judge;
mod operators;
mod place;
mod tests;
mod traffic;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use testkit::Client;

use self::chance::{Chance, Fuse};
use self::history::{History, Standing};
use self::judge::{Asked, Lost, Seen, TIER, judge, missing};
use self::operators::{Brought, Desk, Moved, bring, move_on};
use self::place::Place;
use self::traffic::{Traffic, put, question};
use crate::client::Ask;
use crate::gateway::Gateway;
use crate::patience::{PATIENCE, on, runtime};

/// How many kills the test makes; `cargo xtask soak` asks for more.
const ROUNDS: u64 = 20;
/// What its chance is drawn from, unless another is asked for.
const SEED: u64 = 20_260_612;
/// After so many kills a new gateway begins with an empty folder, so that a round stays short.
const ROUNDS_OF_A_LIFE: u64 = 25;
/// The longest time from the event that ends a round to the kill.
const LAST_MOMENTS_US: u64 = 4_000;
/// How often the account is told on the way.
const TOLD_EVERY: u64 = 25;

/// What the rounds so far have come to.
#[derive(Debug, Default)]
struct Account {
    moves: usize,
    approvals: usize,
    evidence: usize,
    requests: usize,
    to_candidate: usize,
    /// Moves that stand in the ledger and were never acknowledged, and those that were under way
    /// and do not.
    unheard: usize,
    undone: usize,
    violations: Vec<String>,
}

/// One gateway from its first start on, with what was acknowledged in all that time.
struct Life {
    place: Place,
    gateway: Gateway,
    history: History,
    suite: String,
    approved: Vec<Value>,
    taken: Vec<Value>,
}

#[test]
fn kill_9_at_random_points_loses_nothing_and_opens_nothing() {
    let asked_for = |name: &str, otherwise: u64| {
        let set = std::env::var(name).ok();
        set.map_or(otherwise, |text| text.parse().expect(name))
    };
    let rounds = asked_for("TIERGATE_SOAK_ROUNDS", ROUNDS);
    let seed = asked_for("TIERGATE_SOAK_SEED", SEED);
    println!("soak: {rounds} rounds, seed {seed}");
    let start = Instant::now();
    let mut account = Account::default();
    let mut life = Life::begin();
    for round in 0..rounds {
        if round > 0 && round % ROUNDS_OF_A_LIFE == 0 {
            life = Life::begin();
        }
        life.round(round, seed, &mut account);
        if (round + 1) % TOLD_EVERY == 0 || round + 1 == rounds {
            let seconds = start.elapsed().as_secs();
            println!("soak: {seconds} s, {}", account.line(round + 1));
        }
    }
    let some: Vec<&String> = account.violations.iter().take(20).collect();
    assert!(some.is_empty(), "seed {seed}: {some:#?}");
    // A soak in which nothing happened has shown nothing.
    assert!(account.moves > 0 && account.to_candidate > 0, "{account:?}");
}

impl Account {
    fn line(&self, rounds: u64) -> String {
        format!(
            "{rounds} rounds: {} moves ({} more never acknowledged, {} undone by the kill), {} \
             approvals, {} runs of evidence, {} requests ({} reached the candidate), {} violations",
            self.moves,
            self.unheard,
            self.undone,
            self.approvals,
            self.evidence,
            self.requests,
            self.to_candidate,
            self.violations.len()
        )
    }
}

impl Life {
    fn begin() -> Self {
        let place = Place::make();
        let gateway = place.home.serve();
        let basics = evidence::builtin("basics").unwrap().bytes;
        Self {
            place,
            gateway,
            history: History::begin(Instant::now()),
            suite: evidence::Suite::parse(basics).unwrap().digest,
            approved: Vec::new(),
            taken: Vec::new(),
        }
    }

    fn round(&mut self, round: u64, seed: u64, account: &mut Account) {
        let mut chance = Chance::of(seed, round);
        let (moved, brought, mut asked) = self.until_killed(round, seed, &mut chance);
        asked.extend(brought.asked.iter().cloned());
        let seen = self.seen();
        self.gateway = self.place.home.serve();
        let wrong = self.take_in(&moved, &brought, account);
        let stands = |sent: &Instant| self.history.last().sent == *sent;
        let lost = moved.under_way.filter(|sent| !stands(sent));
        account.undone += usize::from(lost.is_some());
        let lost = lost.map(|sent| Lost { sent });
        account.requests += asked.len();
        account.to_candidate += seen
            .iter()
            .filter(|one| one.model == judge::CANDIDATE)
            .count();
        let judged = judge(&asked, &seen, &self.history, lost);
        let resumed = self.resumed(round);
        let all = [wrong, judged, resumed].concat();
        let named = all.into_iter().map(|one| format!("round {round}: {one}"));
        account.violations.extend(named);
    }

    /// Lets everybody work until the gateway is killed, and gathers what each of them noted.
    fn until_killed(
        &mut self,
        round: u64,
        seed: u64,
        chance: &mut Chance,
    ) -> (Moved, Brought, Vec<Asked>) {
        let (fuse, end) = Fuse::draw(chance);
        let fuse = Arc::new(fuse);
        let desk = Desk {
            admin: self.gateway.admin,
            listen: self.gateway.listen,
            platform: self.place.platform.key.key.clone(),
            security: self.place.security.key.key.clone(),
            round,
            fuse: Arc::clone(&fuse),
        };
        let callers = &self.place.callers;
        let traffic = Traffic::start(self.gateway.listen, callers, (round, seed), &fuse);
        let standing = self.history.standing().clone();
        let moving = runtime().spawn(move_on(desk.clone(), standing, chance.clone()));
        let bringing = runtime().spawn(bring(desk, self.suite.clone()));
        let ended = end.recv_timeout(PATIENCE);
        assert!(ended.is_ok(), "nothing happens: {}", self.gateway.said());
        let moments = Duration::from_micros(chance.below(LAST_MOMENTS_US));
        let kill_at = Instant::now() + moments;
        while Instant::now() < kill_at {
            std::hint::spin_loop();
        }
        self.gateway.signal(Signal::KILL);
        self.gateway.ended();
        let asked = traffic.ended();
        (on(moving).unwrap(), on(bringing).unwrap(), asked)
    }

    /// Takes the provider's log once it holds everything that the killed gateway has sent.
    fn seen(&self) -> Vec<Seen> {
        let fake = &self.place.fake;
        // Connections are accepted in order, so that none waits behind this one, and each is read
        // to its end, which the kill has made.
        on(async {
            let mut last = Client::connect(fake.address()).await.unwrap();
            let ask = Ask::get("/v1/models");
            last.exchange(&ask.bytes()).await.unwrap();
        });
        on(fake.await_closed(fake.connections().len(), PATIENCE)).unwrap();
        self.log()
    }

    fn log(&self) -> Vec<Seen> {
        let requests = self.place.fake.take_requests().into_iter();
        let asked = requests.filter(|request| request.method == "POST");
        let seen = asked.map(|request| {
            let body = request.json();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            Seen {
                mark: text(&body["messages"][0]["content"]),
                model: text(&body["model"]),
                at: request.at,
            }
        });
        seen.collect()
    }

    /// Reads the ledger on, adds the moves to the history, and names what was lost.
    fn take_in(&mut self, moved: &Moved, brought: &Brought, account: &mut Account) -> Vec<String> {
        let home = &self.place.home;
        let mut wrong = [moved.wrong.clone(), brought.wrong.clone()].concat();
        let verified = home.run(&["ledger", "verify", "--json"]);
        if verified.code != 0 {
            wrong.push(format!("the ledger does not verify: {}", verified.out));
        }
        let entries = home.run(&["ledger", "show", "--json"]).is(0).json_lines();
        let of_kind = |kind: &'static str| {
            let entries = entries.iter().filter(move |entry| entry["kind"] == kind);
            entries.map(|entry| &entry["body"])
        };
        let moves: Vec<&Value> = of_kind("release.moved").collect();
        let bodies: Vec<Value> = moved.made.iter().map(|made| made.body.clone()).collect();
        wrong.extend(missing(&bodies, |made| moves.contains(&made)));
        let before = usize::try_from(self.history.generation()).unwrap();
        if moves.len() < before {
            wrong.push(format!("{} moves where {before} stood", moves.len()));
        }
        let mut under_way = moved.under_way;
        for made in moves.into_iter().skip(before) {
            let times = moved.times_of(made);
            account.unheard += usize::from(times.is_none());
            // What was commanded and not acknowledged may stand: it is known from now on.
            let unheard = || under_way.take().map(|sent| (sent, Instant::now()));
            let times = times.or_else(unheard);
            if times.is_none() {
                wrong.push(format!("a move that nobody commanded: {made}"));
            }
            let now = Instant::now();
            self.history.add(made, times.unwrap_or((now, now)));
        }
        self.approved.extend(moved.approved.iter().cloned());
        self.taken.extend(brought.taken.iter().cloned());
        let approvals: Vec<&Value> = of_kind("release.approved").collect();
        if approvals.len() < self.approved.len() {
            let (there, given) = (approvals.len(), self.approved.len());
            wrong.push(format!(
                "{there} approvals in the ledger, {given} acknowledged"
            ));
        }
        let named: Vec<&Value> = of_kind("evidence.taken").collect();
        let rows = self.rows();
        wrong.extend(missing(&self.taken, |taken| {
            let entry = named.iter().find(|entry| entry["id"] == taken["id"]);
            entry.is_some_and(|entry| rows.contains(&entry["rows"]))
        }));
        account.moves += moved.made.len();
        account.approvals += moved.approved.len();
        account.evidence += brought.taken.len();
        wrong
    }

    /// Commits to the rows of evidence that the store holds, as the ledger names them.
    fn rows(&self) -> Vec<Value> {
        let store = self.place.home.store();
        let rows = store.evidence_of(&"next".into()).unwrap().into_iter();
        let bound = rows.map(|row| {
            let key = row.commitment_key.unwrap();
            let commitment = key.commit(row.body.to_string().as_bytes());
            json!(format!("hmac-sha256:{commitment}"))
        });
        bound.collect()
    }

    /// Asserts that the gateway goes on where the ledger ends: the status that it shows, and what
    /// it answers.
    fn resumed(&self, round: u64) -> Vec<String> {
        let mut wrong = Vec::new();
        let show = Ask::get("/api/v1/releases/next");
        let shown = self
            .gateway
            .admin(&self.place.platform, show)
            .is(200)
            .json();
        let standing = Standing::shown(&shown);
        let folded = self.history.standing();
        if standing != *folded || shown["generation"] != json!(self.history.generation()) {
            wrong.push(format!(
                "the status is not the ledger's: {shown}, {folded:?}"
            ));
        }
        for (who, key) in &self.place.callers {
            let mark = format!("{round}-after-{}", who.name);
            let ask = question(&key.key, TIER, &mark);
            let asked = on(async {
                let mut client = Client::connect(self.gateway.listen).await.unwrap();
                put(&mut client, (*who, TIER, &mark), &ask).await
            });
            if asked.answer.is_none() {
                wrong.push(format!("not resumed: {asked:?}"));
            }
            wrong.extend(judge(&[asked], &self.log(), &self.history, None));
        }
        wrong
    }
}

impl Moved {
    /// Tells when a move was commanded and acknowledged.
    fn times_of(&self, made: &Value) -> Option<(Instant, Instant)> {
        let one = self.made.iter().find(|one| one.body == *made)?;
        Some((one.sent, one.known))
    }
}
