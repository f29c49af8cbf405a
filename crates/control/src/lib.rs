//! A release: evidence in, next move out, ledger then status; and the admin API over it. It must
//! not know the request path.

mod api;
mod book;
mod control;
mod intake;
mod operator;
mod reconcile;
mod record;
mod reply;
mod service;

pub use api::{Access, ROUTES, Route};
pub use book::BookFault;
pub use control::{Control, ControlError, Declared, Hooks};
pub use intake::{ArmName, Brought, BroughtItem, IntakeError, Taken};
pub use operator::Operator;
pub use reconcile::{Carried, ReleaseView};
pub use service::serve;
