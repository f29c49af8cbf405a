//! What is denied becomes a fault of the right class, with the answer inside.

use std::time::Duration;

use providers::{Class, Retry};

use super::fault;
use crate::chat::BadAsk;
use crate::engine::AskFault;
use crate::serve::Denied;

#[test]
fn every_denial_has_its_class() {
    let busy = AskFault::Busy {
        retry_after: Duration::from_secs(3),
    };
    let long = AskFault::PromptTooLong {
        tokens: Some(5),
        limit: 4,
    };
    let bad = BadAsk {
        field: Some("tools"),
        message: "no".to_owned(),
    };
    for (denied, class, status, retry) in [
        (Denied::Ask(busy), Class::Busy, 503, Retry::NextModel),
        (Denied::Ask(long), Class::Unfit, 400, Retry::Never),
        (Denied::Request(bad), Class::Unfit, 400, Retry::Never),
        (
            AskFault::UnknownModel("m".to_owned()).into(),
            Class::Engine,
            404,
            Retry::NextModel,
        ),
        (
            AskFault::Engine("e".to_owned()).into(),
            Class::Engine,
            500,
            Retry::NextModel,
        ),
    ] {
        let is_busy = class == Class::Busy;
        let fault = fault(denied);
        assert_eq!((fault.class, fault.retry), (class, retry));
        assert_eq!(fault.retry_after, is_busy.then_some(Duration::from_secs(3)));
        assert_eq!(fault.answer.unwrap().status.as_u16(), status);
    }
}
