//! What a ledger's moves make of a release, folded anew from what its entries say, and which of
//! these statuses could be in force at a given time. It must not use the gateway's own fold, of
//! which it is the check.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Deserialize;
use serde_json::Value;

/// A caller, as far as admission looks at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) team: Option<&'static str>,
    pub(crate) use_case: Option<&'static str>,
    pub(crate) region: Option<&'static str>,
    /// Holds an evaluation key of the release, and asks for its arm.
    pub(crate) is_evaluator: bool,
}

/// A group of callers: those who meet every given condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Scope {
    #[serde(default)]
    teams: Vec<String>,
    #[serde(default)]
    use_cases: Vec<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

/// A suspension in force.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Suspension {
    pub(crate) number: u64,
    pub(crate) scope: Scope,
    #[serde(default)]
    restored: Vec<Scope>,
}

/// Where the release stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) stage: String,
    pub(crate) share: u64,
    pub(crate) is_held: bool,
    pub(crate) suspensions: Vec<Suspension>,
}

/// One generation of the status: what it says, and when it came into force.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) standing: Standing,
    /// When its move was commanded: it was not in force before.
    pub(crate) sent: Instant,
    /// When its move was acknowledged, or seen after a restart: it was in force from then on.
    pub(crate) known: Instant,
}

/// Every generation of one life of a release, in order.
#[derive(Clone, Debug)]
pub(crate) struct History {
    steps: Vec<Step>,
}

impl Scope {
    /// Tells whether it is everybody.
    pub(crate) fn is_everybody(&self) -> bool {
        *self == Self::default()
    }

    /// Tells whether a caller is in the group; `unknown` is what counts where the caller has no
    /// team or no such attribute.
    fn fits(&self, who: &Kind, unknown: bool) -> bool {
        let in_list = |list: &[String], own: Option<&str>| match own {
            _ if list.is_empty() => true,
            Some(own) => list.iter().any(|one| one == own),
            None => unknown,
        };
        let has = |(name, value): (&String, &String)| {
            assert_eq!(name, "region", "the only attribute here");
            who.region.map_or(unknown, |own| own == value)
        };
        in_list(&self.teams, who.team)
            && in_list(&self.use_cases, who.use_case)
            && self.attributes.iter().all(has)
    }
}

impl Suspension {
    fn cuts(&self, who: &Kind) -> bool {
        self.scope.fits(who, true) && !self.restored.iter().any(|group| group.fits(who, false))
    }
}

impl Standing {
    /// Is where every release begins.
    pub(crate) fn sealed() -> Self {
        Self {
            stage: "sealed".to_owned(),
            share: 0,
            is_held: false,
            suspensions: Vec::new(),
        }
    }

    /// Reads what the gateway shows of it.
    pub(crate) fn shown(release: &Value) -> Self {
        let conditions = release["conditions"].as_array().unwrap();
        let of_kind = |kind: &'static str| {
            let conditions = conditions.iter();
            conditions.filter(move |one| one["condition"] == kind)
        };
        Self {
            stage: release["stage"].as_str().unwrap().to_owned(),
            share: release["share"].as_u64().unwrap(),
            is_held: of_kind("held").count() > 0,
            suspensions: of_kind("suspended")
                .map(|one| Suspension::deserialize(one).unwrap())
                .collect(),
        }
    }

    /// Computes where it stands after a move, as the ledger holds it.
    pub(crate) fn after(&self, made: &Value) -> Self {
        let mut next = self.clone();
        match made["kind"].as_str().unwrap() {
            "promote" | "roll_back" => {
                made["to"]["stage"]
                    .as_str()
                    .unwrap()
                    .clone_into(&mut next.stage);
                next.share = made["to"]["share"].as_u64().unwrap();
            }
            "hold" => next.is_held = true,
            "resume" => next.is_held = false,
            "suspend" => next.suspensions.push(Suspension {
                number: generation(made),
                scope: Scope::deserialize(&made["suspend"]["scope"]).unwrap(),
                restored: Vec::new(),
            }),
            "restore" => next.restore(&made["restore"]),
            other => panic!("no move of the soak: {other}"),
        }
        next
    }

    fn restore(&mut self, asked: &Value) {
        let number = asked["suspension"].as_u64().unwrap();
        let Some(group) = asked.get("group") else {
            self.suspensions.retain(|one| one.number != number);
            return;
        };
        let group = Scope::deserialize(group).unwrap();
        for one in &mut self.suspensions {
            if one.number == number {
                one.restored.push(group.clone());
            }
        }
    }

    /// Tells whether a suspension takes the candidate away from a caller.
    pub(crate) fn cuts(&self, who: &Kind) -> bool {
        self.suspensions.iter().any(|one| match who.is_evaluator {
            true => one.scope.is_everybody(),
            false => one.cuts(who),
        })
    }

    /// Tells whether this status gives a caller's conversation the candidate.
    pub(crate) fn gives(&self, who: &Kind, conversation: &str) -> bool {
        if who.is_evaluator {
            return !self.cuts(who);
        }
        let Some(use_case) = who.use_case else {
            return false;
        };
        // As the configuration of the soak declares the two stages.
        let is_admitted = match self.stage.as_str() {
            "early_access" => use_case == "code-help" && who.team == Some("blue"),
            "general" => true,
            _ => false,
        };
        is_admitted && bucket(conversation) < self.share * 100 && !self.cuts(who)
    }
}

/// Tells the generation that a move made.
pub(crate) fn generation(made: &Value) -> u64 {
    made["planned_from"].as_u64().unwrap() + 1
}

/// Computes a conversation's bucket under the release's name, as GrowthBook publishes it (version
/// 2 of its hash): written again here, so that a changed hash shows as conversations that moved.
fn bucket(conversation: &str) -> u64 {
    let fnv = |text: &str| {
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
    };
    u64::from(fnv(&fnv(&format!("next{conversation}")).to_string())) % 10_000
}

impl History {
    /// Begins with a sealed release.
    pub(crate) fn begin(at: Instant) -> Self {
        let first = Step {
            standing: Standing::sealed(),
            sent: at,
            known: at,
        };
        Self { steps: vec![first] }
    }

    /// Tells the newest generation.
    pub(crate) fn generation(&self) -> u64 {
        u64::try_from(self.steps.len()).unwrap() - 1
    }

    /// Shows the newest generation.
    pub(crate) fn last(&self) -> &Step {
        self.steps.last().unwrap()
    }

    /// Shows where the release stands last.
    pub(crate) fn standing(&self) -> &Standing {
        &self.last().standing
    }

    /// Adds the move that leads to the next generation, commanded and known at these times.
    pub(crate) fn add(&mut self, made: &Value, (sent, known): (Instant, Instant)) {
        assert_eq!(generation(made), self.generation() + 1, "{made}");
        let standing = self.standing().after(made);
        self.steps.push(Step {
            standing,
            sent,
            known,
        });
    }

    /// Lists the statuses of which one was in force when a request that was sent at one time and
    /// has reached a model at another was decided: from the last that was acknowledged before it
    /// was sent, to the last that was commanded before it was seen.
    pub(crate) fn between(&self, sent: Instant, seen: Instant) -> &[Step] {
        let oldest = self.steps.partition_point(|step| step.known <= sent);
        let newest = self.steps.partition_point(|step| step.sent <= seen);
        let oldest = oldest.saturating_sub(1);
        &self.steps[oldest..newest.max(oldest + 1)]
    }
}
