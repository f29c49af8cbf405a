//! Carries out the commands of a scenario and tells what they answer. It must not know what a
//! scenario expects.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Ask, Caller, CallerKind, Model, PolicyDraft, Status, Timestamp, decide};
use serde_json::{Value, json};
use store::{Arm, Outcome};

use crate::tests::files;
use crate::tests::world::{Key, RELEASE, SUITE_DIGEST, World, clock, declared, draft, wait_days};

/// Holds a scenario under way.
pub(super) struct Told {
    world: World,
    /// Operator keys by the label that the scenario gives them.
    keys: BTreeMap<String, Key>,
    /// What the configuration file says now.
    file: PolicyDraft,
}

/// One command with its options, such as `--by lead`.
struct Line<'t> {
    words: Vec<&'t str>,
    options: BTreeMap<&'t str, &'t str>,
}

impl<'t> Line<'t> {
    fn read(text: &'t str) -> Self {
        let mut parts = text.split(" --");
        let words = parts.next().unwrap().split(' ').collect();
        let option = |part: &'t str| part.split_once(' ').unwrap_or((part, ""));
        Self {
            words,
            options: parts.map(option).collect(),
        }
    }

    fn word(&self, at: usize) -> &'t str {
        self.words.get(at).copied().unwrap_or_default()
    }

    fn option(&self, name: &str) -> Option<&'t str> {
        self.options.get(name).copied()
    }

    fn count(&self, name: &str) -> u64 {
        self.option(name).map_or(0, |text| text.parse().unwrap())
    }
}

impl Told {
    pub(super) fn new() -> Self {
        Self {
            world: World::new(),
            keys: BTreeMap::new(),
            file: draft(),
        }
    }

    /// Carries out one command and returns the lines that it answers.
    pub(super) fn run(&mut self, command: &str) -> String {
        let line = Line::read(command);
        match line.word(0) {
            "key" => self.key(&line),
            "eval" => self.eval(&line),
            "import" => self.import(&line),
            "erase" => self.erase(&line),
            "show" => self.show(&line),
            "approve" | "promote" | "hold" | "resume" | "rollback" | "withdraw" => {
                self.command(&line, json!({}))
            }
            "waive" => {
                let days = i64::try_from(line.count("days")).unwrap();
                let until = clock().0 + days * 86_400_000;
                let body = json!({
                    "gate": line.word(1), "suite": line.option("suite"), "until": until,
                });
                self.command(&line, body)
            }
            "retire" => {
                let days = i64::try_from(line.count("days")).unwrap();
                let on = clock().0 + days * 86_400_000;
                self.command(&line, json!({ "on": on }))
            }
            "suspend" => self.command(&line, json!({ "scope": group(&line).unwrap_or(json!({})) })),
            "restore" => {
                let number = line.option("suspension").map(|_| line.count("suspension"));
                let body = json!({ "suspension": number, "group": group(&line) });
                self.command(&line, body)
            }
            "wait" => {
                wait_days(line.word(1).parse().unwrap());
                String::new()
            }
            "edit" => self.edit(&line),
            "reload" => match self.world.control().reload(declared(&self.file), |_| ()) {
                Ok(()) => "taken up\n".to_owned(),
                Err(error) => format!("no: {error}\n"),
            },
            "restart" => self.restart(&line),
            "jam" => {
                self.world.jam_ledger();
                String::new()
            }
            "mend" => {
                self.world.mend_ledger();
                String::new()
            }
            "pass" => match self.world.control().retry() {
                Ok(()) => String::new(),
                Err(error) => format!("{error}\n"),
            },
            "served" => self.served(&line),
            "serving" => serving(&self.world.published()),
            "ledger" => self.ledger(),
            other => panic!("no scenario knows `{other}`"),
        }
    }

    fn by(&self, line: &Line<'_>) -> Key {
        let label = line.option("by").expect("--by");
        self.keys.get(label).expect("a key of that label").clone()
    }

    fn key(&mut self, line: &Line<'_>) -> String {
        let person = line.word(1);
        let label = line.option("label").unwrap_or(person);
        let key = if line.option("by").is_none() {
            self.world.operator(person)
        } else {
            let body = json!({ "kind": "operator", "name": label, "person": person });
            let (status, body) = self.world.post(&self.by(line), "/api/v1/keys", &body);
            if status != 200 {
                return told(status, &body);
            }
            key_of(&body)
        };
        self.keys.insert(label.to_owned(), key);
        String::new()
    }

    /// Runs an eval: `eval candidate 55 60` brings 60 answers, 55 of them right.
    fn eval(&mut self, line: &Line<'_>) -> String {
        let by = self.by(line);
        let (hits, count) = (line.word(2), line.word(3));
        let (hits, count): (usize, usize) = (hits.parse().unwrap(), count.parse().unwrap());
        let plan = self.world.plan();
        let (arm, asked) = match line.word(1) {
            "candidate" => (Arm::Candidate, plan.candidate),
            _ => (Arm::Incumbent, plan.incumbent.unwrap()),
        };
        let policy = &self.world.control().declared().policy;
        let model = line.option("answered-by").map(|name| &policy.models[name]);
        let model = model.unwrap_or(&asked).clone();
        let body = json!({ "kind": "evaluator", "name": "eval", "release": RELEASE });
        let (_, body) = self.world.post(&by, "/api/v1/keys", &body);
        let key = key_of(&body);
        let by_whom: Vec<&Model> = (0..count)
            .map(|index| if index == 0 { &*model } else { &*asked })
            .collect();
        let decisions = self.world.answered(&key, arm, &by_whom);
        let item = |(index, decision): (usize, String)| {
            json!({
                "id": format!("case-{index}"),
                "cluster": format!("case-{index}"),
                "score": if index < hits { 1.0 } else { 0.0 },
                "decision": decision,
            })
        };
        let mut items: Vec<Value> = decisions.into_iter().enumerate().map(item).collect();
        items.truncate(count - usize::try_from(line.count("leave-out")).unwrap());
        let run = json!({
            "arm": line.word(1),
            "suite": "basics",
            "suite_digest": line.option("suite-digest").unwrap_or(SUITE_DIGEST),
            "key": key.id,
            "items": items,
        });
        let path = format!("/api/v1/releases/{RELEASE}/evidence");
        let mut text = String::new();
        for _ in 0..=line.count("again") {
            let (status, body) = self.world.post(&by, &path, &run);
            text.push_str(&told(status, &body).replace(&key.id, "KEY"));
        }
        text
    }

    /// Brings another tool's file: `import candidate 55` has 55 right answers, asked with a key of
    /// its own. `--fallbacks 2` has a fallback answer two; `--edit count` or `score` or `row` edits
    /// the file by hand; `--again 1` brings it once more.
    fn import(&mut self, line: &Line<'_>) -> String {
        let by = self.by(line);
        let (arm, hits) = (line.word(1), line.word(2).parse().unwrap());
        let body = json!({ "kind": "evaluator", "name": "promptfoo", "release": RELEASE });
        let (_, body) = self.world.post(&by, "/api/v1/keys", &body);
        let key = key_of(&body);
        let plan = self.world.plan();
        let (side, asked) = match arm {
            "candidate" => (Arm::Candidate, plan.candidate),
            _ => (Arm::Incumbent, plan.incumbent.unwrap()),
        };
        let fallbacks = usize::try_from(line.count("fallbacks")).unwrap();
        let by_whom: Vec<&Model> = vec![&*asked; files::ITEMS];
        let (fell, stood) = by_whom.split_at(fallbacks);
        self.world.answered_as(&key, side, fell, Outcome::Fallback);
        self.world.answered(&key, side, stood);
        let mut file = files::promptfoo(arm, hits);
        let results = &mut file["results"];
        match line.option("edit") {
            Some("count") => results["stats"]["failures"] = json!(0),
            Some("score") => results["results"][files::ITEMS - 1]["score"] = json!(1),
            Some("row") => drop(results["results"].as_array_mut().unwrap().pop()),
            _ => {}
        }
        let import = json!({
            "arm": arm, "suite": line.option("suite").unwrap_or("capitals"), "key": key.id,
            "file": STANDARD.encode(file.to_string()),
        });
        let path = format!("/api/v1/releases/{RELEASE}/evidence/import");
        let mut text = String::new();
        for _ in 0..=line.count("again") {
            let (status, body) = self.world.post(&by, &path, &import);
            text.push_str(&told(status, &body));
        }
        text
    }

    /// Erases evidence by its place among all that was taken in: `erase 1 --reason asked for`.
    fn erase(&self, line: &Line<'_>) -> String {
        let ledger = self.world.store.ledger().unwrap();
        let entries = ledger.entries(0..u64::MAX).unwrap().into_iter();
        let mut taken = entries.filter(|entry| entry.kind == "evidence.taken");
        let place: usize = line.word(1).parse().unwrap();
        let id = taken.nth(place - 1).unwrap().body["id"].clone();
        let path = format!("/api/v1/evidence/{}/erase", word(&id));
        let body = json!({ "reason": line.option("reason") });
        let (status, body) = self.world.post(&self.by(line), &path, &body);
        if status != 200 {
            return told(status, &body);
        }
        format!(
            "erased by {}: {}\n",
            word(&body["by"]),
            word(&body["reason"])
        )
    }

    fn show(&self, line: &Line<'_>) -> String {
        let path = format!("/api/v1/releases/{RELEASE}");
        let (status, body) = self.world.show(&self.by(line), &path);
        if status != 200 {
            return told(status, &body);
        }
        let candidate = body["candidate"].as_str().unwrap();
        let mut text = format!("{candidate} in {}", place(&body));
        writeln!(text, ", generation {}", body["generation"]).unwrap();
        for condition in body["conditions"].as_array().unwrap() {
            let (by, reason) = (word(&condition["by"]), word(&condition["reason"]));
            let (kind, number) = (word(&condition["condition"]), &condition["number"]);
            let number = number
                .as_u64()
                .map_or(String::new(), |number| format!(" {number}"));
            writeln!(text, "{kind}{number} by {by}: {reason}").unwrap();
        }
        if body["next"].is_object() {
            writeln!(text, "next {}", place(&body["next"])).unwrap();
        }
        text.push_str(&gates(&body["gates"]));
        shortened(&text)
    }

    /// Tells which model answers a caller: `served --team red --region north`.
    fn served(&self, line: &Line<'_>) -> String {
        let region = line.option("region").map(str::to_owned);
        let caller = Caller {
            key: "k".into(),
            name: "app".to_owned(),
            kind: CallerKind::Application,
            team: line.option("team").map(str::to_owned),
            attributes: region
                .map(|region| ("region".to_owned(), region))
                .into_iter()
                .collect(),
            use_cases: vec!["triage".into()],
        };
        let ask = Ask {
            caller: &caller,
            name: "opus",
            use_case: None,
            conversation: "a talk",
            held_by: None,
            now: clock(),
            used_today: &|_| 0,
        };
        let policy = &self.world.control().declared().policy;
        match decide(policy, &self.world.published(), &ask) {
            Ok(assignment) => format!("{}\n", assignment.models().next().unwrap().name),
            Err(denial) => format!("no: {denial}\n"),
        }
    }

    fn command(&self, line: &Line<'_>, mut body: Value) -> String {
        let verb = line.word(0);
        for field in ["reason", "to", "order"] {
            if let Some(value) = line.option(field) {
                body[field] = json!(value);
            }
        }
        if line.option("generation").is_some() {
            body["generation"] = json!(line.count("generation"));
        }
        let path = format!("/api/v1/releases/{RELEASE}/{verb}");
        let (status, body) = self.world.post(&self.by(line), &path, &body);
        told(status, &body)
    }

    /// Edits the configuration file; nothing happens before it is loaded.
    fn edit(&mut self, line: &Line<'_>) -> String {
        let release = &mut self.file.releases;
        match line.words.as_slice() {
            ["edit", "serve", "the", "candidate"] => {
                self.file.tiers[0].serves.push("new".to_owned());
                release[0].candidate = "newer".to_owned();
            }
            ["edit", "rename", "the", "release"] => release[0].name = "later".to_owned(),
            ["edit", "candidate", name] => release[0].candidate = (*name).to_owned(),
            ["edit", "away", "the", "release"] => release.clear(),
            ["edit", "away", "the", "eval"] => {
                for stage in &mut release[0].stages {
                    stage.gates.retain(|spec| spec.gate == "approval");
                }
            }
            ["edit", "gate", suite] => {
                for spec in release[0]
                    .stages
                    .iter_mut()
                    .flat_map(|stage| &mut stage.gates)
                {
                    if spec.gate == "eval_floor" {
                        spec.params.insert("suite".to_owned(), json!(suite));
                    }
                }
            }
            ["edit", "back"] => self.file = draft(),
            other => panic!("no scenario knows {other:?}"),
        }
        String::new()
    }

    fn restart(&mut self, line: &Line<'_>) -> String {
        match line.option("cache") {
            None => self.world.stop(),
            Some("gone") => self.world.lose_database(),
            Some("behind") => {
                self.world.stop();
                let lease = self.world.store.lease().unwrap();
                let older = Status::default();
                self.world.store.put_status(&lease, &older).unwrap();
            }
            Some(other) => panic!("no cache is `{other}`"),
        }
        match self.world.start(declared(&self.file)) {
            Ok(()) => String::new(),
            Err(error) => format!("no: {error}\n"),
        }
    }

    fn ledger(&self) -> String {
        let ledger = self.world.store.ledger().unwrap();
        let verified = ledger.verify(None).unwrap();
        let mut text = format!("{} entries, verified\n", verified.tree.size);
        for entry in ledger.entries(0..u64::MAX).unwrap() {
            let body = &entry.body;
            let says = match entry.kind.as_str() {
                "release.moved" => format!("{} by {}", moved(body), word(&body["by"])),
                "release.approved" => {
                    format!("{} by {}", word(&body["stage"]), word(&body["person"]))
                }
                "release.waived" => {
                    format!("{} by {}", word(&body["stage"]), word(&body["person"]))
                }
                "key.issued" => format!("{} by {}", word(&body["person"]), word(&body["issuer"])),
                "evidence.taken" => format!("suite {}", word(&body["suite"])),
                "evidence.erased" => format!("by {}", word(&body["by"])),
                _ => String::new(),
            };
            let line = format!("{} {} {says}", Timestamp(entry.time.0).date(), entry.kind);
            writeln!(text, "{}", line.trim_end()).unwrap();
        }
        text
    }
}

/// Reads the group that a line names, where it names one.
fn group(line: &Line<'_>) -> Option<Value> {
    let mut group = serde_json::Map::new();
    if let Some(team) = line.option("team") {
        group.insert("teams".to_owned(), json!([team]));
    }
    if let Some(use_case) = line.option("use-case") {
        group.insert("use_cases".to_owned(), json!([use_case]));
    }
    if let Some(region) = line.option("region") {
        group.insert("attributes".to_owned(), json!({ "region": region }));
    }
    (!group.is_empty()).then(|| group.into())
}

fn key_of(body: &Value) -> Key {
    let text = |field: &str| body[field].as_str().unwrap().to_owned();
    Key {
        id: text("id"),
        secret: text("key"),
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("nobody")
}

fn place(body: &Value) -> String {
    format!("{} {} %", word(&body["stage"]), body["share"])
}

fn moved(body: &Value) -> String {
    let (from, to) = (place(&body["from"]), place(&body["to"]));
    format!("{}: {from} -> {to}", word(&body["kind"]))
}

fn gates(verdicts: &Value) -> String {
    let mut text = String::new();
    for verdict in verdicts.as_array().into_iter().flatten() {
        let (gate, judgement) = (word(&verdict["gate"]), word(&verdict["verdict"]));
        writeln!(text, "  {gate} {judgement}: {}", word(&verdict["reason"])).unwrap();
        let waived = &verdict["waived"];
        if waived.is_object() {
            let until = Timestamp(waived["until"].as_i64().unwrap()).date();
            let (by, reason) = (word(&waived["by"]), word(&waived["reason"]));
            writeln!(text, "    waived by {by} until {until}: {reason}").unwrap();
        }
    }
    text
}

/// Tells an answer of the admin port in a line or a few.
fn told(status: u16, body: &Value) -> String {
    let text = match status {
        200 if body["approved"].is_string() => {
            format!(
                "{} approved {}\n",
                word(&body["by"]),
                word(&body["approved"])
            )
        }
        200 if body["waived"].is_string() => {
            let (by, gate) = (word(&body["by"]), word(&body["waived"]));
            format!("{by} waived {gate} of {}\n", word(&body["stage"]))
        }
        200 if body["items"].is_u64() => {
            let spoilt = body["first_reason"].as_str();
            let spoilt = spoilt.map_or(String::new(), |why| format!("; cannot be used: {why}"));
            format!("{} items, mean {}{spoilt}\n", body["items"], body["mean"])
        }
        200 => format!("{}\n{}", moved(body), gates(&body["verdicts"])),
        409 => format!("no: {}\n{}", word(&body["reason"]), gates(&body["gates"])),
        _ => {
            let error = &body["error"];
            let (code, what) = (word(&error["code"]), word(&error["message"]));
            format!("{status} {code}: {what}\n")
        }
    };
    shortened(&text)
}

/// Cuts digests to what tells them apart.
fn shortened(text: &str) -> String {
    let mut short = String::new();
    let mut digits = 0;
    for letter in text.chars() {
        digits = if letter.is_ascii_hexdigit() {
            digits + 1
        } else {
            0
        };
        if digits <= 8 {
            short.push(letter);
        }
    }
    short
}

fn serving(status: &Status) -> String {
    let Some(release) = status.releases.get(RELEASE) else {
        return format!("the incumbent to all, generation {}\n", status.generation);
    };
    let held = if release.is_held() { ", held" } else { "" };
    let share = release.share.as_percent();
    let (stage, generation) = (release.stage, status.generation);
    format!("{stage} {share} %{held}, generation {generation}\n")
}

#[test]
fn a_line_is_words_and_options() {
    let line = Line::read("eval candidate 5 60 --by lead --leave-out 2");
    assert_eq!(line.words, ["eval", "candidate", "5", "60"]);
    assert_eq!(line.option("by"), Some("lead"));
    assert_eq!(line.count("leave-out"), 2);
    let day = Timestamp::from_str("2026-11-24T00:00:00Z").unwrap();
    assert_eq!(day, crate::tests::world::START);
}
