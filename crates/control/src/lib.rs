//! A release: evidence in, next move out, ledger then status; and the admin API over it. It must
//! not know the request path.

mod api;
mod book;
pub mod card;
mod control;
mod erase;
mod error;
mod import;
mod intake;
mod kept;
mod logbook;
mod monitor;
mod observed;
mod operator;
mod payload;
mod reconcile;
mod record;
mod reply;
mod service;
mod unbrought;
mod waive;
mod watching;

pub use api::{Access, ROUTES, Route};
pub use book::BookFault;
pub use control::{Control, Declared, Hooks};
pub use erase::{Erased, UnknownEvidence};
pub use error::ControlError;
pub use import::{Import, ImportError, Imported, MOST_FILE_BYTES, Rates};
pub use intake::{ArmName, Brought, BroughtItem, IntakeError, Taken};
pub use kept::{Kept, UnfitEvidence, compare};
pub use monitor::{Accounting, Patience};
pub use operator::Operator;
pub use payload::Unfit;
pub use reconcile::{Carried, ErasedEvidence, Recorded, ReleaseView, Unrecorded};
pub use service::serve;
pub use unbrought::{NeverBrought, never_brought};

#[cfg(test)]
mod tests;
