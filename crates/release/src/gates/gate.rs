//! What a gate is. It must not know a particular one.

use domain::GateSpec;

use super::parameter::Parameter;
use crate::dossier::Dossier;
use crate::verdict::Verdict;

/// One criterion for entering a stage.
pub trait Gate: Sync {
    /// Names it as the configuration does.
    fn name(&self) -> &'static str;

    /// Describes it in a paragraph.
    fn about(&self) -> &'static str;

    /// Lists its parameters.
    fn parameters(&self) -> &'static [Parameter];

    /// Judges; the spec has been checked.
    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict;
}
