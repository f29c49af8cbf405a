//! Holds the ledger against what witnesses cosigned of it, as kept beside it or asked of them now,
//! and shows how they stand. It must not append, nor ask a witness to cosign.

use std::error::Error;
use std::fs;
use std::path::Path;

use clap::Args;
use domain::Timestamp;
use ledger::{TreeHead, UnixSeconds, Verified, WitnessVerifier};
use serde_json::{Value, json};
use store::LedgerFiles;

use super::verified::{self, Trusting};
use crate::config::{AskedWitness, Witnesses};
use crate::exit::{Exit, Fault, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;
use crate::witness_client::WitnessClient;

/// Says which witnesses the ledger is held against.
#[derive(Args)]
pub struct Against {
    /// The public key of a witness, or a file that holds it: the ledger must go on from what it
    /// cosigned last; several times for several [default: the configuration's witnesses]
    #[arg(long, value_name = "KEY", conflicts_with = "proof")]
    witness: Vec<String>,
    /// Ask the configuration's witnesses what they cosigned last, too: what is kept beside the
    /// ledger can be put back with it
    #[arg(long, conflicts_with_all = ["proof", "checkpoint", "witness"])]
    ask: bool,
}

/// What a witness cosigned, and where that was found.
struct Cosigned {
    witness: String,
    place: String,
    note: Vec<u8>,
    tree: TreeHead,
    time: UnixSeconds,
}

/// What there is to hold the ledger against.
struct Found {
    cosigned: Vec<Cosigned>,
    /// The witnesses of which something was found.
    count: usize,
    /// Why nothing was found of the other ones.
    missing: Vec<Fault>,
    /// How many of the witnesses are enough.
    threshold: usize,
}

impl Against {
    /// Tells whether the ledger is to be held against witnesses: where it is said, and where the
    /// configuration declares some and no other checkpoint is given.
    pub fn is_wanted(&self, checkpoint: Option<&Path>, common: &Common) -> bool {
        let is_said = self.ask || !self.witness.is_empty();
        is_said || (checkpoint.is_none() && !declared(common).asked.is_empty())
    }
}

/// Verifies the ledger, and that it goes on from what the witnesses cosigned. Too few cosignatures
/// are a no: whoever put an older ledger back may have taken them away.
///
/// # Errors
/// Fails when a key or the checkpoint cannot be read; what does not hold is an answer.
pub fn verify(
    against: &Against,
    checkpoint: Option<&Path>,
    ledger: &Trusting,
    common: &Common,
) -> Outcome {
    let found = find(against, checkpoint, &ledger.files, common)?;
    let held = found.and_then(|found| {
        let verified = hold(&found, ledger)?;
        Ok((verified, found))
    });
    match held {
        Ok((verified, found)) => tell(&verified, &found, common),
        Err(fault) => {
            output::fault(&fault);
            if common.json {
                let text = output::chain(&fault);
                output::json(&json!({ "verified": false, "fault": text }));
            }
            Ok(Exit::No)
        }
    }
}

/// Finds what was cosigned; the inner fault is a no, the outer one says that it cannot be asked.
fn find(
    against: &Against,
    checkpoint: Option<&Path>,
    files: &LedgerFiles,
    common: &Common,
) -> Result<Result<Found, Fault>, Box<dyn Error + Send + Sync>> {
    if against.witness.is_empty() {
        let witnesses = declared(common);
        let Some(quorum) = &witnesses.quorum else {
            let what = "the configuration declares no witness";
            let mend = "name one with --witness, or declare some under [ledger]";
            return Err(Fault::new(what, mend).into());
        };
        let threshold = quorum.threshold();
        return Ok(of_declared(against, &witnesses.asked, threshold, files));
    }
    let keys = against.witness.iter().map(|key| read_key(key));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let Some(path) = checkpoint else {
        return Ok(of_named(&keys, files));
    };
    let note = fs::read(path).map_err(|error| {
        let what = format!("the checkpoint {} cannot be read", path.display());
        Fault::because(error, what, "name a readable file with --checkpoint")
    })?;
    let place = path.display().to_string();
    let each = keys
        .iter()
        .map(|key| cosigned(key, &place, note.clone(), files));
    Ok(each.collect::<Result<Vec<_>, _>>().map(Found::all))
}

/// Finds what is kept of each witness that was named; each must be there.
fn of_named(keys: &[WitnessVerifier], files: &LedgerFiles) -> Result<Found, Fault> {
    let mut all = Vec::new();
    for key in keys {
        all.push(kept(key, files)?.ok_or_else(|| nothing_kept(key, files))?);
    }
    Ok(Found::all(all))
}

/// Finds what is kept of each declared witness, and what it says when it is asked; enough must be
/// there.
fn of_declared(
    against: &Against,
    asked: &[AskedWitness],
    threshold: usize,
    files: &LedgerFiles,
) -> Result<Found, Fault> {
    let mut found = Found {
        cosigned: Vec::new(),
        count: 0,
        missing: Vec::new(),
        threshold,
    };
    for witness in asked {
        let kept = kept(&witness.key, files)?;
        let is_kept = kept.is_some();
        found.cosigned.extend(kept);
        if !against.ask {
            match is_kept {
                true => found.count += 1,
                false => found.missing.push(nothing_kept(&witness.key, files)),
            }
            continue;
        }
        // What the witness itself says counts: what is kept here may be as old as the ledger.
        match latest(witness, files)? {
            Ok(latest) => {
                found.cosigned.push(latest);
                found.count += 1;
            }
            Err(fault) => found.missing.push(fault),
        }
    }
    Ok(found)
}

fn kept(key: &WitnessVerifier, files: &LedgerFiles) -> Result<Option<Cosigned>, Fault> {
    let place = files.cosigned_path(key).display().to_string();
    let note = files.cosigned(key).map_err(|error| {
        let what = format!("what the witness {} cosigned cannot be read", key.name());
        Fault::because(
            error,
            what,
            "check the file's owner, or restore it from a backup",
        )
    })?;
    let checked = note.map(|note| cosigned(key, &place, note, files));
    checked.transpose()
}

fn nothing_kept(key: &WitnessVerifier, files: &LedgerFiles) -> Fault {
    let path = files.cosigned_path(key);
    let name = key.name();
    let what = format!(
        "nothing is kept of what the witness {name} cosigned: {} is not there",
        path.display()
    );
    let mend = "see `tiergate ledger witnesses`; if it had cosigned, ask it with --ask, or give \
                its latest checkpoint with --checkpoint";
    Fault::new(what, mend)
}

/// Asks a witness for its latest checkpoint. That none came is the inner fault; the outer one says
/// that what came does not hold.
fn latest(witness: &AskedWitness, files: &LedgerFiles) -> Result<Result<Cosigned, Fault>, Fault> {
    let name = witness.key.name();
    let asked = WitnessClient::new(witness.clone()).latest(files.verifier().name());
    match asked {
        Ok(Some(note)) => cosigned(&witness.key, &witness.url, note, files).map(Ok),
        Ok(None) => {
            let what = format!("the witness {name} has cosigned nothing of this ledger");
            Ok(Err(Fault::new(
                what,
                "see `tiergate ledger witnesses` for why",
            )))
        }
        Err(error) => {
            let what = format!("the witness {name} cannot be asked");
            let mend = "check its address, and whether it runs";
            Ok(Err(Fault::because(error, what, mend)))
        }
    }
}

fn cosigned(
    key: &WitnessVerifier,
    place: &str,
    note: Vec<u8>,
    files: &LedgerFiles,
) -> Result<Cosigned, Fault> {
    let mend = "restore it from a backup, or take it from the witness anew";
    let name = key.name();
    let origin = files.verifier().name();
    let seen = key.cosigned_tree(&note, origin.as_str()).map_err(|error| {
        let what = format!("{place} is not what the witness {name} cosigned");
        Fault::because(error, what, mend)
    })?;
    let (tree, time) = seen.ok_or_else(|| {
        let what = format!("{place} is of another log than {origin}");
        Fault::new(what, mend)
    })?;
    Ok(Cosigned {
        witness: name.to_string(),
        place: place.to_owned(),
        note,
        tree,
        time,
    })
}

/// Verifies the ledger against everything found; the same tree is only walked once.
fn hold(found: &Found, ledger: &Trusting) -> Result<Verified, Fault> {
    let mut seen: Vec<TreeHead> = Vec::new();
    let mut last = None;
    for one in &found.cosigned {
        if seen.contains(&one.tree) {
            continue;
        }
        seen.push(one.tree);
        let verified = ledger.verify(Some(&one.note)).map_err(|error| {
            let what = format!(
                "the ledger does not hold against the {} entries that the witness {} cosigned, as \
                 in {}",
                one.tree.size, one.witness, one.place
            );
            let mend =
                "put the newest backup of the data directory back, and find out who changed it";
            Fault::because(error, what, mend)
        })?;
        last = Some(verified);
    }
    match last {
        Some(verified) if found.count >= found.threshold => Ok(verified),
        _ => Err(too_few(found)),
    }
}

fn too_few(found: &Found) -> Fault {
    let (count, threshold) = (found.count, found.threshold);
    let missing: Vec<_> = found
        .missing
        .iter()
        .map(|fault| output::chain(fault))
        .collect();
    let what = format!(
        "{count} of the witnesses have cosigned, {threshold} are asked for, so that truncation and \
         replay cannot be ruled out:\n{}",
        missing.join("\n")
    );
    Fault::new(
        what,
        "let the gateway run until enough have cosigned, or name those that did",
    )
}

fn tell(verified: &Verified, found: &Found, common: &Common) -> Outcome {
    let note = "It continues what the witnesses cosigned.";
    let rows = found.cosigned.iter().map(|one| {
        let at = at(one.time.seconds());
        let (witness, place) = (&one.witness, &one.place);
        let line = format!("{:>5}  {at}  {witness}  {place}", one.tree.size);
        (line, one.json())
    });
    let rows: Vec<(String, Value)> = rows.collect();
    for fault in &found.missing {
        output::note(format!("warning: {}", output::chain(fault)));
    }
    verified::tell(verified, note, &rows, common)
}

impl Found {
    /// Takes what each of them must be there.
    fn all(cosigned: Vec<Cosigned>) -> Self {
        Self {
            count: cosigned.len(),
            threshold: cosigned.len(),
            cosigned,
            missing: Vec::new(),
        }
    }
}

impl Cosigned {
    fn json(&self) -> Value {
        json!({
            "witness": self.witness,
            "entries": self.tree.size,
            "at": at(self.time.seconds()),
            "place": self.place,
        })
    }
}

/// Shows how the witnesses stand, as the gateway told it last.
///
/// # Errors
/// Has none: where no gateway told anything, that is said.
pub fn witnesses(common: &Common) -> Outcome {
    let Some(standings) = Home::of(common).witnesses() else {
        output::note("no gateway of this data directory has asked a witness yet");
        return Ok(Exit::Done);
    };
    if common.json {
        standings.iter().for_each(output::json);
        return Ok(Exit::Done);
    }
    let row = |one: &crate::standing::Standing| {
        let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
        vec![
            one.witness.clone(),
            one.state.as_str().to_owned(),
            number(one.size),
            one.at.map_or("-".to_owned(), at),
            one.url.clone(),
        ]
    };
    let rows: Vec<_> = standings.iter().map(row).collect();
    output::table(&["WITNESS", "STATE", "ENTRIES", "AT", "URL"], &rows);
    for one in &standings {
        if let Some(fault) = &one.fault {
            output::note(format!("{}: {fault}", one.witness));
        }
    }
    Ok(Exit::Done)
}

fn at(seconds: u64) -> String {
    let ms = i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(1000);
    Timestamp(ms).to_string()
}

fn declared(common: &Common) -> Witnesses {
    home::settings(common)
        .map(|settings| settings.witnesses)
        .unwrap_or_default()
}

/// Takes a witness's key as it is, or from the file of that name.
fn read_key(text: &str) -> Result<WitnessVerifier, Box<dyn Error + Send + Sync>> {
    let unfit = match text.parse::<WitnessVerifier>() {
        Ok(key) => return Ok(key),
        Err(unfit) => unfit,
    };
    let mend = "give --witness the key that the witness shows, or a file that holds it";
    let kept = fs::read_to_string(text).map_err(|_| {
        let what = format!("`{text}` is neither a witness's public key nor a readable file");
        Fault::because(unfit, what, mend)
    })?;
    kept.parse::<WitnessVerifier>().map_err(|error| {
        let what = format!("the file {text} holds no witness's public key");
        Fault::because(error, what, mend).into()
    })
}
