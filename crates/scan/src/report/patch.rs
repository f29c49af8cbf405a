//! The safe fixes as one patch that `git apply` takes. It must not make an edit of its own.

use crate::report::render::{RenderFault, Report, Written};
use crate::report::survey::Survey;

pub(super) const REPORT: Report = Report {
    name: "patch",
    about: "the safe fixes as a patch for `git apply`",
    written: Written::ToFile,
    render: |survey: &Survey| -> Result<String, RenderFault> { Ok(survey.patch.concat()) },
};
