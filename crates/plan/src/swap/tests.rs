//! What a move costs, by hand.

use domain::{TokenPrices, Tokens};

use super::*;
use crate::cost::load::{HOURS, Sent};

fn offer(input: u64, output: u64, cached: u64) -> Offer {
    let prices = TokenPrices {
        input_usd_micros: input * 10_000,
        output_usd_micros: output * 10_000,
        cached_usd_micros: Some(cached * 10_000),
        ..TokenPrices::default()
    };
    Offer::by_hand("a model", "a platform", prices, "by hand")
}

fn load(cached: u64) -> Load {
    Load {
        requests: vec![Request {
            tokens: Tokens {
                input: 1_000_000,
                cached,
                output: 100_000,
                ..Tokens::default()
            },
            count: 10,
            sent: Sent::Plain,
            hour: None,
        }],
        span_ms: 86_400_000,
        hours: [true; HOURS],
    }
}

fn compared(stay: &Offer, moved: &Offer, cached: u64) -> Compared {
    let window = Window {
        from: "2026-11-27".parse().unwrap(),
        days: 1,
    };
    let side = |offer| Side {
        offer,
        token_percent: 100,
    };
    let hour = 3_600_000.0;
    compare(&load(cached), (side(stay), side(moved)), window, hour).unwrap()
}

#[track_caller]
fn near(one: f64, other: f64) {
    assert!((one - other).abs() < 1e-9, "{one} is not {other}");
}

#[test]
fn a_move_costs_what_it_does_by_hand() {
    // Prices in USD a million: 4/20/2.00 and 3/20/0.30, of which 600,000 of a million is cached.
    let (stay, moved) = (offer(400, 2_000, 200), offer(300, 2_000, 30));
    let found = compared(&stay, &moved, 600_000);
    // 10 × (0.4 × 4 + 0.6 × 2 + 0.1 × 20) and 10 × (0.4 × 3 + 0.6 × 0.3 + 2).
    near(found.stay.usd_per_day(), 48.0);
    near(found.moved.usd_per_day(), 33.8);
    near(found.break_even_share.unwrap(), 33.8 / 48.0);
    // Cold, 0.6 M tokens of each cost 2.7 USD a million more, for an hour of the day.
    near(found.cold_usd, 10.0 * 0.6 * 2.7 / 24.0);
    near(found.pays_back_days.unwrap(), 0.675 / 14.2);
    assert_eq!(found.break_even_cached, None);
}

#[test]
fn two_prices_may_cross_at_a_share_of_cached_input() {
    // 4/20/2 against 5/20/0.5: 4 − 2x = 5 − 4.5x at x = 0.4.
    let (stay, moved) = (offer(400, 2_000, 200), offer(500, 2_000, 50));
    let found = compared(&stay, &moved, 0);
    let cached = found.break_even_cached.unwrap();
    near(cached.share, 0.4);
    assert_eq!(cached.above, Cheaper::Move);
    assert_eq!(found.break_even_share, None);
    assert_eq!(found.pays_back_days, None);
}

#[test]
fn headroom_and_quantiles_are_those_of_the_values() {
    assert_eq!(headroom(50, Some(200)), Some(4.0));
    assert_eq!(headroom(50, None), None);
    assert_eq!(headroom(0, Some(5)), None);
    let values = [5, 1, 4, 2, 3];
    assert_eq!(quantile(&values, 0.5), Some(3));
    assert_eq!(quantile(&values, 0.95), Some(5));
    assert_eq!(quantile(&[], 0.5), None);
}
