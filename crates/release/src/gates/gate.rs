//! What a gate is. It must not know a particular one.

use domain::GateSpec;

use super::parameter::{Parameter, SpecFault};
use crate::dossier::Dossier;
use crate::verdict::Verdict;

/// One criterion for entering a stage, or for staying in it.
pub trait Gate: Sync {
    /// Names it as the configuration does.
    fn name(&self) -> &'static str;

    /// Describes it in a paragraph.
    fn about(&self) -> &'static str;

    /// Lists its parameters.
    fn parameters(&self) -> &'static [Parameter];

    /// Checks what its parameters say together; each by itself has been checked.
    ///
    /// # Errors
    /// Says what does not fit together, and how to mend it.
    fn check(&self, spec: &GateSpec) -> Result<(), SpecFault> {
        let _ = spec;
        Ok(())
    }

    /// Tells what a failure does to a release that is in the stage; none where the gate is no
    /// criterion for staying: it asks for evidence that no look at the traffic brings.
    fn acts(&self) -> Option<Acts> {
        None
    }

    /// Judges; the spec has been checked.
    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict;
}

/// Says what the failure of a criterion for staying does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acts {
    /// The candidate is taken out.
    RollBack,
    /// Nothing goes forward until a person has looked.
    Hold,
}
