//! The models of a configuration as traffic is judged at them: each where it is served. It must not
//! judge one.

use std::collections::BTreeMap;

use domain::{Facts, Model, Policy};
use scan::{Aim, Lodging};

use super::target;

/// Lists the models by their names.
pub(super) fn models(policy: Option<&Policy>, facts: &Facts) -> BTreeMap<String, Lodging> {
    let models = policy.into_iter().flat_map(|policy| policy.models.values());
    let models = models.map(|model| (model.name.to_string(), lodging(model, facts)));
    models.collect()
}

/// Finds the model that was aimed at: as it is declared, where it is, since that says in which
/// dialect it is asked.
pub(super) fn aimed(
    aim: &Aim,
    models: &BTreeMap<String, Lodging>,
    facts: &Facts,
) -> (String, Lodging) {
    let is_it =
        |one: &&Lodging| one.id == aim.id && one.platform.as_deref() == Some(aim.platform.as_str());
    let declared = models.get(&aim.asked).filter(|one| one.id == aim.id);
    let declared = declared.or_else(|| models.values().find(is_it)).cloned();
    let lodging = declared.unwrap_or_else(|| Lodging::of(facts, &aim.platform, &aim.id));
    (aim.asked.clone(), lodging)
}

fn lodging(model: &Model, facts: &Facts) -> Lodging {
    let spoken = &model.provider.dialect;
    let (dialect, way_in) = match spoken.split_once('/') {
        Some((dialect, way_in)) => (dialect, Some(way_in)),
        None => (spoken.as_str(), None),
    };
    let platform = target::platform(way_in, &model.provider.base_url, facts);
    Lodging {
        platform: platform.map(str::to_owned),
        id: model.id.clone(),
        dialect: Some(dialect.to_owned()),
        takes: model.takes.clone(),
    }
}
