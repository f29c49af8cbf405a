//! An organisation of a size that the design is made for: 1,000 callers, 200 models, 50 releases.
//! It must not measure anything.

use std::collections::BTreeMap;

use domain::{
    Admission, Advance, Ask, Caller, CallerKind, Condition, Fallback, GateSpec, Limits, ModelDraft,
    NotAdmitted, Person, Policy, PolicyDigest, PolicyDraft, ProviderDraft, ReleaseDraft,
    ReleaseStatus, Scope, Share, Stage, StageDraft, Status, Suspension, Takes, TierDraft,
    Timestamp, UseCase,
};

pub const CALLERS: usize = 1_000;
pub const MODELS: usize = 200;
pub const RELEASES: usize = 50;
/// Every tier has four models: three that serve it, and the candidate of its release.
const MODELS_A_TIER: usize = MODELS / RELEASES;
pub const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// Holds what a decision is made from.
pub struct Organisation {
    pub policy: Policy,
    pub status: Status,
    pub callers: Vec<Caller>,
    /// The names asked for: tiers, models, aliases, and names that lead nowhere.
    pub names: Vec<String>,
    /// The conversations.
    pub conversations: Vec<String>,
}

impl Organisation {
    pub fn new() -> Self {
        let policy = Policy::build(draft(), PolicyDigest("sha256:scale".into())).unwrap();
        let status = status(&policy);
        let name = |number: usize| match number % 5 {
            0 => format!("tier-{}", number % RELEASES),
            1 => format!("model-{}", number % MODELS),
            2 => format!("alias-{}-of-some-client", number % RELEASES),
            3 => format!("model-{}", (number / 5 * MODELS_A_TIER + 3) % MODELS),
            _ => format!("nothing-{number}"),
        };
        Self {
            policy,
            status,
            callers: (0..CALLERS).map(caller).collect(),
            names: (0..CALLERS).map(name).collect(),
            conversations: (0..CALLERS)
                .map(|number| format!("talk-{number}"))
                .collect(),
        }
    }

    /// What the caller of a number asks; the same number asks the same.
    pub fn ask(&self, number: usize) -> Ask<'_> {
        Ask {
            caller: &self.callers[number % CALLERS],
            name: &self.names[number * 7 % CALLERS],
            use_case: None,
            conversation: &self.conversations[number * 3 % CALLERS],
            held_by: None,
            now: NOW,
            used_today: &|_| 0,
        }
    }
}

fn draft() -> PolicyDraft {
    let model = |number: usize| ModelDraft {
        name: format!("model-{number}"),
        provider: "main".to_owned(),
        id: format!("id-{number}"),
        safeguards: None,
        params: serde_json::Map::new(),
        weights: None,
        limits: Limits::default(),
        prices: None,
        takes: Takes::default(),
    };
    let tier = |number: usize| TierDraft {
        name: format!("tier-{number}"),
        serves: (0..MODELS_A_TIER - 1)
            .map(|at| format!("model-{}", number * MODELS_A_TIER + at))
            .collect(),
        adapt: false,
        aliases: vec![format!("alias-{number}-*")],
        purpose: String::new(),
        fallback: Fallback::STANDARD,
    };
    let use_case = |number: usize| UseCase {
        name: format!("use-{number}").as_str().into(),
        owner: "lead".into(),
        risk: None,
        tiers: (0..RELEASES)
            .map(|tier| format!("tier-{tier}").as_str().into())
            .collect(),
        review_by: Some("2027-03-01".parse().unwrap()),
    };
    PolicyDraft {
        providers: vec![ProviderDraft {
            name: "main".to_owned(),
            dialect: "openai-chat".to_owned(),
            base_url: "http://models.example/v1".to_owned(),
        }],
        models: (0..MODELS).map(model).collect(),
        tiers: (0..RELEASES).map(tier).collect(),
        people: vec![Person {
            name: "lead".into(),
            roles: vec!["security".to_owned()],
        }],
        use_cases: (0..10).map(use_case).collect(),
        releases: (0..RELEASES).map(release).collect(),
        ..PolicyDraft::default()
    }
}

fn release(number: usize) -> ReleaseDraft {
    let gate = GateSpec {
        gate: "approval".to_owned(),
        params: BTreeMap::new(),
    };
    let stage = |stage, admit| StageDraft {
        stage,
        admit,
        shares: vec![25, 100],
        advance: Advance::Manual,
        standing: Vec::new(),
        gates: vec![gate.clone()],
    };
    let admit = Admission {
        teams: vec!["blue".to_owned(), "green".to_owned()],
        use_cases: (0..5)
            .map(|case| format!("use-{case}").as_str().into())
            .collect(),
        attributes: [("region".to_owned(), "eu".to_owned())].into(),
        tokens_per_day: Some(1_000_000),
    };
    ReleaseDraft {
        name: format!("release-{number}"),
        tier: format!("tier-{number}"),
        candidate: format!("model-{}", number * MODELS_A_TIER + MODELS_A_TIER - 1),
        when_not_admitted: NotAdmitted::Refuse,
        judges: std::collections::BTreeSet::new(),
        stages: vec![
            stage(Stage::EarlyAccess, Some(admit)),
            stage(Stage::General, None),
        ],
    }
}

/// Releases in every stage, each second one with an order against a region.
fn status(policy: &Policy) -> Status {
    let mut status = Status::default();
    for (number, plan) in policy.releases.values().enumerate() {
        let digest = plan.candidate.digest.clone();
        let mut release = ReleaseStatus::sealed(&plan.name, digest, NOW);
        release.stage = [Stage::Sealed, Stage::EarlyAccess, Stage::General][number % 3];
        release.share = Share::percent(25).unwrap();
        if number % 2 == 0 {
            release.conditions.push(Condition::Suspended(Suspension {
                number: 1,
                scope: Scope {
                    attributes: [("region".to_owned(), "us".to_owned())].into(),
                    ..Scope::default()
                },
                reason: "an order".to_owned(),
                order: Some("X-1".to_owned()),
                until: None,
                by: "lead".into(),
                at: NOW,
                restored: Vec::new(),
            }));
        }
        status.releases.insert(plan.name.clone(), release);
    }
    status
}

fn caller(number: usize) -> Caller {
    let region = ["eu", "us"][number % 2];
    Caller {
        key: format!("key-{number}").as_str().into(),
        name: format!("app-{number}"),
        kind: CallerKind::Application,
        team: Some(["blue", "red", "green"][number % 3].to_owned()),
        attributes: [("region".to_owned(), region.to_owned())].into(),
        use_cases: vec![format!("use-{}", number % 10).as_str().into()],
    }
}
