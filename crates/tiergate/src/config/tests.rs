//! Every kind of configuration fault, seen as a person would see it.

use std::fmt::Write as _;
use std::path::Path;

use ledger::WitnessSigner;

use super::{Config, GateFault, Offered, Witnesses};
use crate::starter;

/// A sound configuration; each case replaces one piece of it.
const SOUND: &str = r#"
[server]
listen = "127.0.0.1:4000"
admin = "127.0.0.1:4001"
[providers.main]
dialect = "openai-chat"
base_url = "https://models.example/v1"
api_key = { env = "MAIN_KEY" }
[models.old]
provider = "main"
id = "old-1"
[models.new]
provider = "main"
id = "new-1"
[tiers.haiku]
serves = ["old"]
aliases = ["gpt-4o-mini*"]
[tiers.opus]
serves = ["old"]
aliases = ["gpt-5*"]
[people.lead]
roles = ["security"]
[risk.high]
requires = ["approval"]
[use_cases.triage]
owner = "lead"
risk = "high"
tiers = ["opus"]
review_by = 2027-03-01
[suites.basics]
builtin = "basics"
[releases.next]
tier = "opus"
candidate = "new"
[[releases.next.stages]]
stage = "early_access"
admit = { use_cases = ["triage"] }
gates = [{ gate = "approval", roles = ["security"], of = 1 }]
[[releases.next.stages]]
stage = "general"
share = [10, 100]
gates = [{ gate = "approval", roles = ["security"], of = 1 }]
"#;

/// What is wrong, the text replaced, and what replaces it.
const FAULTS: &[(&str, &str, &str)] = &[
    ("broken syntax", "listen = \"127.0.0.1:4000\"", "listen = "),
    ("unknown section", "[server]", "[sevrer]"),
    (
        "embedded models without a thread",
        "[server]",
        "[embedded]\nthreads = 0\n\n[server]",
    ),
    (
        "unknown field",
        "provider = \"main\"\nid = \"old-1\"",
        "provider = \"main\"\nmodel = \"old-1\"",
    ),
    (
        "missing field",
        "provider = \"main\"\nid = \"new-1\"",
        "provider = \"main\"",
    ),
    (
        "wrong kind of value",
        "serves = [\"old\"]\naliases = [\"gpt-5*\"]",
        "serves = \"old\"",
    ),
    (
        "duplicate key",
        "id = \"old-1\"",
        "id = \"old-1\"\nid = \"old-2\"",
    ),
    ("no address", "\"127.0.0.1:4000\"", "\"localhost\""),
    (
        "open to the outside",
        "\"127.0.0.1:4000\"",
        "\"0.0.0.0:4000\"",
    ),
    ("one address for both", "127.0.0.1:4001", "127.0.0.1:4000"),
    (
        "no time at all",
        "[server]",
        "[server]\nidle_timeout_ms = 0",
    ),
    (
        "unknown store",
        "[providers.main]",
        "[store]\nurl = \"mysql://db\"\n[providers.main]",
    ),
    (
        "witnesses without an address, with a log's key, and too many asked for",
        "[server]",
        concat!(
            "[ledger]\nwitness_quorum = 3\nwitnesses = [\n  { url = \"witness.example\", key = ",
            "\"log.example+0a0b0c0d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs\" },\n]\n\n",
            "[server]"
        ),
    ),
    (
        "a quorum that cannot be reached",
        "[server]",
        concat!(
            "[ledger]\nwitness_quorum = 2\nwitnesses = [{ url = \"http://127.0.0.1:4002/\", key = ",
            "\"witness.example/w1+efcd800c+BGa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6\" }]\n\n",
            "[server]"
        ),
    ),
    (
        "a quorum of nobody",
        "[server]",
        "[ledger]\nwitness_quorum = 1\n\n[server]",
    ),
    ("unknown dialect", "\"openai-chat\"", "\"openai-chatt\""),
    (
        "unknown platform",
        "base_url = \"https://models.example/v1\"",
        "base_url = \"https://models.example/v1\"\nplatform = \"anthropics\"",
    ),
    (
        "no base url",
        "base_url = \"https://models.example/v1\"\n",
        "",
    ),
    (
        "base url of another scheme",
        "https://models.example/v1",
        "ftp://models.example",
    ),
    (
        "credential in the url",
        "https://models.example/v1",
        "https://me:secret@models.example/v1",
    ),
    (
        "query in the url",
        "https://models.example/v1",
        "https://models.example/v1?key=1",
    ),
    (
        "credential in clear",
        "{ env = \"MAIN_KEY\" }",
        "\"sk-123\"",
    ),
    (
        "url for a model in process",
        "\"openai-chat\"",
        "\"embedded\"",
    ),
    (
        "unknown platform",
        "dialect = \"openai-chat\"",
        "dialect = \"openai-chat\"\nplatform = \"azur\"",
    ),
    (
        "no project on a platform that has them",
        "dialect = \"openai-chat\"\nbase_url = \"https://models.example/v1\"",
        "dialect = \"anthropic-messages\"\nplatform = \"vertex\"\nregion = \"europe-west1\"",
    ),
    (
        "region that a URL cannot hold",
        "dialect = \"openai-chat\"\nbase_url = \"https://models.example/v1\"",
        "dialect = \"openai-chat\"\nplatform = \"bedrock-mantle\"\nregion = \"evil.example/\"",
    ),
    (
        "region that says nothing",
        "dialect = \"openai-chat\"",
        "dialect = \"openai-chat\"\nregion = \"us-east-1\"",
    ),
    (
        "key and authorisation",
        "api_key = { env = \"MAIN_KEY\" }",
        "api_key = { env = \"MAIN_KEY\" }\nauth = { bearer = { env = \"OTHER\" } }",
    ),
    (
        "unknown authorisation",
        "api_key = { env = \"MAIN_KEY\" }",
        "auth = { sigv5 = { env = \"OTHER\" } }",
    ),
    (
        "two authorisations",
        "api_key = { env = \"MAIN_KEY\" }",
        "auth = { bearer = { env = \"ONE\" }, azure_key = { env = \"TWO\" } }",
    ),
    (
        "token in clear",
        "api_key = { env = \"MAIN_KEY\" }",
        "auth = { bearer = \"ey123\" }",
    ),
    (
        "access key in clear, half of it, and more",
        "api_key = { env = \"MAIN_KEY\" }",
        "auth = { sigv4 = { access_key_id = \"AKIA123\", profile = \"me\", service = 7 } }",
    ),
    (
        "authorisation without its table",
        "api_key = { env = \"MAIN_KEY\" }",
        "auth = { sigv4 = \"AKIA123\" }",
    ),
    (
        "unknown provider",
        "provider = \"main\"\nid = \"new-1\"",
        "provider = \"mian\"\nid = \"new-1\"",
    ),
    (
        "unknown model",
        "serves = [\"old\"]\naliases = [\"gpt-5*\"]",
        "serves = [\"old\", \"older\"]",
    ),
    (
        "model listed twice",
        "serves = [\"old\"]\naliases = [\"gpt-5*\"]",
        "serves = [\"old\", \"old\"]",
    ),
    (
        "patterns that overlap",
        "aliases = [\"gpt-5*\"]",
        "aliases = [\"gpt-*\"]",
    ),
    (
        "star inside an alias",
        "aliases = [\"gpt-5*\"]",
        "aliases = [\"gpt-*-5\"]",
    ),
    (
        "alias for everything",
        "aliases = [\"gpt-5*\"]",
        "aliases = [\"*\"]",
    ),
    (
        "tier without a place",
        "\n[server]",
        "tiers_order = [\"haiku\"]\n[server]",
    ),
    ("unknown owner", "owner = \"lead\"", "owner = \"leed\""),
    ("unknown risk", "risk = \"high\"", "risk = \"higher\""),
    ("no calendar day", "2027-03-01", "12:30:00"),
    (
        "unknown builtin suite",
        "builtin = \"basics\"",
        "builtin = \"basic\"",
    ),
    (
        "suite with half a digest",
        "builtin = \"basics\"",
        "digest = \"sha256:0a\"",
    ),
    (
        "suite with two sources",
        "builtin = \"basics\"",
        "builtin = \"basics\"\nfile = \"a.jsonl\"",
    ),
    (
        "candidate that serves already",
        "candidate = \"new\"",
        "candidate = \"old\"",
    ),
    (
        "unknown candidate",
        "candidate = \"new\"",
        "candidate = \"newest\"",
    ),
    (
        "stages out of order",
        "stage = \"early_access\"",
        "stage = \"general\"",
    ),
    (
        "sealed as a stage",
        "stage = \"early_access\"",
        "stage = \"sealed\"",
    ),
    (
        "unknown stage",
        "stage = \"early_access\"",
        "stage = \"early\"",
    ),
    (
        "stage that admits nobody",
        "admit = { use_cases = [\"triage\"] }\n",
        "",
    ),
    (
        "stage that admits everybody",
        "{ use_cases = [\"triage\"] }",
        "{ }",
    ),
    (
        "unknown use case",
        "{ use_cases = [\"triage\"] }",
        "{ use_cases = [\"triag\"] }",
    ),
    (
        "stage without a gate",
        "share = [10, 100]\ngates = [{ gate = \"approval\", roles = [\"security\"], of = 1 }]",
        "share = [10, 100]",
    ),
    (
        "gate that the risk requires",
        "share = [10, 100]\ngates = [{ gate = \"approval\", roles = [\"security\"], of = 1 }]",
        "gates = [{ gate = \"soak\", days = 3 }]",
    ),
    ("shares that fall", "share = [10, 100]", "share = [50, 10]"),
    ("share over 100", "share = [10, 100]", "share = [10, 101]"),
    (
        "unknown gate",
        "share = [10, 100]\ngates = [{ gate = \"approval\"",
        "gates = [{ gate = \"aproval\"",
    ),
    (
        "fallback tier that nothing serves",
        "tier = \"opus\"\ncandidate",
        "when_not_admitted = { tier = \"sonnet\" }\ntier = \"opus\"\ncandidate",
    ),
    (
        "answer for those not admitted",
        "tier = \"opus\"\ncandidate",
        "when_not_admitted = \"refuze\"\ntier = \"opus\"\ncandidate",
    ),
];

fn parse(text: &str) -> Result<Config, super::ConfigFaults> {
    let gates = ["approval", "eval_floor", "eval_noninferior", "soak"];
    let check_gate = |spec: &domain::GateSpec| {
        if gates.contains(&spec.gate.as_str()) {
            return Ok(());
        }
        Err(GateFault {
            parameter: None,
            what: format!("there is no gate `{}`", spec.gate),
            mend: format!("use one of: {}", gates.join(", ")),
        })
    };
    let offered = Offered {
        dialects: vec!["openai-chat", "anthropic-messages", "embedded"],
        adapters: providers::ADAPTERS,
        auth_kinds: providers::AUTH_KINDS,
        in_process: Some("embedded"),
        check_gate: &check_gate,
        check_standing: &check_gate,
        weights_of: &|_| Some("0".repeat(64)),
        builtin_suites: vec!["basics"],
    };
    Config::parse(Path::new("tiergate.toml"), text, &offered)
}

#[test]
fn the_sound_configuration_is_taken() {
    parse(SOUND).unwrap();
}

#[test]
fn all_witnesses_are_asked_for_unless_fewer_are_enough() {
    let keys = [
        "witness.example/w1+efcd800c+BGa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6".to_owned(),
        WitnessSigner::from_seed("w2.example".parse().unwrap(), &[2; 32])
            .verifier()
            .to_string(),
    ];
    let ledger = |quorum: &str| {
        let [one, two] = &keys;
        let text = format!(
            "[ledger]\n{quorum}witnesses = [\
             {{ url = \"http://127.0.0.1:4002/\", key = \"{one}\" }}, \
             {{ url = \"https://witness.example/log\", key = \"{two}\" }}]\n{SOUND}"
        );
        parse(&text).unwrap().settings.witnesses
    };
    let all = ledger("");
    let urls: Vec<_> = all.asked.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(
        urls,
        ["http://127.0.0.1:4002", "https://witness.example/log"]
    );
    assert_eq!(all.quorum.unwrap().threshold(), 2);
    let one = ledger("witness_quorum = 1\n").quorum.unwrap();
    assert_eq!((one.threshold(), one.witnesses().len()), (1, 2));
    assert_eq!(
        parse(SOUND).unwrap().settings.witnesses,
        Witnesses::default()
    );
}

/// Parses the sound configuration with other settings of its provider.
fn provider(settings: &str) -> (Config, super::ProviderSettings) {
    let from = "dialect = \"openai-chat\"\nbase_url = \"https://models.example/v1\"\n\
        api_key = { env = \"MAIN_KEY\" }\n";
    assert!(SOUND.contains(from));
    let config = parse(&SOUND.replacen(from, settings, 1)).unwrap_or_else(|faults| {
        panic!("{faults}\n{settings}");
    });
    let name: domain::ProviderName = "main".into();
    let settings = config.settings.providers[&name].clone();
    (config, settings)
}

#[test]
fn an_access_key_brings_region_and_service_of_its_provider() {
    let (config, settings) = provider(
        r#"
        dialect = "anthropic-messages"
        platform = "bedrock"
        region = "us-east-1"
        auth = { sigv4 = { access_key_id = { env = "ID" }, secret_access_key = { file = "key" } } }
        "#,
    );
    let url = "https://bedrock-runtime.us-east-1.amazonaws.com";
    assert_eq!(settings.base_url, url);
    let auth = settings.auth.unwrap();
    assert_eq!(auth.kind, "sigv4");
    let texts: Vec<_> = auth
        .texts
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(texts, [("region", "us-east-1"), ("service", "bedrock")]);
    assert_eq!(
        settings.sources["access_key_id"],
        super::CredentialSource::Env("ID".to_owned())
    );
    assert_eq!(
        settings.sources["secret_access_key"],
        super::CredentialSource::File("key".into())
    );
    let declared = &config.policy.models.values().next().unwrap().provider;
    assert_eq!(
        (declared.dialect.as_str(), declared.base_url.as_str()),
        ("anthropic-messages/bedrock", url)
    );
}

#[test]
fn a_plain_server_may_want_signatures_too() {
    let (_, settings) = provider(
        r#"
        dialect = "anthropic-messages"
        base_url = "https://bedrock-runtime.us-east-1.amazonaws.com/anthropic"
        region = "us-east-1"
        [providers.main.auth.sigv4]
        access_key_id = { env = "ID" }
        secret_access_key = { env = "KEY" }
        session_token = { env = "TOKEN" }
        service = "bedrock"
        "#,
    );
    assert_eq!(settings.auth.unwrap().texts["region"], "us-east-1");
    assert_eq!(settings.sources.len(), 3);
}

#[test]
fn where_a_model_is_served_is_part_of_what_evidence_names() {
    let of = |project: &str, version: &str| {
        let settings = match version {
            "" => format!(
                "dialect = \"anthropic-messages\"\nplatform = \"vertex\"\n\
                 region = \"global\"\nproject = \"{project}\"\n\
                 auth = {{ google_service_account = {{ file = \"a.json\" }} }}\n"
            ),
            version => format!(
                "dialect = \"openai-chat\"\nplatform = \"azure\"\n\
                 base_url = \"https://{project}.openai.azure.com\"\n\
                 api_version = \"{version}\"\nauth = {{ azure_key = {{ env = \"KEY\" }} }}\n"
            ),
        };
        let (config, settings) = provider(&settings);
        let digest = config.policy.models.values().next().unwrap().digest.clone();
        (settings, digest)
    };
    let (vertex, one) = of("one", "");
    assert!(
        vertex
            .base_url
            .ends_with("/projects/one/locations/global/publishers/anthropic/models")
    );
    assert_ne!(one, of("two", "").1);
    assert_eq!(one, of("one", "").1);
    let (azure, old) = of("one", "2024-10-21");
    assert_eq!(
        azure.base_url,
        "https://one.openai.azure.com/openai/deployments"
    );
    assert_eq!(azure.query.as_deref(), Some("api-version=2024-10-21"));
    assert_ne!(old, of("one", "2025-01-01").1);
}

#[test]
fn every_starter_is_sound() {
    for anthropic in [false, true] {
        for openai in [false, true] {
            let text = starter::text(starter::Found { anthropic, openai });
            if let Err(faults) = parse(&text) {
                panic!("{faults}\n{text}");
            }
        }
    }
}

#[test]
fn each_fault_names_file_line_what_and_how_to_mend_it() {
    let mut seen = String::new();
    for (name, from, to) in FAULTS {
        assert_eq!(
            SOUND.matches(from).count().min(1),
            1,
            "{name}: nothing to replace"
        );
        let text = SOUND.replacen(from, to, 1);
        let Err(faults) = parse(&text) else {
            panic!("{name}: taken as sound")
        };
        for fault in &faults.0 {
            assert!(!fault.mend.is_empty(), "{name}: no way to mend it");
        }
        writeln!(seen, "## {name}\n{faults}\n").unwrap();
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn a_comment_leaves_the_digest_and_a_value_changes_it() {
    let digest = |text: &str| parse(text).unwrap().policy.digest;
    assert_eq!(digest(SOUND), digest(&format!("# a comment\n{SOUND}")));
    assert_ne!(digest(SOUND), digest(&SOUND.replace("old-1", "old-2")));
}

#[test]
fn what_is_known_of_a_model_depends_on_the_platform_that_serves_it() {
    let text = |address: &str, platform: &str| {
        let url = format!("base_url = \"{address}\"\n{platform}");
        SOUND
            .replace("base_url = \"https://models.example/v1\"", &url)
            .replace("id = \"old-1\"", "id = \"claude-opus-5\"")
            .replace("serves = [\"old\"]", "serves = [\"old\"]\nadapt = true")
    };
    let own = "https://api.anthropic.com";
    let relayed = "https://models.example/v1";
    for (address, platform, is_known) in [
        (own, "", true),
        (relayed, "", false),
        (relayed, "platform = \"anthropic\"", true),
        (own, "platform = \"openrouter\"", false),
    ] {
        let policy = parse(&text(address, platform)).unwrap().policy;
        let model = policy.models.get("old").unwrap();
        assert_eq!(model.prices.is_some(), is_known, "{address} {platform}");
        assert_eq!(
            model.takes.rules.is_empty(),
            !is_known,
            "{address} {platform}"
        );
        let most = is_known.then_some(128_000);
        assert_eq!(model.limits.max_output_tokens, most, "{address} {platform}");
        assert!(policy.tiers.values().all(|tier| tier.adapt));
    }
    let written = text(own, "").replace(
        "id = \"claude-opus-5\"",
        "id = \"claude-opus-5\"\nprice = { input_usd_micros = 7, output_usd_micros = 9 }",
    );
    let policy = parse(&written).unwrap().policy;
    let prices = policy.models.get("old").unwrap().prices.clone().unwrap();
    let now = prices.at("2026-11-26T00:00:00Z".parse().unwrap()).unwrap();
    let found = (now.prices.input_usd_micros, &**now.basis);
    assert_eq!(found, (7, "configuration"));
}
