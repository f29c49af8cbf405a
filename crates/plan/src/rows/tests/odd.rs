//! Files and rows as people write them: marks, other capitals, gaps, slips. Each row is answered or
//! says why not, and none spoils another.

use serde_json::{Value, json};

use super::{Predicted, known, one, predict, read};

fn sample(more: &Value) -> Value {
    let mut config = json!({ "backend": "vllm", "model_path": "meta-llama/Llama-3.1-70B",
        "precision": "fp8", "system": "h100_sxm", "mode": "agg", "isl": 1024, "osl": 1024,
        "batch_size": 16, "tp_size": 2, "pp_size": 1 });
    for (field, value) in more.as_object().into_iter().flatten() {
        config[field] = value.clone();
    }
    json!({ "id": "a", "kind": "inference", "config": config, "observed": 20.0 })
}

fn with(more: &Value) -> Predicted {
    one(sample(more))
}

fn value(of: &Predicted) -> f64 {
    of.predicted.as_f64().unwrap_or_else(|| panic!("{of:?}"))
}

fn width(of: &Predicted) -> f64 {
    let [low, high] = of.interval.unwrap_or_else(|| panic!("{of:?}"));
    assert!(
        0.0 < low && low <= value(of) && value(of) <= high && low < high,
        "{of:?}"
    );
    high / low
}

fn all(file: &str) -> Vec<Predicted> {
    predict(&read(file).expect(file), &known())
}

#[test]
fn a_row_that_does_not_read_spoils_no_other() {
    let good = sample(&json!({})).to_string();
    let files = [
        format!("[{good}, 7, {good}]"),
        format!("[{good}, {{\"id\": 1e999}}, {good}]"),
        format!("[{good}, {{\"id\": }}, {good}]"),
        format!("{good}\n{{\"id\"\n{good}\n").replace("{\"id\"\n", "{\"id\"}\n"),
        "id,model_path,system\na,Qwen/Qwen3-32B,h100\nb,Qwen/Qwen3-32B\nc,Qwen/Qwen3-32B,h100\n"
            .to_owned(),
    ];
    for file in files {
        let rows = all(&file);
        assert_eq!(rows.len(), 3, "{file}");
        let answered: Vec<bool> = rows.iter().map(|row| row.predicted.is_number()).collect();
        assert_eq!(answered, [true, false, true], "{file}");
        assert!(
            !rows[1].id.is_empty() && !rows[1].basis.is_empty(),
            "{:?}",
            rows[1]
        );
    }
}

#[test]
fn rows_are_read_in_every_form_in_which_they_are_kept() {
    let good = sample(&json!({ "silicon_ttft_ms": 5 })).to_string();
    let cells = "a,vllm,meta-llama/Llama-3.1-70B,fp8,h100_sxm,agg,1024,1024,16,2";
    let head = "ID,Backend,model_path,precision,system,mode,isl,osl,batch_size,tp_size";
    let expected = all(&format!("[{good}]"))[0].predicted.clone();
    assert!(expected.is_number());
    for file in [
        format!("\u{feff}[{good}]"),
        format!("{{\"rows\": [{good}]}}"),
        good.clone(),
        format!("{good}\n\n{good}\n"),
        format!("[{good}]").replace("\"silicon_ttft_ms\":5", "\"silicon_ttft_ms\":NaN"),
        format!("\u{feff}{head}\r\n{cells}\r\n"),
        format!("{head}\n{cells}\n").replace(',', ";"),
        format!("{head}\n{cells}\n").replace(',', "\t"),
        format!("{head}\n{cells}\n").replace(',', " , "),
    ] {
        assert_eq!(all(&file)[0].predicted, expected, "{file}");
    }
}

#[test]
fn names_are_found_in_any_case_and_spelling() {
    let same = |more: Value, less: Value| {
        let (more, less) = (with(&more), with(&less));
        assert_eq!(
            more.predicted, less.predicted,
            "{} against {}",
            more.basis, less.basis
        );
    };
    for engine in ["VLLM", "vLLM", " vllm "] {
        same(json!({ "backend": engine }), json!({}));
    }
    for engine in ["TRTLLM", "TensorRT-LLM", "tensorrt_llm", "TRT-LLM"] {
        same(json!({ "backend": engine }), json!({ "backend": "trtllm" }));
    }
    same(
        json!({ "backend": "SGLang" }),
        json!({ "backend": "sglang" }),
    );
    for mode in ["DISAGG", "Disagg", "disaggregated"] {
        same(json!({ "mode": mode }), json!({ "mode": "disagg" }));
    }
    for system in [
        "H100",
        "H100_SXM",
        "NVIDIA-H100-80GB-HBM3",
        "nvidia h100 80gb hbm3",
    ] {
        same(json!({ "system": system }), json!({}));
    }
    for (said, kind) in [("W8A8", "fp8"), ("awq", "fp4"), ("NVFP4", "fp4")] {
        same(json!({ "precision": said }), json!({ "precision": kind }));
    }
    let unknown = with(&json!({ "backend": "lmdeploy" }));
    assert!(unknown.basis.contains("lmdeploy"), "{unknown:?}");
}

#[test]
fn an_accelerator_is_not_taken_for_another_whose_name_it_begins_with() {
    for system in ["l40", "h100_nvl", "h20", "b2000", "a1000"] {
        let row = with(&json!({ "system": system }));
        assert!(
            row.predicted.is_null() && row.basis.contains(system),
            "{row:?}"
        );
    }
}

#[test]
fn pipeline_stages_are_counted_and_widen_the_interval() {
    let (one, two) = (with(&json!({})), with(&json!({ "pp_size": 2 })));
    // A step still passes all layers; half of the batch shares it.
    assert!(
        value(&two) != value(&one) && width(&two) > 1.5 * width(&one),
        "{two:?}"
    );
    assert!(two.basis.contains("2 pipeline stages"), "{two:?}");
    // Twice the requests in two stages are the same batch in each, 0.85 of its time at work, and a
    // hop of 20 µs and 16 · 8192 values of two bytes.
    let both = with(&json!({ "pp_size": 2, "batch_size": 32 }));
    let expected = value(&one) / 0.85 + 0.02 + 16.0 * 8192.0 * 2.0 / 450e9 * 1e3;
    assert!(
        (value(&both) / expected - 1.0).abs() < 1e-9,
        "{both:?} {expected}"
    );
    let text = with(&json!({ "pp_size": "2" }));
    assert_eq!(text.predicted, two.predicted);
    let many = with(&json!({ "pp_size": 100 }));
    assert!(
        many.predicted.is_null() && many.basis.contains("80 layers"),
        "{many:?}"
    );
}

#[test]
fn loads_beyond_what_was_measured_are_known_less_well_and_told() {
    let near = with(&json!({}));
    for far in [
        json!({ "isl": 1_000_000 }),
        json!({ "osl": 1 }),
        json!({ "batch_size": 131_072 }),
        json!({ "isl": 1 }),
    ] {
        let row = with(&far);
        assert!(width(&row) > 1.5 * width(&near), "{row:?}");
        assert!(row.basis.contains("beyond"), "{row:?}");
    }
    for size in [json!(1e18), json!(1e300), json!("1e300")] {
        for field in ["isl", "osl", "batch_size", "tp_size"] {
            let row = with(&json!({ field: size }));
            assert!(
                row.predicted.is_null() && row.basis.contains(field),
                "{row:?}"
            );
        }
    }
}

#[test]
fn what_is_no_number_is_told_and_not_taken_in_silence() {
    for field in ["tp_size", "isl", "moe_ep_size", "pp_size"] {
        for said in [
            json!("abc"),
            json!("1,024"),
            json!([1]),
            json!(-1),
            json!(true),
        ] {
            let row = with(&json!({ field: said }));
            assert!(row.predicted.is_number(), "{row:?}");
            assert!(row.basis.contains(field), "{field} {said}: {}", row.basis);
        }
    }
    let row = with(&json!({ "precision": 8 }));
    assert!(row.basis.contains("for `8`"), "{}", row.basis);
}

#[test]
fn what_was_not_measured_has_no_error() {
    let ask = |observed: Value| {
        let mut row = sample(&json!({}));
        row["observed"] = observed.clone();
        row["observed_ttft_ms"] = observed;
        one(row)
    };
    for nothing in [
        json!(null),
        json!(0),
        json!(-1),
        json!(""),
        json!("-"),
        json!({}),
    ] {
        let row = ask(nothing.clone());
        assert!(row.predicted.is_number(), "{nothing}: {row:?}");
        assert_eq!(
            (row.error, row.first.expect("first").error_ttft),
            (None, None),
            "{nothing}"
        );
    }
    assert!(ask(json!("20")).error.is_some_and(|error| error < 0.1));
    let text = one(
        json!({ "id": "x", "kind": "memory", "model": "m", "unit": "bytes",
        "config": {}, "observed": "" }),
    );
    assert_eq!(text.error, None, "{text:?}");
}

#[test]
fn a_row_is_answered_in_its_own_unit() {
    let ask = |unit: &str, observed: f64| {
        let mut row = sample(&json!({ "tp_size": 4 }));
        row["unit"] = json!(unit);
        row["observed"] = json!(observed);
        one(row)
    };
    let ms = ask("ms_tpot", 10.0);
    let step = value(&ms);
    let near = |one: f64, two: f64| assert!((one / two - 1.0).abs() < 1e-9, "{one} {two}");
    near(value(&ask("s_tpot", 0.01)), step / 1e3);
    near(value(&ask("us_tpot", 1e4)), step * 1e3);
    near(
        ask("s_tpot", 0.01).error.expect("an error"),
        ms.error.expect("an error"),
    );
    let first = ms.first.as_ref().expect("first").predicted_ttft_ms;
    near(value(&ask("ms_ttft", 100.0)), first);
    near(value(&ask("tokens_per_s_per_user", 100.0)), 1e3 / step);
    let round = (first + 1023.0 * step) / 1e3;
    near(value(&ask("tokens_per_s", 1e3)), 16.0 * 1024.0 / round);
    let each = ask("output_tokens_per_s_per_gpu", 1e3);
    near(value(&each), 4.0 * 1024.0 / round);
    assert!(width(&each) > 1.0);
    let other = ask("furlongs", 3.0);
    assert!(
        other.error.is_none() && other.basis.contains("furlongs"),
        "{other:?}"
    );
}

#[test]
fn a_row_without_its_model_or_unit_says_which_is_missing() {
    let ask = |row: Value| {
        let row = one(row);
        assert!(row.predicted.is_null(), "{row:?}");
        row.basis
    };
    let kinds = ["inference", "training", "memory", "price"];
    for kind in kinds {
        let unit = if kind == "training" {
            "s_per_step"
        } else {
            "tokens_per_s"
        };
        let said = ask(json!({ "id": "x", "kind": kind, "unit": unit,
            "config": { "gpu": "H100", "gpus": 8 } }));
        assert!(said.contains("names no model"), "{kind}: {said}");
    }
    let said = ask(json!({ "id": "x", "kind": "memory", "model": "DeepSeek-V3", "config": {} }));
    assert!(said.contains("counted in ``"), "{said}");
    // What names its model outside of the columns is a sample all the same.
    let mut row = sample(&json!({}));
    let config = row["config"].as_object_mut().expect("an object");
    let model = config.remove("model_path").expect("a model");
    row["model"] = model;
    assert_eq!(one(row).predicted, with(&json!({})).predicted);
}

#[test]
fn numbers_that_nothing_has_are_refused() {
    let ask = |config: Value| {
        one(json!({ "id": 7, "kind": "Training", "model": "x", "unit": "flop", "config": config }))
    };
    let row = ask(json!({ "params": 7e9, "tokens": 2e12 }));
    assert_eq!((row.id.as_str(), value(&row)), ("7", 6.0 * 7e9 * 2e12));
    for config in [
        json!({ "params": -7e9, "tokens": -2e12 }),
        json!({ "params": 7e9, "tokens": 1e300 }),
        json!({ "params": 0, "tokens": 2e12 }),
    ] {
        let row = ask(config);
        assert!(row.predicted.is_null() && row.interval.is_none(), "{row:?}");
        assert!(row.basis.contains("correct"), "{row:?}");
    }
}

#[test]
fn an_accepted_length_is_answered_where_no_other_was_measured() {
    let row = |id: &str, depth: u32, observed: Value| {
        json!({ "id": id, "kind": "inference", "model": "m", "unit": "acceptance_length",
            "config": { "num_speculative_tokens": depth }, "observed": observed })
    };
    for blank in [json!(null), json!(0), json!(""), json!(-3)] {
        let file = json!([row("a", 2, blank.clone()), row("b", 4, blank)]).to_string();
        // 0.7 of guesses kept: 1 + 0.7 + 0.49, and two more.
        let found: Vec<f64> = all(&file).iter().map(value).collect();
        let near = |one: f64, two: f64| (one - two).abs() < 1e-9;
        assert!(near(found[0], 2.19) && near(found[1], 2.7731), "{found:?}");
        assert!(all(&file).iter().all(|row| width(row) > 1.3));
    }
    // Two measurements of one depth count as their mean.
    let file = json!([
        row("a", 2, json!(2.0)),
        row("b", 2, json!(3.0)),
        row("c", 4, json!(3.5)),
        row("d", 3, json!(null))
    ]);
    let found = value(&all(&file.to_string())[3]);
    assert!((found - 3.0).abs() < 1e-9, "{found}");
}
