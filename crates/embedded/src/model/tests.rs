//! Answers keep their limits, remember prefixes without changing, and stop when nobody listens.

use super::Model;
use crate::engine::{Ask, AskFault, EndReason, Engine as _, Listener, Said};
use crate::sampler::Sampling;
use crate::tests::{LIMITS, ask, models, turn};

#[derive(Default)]
struct Heard {
    said: Vec<Said>,
    leaves_after: Option<usize>,
}

impl Listener for Heard {
    fn hear(&mut self, said: Said) {
        self.said.push(said);
    }

    fn is_gone(&self) -> bool {
        self.leaves_after
            .is_some_and(|parts| self.said.len() >= parts)
    }
}

fn model() -> Model {
    let directory = tempfile::tempdir().unwrap();
    let (_, path) = models(directory.path(), "tiny", "llama");
    Model::load(&path, LIMITS).unwrap()
}

/// Returns input, cached and output tokens, the text and the end.
fn hear(model: &Model, ask: &Ask) -> (usize, usize, usize, String, EndReason) {
    let mut heard = Heard::default();
    model.answer(ask, &mut heard).unwrap();
    let Some(Said::Began {
        input_tokens,
        cached_tokens,
    }) = heard.said.first().cloned()
    else {
        panic!("{:?}", heard.said);
    };
    let Some(Said::Ended {
        reason,
        output_tokens,
    }) = heard.said.pop()
    else {
        panic!("{:?}", heard.said);
    };
    let texts = heard.said.iter().filter_map(|said| match said {
        Said::Text(text) => Some(text.as_str()),
        _ => None,
    });
    (
        input_tokens,
        cached_tokens,
        output_tokens,
        texts.collect(),
        reason,
    )
}

#[test]
fn a_remembered_system_prompt_changes_nothing_but_the_work() {
    let model = model();
    let mut ask = ask("first");
    ask.turns.insert(0, turn("system", "answer in one word"));
    let (input, cached, output, text, reason) = hear(&model, &ask);
    assert_eq!(cached, 0);
    assert!(output > 0);
    let (input_again, cached, output_again, text_again, reason_again) = hear(&model, &ask);
    assert!(cached >= 20 && cached < input, "{cached} of {input}");
    assert_eq!(
        (input, output, text, reason),
        (input_again, output_again, text_again, reason_again)
    );
    // Another question shares the prefix; another system prompt does not.
    ask.turns[1].content = "other".to_owned();
    assert_eq!(hear(&model, &ask).1, cached);
    ask.turns[0].content = "be kind".to_owned();
    assert_eq!(hear(&model, &ask).1, 0);
}

#[test]
fn limits_and_stop_strings_end_an_answer() {
    let model = model();
    let mut ask = ask("x");
    let (.., output, whole, _) = hear(&model, &ask);
    assert!(output <= LIMITS.output_tokens);
    ask.output_tokens = Some(2);
    let (.., output, _, reason) = hear(&model, &ask);
    assert_eq!((output, reason), (2, EndReason::Length));
    ask.output_tokens = Some(9_999);
    assert!(hear(&model, &ask).2 <= LIMITS.output_tokens);
    let (at, stop) = whole.char_indices().nth(1).unwrap();
    let expected = whole.split(stop).next().unwrap();
    assert!(expected.len() <= at);
    ask.stops = vec![stop.to_string()];
    let (.., text, reason) = hear(&model, &ask);
    assert_eq!((text.as_str(), reason), (expected, EndReason::Stop));
}

#[test]
fn a_seed_repeats_an_answer() {
    let model = model();
    let mut ask = ask("x");
    ask.sampling = Sampling {
        temperature: 1.5,
        seed: 4,
        ..Sampling::GREEDY
    };
    let first = hear(&model, &ask).3;
    assert_eq!(hear(&model, &ask).3, first);
    ask.sampling.seed = 5;
    assert_ne!(hear(&model, &ask).3, first);
}

#[test]
fn a_long_chat_is_refused_with_its_length() {
    let model = model();
    for (content, counted) in [("a".repeat(300), true), ("a".repeat(100_000), false)] {
        let refused = model
            .answer(&ask(&content), &mut Heard::default())
            .unwrap_err();
        let AskFault::PromptTooLong { tokens, limit } = refused else {
            panic!("{refused}");
        };
        assert_eq!(limit, LIMITS.prompt_tokens);
        assert_eq!(tokens.is_some(), counted);
    }
}

#[test]
fn nobody_listening_ends_the_work() {
    let model = model();
    for parts in [0, 1, 2] {
        let mut heard = Heard {
            leaves_after: Some(parts),
            ..Heard::default()
        };
        model.answer(&ask("x"), &mut heard).unwrap();
        // One part may come at once; a finished answer must not.
        assert!(
            heard.said.len() <= parts.max(1),
            "{parts}: {:?}",
            heard.said
        );
        assert!(
            !heard
                .said
                .iter()
                .any(|said| matches!(said, Said::Ended { .. }))
        );
    }
}
