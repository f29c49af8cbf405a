//! One scenario: a script in an environment, against a gateway with a fake provider behind it, and
//! then a look at what that provider was sent. It must not know what any script holds.

use crate::bed::{Bed, Upstream};
use crate::python::{self, Script};
use crate::sent;

/// How many ways of leaving a stream the `cancel` scripts take.
const LEAVES: usize = 3;

/// Runs a script whose requests reach the provider.
pub fn answers(environment: &str, script: &str, upstream: Upstream) {
    run(environment, script, upstream, |_| {});
}

/// Runs a script whose requests reach the provider, then looks at what it was sent.
pub fn run(environment: &str, name: &str, upstream: Upstream, look: impl FnOnce(&Bed)) {
    with_script(environment, name, upstream, |bed, script| {
        script.run();
        sent::no_credential_of_the_caller(bed);
        look(bed);
    });
}

/// Runs a script all of whose requests the gateway refuses.
pub fn refused(environment: &str, name: &str, upstream: Upstream) {
    with_script(environment, name, upstream, |bed, script| {
        script.run();
        sent::nothing(bed);
    });
}

/// Runs a script that leaves its streams, and sees each time that the provider is left too.
pub fn leaves(environment: &str, name: &str, upstream: Upstream) {
    with_script(environment, name, upstream, |bed, script| {
        script.run_meeting("left", LEAVES, |count| bed.await_left(count));
    });
}

fn with_script(environment: &str, name: &str, upstream: Upstream, run: impl FnOnce(&Bed, &Script)) {
    let python = match python::interpreter(environment) {
        Ok(python) => python,
        Err(why) => return python::skip(&format!("{name} in {environment}"), &why),
    };
    let bed = Bed::start(upstream);
    let script = Script {
        python: &python,
        name,
        gateway: &bed.gateway,
        upstream: upstream.dialect(),
    };
    run(&bed, &script);
}
