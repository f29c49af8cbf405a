//! The commented configuration that `tiergate up` writes where there is none. It must not look
//! at the machine: what was found comes in.

/// Says which providers' keys were found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// `ANTHROPIC_API_KEY` is set.
    pub anthropic: bool,
    /// `OPENAI_API_KEY` is set.
    pub openai: bool,
}

impl Found {
    /// Tells whether any provider can be offered.
    #[must_use]
    pub fn any(self) -> bool {
        self.anthropic || self.openai
    }
}

/// Writes the configuration.
#[must_use]
pub fn text(found: Found) -> String {
    let mut text = HEAD.to_owned();
    if found.anthropic {
        text.push_str(ANTHROPIC);
    }
    if found.openai {
        text.push_str(OPENAI);
    }
    if found.any() {
        text.push_str(&tiers(found));
    } else {
        text.push_str(EMBEDDED);
    }
    text.push_str(PEOPLE);
    if !found.any() {
        text.push_str(RELEASE);
    }
    text
}

const HEAD: &str = r#"# Tiergate's configuration: everything is closed until it is opened here.
# Check a change with `tiergate check`; a running gateway takes it up when the file changes, and
# keeps the last good one when the new one is wrong.

[server]
# Applications: OpenAI's base URL is http://127.0.0.1:4000/v1, Anthropic's http://127.0.0.1:4000
listen = "127.0.0.1:4000"
admin = "127.0.0.1:4001"    # operators only

[store]
url = "sqlite://tiergate.db"   # relative to the data directory
"#;

const ANTHROPIC: &str = r#"
# A provider, with the credential's place, never the credential.
[providers.anthropic]
dialect = "anthropic-messages"
base_url = "https://api.anthropic.com"
api_key = { env = "ANTHROPIC_API_KEY" }

[models.claude-haiku]
provider = "anthropic"
id = "claude-haiku-5-5"

[models.claude-sonnet]
provider = "anthropic"
id = "claude-sonnet-5-5"

[models.claude-opus]
provider = "anthropic"
id = "claude-opus-5-5"
"#;

const OPENAI: &str = r#"
# A provider, with the credential's place, never the credential.
[providers.openai]
dialect = "openai-chat"
base_url = "https://api.openai.com/v1"
api_key = { env = "OPENAI_API_KEY" }

[models.gpt-luna]
provider = "openai"
id = "gpt-6-luna"

[models.gpt-terra]
provider = "openai"
id = "gpt-6.1-terra"

[models.gpt-sol]
provider = "openai"
id = "gpt-6.2-sol"
"#;

/// One tier of the starter: its purpose, and per provider the model and the aliases.
struct Row {
    tier: &'static str,
    purpose: &'static str,
    anthropic: (&'static str, &'static [&'static str]),
    openai: (&'static str, &'static [&'static str]),
}

const TIERS: [Row; 3] = [
    Row {
        tier: "haiku",
        purpose: "quick, cheap steps",
        anthropic: (
            "claude-haiku",
            &["claude-haiku-*", "claude-3-haiku-*", "claude-3-5-haiku-*"],
        ),
        openai: (
            "gpt-luna",
            &[
                "gpt-6-luna*",
                "gpt-5.6-luna*",
                "gpt-5-nano*",
                "gpt-4.1-nano*",
                "gpt-4o-mini*",
            ],
        ),
    },
    Row {
        tier: "sonnet",
        purpose: "everyday work",
        anthropic: (
            "claude-sonnet",
            &[
                "claude-sonnet-*",
                "claude-3-5-sonnet-*",
                "claude-3-7-sonnet-*",
            ],
        ),
        openai: (
            "gpt-terra",
            &[
                "gpt-6.1-terra*",
                "gpt-5.6-terra*",
                "gpt-5-mini*",
                "gpt-4.1-mini*",
            ],
        ),
    },
    Row {
        tier: "opus",
        purpose: "complex reasoning, coding, analysis",
        anthropic: ("claude-opus", &["claude-opus-*", "claude-3-opus-*"]),
        openai: (
            "gpt-sol",
            &[
                "gpt-6.2-sol*",
                "gpt-6.1-sol*",
                "gpt-6-sol*",
                "gpt-5.6-sol*",
                "gpt-5.5*",
                "gpt-5.4*",
                "gpt-5",
                "gpt-4.1",
                "gpt-4o",
                "gpt-4o-2*",
            ],
        ),
    },
];

fn tiers(found: Found) -> String {
    let mut text = String::from(
        "\n# A tier names a capability. `serves` is tried in order; `aliases` are the names that\n\
         # unmodified applications ask for today.\n",
    );
    for row in &TIERS {
        let offers = [
            (found.anthropic, &row.anthropic),
            (found.openai, &row.openai),
        ];
        let offered = || {
            offers
                .iter()
                .filter(|(is_found, _)| *is_found)
                .map(|(_, offer)| *offer)
        };
        let serves = quoted(offered().map(|(model, _)| *model));
        let aliases = quoted(offered().flat_map(|(_, aliases)| aliases.iter().copied()));
        text.push_str(&format!(
            "[tiers.{}]\nserves = [{serves}]\naliases = [{aliases}]\npurpose = \"{}\"\n\n",
            row.tier, row.purpose
        ));
    }
    text
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

const EMBEDDED: &str = r#"
# Demonstration models inside this process: real, small, and not for production answers.
[providers.local]
dialect = "embedded"

# SmolLM2-135M-Instruct, Apache-2.0; `tiergate up` pulls it.
[models.smollm2]
provider = "local"
id = "smollm2-135m"

# Qwen2.5-Coder-0.5B-Instruct, Apache-2.0; `tiergate models pull qwen2.5-coder-0.5b` pulls it.
[models.qwen-coder]
provider = "local"
id = "qwen2.5-coder-0.5b"

# A tier names a capability. `serves` is tried in order; `aliases` are the names that unmodified
# applications ask for today.
[tiers.haiku]
serves = ["smollm2"]
aliases = ["claude-haiku-*", "gpt-6-luna*", "gpt-4o-mini*"]
purpose = "quick, cheap steps"
"#;

const PEOPLE: &str = r#"
# People command releases with operator keys; approvals count by person, not by key.
[people.platform-lead]
roles = ["platform"]

[people.security-lead]
roles = ["security"]
"#;

const RELEASE: &str = r#"
# Declared purposes. A caller's key lists those that it may claim.
[use_cases.code-help]
owner = "platform-lead"
tiers = ["haiku"]

[use_cases.chat]
owner = "platform-lead"
tiers = ["haiku"]

# Cases for `tiergate eval run`: this suite is in the program; your own are JSONL files
# (file = "suites/mine.jsonl").
[suites.basics]
builtin = "basics"

# The larger model is a candidate beside what serves the tier. It is sealed: nobody can see or
# reach it until a person promotes it and every gate passes.
[releases.qwen-coder]
tier = "haiku"
candidate = "qwen-coder"

[[releases.qwen-coder.stages]]
stage = "early_access"
admit = { use_cases = ["code-help"] }
gates = [
  { gate = "eval_floor", suite = "basics", at_least = 0.5 },
  { gate = "eval_noninferior", suite = "basics", margin = 0.05 },
  { gate = "approval", roles = ["security"], of = 1 },
]

[[releases.qwen-coder.stages]]
stage = "general"
share = [25, 100]
gates = [
  { gate = "eval_floor", suite = "basics", at_least = 0.5 },
  { gate = "approval", roles = ["security", "platform"], of = 1 },
]
"#;
