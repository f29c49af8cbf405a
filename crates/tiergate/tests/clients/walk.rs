//! One scenario: a script in an environment, against a gateway with a fake provider behind it, and
//! then a look at what that provider was sent. It must not know what any script holds.

use crate::bed::{Bed, Upstream};
use crate::environment::{Environment, skip};
use crate::script::Script;
use crate::sent;

/// How many ways of leaving a stream the `cancel` scripts take.
const LEAVES: usize = 3;

/// Runs a script whose requests reach the provider.
pub fn answers(environment: &Environment, script: &str, upstream: Upstream) {
    run(environment, script, upstream, |_| {});
}

/// Runs a script whose requests reach the provider, then looks at what it was sent.
pub fn run(environment: &Environment, name: &str, upstream: Upstream, look: impl FnOnce(&Bed)) {
    with_script(environment, name, upstream, |bed, script| {
        script.run();
        sent::no_credential_of_the_caller(bed);
        look(bed);
    });
}

/// Runs a script all of whose requests the gateway refuses.
pub fn refused(environment: &Environment, name: &str, upstream: Upstream) {
    with_script(environment, name, upstream, |bed, script| {
        script.run();
        sent::nothing(bed);
    });
}

/// Runs a script that leaves its streams, and sees each time that the provider is left too.
pub fn leaves(environment: &Environment, name: &str, upstream: Upstream) {
    with_script(environment, name, upstream, |bed, script| {
        script.run_meeting("left", LEAVES, |count| bed.await_left(count));
    });
}

fn with_script(
    environment: &Environment,
    name: &str,
    upstream: Upstream,
    run: impl FnOnce(&Bed, Script),
) {
    let command = match environment.command(name) {
        Ok(command) => command,
        Err(why) => return skip(&format!("{name} in {}", environment.name), &why),
    };
    let bed = Bed::start(upstream);
    let script = Script {
        name,
        command,
        gateway: &bed.gateway,
        upstream: upstream.dialect(),
    };
    run(&bed, script);
}
