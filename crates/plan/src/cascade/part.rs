//! Some of the items of a file, and the chances that a way gives them: for items that the way was
//! learned from, each by rules that have not seen it, and for others. It must not measure.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::cascade::draws::Draws;
use crate::cascade::measure::ItemCost;
use crate::cascade::outcomes::{Item, When};
use crate::cascade::rule::{Groups, Rule, cross_fitted};
use crate::cascade::way::{self, Asked, Chances, Verifier};

/// Names a way of choosing, with the share that it sends to the strong tier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// By lot: this share of all items.
    Lot(f64),
    /// By the verifier: this share of the answers that it rejects.
    Verified(f64),
    /// By the rule: this share of all items.
    Ruled(f64),
    /// By somebody who knows who will be right: this share of what the strong tier alone gets
    /// right.
    Oracle(f64),
    /// By the verifier's verdicts on other items.
    VerifiedShuffled(f64),
    /// By a rule learned from, and applied to, the features of other items.
    RuledShuffled(f64),
}

impl Way {
    /// Names the family of ways that it belongs to.
    #[must_use]
    pub fn family(self) -> &'static str {
        match self {
            Self::Lot(_) => "lot",
            Self::Verified(_) => "verifier",
            Self::Ruled(_) => "rule",
            Self::Oracle(_) => "oracle",
            Self::VerifiedShuffled(_) => "verifier, shuffled",
            Self::RuledShuffled(_) => "rule, shuffled",
        }
    }

    /// Tells its share.
    #[must_use]
    pub fn share(self) -> f64 {
        match self {
            Self::Lot(share)
            | Self::Verified(share)
            | Self::Ruled(share)
            | Self::Oracle(share)
            | Self::VerifiedShuffled(share)
            | Self::RuledShuffled(share) => share,
        }
    }

    /// Tells whether it is a control that must not gain.
    #[must_use]
    pub fn is_control(self) -> bool {
        matches!(self, Self::VerifiedShuffled(_) | Self::RuledShuffled(_))
    }
}

impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = format!("{:.0} %", self.share() * 1e2);
        match self {
            Self::Lot(share) if *share <= 0.0 => write!(out, "cheap alone"),
            Self::Lot(share) if *share >= 1.0 => write!(out, "strong alone"),
            Self::Verified(_) | Self::VerifiedShuffled(_) => {
                write!(out, "{}, {percent} of rejected", self.family())
            }
            Self::Oracle(_) => write!(out, "oracle, {percent} of needed"),
            _ => write!(out, "{} {percent}", self.family()),
        }
    }
}

impl Serialize for Way {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// Holds what ways are made from, beside the items.
#[derive(Clone, Debug)]
pub struct Grounds {
    /// How well the verifier judges.
    pub verifier: Verifier,
    /// The groups that the rule goes by, and when they are known; none without a feature.
    pub groups: Option<(Groups, When)>,
    /// How many items of the overall gain are added to a group's own.
    pub prior: f64,
}

/// Holds some of the items, by lot.
#[derive(Clone, Debug)]
pub struct Part {
    /// Their places in the file.
    pub places: Vec<usize>,
    /// The items.
    pub items: Vec<Item>,
    /// What they cost, where that is known.
    pub costs: Option<Vec<ItemCost>>,
}

impl Part {
    /// Takes the items at some places.
    #[must_use]
    pub fn new(items: &[Item], costs: Option<&[ItemCost]>, places: &[usize]) -> Self {
        Self {
            places: places.to_vec(),
            items: places.iter().map(|place| items[*place]).collect(),
            costs: costs.map(|costs| places.iter().map(|place| costs[*place]).collect()),
        }
    }

    /// Gives the chances of a way for these items, as they are known: a rule decides each item
    /// without having seen it. None where the way needs what there is not.
    #[must_use]
    pub fn chances(
        &self,
        (all, way, grounds): (&[Item], Way, &Grounds),
        draws: &mut Draws,
    ) -> Option<Chances> {
        match way {
            Way::Ruled(share) => {
                let (groups, when) = grounds.groups.as_ref()?;
                Some(self.fitted(all, (groups, *when, share), grounds.prior))
            }
            Way::RuledShuffled(share) => {
                let (groups, when) = grounds.groups.as_ref()?;
                let groups = groups.shuffled(draws);
                Some(self.fitted(all, (&groups, *when, share), grounds.prior))
            }
            other => Some(self.direct((all, other), grounds, draws)),
        }
    }

    /// Gives the chances of a way for these items, as others taught it.
    #[must_use]
    pub fn chances_after(
        &self,
        known: &Self,
        (all, way, grounds): (&[Item], Way, &Grounds),
        draws: &mut Draws,
    ) -> Option<Chances> {
        let taught = |groups: &Groups, when: When, share: f64| {
            let ranked = Rule::learn(all, groups, &known.places, grounds.prior);
            let rule = ranked.at_share(share);
            let places = self.places.iter();
            Chances {
                strong: places.map(|place| rule.chance(groups, *place)).collect(),
                asked: asked(when),
                of_rule: 0.0,
            }
        };
        match way {
            Way::Ruled(share) => {
                let (groups, when) = grounds.groups.as_ref()?;
                Some(taught(groups, *when, share))
            }
            Way::RuledShuffled(share) => {
                let (groups, when) = grounds.groups.as_ref()?;
                Some(taught(&groups.shuffled(draws), *when, share))
            }
            other => Some(self.direct((all, other), grounds, draws)),
        }
    }

    fn fitted(&self, all: &[Item], rule: (&Groups, When, f64), prior: f64) -> Chances {
        let (groups, when, share) = rule;
        let (strong, of_rule) = cross_fitted(all, groups, (&self.places, share), prior);
        Chances {
            strong,
            asked: asked(when),
            of_rule,
        }
    }

    /// Gives the chances of a way that learns nothing.
    fn direct(&self, (all, way): (&[Item], Way), grounds: &Grounds, draws: &mut Draws) -> Chances {
        match way {
            Way::Verified(share) => way::verified(&self.items, grounds.verifier, share),
            Way::Oracle(share) => way::oracle(&self.items, share),
            Way::VerifiedShuffled(share) => {
                // Verdicts come from all of the file, so that how many there are says nothing of
                // these items.
                let own = way::verified(all, grounds.verifier, share);
                let last = all.len().saturating_sub(1);
                let mut drawn = || (draws.unit() * all.len() as f64) as usize;
                let strong = self.items.iter().map(|_| own.strong[drawn().min(last)]);
                Chances {
                    strong: strong.collect(),
                    ..own
                }
            }
            other => way::by_lot(&self.items, other.share()),
        }
    }
}

fn asked(when: When) -> Asked {
    match when {
        When::Before => Asked::One,
        When::After => Asked::CheapFirst,
    }
}
