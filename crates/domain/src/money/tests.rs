//! Money against sums worked by hand, and rules that hold for every sum.

use proptest::prelude::*;

use super::{LongContext, PicoUsd, TokenPrices, Tokens};

/// Opus 5.5: 4 in, 20 out, 0.2 cached, 5 written, 8 written for an hour.
const OPUS: TokenPrices = TokenPrices {
    input_usd_micros: 4_000_000,
    output_usd_micros: 20_000_000,
    cached_usd_micros: Some(200_000),
    cache_write_usd_micros: Some(5_000_000),
    cache_write_1h_usd_micros: Some(8_000_000),
    long_context: None,
};

/// Gemini 3.1 Pro: 2 in, 12 out, 0.2 cached; 4, 18, 0.4 above 200,000.
const PRO: TokenPrices = TokenPrices {
    input_usd_micros: 2_000_000,
    output_usd_micros: 12_000_000,
    cached_usd_micros: Some(200_000),
    cache_write_usd_micros: None,
    cache_write_1h_usd_micros: None,
    long_context: Some(LongContext {
        above_input_tokens: 200_000,
        input_usd_micros: 4_000_000,
        output_usd_micros: 18_000_000,
        cached_usd_micros: Some(400_000),
        cache_write_usd_micros: None,
        cache_write_1h_usd_micros: None,
    }),
};

/// Input, cached, written, written for an hour, output, reasoning.
fn tokens(counts: [u64; 6]) -> Tokens {
    let [
        input,
        cached,
        cache_write,
        cache_write_1h,
        output,
        reasoning,
    ] = counts;
    Tokens {
        input,
        cached,
        cache_write,
        cache_write_1h,
        output,
        reasoning,
    }
}

#[test]
fn sums_worked_by_hand() {
    let cases: [(&str, TokenPrices, [u64; 6], i64); 9] = [
        ("nothing", OPUS, [0, 0, 0, 0, 0, 0], 0),
        // 1000 × 4 + 50 × 20 micro-USD.
        ("plain", OPUS, [1_000, 0, 0, 0, 50, 0], 5_000_000_000),
        // 300 × 4 + 600 × 0.2 + 100 × 5 + 50 × 20 = 1200 + 120 + 500 + 1000.
        (
            "no part is paid twice",
            OPUS,
            [1_000, 600, 100, 0, 50, 20],
            2_820_000_000,
        ),
        // 300 × 4 + 600 × 0.2 + 60 × 5 + 40 × 8 + 50 × 20 = 1200 + 120 + 300 + 320 + 1000.
        (
            "an hour's write is dearer",
            OPUS,
            [1_000, 600, 100, 40, 50, 20],
            2_940_000_000,
        ),
        // All input cached: 1000 × 0.2 + 1 × 20.
        ("all cached", OPUS, [1_000, 1_000, 0, 0, 1, 0], 220_000_000),
        // 200,000 × 2 + 10 × 12: the limit itself is not above it.
        (
            "at the limit",
            PRO,
            [200_000, 0, 0, 0, 10, 0],
            400_120_000_000,
        ),
        // 200,001 × 4 + 10 × 18: all of it, and the output too.
        (
            "above the limit",
            PRO,
            [200_001, 0, 0, 0, 10, 0],
            800_184_000_000,
        ),
        // The cached part counts for the limit: 1 × 4 + 200,000 × 0.4 + 10 × 18.
        (
            "cached above the limit",
            PRO,
            [200_001, 200_000, 0, 0, 10, 0],
            80_184_000_000,
        ),
        // Writes without a price of their own cost as input: 100 × 2.
        ("no write price", PRO, [100, 0, 100, 100, 0, 0], 200_000_000),
    ];
    for (name, prices, counts, expected) in cases {
        assert_eq!(prices.cost(tokens(counts)), PicoUsd(expected), "{name}");
    }
}

#[test]
fn a_sum_is_rounded_once_when_it_is_shown() {
    assert_eq!(PicoUsd(499_999).to_string(), "0.000000");
    assert_eq!(PicoUsd(500_000).to_string(), "0.000001");
    assert_eq!(PicoUsd(-500_000).to_string(), "-0.000001");
    assert_eq!(PicoUsd(1_000_000_000_000).to_string(), "1.000000");
    assert_eq!(
        OPUS.cost(tokens([1_000, 600, 100, 0, 50, 20])).to_string(),
        "0.002820"
    );
}

fn any_prices() -> impl Strategy<Value = TokenPrices> {
    let price = 0_u64..200_000_000;
    let maybe = || proptest::option::of(0_u64..200_000_000);
    (price.clone(), price, maybe(), maybe(), maybe()).prop_map(
        |(input, output, cached, write, hour)| TokenPrices {
            input_usd_micros: input,
            output_usd_micros: output,
            cached_usd_micros: cached,
            cache_write_usd_micros: write,
            cache_write_1h_usd_micros: hour,
            long_context: None,
        },
    )
}

/// Fresh, cached, written for five minutes, for an hour, output, reasoning: parts that are apart.
fn any_parts() -> impl Strategy<Value = [u64; 6]> {
    proptest::array::uniform6(0_u64..2_000_000)
}

fn whole(parts: [u64; 6]) -> Tokens {
    let [fresh, cached, short, hour, output, reasoning] = parts;
    tokens([
        fresh + cached + short + hour,
        cached,
        short + hour,
        hour,
        output + reasoning,
        reasoning,
    ])
}

proptest! {
    #[test]
    fn the_cost_is_each_part_times_its_own_price(prices in any_prices(), parts in any_parts()) {
        let [fresh, cached, short, hour, output, reasoning] = parts.map(i128::from);
        let of = |price: Option<u64>, other: u64| i128::from(price.unwrap_or(other));
        let input = prices.input_usd_micros;
        let write = prices.cache_write_usd_micros.unwrap_or(input);
        let expected = fresh * i128::from(input)
            + cached * of(prices.cached_usd_micros, input)
            + short * i128::from(write)
            + hour * of(prices.cache_write_1h_usd_micros, write)
            + (output + reasoning) * i128::from(prices.output_usd_micros);
        prop_assert_eq!(i128::from(prices.cost(whole(parts)).0), expected);
    }

    #[test]
    fn two_answers_cost_what_they_cost_apart(
        prices in any_prices(), one in any_parts(), other in any_parts(),
    ) {
        let mut both = one;
        both.iter_mut().zip(other).for_each(|(sum, more)| *sum += more);
        let apart = prices.cost(whole(one)) + prices.cost(whole(other));
        prop_assert_eq!(prices.cost(whole(both)), apart);
    }

    #[test]
    fn counts_that_contradict_each_other_neither_fail_nor_go_negative(
        prices in any_prices(), counts in any::<[u64; 6]>(),
    ) {
        prop_assert!(prices.cost(tokens(counts)).0 >= 0);
    }
}
