//! Counts how a scanner does by labels. It must not know where the labels come from.

use crate::scan_bench::located::Located;
use crate::truth::Label;

/// What a user can rely on, in percent.
const RECALL: usize = 95;
const TOLD_APART: usize = 50;
const FALSE: usize = 20;
const ROLES: usize = 85;

/// The columns of a row.
pub const HEADINGS: &str = "scanner             found               left told apart     \
                            reported in vain    roles right";

/// Counts lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Lines that have to be found, and those that are: of a fix commit the changed ones, else all
    /// that name a model.
    pub wanted: Share,
    /// Lines of a fix commit that were left, and those that are not reported or in the right role.
    pub left: Share,
    /// Lines that are reported, and those of them that should not be: left ones in another role,
    /// and such that name no model.
    pub reported: Share,
    /// Lines that are found, and those in the right role.
    pub roles: Share,
}

/// Counts a part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The whole.
    pub of: usize,
    /// The part.
    pub part: usize,
}

impl Share {
    fn add(&mut self, is_part: Option<()>) {
        self.of += 1;
        self.part += usize::from(is_part.is_some());
    }

    fn percent(self) -> Option<usize> {
        (self.of > 0).then(|| self.part * 100 / self.of)
    }

    fn cell(self) -> String {
        match self.percent() {
            Some(percent) => format!("{}/{} ({percent} %)", self.part, self.of),
            None => "–".to_owned(),
        }
    }
}

impl Score {
    /// Counts the labels of one repository.
    pub fn add(&mut self, labels: &[&Label], located: &Located) {
        for label in labels {
            let told = located.at(label);
            let is_found = (!told.is_empty()).then_some(());
            let is_right = told.contains(&Some(&*label.role)).then_some(());
            if label.role == "none" {
                if is_found.is_some() {
                    self.reported.add(Some(()));
                }
                continue;
            }
            let is_left = label.is_changed == Some(false);
            if is_left {
                self.left.add(if is_found.is_some() {
                    is_right
                } else {
                    Some(())
                });
            } else {
                self.wanted.add(is_found);
            }
            if is_found.is_some() {
                let is_in_vain = is_left && is_right.is_none();
                self.reported.add(is_in_vain.then_some(()));
                self.roles.add(is_right);
            }
        }
    }

    /// Tells whether every share that can be told is what a user can rely on.
    pub fn meets_the_bars(&self) -> bool {
        let at_least = |share: Share, bar| share.percent().is_none_or(|percent| percent >= bar);
        at_least(self.wanted, RECALL)
            && at_least(self.left, TOLD_APART)
            && at_least(self.roles, ROLES)
            && self
                .reported
                .percent()
                .is_none_or(|percent| percent <= FALSE)
    }

    /// Shows it as a row.
    pub fn row(&self, name: &str) -> String {
        let (wanted, left) = (self.wanted.cell(), self.left.cell());
        let (reported, roles) = (self.reported.cell(), self.roles.cell());
        format!("{name:20}{wanted:20}{left:20}{reported:20}{roles}")
    }
}

#[cfg(test)]
mod tests;
