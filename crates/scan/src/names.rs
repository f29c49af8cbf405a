//! Finds names of models in text: what facts list, and what the grammar of a family says. Whether a
//! name may stand where it stands is the caller's question. It must not know a language.

mod constant;
mod family;
mod grammar;
mod name;
mod parts;
mod prefix;
mod shown;
mod token;

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, BuildError, MatchKind};
use domain::Facts;

use crate::names::family::{FAMILIES, Next};
use crate::names::token::Token;

pub(crate) use name::{Name, Strength};

/// What routers take behind an id and a colon.
const VARIANTS: &[&str] = &[
    "free", "online", "nitro", "floor", "extended", "beta", "thinking", "exacto",
];

/// Finds names. It is made once.
#[derive(Debug)]
pub(crate) struct Names {
    stems: AhoCorasick,
    /// What people call a model, by id.
    known: HashMap<String, String>,
    /// The platforms that list an id.
    platforms: HashMap<String, Vec<String>>,
    /// Ids by their letters and digits alone, as constants spell them.
    letters: HashMap<String, String>,
}

impl Names {
    /// Learns the ids of the facts beside the families.
    pub(crate) fn new(facts: &Facts) -> Result<Self, BuildError> {
        let mut known = HashMap::new();
        let mut letters: HashMap<String, String> = HashMap::new();
        let mut platforms: HashMap<String, Vec<String>> = HashMap::new();
        for model in facts.models() {
            for (platform, ids) in &model.ids {
                for id in ids {
                    let plain = letters.entry(letters_of(id)).or_insert_with(|| id.clone());
                    // The shorter spelling is the vendor's own: `gpt-4o` before `openai/gpt-4o`.
                    if id.len() < plain.len() {
                        plain.clone_from(id);
                    }
                    known.insert(id.clone(), model.name.clone());
                    platforms
                        .entry(id.clone())
                        .or_default()
                        .push(platform.clone());
                }
            }
        }
        // Constants write `_` where ids write `-`.
        let spelled = FAMILIES.iter().map(|family| family.stem.to_owned());
        let constants = FAMILIES.iter().map(|family| family.stem.replace('-', "_"));
        let stems = AhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(spelled.chain(constants))?;
        Ok(Self {
            stems,
            known,
            platforms,
            letters,
        })
    }

    /// Tells what people call a model, where the facts know its id.
    pub(crate) fn known(&self, id: &str) -> Option<&str> {
        self.known.get(id).map(String::as_str)
    }

    /// Finds the names in a text, from the first.
    pub(crate) fn find(&self, text: &[u8]) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        let mut after = 0;
        for hit in self.stems.find_iter(text) {
            if hit.start() < after {
                continue;
            }
            let Some(family) = FAMILIES.get(hit.pattern().as_usize() % FAMILIES.len()) else {
                continue;
            };
            let Some(token) = Token::around(text, hit.start()) else {
                continue;
            };
            let read = grammar::read(&token, family, hit.start());
            let read = match read {
                Some(name) if name.strength > Strength::Bare => {
                    shown::read(text, family, hit.start()).or(Some(name))
                }
                None => shown::read(text, family, hit.start()),
                read => read,
            };
            let Some(mut name) = read else {
                continue;
            };
            self.settle(&mut name);
            let is_route = family.next == Next::Route;
            // What a family reads within what a router is asked for says more.
            if names.last().is_some_and(|last| last.end > name.start) {
                names.pop();
            }
            after = if is_route { after } else { name.end };
            names.push(name);
        }
        names
    }

    /// Lets the facts have the last word on what an id is and where it is served.
    fn settle(&self, name: &mut Name) {
        if name.strength == Strength::Fragment {
            return;
        }
        if name.strength == Strength::Constant {
            if let Some(id) = self.letters.get(&letters_of(&name.id)) {
                name.id.clone_from(id);
            }
            return;
        }
        if name.strength == Strength::Shown {
            name.id = name.id.to_lowercase();
        }
        let lists = |id: &str, platform: &str| {
            let listed = self.platforms.get(id);
            listed.is_some_and(|on| on.iter().any(|one| one == platform))
        };
        // What routers take behind a colon chooses how it is served, not what is.
        if let Some((id, variant)) = name.id.rsplit_once(':')
            && VARIANTS.contains(&variant)
        {
            name.id = id.to_owned();
            let routed = name.routed.as_deref().and_then(|id| id.rsplit_once(':'));
            name.routed = routed.map(|(id, _)| id.to_owned());
        }
        let routed = name.routed.as_deref();
        let own = name.platform.as_deref().unwrap_or_default();
        if routed.is_some_and(|id| lists(id, "openrouter")) && !lists(&name.id, own) {
            name.id = name.routed.take().unwrap_or_default();
            name.platform = Some("openrouter".to_owned());
        }
        if name.platform.is_none() {
            let only = self.platforms.get(&name.id).filter(|on| on.len() == 1);
            name.platform = only.and_then(|on| on.first()).cloned();
        }
    }
}

fn letters_of(id: &str) -> String {
    let letters = id.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests;
