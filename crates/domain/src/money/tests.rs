//! Money against sums worked by hand.

use super::{PicoUsd, TokenPrices, Tokens};

#[test]
fn no_part_of_the_input_is_paid_twice() {
    // Opus 5.5: 4 / 20 / 0.2 / 5 USD per million tokens.
    let prices = TokenPrices {
        input_usd_micros: 4_000_000,
        output_usd_micros: 20_000_000,
        cached_usd_micros: Some(200_000),
        cache_write_usd_micros: Some(5_000_000),
    };
    let tokens = Tokens {
        input: 1_000,
        cached: 600,
        cache_write: 100,
        output: 50,
        reasoning: 20,
    };
    // 300 × 4 + 600 × 0.2 + 100 × 5 + 50 × 20 micro-USD = 1200 + 120 + 500 + 1000.
    assert_eq!(prices.cost(tokens), PicoUsd(2_820_000_000));
    assert_eq!(prices.cost(tokens).to_string(), "0.002820");
}

#[test]
fn a_sum_is_rounded_once_when_it_is_shown() {
    assert_eq!(PicoUsd(499_999).to_string(), "0.000000");
    assert_eq!(PicoUsd(500_000).to_string(), "0.000001");
    assert_eq!(PicoUsd(-500_000).to_string(), "-0.000001");
    assert_eq!(PicoUsd(1_000_000_000_000).to_string(), "1.000000");
}
