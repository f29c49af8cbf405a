//! Reads a file and says which models it names, where and what for. It must not walk a tree of
//! files, nor know what breaks.

use std::collections::{BTreeMap, BTreeSet};

use domain::Facts;

use crate::by_lines;
use crate::language::{Language, Reading};
use crate::languages;
use crate::lines::Lines;
use crate::mention::{FileText, Mention};
use crate::names::{Name, Names, Strength};
use crate::notebook::Cells;
use crate::place::Text;
use crate::prose;
use crate::roles::{self, Context, Folder, Rule};
use crate::scanned::{FileScan, Found};
use crate::site::Site;
use crate::skip::{self, Skip};
use crate::spot::{Answer, Spot};
use crate::tally::{self, Told};
use crate::walk::Parsed;

/// The longest file that is read as a tree, in bytes: a tree takes some thirty times the text.
const LONGEST_TREE: usize = 2 << 20;

/// In how many lines from its top a file says that it describes an interface.
const SCHEMA_HEAD: usize = 12;

/// How many lines around a name are looked at where a variable is set in several steps.
const NEAR: usize = 3;

/// How many uses of one constant are looked at.
const USES: usize = 48;

/// Scans files. It is made once and shared by threads.
#[derive(Debug)]
pub struct Scanner {
    names: Names,
}

/// Says why a scanner cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the stems of model names could not be made into a search")]
pub struct ScannerFault(#[from] aho_corasick::BuildError);

impl Scanner {
    /// Learns the names of the facts.
    ///
    /// # Errors
    /// Fails where the table of stems is too large to search, which a test rules out.
    pub fn new(facts: &Facts) -> Result<Self, ScannerFault> {
        let names = Names::new(facts)?;
        Ok(Self { names })
    }

    /// Scans one file. The path is relative to where the scan began, with `/` between folders.
    #[must_use]
    pub fn scan_file(&self, path: &str, bytes: &[u8]) -> FileScan {
        if let Some(skipped) = skip::at_first_sight(path, bytes) {
            return FileScan::skipped(skipped);
        }
        let names = self.names.find(bytes);
        if names.is_empty() {
            return FileScan::default();
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return FileScan::skipped(Skip::Encoding);
        };
        if skip::is_minified(path, text) {
            return FileScan::skipped(Skip::Minified);
        }
        let is_doubtful = |name: &Name| {
            matches!(
                name.strength,
                Strength::Bare | Strength::Fragment | Strength::Constant
            )
        };
        // Words that other things are called by too are models only where a model is asked for.
        if names.iter().all(is_doubtful) && !contains_word(text, "model") {
            return FileScan::default();
        }
        let lines = Lines::new(text);
        let file = File {
            path,
            text,
            lines: &lines,
            language: languages::language(path),
            names: &self.names,
        };
        file.scan(names)
    }
}

struct File<'f> {
    path: &'f str,
    text: &'f str,
    lines: &'f Lines<'f>,
    language: &'static Language,
    names: &'f Names,
}

impl File<'_> {
    fn scan(&self, names: Vec<Name>) -> FileScan {
        let mut mentions = match self.language.reading {
            Reading::Tree(_) if self.text.len() > LONGEST_TREE => {
                let mut mentions = self.in_lines(names);
                // What is too long to be understood is one table at most.
                mentions
                    .iter_mut()
                    .for_each(|mention| mention.spot.group = Some(0));
                mentions
            }
            Reading::Tree(grammar) => match Parsed::new(self.text, self.lines, grammar) {
                Some(parsed) => self.in_tree(names, &parsed),
                None => self.in_lines(names),
            },
            Reading::Settings | Reading::Lines => self.in_lines(names),
            Reading::Prose => self.in_prose(names),
            Reading::Notebook => self.in_notebook(names),
        };
        let is_fallback = matches!(self.language.reading, Reading::Tree(_))
            && mentions.iter().any(|mention| mention.spot.is_fallback);
        tally::keep_admitted(&mut mentions, self.text, self.lines);
        tally::group_members(&mut mentions);
        let told = self.tell(&mentions);
        FileScan {
            found: tally::fold(told),
            skipped: None,
            is_fallback,
        }
    }

    fn in_lines(&self, names: Vec<Name>) -> Vec<Mention> {
        let spot = |name: &Name| by_lines::spot(self.text, self.lines, name.start, name.end);
        let mentions = names
            .into_iter()
            .map(|name| Mention::new(spot(&name), name));
        mentions.collect()
    }

    fn in_prose(&self, names: Vec<Name>) -> Vec<Mention> {
        let spot = |name: &Name| prose::spot(self.text, self.lines, name.start, name.end);
        let mentions = names
            .into_iter()
            .map(|name| Mention::new(spot(&name), name));
        mentions.collect()
    }

    fn in_tree(&self, names: Vec<Name>, parsed: &Parsed<'_>) -> Vec<Mention> {
        let at: Vec<usize> = names.iter().map(|name| name.start).collect();
        let answers = parsed.answers(&at);
        let mut mentions: Vec<Mention> = Vec::new();
        for (name, answer) in names.into_iter().zip(answers) {
            let is_constant = name.strength == Strength::Constant;
            match answer {
                Answer::Text(_) if is_constant => {}
                Answer::Text(spot) => mentions.push(Mention::new(spot, name)),
                Answer::Code(spot) if is_constant => mentions.push(Mention::new(spot, name)),
                Answer::Code(_) => {}
                Answer::Broken if !is_constant => {
                    let spot = by_lines::spot(self.text, self.lines, name.start, name.end);
                    mentions.push(Mention::new(spot, name));
                }
                Answer::Broken => {}
            }
        }
        self.join(&mut mentions, parsed);
        self.follow(&mut mentions, parsed);
        mentions
    }

    /// Works out names that are joined from parts.
    fn join(&self, mentions: &mut [Mention], parsed: &Parsed<'_>) {
        let mut constants = None;
        for mention in mentions.iter_mut() {
            let is_part = mention.is_part(self.text);
            let Some(joined) = mention.spot.joined.clone().filter(|_| is_part) else {
                continue;
            };
            let constants = constants.get_or_insert_with(|| parsed.constants());
            let Some(value) = parsed.value(constants, joined.start, joined.end) else {
                continue;
            };
            let found = self.names.find(value.as_bytes());
            let whole = found.into_iter().find(|name| {
                name.start == 0 && name.end == value.len() && name.strength != Strength::Fragment
            });
            if let Some(whole) = whole {
                let line = self.lines.line(joined.start);
                mention.take_value(whole, &value, line);
            }
        }
    }

    /// Looks up where the values that names are given to are used in the file: all in one walk, and
    /// in another what a loop over a list gives its elements to.
    fn follow(&self, mentions: &mut [Mention], parsed: &Parsed<'_>) {
        let mut words: Vec<(String, usize)> = Vec::new();
        for (place, mention) in mentions.iter().enumerate() {
            words.extend(mention.constant().map(|word| (word.to_owned(), place)));
        }
        let looped = self.look_up(&words, mentions, parsed);
        self.look_up(&looped, mentions, parsed);
    }

    /// Notes uses of words for the mentions that are given to them; says where a list that is used
    /// so is given to another word.
    fn look_up(
        &self,
        words: &[(String, usize)],
        mentions: &mut [Mention],
        parsed: &Parsed<'_>,
    ) -> Vec<(String, usize)> {
        let mut uses: Vec<(usize, usize)> = Vec::new();
        for (word, place) in words {
            let own = mentions.get(*place).map_or(0, |mention| mention.name.start);
            let is_definition = |at: &usize| {
                let rest = self.text.get(*at..own).unwrap_or("\n");
                *at < own && !rest.contains('\n')
            };
            let own_uses = word_places(self.text, word).filter(|at| !is_definition(at));
            uses.extend(own_uses.take(USES).map(|at| (at, *place)));
        }
        uses.sort_unstable();
        let at: Vec<usize> = uses.iter().map(|(at, _)| *at).collect();
        let mut looped = Vec::new();
        for (answer, (at, place)) in parsed.answers(&at).into_iter().zip(uses) {
            if let (Answer::Code(spot), Some(mention)) = (answer, mentions.get_mut(place)) {
                looped.extend(mention.looped(&spot).map(|word| (word, place)));
                mention.add_use(spot, self.lines.line(at));
            }
        }
        looped
    }

    fn in_notebook(&self, names: Vec<Name>) -> Vec<Mention> {
        let cells = Cells::read(self.text);
        let lines = Lines::new(&cells.code);
        let grammar = match languages::named("Python").reading {
            Reading::Tree(grammar) => Some(grammar),
            _ => None,
        };
        let parsed = grammar.and_then(|grammar| Parsed::new(&cells.code, &lines, grammar));
        let mut mentions = Vec::new();
        let places: Vec<Option<usize>> =
            names.iter().map(|name| cells.of_file(name.start)).collect();
        let at: Vec<usize> = places.iter().flatten().copied().collect();
        let mut answers = parsed
            .map_or_else(Vec::new, |parsed| parsed.answers(&at))
            .into_iter();
        for (name, place) in names.into_iter().zip(places) {
            let answer = place.and_then(|_| answers.next());
            let spot = match answer {
                Some(Answer::Code(_)) => continue,
                Some(Answer::Text(mut spot)) => {
                    let beside = std::mem::take(&mut spot.place.beside);
                    spot.place.beside = cells.moved(beside, self.lines);
                    let literal =
                        cells.in_file(spot.literal.start)..cells.in_file(spot.literal.end);
                    Spot {
                        literal,
                        joined: None,
                        group: None,
                        ..spot
                    }
                }
                _ => {
                    let mut spot = by_lines::spot(self.text, self.lines, name.start, name.end);
                    spot.place.text = Text::Prose;
                    spot
                }
            };
            mentions.push(Mention::new(spot, name));
        }
        mentions
    }

    /// Tells each mention's role.
    fn tell(&self, mentions: &[Mention]) -> Vec<Told> {
        let folder = Folder::new(self.path);
        let mut groups: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for mention in mentions {
            if let Some(group) = mention.spot.group {
                groups.entry(group).or_default().insert(&mention.name.id);
            }
        }
        let text = FileText {
            text: self.text,
            lines: self.lines,
            is_routed: contains_word(self.text, "openrouter"),
        };
        let is_manifest = self.language.name == "YAML" && is_manifest(self.text);
        let is_schema = ["YAML", "JSON"].contains(&self.language.name) && is_schema(self.text);
        let context = |mention: &Mention| {
            let names = mention.spot.group.and_then(|group| groups.get(&group));
            let (start, end) = (mention.name.start, mention.name.end);
            let literal = self.text.get(mention.spot.literal.clone());
            let context = Context {
                folder: &folder,
                language: self.language.name,
                place: &mention.spot.place,
                literal: literal.unwrap_or_default(),
                is_whole: mention.spot.is_whole(self.text, start, end),
                is_fragment: mention.name.strength == Strength::Fragment,
                names: names.map_or(1, BTreeSet::len),
                uses: &mention.uses,
                is_manifest,
                is_schema,
                line: self.lines.text_at(start),
                near: self.lines.near(start, NEAR),
            };
            roles::rule(&context)
        };
        let told = mentions
            .iter()
            .map(|mention| self.told(mention, context(mention), &text));
        told.collect()
    }

    fn told(&self, mention: &Mention, rule: &'static Rule, text: &FileText<'_>) -> Told {
        let site = Site {
            path: self.path.to_owned(),
            language: self.language.name,
            ..mention.site(text, self.names, rule)
        };
        let is_constant = mention.name.strength == Strength::Constant;
        Told {
            found: Found {
                site,
                place: mention.place_of_use(),
                rule: rule.name,
            },
            group: mention.spot.group,
            is_import: is_constant && mention.spot.place.around.is_empty(),
        }
    }
}

/// Tells whether a file describes an interface over HTTP.
fn is_schema(text: &str) -> bool {
    let head = text.lines().take(SCHEMA_HEAD).map(str::trim_start);
    let words = [
        "openapi:",
        "swagger:",
        "\"openapi\":",
        "\"swagger\":",
        "asyncapi:",
    ];
    head.into_iter()
        .any(|line| words.iter().any(|word| line.starts_with(word)))
}

/// Finds the places of a word in a text.
fn word_places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let bytes = text.as_bytes();
    let places = text.match_indices(word).map(|(at, _)| at);
    places.filter(move |at| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let after = bytes.get(at + word.len()).copied();
        !before.is_some_and(is_of_word) && !after.is_some_and(is_of_word)
    })
}

/// Tells whether a text holds a word in whatever letters.
fn contains_word(text: &str, word: &str) -> bool {
    let mut windows = text.as_bytes().windows(word.len());
    windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// Tells whether a file of YAML is a manifest of Kubernetes, or a template of CloudFormation.
fn is_manifest(text: &str) -> bool {
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    has("apiVersion:") && has("kind:") || has("AWSTemplateFormatVersion:")
}

#[cfg(test)]
mod tests;
