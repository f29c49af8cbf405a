//! Conversion keeps what it should, and verification sees every change.

use std::fs;

use candle_core::quantized::GgmlDType;

use super::{Progress, convert, describe, verify};
use crate::fault::FileFault;
use crate::header::Header;
use crate::tests::{models, source_file};

#[test]
fn a_conversion_can_be_repeated_and_is_idempotent() {
    let directory = tempfile::tempdir().unwrap();
    let (source, one, two) = (
        directory.path().join("s"),
        directory.path().join("1"),
        directory.path().join("2"),
    );
    source_file(&source, "llama");
    let mut seen = Vec::new();
    let first = convert(&source, &one, |progress| seen.push(progress)).unwrap();
    convert(&source, &two, |_| ()).unwrap();
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
    let total = seen.len() - 1;
    assert_eq!(seen.last(), Some(&Progress { done: total, total }));
    assert_eq!(verify(&one).unwrap(), first);
    assert_eq!(describe(&one).unwrap(), first);
    // Converting what is converted changes no block.
    convert(&one, &two, |_| ()).unwrap();
    let stored = |path| {
        let header = Header::open(path).unwrap();
        let tensor = header.tensor("blk.0.attn_q.weight").unwrap();
        assert_eq!(tensor.dtype(), GgmlDType::Q8_0);
        tensor.data().unwrap().into_owned()
    };
    assert_eq!(stored(&one), stored(&two));
}

#[test]
fn a_changed_weight_or_entry_is_seen() {
    let directory = tempfile::tempdir().unwrap();
    let (_, path) = models(directory.path(), "tiny", "llama");
    let whole = fs::read(&path).unwrap();
    let last = whole.len() - 40;
    let eos = whole
        .windows(6)
        .position(|bytes| bytes == b"smollm")
        .unwrap();
    for at in [last, whole.len() / 2, eos] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(
            matches!(verify(&path), Err(FileFault::Changed)),
            "byte {at}"
        );
    }
    fs::write(&path, &whole[..whole.len() - 64]).unwrap();
    assert!(matches!(verify(&path), Err(FileFault::Format(_))));
}

#[test]
fn what_is_no_model_is_refused_by_its_reason() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x");
    assert!(matches!(describe(&path), Err(FileFault::Absent(_))));
    fs::write(&path, b"not a model").unwrap();
    assert!(matches!(describe(&path), Err(FileFault::Format(_))));
    source_file(&path, "llama");
    assert!(matches!(describe(&path), Err(FileFault::NotConverted)));
    source_file(&path, "gpt2");
    assert!(matches!(describe(&path), Err(FileFault::Architecture(name)) if name == "gpt2"));
}
