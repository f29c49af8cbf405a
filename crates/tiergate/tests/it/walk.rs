//! The walk of the README on the real models, from `up` in an empty folder to a rollback: what they
//! say is theirs, nothing is canned. It must not download: the test command has pulled them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::crowd::{Place, compare, mint, served};
use crate::gateway::Gateway;
use crate::home::{Home, Key, Operator};
use crate::rollout::verdict;
use crate::tampering::each_changed_byte_is_named;

/// The models of the walk: what serves, and the candidate.
const MODELS: [&str; 2] = ["smollm2-135m", "qwen2.5-coder-0.5b"];
const RELEASE: &str = "qwen-coder";
/// How long 168 answers of real models may take on a busy machine.
const EVAL_WITHIN: Duration = Duration::from_secs(1200);

/// A gateway that `up` has set up, and the people around it.
struct Walk {
    gateway: Gateway,
    home: Home,
    models: PathBuf,
    platform_lead: Operator,
    /// The first key: no use case.
    anybody: Key,
    /// May claim the use case that early access is for.
    helper: Key,
}

#[test]
fn the_readme_holds_on_real_models() {
    let Some(models) = kept_models("walk") else {
        return;
    };
    let mut walk = Walk::up(models);
    walk.answers_for_real();
    walk.sealed();
    walk.promoted_without_evidence();
    walk.evaluated();
    walk.waits_for_a_second_person();
    walk.promote().is(0);
    walk.open_to_one_use_case();
    walk.explained_for_a_thousand_callers();
    walk.rolled_back();
    walk.a_failing_eval_of_a_new_digest_does_not_promote();
    walk.verified();
}

/// Finds the models where `models pull` has put them; counts a skip where they are not there, and
/// fails where everything is expected to run.
pub(crate) fn kept_models(what: &str) -> Option<PathBuf> {
    let named = std::env::var_os("TIERGATE_MODELS_DIR").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let folder = named.unwrap_or_else(|| {
        let cache = cache.unwrap_or_else(|| home().join(".cache"));
        cache.join("tiergate/models")
    });
    let is_kept = |name: &&str| folder.join(format!("{name}.gguf")).is_file();
    let missing: Vec<&str> = MODELS.into_iter().filter(|name| !is_kept(name)).collect();
    let has_models = cfg!(feature = "embedded") && missing.is_empty();
    if has_models {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "not pulled: {missing:?}");
    println!("skipped: 1 {what} on real models (not built in, or not pulled: {missing:?})");
    None
}

impl Walk {
    fn up(models: PathBuf) -> Self {
        let home = Home::empty();
        let local = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        let mut command = home.command(&["up", "--json"]);
        command.args(local).env("TIERGATE_MODELS_DIR", &models);
        let gateway = Gateway::start(command);
        assert!(home.config().is_file(), "the starter is written");
        let shown = |field: &str| gateway.ready[field].as_str().unwrap().to_owned();
        let platform_lead = home.keep(Key::shown(&shown("operator_key")), "platform");
        let anybody = Key::shown(&shown("key"));
        let helper = home.caller("app", &["--use-case", "code-help"]);
        Self {
            gateway,
            home,
            models,
            platform_lead,
            anybody,
            helper,
        }
    }

    fn ask(&self, key: &Key, name: &str) -> Answer {
        let body = json!({
            "model": name,
            "messages": [{ "role": "user", "content": "Say hello." }],
            "max_tokens": 8,
            "temperature": 0,
        });
        let ask = Ask::post("/v1/chat/completions", &body);
        ask.bearer(&key.key).to(self.gateway.listen)
    }

    fn model_for(&self, key: &Key) -> String {
        let answer = self.ask(key, "haiku").is(200);
        answer.model().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> crate::home::Ended {
        self.home.run_as(&self.platform_lead, arguments)
    }

    fn promote(&self) -> crate::home::Ended {
        self.run(&["release", "promote", RELEASE, "--json"])
    }

    fn shown(&self) -> Value {
        self.run(&["release", "show", RELEASE, "--json"])
            .is(0)
            .json()
    }

    fn answers_for_real(&self) {
        let answer = self.ask(&self.anybody, "haiku").is(200);
        assert_eq!(answer.model(), Some("smollm2"));
        let body = answer.json();
        let said = body["choices"][0]["message"]["content"].as_str().unwrap();
        assert!(said.contains("Hello"), "{said}");
        for field in ["prompt_tokens", "completion_tokens"] {
            assert!(body["usage"][field].as_u64().unwrap() > 0, "{body}");
        }
        let streamed = Ask::messages("claude-haiku-4-5").streamed();
        let streamed = streamed.with("x-api-key", &self.anybody.key);
        let events = streamed.to(self.gateway.listen).is(200).text();
        assert!(events.contains("content_block_delta"), "{events}");
        assert!(events.trim_end().ends_with("\"message_stop\"}"), "{events}");
    }

    fn sealed(&self) {
        for key in [&self.anybody, &self.helper] {
            let listed = Ask::get("/v1/models").bearer(&key.key);
            let listed = listed.to(self.gateway.listen).is(200).text();
            assert!(
                listed.contains("haiku") && !listed.contains("qwen"),
                "{listed}"
            );
            for name in [RELEASE, MODELS[1], "release/qwen-coder/candidate"] {
                self.ask(key, name).is(404);
            }
            assert_eq!(self.model_for(key), "smollm2");
        }
    }

    fn promoted_without_evidence(&self) {
        let gates = &self.promote().is(1).json()["gates"];
        for gate in ["eval_floor", "eval_noninferior", "approval"] {
            assert_eq!(verdict(gates, gate).0, "inconclusive", "{gates}");
        }
        let told = self.run(&["release", "promote", RELEASE]).is(1).out;
        assert!(told.contains("inconclusive"), "{told}");
    }

    fn evaluate(&self) -> Vec<Value> {
        let run = ["eval", "run", RELEASE, "--suite", "basics", "--json"];
        let ended = self.home.run_long(&self.platform_lead, &run, EVAL_WITHIN);
        ended.is(0).json_lines()
    }

    fn evaluated(&self) {
        for arm in self.evaluate() {
            let evidence = &arm["evidence"];
            assert!(evidence["items"].as_u64().unwrap() >= 60, "{arm}");
            assert_eq!(evidence["spoilt"], json!(0), "{arm}");
        }
        let gates = &self.shown()["gates"];
        assert_eq!(verdict(gates, "eval_floor").0, "pass", "{gates}");
        assert_eq!(verdict(gates, "eval_noninferior").0, "pass", "{gates}");
    }

    fn waits_for_a_second_person(&self) {
        let word = || {
            verdict(&self.promote().is(1).json()["gates"], "approval")
                .0
                .to_owned()
        };
        assert_eq!(word(), "inconclusive");
        // One person with three keys is one person: who asks cannot approve as well.
        let more = ["second", "third"].map(|name| self.home.operator("platform-lead", name));
        for key in [&self.platform_lead, &more[0], &more[1]] {
            self.home
                .run_as(key, &["release", "approve", RELEASE])
                .is(0);
        }
        assert_eq!(word(), "inconclusive");
        self.approved();
    }

    fn approved(&self) {
        let security_lead = self.home.operator("security-lead", "security");
        let approve = ["release", "approve", RELEASE];
        self.home.run_as(&security_lead, &approve).is(0);
    }

    fn open_to_one_use_case(&self) {
        assert_eq!(self.shown()["stage"], json!("early_access"));
        assert_eq!(self.model_for(&self.helper), "qwen-coder");
        assert_eq!(self.model_for(&self.anybody), "smollm2");
        self.ask(&self.anybody, RELEASE).is(404);
        let answer = self.ask(&self.helper, RELEASE).is(200);
        assert_eq!(answer.header("tiergate-stage"), Some("early_access"));
    }

    fn explained_for_a_thousand_callers(&self) {
        let place = Place {
            listen: self.gateway.listen,
            admin: self.gateway.admin,
            operator: self.platform_lead.key.clone(),
            names: ["haiku", "claude-haiku-4-5", RELEASE, "haiku", "smollm2"],
            use_cases: ["code-help", "chat"],
        };
        let crowd = Arc::new(mint(&place));
        let came = compare(&place, &crowd);
        assert!(served(&came, "qwen-coder") > 0, "{came:?}");
        assert!(served(&came, "smollm2") > 0, "{came:?}");
    }

    fn rolled_back(&self) {
        let rollback = ["release", "rollback", RELEASE, "--reason", "a complaint"];
        self.run(&rollback).is(0);
        assert_eq!(self.model_for(&self.helper), "smollm2", "the next request");
        self.sealed();
    }

    /// Another fixed parameter makes another digest, and here a model that is cut off at once.
    fn a_failing_eval_of_a_new_digest_does_not_promote(&self) {
        let before = self.shown();
        let starter = std::fs::read_to_string(self.home.config()).unwrap();
        let id = "id = \"qwen2.5-coder-0.5b\"";
        let changed = starter.replace(id, &format!("{id}\nparams = {{ max_tokens = 1 }}"));
        assert_ne!(starter, changed);
        self.home.write(&changed);
        self.gateway.await_said("was taken up", 1);
        let after = self.shown();
        assert_ne!(before["digest"], after["digest"]);
        assert_eq!(verdict(&after["gates"], "eval_floor").0, "inconclusive");
        self.evaluate();
        self.approved();
        let gates = &self.promote().is(1).json()["gates"];
        assert_eq!(verdict(gates, "eval_floor").0, "fail", "{gates}");
        assert_eq!(verdict(gates, "approval").0, "pass", "{gates}");
        assert_eq!(self.model_for(&self.helper), "smollm2");
    }

    fn verified(&mut self) {
        assert!(self.models.is_dir());
        assert!(self.gateway.stop().success());
        each_changed_byte_is_named(&self.home);
    }
}
