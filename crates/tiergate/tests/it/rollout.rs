//! The organisation of the story: three people, two use cases, one release with its stages, and a
//! provider that knows the suite's answers. It must not test anything itself.

use serde_json::{Value, json};

use crate::bench::SERVER;
use crate::client::Ask;
use crate::gateway::Gateway;
use crate::home::{Ended, Home, Key, Operator};
use crate::scholar::Scholar;

/// A gateway whose tier haiku has an incumbent, `old`, and a sealed candidate, `next`.
pub(crate) struct Rollout {
    pub(crate) gateway: Gateway,
    pub(crate) home: Home,
    pub(crate) scholar: Scholar,
    pub(crate) platform_lead: Operator,
    pub(crate) product_lead: Operator,
    /// Three keys of one person.
    pub(crate) security_lead: [Operator; 3],
    /// May claim the use case that early access is for.
    pub(crate) helper: Key,
    /// May claim the other one.
    pub(crate) seller: Key,
    /// May claim none.
    pub(crate) anybody: Key,
}

impl Rollout {
    /// Starts with everything sealed and nothing known of the candidate.
    pub(crate) fn start() -> Self {
        Self::with(|scholar, _| config(scholar, "next-1"))
    }

    /// Starts with a configuration made for its provider, and files beside it.
    pub(crate) fn with(write: impl FnOnce(&Scholar, &Home) -> String) -> Self {
        let scholar = Scholar::start();
        let home = Home::new("");
        home.write(&write(&scholar, &home));
        let platform_lead = home.operator("platform-lead", "platform");
        let product_lead = home.operator("product-lead", "product");
        let security_lead = ["security-1", "security-2", "security-3"]
            .map(|name| home.operator("security-lead", name));
        let helper = home.caller("helper", &["--use-case", "code-help", "--team", "blue"]);
        let seller = home.caller("seller", &["--use-case", "sales", "--team", "blue"]);
        let anybody = home.caller("anybody", &[]);
        let gateway = home.serve();
        Self {
            gateway,
            home,
            scholar,
            platform_lead,
            product_lead,
            security_lead,
            helper,
            seller,
            anybody,
        }
    }

    /// Asks for a name with a key.
    pub(crate) fn ask(&self, key: &Key, name: &str) -> crate::client::Answer {
        Ask::chat(name).bearer(&key.key).to(self.gateway.listen)
    }

    /// Shows the model that answers for a tier.
    pub(crate) fn answers(&self, key: &Key) -> String {
        let answer = self.ask(key, "haiku").is(200);
        let (told, body) = (answer.model().unwrap().to_owned(), answer.json());
        let said = body["choices"][0]["message"]["content"].as_str().unwrap();
        // The header and the model that really answered are the same.
        assert!(said.starts_with(&told), "{told}: {said}");
        told
    }

    /// Commands the promotion, as the platform lead.
    pub(crate) fn promote(&self) -> Ended {
        self.home.run_as(
            &self.platform_lead,
            &["release", "promote", "next", "--json"],
        )
    }

    /// Approves the next stage.
    pub(crate) fn approve(&self, by: &Operator) {
        let approved = self.home.run_as(by, &["release", "approve", "next"]);
        approved.is(0);
    }

    /// Runs the suite against both arms, as the platform lead.
    pub(crate) fn evaluate(&self) -> Vec<Value> {
        let run = ["eval", "run", "next", "--suite", "basics", "--json"];
        self.home
            .run_as(&self.platform_lead, &run)
            .is(0)
            .json_lines()
    }

    /// Shows the release.
    pub(crate) fn shown(&self) -> Value {
        let show = ["release", "show", "next", "--json"];
        self.home.run_as(&self.platform_lead, &show).is(0).json()
    }

    /// Brings the release into early access: evidence, two approvals, a promotion.
    pub(crate) fn open(&self) {
        self.evaluate();
        self.approve(&self.security_lead[0]);
        self.approve(&self.product_lead);
        self.promote().is(0);
        assert_eq!(self.shown()["stage"], json!("early_access"));
    }
}

/// Shows what one gate said.
pub(crate) fn verdict<'v>(gates: &'v Value, gate: &str) -> (&'v str, &'v str) {
    let found = gates.as_array().unwrap().iter();
    let mut found = found.filter(|one| one["gate"] == gate);
    let one = found.next().unwrap_or_else(|| panic!("no {gate}: {gates}"));
    let text = |field: &str| one[field].as_str().unwrap();
    (text("verdict"), text("reason"))
}

/// Writes the configuration with this candidate behind the release.
pub(crate) fn config(scholar: &Scholar, candidate: &str) -> String {
    let url = scholar.base_url();
    format!(
        r#"{SERVER}
[providers.scholar]
dialect = "openai-chat"
base_url = "{url}"

[models.old]
provider = "scholar"
id = "old-1"

[models.next]
provider = "scholar"
id = "{candidate}"

[tiers.haiku]
serves = ["old"]
aliases = ["claude-haiku-*"]
purpose = "quick steps"

[people.platform-lead]
roles = ["platform"]

[people.security-lead]
roles = ["security"]

[people.product-lead]
roles = ["product"]

[use_cases.code-help]
owner = "platform-lead"
tiers = ["haiku"]

[use_cases.sales]
owner = "product-lead"
tiers = ["haiku"]

[suites.basics]
builtin = "basics"

[releases.next]
tier = "haiku"
candidate = "next"

[[releases.next.stages]]
stage = "early_access"
admit = {{ use_cases = ["code-help"], teams = ["blue"] }}
gates = [
  {{ gate = "eval_floor", suite = "basics", at_least = 0.5 }},
  {{ gate = "eval_noninferior", suite = "basics", margin = 0.05 }},
  {{ gate = "approval", roles = ["platform", "security", "product"], of = 2 }},
]

[[releases.next.stages]]
stage = "general"
share = [25, 100]
gates = [
  {{ gate = "eval_floor", suite = "basics", at_least = 0.5 }},
  {{ gate = "approval", roles = ["security", "product"], of = 1 }},
]
"#
    )
}
