//! Histories told in scripts, with their answers as goldens. `UPDATE_GOLDENS=1` writes them anew; a
//! changed one is read like code.

use std::path::PathBuf;

use domain::{
    Admission, Advance, Fallback, GateSpec, Limits, ModelDraft, NotAdmitted, Person, Policy,
    PolicyDigest, PolicyDraft, ProviderDraft, ReleaseDraft, Stage, StageDraft, Takes, TierDraft,
    UseCase,
};
use serde_json::json;

use super::spec;
use crate::simulate;

fn policy() -> Policy {
    let model = |name: &str| ModelDraft {
        name: name.to_owned(),
        provider: "main".to_owned(),
        id: format!("{name}-id"),
        safeguards: None,
        params: serde_json::Map::new(),
        weights: None,
        limits: Limits::default(),
        prices: None,
        takes: Takes::default(),
    };
    let person = |name: &str, role: &str| Person {
        name: name.into(),
        roles: vec![role.to_owned()],
    };
    let draft = PolicyDraft {
        providers: vec![ProviderDraft {
            name: "main".to_owned(),
            dialect: "openai-chat".to_owned(),
            base_url: "http://models.example/v1".to_owned(),
        }],
        models: ["old", "new"].map(model).to_vec(),
        tiers: vec![TierDraft {
            name: "opus".to_owned(),
            serves: vec!["old".to_owned()],
            adapt: false,
            aliases: Vec::new(),
            purpose: String::new(),
            fallback: Fallback::STANDARD,
        }],
        people: vec![person("lead", "platform"), person("guard", "security")],
        use_cases: vec![UseCase {
            name: "triage".into(),
            owner: "lead".into(),
            risk: None,
            tiers: vec!["opus".into()],
            review_by: None,
        }],
        releases: vec![release()],
        ..PolicyDraft::default()
    };
    Policy::build(draft, PolicyDigest("sha256:script".into())).unwrap()
}

fn release() -> ReleaseDraft {
    let approval = |of: u64| spec("approval", json!({ "roles": ["security"], "of": of }));
    let floor = || spec("eval_floor", json!({ "suite": "basics", "at_least": 0.5 }));
    let refusals = json!({ "metric": "refusal_rate", "max_increase": 0.1 });
    let errors = json!({ "metric": "error_rate", "max_increase": 0.1 });
    let standing: Vec<GateSpec> = vec![
        spec("canary", refusals),
        spec("canary", errors),
        spec("sample_ratio_mismatch", json!({})),
    ];
    let mut early = standing.clone();
    early.push(spec("incident_free", json!({ "days": 1 })));
    ReleaseDraft {
        name: "next".to_owned(),
        tier: "opus".to_owned(),
        candidate: "new".to_owned(),
        when_not_admitted: NotAdmitted::Refuse,
        judges: std::collections::BTreeSet::new(),
        stages: vec![
            StageDraft {
                stage: Stage::EarlyAccess,
                admit: Some(Admission {
                    use_cases: vec!["triage".into()],
                    ..Admission::default()
                }),
                shares: vec![25, 50],
                advance: Advance::Manual,
                gates: vec![floor(), approval(1)],
                standing: early,
            },
            StageDraft {
                stage: Stage::General,
                admit: None,
                shares: vec![50, 100],
                advance: Advance::Auto,
                gates: vec![floor(), approval(1)],
                standing,
            },
        ],
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scripts")
}

#[test]
fn every_script_answers_as_it_did() {
    let policy = policy();
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    for path in names {
        let golden = std::fs::read_to_string(&path).unwrap();
        let played = simulate(&policy, &golden).unwrap();
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&path, played).unwrap();
        } else {
            assert_eq!(played, golden, "{}: see what changed", path.display());
        }
    }
}

#[test]
fn a_command_that_does_not_read_is_told_with_its_line() {
    let policy = policy();
    let told = |script: &str| simulate(&policy, script).unwrap_err().to_string();
    assert_eq!(
        told("prose\n> approve\n"),
        "line 2: say by=…, with quotes round what has spaces"
    );
    assert!(told("> leap by=lead\n").starts_with("line 1: there is no command `leap`"));
    assert!(told("> hold reason=\"x by=lead\n").contains("a quote is not closed"));
    assert!(told("> approve by=nobody\n").contains("`nobody` is nobody"));
}
