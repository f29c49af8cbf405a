//! The published limits and formulas of collectives. They must not know an accelerator.

use super::{
    Exchange, all_reduce, all_reduce_at_once, all_reduce_ring, bubble, exchange_limit, exposed,
};
use crate::units::{Bytes, BytesPerSecond, Seconds};

fn limit(rate: f64) -> f64 {
    // The paper's numbers: 32 tokens, 9 experts, a width of 7,000, 61 layers.
    let exchange = Exchange {
        tokens: 32.0,
        visited: 9.0,
        hidden: 7_000.0,
        away: 1.0,
    };
    exchange_limit(exchange, 61.0, BytesPerSecond::new(rate)).ms()
}

#[test]
fn limits_of_the_exchange_with_experts_are_those_of_the_paper() {
    assert!((limit(50e9) - 14.76).abs() < 0.01, "{}", limit(50e9));
    assert!((limit(900e9) - 0.82).abs() < 0.005, "{}", limit(900e9));
}

#[test]
fn an_all_reduce_takes_the_faster_way() {
    let (rate, latency) = (BytesPerSecond::new(450e9), Seconds::new(3e-6));
    let small = Bytes::new(8.0 * 1024.0);
    let large = Bytes::new(1e9);
    let at_once = all_reduce_at_once(small, 8.0, rate, latency);
    assert_eq!(all_reduce(small, 8.0, rate, latency), at_once);
    assert_eq!(
        all_reduce(large, 8.0, rate, latency),
        all_reduce_ring(large, 8.0, rate, latency)
    );
    assert_eq!(all_reduce(large, 1.0, rate, latency), Seconds::ZERO);
}

#[test]
fn a_pipeline_idles_while_it_fills() {
    assert!((bubble(4.0, 12.0) - 3.0 / 15.0).abs() < 1e-12);
    assert!(bubble(1.0, 8.0).abs() < 1e-12);
}

#[test]
fn a_transfer_shows_what_computation_does_not_hide() {
    let (transfer, computation) = (Seconds::from_ms(3.0), Seconds::from_ms(4.0));
    assert!((exposed(transfer, computation, 0.5).ms() - 1.0).abs() < 1e-9);
    assert_eq!(exposed(transfer, computation, 1.0), Seconds::ZERO);
}
