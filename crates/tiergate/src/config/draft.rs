//! From the file's declarations to the domain's draft. It must not check what the domain checks.

use std::collections::BTreeSet;

use domain::{
    Admission, Advance, Facts, Fallback, GateSpec, Limits, ModelDraft, NotAdmitted, Person,
    PolicyDraft, PolicyFault, Prices, ProviderDraft, ReleaseDraft, Risk, StageDraft, TierDraft,
    TierName, UseCase, UseCaseName,
};

use providers::Address;

use super::file::{self, File};
use super::offered::{CheckGate, Offered};
use super::provider;

/// Makes the draft; what only this file can know to be wrong is added to the faults.
pub(super) fn draft(
    file: &File,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) -> PolicyDraft {
    let facts = Facts::shipped().ok();
    check_platforms(file, facts.as_ref(), offered, faults);
    PolicyDraft {
        tiers_order: file.tiers_order.clone(),
        providers: file
            .providers
            .iter()
            .map(|(name, written)| provider_draft(name, written, offered))
            .collect(),
        models: file
            .models
            .iter()
            .map(|(name, written)| model(name, written, file, offered, facts.as_ref()))
            .collect(),
        tiers: file
            .tiers
            .iter()
            .map(|(name, written)| tier(name, written))
            .collect(),
        people: file
            .people
            .iter()
            .map(|(name, person)| Person {
                name: name.as_str().into(),
                roles: person.roles.clone(),
            })
            .collect(),
        risks: risks(file, offered, faults),
        use_cases: file
            .use_cases
            .iter()
            .map(|(name, written)| use_case(name, written, faults))
            .collect(),
        releases: file
            .releases
            .iter()
            .map(|(name, written)| ReleaseDraft {
                judges: judges(file, written),
                ..release(name, written, offered, faults)
            })
            .collect(),
    }
}

fn provider_draft(name: &str, written: &file::Provider, offered: &Offered<'_>) -> ProviderDraft {
    let dialect = match &written.platform {
        Some(platform) => format!("{}/{platform}", written.dialect),
        None => written.dialect.clone(),
    };
    // Evidence is about the address that is reached, not about the settings that it is made of.
    let base_url = match provider::address(written, offered) {
        Some(Ok(Address {
            base_url,
            query: Some(query),
            ..
        })) => format!("{base_url}?{query}"),
        Some(Ok(Address {
            base_url,
            query: None,
            ..
        })) => base_url,
        Some(Err(_)) | None => written.base_url.clone().unwrap_or_default(),
    };
    ProviderDraft {
        name: name.to_owned(),
        dialect,
        base_url,
    }
}

fn model(
    name: &str,
    written: &file::Model,
    file: &File,
    offered: &Offered<'_>,
    facts: Option<&Facts>,
) -> ModelDraft {
    let provider = file.providers.get(&written.provider);
    let is_in_process =
        provider.is_some_and(|provider| Some(provider.dialect.as_str()) == offered.in_process);
    let platform = facts
        .zip(provider)
        .and_then(|(facts, provider)| Some((facts, platform(provider, facts)?)));
    let known = platform.and_then(|(facts, platform)| facts.known(platform, &written.id));
    let takes = platform.map(|(facts, platform)| facts.takes(platform, &written.id));
    ModelDraft {
        name: name.to_owned(),
        provider: written.provider.clone(),
        id: written.id.clone(),
        safeguards: written.safeguards.clone(),
        params: written.params.clone(),
        weights: is_in_process
            .then(|| (offered.weights_of)(&written.id))
            .flatten(),
        limits: Limits {
            max_output_tokens: written
                .max_output_tokens
                .or_else(|| known.and_then(|known| known.max_output_tokens())),
        },
        prices: written
            .price
            .map(Prices::from)
            .or_else(|| known.and_then(|known| known.prices())),
        takes: takes.unwrap_or_default(),
    }
}

/// Names the platform that a provider is: what its section says, else whose host it is at.
fn platform<'f>(provider: &file::Provider, facts: &'f Facts) -> Option<&'f str> {
    let Some(named) = &provider.platform else {
        let url: http::Uri = provider.base_url.as_deref()?.parse().ok()?;
        return facts.platform_at(url.host()?);
    };
    // One platform may have several ways in, as bedrock has bedrock-mantle.
    let is_it = |one: &str| {
        named
            .strip_prefix(one)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let mut names = facts.platforms().iter().map(|one| one.name.as_str());
    names.find(|one| is_it(one))
}

fn check_platforms(
    file: &File,
    facts: Option<&Facts>,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) {
    let facts = facts.map(Facts::platforms).unwrap_or_default();
    let mut known: Vec<&str> = facts.iter().map(|one| one.name.as_str()).collect();
    for platform in offered.platforms() {
        known.push(platform);
    }
    known.sort_unstable();
    known.dedup();
    for (name, provider) in &file.providers {
        let named = provider.platform.as_deref();
        if let Some(named) = named.filter(|named| !known.contains(named)) {
            faults.push(PolicyFault {
                path: format!("providers.{name}.platform"),
                what: format!("there is no platform `{named}`"),
                mend: format!("use one of: {}; or remove it", known.join(", ")),
            });
        }
    }
}

fn tier(name: &str, written: &file::Tier) -> TierDraft {
    let standard = Fallback::STANDARD;
    TierDraft {
        name: name.to_owned(),
        serves: written.serves.clone(),
        adapt: written.adapt,
        aliases: written.aliases.clone(),
        purpose: written.purpose.clone(),
        fallback: Fallback {
            on_refusal: written.on_refusal.unwrap_or(standard.on_refusal),
            on_overload: written.on_overload.unwrap_or(standard.on_overload),
            on_overflow: written.on_overflow.unwrap_or(standard.on_overflow),
        },
    }
}

fn risks(file: &File, offered: &Offered<'_>, faults: &mut Vec<PolicyFault>) -> Vec<Risk> {
    for (name, risk) in &file.risk {
        for (position, gate) in risk.requires.iter().enumerate() {
            let spec = GateSpec {
                gate: gate.clone(),
                params: Default::default(),
            };
            if let Err(fault) = (offered.check_gate)(&spec)
                && fault.parameter.is_none()
            {
                let path = format!("risk.{name}.requires[{position}]");
                faults.push(PolicyFault {
                    path,
                    what: fault.what,
                    mend: fault.mend,
                });
            }
        }
    }
    let risk = |(name, risk): (&String, &file::Risk)| Risk {
        name: name.as_str().into(),
        requires: risk.requires.clone(),
    };
    file.risk.iter().map(risk).collect()
}

fn use_case(name: &str, written: &file::UseCase, faults: &mut Vec<PolicyFault>) -> UseCase {
    let review_by = written.review_by.as_ref().and_then(|day| {
        day.to_string()
            .parse()
            .map_err(|_| {
                faults.push(PolicyFault {
                    path: format!("use_cases.{name}.review_by"),
                    what: format!("`{day}` is no calendar day"),
                    mend: "write a day such as 2027-03-01, without quotes".to_owned(),
                });
            })
            .ok()
    });
    UseCase {
        name: name.into(),
        owner: written.owner.as_str().into(),
        risk: written.risk.as_deref().map(Into::into),
        tiers: written
            .tiers
            .iter()
            .map(|tier| TierName::new(tier.as_str()))
            .collect(),
        review_by,
    }
}

fn release(
    name: &str,
    written: &file::Release,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) -> ReleaseDraft {
    let when_not_admitted = match &written.when_not_admitted {
        None => NotAdmitted::Refuse,
        Some(file::NotAdmitted::Tier(other)) => NotAdmitted::Tier(other.tier.as_str().into()),
        Some(file::NotAdmitted::Word(word)) => {
            if word != "refuse" {
                faults.push(PolicyFault {
                    path: format!("releases.{name}.when_not_admitted"),
                    what: format!("`{word}` is no answer for those not admitted"),
                    mend: "write \"refuse\" or { tier = \"NAME\" }".to_owned(),
                });
            }
            NotAdmitted::Refuse
        }
    };
    let mut stages = Vec::new();
    for (position, stage) in written.stages.iter().enumerate() {
        let path = format!("releases.{name}.stages[{position}]");
        stages.push(self::stage(&path, stage, offered, faults));
    }
    ReleaseDraft {
        name: name.to_owned(),
        tier: written.tier.clone(),
        candidate: written.candidate.clone(),
        when_not_admitted,
        judges: BTreeSet::new(),
        stages,
    }
}

/// Lists the judges that the suites of a release's gates name.
fn judges(file: &File, written: &file::Release) -> BTreeSet<String> {
    let gates = written.stages.iter().flat_map(|stage| &stage.gates);
    let suites = gates.filter_map(|gate| gate.params.get("suite")?.as_str());
    let judge = |suite: &str| file.suites.get(suite)?.judge.clone();
    suites.filter_map(judge).collect()
}

fn stage(
    path: &str,
    written: &file::Stage,
    offered: &Offered<'_>,
    faults: &mut Vec<PolicyFault>,
) -> StageDraft {
    let gates = criteria((path, "gates"), &written.gates, offered.check_gate, faults);
    let standing = (path, "standing");
    let standing = criteria(standing, &written.standing, offered.check_standing, faults);
    StageDraft {
        stage: written.stage,
        admit: written.admit.as_ref().map(|admit| Admission {
            teams: admit.teams.clone(),
            use_cases: admit
                .use_cases
                .iter()
                .map(|name| UseCaseName::new(name.as_str()))
                .collect(),
            attributes: admit.attributes.clone(),
            tokens_per_day: admit.tokens_per_day,
        }),
        shares: written.share.clone(),
        advance: match written.advance {
            file::Advance::Manual => Advance::Manual,
            file::Advance::Auto => Advance::Auto,
        },
        gates,
        standing,
    }
}

/// Reads the criteria of a field of a stage, each checked by its gate.
fn criteria(
    (path, field): (&str, &str),
    written: &[file::Gate],
    check: CheckGate<'_>,
    faults: &mut Vec<PolicyFault>,
) -> Vec<GateSpec> {
    let mut specs = Vec::new();
    for (position, gate) in written.iter().enumerate() {
        let spec = GateSpec {
            gate: gate.gate.clone(),
            params: gate.params.clone(),
        };
        if let Err(fault) = check(&spec) {
            let parameter = fault.parameter.as_deref().unwrap_or("gate");
            faults.push(PolicyFault {
                path: format!("{path}.{field}[{position}].{parameter}"),
                what: fault.what,
                mend: fault.mend,
            });
        }
        specs.push(spec);
    }
    specs
}
