//! Joins a name with where it stands, decides whether it may be a model's there, and makes a site
//! of it. It must not tell roles.

use crate::lines::Lines;
use crate::names::{Name, Names, Strength};
use crate::place::{Around, Place, Text};
use crate::roles::{self, Context, Rule};
use crate::site::{Named, Site};
use crate::spot::Spot;

/// Shows a name where it stands, and where the value that it is given to is used.
#[derive(Debug)]
pub(crate) struct Mention {
    /// The name.
    pub name: Name,
    /// Where it stands.
    pub spot: Spot,
    /// Where the file uses the constant that it is given to.
    pub uses: Vec<Place>,
    /// From where to here.
    resolved_from: Vec<String>,
}

/// Parts of names that clients take for the newest model of a family.
const ALIASES: &[&str] = &["opus", "sonnet", "haiku"];

/// What addresses have before a name where an API is asked for the model.
const ROUTES: &[&str] = &[
    "/models/",
    "/model/",
    "/deployments/",
    "/engines/",
    "/publishers/",
];

/// What addresses for people begin with.
const PAGES: &[&str] = &[
    "docs.",
    "platform.",
    "github.com",
    "huggingface.co",
    "www.",
    "ollama.com",
    "/docs",
    "/blog",
    "/library",
    "arxiv",
    "//ai.",
    "learn.",
    "developer",
    "/news",
    "/wiki",
    "/pkg",
    "/hub.",
];

impl Mention {
    /// Joins a name with where it stands.
    pub(crate) fn new(spot: Spot, name: Name) -> Self {
        Self {
            name,
            spot,
            uses: Vec::new(),
            resolved_from: Vec::new(),
        }
    }

    /// Tells whether the name goes on in what its literal is joined with.
    pub(crate) fn is_part(&self, source: &str) -> bool {
        let Some(joined) = &self.spot.joined else {
            return false;
        };
        let after = source
            .as_bytes()
            .get(self.name.end)
            .copied()
            .unwrap_or(b' ');
        let before = self
            .name
            .start
            .checked_sub(1)
            .and_then(|at| source.as_bytes().get(at));
        let literal = &self.spot.literal;
        let ends_there = self.name.end >= literal.end && joined.end > literal.end + 1;
        let begins_there = self.name.start <= literal.start && joined.start + 2 < literal.start;
        let touches = b"{$%-".contains(&after) || before.is_some_and(|byte| b"}-.".contains(byte));
        self.name.strength == Strength::Fragment || ends_there || begins_there || touches
    }

    /// Takes what the expression comes to that the name is a part of.
    pub(crate) fn take_value(&mut self, whole: Name, value: &str, line: u32) {
        self.name.id = whole.id;
        self.name.platform = whole.platform;
        self.name.routed = whole.routed;
        self.name.strength = whole.strength;
        self.resolved_from
            .push(format!("`{value}`, joined on line {line}"));
    }

    /// Names the variable or constant that the name is all of, where uses can be looked up.
    pub(crate) fn constant(&self) -> Option<&str> {
        let mut own = self.spot.place.around.iter();
        let to = own.find_map(|around| match around {
            Around::Assignment { to } => Some(Some(to)),
            Around::Element { .. } | Around::Pair { .. } | Around::Fallback { .. } => None,
            _ => Some(None),
        })??;
        let word = to.rsplit('.').next().unwrap_or_default();
        is_followed(word).then_some(word)
    }

    /// Names what a loop gives the elements of a list to that the name is one of, where this use of
    /// the list is such a loop.
    pub(crate) fn looped(&self, used: &Spot) -> Option<String> {
        let mut own = self.spot.place.around.iter();
        let is_listed = matches!(own.next(), Some(Around::Element { .. }));
        let [Around::Assignment { to }, ..] = used.place.around.as_slice() else {
            return None;
        };
        (is_listed && is_followed(to)).then(|| to.clone())
    }

    /// Notes a use of the constant, where it says something.
    pub(crate) fn add_use(&mut self, spot: Spot, line: u32) {
        if spot.place.around.is_empty() || spot.is_receiver {
            return;
        }
        let is_first = !self.uses.iter().any(roles::is_request);
        if is_first && roles::is_request(&spot.place) {
            let called = spot.place.around.iter().find_map(|around| match around {
                Around::Argument { callee, .. } => Some(format!("call of {callee}, line {line}")),
                _ => None,
            });
            let constant = self.constant().unwrap_or_default();
            let from = called.unwrap_or_else(|| format!("used on line {line}"));
            self.resolved_from = vec![format!("{constant}, {from}")];
        }
        self.uses.push(spot.place);
    }

    /// Shows what is around the name, with what stands beside it in the first call that is given
    /// it.
    pub(crate) fn place_of_use(&self) -> Place {
        let mut place = self.spot.place.clone();
        if place.beside.is_empty() {
            let first = self.uses.iter().find(|place| roles::is_request(place));
            place.beside = first.map(|first| first.beside.clone()).unwrap_or_default();
        }
        place
    }

    /// Makes a site of it; its path and language are the caller's.
    pub(crate) fn site(&self, file: &FileText<'_>, names: &Names, rule: &Rule) -> Site {
        let (start, end) = (self.name.start, self.name.end);
        let (id, platform) = self.platform(file);
        let known = names.known(&id).map(str::to_owned);
        Site {
            path: String::new(),
            span: file.lines.span(start, end),
            language: "",
            role: rule.role,
            confidence: rule.certainty,
            reason: self.reason(rule),
            model: Named {
                written: file.text.get(start..end).unwrap_or_default().to_owned(),
                known,
                id,
                platform,
                resolved_from: self.resolved_from.clone(),
            },
            parameters: Vec::new(),
            dialect: self.dialect(),
            excerpt: file.lines.excerpt(start),
            names: 1,
            lines: vec![file.lines.line(start)],
        }
    }

    fn reason(&self, rule: &Rule) -> String {
        let detail = match self.spot.place.around.first() {
            Some(Around::Argument { callee, .. }) if !callee.is_empty() => Some(callee),
            Some(Around::Assignment { to }) => Some(to),
            Some(Around::Fallback { of }) => Some(of),
            Some(Around::Comparison { with }) => Some(with),
            Some(Around::Pair { key }) => Some(key),
            _ => None,
        };
        match detail {
            Some(detail) => format!("{}: `{detail}`", rule.says),
            None => rule.says.to_owned(),
        }
    }

    /// Tells the wire API by what is called.
    fn dialect(&self) -> Option<&'static str> {
        let places = [&self.spot.place].into_iter().chain(&self.uses);
        let mut around = places.flat_map(|place| &place.around);
        around.find_map(|around| match around {
            Around::Argument { callee, .. } => roles::dialect_called(callee),
            _ => None,
        })
    }

    /// Tells id and platform by the spelling, then by what is called.
    fn platform(&self, file: &FileText<'_>) -> (String, Option<String>) {
        if let Some(routed) = self.name.routed.as_ref().filter(|_| file.is_routed) {
            return (routed.clone(), Some("openrouter".to_owned()));
        }
        let id = self.name.id.clone();
        let places = [&self.spot.place].into_iter().chain(&self.uses);
        let called = places
            .flat_map(|place| &place.around)
            .find_map(|around| match around {
                Around::Argument { callee, .. } => roles::platform_called(callee),
                _ => None,
            });
        let called = called.map(str::to_owned);
        match &self.name.platform {
            // Azure and others serve a vendor's ids: what is called says more than the id alone.
            Some(own) if self.name.routed.is_none() && !id.contains(['.', '@', ':']) => {
                (id, called.or_else(|| Some(own.clone())))
            }
            Some(own) => (id, Some(own.clone())),
            None => (id, called),
        }
    }
}

/// Tells whether a word is long enough that its uses are its own.
fn is_followed(word: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    word.len() > 2 && word.chars().all(is_word)
}

/// Holds what a site needs of its file.
#[derive(Debug)]
pub(crate) struct FileText<'f> {
    /// The text.
    pub text: &'f str,
    /// Its lines.
    pub lines: &'f Lines<'f>,
    /// Whether the file asks a platform that routes between vendors.
    pub is_routed: bool,
}

/// Tells whether a name may be a model's where it stands. Words that other things are called by too
/// are left to `is_asked_for`.
pub(crate) fn admits(mention: &Mention, source: &str, line: &str) -> bool {
    let (start, end) = (mention.name.start, mention.name.end);
    let place = &mention.spot.place;
    let is_whole = mention.spot.is_whole(source, start, end);
    if is_in_address(mention, source) && !is_route(mention, source) {
        return false;
    }
    let is_read = matches!(place.text, Text::Comment | Text::Prose);
    match mention.name.strength {
        Strength::Strong | Strength::Weak => true,
        Strength::Bare => is_asked_for(mention, is_whole, line),
        Strength::Shown => {
            let literal = source.get(mention.spot.literal.clone()).unwrap_or_default();
            let is_label = match place.around.first() {
                Some(Around::Pair { key }) => roles::is_for_people(key),
                _ => false,
            };
            is_read || is_label || !is_whole && literal.split_whitespace().count() > 1
        }
        Strength::Constant => is_use(mention, source, line),
        Strength::Fragment => {
            let rest = source
                .get(end..mention.spot.literal.end)
                .unwrap_or_default();
            let ends_open = rest.bytes().all(|byte| b"-_.:*".contains(&byte));
            let begins = mention.spot.literal.start == start;
            let is_alias = ALIASES.contains(&mention.name.id.as_str()) && is_whole;
            is_alias && is_asked_for(mention, is_whole, line)
                || !is_read && is_logic(mention, begins && ends_open || is_whole, line)
        }
    }
}

/// Shows what stands before a name without a space or a quote between.
fn address<'s>(mention: &Mention, source: &'s str) -> &'s str {
    let from = mention
        .name
        .start
        .saturating_sub(200)
        .max(mention.spot.literal.start);
    let from = (from..=mention.name.start).find(|at| source.is_char_boundary(*at));
    let before = source
        .get(from.unwrap_or(0)..mention.name.start)
        .unwrap_or_default();
    before
        .rsplit(['"', '\'', ' ', '(', '<', '`', '\n'])
        .next()
        .unwrap_or_default()
}

fn is_in_address(mention: &Mention, source: &str) -> bool {
    mention.name.is_in_url || address(mention, source).contains("://")
}

/// Tells whether an address is one by which an API is asked for the model.
fn is_route(mention: &Mention, source: &str) -> bool {
    let address = address(mention, source);
    let is_page = PAGES.iter().any(|page| address.contains(page));
    let is_asked = ROUTES.iter().any(|route| address.ends_with(route));
    !is_page && is_asked || address.ends_with("model=")
}

/// Tells whether what is around a word asks for a model.
fn is_asked_for(mention: &Mention, is_whole: bool, line: &str) -> bool {
    let place = &mention.spot.place;
    if matches!(place.text, Text::Comment | Text::Prose) {
        return is_setting(line, mention);
    }
    let asks = |around: &Around| match around {
        Around::Argument { callee, name, .. } => match name {
            Some(name) => roles::is_model_word(name),
            None => roles::is_model_word(callee) || roles::platform_called(callee).is_some(),
        },
        Around::Pair { key: word }
        | Around::Assignment { to: word }
        | Around::ParameterDefault { name: word }
        | Around::Fallback { of: word }
        | Around::Comparison { with: word } => roles::is_model_word(word),
        // A member of `enum ChatModel`, or a constant of a class that is called so.
        Around::Type { name } => roles::is_model_word(name),
        _ => false,
    };
    let has_digits = mention.name.id.bytes().any(|byte| byte.is_ascii_digit());
    let depth = if has_digits { 3 } else { 1 };
    let is_asked = place.around.iter().take(depth).any(asks);
    is_whole && (is_asked || is_logic(mention, is_whole, line))
}

/// Tells whether a line of text gives the word to a model's setting, as in code that is commented
/// out.
fn is_setting(line: &str, mention: &Mention) -> bool {
    let Some((before, _)) = line.split_once(&mention.name.id) else {
        return false;
    };
    let before = before.trim_end_matches(['"', '\'', '`', ' ']);
    let is_given = before.ends_with(['=', ':', '(']);
    is_given && before.to_lowercase().contains("model")
}

/// Tells whether a constant of a library is used or imported here, not declared.
fn is_use(mention: &Mention, source: &str, line: &str) -> bool {
    let after = source.get(mention.name.end..).unwrap_or_default();
    let after = after.trim_start_matches([' ', '\t']);
    let is_compared = after.starts_with("==");
    let is_declared = after.starts_with(['=', ':', '(']) && !is_compared;
    let line = line.trim_start();
    let is_import = ["import ", "from ", "use "]
        .iter()
        .any(|word| line.starts_with(word));
    let is_placed = mention.spot.place.around.iter().any(|around| {
        !matches!(
            around,
            Around::Function { .. } | Around::Type { .. } | Around::Section { .. }
        )
    });
    let word = source
        .get(mention.name.start..mention.name.end)
        .unwrap_or_default();
    is_import || is_placed && !is_declared && !is_declared_in(source, word)
}

/// Tells whether a file declares a word itself, so that its value is reported where it stands.
fn is_declared_in(source: &str, word: &str) -> bool {
    source.match_indices(word).any(|(at, _)| {
        let after = source.get(at + word.len()..).unwrap_or_default();
        let after = after.lines().next().unwrap_or_default();
        let rest = after
            .trim_start_matches(|letter: char| letter.is_alphanumeric() || " :\t".contains(letter));
        rest.starts_with('=') && !rest.starts_with("==") || after.starts_with("(\"")
    })
}

/// Tells whether code asks by a part of a name which model it has.
fn is_logic(mention: &Mention, is_whole: bool, line: &str) -> bool {
    let place = &mention.spot.place;
    let words = ["model", "engine", "deployment"];
    let says = |text: &str| words.iter().any(|word| text.to_lowercase().contains(word));
    let is_of_model = says(line)
        || place.around.iter().any(|around| match around {
            Around::Function { name } => says(name),
            _ => false,
        });
    // A provider, a kind or a class bears the name of its family too.
    let others = ["provider", "vendor", "type", "kind", "class", "platform"];
    let is_of_other = place.around.iter().any(|around| match around {
        Around::Comparison { with } => {
            let with = with.to_lowercase();
            let last = with.rsplit('.').next().unwrap_or_default();
            others.iter().any(|other| last.contains(other))
        }
        _ => false,
    });
    if is_of_other && mention.name.strength == Strength::Fragment {
        return false;
    }
    let is_asked = Context::asks(place) || place.text == Text::Pattern;
    is_of_model && is_asked && (is_whole || place.text == Text::Pattern)
}
