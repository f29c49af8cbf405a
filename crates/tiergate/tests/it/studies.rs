//! `plan cascade` and `plan fleet` as a user meets them, on small files with figures worked out by
//! hand: a frontier with its oracle and controls, and a fleet that loses no token; and what `plan
//! cost` and `plan swap` say where they cannot answer. It must not test a statistic or a step time.

use std::fs;

use serde_json::{Value, json};

use crate::home::{Ended, Home};

/// Forty items: both tiers right on 16, the cheap one alone on 4, the strong one alone on 12,
/// neither on 8. Every prompt has 1,000 tokens, a cheap answer 100, a strong one 200.
fn outcomes() -> String {
    let kinds = [
        (16, "1,1", "easy"),
        (4, "1,0", "easy"),
        (12, "0,1", "hard"),
        (8, "0,0", "hard"),
    ];
    let rows = kinds.into_iter().flat_map(|(count, right, group)| {
        (0..count).map(move |_| format!("{right},1000,100,200,{group}\n"))
    });
    let header = "cheap_correct,strong_correct,prompt_tokens,cheap_answer_tokens,\
                  strong_answer_tokens,group\n";
    std::iter::once(header.to_owned()).chain(rows).collect()
}

fn home(file: &str) -> Home {
    let home = Home::empty();
    fs::write(home.path().join("outcomes.csv"), file).unwrap();
    home
}

fn cascade(home: &Home, more: &[&str]) -> Ended {
    home.run(&[&["plan", "cascade", "outcomes.csv", "--splits", "10"], more].concat())
}

fn point<'v>(told: &'v Value, way: &str) -> &'v Value {
    let mut points = told["points"].as_array().unwrap().iter();
    points
        .find(|point| point["way"] == way)
        .unwrap_or_else(|| panic!("no {way}: {:#}", told["points"]))
}

#[test]
fn a_frontier_has_the_qualities_and_the_costs_that_it_has_by_hand() {
    let home = home(&outcomes());
    let prices = ["--cheap-price", "1/5", "--strong-price", "4/20", "--json"];
    let told = cascade(&home, &prices).is(0).json();
    assert_eq!(told["right"], json!([0.4, 0.1, 0.3, 0.2]));
    // An item costs 0.0015 USD at the cheap tier and 0.008 at the strong one. Nine tenths of wrong
    // answers are rejected and a tenth of right ones: half of all items go on, and are paid twice.
    for (way, strong, quality, usd) in [
        ("cheap alone", 0.0, 0.5, 0.0015),
        ("strong alone", 1.0, 0.7, 0.008),
        ("lot 50 %", 0.5, 0.6, 0.004_75),
        ("oracle, 100 % of needed", 0.3, 0.8, 0.003_45),
        ("verifier, 100 % of rejected", 0.5, 0.76, 0.0055),
    ] {
        let point = point(&told, way);
        let near = |of: &Value, is: f64| (of.as_f64().unwrap() - is).abs() < 1e-9;
        assert!(near(&point["strong_share"], strong), "{point:#}");
        assert!(near(&point["quality"]["value"], quality), "{point:#}");
        assert!(near(&point["usd"]["value"], usd), "{point:#}");
        let end = |name: &str| point["quality"][name].as_f64().unwrap();
        assert!(end("low") < quality && quality < end("high"), "{point:#}");
    }
    // What is better than a lot is so by knowing something; a control knows nothing, and no way
    // knows more than the oracle.
    let gain = |way: &str| point(&told, way)["over_lot"].clone();
    assert!(
        (gain("verifier, 100 % of rejected")["value"]
            .as_f64()
            .unwrap()
            - 0.16)
            .abs()
            < 1e-9
    );
    for way in [
        "verifier, shuffled, 100 % of rejected",
        "rule, shuffled 50 %",
    ] {
        let of = |name: &str| gain(way)[name].as_f64().unwrap();
        assert!(
            of("low") <= 0.0 && 0.0 <= of("high"),
            "{way}: {}",
            gain(way)
        );
        assert!(of("value").abs() < 0.05, "{way}: {}", gain(way));
    }
    let points = told["points"].as_array().unwrap().iter();
    let most = points.map(|point| point["quality"]["value"].as_f64().unwrap());
    assert!(most.fold(0.0, f64::max) <= 0.8 + 1e-12);
    // Where groups tell who will be right, the rule finds it.
    assert_eq!(told["rule"], "group");
    assert!(
        gain("rule 50 %")["value"].as_f64().unwrap() > 0.05,
        "{}",
        gain("rule 50 %")
    );
}

#[test]
fn the_same_seed_gives_the_same_cascade_and_an_assumption_is_in_force() {
    let home = home(&outcomes());
    let run = |more: &[&str]| cascade(&home, &[&["--json"], more].concat()).is(0).out;
    assert_eq!(run(&["--seed", "7"]), run(&["--seed", "7"]));
    assert_ne!(run(&["--seed", "7"]), run(&["--seed", "8"]));
    let set = ["--set", "sensitivity=1", "--set", "specificity=1"];
    let told: Value = serde_json::from_str(&run(&set)).unwrap();
    // A verifier that never errs sends on what the cheap tier got wrong.
    let point = point(&told, "verifier, 100 % of rejected");
    assert!(
        (point["quality"]["value"].as_f64().unwrap() - 0.8).abs() < 1e-9,
        "{point:#}"
    );
    let mut rows = told["assumptions"].as_array().unwrap().iter();
    assert!(
        rows.any(|row| row["key"] == "sensitivity" && row["value"] == 1.0),
        "{told:#}"
    );
    assert_eq!(point["usd"], Value::Null, "no price, no cost");
}

#[test]
fn outcomes_that_cannot_be_read_say_what_is_wrong() {
    let could_not = |file: &str, more: &[&str], what: &str| {
        let ended = cascade(&home(file), more).is(2);
        assert!(
            ended.err.contains(what) && ended.err.contains("mend: "),
            "{what}: {}",
            ended.err
        );
        assert_eq!(ended.out, "", "{what}");
    };
    let whole = outcomes();
    could_not("", &[], "cheap_correct");
    could_not("a,b\n1,2\n", &[], "cheap_correct");
    could_not(&whole.replacen("1,1,", "2,1,", 1), &[], "item 1: `2`");
    let few: Vec<&str> = whole.lines().take(21).collect();
    could_not(&few.join("\n"), &[], "30");
    could_not(&whole, &["--rule", "colour"], "group");
    could_not(&whole, &["--cheap-price", "claude-opus-9"], "claude-opus-5");
    let ended = cascade(&home(&whole), &["--set", "sensitivity=2"]).is(2);
    assert!(ended.err.contains("a number of 0 to 1"), "{}", ended.err);
}

/// Two hundred requests in ten seconds, one of them longer than the context.
fn trace() -> String {
    let line = |at: usize| {
        let input = if at == 50 {
            200_000
        } else {
            200 + at * 37 % 900
        };
        format!("{},{input},{}\n", at * 50_000_000, 20 + at * 13 % 200)
    };
    let header = "arrived_ns,input_tokens,output_tokens\n".to_owned();
    std::iter::once(header).chain((0..200).map(line)).collect()
}

const FLEET: [&str; 10] = [
    "plan",
    "fleet",
    "Qwen3-32B",
    "--on",
    "H100",
    "--layout",
    "tp4",
    "--trace",
    "trace.csv",
    "--json",
];

fn fleet(trace: &str, more: &[&str]) -> Ended {
    let home = Home::empty();
    fs::write(home.path().join("trace.csv"), trace).unwrap();
    home.run(&[&FLEET[..], more].concat())
}

/// Asserts that what arrived is what came out of it, and shows what did not finish, by its name.
#[track_caller]
fn adds_up(told: &Value, what: &str) -> [u64; 3] {
    let of = |name: &str| told[what][name].as_u64().unwrap();
    let names = ["refused_unfit", "refused_full", "dropped"];
    let lost = names.map(of);
    assert_eq!(
        of("arrived"),
        of("finished") + lost.iter().sum::<u64>(),
        "{}",
        told[what]
    );
    assert_eq!(of("running"), 0);
    lost
}

#[test]
fn a_fleet_loses_no_token_that_it_does_not_name() {
    let trace = trace();
    let told = fleet(&trace, &["--replicas", "2", "--gpu-hour", "2"])
        .is(0)
        .json();
    // By hand from the trace: one request is too long for the context.
    let tokens = trace.lines().skip(1).map(|line| {
        let mut fields = line
            .split(',')
            .skip(1)
            .map(|field| field.parse::<u64>().unwrap());
        [fields.next().unwrap(), fields.next().unwrap()]
    });
    let tokens: Vec<[u64; 2]> = tokens.collect();
    let sum = |at: usize| tokens.iter().map(|one| one[at]).sum::<u64>();
    assert_eq!(told["requests"]["arrived"], 200);
    assert_eq!(told["input_tokens"]["arrived"], sum(0));
    assert_eq!(told["output_tokens"]["arrived"], sum(1));
    assert_eq!(adds_up(&told, "requests"), [1, 0, 0]);
    assert_eq!(adds_up(&told, "input_tokens"), [200_000, 0, 0]);
    assert_eq!(adds_up(&told, "output_tokens"), [tokens[50][1], 0, 0]);
    // Eight accelerators at 2 USD an hour, for as long as it took.
    let usd = told["cost"]["reserved_micro_usd"].as_f64().unwrap() / 1e6;
    let by_hand = 8.0 * 2.0 * told["seconds"].as_f64().unwrap() / 3_600.0;
    assert!((usd - by_hand).abs() < 2e-6, "{usd} {by_hand}");
    let full = fleet(&trace, &["--in-flight", "4", "--queue", "3"])
        .is(0)
        .json();
    for what in ["requests", "input_tokens", "output_tokens"] {
        let [unfit, refused, _] = adds_up(&full, what);
        assert!(unfit > 0 && refused > 0, "{}", full[what]);
    }
    let long = trace.replace(",20\n", ",20000\n");
    let failing = ["--replica-mtbf", "0.002", "--mend", "0.1"];
    let failed = fleet(&long, &failing).is(0).json();
    assert!(failed["failures"].as_u64().unwrap() > 1, "{failed:#}");
    for what in ["requests", "input_tokens", "output_tokens"] {
        assert!(adds_up(&failed, what)[2] > 0, "{}", failed[what]);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_another_fleet() {
    let run = |seed: &str| {
        let drawn = [
            "--replicas",
            "2",
            "--replica-mtbf",
            "0.002",
            "--mend",
            "0.1",
            "--seed",
            seed,
        ];
        fleet(&trace(), &drawn).is(0).out
    };
    assert_eq!(run("1"), run("1"));
    let of = |seed: &str| {
        let told: Value = serde_json::from_str(&run(seed)).unwrap();
        (told["seconds"].clone(), told["ttft"].clone())
    };
    assert_ne!(of("1"), of("2"));
}

#[test]
fn a_fleet_that_cannot_be_simulated_says_what_would_fit() {
    let could_not = |trace: &str, more: &[&str], what: &str| {
        let ended = fleet(trace, more).is(2);
        assert!(
            ended.err.contains(what) && ended.err.contains("mend: "),
            "{what}: {}",
            ended.err
        );
        assert_eq!(ended.out, "", "{what}");
    };
    let whole = trace();
    could_not(
        &whole.replacen("\n0,200,20", "\n0,200,many", 1),
        &[],
        "line 2",
    );
    could_not(&whole.replacen("\n100000000,", "\n1,", 1), &[], "line 4");
    could_not("what,ever\n1,2\n", &[], "line 1");
    could_not("arrived_ns,input_tokens,output_tokens\n", &[], "requests");
    could_not(&whole, &["--autoscale", "3"], "--replicas");
    let home = Home::empty();
    fs::write(home.path().join("trace.csv"), &whole).unwrap();
    let err = |arguments: &[&str]| {
        let asked = [&["plan", "fleet"], arguments, &["--trace", "trace.csv"]].concat();
        home.run(&asked).is(2).err
    };
    assert!(err(&["Llama-99"]).contains("DeepSeek-V3"));
    assert!(err(&["Qwen3-32B", "--on", "z9"]).contains("GB300"));
    assert!(err(&["Qwen3-32B", "--on", "L4", "--layout", "tp1"]).contains("mend: "));
}

#[test]
fn what_cannot_be_priced_or_read_says_what_would_fit() {
    let home = Home::empty();
    let could_not = |arguments: &[&str], what: &str| {
        let ended = home.run(&[&["plan"], arguments].concat()).is(2);
        assert!(ended.err.contains(what), "{what}: {}", ended.err);
        assert_eq!(ended.out, "", "{what}");
    };
    could_not(&["cost", "claude-opus-9"], "claude-opus-5");
    could_not(
        &["swap", "--to", "claude-opus-9", "--usage"],
        "did you mean",
    );
    could_not(&["cost", "claude-opus-5", "--usage"], "--data-dir");
    could_not(&["swap", "--to", "claude-opus-5"], "--away-from");
    could_not(
        &["cost", "claude-opus-5", "--trace", "nowhere.csv"],
        "nowhere.csv",
    );
    could_not(&["cost", "claude-opus-5", "--set", "lazy=1"], "lazy");
    could_not(
        &["cost", "claude-opus-5", "--price", "claude-opus-5=cheap"],
        "MODEL=IN/OUT",
    );
    // A price or a factor that would change nothing is a slip.
    let moved = ["--away-from", "claude-opus-5", "--to", "claude-opus-5-5"];
    for slip in [["--price", "opus=1/2"], ["--set", "tokens:opus=1.2"]] {
        let what = "`opus` is given a price or a token factor and is not asked for";
        could_not(&[&["cost", "claude-opus-5"], &slip[..]].concat(), what);
        could_not(&[&["swap"], &moved[..], &slip[..]].concat(), what);
    }
    // No price is an answer, and the answer is no.
    let told = home
        .run(&["plan", "cost", "vertex/claude-opus-5", "--json"])
        .is(1)
        .json();
    let why = told["rows"][0]["no_price"].as_str().unwrap();
    assert!(
        why.contains("no price known for Claude Opus 5 on vertex"),
        "{why}"
    );
}
