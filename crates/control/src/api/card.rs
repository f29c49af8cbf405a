//! The route of release cards. It must not know how a card is drawn.

use super::asked::Asked;
use super::releases::with_plan;
use crate::card::{self, Names};
use crate::control::Control;
use crate::reply::Reply;

pub(super) fn show(control: &Control, asked: &Asked<'_>) -> Reply {
    let declared = control.declared();
    with_plan(control, asked, |plan| {
        let names = Names::of(&declared.policy, &plan.name);
        match card::read(&control.store, &plan.name, &names, asked.now) {
            Ok(card) => Reply::ok(&card),
            Err(error) => Reply::broken(&error),
        }
    })
}
