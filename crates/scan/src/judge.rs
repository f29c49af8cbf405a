//! From the sites of one file to its findings: what breaks, when the model goes, and the edit that
//! mends it. It must not know how sites are found, nor read a clock.

use domain::{Date, Facts};

use crate::breaks::{Verdict, judge};
use crate::finding::{Finding, Fix, Retirement};
use crate::fingerprint::Fingerprints;
use crate::fix::{Case, Mend};
use crate::retirement::{replacement, retirement};
use crate::role::Role;
use crate::site::Site;
use crate::target::{Target, platform};

/// Holds what sites are judged by.
#[derive(Clone, Debug)]
pub struct Judge<'f> {
    /// What is known of models.
    pub facts: &'f Facts,
    /// The day from which days are counted.
    pub day: Date,
    /// Where the sites should go; none where they stay, and only what breaks today is told.
    pub target: Option<Target>,
    /// What fixes put in a name's place; none where none are wanted.
    pub mend: Option<Mend>,
}

impl Judge<'_> {
    /// Makes the findings of one file from its text and its sites. Owners are not told here.
    #[must_use]
    pub fn findings(&self, text: &str, sites: Vec<Site>) -> Vec<Finding> {
        let mut fingerprints = Fingerprints::default();
        let sites = sites.into_iter();
        let found = sites.map(|site| {
            let fingerprint = fingerprints.of(&site);
            let verdict = self.verdict(&site);
            let retirement = retirement(self.facts, &site.model, self.day);
            Finding {
                fingerprint,
                fix: self.fix(text, &site, &verdict),
                breaks: verdict.breaks,
                standing: verdict.standing,
                unknown: verdict.unknown,
                retirement: self.worth_telling(&site, retirement),
                owners: Vec::new(),
                site,
            }
        });
        found.collect()
    }

    /// Judges one site. What asks for no model breaks on none; code that tells models apart by
    /// their names does what nobody can say from here.
    fn verdict(&self, site: &Site) -> Verdict {
        if site.role == Role::AllowList {
            let unknown = self.target.iter().map(|target| {
                let id = &target.id;
                format!(
                    "the code tells models apart by their names; what it does with `{id}` has to \
                     be read"
                )
            });
            return Verdict {
                unknown: unknown.collect(),
                ..Verdict::default()
            };
        }
        if !site.role.is_live() {
            return Verdict::default();
        }
        let Some(target) = &self.target else {
            return judge(self.facts, site, None);
        };
        let place = self.place_of(site, target);
        let mut verdict = judge(self.facts, site, Some(&place));
        verdict.unknown.extend(self.elsewhere(site, &place));
        verdict
    }

    /// Gives the target where the site would ask for it: behind the gateway it is as it was given;
    /// a name alone leaves the site on its platform, if that serves the model.
    fn place_of(&self, site: &Site, target: &Target) -> Target {
        let own = platform(self.facts, &site.model);
        let stays = !matches!(self.mend, Some(Mend::Tier(_)));
        let there = own
            .filter(|_| stays)
            .and_then(|own| target.on(self.facts, own));
        there.unwrap_or_else(|| target.clone())
    }

    /// Says that a name alone does not lead to the target from where the site asks.
    fn elsewhere(&self, site: &Site, place: &Target) -> Option<String> {
        let own = platform(self.facts, &site.model)?;
        let through_gateway = matches!(self.mend, Some(Mend::Tier(_)));
        (own != place.platform && !through_gateway).then(|| {
            format!(
                "no row says that `{}` is served on {own}; it was judged as on {}, which takes \
                 another client",
                place.id, place.platform
            )
        })
    }

    /// Leaves out the retirement of a list that holds many names: it is that of one of them.
    fn worth_telling(&self, site: &Site, retirement: Option<Retirement>) -> Option<Retirement> {
        retirement.filter(|_| site.names == 1)
    }

    fn fix(&self, text: &str, site: &Site, verdict: &Verdict) -> Option<Fix> {
        let platform = platform(self.facts, &site.model);
        let case = |verdict: &Verdict, make: &dyn Fn(&Case<'_>) -> Option<Fix>| {
            make(&Case {
                facts: self.facts,
                text,
                site,
                platform,
                verdict,
            })
        };
        match (self.mend.as_ref()?, &self.target) {
            (Mend::Tier(tier), Some(_)) => case(verdict, &|case| case.to_tier(tier)),
            (Mend::Tier(tier), None) => {
                // The tier can serve what is named today: only what that refuses is in the way.
                let today = Verdict {
                    unknown: Vec::new(),
                    ..verdict.clone()
                };
                case(&today, &|case| case.to_tier(tier))
            }
            (Mend::Model, Some(target)) => {
                let place = self.place_of(site, target);
                case(verdict, &|case| case.to_model(&place))
            }
            (Mend::Model, None) => {
                let known = self.facts.known(platform?, &site.model.id)?;
                let place = replacement(self.facts, known, &site.model.id, self.day)?;
                let verdict = judge(self.facts, site, Some(&place));
                case(&verdict, &|case| case.to_model(&place))
            }
        }
    }
}

#[cfg(test)]
mod tests;
