//! Which model is meant by what `--target` says. It must not guess an id that nothing states.

use std::error::Error;

use domain::{Facts, Model, Policy};
use scan::{Aim, Target};

use crate::config::Config;
use crate::exit::Fault;
use crate::home;
use crate::options::Common;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Finds the model: a tier or a model of the configuration, then an id on a platform, then an id
/// that the facts know, then an alias.
pub(super) fn aim(asked: &str, facts: &Facts, common: &Common) -> Fallible<Aim> {
    // A file that is not there declares nothing; one with faults is told where nothing else helps.
    let config = common.config.exists().then(|| home::config(common));
    let (config, fault) = match config {
        None => (None, None),
        Some(Ok(config)) => (Some(config), None),
        Some(Err(fault)) => (None, Some(fault)),
    };
    let declared = config.as_ref().and_then(|config| declared(config, asked));
    let found = declared.map(|model| of_model(asked, model, facts, config.as_ref()));
    if let Some(found) = found
        .or_else(|| on_platform(asked, facts))
        .or_else(|| known(asked, facts))
    {
        return Ok(found);
    }
    let alias = config.as_ref().and_then(|config| {
        let tier = config.policy.tier_by_alias(asked)?;
        behind(&config.policy, tier.name.as_str())
    });
    if let Some(model) = alias {
        return Ok(of_model(asked, model, facts, config.as_ref()));
    }
    if let Some(fault) = fault {
        return Err(fault);
    }
    let file = common.config.display();
    let what = if config.is_some() {
        format!("neither the facts nor {file} know a model or tier `{asked}`")
    } else {
        format!("the facts know no model `{asked}`, and there is no configuration {file}")
    };
    let mend = "write an id as its platform has it, such as anthropic/claude-opus-5-5, or name \
                the configuration that has the tier with --config";
    Err(Fault::new(what, mend).into())
}

/// Finds the model behind a tier that code is moved to; none where there is no configuration.
pub(super) fn behind_tier(tier: &str, facts: &Facts, common: &Common) -> Fallible<Option<Aim>> {
    if !common.config.exists() {
        return Ok(None);
    }
    let config = home::config(common)?;
    if !config.policy.tiers.contains_key(tier) {
        let names: Vec<&str> = config
            .policy
            .tiers
            .keys()
            .map(|name| name.as_str())
            .collect();
        let what = format!("{} has no tier `{tier}`", common.config.display());
        let mend = format!("use one that is declared: {}", names.join(", "));
        return Err(Fault::new(what, mend).into());
    }
    let model = behind(&config.policy, tier);
    Ok(model.map(|model| of_model(tier, model, facts, Some(&config))))
}

fn declared<'c>(config: &'c Config, asked: &str) -> Option<&'c Model> {
    let model = config.policy.models.get(asked).map(AsRef::as_ref);
    behind(&config.policy, asked).or(model)
}

/// Finds the model that serves a tier first; in a new tier the candidate of its release.
fn behind<'p>(policy: &'p Policy, tier: &str) -> Option<&'p Model> {
    let tier = policy.tiers.get(tier)?;
    let candidate = policy
        .release_of_tier(tier)
        .map(|release| &release.candidate);
    tier.serves.first().or(candidate).map(AsRef::as_ref)
}

/// Names a declared model by its platform: what its provider says, else whose host it is at, else
/// the provider's own name, of which no fact is known.
fn of_model(asked: &str, model: &Model, facts: &Facts, config: Option<&Config>) -> Aim {
    let settings =
        config.and_then(|config| config.settings.providers.get(model.provider.name.as_str()));
    let named = settings.and_then(|settings| settings.platform.as_deref());
    let platform = platform(named, &model.provider.base_url, facts);
    Aim {
        asked: asked.to_owned(),
        platform: platform.unwrap_or(model.provider.name.as_str()).to_owned(),
        id: model.id.clone(),
    }
}

/// Names the platform that a provider is: what its section says, else whose host it is at.
pub(in crate::commands) fn platform<'f>(
    named: Option<&str>,
    base_url: &str,
    facts: &'f Facts,
) -> Option<&'f str> {
    let Some(named) = named else {
        let host = base_url.parse::<http::Uri>().ok()?;
        return facts.platform_at(host.host()?);
    };
    // One platform may have several ways in, as bedrock has bedrock-mantle.
    let is_it = |one: &&str| {
        let rest = named.strip_prefix(one);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let mut names = facts.platforms().iter().map(|one| one.name.as_str());
    names.find(is_it)
}

fn on_platform(asked: &str, facts: &Facts) -> Option<Aim> {
    let (platform, id) = asked.split_once('/')?;
    let is_known = facts.platforms().iter().any(|one| one.name == platform);
    is_known.then(|| Aim {
        asked: asked.to_owned(),
        platform: platform.to_owned(),
        id: id.to_owned(),
    })
}

fn known(asked: &str, facts: &Facts) -> Option<Aim> {
    let target = Target::find(facts, asked)?;
    Some(Aim {
        asked: asked.to_owned(),
        platform: target.platform,
        id: target.id,
    })
}
