//! Rows of each kind with hand-worked answers. They must not look at a measurement but to compare.

mod odd;

use serde_json::{Value, json};

use super::{Known, Predicted, predict, read};

fn known() -> Known {
    Known::shipped().expect("the facts that ship read")
}

fn one(row: Value) -> Predicted {
    let file = json!([row]).to_string();
    let rows = read(&file).expect("rows");
    predict(&rows, &known()).remove(0)
}

fn ask(kind: &str, model: &str, unit: &str, config: Value, observed: Value) -> Predicted {
    one(
        json!({ "id": "x", "kind": kind, "model": model, "unit": unit, "config": config,
        "observed": observed, "section": "400G" }),
    )
}

#[test]
fn formulas_give_the_published_numbers() {
    let dense = json!({ "seq_len": 4096 });
    let work = ask(
        "training",
        "DeepSeek-V3 671B/37B",
        "gflop_per_token",
        dense.clone(),
        json!(250),
    );
    assert!(work.error.is_some_and(|error| error < 0.02), "{work:?}");
    let work = ask(
        "training",
        "Llama-3.1 405B",
        "gflop_per_token",
        dense,
        json!(2448),
    );
    assert!(work.error.is_some_and(|error| error < 0.02), "{work:?}");
    let limit = ask(
        "inference",
        "DeepSeek-V3",
        "ms_tpot",
        json!({}),
        json!(14.76),
    );
    assert!(limit.error.is_some_and(|error| error < 0.03), "{limit:?}");
    let memory = json!({ "params": 7.5e9, "dp": 64, "stage": "stage2" });
    let states = ask(
        "memory",
        "7.5B dense",
        "GB_per_gpu_model_states",
        memory,
        json!(16.6),
    );
    assert!(states.error.is_some_and(|error| error < 0.01), "{states:?}");
    let all = ask(
        "memory",
        "DeepSeek-V3",
        "parameters incl. MTP",
        json!({}),
        json!(685e9),
    );
    assert!(all.error.is_some_and(|error| error < 0.01), "{all:?}");
}

#[test]
fn a_price_is_that_of_its_day_or_none() {
    let day = json!({ "as_of": "2026-11" });
    let found = ask(
        "price",
        "claude-opus-5",
        "usd",
        day.clone(),
        json!({ "input": 5, "output": 25 }),
    );
    assert_eq!(found.error, Some(0.0), "{found:?}");
    let found = ask("price", "capybara-1", "usd", day, json!({ "input": 5 }));
    assert!(
        found.predicted.is_null() && found.basis.contains("no price known"),
        "{found:?}"
    );
}

#[test]
fn what_is_not_known_is_said_and_not_guessed() {
    let run = json!({ "gpu": "H100" });
    let found = ask("training", "gpt-oss-120b", "gpu_hours", run, json!(2.1e6));
    assert!(
        found.predicted.is_null() && found.basis.contains("no `tokens`"),
        "{found:?}"
    );
    let sample = json!({ "model_path": "x/capybara", "system": "b200_sxm", "backend": "vllm" });
    let found = one(json!({ "id": "x", "config": sample }));
    assert!(
        found.predicted.is_null() && found.basis.contains("config.json"),
        "{found:?}"
    );
    let sample = json!({ "model_path": "Qwen/Qwen3-32B", "system": "abacus", "backend": "vllm" });
    let found = one(json!({ "id": "x", "config": sample }));
    assert!(found.basis.contains("no accelerator `abacus`"), "{found:?}");
}

#[test]
fn an_accepted_length_is_not_predicted_from_itself() {
    let row = |id: &str, depth: u32, observed: f64| {
        json!({ "id": id, "kind": "inference", "model": "m", "unit": "acceptance_length",
            "config": { "num_speculative_tokens": depth }, "observed": observed })
    };
    let ask = |observed: f64| {
        let file = json!([row("a", 2, 2.2), row("b", 4, observed), row("c", 6, 2.8)]).to_string();
        predict(&read(&file).expect("rows"), &known())[1]
            .predicted
            .as_f64()
    };
    assert_eq!(ask(2.5), ask(99.0));
    assert!(ask(2.5).is_some_and(|length| (length - 2.5).abs() < 1e-9));
}

#[test]
fn both_forms_of_a_sample_are_predicted_alike() {
    let config = json!({ "backend": "vllm", "model_path": "openai/gpt-oss-120b", "precision": "fp4",
        "system": "h100_sxm", "mode": "agg", "isl": 1024, "osl": 1024, "batch_size": 16,
        "tp_size": 2, "pp_size": 1, "moe_tp_size": 2, "moe_ep_size": 1, "attention_dp_size": 1 });
    let as_json = one(
        json!({ "id": "a_c16_b", "observed": 10.0, "observed_ttft_ms": 90.0,
        "config": config }),
    );
    let table = "id,backend,model_path,precision,system,mode,isl,osl,batch_size,tp_size,pp_size,\
                 moe_tp_size,moe_ep_size,attention_dp_size,silicon_ttft_ms,silicon_tpot_ms\n\
                 a_c16_b,vllm,openai/gpt-oss-120b,fp4,h100_sxm,agg,1024,1024,16,2,1,2,1,1,90,10\n";
    let as_table = predict(&read(table).expect("a table"), &known()).remove(0);
    assert_eq!(as_json, as_table);
    assert!(as_json.error.is_some() && as_json.first.is_some());
}

#[test]
fn a_file_that_holds_no_rows_says_so() {
    let said = |file: &str| read(file).expect_err(file).to_string();
    assert!(said("a,b\n1,2\n").contains("`id`"));
    assert!(said("[1, 2").contains("JSON"));
    assert!(said("").contains("`id`"));
}

#[test]
fn a_sample_that_lacks_a_field_is_answered_with_what_is_usual_and_says_so() {
    let full = json!({ "backend": "vllm", "model_path": "meta-llama/Llama-3.1-70B",
        "precision": "fp8",
        "system": "h100_sxm", "mode": "agg", "isl": 1024, "osl": 1024, "concurrency": 16,
        "tp_size": 2, "pp_size": 1, "moe_tp_size": 2, "moe_ep_size": 1, "attention_dp_size": 1 });
    let width = |row: &Predicted| {
        let [low, high] = row.interval.expect("an interval");
        (high - low) / row.predicted.as_f64().expect("a number")
    };
    let whole = one(json!({ "id": "a", "config": full }));
    for field in ["backend", "isl", "osl", "concurrency"] {
        let mut config = full.clone();
        config.as_object_mut().expect("an object").remove(field);
        let found = one(json!({ "id": "a", "config": config }));
        assert!(found.basis.contains("assumed"), "{field}: {}", found.basis);
        assert!(
            width(&found) > width(&whole),
            "{field}: what is assumed is less certain"
        );
    }
    for field in [
        "precision",
        "mode",
        "tp_size",
        "pp_size",
        "moe_tp_size",
        "attention_dp_size",
    ] {
        let mut config = full.clone();
        config.as_object_mut().expect("an object").remove(field);
        let found = one(json!({ "id": "a", "config": config }));
        assert!(found.predicted.is_number(), "{field}: {}", found.basis);
    }
    let mut config = full;
    config["precision"] = json!("int3");
    let found = one(json!({ "id": "a", "config": config }));
    assert!(found.basis.contains("`int3`"), "{}", found.basis);
}

#[test]
fn what_a_batch_would_hold_is_no_load_that_was_sent() {
    let ask = |load: &str| {
        let mut config = json!({ "backend": "vllm", "model_path": "meta-llama/Llama-3.1-70B",
            "precision": "fp8", "system": "h100_sxm", "mode": "agg", "isl": 1024, "osl": 1024,
            "tp_size": 2, "pp_size": 1 });
        config[load] = json!(16);
        one(json!({ "id": "a", "config": config }))
    };
    let (told, held) = (ask("concurrency"), ask("batch_size"));
    assert!(held.basis.contains("as batches hold"), "{}", held.basis);
    assert!(!told.basis.contains("assumed"), "{}", told.basis);
    assert_eq!(told.predicted, held.predicted);
    let within = |(narrow, wide): ([f64; 2], [f64; 2])| wide[0] < narrow[0] && narrow[1] <= wide[1];
    let steps = told.interval.zip(held.interval);
    assert!(steps.is_some_and(within), "{steps:?}");
    let first = |row: &Predicted| row.first.as_ref().map(|first| first.interval_ttft_ms);
    let firsts = first(&told).zip(first(&held));
    assert!(
        firsts.is_some_and(|(narrow, wide)| wide[1] > narrow[1]),
        "{firsts:?}"
    );
}

#[test]
fn requests_that_have_no_room_wait_and_come_out_at_the_rate_of_those_that_have() {
    let ask = |load: u32, unit: &str| {
        let config = json!({ "backend": "vllm", "model_path": "meta-llama/Llama-3.1-70B",
            "precision": "fp8", "system": "h200_sxm", "mode": "agg", "isl": 1024, "osl": 8192,
            "tp_size": 1, "concurrency": load });
        one(json!({ "id": "a", "config": config, "unit": unit, "observed": 1.0 }))
    };
    let value = |row: &Predicted| row.predicted.as_f64().expect("a number");
    let (few, many) = (ask(8, "ms_ttft"), ask(512, "ms_ttft"));
    assert!(!few.basis.contains("waiting"), "{}", few.basis);
    assert!(many.basis.contains("room for"), "{}", many.basis);
    // Twice as many in flight come no faster out of the same room.
    let rate = |load| value(&ask(load, "tokens_per_s"));
    assert!((rate(1024) / rate(512) - 1.0).abs() < 1e-9);
    assert!(rate(512) > rate(8));
    let [soon, late] = many.interval.expect("an interval");
    let after = value(&many);
    assert!(after > 50.0 * value(&few) && soon < after && after < late);
}

#[test]
fn a_point_that_was_fitted_is_predicted_without_it_and_another_with_all() {
    let ask = |isl: u32| {
        let config = json!({ "backend": "vllm", "model_path": "openai/gpt-oss-120b",
            "precision": "fp4", "system": "h100_sxm", "mode": "agg", "isl": isl, "osl": 1024,
            "batch_size": 16, "tp_size": 2, "moe_tp_size": 2, "attention_dp_size": 1 });
        one(json!({ "id": "a", "config": config })).basis
    };
    assert!(ask(1024).contains("without this point"), "{}", ask(1024));
    assert!(ask(1000).contains("of all rows"), "{}", ask(1000));
}

#[test]
fn hours_of_a_distilled_model_hold_its_teachers_forward_passes() {
    // Llama 3.2 model card, training table: 370,000 and 460,000 hours of H100.
    for (model, params, hours) in [
        ("Llama 3.2 1B", 1.23e9, 370_000.0),
        ("Llama 3.2 3B", 3.21e9, 460_000.0),
    ] {
        let config = json!({ "params": params, "tokens": 9e12, "gpu": "H100-80GB" });
        let found = ask("training", model, "gpu_hours", config, json!(hours));
        assert!(found.basis.contains("teachers"), "{found:?}");
        let ratio = found.predicted.as_f64().expect("hours") / hours;
        assert!((0.5..2.0).contains(&ratio), "{model}: {ratio}");
    }
    let config = json!({ "params": 8.03e9, "tokens": 15e12, "gpu": "H100-80GB" });
    let alone = ask("training", "Llama 3.1 8B", "gpu_hours", config, json!(1));
    assert!(!alone.basis.contains("teachers"), "{alone:?}");
}
