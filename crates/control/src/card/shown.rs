//! What a release card shows, fact by fact, each with the ledger's entry that it stands in. It
//! must not know where the facts come from, nor how they are drawn.

use std::collections::BTreeMap;

use domain::{ModelDigest, PolicyDigest, ReleaseName, Stage, SuiteName, Timestamp};
use release::{Judgement, MoveKind, Number, Point};
use serde::{Deserialize, Serialize};

/// The form in which cards are written today.
pub const CARD_FORMAT: u32 = 1;
/// Says that a group is told by its teams.
pub(super) const TEAM: &str = "team";
/// Says that a group is told by its use cases.
pub(super) const USE_CASE: &str = "use case";

/// Holds a release's history and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The form that it is written in.
    pub format: u32,
    /// The release.
    pub release: ReleaseName,
    /// The tier, as declared when the card was made.
    pub tier: Option<String>,
    /// The candidate's name, as declared when the card was made.
    pub candidate: Option<String>,
    /// When the card was made.
    pub drawn_at: Timestamp,
    /// Whether callers, people and what they wrote are left out.
    pub is_public: bool,
    /// Where the release stands.
    pub standing: Standing,
    /// Every move, in order.
    pub moves: Vec<Fact<Moved>>,
    /// Every approval, in order.
    pub approvals: Vec<Fact<Approval>>,
    /// Every waiver, in order; they show for ever.
    pub waivers: Vec<Fact<Waiver>>,
    /// Every incident reported, in order.
    pub incidents: Vec<Fact<Incident>>,
    /// Every eval run taken in, in order.
    pub evidence: Vec<Fact<Run>>,
    /// Every erasure of evidence, in order; they show for ever.
    #[serde(default)]
    pub erasures: Vec<Fact<Erasure>>,
    /// Candidate and incumbent compared item by item.
    pub comparisons: Vec<Comparison>,
    /// The policies that the moves were made under.
    pub policies: Vec<Fact<Policy>>,
    /// The log that all of this stands in.
    pub log: Log,
}

/// Holds one fact, with its entry of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact<T> {
    /// Counts the entries before its own.
    pub index: u64,
    /// When the entry was written.
    pub at: Timestamp,
    /// The entry's hash in the tree, in base64.
    pub leaf: String,
    /// What leads from that hash to the checkpoint's root, in base64.
    pub proof: Vec<String>,
    /// Names the fields that are left out here and stand in the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// The fact itself.
    #[serde(flatten)]
    pub shown: T,
}

impl<T> Fact<T> {
    /// Shows something else of the same entry.
    pub(super) fn with<U>(&self, shown: U) -> Fact<U> {
        Fact {
            index: self.index,
            at: self.at,
            leaf: self.leaf.clone(),
            proof: self.proof.clone(),
            hidden: self.hidden.clone(),
            shown,
        }
    }
}

/// Names a person, or only the roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The roles, as declared when the card was made.
    pub roles: Vec<String>,
}

/// Says where the release stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The stage reached.
    pub stage: Stage,
    /// Percent of the admitted conversations.
    pub share: u8,
    /// The generation of the whole status.
    pub generation: u64,
    /// The candidate that this is about; none before the first move.
    pub digest: Option<ModelDigest>,
    /// When the stage was entered.
    pub since: Option<Timestamp>,
    /// What restricts it beside its stage.
    pub conditions: Vec<Restriction>,
}

/// Holds one condition in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restriction {
    /// Names it: `held`, `suspended`, `withdrawn` or `retired`.
    pub condition: String,
    /// The entry of the move that made it.
    pub index: Option<u64>,
    /// Who put it in force.
    pub by: By,
    /// Why.
    pub reason: Option<String>,
    /// Whom it takes the candidate away from, where it suspends.
    pub scope: Option<Group>,
    /// The outside order behind it, as its issuer names it.
    pub order: Option<String>,
    /// When it is to be looked at again, or takes effect.
    pub until: Option<Timestamp>,
    /// Groups within the scope that have the candidate back.
    pub restored: Vec<Group>,
}

/// Describes a group of callers: those who meet every condition; everybody without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What tells its callers: `team`, `use case`, else an attribute's name where it is shown.
    pub told_by: Vec<String>,
    /// The group in words, where it is shown.
    pub words: Option<String>,
}

/// Describes one move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The kind of move.
    pub kind: MoveKind,
    /// From where.
    pub from: Point,
    /// To where.
    pub to: Point,
    /// The generation of the status that it made.
    pub generation: u64,
    /// Whether it took effect; a stale move forward did not.
    pub took_effect: bool,
    /// Who asked for it.
    pub by: By,
    /// Why.
    pub reason: Option<String>,
    /// The candidate.
    pub digest: ModelDigest,
    /// The policy in force.
    pub policy: PolicyDigest,
    /// The plan's digest.
    pub plan: String,
    /// What each gate said.
    pub verdicts: Vec<Judged>,
    /// Who loses the candidate, or has it back.
    pub scope: Option<Group>,
    /// The outside order behind it, as its issuer names it.
    pub order: Option<String>,
    /// The number of the suspension that it undoes.
    pub suspension: Option<u64>,
    /// When it is to be looked at again, or takes effect.
    pub until: Option<Timestamp>,
}

/// Says what one gate said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The gate.
    pub gate: String,
    /// How it judged.
    pub verdict: Judgement,
    /// Why.
    pub reason: Option<String>,
    /// The numbers behind it.
    pub numbers: Vec<Number>,
    /// Who answers for it although it does not pass.
    pub waived: Option<Answered>,
}

/// Says who answers for a criterion that did not pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Who.
    pub by: By,
    /// Why.
    pub reason: Option<String>,
    /// Until when.
    pub until: Timestamp,
}

/// Describes one approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// The stage approved.
    pub stage: Stage,
    /// Who approved.
    pub by: By,
    /// The candidate approved.
    pub digest: ModelDigest,
    /// The plan approved.
    pub plan: String,
    /// Whether the release has gone back since, which voids it.
    pub is_void: bool,
}

/// Describes one waiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    /// The stage to be entered.
    pub stage: Stage,
    /// The gate.
    pub gate: String,
    /// The criterion, whole.
    pub criterion: Option<String>,
    /// Who answers for it.
    pub by: By,
    /// Why.
    pub reason: Option<String>,
    /// When it ends.
    pub until: Timestamp,
    /// The candidate.
    pub digest: ModelDigest,
    /// Whether the release has gone back since, which voids it.
    pub is_void: bool,
}

/// Describes one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// What happened.
    pub what: Option<String>,
    /// Who reported it.
    pub by: By,
    /// The candidate.
    pub digest: ModelDigest,
}

/// Describes one eval run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The evidence's id in the store.
    pub evidence: Option<String>,
    /// Which arm was asked, where the store still tells.
    pub arm: Option<String>,
    /// The suite.
    pub suite: SuiteName,
    /// SHA-256 of the suite's cases.
    pub suite_digest: String,
    /// The model that it is about.
    pub digest: ModelDigest,
    /// The how-manyeth attempt with this suite and model it is, from 1.
    pub attempt: u32,
    /// Who brought it.
    pub by: By,
    /// The commitment to what it holds, as the ledger has it; of older entries a plain SHA-256,
    /// which is not shown to everybody.
    pub rows: Option<String>,
    /// How many items it holds.
    pub items: usize,
    /// How many clusters they come in.
    pub clusters: usize,
    /// The mean score, and Wilson's interval of it over clusters at 95 %; none of a run that
    /// does not count.
    pub mean: Option<Estimate>,
    /// What spoils it as evidence, each reason once.
    pub spoilt: Vec<Spoilt>,
    /// The file that it was read out of, where another tool made the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    /// The entry that says that it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<u64>,
}

/// Says that what evidence held was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The entry of the evidence; none where the ledger never named it.
    pub of: Option<u64>,
    /// The evidence's id.
    pub evidence: Option<String>,
    /// Who had it erased.
    pub by: By,
    /// Why.
    pub reason: Option<String>,
}

/// Describes another tool's file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// SHA-256 of its bytes, where the store still tells.
    pub digest: Option<String>,
    /// The source that read it.
    pub source: String,
    /// The version of the tool that wrote it.
    pub tool_version: Option<String>,
    /// The scorer that counts.
    pub scorer: Option<String>,
    /// The share of what that scorer should find that it finds, where that was measured.
    pub sensitivity: Option<f64>,
    /// The share of what it should leave alone that it leaves alone.
    pub specificity: Option<f64>,
    /// How the requests ended that were accounted for under the run's key.
    pub requests: BTreeMap<String, u64>,
    /// What is odd about it, and does no harm.
    pub warnings: Vec<String>,
}

/// Holds an estimate with its interval at 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The interval's lower end.
    pub lower: f64,
    /// The interval's upper end.
    pub upper: f64,
}

/// Says what spoils some of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoilt {
    /// The reason.
    pub reason: Option<String>,
    /// How many items; none where it is the run as a whole.
    pub items: Option<usize>,
}

/// Compares the newest runs of both arms on one suite, item by item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The suite.
    pub suite: SuiteName,
    /// The entry of the candidate's run.
    pub candidate: u64,
    /// The entry of the incumbent's run.
    pub incumbent: u64,
    /// How many items both runs hold.
    pub items: usize,
    /// How many clusters they come in.
    pub clusters: usize,
    /// Candidate less incumbent; none where there is none to compute.
    pub difference: Option<Estimate>,
    /// Why there is none.
    pub why_not: Option<String>,
}

/// Names a policy that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its digest.
    pub policy: PolicyDigest,
}

/// Names the log, and what its key has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// The log's name.
    pub origin: String,
    /// The public key, as a verifier takes it.
    pub key: String,
    /// The checkpoint: a signed note of the tree's size and root.
    pub checkpoint: String,
    /// How many entries that tree has.
    pub entries: u64,
}
