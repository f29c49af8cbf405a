//! Holds the lease and what only its holder may change. It must not start a process.

use domain::{ModelDigest, ReleaseName, ReleaseStatus, Status};

use super::LeaseError;
use crate::config::Access;
use crate::error::StoreError;
use crate::scratch::{NOW, Scratch};
use crate::store::Store;

fn status(generation: u64) -> Status {
    let name = ReleaseName::new("mythos");
    let digest = ModelDigest("sha256:00".into());
    let sealed = ReleaseStatus::sealed(&name, digest, NOW);
    Status {
        generation,
        releases: [(name, sealed)].into(),
    }
}

#[test]
fn one_holds_the_lease_and_is_named() {
    let scratch = Scratch::new();
    let (first, second) = (scratch.open(), scratch.open());
    let lease = first.lease().expect("the lease");
    let refused = second.lease().expect_err("it is taken");
    let text = refused.to_string();
    let pid = std::process::id();
    assert!(text.contains(&format!("process {pid} holds")), "{text}");
    assert!(matches!(refused, LeaseError::Held { .. }));
    drop(lease);
    let next = second.lease().expect("it is free");
    assert_eq!(next.number(), 2);
    assert!(first.lease().is_err());
}

#[test]
fn a_reader_gets_no_lease() {
    let scratch = Scratch::new();
    drop(scratch.open());
    let reader = Store::open(scratch.config(), Access::Read).expect("a reader");
    let refused = reader.lease().expect_err("refused");
    assert!(matches!(
        refused,
        LeaseError::Number(StoreError::ReadOnly { .. })
    ));
}

#[test]
fn the_last_status_is_read_by_all() {
    let scratch = Scratch::new();
    let (writer, reader) = (scratch.open(), scratch.open());
    assert_eq!(reader.status().expect("a query"), None);
    assert_eq!(reader.status_generation().expect("a query"), None);
    let lease = writer.lease().expect("the lease");
    for generation in [1, 2] {
        writer
            .put_status(&lease, &status(generation))
            .expect("kept");
        assert_eq!(reader.status().expect("a query"), Some(status(generation)));
        assert_eq!(
            reader.status_generation().expect("a query"),
            Some(generation)
        );
    }
}

#[test]
fn an_overtaken_holder_publishes_nothing() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let lease = store.lease().expect("the lease");
    store.put_status(&lease, &status(1)).expect("kept");
    // Another machine's holder would take no lock here, but the next number.
    store.next_lease_number().expect("a later holder");
    let refused = store.put_status(&lease, &status(2));
    assert!(matches!(
        refused,
        Err(StoreError::LeaseLost {
            held: 1,
            current: 2,
            ..
        })
    ));
    assert_eq!(store.status().expect("a query"), Some(status(1)));
}
