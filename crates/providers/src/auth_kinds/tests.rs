//! What holds for every kind of authorisation.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use super::AUTH_KINDS;
use crate::authorise::{AuthFault, AuthKind, Clock, Given, Holds, Takes};
use crate::secret::Secret;

fn kind(name: &str) -> &'static dyn AuthKind {
    *AUTH_KINDS.iter().find(|kind| kind.name() == name).unwrap()
}

fn clock() -> Clock {
    Arc::new(|| SystemTime::UNIX_EPOCH)
}

fn given(name: &str, text: &str) -> Given {
    let mut given = Given::default();
    given.secrets.insert(name.to_owned(), Secret::new(text));
    given
}

fn request() -> Request<Full<Bytes>> {
    Request::new(Full::default())
}

#[test]
fn names_are_unique_and_everything_is_described() {
    for (at, kind) in AUTH_KINDS.iter().enumerate() {
        assert!(!kind.about().is_empty());
        let same = AUTH_KINDS
            .iter()
            .filter(|other| other.name() == kind.name());
        assert_eq!(same.count(), 1, "{at}");
        if let Takes::Table(fields) = kind.takes() {
            assert!(fields.iter().any(|field| field.holds == Holds::Secret));
            assert!(fields.iter().all(|field| !field.about.is_empty()));
        }
    }
}

#[test]
fn nothing_can_be_made_of_nothing() {
    for kind in AUTH_KINDS {
        let made = kind.make(&Given::default(), &clock());
        assert!(
            matches!(made, Err(AuthFault::Missing(_))),
            "{}",
            kind.name()
        );
    }
}

#[test]
fn a_key_stands_in_its_header_and_changes_whole() {
    for (name, header, before) in [
        ("bearer", "authorization", "Bearer "),
        ("x_api_key", "x-api-key", ""),
        ("azure_key", "api-key", ""),
    ] {
        let auth = kind(name).make(&given(name, "one\n"), &clock()).unwrap();
        let shown = |request: &Request<Full<Bytes>>| {
            assert!(request.headers()[header].is_sensitive());
            request.headers()[header].to_str().unwrap().to_owned()
        };
        let mut first = request();
        auth.authorise(&mut first, b"").unwrap();
        assert_eq!(shown(&first), format!("{before}one"));
        assert_eq!(first.headers().len(), 1);
        assert!(auth.renew(&given(name, "a\nb")).is_err());
        auth.renew(&given(name, "two")).unwrap();
        let mut second = request();
        auth.authorise(&mut second, b"").unwrap();
        assert_eq!(shown(&second), format!("{before}two"));
    }
}

#[test]
fn what_is_given_is_not_shown() {
    let shown = format!("{:?}", given("bearer", "top-secret"));
    assert!(!shown.contains("top-secret"), "{shown}");
}
