//! Commands as LeaderWorkerSets and Services of Kubernetes. Every text is written as a JSON string,
//! which YAML reads as the same one. It must not know an engine's options.

use crate::emit::engines::PORT;
use crate::emit::pinned::Engines;
use crate::emit::worker::{Command, Place, Role, Written};

/// What Kubernetes puts in place of a node's rank and of the first node's address.
const RANK: &str = "$(LWS_WORKER_INDEX)";
const LEADER: &str = "$(LWS_LEADER_ADDRESS)";
/// Most letters of a name, so that what a cluster appends still fits.
const MOST_LETTERS: usize = 40;

/// Writes the manifests of commands.
#[must_use]
pub fn manifests(written: &Written<'_>, commands: &[Command], engines: &Engines) -> String {
    let is_dynamo = commands
        .iter()
        .any(|command| command.role == Role::Frontend);
    let runs = written.offer.engine.as_str();
    let image = engines.image(if is_dynamo { "dynamo" } else { runs }, runs);
    let parts = commands.iter().flat_map(|command| {
        let name = name(written.checkpoint, command.role);
        let set = set(written, command, (&name, &image));
        // Workers of Dynamo are found by its frontend; all others answer for themselves.
        let answers = matches!(command.role, Role::Together | Role::Frontend);
        let service =
            (answers && !(is_dynamo && command.role == Role::Together)).then(|| service(&name));
        std::iter::once(set).chain(service)
    });
    parts.collect::<Vec<_>>().join("---\n")
}

/// Makes a name that a cluster takes.
fn name(checkpoint: &str, role: Role) -> String {
    let last = checkpoint
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let letters = last
        .chars()
        .map(|letter| match letter.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => letter,
            _ => '-',
        });
    let plain: String = letters.take(MOST_LETTERS).collect();
    let plain = plain.trim_matches('-');
    let plain = if plain.is_empty() { "model" } else { plain };
    format!("m-{plain}-{}", role.name())
}

fn quoted(text: &str) -> String {
    // A text is always JSON.
    serde_json::to_string(text).unwrap_or_default()
}

fn set(written: &Written<'_>, command: &Command, (name, image): (&str, &str)) -> String {
    let workers = command.workers.as_ref();
    let (count, size) = workers.map_or((1.0, 1.0), |workers| (workers.count, workers.nodes));
    let mut text = format!(
        "apiVersion: leaderworkerset.x-k8s.io/v1\n\
         kind: LeaderWorkerSet\n\
         metadata:\n\
        \x20 name: {name}\n\
         spec:\n\
        \x20 replicas: {count:.0}\n\
        \x20 leaderWorkerTemplate:\n\
        \x20   size: {size:.0}\n\
        \x20   restartPolicy: RecreateGroupOnPodRestart\n",
        name = quoted(name),
    );
    if size > 1.0 {
        text.push_str("    leaderTemplate:\n");
        text.push_str(&pod(written, command, Place::Leader, image));
        text.push_str("    workerTemplate:\n");
        text.push_str(&pod(written, command, Place::Follower, image));
    } else {
        // A group of one node is its leader, which takes the workers' template.
        text.push_str("    workerTemplate:\n");
        text.push_str(&pod(written, command, Place::Leader, image));
    }
    text
}

fn pod(written: &Written<'_>, command: &Command, place: Place, image: &str) -> String {
    let mut text = format!(
        "      spec:\n\
        \x20       containers:\n\
        \x20         - name: engine\n\
        \x20           image: {}\n\
        \x20           command:\n",
        quoted(image)
    );
    for word in command.line(place, RANK, LEADER) {
        text.push_str(&format!("              - {}\n", quoted(&word)));
    }
    if let Some(workers) = &command.workers {
        text.push_str(&format!(
            "            resources:\n\
            \x20             limits:\n\
            \x20               {}: \"{:.0}\"\n\
            \x20           volumeMounts:\n\
            \x20             - name: shared\n\
            \x20               mountPath: /dev/shm\n\
            \x20       volumes:\n\
            \x20         - name: shared\n\
            \x20           emptyDir:\n\
            \x20             medium: Memory\n",
            quoted(written.resource),
            workers.accelerators
        ));
    }
    text
}

fn service(name: &str) -> String {
    let name = quoted(name);
    format!(
        "apiVersion: v1\n\
         kind: Service\n\
         metadata:\n\
        \x20 name: {name}\n\
         spec:\n\
        \x20 selector:\n\
        \x20   leaderworkerset.sigs.k8s.io/name: {name}\n\
        \x20   leaderworkerset.sigs.k8s.io/worker-index: \"0\"\n\
        \x20 ports:\n\
        \x20   - port: {PORT}\n\
        \x20     targetPort: {PORT}\n"
    )
}
