//! A conversation that goes on with another model of the same maker's dialect, in the canonical
//! form. It must not know which model made what, nor a dialect's spelling.

use crate::canonical::{Message, Part, Request};
use crate::fault::Loss;

impl Request {
    /// Tells whether there are thoughts that a provider of `dialect` would check.
    #[must_use]
    pub fn has_thoughts_of(&self, dialect: &str) -> bool {
        let mut parts = self.messages.iter().flat_map(|turn| &turn.parts);
        parts.any(|part| is_sealed_by(part, dialect))
    }

    /// Takes out the thoughts that a provider of `dialect` would check and the model that is asked
    /// now has not made. A turn that was nothing else goes as a whole.
    pub fn cut_thoughts_of(&mut self, dialect: &str) -> Vec<Loss> {
        let mut losses = Vec::new();
        for (at, turn) in self.messages.iter_mut().enumerate() {
            let count = turn.parts.len();
            turn.parts.retain(|part| !is_sealed_by(part, dialect));
            if turn.parts.len() < count {
                let path = format!("messages[{at}].thinking");
                losses.push(Loss::new(path, "thoughts of another model"));
            }
        }
        let is_left = |turn: &Message| !turn.parts.is_empty();
        self.messages.retain(is_left);
        losses
    }
}

fn is_sealed_by(part: &Part, dialect: &str) -> bool {
    match part {
        Part::Thinking {
            signature: Some(sealed),
            ..
        }
        | Part::HiddenThinking(sealed) => sealed.for_maker(dialect).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::canonical::{Message, Part, Request, Role};
    use crate::sealed::Sealed;

    fn thought(maker: &'static str) -> Part {
        Part::Thinking {
            text: "t".to_owned(),
            signature: Some(Sealed::new(maker, "s")),
        }
    }

    fn turn(parts: Vec<Part>) -> Message {
        Message {
            role: Role::Assistant,
            parts,
        }
    }

    #[test]
    fn only_what_the_provider_would_check_goes_and_each_turn_is_named() {
        let text = || Part::Text("x".to_owned());
        let hidden = Part::HiddenThinking(Sealed::new("anthropic-messages", "h"));
        let mut request = Request {
            messages: vec![
                turn(vec![thought("anthropic-messages"), text()]),
                turn(vec![thought("gemini"), text()]),
                turn(vec![hidden]),
            ],
            ..Request::default()
        };
        assert!(request.has_thoughts_of("anthropic-messages"));
        let losses = request.cut_thoughts_of("anthropic-messages");
        let paths: Vec<_> = losses.iter().map(|loss| &*loss.path).collect();
        assert_eq!(paths, ["messages[0].thinking", "messages[2].thinking"]);
        let left = [turn(vec![text()]), turn(vec![thought("gemini"), text()])];
        assert_eq!(request.messages, left);
        assert!(!request.has_thoughts_of("anthropic-messages"));
        assert!(request.has_thoughts_of("gemini"));
    }
}
