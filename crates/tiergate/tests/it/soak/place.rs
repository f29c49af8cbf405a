//! The organisation of the soak: its configuration, its people and its callers. It must not know
//! what they do.

use testkit::{FakeProvider, Script};

use super::history::Kind;
use crate::bench::{SERVER, fake};
use crate::home::{Home, Key, Operator};

/// The callers: admitted at first, later or never, in two regions or in none that is known.
pub(crate) const CALLERS: [Kind; 5] = [
    kind("north", Some("blue"), Some("code-help"), Some("north")),
    kind("south", Some("blue"), Some("code-help"), Some("south")),
    kind("nowhere", Some("blue"), Some("code-help"), None),
    kind("seller", Some("red"), Some("sales"), Some("south")),
    kind("anybody", None, None, None),
];

/// An evaluation key of the release.
pub(crate) const EVALUATOR: Kind = Kind {
    is_evaluator: true,
    ..kind("evaluator", None, None, None)
};

const fn kind(
    name: &'static str,
    team: Option<&'static str>,
    use_case: Option<&'static str>,
    region: Option<&'static str>,
) -> Kind {
    Kind {
        name,
        team,
        use_case,
        region,
        is_evaluator: false,
    }
}

/// A home with its provider, keys of the callers, and people.
pub(crate) struct Place {
    pub(crate) home: Home,
    pub(crate) fake: FakeProvider,
    pub(crate) callers: Vec<(Kind, Key)>,
    pub(crate) platform: Operator,
    pub(crate) security: Operator,
}

impl Place {
    /// Sets everything up, with nothing decided yet.
    pub(crate) fn make() -> Self {
        let fake = fake(Script::new());
        let home = Home::new(&config(&fake.openai_base_url()));
        let callers = CALLERS.iter().map(|who| (*who, key(&home, who))).collect();
        let platform = home.operator("platform-lead", "platform");
        let security = home.operator("security-lead", "security");
        Self {
            home,
            fake,
            callers,
            platform,
            security,
        }
    }
}

fn key(home: &Home, who: &Kind) -> Key {
    let region = who.region.map(|region| format!("region={region}"));
    let pairs = [
        ("--team", who.team),
        ("--use-case", who.use_case),
        ("--attribute", region.as_deref()),
    ];
    let given = pairs
        .iter()
        .filter_map(|(flag, value)| value.map(|value| [*flag, value]));
    let arguments: Vec<&str> = given.flatten().collect();
    home.caller(who.name, &arguments)
}

fn config(url: &str) -> String {
    format!(
        r#"{SERVER}
[providers.chat]
dialect = "openai-chat"
base_url = "{url}"

[models.old]
provider = "chat"
id = "old-1"

[models.next]
provider = "chat"
id = "next-1"

[tiers.haiku]
serves = ["old"]
purpose = "quick steps"

[people.platform-lead]
roles = ["platform"]

[people.security-lead]
roles = ["security"]

[use_cases.code-help]
owner = "platform-lead"
tiers = ["haiku"]

[use_cases.sales]
owner = "platform-lead"
tiers = ["haiku"]

[suites.basics]
builtin = "basics"

[releases.next]
tier = "haiku"
candidate = "next"

[[releases.next.stages]]
stage = "early_access"
admit = {{ use_cases = ["code-help"], teams = ["blue"] }}
gates = [{{ gate = "approval", roles = ["security"], of = 1 }}]

[[releases.next.stages]]
stage = "general"
share = [25, 50, 100]
gates = [
  {{ gate = "eval_floor", suite = "basics", at_least = 0.3 }},
  {{ gate = "approval", roles = ["security"], of = 1 }},
]
"#
    )
}
