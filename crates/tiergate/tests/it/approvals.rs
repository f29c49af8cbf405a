//! Who counts as a second person: people, not keys, and nobody beside a key that they issued. It
//! must not test evidence.

use crate::home::{Key, Operator};
use crate::patience::eventually;
use crate::rollout::{Rollout, verdict};

/// Issues an operator key to a person, with the key of another.
fn issued(story: &Rollout, by: &Operator, person: &str, name: &str) -> Operator {
    let create = ["key", "create", "--json", "--kind", "operator"];
    let create = [&create[..], &["--person", person, "--name", name]].concat();
    let shown = story.home.run_as(by, &create).is(0).json();
    let operator = story.home.keep(Key::read(&shown), name);
    eventually("the key stands in the ledger", || {
        let show = ["release", "show", "next"];
        (story.home.run_as(&operator, &show).code == 0).then_some(())
    });
    operator
}

/// Tells what the gate says of the approvals so far.
fn approvals(story: &Rollout) -> String {
    let refused = story.promote().is(1).json();
    let (word, reason) = verdict(&refused["gates"], "approval");
    assert_eq!(word, "inconclusive", "{refused}");
    reason.to_owned()
}

#[test]
fn who_issued_a_key_is_not_counted_beside_it() {
    let story = Rollout::start();
    story.evaluate();
    let [security_lead, ..] = &story.security_lead;
    let lent = issued(&story, security_lead, "product-lead", "lent");
    story.approve(&lent);
    assert!(approvals(&story).starts_with("1 of 2"));
    // The same hand again, under its own name.
    story.approve(security_lead);
    let told = approvals(&story);
    assert!(told.starts_with("1 of 2"), "{told}");
    assert!(told.contains("security-lead"), "{told}");
    assert_eq!(story.answers(&story.helper), "old");
}

#[test]
fn a_revoked_operator_key_commands_nothing() {
    let story = Rollout::start();
    let [first, second, _] = &story.security_lead;
    story.approve(first);
    story.home.run(&["key", "revoke", &first.key.id]).is(0);
    let approve = ["release", "approve", "next"];
    eventually("the revoked key is refused", || {
        (story.home.run_as(first, &approve).code == 2).then_some(())
    });
    // The person's other key still commands, and the ledger tells of the end of the first.
    story.approve(second);
    eventually("the revocation stands in the ledger", || {
        let entries = story.home.run(&["ledger", "show", "--json"]).is(0);
        let mut entries = entries.json_lines().into_iter();
        let ended = entries.find(|entry| entry["kind"] == "key.revoked")?;
        assert_eq!(ended["body"]["key"], first.key.id.as_str());
        Some(())
    });
}
