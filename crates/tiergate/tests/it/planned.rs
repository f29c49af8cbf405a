//! `plan serve` and `plan train` as a user meets them: answers, exit codes, and what is said where
//! there is no answer. It must not test the arithmetic.

use std::fs;

use serde_json::{Value, json};

use crate::home::{Ended, Home};
use crate::page;

fn run(arguments: &[&str]) -> Ended {
    Home::empty().run(&[&["plan"], arguments].concat())
}

fn could_not(arguments: &[&str], what: &str) {
    let ended = run(arguments).is(2);
    assert!(ended.err.contains(what), "{what}: {}", ended.err);
    assert_eq!(ended.out, "", "{what}");
}

#[test]
fn what_cannot_be_asked_says_what_can() {
    could_not(&["serve"], "name a config.json");
    could_not(&["serve", "Llama-99"], "DeepSeek-V3");
    could_not(&["serve", "--sketch", "large"], "no part of a sketch");
    could_not(&["serve", "DeepSeek-V3", "--on", "z9"], "GB300");
    could_not(&["serve", "DeepSeek-V3", "--on", "tpu v4"], "gpu_hour");
    could_not(
        &["serve", "DeepSeek-V3", "--layout", "tp3"],
        "tp1, tp2, tp4",
    );
    could_not(
        &["serve", "DeepSeek-V3", "--set", "lazy=1"],
        "usable_memory",
    );
    could_not(
        &["serve", "DeepSeek-V3", "--set", "kept=3"],
        "cannot yield 3",
    );
    could_not(&["serve", "DeepSeek-V3", "--concurrency", "0.5"], "--rate");
    could_not(&["serve", "DeepSeek-V3", "--ttft", "soon"], "no number");
    could_not(
        &["serve", "gpt-oss-120b", "--precision", "bf16"],
        "fp4 alone",
    );
    could_not(
        &["serve", "DeepSeek-V3", "--layout", "tp8,tp4"],
        "is no layout",
    );
    could_not(&["serve", "DeepSeek-V3", "--on", "l40"], "`l40`");
    could_not(&["train", "DeepSeek-V3", "--tokens", "lots"], "no number");
    let fleet = ["fleet", "Llama-3.1-8B", "--rate", "1", "--layout"];
    could_not(&[&fleet[..], &["tp3"]].concat(), "tp1, tp2, tp4");
    could_not(&[&fleet[..], &["dp8,ep8"]].concat(), "has none");
    could_not(&[&fleet[..], &["tp2,tp4"]].concat(), "said twice");
    let cost = ["cost", "claude-opus-5"];
    let huge = u64::MAX.to_string();
    for flag in ["--requests", "--input", "--output"] {
        could_not(&[&cost[..], &[flag, &huge]].concat(), "is not in 0..=");
    }
    could_not(
        &[&cost[..], &["--price", "opus=1/2"]].concat(),
        "`opus` is given a price",
    );
    could_not(
        &[&cost[..], &["--price", "1/2"]].concat(),
        "`1/2` is given a price",
    );
    could_not(
        &[&cost[..], &["--set", "tokens:opus=1.2"]].concat(),
        "`opus` is given",
    );
    could_not(
        &["train", "DeepSeek-V3", "--tokens", "1T", "--mfu", "2"],
        "from 0.001 to 1",
    );
}

#[test]
fn a_broken_configuration_names_its_field() {
    let home = Home::empty();
    let path = home.path().join("config.json");
    let shown = path.to_str().unwrap();
    for (text, what) in [
        ("{", "is not JSON"),
        ("[]", "no JSON object"),
        ("{\"num_hidden_layers\": 2}", "num_attention_heads"),
    ] {
        fs::write(&path, text).unwrap();
        let ended = home.run(&["plan", "serve", shown]).is(2);
        assert!(ended.err.contains(what), "{what}: {}", ended.err);
    }
}

#[test]
fn a_model_that_fits_nowhere_it_was_asked_for_ends_with_1_and_says_where_it_would() {
    let ended = run(&[
        "serve",
        "--sketch",
        "10T, 0.8T active, 128 experts",
        "--on",
        "l4",
        "--json",
    ]);
    let told = ended.is(1).json();
    assert_eq!(told["offers"], json!([]));
    assert_eq!(told["accelerators"][0]["fit"], 0);
    let others = told["would_do"].as_array().unwrap();
    assert!(
        others
            .iter()
            .any(|one| one.as_str().unwrap().starts_with("GB300")),
        "{others:?}"
    );
}

#[test]
fn an_answer_names_every_number_with_its_range_and_its_source() {
    let more = [
        "--on",
        "h200,gb300",
        "--rate",
        "5",
        "--tpot",
        "50ms",
        "--json",
    ];
    let told = run(&[&["serve", "Llama-3.1-70B"], &more[..]].concat())
        .is(0)
        .json();
    let best = &told["offers"][0];
    for field in ["ttft_ms", "tpot_ms"] {
        let number = |end: &str| best[field][end].as_f64().unwrap();
        assert!(number("low") <= number("value") && number("value") <= number("high"));
    }
    let usd = |kind: &str| {
        best["usd_per_million_output"][kind]["value"]
            .as_f64()
            .unwrap()
    };
    assert!(usd("active") > 0.0 && usd("active") <= usd("reserved"));
    let rows = told["assumptions"].as_array().unwrap();
    let has_all = |row: &Value| {
        ["key", "value", "unit", "kind", "source"]
            .iter()
            .all(|field| !row[field].is_null())
    };
    assert!(rows.len() > 10 && rows.iter().all(has_all), "{rows:?}");
    assert_eq!(told["model"]["basis"]["kind"], "fact");
}

#[test]
fn what_a_model_or_an_accelerator_does_not_do_is_noted() {
    let notes = |arguments: &[&str]| {
        let told = run(&[&["serve", "Qwen3-32B", "--json"], arguments].concat())
            .is(0)
            .json();
        told["notes"].to_string()
    };
    let long = notes(&["--on", "h200", "--isl", "100000"]);
    assert!(long.contains("40960 positions"), "{long}");
    let short = notes(&["--on", "h200", "--precision", "fp8"]);
    assert!(
        !short.contains("positions") && !short.contains("no units"),
        "{short}"
    );
    let wider = notes(&["--on", "a100", "--precision", "fp8"]);
    assert!(wider.contains("no units for fp8"), "{wider}");
}

#[test]
fn a_row_that_does_not_read_is_told_beside_the_others() {
    let home = Home::empty();
    let path = home.path().join("rows.csv");
    let shown = path.to_str().unwrap();
    let rows = "id;model_path;system\na;Qwen/Qwen3-32B;H100\nb;Qwen/Qwen3-32B\n";
    fs::write(&path, rows).unwrap();
    let ended = home.run(&["plan", "rows", shown]).is(0);
    assert!(ended.out.contains("line 3"), "{}", ended.out);
    // Nothing was measured, so there is no mean error.
    assert!(
        ended.err.contains("1 of 2 rows answered\n"),
        "{}",
        ended.err
    );
    let told = home.run(&["plan", "rows", shown, "--json"]).is(0).json();
    assert!(told[0]["predicted"].is_number() && told[1]["predicted"].is_null());
}

#[test]
fn a_price_of_ones_own_is_told_as_set() {
    let set = ["--gpu-hour", "7", "--set", "busy=1", "--json"];
    let told = run(&[&["serve", "Qwen3-32B", "--on", "h100"], &set[..]].concat())
        .is(0)
        .json();
    let rows = told["assumptions"].as_array().unwrap();
    let row = |key: &str| rows.iter().find(|row| row["key"] == key).unwrap();
    assert_eq!(
        (&row("gpu_hour")["value"], &row("gpu_hour")["kind"]),
        (&json!(7.0), &json!("set"))
    );
    assert_eq!(row("busy")["kind"], "set");
}

#[test]
fn a_layout_is_written_as_a_command_and_as_a_manifest() {
    let asked = [
        "serve",
        "Llama-3.1-70B",
        "--on",
        "h200",
        "--checkpoint",
        "org/model",
    ];
    let text = run(&[&asked[..], &["--emit", "vllm"]].concat()).is(0).out;
    assert!(text.contains("vllm serve org/model"), "{text}");
    let text = run(&[&asked[..], &["--emit", "kubernetes"]].concat())
        .is(0)
        .out;
    assert!(text.contains("kind: LeaderWorkerSet"), "{text}");
}

#[test]
fn a_page_is_sound_in_a_browser() {
    let home = Home::empty();
    let path = home.path().join("plan.html");
    let shown = path.to_str().unwrap();
    home.run(&[
        "plan",
        "serve",
        "DeepSeek-V3",
        "--on",
        "gb300,h100",
        "--html",
        shown,
    ])
    .is(0);
    if let Some(seen) = page::read(&path) {
        assert_eq!(seen["title"], "DeepSeek-V3: what serving it takes");
    }
}

#[test]
fn a_run_beyond_all_budgets_is_not_plausible() {
    let size = [
        "--sketch", "10T", "--tokens", "216T", "--on", "gb300", "--json",
    ];
    let told = run(&[&["train"], &size[..]].concat()).is(0).json();
    let run = &told["runs"][0];
    assert_eq!(run["is_plausible"], false);
    assert!(
        run["why"][0].as_str().unwrap().contains("billion USD"),
        "{run}"
    );
    assert_eq!(run["memory"].as_array().unwrap().len(), 4);
    assert!(
        run["loss"]["reading"]
            .as_str()
            .unwrap()
            .contains("no choice"),
        "{run}"
    );
}

#[test]
fn the_price_of_an_hour_names_its_list_or_says_that_it_is_assumed() {
    let told = run(&["serve", "DeepSeek-V3", "--on", "h200,gb300", "--json"])
        .is(0)
        .json();
    let rows = told["assumptions"].as_array().unwrap();
    let hour = |name: &str| {
        let is_it = |row: &&Value| row["key"] == "gpu_hour" && row["accelerator"] == name;
        rows.iter().find(is_it).unwrap()
    };
    let source = hour("H200")["source"].as_str().unwrap();
    assert_eq!(hour("H200")["kind"], "fact");
    assert!(source.contains("list price on demand") && source.contains("reported"));
    assert_eq!(hour("GB300")["kind"], "assumption");
    let notes = told["notes"].to_string();
    assert!(notes.contains("no list has a price of GB300"), "{notes}");
}

#[test]
fn variants_take_the_hour_and_the_busy_share_that_serving_takes() {
    let home = Home::empty();
    let path = home.path().join("variants.toml");
    let file = "base = \"B\"\n[[variants]]\nname = \"a\"\nserved = \"Qwen3-32B\"\n\
                [[variants]]\nname = \"b\"\nserved = \"Llama-3.1-8B\"\n";
    fs::write(&path, file).unwrap();
    let shown = path.to_str().unwrap();
    let load = ["--input", "2000", "--output", "500", "--json"];
    let asked = |more: &[&str]| home.run(&[&["plan", "variants", shown], &load[..], more].concat());
    let value = |told: &Value, key: &str| {
        let rows = told["assumptions"].as_array().unwrap();
        let row = rows.iter().find(|row| row["key"] == key).unwrap();
        row["value"].as_f64().unwrap()
    };
    let told = asked(&["--accelerator", "B200"]).is(0).json();
    let serving = run(&["serve", "Qwen3-32B", "--on", "b200", "--json"])
        .is(0)
        .json();
    for key in ["gpu_hour", "busy"] {
        assert_eq!(value(&told, key), value(&serving, key), "{key}");
    }
    let usd = |told: &Value| {
        told["rows"][0]["served"]["usd_per_request"]
            .as_f64()
            .unwrap()
    };
    let set = ["--set", "gpu_hour.B200=13.58", "--set", "busy=1"];
    let dearer = asked(&[&["--accelerator", "B200"], &set[..]].concat())
        .is(0)
        .json();
    let factor = 13.58 / value(&told, "gpu_hour") * value(&told, "busy");
    assert!((usd(&dearer) / usd(&told) / factor - 1.0).abs() < 1e-9);
    let wrong = asked(&["--set", "busy-share=0.5"]).is(2);
    assert!(wrong.err.contains("gpu_hour and busy"), "{}", wrong.err);
}

#[test]
fn teachers_are_added_and_told_where_nobody_names_them() {
    let asked = ["train", "Llama-3.2-3B", "--tokens", "9T", "--on", "h100"];
    let alone = run(&asked).is(0);
    let told = "--teacher Meta-Llama-3.1-8B --teacher Meta-Llama-3.1-70B";
    assert!(alone.err.contains(told), "{}", alone.err);
    let hours = |more: &[&str]| {
        let told = run(&[&asked[..], more, &["--json"]].concat()).is(0).json();
        let run = &told["runs"][0];
        let hours = run["accelerator_hours"]["value"].as_f64().unwrap();
        (hours, run["teacher_flop"].as_f64().unwrap())
    };
    let (alone, none) = hours(&[]);
    let (taught, work) = hours(&["--teacher", "Llama-3.1-8B", "--teacher", "70B"]);
    assert!(none.abs() < 1.0 && work > 1e24 && taught > 3.0 * alone);
    could_not(
        &[&asked[..], &["--teacher", "Socrates"]].concat(),
        "config.json",
    );
}

#[test]
fn a_format_that_a_part_has_no_units_for_is_computed_in_a_wider_one_and_told() {
    let asked = ["train", "Llama-3.1-8B", "--tokens", "1T", "--on"];
    let on = |part: &str, more: &[&str]| run(&[&asked[..], &[part], more].concat()).is(0);
    let told = on("a100", &["--precision", "fp8"]);
    assert!(
        told.err
            .contains("has no units for fp8: it computes in bf16"),
        "{}",
        told.err
    );
    let json = on("a100", &["--precision", "fp8", "--json"]).json();
    assert_eq!(json["runs"][0]["computed_in"], "bf16");
    let own = on("h100", &["--precision", "fp8"]);
    assert!(!own.err.contains("units"), "{}", own.err);
}

/// Writes a table of measurements of one model on one accelerator with these times to the first
/// and of a further token.
fn measurements(times: &dyn Fn(usize) -> (f64, f64)) -> String {
    let head = "id,backend,model_path,system,precision,mode,isl,osl,concurrency,tp_size,\
                silicon_ttft_ms,silicon_tpot_ms\n";
    let rows = (0..48).map(|at| {
        let (first, step) = times(at);
        let (length, load) = (256 + 64 * (at % 7), 1 + 5 * at);
        format!(
            "r{at},vllm,meta-llama/Llama-3.1-8B,h100_sxm,bf16,agg,{length},512,{load},1,\
             {first},{step}\n"
        )
    });
    head.to_owned() + &rows.collect::<String>()
}

#[test]
fn a_fit_of_ones_own_measurements_is_what_plans_rest_on() {
    let home = Home::empty();
    let put = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let plan = |arguments: &[&str]| home.run(&[&["plan"], arguments].concat());
    let asked = put("asked.csv", &measurements(&|_| (100.0, 10.0)));
    let predicted = |more: &[&str]| {
        let told = plan(&[&["rows", &asked, "--json"], more].concat())
            .is(0)
            .json();
        let rows = told.as_array().unwrap().clone();
        let times = rows.iter().map(|row| {
            let first = row["predicted_ttft_ms"].as_f64().unwrap();
            (first, row["predicted"].as_f64().unwrap())
        });
        times.collect::<Vec<_>>()
    };
    // A cluster on which everything takes twice as long.
    let shipped = predicted(&[]);
    let twice = |at: usize| (2.0 * shipped[at].0, 2.0 * shipped[at].1);
    let measured = put("measured.csv", &measurements(&twice));
    let fitted = home.path().join("fitted.toml");
    let fitted = fitted.to_str().unwrap();
    plan(&[
        "calibrate",
        &measured,
        "--source",
        "our cluster",
        "--out",
        fitted,
    ])
    .is(0);
    let own = predicted(&["--coefficients", fitted]);
    for ((first, step), (own_first, own_step)) in shipped.iter().zip(&own) {
        assert!(
            (own_step / step / 2.0 - 1.0).abs() < 0.15,
            "{own_step} {step}"
        );
        assert!(
            (own_first / first / 2.0 - 1.0).abs() < 0.3,
            "{own_first} {first}"
        );
    }
    // Beyond the loads of its own rows it knows less, whatever others have measured.
    let long = measurements(&|_| (100.0, 10.0)).replace(",256,512,", ",5120,512,");
    let far = put("far.csv", &long);
    let basis = |more: &[&str]| {
        let told = plan(&[&["rows", &far, "--json"], more].concat()).is(0);
        told.json()[0]["basis"].as_str().unwrap().to_owned()
    };
    let own = basis(&["--coefficients", fitted]);
    assert!(own.contains("5120 input tokens (256 to 640"), "{own}");
    assert!(!basis(&[]).contains("beyond"));
    let serve = [
        "serve",
        "Llama-3.1-8B",
        "--on",
        "h100",
        "--json",
        "--coefficients",
    ];
    let told = plan(&[&serve[..], &[fitted]].concat()).is(0).json();
    assert!(told["rests_on"].as_str().unwrap().contains("our cluster"));
    let broken = put("broken.toml", "rows = 3\n");
    let ended = plan(&[&serve[..], &[broken.as_str()]].concat()).is(2);
    assert!(ended.err.contains("plan calibrate"), "{}", ended.err);
}
