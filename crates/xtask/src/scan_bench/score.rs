//! Counts how a scanner does by labels. It must not know where the labels come from.

use crate::scan_bench::located::Located;
use crate::truth::Label;

/// What a user can rely on, in percent.
const RECALL: usize = 95;
const TOLD_APART: usize = 50;
const FALSE: usize = 20;
const ROLES: usize = 85;

/// The columns of a row.
pub const HEADINGS: [&str; 5] = [
    "found",
    "left told apart",
    "reported in vain",
    "false of the whole",
    "roles right",
];

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
    /// Lines of the whole checkout at which the model of a fix commit is told, and those of them
    /// that should not be: left ones in another role, and such that do not name it.
    pub whole: Share,
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

    fn sum(&mut self, other: Self) {
        self.of += other.of;
        self.part += other.part;
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

    /// Counts what is told over the whole checkout of the models of its fix commit; labels are all
    /// lines that name them.
    pub fn add_whole(&mut self, labels: &[&Label], located: &Located) {
        for place in located.of_models(labels).unwrap_or_default() {
            let label = labels.iter().find(|label| place.is_of(label));
            let is_false = label.is_none_or(|label| {
                let is_right = place.role.as_deref() == Some(&label.role);
                label.is_changed == Some(false) && !is_right
            });
            self.whole.add(is_false.then_some(()));
        }
    }

    /// Adds another count to this one.
    pub fn sum(&mut self, other: &Self) {
        self.wanted.sum(other.wanted);
        self.left.sum(other.left);
        self.reported.sum(other.reported);
        self.roles.sum(other.roles);
        self.whole.sum(other.whole);
    }

    /// Tells whether every share that can be told is what a user can rely on.
    pub fn meets_the_bars(&self) -> bool {
        let at_least = |share: Share, bar| share.percent().is_none_or(|percent| percent >= bar);
        let at_most = |share: Share, bar| share.percent().is_none_or(|percent| percent <= bar);
        at_least(self.wanted, RECALL)
            && at_least(self.left, TOLD_APART)
            && at_least(self.roles, ROLES)
            && at_most(self.reported, FALSE)
            && at_most(self.whole, FALSE)
    }

    /// Shows it as the cells of a row, in the order of `HEADINGS`.
    pub fn cells(&self) -> [String; 5] {
        let shares = [
            self.wanted,
            self.left,
            self.reported,
            self.whole,
            self.roles,
        ];
        shares.map(Share::cell)
    }
}

#[cfg(test)]
mod tests;
