//! Keeps what may be a model, and folds what belongs together: the names of a table are one
//! finding, and a name that stands twice on a line is told once. It must not tell roles.

use std::collections::{BTreeMap, BTreeSet};

use crate::lines::Lines;
use crate::mention::{Mention, admits};
use crate::names::Strength;
use crate::place::{Around, Text};
use crate::role::Role;
use crate::roles;
use crate::scanned::Found;

/// From how many names on a table is one finding.
const TABLE: usize = 3;

/// From how many names on a list or a map is one finding whatever it is there for, unless requests
/// may come of it.
const RECORD: usize = 12;

/// Shows what was found with the list or map that it is in.
#[derive(Debug)]
pub(crate) struct Told {
    /// What was found.
    pub found: Found,
    /// Where its list or map begins.
    pub group: Option<usize>,
    /// Whether it is the import of a constant, whose role is that of its use.
    pub is_import: bool,
}

/// Leaves out what is no model where it stands.
pub(crate) fn keep_admitted(mentions: &mut Vec<Mention>, source: &str, lines: &Lines<'_>) {
    // A word that other things are called by too is a model in a list of models.
    let sure = mentions
        .iter()
        .filter(|mention| matches!(mention.name.strength, Strength::Strong | Strength::Weak));
    let groups: BTreeSet<usize> = sure.filter_map(|mention| mention.spot.group).collect();
    mentions.retain(|mention| {
        let (start, end) = (mention.name.start, mention.name.end);
        let is_among = mention
            .spot
            .group
            .is_some_and(|group| groups.contains(&group));
        let has_digits = mention.name.id.bytes().any(|byte| byte.is_ascii_digit());
        let is_row = match mention.spot.place.around.first() {
            _ if mention.spot.place.text == Text::Key => has_digits,
            // A list of providers in a file that names models lists none of them.
            Some(Around::Element { .. }) => match mention.spot.place.around.get(1) {
                Some(Around::Pair { key }) => {
                    roles::is_model_word(key) || !roles::is_provider(&mention.name.id)
                }
                _ => true,
            },
            Some(Around::Pair { key }) => has_digits && roles::is_id_word(key),
            _ => false,
        };
        let is_listed = mention.name.strength == Strength::Bare
            && is_row
            && is_among
            && mention.spot.is_whole(source, start, end);
        is_listed || admits(mention, source, lines.text_at(start))
    });
}

/// Puts the constants of one type into one group where each spells the name that it is given: they
/// list a vendor's models, as an enum does.
pub(crate) fn group_members(mentions: &mut [Mention]) {
    let mut types: BTreeMap<String, usize> = BTreeMap::new();
    for mention in mentions.iter_mut() {
        let around = mention.spot.place.around.as_slice();
        let [Around::Assignment { to }, Around::Type { name }, ..] = around else {
            continue;
        };
        if mention.spot.group.is_none() && roles::spells(to, &mention.name.id) {
            let first = types.entry(name.clone()).or_insert(mention.name.start);
            mention.spot.group = Some(*first);
        }
    }
}

/// Makes one finding of what belongs together.
pub(crate) fn fold(told: Vec<Told>) -> Vec<Found> {
    let told = with_imports(told);
    let mut rows: BTreeMap<(usize, Role), usize> = BTreeMap::new();
    for one in &told {
        if let Some(group) = one.group {
            *rows.entry((group, one.found.site.role)).or_default() += 1;
        }
    }
    let is_one = |(group, role): &(usize, Role)| {
        let rows = rows.get(&(*group, *role)).copied().unwrap_or_default();
        is_table(*role) && rows >= TABLE || !role.is_live() && rows >= RECORD
    };
    let mut folded: Vec<(Found, BTreeSet<String>)> = Vec::new();
    let mut tables: BTreeMap<(usize, Role), usize> = BTreeMap::new();
    for one in told {
        let role = one.found.site.role;
        let table = one.group.map(|group| (group, role));
        let table = table.filter(is_one);
        let earlier = match table.and_then(|key| tables.get(&key)) {
            Some(place) => folded.get_mut(*place),
            None => folded
                .last_mut()
                .filter(|(last, _)| is_again(last, &one.found)),
        };
        if let Some((whole, ids)) = earlier {
            whole.site.lines.extend(one.found.site.lines);
            whole.site.lines.dedup();
            ids.insert(one.found.site.model.id);
            whole.site.names = ids.len();
            continue;
        }
        if let Some(key) = table {
            tables.insert(key, folded.len());
        }
        let ids = BTreeSet::from([one.found.site.model.id.clone()]);
        folded.push((one.found, ids));
    }
    folded.into_iter().map(|(found, _)| found).collect()
}

fn is_table(role: Role) -> bool {
    matches!(role, Role::Catalogue | Role::AllowList)
}

/// Tells whether a name was told on the line before it in the same role.
fn is_again(last: &Found, found: &Found) -> bool {
    let (before, now) = (&last.site, &found.site);
    before.span.line == now.span.line && before.model.id == now.model.id && before.role == now.role
}

/// Gives imports of constants the role of their first use.
fn with_imports(told: Vec<Told>) -> Vec<Told> {
    let mut roles: BTreeMap<String, Found> = BTreeMap::new();
    for one in told.iter().filter(|one| !one.is_import) {
        let id = one.found.site.model.id.clone();
        roles.entry(id).or_insert_with(|| one.found.clone());
    }
    let mut told = told;
    for one in told.iter_mut().filter(|one| one.is_import) {
        let site = &mut one.found.site;
        if let Some(used) = roles.get(&site.model.id) {
            site.role = used.site.role;
            site.confidence = used.site.confidence;
            let line = used.site.span.line;
            site.reason = format!("the import of a constant that line {line} uses");
            site.model.platform.clone_from(&used.site.model.platform);
        }
    }
    told
}
