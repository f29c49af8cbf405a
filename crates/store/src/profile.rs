//! What many requests have in common, kept once: who asked for what, and what answered. It must
//! not hold what differs from request to request.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Date, ModelDigest};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::row::stage_number;
use crate::usage::{Arm, UsageRow};

/// Profiles remembered as written. Callers choose the names they ask for, so there may be any
/// number; beyond this the memory starts anew, which costs a write each.
const MAX_REMEMBERED: usize = 4_096;

/// The day on which a profile was last used keeps it from being deleted before its rows are.
const PUT: &str = "INSERT INTO usage_profiles (id, day, key, caller, team, use_case, step, tier, \
     model, digest, release, stage, arm, requested, dialect, price_basis, chosen) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
     ON CONFLICT (id) DO UPDATE SET day = max(day, excluded.day)";

/// Remembers which profiles stand in the database. It must be forgotten when a transaction that
/// wrote one is rolled back.
#[derive(Default)]
pub(crate) struct Profiles {
    known: HashMap<u64, Known>,
}

struct Known {
    /// A row of this profile; it keeps alive the names whose addresses are compared.
    sample: UsageRow,
    id: i64,
    day: Date,
}

impl Profiles {
    /// Finds the profile of a row, and writes it where it is not known to stand.
    pub(crate) fn id(&mut self, connection: &Connection, row: &UsageRow) -> rusqlite::Result<i64> {
        let place = place(row);
        let day = row.at().date();
        if let Some(known) = self.known.get(&place)
            && known.day >= day
            && is_same(&known.sample, row)
        {
            return Ok(known.id);
        }
        let id = id_of(row);
        put(connection, id, day, row)?;
        if self.known.len() >= MAX_REMEMBERED {
            self.known.clear();
        }
        let sample = UsageRow {
            attempts: None,
            features: None,
            ..row.clone()
        };
        self.known.insert(place, Known { sample, id, day });
        Ok(id)
    }

    /// Forgets everything, since nothing of it is known to stand any more.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }
}

fn put(connection: &Connection, id: i64, day: Date, row: &UsageRow) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached(PUT)?;
    put.execute(params![
        id,
        day.start().0,
        row.caller.key.as_str(),
        row.caller.name,
        row.caller.team,
        row.use_case.as_ref().map(|name| name.as_str()),
        row.step,
        row.tier.as_ref().map(|name| name.as_str()),
        row.model.as_ref().map(|name| name.as_str()),
        row.digest.as_ref().map(ModelDigest::as_str),
        row.release.as_ref().map(|(name, _)| name.as_str()),
        row.release.as_ref().map(|(_, stage)| stage_number(*stage)),
        row.arm,
        row.requested,
        row.dialect,
        row.price_basis.as_deref(),
        row.chosen,
    ])?;
    Ok(())
}

/// Lists the texts of a profile; stage and arms stand beside them.
fn texts(row: &UsageRow) -> [Option<&str>; 12] {
    [
        Some(row.caller.key.as_str()),
        Some(row.caller.name.as_str()),
        row.caller.team.as_deref(),
        row.use_case.as_ref().map(|name| name.as_str()),
        row.step.as_deref(),
        row.tier.as_ref().map(|name| name.as_str()),
        row.model.as_ref().map(|name| name.as_str()),
        row.digest.as_ref().map(ModelDigest::as_str),
        row.release.as_ref().map(|(name, _)| name.as_str()),
        Some(&row.requested),
        Some(&row.dialect),
        row.price_basis.as_deref(),
    ]
}

fn numbers(row: &UsageRow) -> [i64; 3] {
    let stage = row.release.as_ref().map(|(_, stage)| stage_number(*stage));
    let number = |arm: Option<Arm>| arm.map_or(-1, |arm| arm as i64);
    [stage.unwrap_or(-1), number(row.arm), number(row.chosen)]
}

/// Computes the id from the content, so that two processes write the same profile once.
fn id_of(row: &UsageRow) -> i64 {
    let mut hasher = Sha256::new();
    for text in texts(row) {
        // The length comes first, and no text has none's: two profiles never hash the same bytes.
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        hasher.update(length.to_be_bytes());
        hasher.update(text.unwrap_or_default());
    }
    for number in numbers(row) {
        hasher.update(number.to_be_bytes());
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Computes where a profile is remembered: from addresses where names are shared, from the bytes
/// where each row has its own.
fn place(row: &UsageRow) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(ODD).rotate_left(23);
    let address = |text: Option<&str>| text.map_or(0, |text| text.as_ptr().addr() as u64);
    let shared = [
        Arc::as_ptr(&row.caller).addr() as u64,
        address(row.use_case.as_ref().map(|name| name.as_str())),
        address(row.tier.as_ref().map(|name| name.as_str())),
        address(row.model.as_ref().map(|name| name.as_str())),
        address(row.release.as_ref().map(|(name, _)| name.as_str())),
        address(Some(&row.dialect)),
    ];
    let hash = shared.into_iter().fold(0, mix);
    let own = [
        row.requested.as_bytes(),
        row.step.as_deref().unwrap_or_default().as_bytes(),
    ];
    let hash = own.into_iter().fold(hash, |hash, bytes| {
        let (words, rest) = bytes.as_chunks::<8>();
        let hash = words
            .iter()
            .fold(hash, |h, word| mix(h, u64::from_le_bytes(*word)));
        rest.iter().fold(mix(hash, bytes.len() as u64), |h, byte| {
            mix(h, u64::from(*byte))
        })
    });
    numbers(row)
        .into_iter()
        .fold(hash, |hash, number| mix(hash, number.cast_unsigned()))
}

fn is_same(one: &UsageRow, other: &UsageRow) -> bool {
    let same = |a: Option<&str>, b: Option<&str>| match (a, b) {
        (Some(a), Some(b)) => a.len() == b.len() && (std::ptr::eq(a, b) || a == b),
        (None, None) => true,
        _ => false,
    };
    let pairs = texts(one).into_iter().zip(texts(other));
    numbers(one) == numbers(other) && { pairs }.all(|(a, b)| same(a, b))
}
