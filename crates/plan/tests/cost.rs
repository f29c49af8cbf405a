//! What loads cost, by hand-worked sums at list prices, and by laws that hold for any load.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::path::Path;
use std::sync::LazyLock;

use domain::{Facts, TokenPrices, Tokens};
use plan::cost::bill::{Bill, bill, one, parts, scaled, usd};
use plan::cost::load::{Described, HOURS, Kept, Load, Request, Sent, Window};
use plan::cost::offer::{Conditions, Mode, NoPrice, Offer};
use plan::cost::terms::{Region, Terms};
use plan::cost::trace::{Cache, Traced, read, span_ms};
use proptest::prelude::*;

static FACTS: LazyLock<Facts> = LazyLock::new(|| Facts::shipped().expect("facts"));
static TERMS: LazyLock<Terms> = LazyLock::new(|| Terms::shipped().expect("terms"));
const ALL_DAY: [bool; HOURS] = [true; HOURS];

fn offer(platform: &str, id: &str, conditions: Conditions) -> Result<Offer, NoPrice> {
    let known = FACTS.known(platform, id).expect("a model of the facts");
    Offer::of_known(known, &TERMS, conditions)
}

fn usual(platform: &str, id: &str) -> Offer {
    offer(platform, id, Conditions::default()).expect("a price")
}

fn window(from: &str, days: u32) -> Window {
    Window {
        from: from.parse().expect("a day"),
        days,
    }
}

fn described() -> Described {
    Described {
        per_day: 1_000,
        input: 10_000,
        output: 1_000,
        cached_share: 0.0,
        write_share: 0.0,
        kept: Kept::Minutes,
        batch_share: 0.0,
    }
}

fn of(load: &Load, offer: &Offer, window: Window) -> Bill {
    bill(load, offer, window, 100).expect("a price")
}

#[track_caller]
fn near(one: f64, other: f64) {
    assert!(
        (one - other).abs() <= 1e-9 * other.abs().max(1e-9),
        "{one} is not {other}"
    );
}

#[test]
fn a_day_costs_what_it_does_by_hand() {
    let opus = usual("anthropic", "claude-opus-5-5");
    let day = window("2026-11-27", 1);
    let load = described().load(ALL_DAY).expect("a load");
    // 10 M tokens of input at 4 USD and 1 M of output at 20.
    near(of(&load, &opus, day).usd_per_day(), 60.0);
    let cached = Described {
        cached_share: 0.6,
        write_share: 0.1,
        ..described()
    };
    // 3 M plain at 4, 6 M cached at 0.2, 1 M written at 5, output as before.
    let bill = of(&cached.load(ALL_DAY).expect("a load"), &opus, day);
    near(bill.usd_per_day(), 12.0 + 1.2 + 5.0 + 20.0);
    near(bill.per_day(bill.once.cached), 1.2);
    near(bill.per_day(bill.once.written), 5.0);
    near(bill.per_day(bill.once.output), 20.0);
    // Kept for an hour a written token costs twice the input.
    let hour = Described {
        kept: Kept::Hour,
        ..cached
    };
    near(
        of(&hour.load(ALL_DAY).expect("a load"), &opus, day).usd_per_day(),
        12.0 + 1.2 + 8.0 + 20.0,
    );
    // In batches all of it costs half.
    let batch = Described {
        batch_share: 1.0,
        ..cached
    };
    near(
        of(&batch.load(ALL_DAY).expect("a load"), &opus, day).usd_per_day(),
        38.2 / 2.0,
    );
}

#[test]
fn an_hour_of_the_day_is_priced_as_that_hour() {
    let pro = usual("deepseek", "deepseek-v4-pro");
    let load = |hours: [bool; HOURS]| described().load(hours).expect("a load");
    let hours = |from: usize, until: usize| {
        let mut hours = [false; HOURS];
        hours[from..until].fill(true);
        hours
    };
    // A Friday that is no holiday: 10 M × 0.66 + 1 M × 1.98, twice that from 1 to 4 and 6 to 10.
    let friday = window("2026-11-27", 1);
    near(of(&load(hours(12, 20)), &pro, friday).usd_per_day(), 8.58);
    near(of(&load(hours(1, 4)), &pro, friday).usd_per_day(), 17.16);
    // Seven of the 24 hours are peak.
    near(
        of(&load(ALL_DAY), &pro, friday).usd_per_day(),
        8.58 * (1.0 + 7.0 / 24.0),
    );
    // On a Saturday none is; over a week five days of seven are.
    near(
        of(&load(hours(1, 4)), &pro, window("2026-11-28", 1)).usd_per_day(),
        8.58,
    );
    near(
        of(&load(hours(1, 4)), &pro, window("2026-11-23", 7)).usd_per_day(),
        8.58 * 12.0 / 7.0,
    );
}

#[test]
fn a_price_changes_on_its_day() {
    let argon = usual("gemini", "gemini-4-argon");
    let load = described().load(ALL_DAY).expect("a load");
    // 10 M × 2 + 1 M × 10 in November, twice that in December.
    near(
        of(&load, &argon, window("2026-11-30", 1)).usd_per_day(),
        30.0,
    );
    near(
        of(&load, &argon, window("2026-12-01", 1)).usd_per_day(),
        60.0,
    );
    near(
        of(&load, &argon, window("2026-11-30", 2)).usd_per_day(),
        45.0,
    );
}

#[test]
fn a_long_input_changes_the_price_of_all_its_request() {
    let gpt = usual("openai", "gpt-5.5");
    let tokens = |input: u64| Tokens {
        input,
        output: 1_000,
        ..Tokens::default()
    };
    let cost = |input: u64| {
        let bill = of(
            &one(tokens(input), Sent::Plain),
            &gpt,
            window("2026-11-27", 1),
        );
        usd(bill.once.total())
    };
    near(cost(272_000), 272_000.0 * 5e-6 + 1_000.0 * 30e-6);
    near(cost(272_001), 272_001.0 * 10e-6 + 1_000.0 * 45e-6);
}

#[test]
fn one_region_and_fast_answers_cost_what_rows_say_and_nothing_is_guessed() {
    let terms = |region: Region, mode: Mode| Conditions { region, mode };
    let load = described().load(ALL_DAY).expect("a load");
    let day = window("2026-11-27", 1);
    let regional = terms(Region::One, Mode::Usual);
    let opus = offer("anthropic", "claude-opus-5-5", regional).expect("a price");
    near(of(&load, &opus, day).usd_per_day(), 66.0);
    let both = terms(Region::One, Mode::Fast);
    let fable = offer("anthropic", "claude-fable-5-2", both).expect("a price");
    // 10 M × 8 + 1 M × 40, twice for fast, 1.1 times for one region.
    near(of(&load, &fable, day).usd_per_day(), 120.0 * 2.2);
    // Opus 4.5 takes no region, and no row says what a fast Haiku would cost.
    let none = offer("anthropic", "claude-opus-4-5-20251101", regional).map(|_| ());
    let said = none.expect_err("no price").to_string();
    assert!(said.contains("no regional price known"), "{said}");
    let fast = terms(Region::Anywhere, Mode::Fast);
    assert!(offer("anthropic", "claude-haiku-5-5", fast).is_err());
    // Bedrock's price of the preview is that of one region, and stands in a row of its own.
    let preview = usual("bedrock", "anthropic.claude-mythos-preview");
    near(of(&load, &preview, day).usd_per_day(), 275.0 + 137.5);
    let missing = offer("bedrock", "anthropic.claude-opus-5", Conditions::default());
    let said = missing.map(|_| ()).expect_err("no price").to_string();
    assert_eq!(said, "no price known for Claude Opus 5 on bedrock");
}

#[test]
fn a_batch_without_a_known_price_has_none() {
    let pro = usual("deepseek", "deepseek-v4-pro");
    let batch = Described {
        batch_share: 0.1,
        ..described()
    };
    let load = batch.load(ALL_DAY).expect("a load");
    let said = bill(&load, &pro, window("2026-11-27", 1), 100)
        .map(|_| ())
        .expect_err("none");
    assert!(said.to_string().contains("no batch price known"), "{said}");
}

#[test]
fn a_day_before_the_first_known_price_has_none() {
    let pro = usual("deepseek", "deepseek-v4-pro");
    let load = described().load(ALL_DAY).expect("a load");
    let said = bill(&load, &pro, window("2026-01-01", 1), 100)
        .map(|_| ())
        .expect_err("none");
    assert!(said.to_string().contains("before 2026-05-25"), "{said}");
}

#[test]
fn every_model_that_a_term_names_is_known() {
    for name in TERMS.named() {
        assert!(
            FACTS.models().iter().any(|model| model.name == name),
            "{name}"
        );
    }
    assert!(
        TERMS
            .offers()
            .iter()
            .all(|row| row.source.len() > 10 && row.read_on.len() == 10)
    );
}

#[test]
fn a_table_is_read_by_its_times() {
    let table = "TIMESTAMP,ContextTokens,GeneratedTokens\n\
                 2023-11-16 18:17:04.5000000,110,27\n\
                 2023-11-16 18:17:03.5000000,4808,10\n";
    let cache = Cache {
        block_tokens: 512,
        kept_ms: 300_000,
    };
    let traced = read(table, cache).expect("a trace");
    assert_eq!(traced[0].tokens.input, 4_808);
    assert_eq!(traced[1].at_ms, 1_000);
    assert_eq!(span_ms(&traced), 2_000);
    let odd = read(&table.replace("4808", "many"), cache)
        .expect_err("a fault")
        .to_string();
    assert!(odd.contains("line 3") && odd.contains("many"), "{odd}");
    let marked = read(&format!("\u{feff}{table}"), cache).expect("a trace");
    assert_eq!(marked, traced);
}

#[test]
fn a_trace_whose_sums_or_rate_nobody_knows_is_refused() {
    let cache = Cache {
        block_tokens: 512,
        kept_ms: 300_000,
    };
    let said = |file: &str| read(file, cache).expect_err(file).to_string();
    let lines = |time: &str, tokens: &str| {
        let line = |time: &str| {
            format!("{{\"timestamp\": {time}, \"input_length\": {tokens}, \"output_length\": 5}}\n")
        };
        line("0") + &line(time)
    };
    assert!(said(&lines("9", "18446744073709551615")).contains("four billion"));
    assert!(said(&lines("-1e300", "5")).contains("30,000 years"));
    assert!(said(&lines("0", "5")).contains("at one time"));
    assert_eq!(read(&lines("9", "5"), cache).expect("a trace").len(), 2);
    let table = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:04,5000000000,27\n";
    assert!(said(table).contains("four billion"));
}

#[test]
fn blocks_seen_before_are_cached_while_they_are_kept() {
    let lines = r#"{"timestamp": 0, "input_length": 1200, "output_length": 5, "hash_ids": [1, 2, 3]}
{"timestamp": 1000, "input_length": 1200, "output_length": 5, "hash_ids": [1, 2, 9]}
{"timestamp": 400000, "input_length": 1200, "output_length": 5, "hash_ids": [1, 2, 3]}
"#;
    let cache = Cache {
        block_tokens: 512,
        kept_ms: 300_000,
    };
    let traced = read(lines, cache).expect("a trace");
    let held: Vec<_> = traced
        .iter()
        .map(|one| (one.tokens.cached, one.tokens.cache_write))
        .collect();
    // The third block is not full; after 400 s nothing is kept.
    assert_eq!(held, [(0, 1_024), (1_024, 0), (0, 1_024)]);
}

/// Reads a trace that lies beside the checkout; a checkout alone has none.
fn beside(file: &str, cache: Cache) -> Option<Vec<Traced>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/traces");
    let path = folder.join(file);
    if !path.is_file() {
        let is_ci = std::env::var_os("CI").is_some_and(|set| !set.is_empty());
        assert!(!is_ci, "there are no traces");
        println!("skipped: 1 trace, {file} (nothing of it beside the checkout)");
        return None;
    }
    let text = std::fs::read_to_string(path).expect("a readable file");
    Some(read(&text, cache).expect("a trace"))
}

#[test]
fn traces_have_the_sizes_and_the_cached_shares_that_are_published() {
    // With nothing ever forgotten the cached share is the best case that is published.
    let cache = Cache {
        block_tokens: 512,
        kept_ms: i64::MAX / 2,
    };
    let published = [
        ("azure_llm_2023_conv.csv", 19_366, 1_155.0, 211.0, 0.0, 58.0),
        ("azure_llm_2023_code.csv", 8_819, 2_048.0, 28.0, 0.0, 58.0),
        (
            "mooncake_fast25_conversation.jsonl",
            12_031,
            12_035.0,
            343.0,
            0.37,
            59.0,
        ),
        (
            "mooncake_fast25_synthetic.jsonl",
            3_993,
            15_325.0,
            149.0,
            0.65,
            17.0,
        ),
    ];
    for (file, requests, input, output, cached, minutes) in published {
        let Some(traced) = beside(file, cache) else {
            continue;
        };
        let sum = |of: fn(&Tokens) -> u64| traced.iter().map(|one| of(&one.tokens)).sum::<u64>();
        let count = traced.len() as f64;
        let mean = |of: fn(&Tokens) -> u64| sum(of) as f64 / count;
        assert_eq!(traced.len(), requests, "{file}");
        assert!(
            (mean(|one| one.input) - input).abs() < 1.0,
            "{file}: {}",
            mean(|one| one.input)
        );
        assert!((mean(|one| one.output) - output).abs() < 1.0, "{file}");
        let share = mean(|one| one.cached) / mean(|one| one.input);
        assert!(
            (share - cached).abs() < 0.01,
            "{file}: {share} of the input is cached"
        );
        let span = span_ms(&traced) as f64 / 6e4;
        assert!((span - minutes).abs() < 2.0, "{file}: {span} minutes");
    }
}

fn tokens() -> impl Strategy<Value = Tokens> {
    (
        0..2_000_000_u64,
        0.0..=1.0_f64,
        0.0..=1.0_f64,
        any::<bool>(),
        0..200_000_u64,
    )
        .prop_map(|(input, cached, write, is_hour, output)| {
            let cached = (input as f64 * cached) as u64;
            let cache_write = ((input - cached) as f64 * write) as u64;
            Tokens {
                input,
                cached,
                cache_write,
                cache_write_1h: if is_hour { cache_write } else { 0 },
                output,
                reasoning: 0,
            }
        })
}

/// Lists every model that has a price.
fn offers() -> Vec<Offer> {
    let mut offers = Vec::new();
    for model in FACTS.models() {
        for (platform, ids) in &model.ids {
            let known = ids.first().and_then(|id| FACTS.known(platform, id));
            offers.extend(
                known.and_then(|one| Offer::of_known(one, &TERMS, Conditions::default()).ok()),
            );
        }
    }
    offers
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn money_keeps_its_laws(
        tokens in tokens(),
        more in 0..100_000_u64,
        pick in any::<prop::sample::Index>(),
        percent in 100..200_u64,
    ) {
        let offers = offers();
        let offer = pick.get(&offers);
        let day = window("2026-11-27", 1);
        let cost = |tokens: Tokens, sent: Sent, percent: u64| {
            bill(&one(tokens, sent), offer, day, percent).map(|bill| bill.once)
        };
        let Ok(plain) = cost(tokens, Sent::Plain, 100) else { return Ok(()) };
        for part in [plain.input, plain.cached, plain.written, plain.output] {
            prop_assert!(part >= 0, "{plain:?}");
        }
        let total = plain.total();
        // More of any class never costs less.
        let longer = [
            Tokens { input: tokens.input + more, ..tokens },
            Tokens { output: tokens.output + more, ..tokens },
        ];
        for longer in longer {
            let cost = cost(longer, Sent::Plain, 100).expect("a price");
            prop_assert!(cost.total() >= total, "{longer:?}");
        }
        let scaled_up = cost(tokens, Sent::Plain, percent).expect("a price");
        prop_assert!(scaled_up.total() >= total - 100_000_000);
        // A batch never costs more, where it has a price.
        if let Ok(batch) = cost(tokens, Sent::Batch, 100) {
            prop_assert!(batch.total() <= total);
        }
        // What is read from a cache never costs more than what is not.
        let uncached = Tokens { cached: 0, ..tokens };
        prop_assert!(cost(uncached, Sent::Plain, 100).expect("a price").total() >= total);
    }

    #[test]
    fn each_part_is_its_tokens_at_their_price_and_all_is_what_the_accounts_say(
        tokens in tokens(),
        pick in any::<prop::sample::Index>(),
    ) {
        let offers = offers();
        let at = window("2026-11-27", 1).from.start();
        let Ok(tariff) = pick.get(&offers).tariff(at) else { return Ok(()) };
        let prices: TokenPrices = tariff.prices;
        let found = parts(&prices, tokens);
        prop_assert_eq!(found.total(), i128::from(prices.cost(tokens).0));
        let long = prices.long_context.filter(|long| tokens.input > long.above_input_tokens);
        let [input, output] = long.map_or(
            [prices.input_usd_micros, prices.output_usd_micros],
            |long| [long.input_usd_micros, long.output_usd_micros],
        );
        let cached = long.map_or(prices.cached_usd_micros, |long| long.cached_usd_micros);
        let cached = cached.unwrap_or(input);
        let plain = tokens.input - tokens.cached - tokens.cache_write;
        let expected = [(plain, input), (tokens.cached, cached), (tokens.output, output)];
        let expected = expected.map(|(count, price)| i128::from(count) * i128::from(price));
        prop_assert_eq!([found.input, found.cached, found.output], expected);
    }

    #[test]
    fn scaled_tokens_keep_their_parts(tokens in tokens(), percent in 1..1_000_u64) {
        let scaled = scaled(tokens, percent);
        prop_assert!(scaled.cached + scaled.cache_write <= scaled.input);
        prop_assert!(scaled.cache_write_1h <= scaled.cache_write);
    }

    #[test]
    fn a_cold_cache_is_never_cheaper_where_a_write_is_not(tokens in tokens()) {
        let opus = usual("anthropic", "claude-opus-5-5");
        let day = window("2026-11-27", 1);
        let load = Load {
            requests: vec![Request { tokens, count: 3, sent: Sent::Plain, hour: None }],
            span_ms: 1_000,
            hours: ALL_DAY,
        };
        let cold = of(&load.with_a_cold_cache(), &opus, day).once.total();
        prop_assert!(cold >= of(&load, &opus, day).once.total());
    }
}
