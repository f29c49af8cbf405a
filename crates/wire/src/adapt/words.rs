//! In which fields a dialect says what a model may refuse: a table that each dialect fills, and the
//! reading and writing of it. It must not decide what is changed.

use crate::adapt::decide::{Action, Asked, Thought, What};
use crate::adapt::editor::{Editor, quoted};
use crate::adapt::restrictions::Parameter;
use crate::adapt::schema;
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::Cursor;
use crate::peek::Features;

/// Names a field by the objects around it and its own name.
pub(crate) type Path = &'static [&'static str];

/// Holds the fields of a dialect.
#[derive(Debug)]
pub struct Words {
    /// Where each parameter stands.
    pub(crate) parameters: &'static [(Parameter, Path)],
    /// Where the effort stands, as a word.
    pub(crate) effort: Option<Path>,
    /// Where thinking stands, where it is apart from the effort.
    pub(crate) thinking: Option<Thoughts>,
    /// Where the choice of a tool stands.
    pub(crate) choice: Option<Choice>,
    /// Where the most tokens stand.
    pub(crate) max_tokens: Path,
    /// Where they stood before.
    pub(crate) older_max_tokens: Option<Path>,
    /// Where the schema of the answer stands, and whether it is strict; without the second it
    /// always is.
    pub(crate) schema: Option<(Path, Option<Path>)>,
    /// Where other things stand that a model may refuse, each by its word for all dialects.
    pub(crate) others: &'static [(&'static str, Path)],
}

/// Says how a dialect speaks of thinking: an object with a word and a budget.
#[derive(Debug)]
pub(crate) struct Thoughts {
    pub(crate) outer: Path,
    pub(crate) form: Path,
    pub(crate) budget: Path,
}

/// Says how a dialect chooses a tool.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The value that says it.
    pub(crate) form: Path,
    /// The name of the tool beside it, where it is apart.
    pub(crate) name: Option<Path>,
    /// Tells whether a value, as JSON text, forces a tool.
    pub(crate) is_forced: fn(&str) -> bool,
    /// The value that forces none, as JSON text.
    pub(crate) free: &'static str,
}

/// Names the fields where no dialect does.
pub(super) static CANONICAL: Words = Words {
    parameters: &[],
    effort: Some(&["effort"]),
    thinking: None,
    choice: None,
    max_tokens: &["max_tokens"],
    older_max_tokens: None,
    schema: None,
    others: &[],
};

impl Words {
    /// Tells whether a field's value must be looked into.
    pub(crate) fn lead_into(&self, path: &[String]) -> bool {
        let is_under = |word: &Path| {
            let pairs = path.iter().zip(word.iter());
            word.len() > path.len() && pairs.into_iter().all(|(one, other)| one == other)
        };
        let thinking = self.thinking.as_ref();
        let thinking = thinking.into_iter().flat_map(|one| [one.form, one.budget]);
        let choice = self.choice.as_ref().into_iter();
        let choice = choice.flat_map(|one| [Some(one.form), one.name]).flatten();
        let schema = self.schema.into_iter();
        let schema = schema
            .flat_map(|(one, strict)| [Some(one), strict])
            .flatten();
        let paths = self.parameters.iter().map(|(_, path)| *path);
        let mut paths = paths
            .chain(self.effort)
            .chain(thinking)
            .chain(choice)
            .chain(schema)
            .chain([self.max_tokens])
            .chain(self.older_max_tokens)
            .chain(self.others.iter().map(|(_, path)| *path));
        paths.any(|word| is_under(&word))
    }

    /// Reads what a body asks for.
    pub(crate) fn asked(&self, editor: &Editor<'_>, features: &Features) -> Asked {
        let parameter = |(parameter, path): &(Parameter, Path)| {
            Some((*parameter, editor.get(path)?.to_owned()))
        };
        let whole = |path: Path| editor.get(path).and_then(|text| text.parse().ok());
        let older = self.older_max_tokens.and_then(whole);
        let choice = self.choice.as_ref();
        let is_forced = |choice: &Choice| editor.get(choice.form).is_some_and(choice.is_forced);
        Asked {
            parameters: self.parameters.iter().filter_map(parameter).collect(),
            effort: self.effort.and_then(|path| string(editor.get(path)?)),
            thinking: self.thinking.as_ref().and_then(|one| one.read(editor)),
            forced_tool: choice.is_some_and(is_forced),
            has_tools: features.tools > 0,
            prefill: features.prefill,
            max_tokens: whole(self.max_tokens).or(older),
            older_max_tokens: older.is_some(),
        }
    }

    /// Writes one change into a body.
    pub(super) fn apply(&self, editor: &mut Editor<'_>, action: &Action) {
        match &action.what {
            What::Drop(parameter) => {
                let mut rows = self.parameters.iter();
                if let Some((_, path)) = rows.find(|(one, _)| one == parameter) {
                    editor.remove(path);
                }
            }
            What::SetEffort(word) => {
                if let Some(path) = self.effort {
                    editor.set(path, &quoted(word));
                }
            }
            What::DropEffort => {
                if let Some(path) = self.effort {
                    editor.remove(path);
                }
            }
            What::FreeTool => {
                if let Some(choice) = &self.choice {
                    editor.replace(choice.form, choice.free);
                    choice.name.into_iter().for_each(|name| editor.remove(name));
                }
            }
            What::MaxTokens(most) => {
                let most = most.to_string();
                editor.replace(self.max_tokens, &most);
                let older = self.older_max_tokens.into_iter();
                older.for_each(|path| editor.replace(path, &most));
            }
            What::NewerMaxTokens => self.newer_max_tokens(editor),
            thought => {
                if let Some(thinking) = &self.thinking {
                    thinking.apply(editor, thought);
                }
            }
        }
    }

    fn newer_max_tokens(&self, editor: &mut Editor<'_>) {
        let (Some(older), Some(key)) = (self.older_max_tokens, self.max_tokens.last()) else {
            return;
        };
        if editor.get(self.max_tokens).is_some() {
            editor.remove(older);
        } else {
            editor.remove(self.max_tokens);
            editor.rename(older, key);
        }
    }

    /// Names a change by the field that it is in.
    pub(super) fn change(&self, action: &Action) -> Loss {
        let or = |path: Option<Path>, other: &str| match path {
            Some(path) => path.join("."),
            None => other.to_owned(),
        };
        let path = match &action.what {
            What::Drop(parameter) => {
                let mut rows = self.parameters.iter();
                let found = rows.find(|(one, _)| one == parameter);
                or(found.map(|(_, path)| *path), parameter.as_str())
            }
            What::SetEffort(_) | What::DropEffort => or(self.effort, "effort"),
            What::FreeTool => "tool_choice".to_owned(),
            What::MaxTokens(_) => self.max_tokens.join("."),
            What::NewerMaxTokens => or(self.older_max_tokens, "max_tokens"),
            What::ThinkAdaptively | What::ThinkUpTo(_) | What::ThinkAs(_) | What::DropThinking => {
                or(self.thinking.as_ref().map(|one| one.outer), "thinking")
            }
        };
        Loss::new(path, action.why.clone())
    }

    /// Tells whether a body asks for an answer that follows a schema strictly.
    pub(crate) fn is_strict(&self, editor: &Editor<'_>) -> bool {
        self.schema.is_some_and(|(path, strict)| {
            let is_said = strict.is_none_or(|path| editor.get(path) == Some("true"));
            is_said && editor.get(path).is_some()
        })
    }

    /// Closes the objects of a strict schema.
    pub(super) fn close_schema(&self, editor: &mut Editor<'_>) -> Result<Option<Loss>, BadRequest> {
        let Some((path, _)) = self.schema.filter(|_| self.is_strict(editor)) else {
            return Ok(None);
        };
        let Some(text) = editor.get(path) else {
            return Ok(None);
        };
        let name = path.join(".");
        let Some(closed) = schema::close(text, &name)? else {
            return Ok(None);
        };
        editor.replace(path, &closed);
        Ok(Some(Loss::new(name, schema::WHY)))
    }

    /// Names the field of the schema.
    pub(super) fn schema_path(&self) -> String {
        let path = self.schema.map(|(path, _)| path.join("."));
        path.unwrap_or_else(|| "format.schema".to_owned())
    }
}

impl Thoughts {
    fn read(&self, editor: &Editor<'_>) -> Option<Thought> {
        match string(editor.get(self.form)?)?.as_str() {
            "disabled" => Some(Thought::Disabled),
            "adaptive" => Some(Thought::Adaptive),
            "enabled" => {
                let budget = editor.get(self.budget).and_then(|text| text.parse().ok());
                Some(Thought::Budget(budget.unwrap_or_default()))
            }
            _ => None,
        }
    }

    fn apply(&self, editor: &mut Editor<'_>, thought: &What) {
        match thought {
            What::ThinkAdaptively => {
                editor.replace(self.form, "\"adaptive\"");
                editor.remove(self.budget);
            }
            What::ThinkUpTo(most) => {
                editor.replace(self.form, "\"enabled\"");
                editor.set(self.budget, &most.to_string());
            }
            What::ThinkAs(word) => editor.replace(self.form, &quoted(word)),
            What::DropThinking => editor.remove(self.outer),
            _ => {}
        }
    }
}

fn string(json: &str) -> Option<String> {
    let text = Cursor::over(json).string().ok()?;
    Some(text.into_owned())
}
