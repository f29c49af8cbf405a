//! The pass over a request's body that both dialect families share: top-level fields once each,
//! messages and their parts counted. It must not know a field that only one dialect has.

use std::borrow::Cow;
use std::ops::Range;

use crate::fault::BadRequest;
use crate::json::cursor::{Broken, Cursor, Kind, MAX_FIELDS, Scan};
use crate::known::{self, OTHER};
use crate::peek::{Features, IncludeUsage, Opening, Peek};

/// Collects what the pass finds.
#[derive(Debug, Default)]
pub(crate) struct Draft<'a> {
    model: Option<Named<'a>>,
    /// Whether the conversation is there.
    pub(crate) has_turns: bool,
    /// Whether the last turn is the model's own.
    pub(crate) last_is_answer: bool,
    pub(crate) include_usage: IncludeUsage,
    pub(crate) max_tokens: Option<u64>,
    pub(crate) conversation: Option<Cow<'a, str>>,
    pub(crate) opening: Opening<'a>,
    pub(crate) features: Features,
}

/// Says what a content part or tool is, as far as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartClass {
    Image,
    Document,
    Audio,
    Thoughts,
    Other,
}

/// Names the parts of a dialect.
pub(crate) type Classify = fn(&str) -> PartClass;

/// Walks the body, in which the conversation stands under `turns`. `visit` gets that key, and each
/// other top-level key that is not known here, in front of its value.
pub(crate) fn survey<'a>(
    body: &'a [u8],
    turns: &str,
    mut visit: impl FnMut(&mut Draft<'a>, &mut Cursor<'a>, &str) -> Scan<()>,
) -> Result<Peek<'a>, BadRequest> {
    let mut draft = Draft::default();
    let insert_at = walk(body, std::convert::identity, |cursor, key| {
        if draft.known(cursor, key)? {
            return Ok(());
        }
        visit(&mut draft, cursor, key)
    })?;
    draft.finish(insert_at, turns)
}

/// Walks a body's top-level fields, each of which must be new as `spell` spells it, and tells where
/// a field can be put in. `visit` stands in front of each value and passes it.
pub(crate) fn walk<'a>(
    body: &'a [u8],
    spell: impl Fn(Cow<'a, str>) -> Cow<'a, str>,
    mut visit: impl FnMut(&mut Cursor<'a>, &str) -> Scan<()>,
) -> Result<usize, BadRequest> {
    let mut walked = || -> Scan<usize> {
        let mut cursor = Cursor::new(body)?;
        if cursor.kind()? != Kind::Object {
            return cursor.broken("something else instead of an object");
        }
        let insert_at = cursor.at() + 1;
        let mut keys: Vec<Cow<'a, str>> = Vec::with_capacity(16);
        cursor.object(|cursor, key| {
            let key = spell(key);
            check_key(cursor, &keys, &key)?;
            visit(cursor, &key)?;
            keys.push(key);
            Ok(())
        })?;
        cursor.end()?;
        Ok(insert_at)
    };
    walked().map_err(|broken| broken.to_bad_request(body))
}

/// Reads the model's name, with the bytes of its value.
pub(crate) fn model<'a>(cursor: &mut Cursor<'a>) -> Scan<Named<'a>> {
    if cursor.kind()? != Kind::String {
        return cursor.wrong("model", "a string");
    }
    let start = cursor.at();
    let model = cursor.string()?;
    Ok((model, start..cursor.at()))
}

/// Gives the name that was read, or says that there must be one.
pub(crate) fn required(model: Option<Named<'_>>) -> Result<Named<'_>, BadRequest> {
    let model = model.filter(|(model, _)| !model.is_empty());
    model.ok_or_else(|| BadRequest::of("model", "is required: name a tier or a model"))
}

/// Is a model's name with the bytes of its value.
pub(crate) type Named<'a> = (Cow<'a, str>, Range<usize>);

/// Checks that a top-level key is new and that there are not too many.
fn check_key(cursor: &Cursor<'_>, keys: &[Cow<'_, str>], key: &str) -> Scan<()> {
    if keys.len() >= MAX_FIELDS {
        return cursor.broken(format!("more than {MAX_FIELDS} top-level fields"));
    }
    if keys.iter().any(|known| known == key) {
        return Err(Box::new(Broken {
            at: cursor.at(),
            what: "is given twice; keep one".into(),
            field: Some(key.to_owned()),
        }));
    }
    Ok(())
}

impl<'a> Draft<'a> {
    /// Reads a field that both families have; says whether it is one.
    fn known(&mut self, cursor: &mut Cursor<'a>, key: &str) -> Scan<bool> {
        match key {
            "model" => self.model = Some(model(cursor)?),
            "stream" => self.features.stream = cursor.optional_bool("stream")? == Some(true),
            "tools" => {
                let tools = &mut self.features;
                cursor.array_or_skip(|cursor| {
                    tools.tools += 1;
                    cursor.object_or_skip(|cursor, key| {
                        if key == "type" {
                            let word = cursor.string_or_skip()?;
                            word.into_iter()
                                .for_each(|word| tools.tool_types.insert(&word));
                            return Ok(());
                        }
                        tools.cache_control |= key == "cache_control";
                        cursor.pass()
                    })
                })?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Passes a field and notes it where it is a sampling parameter that is set.
    pub(crate) fn skip(&mut self, cursor: &mut Cursor<'a>, key: &str) -> Scan<()> {
        let is_set = cursor.kind()? != Kind::Null;
        let span = cursor.skip()?;
        if is_set {
            self.features.sample(key, cursor.slice(span));
        }
        Ok(())
    }

    /// Reads an object that says how to think, by the word of a form and a budget.
    pub(crate) fn thinking(&mut self, cursor: &mut Cursor<'a>) -> Scan<()> {
        cursor.object_or_skip(|cursor, key| {
            match &*key {
                "type" => {
                    let form = cursor.string_or_skip()?;
                    let form = form.map(|form| match &*form {
                        "enabled" => "budget",
                        "adaptive" => "adaptive",
                        "disabled" => "disabled",
                        _ => OTHER,
                    });
                    self.features.thinking_form = form;
                    self.features.thinking |= form.is_some_and(|form| form != "disabled");
                }
                "budget_tokens" => {
                    let budget = cursor.optional_whole("thinking.budget_tokens")?;
                    self.features.thinking_budget = budget;
                }
                _ => cursor.pass()?,
            }
            Ok(())
        })
    }

    /// Reads the word of an effort; says whether it asks to think.
    pub(crate) fn effort(&mut self, cursor: &mut Cursor<'a>) -> Scan<bool> {
        let word = cursor.string_or_skip()?;
        self.features.effort = word.map(|word| known::effort(&word));
        Ok(self.features.effort.is_some_and(|word| word != "none"))
    }

    /// Reads the field `messages`.
    pub(crate) fn messages(&mut self, cursor: &mut Cursor<'a>, classify: Classify) -> Scan<()> {
        if cursor.kind()? != Kind::Array {
            return cursor.wrong("messages", "an array");
        }
        self.has_turns = true;
        cursor.array(|cursor| self.message(cursor, classify))
    }

    fn message(&mut self, cursor: &mut Cursor<'a>, classify: Classify) -> Scan<()> {
        self.features.messages += 1;
        let mut role = None;
        let mut content = None;
        cursor.object_or_skip(|cursor, key| {
            match &*key {
                "role" => role = cursor.string_or_skip()?,
                "content" => {
                    cursor.kind()?;
                    let start = cursor.at();
                    self.parts(cursor, classify)?;
                    content = Some(cursor.slice(start..cursor.at()));
                }
                _ => cursor.pass()?,
            }
            Ok(())
        })?;
        self.last_is_answer = role.as_deref() == Some("assistant");
        self.features.answers += u32::from(self.last_is_answer);
        match role.as_deref() {
            Some("system" | "developer") if self.opening.user.is_none() => {
                self.features.system = true;
                self.opening.system = self.opening.system.or(content);
            }
            Some("user") => self.opening.user = self.opening.user.or(content),
            Some("system" | "developer") => self.features.mid_system = true,
            _ => {}
        }
        Ok(())
    }

    /// Counts the parts of a content that is an array, and of the contents in them.
    pub(crate) fn parts(&mut self, cursor: &mut Cursor<'a>, classify: Classify) -> Scan<()> {
        cursor.array_or_skip(|cursor| {
            cursor.object_or_skip(|cursor, key| {
                match &*key {
                    "type" => {
                        let class = cursor.string_or_skip()?;
                        match class.map_or(PartClass::Other, |name| classify(&name)) {
                            PartClass::Image => self.features.images += 1,
                            PartClass::Document => self.features.documents += 1,
                            PartClass::Audio => self.features.audio += 1,
                            PartClass::Thoughts => self.features.thoughts += 1,
                            PartClass::Other => {}
                        }
                    }
                    "content" => self.parts(cursor, classify)?,
                    key => {
                        self.features.cache_control |= key == "cache_control";
                        cursor.pass()?;
                    }
                }
                Ok(())
            })
        })
    }

    fn finish(mut self, insert_at: usize, turns: &str) -> Result<Peek<'a>, BadRequest> {
        let (model, model_span) = required(self.model)?;
        if !self.has_turns {
            return Err(BadRequest::of(turns, "is required"));
        }
        self.features.prefill = self.last_is_answer;
        Ok(Peek {
            model,
            model_span,
            stream: self.features.stream,
            include_usage: self.include_usage,
            max_tokens: self.max_tokens,
            conversation: self.conversation.filter(|id| !id.is_empty()),
            opening: self.opening,
            features: self.features,
            insert_at,
        })
    }
}
