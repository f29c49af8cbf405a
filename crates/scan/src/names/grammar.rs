//! Reads a word as a model's name: what stands before the id, the id by its family's grammar, what
//! comes after. It must not know what a name is used for.

use crate::names::constant;
use crate::names::family::{Case, Family, Next, Trust};
use crate::names::name::{Name, Strength};
use crate::names::parts::Parts;
use crate::names::prefix::{self, HYPHENED, Joint, SERVED};
use crate::names::token::Token;

/// What ends of addresses and files are taken for.
const METHODS: &[&str] = &[
    "generatecontent",
    "streamgeneratecontent",
    "counttokens",
    "embedcontent",
    "batchembedcontents",
    "predict",
    "rawpredict",
    "streamrawpredict",
];

/// Reads the word in which a family's stem stands at a place.
pub(crate) fn read(token: &Token<'_>, family: &Family, at: usize) -> Option<Name> {
    if let Some(constant) = constant::read(token, at) {
        return Some(constant);
    }
    if is_otherwise(token.slice(at, at + family.stem.len()), family) {
        return None;
    }
    if family.next == Next::Route {
        return route(token, family, at);
    }
    let front = Front::read(token, at)?;
    let end = body(token, family, at)?;
    if front.is_key && !matches!(end.what, What::Strong) {
        return None;
    }
    let end = free_tail(token, family, &front, end);
    let is_shown = family.case == Case::Lower && has_capitals(token.slice(at, end.at));
    let back = token.slice(end.at, token.end);
    let back = back.trim_end_matches(['.', ':', '-', '/', ',', '_']);
    let is_sure = family.trust == Trust::Anywhere && !is_shown && !front.is_foreign;
    if let Some(alias) = aliased(&front, &end, back, family).filter(|_| is_sure) {
        return Some(Name {
            start: front.start,
            end: end.at + back.len(),
            routed: None,
            platform: alias.platform.map(str::to_owned).or(front.platform),
            id: token.slice(front.id_start, end.at).to_owned(),
            strength: Strength::Strong,
            is_in_url: front.is_in_url,
        });
    }
    let is_call = is_followed_by_method(back, front.is_in_url);
    let is_path = front.is_key && back.starts_with('.');
    if !back.is_empty() && !is_call && !is_path {
        return None;
    }
    let id = token.slice(front.id_start, end.at).to_owned();
    let is_shared = family.trust == Trust::AsModel && !end.is_long;
    let is_doubtful = is_shared && !front.is_named || front.is_foreign;
    let has_tail = token.slice(end.at, token.end).starts_with(['-', '_']);
    let is_open = has_tail
        || token
            .at(end.at)
            .is_some_and(|byte| b"*$({[|".contains(&byte));
    let strength = match end.what {
        What::Part => Strength::Fragment,
        _ if has_tail => Strength::Fragment,
        What::Weak if is_open => Strength::Fragment,
        _ if is_shown => shown(&end, &id)?,
        What::Bare if front.is_named => Strength::Strong,
        What::Bare => Strength::Bare,
        What::Weak if !front.is_named => Strength::Weak,
        _ if is_doubtful => Strength::Bare,
        _ => Strength::Strong,
    };
    Some(Name {
        start: front.start,
        end: end.at,
        routed: front
            .routed
            .map(|start| token.slice(start, end.at).to_owned()),
        platform: front.platform.or_else(|| by_spelling(&id)),
        id,
        strength,
        is_in_url: front.is_in_url,
    })
}

/// Tells whether a stem is written as constants write it, or as people do.
fn is_otherwise(stem: &str, family: &Family) -> bool {
    let mut letters = stem.bytes().zip(family.stem.bytes());
    letters.any(|(byte, own)| byte == b'_' && own != b'_') || family.stem.ends_with(' ')
}

/// Reads what a router is asked for, where no family knows it: all of the word.
fn route(token: &Token<'_>, family: &Family, at: usize) -> Option<Name> {
    let id_start = at + family.stem.len();
    let id = token.slice(id_start, token.end);
    let id = id.trim_end_matches(['.', ':', '-', '/', ',', '_']);
    let is_id = id.len() > 2 && id.starts_with(|first: char| first.is_ascii_alphanumeric());
    let word = family.stem.trim_end_matches('/');
    // `ollama/ollama:0.10.1` is the image that the router itself runs from.
    if id.split(':').next() == Some(word) {
        return None;
    }
    let platform = prefix::prefix(word).and_then(|prefix| prefix.platform);
    (is_id && at == token.start).then(|| Name {
        start: at,
        end: id_start + id.len(),
        id: id.to_owned(),
        routed: None,
        platform: platform.map(str::to_owned),
        strength: Strength::Bare,
        is_in_url: false,
    })
}

/// Tells how much a name with capitals says where ids have none; none where people write no model
/// so.
fn shown(end: &End, id: &str) -> Option<Strength> {
    let is_model = !matches!(end.what, What::Bare) && is_name_for_people(id);
    is_model.then_some(Strength::Shown)
}

/// A name that somebody made of a model's id.
struct Alias {
    platform: Option<&'static str>,
}

/// Reads what follows an id as the rest of a name that was made of it: of a model that was tuned
/// from it, or of how a gateway serves it.
fn aliased(front: &Front, end: &End, back: &str, family: &Family) -> Option<Alias> {
    if !matches!(end.what, What::Strong) {
        return None;
    }
    if front.is_tuned && back.starts_with(':') {
        // Mistral writes what was tuned in the same way.
        let platform = (family.stem == "gpt").then_some("openai");
        return Some(Alias { platform });
    }
    let served = SERVED.iter().find(|(tail, _)| *tail == back);
    served.map(|(_, platform)| Alias {
        platform: *platform,
    })
}

/// On a hub of weights what follows a version is free: `tjake/Mistral-7B-Instruct-v0.3-Jlama-Q4`.
fn free_tail(token: &Token<'_>, family: &Family, front: &Front, end: End) -> End {
    let is_on_hub = family.case == Case::Any && front.id_start < token.end && front.is_on_hub;
    let tail = token.slice(end.at, token.end);
    let is_id = !tail.contains(['/', ':', '@']) && tail.starts_with('-');
    if is_on_hub && is_id && matches!(end.what, What::Strong) {
        let at = end.at + tail.trim_end_matches(['.', '-', '_']).len();
        return End { at, ..end };
    }
    end
}

/// Tells whether people write a model so: `GPT-4o`, not `O1` or `Sonar`.
fn is_name_for_people(id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    let families = ["gpt-", "claude-", "gemini-", "grok-", "chatgpt-"];
    families.iter().any(|family| id.starts_with(family)) && id.bytes().any(|b| b.is_ascii_digit())
}

fn has_capitals(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_followed_by_method(back: &str, is_in_url: bool) -> bool {
    let Some(first) = back.chars().next() else {
        return true;
    };
    let rest = back.trim_start_matches([':', '/']);
    let word = rest.split([':', '/', '?']).next().unwrap_or_default();
    let is_method = METHODS.contains(&word.to_ascii_lowercase().as_str());
    first == ':' && is_method || first == '/' && is_in_url
}

/// Tells a platform by how an id is spelled.
fn by_spelling(id: &str) -> Option<String> {
    let platform = if prefix_of_bedrock(id) {
        "bedrock"
    } else if id.starts_with("claude") && id.contains('@') {
        "vertex"
    } else {
        return None;
    };
    Some(platform.to_owned())
}

fn prefix_of_bedrock(id: &str) -> bool {
    let vendor = id.rsplit_once('.').map(|(front, _)| front);
    let mut fronts = vendor.into_iter().flat_map(|front| {
        let first = front.match_indices('.').map(|(at, _)| at);
        first.chain([front.len()]).filter_map(|at| front.get(..at))
    });
    fronts.any(prefix::is_bedrock)
}

enum What {
    Strong,
    Weak,
    Bare,
    Part,
}

struct End {
    at: usize,
    what: What,
    /// Whether a version and words follow in so many parts that nothing else is called so.
    is_long: bool,
}

/// Reads an id from its stem on as far as its family's grammar goes.
fn body(token: &Token<'_>, family: &Family, at: usize) -> Option<End> {
    let stem_end = at + family.stem.len();
    let rest = token.slice(stem_end, token.end);
    let parts = Parts::read(rest, family)?;
    let end = stem_end + parts.length;
    let is_alone = parts.length == 0;
    if is_alone && family.stem.ends_with(['-', '_']) {
        let at = stem_end - 1;
        return Some(End {
            at,
            what: What::Part,
            is_long: false,
        });
    }
    let what = match family.next {
        Next::Part => What::Part,
        Next::Route => return None,
        Next::Whole if parts.has_version || family.stem.bytes().any(|b| b.is_ascii_digit()) => {
            What::Strong
        }
        Next::Whole => What::Weak,
        Next::Anything if is_alone => What::Bare,
        Next::Anything => What::Strong,
        Next::Version | Next::VersionOrWord if is_alone => What::Part,
        Next::Version if !parts.begins_with_version => What::Part,
        Next::VersionOrWord if !parts.begins_with_version && !parts.begins_with_word => What::Part,
        Next::Version | Next::VersionOrWord if parts.is_glued => What::Bare,
        Next::Version | Next::VersionOrWord if parts.has_version => What::Strong,
        Next::Version | Next::VersionOrWord => What::Weak,
    };
    // A stem that is read as a part has to stand alone: `gpt-researcher` is no part of a name.
    let has_more = token
        .slice(end, token.end)
        .trim_end_matches(['-', '.', ':', '_']);
    let is_word = is_alone || family.next == Next::Part;
    if matches!(what, What::Part) && !(has_more.is_empty() && is_word) {
        return None;
    }
    let is_long = parts.has_version && parts.words > 0 && parts.count > 2;
    Some(End {
        at: end,
        what,
        is_long,
    })
}

/// What stands before an id in its word.
struct Front {
    /// Where the name begins.
    start: usize,
    /// Where the id begins, as its platform writes it.
    id_start: usize,
    /// Where a vendor before the id begins.
    routed: Option<usize>,
    platform: Option<String>,
    /// Whether a vendor or a platform is named before the id.
    is_named: bool,
    /// Whether something stands before it that is no vendor.
    is_foreign: bool,
    /// Whether an organisation stands before it, as on hubs of weights.
    is_on_hub: bool,
    is_in_url: bool,
    /// Whether it is a part of the path of a setting: `models.gpt-4o.providers`.
    is_key: bool,
    /// Whether it is what a model was tuned from: `ft:gpt-4o:…`.
    is_tuned: bool,
}

impl Front {
    fn read(token: &Token<'_>, at: usize) -> Option<Self> {
        let front = token.slice(token.start, at);
        // A shell's `${MODEL:-…}` joins what it asks first with what holds in its absence.
        let front = front.rsplit(":-").next().unwrap_or(front);
        let mut found = Self {
            start: at,
            id_start: at,
            routed: None,
            platform: None,
            is_named: false,
            is_foreign: false,
            is_on_hub: false,
            is_in_url: false,
            is_key: false,
            is_tuned: false,
        };
        let rest = found.take_bedrock(front, at)?;
        let rest = found.take_hyphened(rest)?;
        if rest.is_empty() {
            // A letter of another alphabet, or a joint that is no name's, before the word.
            let is_glued = token.before().is_some_and(|byte| !byte.is_ascii());
            return (!is_glued).then_some(found);
        }
        found.take_prefixes(rest, at - front.len(), token);
        Some(found)
    }

    /// Takes what Bedrock writes: `us.anthropic.`; says what is left before it.
    fn take_bedrock<'f>(&mut self, front: &'f str, at: usize) -> Option<&'f str> {
        let Some(before) = front.strip_suffix('.') else {
            return Some(front);
        };
        let word = before.rfind(['/', ':']).map_or(0, |joint| joint + 1);
        let (left, word) = before.split_at_checked(word)?;
        // What stands before the dot may be filled in: `{region}.anthropic.…`.
        let word = word.trim_start_matches('.');
        let lower = word.to_ascii_lowercase();
        if prefix::is_path(&lower) {
            self.is_key = true;
            return Some("");
        }
        if prefix::is_quota(&lower) {
            self.platform = Some("azure".to_owned());
            self.is_named = true;
            return Some("");
        }
        if !prefix::is_bedrock(&lower) {
            return None;
        }
        self.start = at - word.len() - 1;
        // The geography is where it is asked, not what is asked.
        self.id_start = self.start + word.find('.').map_or(0, |dot| dot + 1);
        self.platform = Some("bedrock".to_owned());
        self.is_named = true;
        Some(left)
    }

    fn take_hyphened<'f>(&mut self, front: &'f str) -> Option<&'f str> {
        if front.is_empty() || front.ends_with(['/', ':']) {
            return Some(front);
        }
        let lower = front.to_ascii_lowercase();
        let own = lower.rfind(['/', ':']).map_or(0, |joint| joint + 1);
        let (left, own) = (front.get(..own)?, lower.get(own..)?);
        let (word, platform) = HYPHENED.iter().find(|(word, _)| *word == own)?;
        self.start -= word.len();
        self.id_start = self.start;
        self.platform = self.platform.take().or(platform.map(str::to_owned));
        Some(left)
    }

    /// Takes the prefixes before an id from the nearest; what is unknown ends the name.
    fn take_prefixes(&mut self, rest: &str, base: usize, token: &Token<'_>) {
        let mut rest = rest;
        self.is_in_url = rest.contains("://") || is_route(rest);
        if self.is_in_url {
            let nearest = joint(rest).map(|(before, _)| before).unwrap_or_default();
            let word = nearest.rsplit(['/', ':']).next().and_then(prefix::prefix);
            self.platform = self
                .platform
                .take()
                .or(word.and_then(|w| w.platform).map(str::to_owned));
            return;
        }
        let mut is_nearest = true;
        while let Some((before, joint)) = joint(rest) {
            let word_start = before.rfind(['/', ':']).map_or(0, |at| at + 1);
            let word = before.get(word_start..).unwrap_or_default();
            let Some(known) = prefix::prefix(word) else {
                self.take_resource(rest, base);
                let is_filled_in =
                    word.is_empty() && token.before().is_some_and(|b| b">}".contains(&b));
                self.is_foreign = !self.is_named && joint == Joint::Slash && !is_filled_in;
                let is_organisation = word_start == 0 && self.is_foreign && !word.is_empty();
                if is_organisation && !word.contains('.') {
                    self.start = base;
                    self.id_start = base;
                    self.is_on_hub = true;
                }
                return;
            };
            self.start = base + word_start;
            self.is_named = true;
            self.is_tuned |= known.word == "ft";
            if !known.is_dropped {
                self.id_start = self.start;
                self.is_on_hub = joint == Joint::Slash;
            }
            let is_outer = !is_nearest && known.platform.is_some();
            if is_outer && known.platform == Some("openrouter") {
                self.id_start = base + before.len() + 1;
            }
            if self.platform.is_none() || is_outer && self.platform.as_deref() != Some("bedrock") {
                self.platform = known.platform.map(str::to_owned).or(self.platform.take());
            }
            if is_nearest && joint == Joint::Slash && prefix::is_vendor(known) {
                self.routed = Some(self.start);
            }
            is_nearest = false;
            rest = rest.get(..word_start).unwrap_or_default();
        }
    }

    /// Takes all of a resource's name: an ARN, or Google's `projects/…`.
    fn take_resource(&mut self, before: &str, base: usize) {
        for (head, platform) in [("arn:aws", "bedrock"), ("projects/", "vertex")] {
            let whole = before.find(head);
            if let Some(start) = whole {
                self.start = base + start;
                self.platform = Some(platform.to_owned());
                self.is_named = true;
            }
        }
        let publisher = ["publishers/", "accounts/"].iter();
        if let Some(start) = publisher.filter_map(|head| before.find(head)).next() {
            self.start = self.start.min(base + start);
            self.is_named = true;
        }
    }
}

fn joint(rest: &str) -> Option<(&str, Joint)> {
    let slash = rest.strip_suffix('/').map(|rest| (rest, Joint::Slash));
    slash.or_else(|| rest.strip_suffix(':').map(|rest| (rest, Joint::Colon)))
}

/// Tells whether what stands before an id is a path of an API: `/v1/models/`, `/model/`.
fn is_route(rest: &str) -> bool {
    rest.starts_with('/') && rest.matches('/').count() > 1
}
