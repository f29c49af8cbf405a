//! Inspect: a task of its own, its own scorer, logs in both of its forms.

use std::fs::{self, File};
use std::path::PathBuf;

use zip::{ZipArchive, ZipWriter};

use super::bench::{Asked, ended};
use super::{Peer, decides};
use crate::environment::INSPECT;

#[test]
fn inspect_logs_decide() {
    decides(&Peer {
        name: "inspect",
        environment: &INSPECT,
        run: |peer, asked| run(peer, asked, "json"),
        edit: edit_log,
    });
}

#[test]
fn inspect_archives_decide() {
    decides(&Peer {
        name: "inspect",
        environment: &INSPECT,
        run: |peer, asked| run(peer, asked, "eval"),
        edit: edit_archive,
    });
}

fn run(peer: &Peer, asked: &Asked<'_>, format: &str) -> Result<Vec<PathBuf>, String> {
    let mut command = peer.environment.program(peer.name)?;
    asked.at_home(&mut command);
    // Inspect takes a task that lies below the folder that it is started in.
    let task = fs::read_to_string(peer.environment.beside("echoes.py")).unwrap();
    asked.write("echoes.py", &task);
    // The name before the model is of our choosing: Inspect takes base URL and key by it.
    command
        .args(["eval", "echoes.py"])
        .args(["--model", &format!("openai-api/tiergate/{}", asked.model)])
        .args(["--log-dir", "logs", "--log-format", format])
        .args(["--display", "none", "--temperature", "0"])
        .env("TIERGATE_BASE_URL", &asked.base_url)
        .env("TIERGATE_API_KEY", asked.key);
    ended(command, &[0])?;
    Ok(asked.written("logs", &format!(".{format}")))
}

/// Calls the first wrong answer right.
fn edit_log(files: &[PathBuf]) {
    let text = fs::read_to_string(&files[0]).unwrap();
    let (wrong, right) = ("\"value\": \"I\"", "\"value\": \"C\"");
    assert!(text.contains(wrong));
    fs::write(&files[0], text.replacen(wrong, right, 1)).unwrap();
}

/// Takes one sample out, and leaves every other member as it is.
fn edit_archive(files: &[PathBuf]) {
    let mut archive = ZipArchive::new(File::open(&files[0]).unwrap()).unwrap();
    let cut = files[0].with_extension("cut");
    let mut writer = ZipWriter::new(File::create(&cut).unwrap());
    let mut left_out = 0;
    for at in 0..archive.len() {
        let member = archive.by_index_raw(at).unwrap();
        let is_sample = member.name().unwrap().starts_with("samples/");
        if left_out == 0 && is_sample {
            left_out += 1;
        } else {
            writer.raw_copy_file(member).unwrap();
        }
    }
    assert_eq!(left_out, 1);
    writer.finish().unwrap();
    fs::rename(cut, &files[0]).unwrap();
}
