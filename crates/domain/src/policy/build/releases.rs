//! Checks use cases and releases against everything else declared. It must not judge a gate's
//! parameters: the gate does that itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::caller::Person;
use crate::draft::{ReleaseDraft, StageDraft};
use crate::model::{Model, hex};
use crate::names::{ModelName, PersonName, ReleaseName, RiskName, TierName, UseCaseName};
use crate::policy::fault::Faults;
use crate::policy::required::required;
use crate::rollout::{Admission, Advance, NotAdmitted, ReleasePlan, StagePlan};
use crate::status::{Share, Stage};
use crate::tier::{Risk, Tier, UseCase};

/// Holds what releases and use cases may refer to.
pub(super) struct Declared<'d> {
    pub(super) models: &'d BTreeMap<ModelName, Arc<Model>>,
    pub(super) tiers: &'d BTreeMap<TierName, Tier>,
    pub(super) people: &'d BTreeMap<PersonName, Person>,
    pub(super) risks: &'d BTreeMap<RiskName, Risk>,
    pub(super) use_cases: &'d BTreeMap<UseCaseName, UseCase>,
}

/// Checks what each use case refers to.
pub(super) fn check_use_cases(declared: &Declared<'_>, faults: &mut Faults) {
    for use_case in declared.use_cases.values() {
        let path = |field: &str| format!("use_cases.{}.{field}", use_case.name);
        faults.check_name("use_cases", use_case.name.as_str());
        if !declared.people.contains_key(&use_case.owner) {
            let people = declared.people.keys();
            let owner = use_case.owner.as_str();
            faults.undeclared(path("owner"), ("person", "people"), owner, people);
        }
        if let Some(risk) = &use_case.risk
            && !declared.risks.contains_key(risk)
        {
            let risks = declared.risks.keys();
            faults.undeclared(path("risk"), ("risk class", "risk"), risk.as_str(), risks);
        }
        if use_case.tiers.is_empty() {
            faults.add(
                path("tiers"),
                "the use case may ask for no tier",
                "list the tiers it may ask for",
            );
        }
        for (position, tier) in use_case.tiers.iter().enumerate() {
            if !declared.tiers.contains_key(tier) {
                let path = path(&format!("tiers[{position}]"));
                let tiers = declared.tiers.keys();
                faults.undeclared(path, ("tier", "tiers"), tier.as_str(), tiers);
            }
        }
    }
}

/// Checks every release and makes its plan.
pub(super) fn build(
    drafts: &[ReleaseDraft],
    declared: &Declared<'_>,
    faults: &mut Faults,
) -> BTreeMap<ReleaseName, ReleasePlan> {
    let mut plans: BTreeMap<ReleaseName, ReleasePlan> = BTreeMap::new();
    for draft in drafts {
        faults.check_name("releases", &draft.name);
        if let Some(other) = plans.values().find(|plan| plan.tier.as_str() == draft.tier) {
            faults.add(
                format!("releases.{}.tier", draft.name),
                format!(
                    "release {} already introduces a model into `{}`",
                    other.name, draft.tier
                ),
                "finish or remove one of them: a tier has one release at a time",
            );
        }
        if let Some(plan) = plan(draft, declared, faults) {
            plans.insert(plan.name.clone(), plan);
        }
    }
    plans
}

fn plan(draft: &ReleaseDraft, declared: &Declared<'_>, faults: &mut Faults) -> Option<ReleasePlan> {
    let path = |field: &str| format!("releases.{}.{field}", draft.name);
    let tier = declared.tiers.get(draft.tier.as_str());
    if tier.is_none() {
        let tiers = declared.tiers.keys();
        faults.undeclared(path("tier"), ("tier", "tiers"), &draft.tier, tiers);
    }
    let candidate = declared.models.get(draft.candidate.as_str());
    if candidate.is_none() {
        let models = declared.models.keys();
        faults.undeclared(
            path("candidate"),
            ("model", "models"),
            &draft.candidate,
            models,
        );
    }
    if let (Some(tier), Some(candidate)) = (tier, candidate)
        && tier.serves.contains(candidate)
    {
        faults.add(
            path("candidate"),
            format!(
                "`{}` already serves tier {}, open to everyone",
                candidate.name, tier.name
            ),
            "take it out of the tier's `serves`, or end the release",
        );
    }
    check_elsewhere(draft, declared, faults);
    check_judges(draft, declared, faults);
    let stages = stages(draft, declared, faults);
    let (tier, candidate) = (tier?, candidate?);
    Some(ReleasePlan {
        name: ReleaseName::new(draft.name.as_str()),
        tier: tier.name.clone(),
        candidate: Arc::clone(candidate),
        incumbent: incumbent(tier, &stages, declared),
        when_not_admitted: draft.when_not_admitted.clone(),
        judges: draft
            .judges
            .iter()
            .map(|name| name.as_str().into())
            .collect(),
        digest: digest(draft, candidate, &stages),
        stages,
    })
}

fn check_elsewhere(draft: &ReleaseDraft, declared: &Declared<'_>, faults: &mut Faults) {
    let NotAdmitted::Tier(name) = &draft.when_not_admitted else {
        return;
    };
    let path = format!("releases.{}.when_not_admitted", draft.name);
    match declared.tiers.get(name) {
        None => {
            let tiers = declared.tiers.keys();
            faults.undeclared(path, ("tier", "tiers"), name.as_str(), tiers);
        }
        Some(tier) if tier.serves.is_empty() => faults.add(
            path,
            format!("nothing serves tier {name}"),
            "name a tier with a model in `serves`, or use \"refuse\"",
        ),
        Some(_) => {}
    }
}

/// Checks who judges: a tier that something serves, and not the one that is judged, since a model
/// takes its own family's answers for the better ones.
fn check_judges(draft: &ReleaseDraft, declared: &Declared<'_>, faults: &mut Faults) {
    for name in &draft.judges {
        let path = format!("releases.{}", draft.name);
        let judge = format!("the judge `{name}` that a suite of its gates names");
        match declared.tiers.get(name.as_str()) {
            None => {
                let tiers = declared.tiers.keys();
                faults.undeclared(path, ("tier", "tiers"), name, tiers);
            }
            Some(_) if *name == draft.tier => faults.add(
                path,
                format!("{judge} is the tier that the release enters"),
                "let another tier judge",
            ),
            Some(tier) if tier.serves.is_empty() => faults.add(
                path,
                format!("{judge} is a tier that nothing serves"),
                "name a tier with a model in `serves`",
            ),
            Some(_) => {}
        }
    }
}

fn stages(draft: &ReleaseDraft, declared: &Declared<'_>, faults: &mut Faults) -> Vec<StagePlan> {
    if draft.stages.is_empty() {
        faults.add(
            format!("releases.{}", draft.name),
            "the release has no stage, so its candidate can never be reached",
            "add a [[releases.NAME.stages]] table with a stage, `admit` and `gates`",
        );
    }
    let mut stages: Vec<StagePlan> = Vec::new();
    for (position, written) in draft.stages.iter().enumerate() {
        let path = format!("releases.{}.stages[{position}]", draft.name);
        if written.stage == Stage::Sealed {
            faults.add(
                format!("{path}.stage"),
                "`sealed` is where every release begins and is not listed",
                "list early_access, expanded or general",
            );
        } else if let Some(before) = stages.last()
            && before.stage >= written.stage
        {
            faults.add(
                format!("{path}.stage"),
                format!("`{}` cannot stand after `{}`", written.stage, before.stage),
                "order the stages: early_access, expanded, general, each at most once",
            );
        }
        check_gates(written, &path, &draft.tier, declared, faults);
        check_advance(written, &path, faults);
        let admit = admission(written, &path, declared, faults);
        stages.push(StagePlan {
            stage: written.stage,
            admit,
            shares: shares(written, &path, faults),
            advance: written.advance,
            gates: written.gates.clone(),
            standing: written.standing.clone(),
        });
    }
    stages
}

fn admission(
    written: &StageDraft,
    path: &str,
    declared: &Declared<'_>,
    faults: &mut Faults,
) -> Admission {
    let Some(admit) = &written.admit else {
        if written.stage != Stage::General {
            faults.add(
                format!("{path}.admit"),
                format!("stage {} does not say whom it admits", written.stage),
                "write admit = { use_cases = [\"…\"] }, or teams or attributes",
            );
        }
        return Admission::default();
    };
    let is_open = admit.teams.is_empty() && admit.use_cases.is_empty();
    if is_open && admit.attributes.is_empty() && written.stage != Stage::General {
        faults.add(
            format!("{path}.admit"),
            format!(
                "`admit` of stage {} names nobody, which would admit everybody",
                written.stage
            ),
            "name use_cases, teams or attributes",
        );
    }
    for (position, name) in admit.use_cases.iter().enumerate() {
        if !declared.use_cases.contains_key(name) {
            let path = format!("{path}.admit.use_cases[{position}]");
            let cases = declared.use_cases.keys();
            faults.undeclared(path, ("use case", "use_cases"), name.as_str(), cases);
        }
    }
    admit.clone()
}

fn shares(written: &StageDraft, path: &str, faults: &mut Faults) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for (position, percent) in written.shares.iter().enumerate() {
        let rises = |share: &Share| *share > *shares.last().unwrap_or(&Share::NONE);
        match Share::percent(*percent).filter(rises) {
            Some(share) => shares.push(share),
            None => faults.add(
                format!("{path}.share[{position}]"),
                format!("{percent} is no percentage above the one before it"),
                "list whole percent from 1 to 100, each higher than the last",
            ),
        }
    }
    if shares.is_empty() {
        vec![Share::ALL]
    } else {
        shares
    }
}

/// Checks that the stage has a gate, and every gate that the admitted use cases' risk requires.
fn check_gates(
    written: &StageDraft,
    path: &str,
    tier: &str,
    declared: &Declared<'_>,
    faults: &mut Faults,
) {
    if written.gates.is_empty() {
        faults.add(
            format!("{path}.gates"),
            format!("stage {} has no gate in front of it", written.stage),
            "add at least one, such as { gate = \"approval\", roles = [\"…\"], of = 1 }",
        );
        return;
    }
    let listed = written
        .admit
        .as_ref()
        .map_or(&[][..], |admit| &admit.use_cases);
    for (use_case, gate) in required(declared.use_cases, declared.risks, listed, tier) {
        if !written.gates.iter().any(|spec| spec.gate == gate) {
            faults.add(
                format!("{path}.gates"),
                format!(
                    "use case {} is admitted here, and its risk requires gate `{gate}`",
                    use_case.name
                ),
                format!("add {{ gate = \"{gate}\", … }}, or do not admit the use case"),
            );
        }
    }
}

/// Checks that shares which rise by themselves are watched: no data is never a reason to rise.
fn check_advance(written: &StageDraft, path: &str, faults: &mut Faults) {
    if written.advance == Advance::Auto && written.standing.is_empty() {
        faults.add(
            format!("{path}.advance"),
            "shares would rise by themselves with nothing watched",
            "add `standing` criteria, such as { gate = \"canary\", … }, or remove `advance`",
        );
    }
}

/// Finds what the candidate is compared with: the first that serves the tier; in a new tier the
/// first model that a gate's `against` names.
fn incumbent(tier: &Tier, stages: &[StagePlan], declared: &Declared<'_>) -> Option<Arc<Model>> {
    let named = || {
        stages
            .iter()
            .flat_map(|stage| &stage.gates)
            .filter_map(|spec| {
                spec.params
                    .get("against")
                    .and_then(serde_json::Value::as_str)
            })
            .find_map(|name| declared.models.get(name))
    };
    tier.serves.first().or_else(named).cloned()
}

fn digest(draft: &ReleaseDraft, candidate: &Model, stages: &[StagePlan]) -> String {
    let mut plan = json!({
        "candidate": candidate.digest.as_str(),
        "name": draft.name,
        "stages": stages,
        "tier": draft.tier,
        "when_not_admitted": draft.when_not_admitted,
    });
    if !draft.judges.is_empty() {
        plan["judges"] = json!(draft.judges);
    }
    // A plan's numbers come from TOML or are integers, so canonical JSON exists; if ever it did
    // not, the empty digest matches no approval, which closes.
    serde_json_canonicalizer::to_vec(&plan)
        .map_or_else(|_| String::new(), |bytes| hex(&Sha256::digest(&bytes)))
}
