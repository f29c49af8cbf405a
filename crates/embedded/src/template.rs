//! The chat template that a model file brings: turns to the text that the model was trained on.
//! It must not know tokens or a wire format.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, context};
use serde::Serialize;

use crate::fault::FileFault;

/// Steps that one rendering may take; a template comes with a file, and may loop.
const MAX_RECURSION: usize = 64;
const NAME: &str = "chat";
/// Used where a file has no template of its own.
const CHATML: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n\
    {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Holds one turn of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Who speaks: `system`, `user` or `assistant`.
    pub role: String,
    /// What they say.
    pub content: String,
}

/// Renders chats as one model expects them.
pub(crate) struct Template {
    environment: Environment<'static>,
    begin: String,
    end: String,
}

impl Template {
    /// Compiles a file's template, or the common one where it has none.
    pub(crate) fn new(source: Option<&str>, begin: &str, end: &str) -> Result<Self, FileFault> {
        let wrong = |error| FileFault::Template(Box::new(error));
        let mut environment = Environment::new();
        // The templates are written for Jinja as it is set up in Python: block tags leave no
        // blank lines, and strings have Python's methods.
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .map_err(wrong)?;
        environment.set_syntax(syntax);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.set_recursion_limit(MAX_RECURSION);
        environment.add_function("raise_exception", raise);
        let source = source.unwrap_or(CHATML).to_owned();
        environment
            .add_template_owned(NAME, source)
            .map_err(wrong)?;
        Ok(Self {
            environment,
            begin: begin.to_owned(),
            end: end.to_owned(),
        })
    }

    /// Renders a chat up to where the model's answer begins.
    pub(crate) fn render(&self, turns: &[Turn]) -> Result<String, Error> {
        self.environment.get_template(NAME)?.render(context! {
            messages => Value::from(Serde(turns)),
            add_generation_prompt => true,
            bos_token => self.begin.as_str(),
            eos_token => self.end.as_str(),
        })
    }
}

fn raise(message: String) -> Result<String, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

#[cfg(test)]
mod tests;
