//! Layouts as commands and manifests, letter by letter where it matters. It must not start an
//! engine.

use super::{EmitFault, Target, Written, commands, emit};
use crate::accelerators::Accelerators;
use crate::assumptions::Assumptions;
use crate::layouts::{Aim, Load, Offer, Pools, Question, Shape, Traffic, search};
use crate::models::Models;
use crate::precision::Precision;
use crate::serving::Estimator;

fn offer(model: &str, on: &str, engine: &str, (pools, only): (Pools, &str)) -> Offer {
    let models = Models::shipped().expect("models");
    let parts = Accelerators::shipped().expect("accelerators");
    let assumptions = Assumptions::shipped().expect("assumptions");
    let parts = [parts.find(on).expect(on)];
    let engines = [engine];
    let question = Question {
        model: models.find(model).expect(model),
        accelerators: &parts,
        engines: &engines,
        precisions: &[Precision::Fp8],
        pools,
        traffic: Traffic {
            input: 1024.0,
            output: 1024.0,
            cached: 0.0,
            load: Load::Flight(64.0),
        },
        aim: Aim::default(),
        only: (!only.is_empty()).then(|| Shape::read(only).expect(only)),
        assumptions: &assumptions,
    };
    let found = search(&question, &Estimator::shipped().expect("estimator"), 1).expect("a search");
    found.offers.into_iter().next().expect("a layout")
}

fn written(offer: &Offer) -> Written<'_> {
    Written {
        offer,
        checkpoint: "org/it's a model",
        resource: "nvidia.com/gpu",
        longest: 2048.0,
        usable: 0.9,
        node: 8.0,
        guessed: 0.0,
    }
}

#[test]
fn one_node_of_vllm_is_one_command() {
    // Two replicas fill the node, and share the 64 requests in flight.
    let offer = offer("Llama-3.1-70B", "H200", "vllm", (Pools::Together, "tp4"));
    let text = emit(&written(&offer), Target::Vllm).expect("a command");
    let command = text.split_once("\nvllm").expect("a command").1;
    assert_eq!(
        command,
        " serve 'org/it'\\''s a model' \\\n  --tensor-parallel-size 4 \\\n  \
         --max-num-seqs 32 \\\n  \
         --max-model-len 2048 \\\n  --gpu-memory-utilization 0.9 \\\n  --kv-cache-dtype fp8 \\\n  \
         --port 8000\n"
    );
}

#[test]
fn several_nodes_know_their_rank_and_the_first() {
    let offer = offer(
        "DeepSeek-V3",
        "H200",
        "vllm",
        (Pools::Together, "tp1,dp16,ep16"),
    );
    let text = emit(&written(&offer), Target::Vllm).expect("a command");
    assert!(
        text.contains("--nnodes 2 \\\n  --node-rank \"$RANK\""),
        "{text}"
    );
    assert_eq!(text.matches("--headless").count(), 1, "{text}");
    assert!(text.contains("--max-num-seqs 4 "), "{text}");
    let offer = self::offer(
        "DeepSeek-V3",
        "H200",
        "sglang",
        (Pools::Together, "tp1,dp16,ep16"),
    );
    let text = emit(&written(&offer), Target::Sglang).expect("a command");
    let degrees = "--tp-size 16 \\\n  --attn-dp-size 16 \\\n  --ep-size 16";
    assert!(text.contains(degrees), "{text}");
    assert!(
        text.contains("--dist-init-addr \"$LEADER\":20000"),
        "{text}"
    );
}

#[test]
fn pools_apart_have_a_frontend_and_two_kinds_of_workers() {
    let offer = offer("DeepSeek-V3", "GB200", "sglang", (Pools::Apart, ""));
    let mut written = written(&offer);
    written.node = 4.0;
    let found = commands(&written, Target::Dynamo).expect("commands");
    let roles: Vec<&str> = found.iter().map(|command| command.role.name()).collect();
    assert_eq!(roles, ["frontend", "prefill", "decode"]);
    let workers = found.iter().filter_map(|command| command.workers);
    let all: f64 = workers
        .map(|one| one.count * one.nodes * one.accelerators)
        .sum();
    assert_eq!(all, offer.accelerators);
    let fault = emit(&written, Target::Sglang).expect_err("needs a frontend");
    assert!(matches!(fault, EmitFault::Apart));
    let text = emit(&written, Target::Kubernetes).expect("manifests");
    assert_eq!(text.matches("kind: LeaderWorkerSet").count(), 3, "{text}");
    assert_eq!(text.matches("kind: Service").count(), 1, "{text}");
}

#[test]
fn a_layout_of_another_engine_is_refused() {
    let offer = offer("Llama-3.1-70B", "H200", "vllm", (Pools::Together, "tp4"));
    let said = emit(&written(&offer), Target::Sglang)
        .expect_err("another")
        .to_string();
    assert!(said.contains("--engine sglang"), "{said}");
    let offer = self::offer(
        "Llama-3.1-70B",
        "H200",
        "vllm",
        (Pools::Together, "tp4,pp4"),
    );
    let mut uneven = written(&offer);
    uneven.node = 6.0;
    let said = emit(&uneven, Target::Vllm).expect_err("uneven").to_string();
    assert!(said.contains("nodes of 6"), "{said}");
}

#[test]
fn manifests_start_as_many_groups_of_as_many_nodes() {
    let offer = offer(
        "DeepSeek-V3",
        "H200",
        "vllm",
        (Pools::Together, "tp1,dp16,ep16"),
    );
    let text = emit(&written(&offer), Target::Kubernetes).expect("manifests");
    assert!(
        text.contains(&format!("replicas: {:.0}\n", offer.units)),
        "{text}"
    );
    assert!(text.contains("size: 2\n"), "{text}");
    assert!(text.contains("\"nvidia.com/gpu\": \"8\""), "{text}");
    assert!(text.contains("name: \"m-it-s-a-model-serve\""), "{text}");
    assert!(text.contains("- \"org/it's a model\"\n"), "{text}");
    assert!(text.contains("- \"$(LWS_WORKER_INDEX)\"\n"), "{text}");
}
