//! Commands of engines for workers, in the options of the pinned versions. It must not know a
//! manifest.

use crate::emit::worker::{Choice, Command, Given, Role, Workers, Written};

/// The port at which a worker, or the frontend, answers.
pub const PORT: &str = "8000";
/// The port at which the nodes of an SGLang worker find each other, behind the first one's address.
const MEETING: &str = ":20000";
/// The port at which SGLang's prefilling workers meet decoding ones.
const BOOTSTRAP: &str = "12345";
/// How vLLM hands a cache over, as Dynamo's own manifests say it.
const PRODUCER: &str = r#"{"kv_connector":"NixlConnector","kv_role":"kv_producer"}"#;

/// Makes the command of an engine by itself.
#[must_use]
pub fn plain(written: &Written<'_>, workers: &Workers) -> Command {
    let checkpoint = written.checkpoint.to_owned();
    if written.offer.engine == "sglang" {
        let mut options = sglang(written, workers);
        options.push(("--host", text("0.0.0.0")));
        options.push(("--port", text(PORT)));
        return command(&["python3", "-m", "sglang.launch_server"], options, workers);
    }
    let mut options = vllm(written, workers);
    options.push(("--port", text(PORT)));
    let mut command = command(&["vllm", "serve"], options, workers);
    command.words.push(checkpoint);
    command.followers = vec![("--headless", Given::Nothing)];
    command
}

/// Makes the command of a worker of Dynamo.
#[must_use]
pub fn dynamo(written: &Written<'_>, workers: &Workers) -> Command {
    let role = workers.role;
    let is_apart = role != Role::Together;
    let mode = || ("--disaggregation-mode", text(role.name()));
    if written.offer.engine == "sglang" {
        let mut options = sglang(written, workers);
        if is_apart {
            options.push(mode());
            options.push(("--disaggregation-transfer-backend", text("nixl")));
        }
        if role == Role::Prefill {
            options.push(("--disaggregation-bootstrap-port", text(BOOTSTRAP)));
        }
        return command(&["python3", "-m", "dynamo.sglang"], options, workers);
    }
    let mut options = vec![("--model", text(written.checkpoint))];
    options.extend(vllm(written, workers));
    if is_apart {
        options.push(mode());
    }
    if role == Role::Prefill {
        options.push(("--kv-transfer-config", text(PRODUCER)));
    }
    let mut command = command(&["python3", "-m", "dynamo.vllm"], options, workers);
    command.followers = vec![("--headless", Given::Nothing)];
    command
}

/// Makes the command of Dynamo's frontend, which routes by what caches hold.
#[must_use]
pub fn frontend() -> Command {
    Command {
        role: Role::Frontend,
        words: ["python3", "-m", "dynamo.frontend"]
            .map(str::to_owned)
            .to_vec(),
        options: vec![("--http-port", text(PORT)), ("--router-mode", text("kv"))],
        followers: Vec::new(),
        workers: None,
    }
}

fn command(words: &[&str], options: Vec<Choice>, workers: &Workers) -> Command {
    Command {
        role: workers.role,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        options,
        followers: Vec::new(),
        workers: Some(*workers),
    }
}

fn text(text: &str) -> Given {
    Given::Text(text.to_owned())
}

fn number(value: f64) -> Given {
    Given::Text(format!("{value:.0}"))
}

fn vllm(written: &Written<'_>, workers: &Workers) -> Vec<Choice> {
    let (layout, stages) = (workers.shape.layout, workers.shape.stages);
    let mut options = vec![("--tensor-parallel-size", number(layout.tensor))];
    if stages > 1.0 {
        options.push(("--pipeline-parallel-size", number(stages)));
    }
    if layout.data > 1.0 {
        options.push(("--data-parallel-size", number(layout.data)));
    }
    if layout.expert > 1.0 {
        options.push(("--enable-expert-parallel", Given::Nothing));
    }
    // The scheduler of each data-parallel rank counts its own sequences.
    let sequences = (workers.flight / layout.data).ceil().max(1.0);
    options.push(("--max-num-seqs", number(sequences)));
    options.push(("--max-model-len", number(written.longest)));
    options.push((
        "--gpu-memory-utilization",
        text(&written.usable.to_string()),
    ));
    if written.offer.precision != "bf16" {
        options.push(("--kv-cache-dtype", text("fp8")));
    }
    if workers.nodes > 1.0 {
        options.push(("--nnodes", number(workers.nodes)));
        options.push(("--node-rank", Given::Rank));
        options.push(("--master-addr", Given::Leader("")));
        if layout.data > 1.0 {
            options.push(("--data-parallel-address", Given::Leader("")));
        }
    }
    options
}

fn sglang(written: &Written<'_>, workers: &Workers) -> Vec<Choice> {
    let (layout, stages) = (workers.shape.layout, workers.shape.stages);
    // Its tensor parallelism counts all accelerators of a stage, those of other requests, too.
    let all = layout.accelerators();
    let mut options = vec![
        ("--model-path", text(written.checkpoint)),
        ("--tp-size", number(all)),
    ];
    if stages > 1.0 {
        options.push(("--pp-size", number(stages)));
    }
    if layout.data > 1.0 {
        options.push(("--attn-dp-size", number(layout.data)));
    }
    if layout.expert > 1.0 {
        options.push(("--ep-size", number(layout.expert)));
    }
    options.push((
        "--max-running-requests",
        number(workers.flight.ceil().max(1.0)),
    ));
    options.push(("--context-length", number(written.longest)));
    options.push(("--mem-fraction-static", text(&written.usable.to_string())));
    if written.offer.precision != "bf16" {
        options.push(("--kv-cache-dtype", text("fp8_e4m3")));
    }
    if workers.nodes > 1.0 {
        options.push(("--nnodes", number(workers.nodes)));
        options.push(("--node-rank", Given::Rank));
        options.push(("--dist-init-addr", Given::Leader(MEETING)));
    }
    options
}
