//! The queue has its limit, names stay in the directory, and a fault does not end a thread.

use super::{Host, is_file_name};
use crate::engine::{AskFault, Said};
use crate::tests::{ask, models};

#[test]
fn a_full_queue_says_when_to_come_back_and_all_others_are_answered() {
    let directory = tempfile::tempdir().unwrap();
    let (mut config, _) = models(directory.path(), "tiny", "llama");
    config.queue = 2;
    let host = Host::start(config).unwrap();
    // While the list of models is held, the thread cannot finish the first question.
    let held = host.shared.loaded.lock().unwrap();
    let mut accepted = Vec::new();
    let busy = loop {
        match host.ask("tiny", ask("x")) {
            Ok(answering) => accepted.push(answering),
            Err(fault) => break fault,
        }
        assert!(accepted.len() <= 3);
    };
    let AskFault::Busy { retry_after } = busy else {
        panic!("{busy}");
    };
    assert!((1..=60).contains(&retry_after.as_secs()));
    // One that has gone is not answered, and takes no one's place.
    accepted.remove(0);
    drop(held);
    for mut answering in accepted {
        let mut last = None;
        while let Some(said) = answering.blocking_recv() {
            last = Some(said.unwrap());
        }
        assert!(matches!(last, Some(Said::Ended { .. })), "{last:?}");
    }
}

#[test]
fn an_unknown_model_is_a_fault_and_the_thread_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let (config, path) = models(directory.path(), "tiny", "qwen2");
    let host = Host::start(config).unwrap();
    let mut absent = host.ask("other", ask("x")).unwrap();
    let fault = absent.blocking_recv().unwrap().unwrap_err();
    assert!(matches!(fault, AskFault::UnknownModel(_)), "{fault}");
    std::fs::write(path.with_file_name("broken.gguf"), b"GGUF").unwrap();
    let mut broken = host.ask("broken", ask("x")).unwrap();
    assert!(matches!(
        broken.blocking_recv(),
        Some(Err(AskFault::Load(_)))
    ));
    assert!(host.preload("tiny").unwrap().blocking_recv().is_none());
    let mut answering = host.ask("tiny", ask("x")).unwrap();
    assert!(matches!(
        answering.blocking_recv(),
        Some(Ok(Said::Began { .. }))
    ));
}

#[test]
fn a_name_never_leaves_the_directory() {
    for (name, is_fine) in [
        ("qwen2.5-coder-0.5b", true),
        ("a_b", true),
        ("", false),
        ("..", false),
        (".hidden", false),
        ("a/b", false),
        ("a\\b", false),
        ("é", false),
    ] {
        assert_eq!(is_file_name(name), is_fine, "{name}");
    }
}
