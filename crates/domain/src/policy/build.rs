//! From what is written down to a policy: names resolved, rules between the parts checked. Every
//! fault says where, what and how to mend it. It must not know the file's syntax beyond dotted
//! paths.

mod releases;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::caller::{AUTOMATION, Person};
use crate::draft::{ModelDraft, PolicyDraft, ProviderDraft, TierDraft};
use crate::model::{Model, ModelDigest, Provider};
use crate::names::{ModelName, Name, PersonName, ProviderName, TierName};
use crate::policy::aliases::{Aliases, Clash};
use crate::policy::fault::{Faults, PolicyFault};
use crate::policy::{Policy, PolicyDigest};
use crate::tier::Tier;

const DEFAULT_ORDER: [&str; 4] = ["haiku", "sonnet", "opus", "capybara"];

impl Policy {
    /// Checks what is written down and makes a policy of it.
    ///
    /// # Errors
    /// Returns every fault found, in the order of the sections.
    pub fn build(draft: PolicyDraft, digest: PolicyDigest) -> Result<Self, Vec<PolicyFault>> {
        let mut faults = Faults::default();
        let providers = providers(&draft.providers, &mut faults);
        let models = models(&draft.models, &providers, &mut faults);
        let mut tiers = tiers(&draft.tiers, &models, &mut faults);
        let aliases = aliases(&draft.tiers, &mut faults);
        let tiers_order = order(&draft.tiers_order, &tiers, &mut faults);
        let people = people(&draft.people, &mut faults);
        let risks: BTreeMap<_, _> = draft
            .risks
            .iter()
            .map(|risk| (risk.name.clone(), risk.clone()))
            .collect();
        let use_cases: BTreeMap<_, _> = draft
            .use_cases
            .iter()
            .map(|case| (case.name.clone(), case.clone()))
            .collect();
        let serving = serving(&tiers);
        let declared = releases::Declared {
            models: &models,
            tiers: &tiers,
            people: &people,
            risks: &risks,
            use_cases: &use_cases,
        };
        releases::check_use_cases(&declared, &mut faults);
        let releases = releases::build(&draft.releases, &declared, &mut faults);
        let mut candidates: HashMap<ModelName, Vec<_>> = HashMap::new();
        for plan in releases.values() {
            candidates
                .entry(plan.candidate.name.clone())
                .or_default()
                .push(plan.name.clone());
            if let Some(tier) = tiers.get_mut(&plan.tier) {
                tier.release = Some(plan.name.clone());
            }
        }
        if !faults.0.is_empty() {
            return Err(faults.0);
        }
        Ok(Self {
            digest,
            tiers_order,
            models,
            tiers,
            people,
            risks,
            use_cases,
            releases,
            aliases,
            serving,
            candidates,
        })
    }
}

/// Checks the names of people: one stands for nobody, so that no person acts under it.
fn people(people: &[Person], faults: &mut Faults) -> BTreeMap<PersonName, Person> {
    for person in people {
        faults.check_name("people", person.name.as_str());
        if person.name.as_str() == AUTOMATION {
            faults.add(
                format!("people.{AUTOMATION}"),
                format!("`{AUTOMATION}` is what the ledger calls moves that nobody commanded"),
                "give the person another name",
            );
        }
    }
    let named = |person: &Person| (person.name.clone(), person.clone());
    people.iter().map(named).collect()
}

fn providers(
    drafts: &[ProviderDraft],
    faults: &mut Faults,
) -> BTreeMap<ProviderName, Arc<Provider>> {
    let mut providers = BTreeMap::new();
    for draft in drafts {
        faults.check_name("providers", &draft.name);
        let name = ProviderName::new(draft.name.as_str());
        let provider = Provider {
            name: name.clone(),
            dialect: draft.dialect.clone(),
            base_url: draft.base_url.clone(),
        };
        providers.insert(name, Arc::new(provider));
    }
    providers
}

fn models(
    drafts: &[ModelDraft],
    providers: &BTreeMap<ProviderName, Arc<Provider>>,
    faults: &mut Faults,
) -> BTreeMap<ModelName, Arc<Model>> {
    let mut models = BTreeMap::new();
    for draft in drafts {
        faults.check_name("models", &draft.name);
        let path = |field: &str| format!("models.{}.{field}", draft.name);
        let Some(provider) = providers.get(draft.provider.as_str()) else {
            let kind = ("provider", "providers");
            faults.undeclared(path("provider"), kind, &draft.provider, providers.keys());
            continue;
        };
        if draft.id.is_empty() {
            faults.add(
                path("id"),
                "the id is empty",
                "write the provider's own id of the model",
            );
        }
        let (safeguards, weights) = (draft.safeguards.as_deref(), draft.weights.as_deref());
        match ModelDigest::of(provider, &draft.id, safeguards, &draft.params, weights) {
            Ok(digest) => {
                let model = model(draft, Arc::clone(provider), digest);
                models.insert(model.name.clone(), Arc::new(model));
            }
            Err(error) => faults.add(
                path("params"),
                format!("a fixed parameter has no canonical JSON: {error}"),
                "use strings, finite numbers, booleans, arrays and tables",
            ),
        }
    }
    models
}

fn model(draft: &ModelDraft, provider: Arc<Provider>, digest: ModelDigest) -> Model {
    Model {
        name: Name::new(draft.name.as_str()),
        provider,
        id: draft.id.clone(),
        safeguards: draft.safeguards.clone(),
        params: draft.params.clone(),
        weights: draft.weights.clone(),
        limits: draft.limits,
        prices: draft.prices.clone(),
        takes: draft.takes.clone(),
        tag: digest.tag(),
        digest,
    }
}

fn tiers(
    drafts: &[TierDraft],
    models: &BTreeMap<ModelName, Arc<Model>>,
    faults: &mut Faults,
) -> BTreeMap<TierName, Tier> {
    let mut tiers = BTreeMap::new();
    for draft in drafts {
        faults.check_name("tiers", &draft.name);
        if models.contains_key(draft.name.as_str()) {
            faults.add(
                format!("tiers.{}", draft.name),
                format!("`{}` is the name of a tier and of a model", draft.name),
                "rename one of them",
            );
        }
        let mut serves: Vec<Arc<Model>> = Vec::new();
        for (position, name) in draft.serves.iter().enumerate() {
            let path = format!("tiers.{}.serves[{position}]", draft.name);
            match models.get(name.as_str()) {
                None => faults.undeclared(path, ("model", "models"), name, models.keys()),
                Some(model) if serves.contains(model) => faults.add(
                    path,
                    format!("`{name}` stands here twice"),
                    "list each model once; retries need no second row",
                ),
                Some(model) => serves.push(Arc::clone(model)),
            }
        }
        let name = TierName::new(draft.name.as_str());
        let tier = Tier {
            name: name.clone(),
            serves,
            adapt: draft.adapt,
            aliases: draft.aliases.clone(),
            purpose: draft.purpose.clone(),
            fallback: draft.fallback,
            release: None,
        };
        tiers.insert(name, tier);
    }
    tiers
}

fn aliases(drafts: &[TierDraft], faults: &mut Faults) -> Aliases {
    let mut aliases = Aliases::default();
    for draft in drafts {
        let tier = TierName::new(draft.name.as_str());
        for (position, alias) in draft.aliases.iter().enumerate() {
            let path = format!("tiers.{}.aliases[{position}]", draft.name);
            let Err(clash) = aliases.add(alias, &tier) else {
                continue;
            };
            let (what, mend) = match clash {
                Clash::Empty => ("the alias is empty".to_owned(), "remove it"),
                Clash::StarInside => (
                    format!("`{alias}` has a `*` that is not at its end"),
                    "write a literal prefix and one `*`, or the exact name",
                ),
                Clash::Everything => (
                    "`*` would take every name".to_owned(),
                    "give the pattern a literal prefix",
                ),
                Clash::Taken { by, pattern } => (
                    format!("`{alias}` and `{pattern}` of tier {by} can match one name"),
                    "make the two prefixes distinct, or list exact names",
                ),
            };
            faults.add(path, what, mend);
        }
    }
    aliases
}

fn order(
    written: &[String],
    tiers: &BTreeMap<TierName, Tier>,
    faults: &mut Faults,
) -> Vec<TierName> {
    if written.is_empty() {
        let known = DEFAULT_ORDER.iter().filter_map(|name| tiers.get(*name));
        let others = tiers
            .values()
            .filter(|tier| !DEFAULT_ORDER.contains(&tier.name.as_str()));
        return known.chain(others).map(|tier| tier.name.clone()).collect();
    }
    let mut order = Vec::new();
    for (position, name) in written.iter().enumerate() {
        let path = format!("tiers_order[{position}]");
        match tiers.get(name.as_str()) {
            None => faults.undeclared(path, ("tier", "tiers"), name, tiers.keys()),
            Some(tier) if order.contains(&tier.name) => {
                faults.add(
                    path,
                    format!("`{name}` stands here twice"),
                    "list each tier once",
                );
            }
            Some(tier) => order.push(tier.name.clone()),
        }
    }
    for name in tiers.keys().filter(|name| !order.contains(name)) {
        faults.add(
            "tiers_order",
            format!("tier `{name}` has no place in the order"),
            "list every tier, from the lowest to the highest",
        );
    }
    order
}

fn serving(tiers: &BTreeMap<TierName, Tier>) -> HashMap<ModelName, Vec<TierName>> {
    let mut serving: HashMap<ModelName, Vec<TierName>> = HashMap::new();
    for tier in tiers.values() {
        for model in &tier.serves {
            serving
                .entry(model.name.clone())
                .or_default()
                .push(tier.name.clone());
        }
    }
    serving
}
