//! The witnesses that cosign the ledger, checked for what can be checked without asking them. It
//! must not ask one.

use domain::PolicyFault;
use http::Uri;
use ledger::{Quorum, WitnessVerifier};

use super::fault::fault;
use super::file;

/// Where witnesses stand in the file.
const WITNESSES: &str = "ledger.witnesses";

/// Says which witnesses are asked to cosign the ledger, and how many of them are enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witnesses {
    /// The witnesses, in the file's order.
    pub asked: Vec<AskedWitness>,
    /// How many of them are enough; nothing where there is none.
    pub quorum: Option<Quorum>,
}

/// Says where a witness is asked, and what it signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedWitness {
    /// The address above `/add-checkpoint`, without a slash at its end.
    pub url: String,
    /// Its public key.
    pub key: WitnessVerifier,
}

/// Checks and converts the witnesses.
pub(super) fn witnesses(written: &file::Ledger, faults: &mut Vec<PolicyFault>) -> Witnesses {
    let one = |written| witness(written, faults);
    let asked: Vec<_> = written.witnesses.iter().filter_map(one).collect();
    let count = written.witnesses.len();
    if count == 0 && written.witness_quorum.is_none() {
        return Witnesses::default();
    }
    if asked.len() < count {
        // A quorum of those that are sound would say nothing of what was meant.
        return Witnesses {
            asked,
            quorum: None,
        };
    }
    let threshold = written.witness_quorum.unwrap_or(count);
    let keys = asked.iter().map(|witness| witness.key.clone()).collect();
    let quorum = Quorum::new(threshold, keys);
    if let Err(error) = &quorum {
        let path = match written.witness_quorum {
            Some(_) => "ledger.witness_quorum",
            None => WITNESSES,
        };
        let mend = "name each witness once, and let `witness_quorum` be 1 to all of them";
        fault(faults, path, error.to_string(), mend);
    }
    Witnesses {
        asked,
        quorum: quorum.ok(),
    }
}

fn witness(written: &file::Witness, faults: &mut Vec<PolicyFault>) -> Option<AskedWitness> {
    let url = base(&written.url);
    if url.is_none() {
        let what = format!("`{}` is no address of a witness", written.url);
        let mend = "write scheme, host and path, such as \"https://witness.example/log\"";
        fault(faults, WITNESSES, what, mend);
    }
    let key = written.key.parse::<WitnessVerifier>();
    if let Err(error) = &key {
        let mend = "write the key that the witness shows, such as `tiergate ledger witness` does";
        fault(faults, WITNESSES, error.to_string(), mend);
    }
    Some(AskedWitness {
        url: url?,
        key: key.ok()?,
    })
}

/// Takes an address that paths can be put behind.
fn base(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority()?;
    // A login would stand in the file in clear.
    let is_plain = uri.query().is_none() && !authority.as_str().contains('@');
    let is_whole = is_http && is_plain && !text.contains('#');
    is_whole.then(|| text.trim_end_matches('/').to_owned())
}
