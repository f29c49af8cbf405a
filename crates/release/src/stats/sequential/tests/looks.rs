//! Streams looked at after every observation: how often each statistic ever excludes what is true,
//! and, so that none passes by excluding nothing, what is not. It must not know published figures.

use super::super::super::normal_quantile;
use super::super::{
    AsymptoticMean, BernoulliRate, BettingTest, EmpiricalBernstein, Msprt, QuantileTest,
    QuantileTuning, Tuning, UnitValue,
};
use crate::tests::draws::Draws;

const ALPHA: f64 = 0.05;
const STREAMS: u64 = 2000;
const LOOKS: usize = 2000;

/// Computes the share of streams in which `is_crossed` ever answers yes.
fn ever<S>(
    streams: u64,
    start: impl Fn() -> S,
    is_crossed: impl Fn(&mut S, &mut Draws) -> bool,
) -> f64 {
    let crossed = (0..streams).filter(|stream| {
        let mut draws = Draws::new(stream.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let mut state = start();
        (0..LOOKS).any(|_| is_crossed(&mut state, &mut draws))
    });
    crossed.count() as f64 / streams as f64
}

/// Checks the share of crossings where the truth is excluded, and where something else is.
fn check<S>(
    start: impl Fn() -> S,
    under_null: impl Fn(&mut S, &mut Draws) -> bool,
    elsewhere: impl Fn(&mut S, &mut Draws) -> bool,
) {
    let error = (ALPHA * (1.0 - ALPHA) / STREAMS as f64).sqrt();
    let share = ever(STREAMS, &start, under_null);
    assert!(share <= ALPHA + 3.0 * error, "{share} of streams err");
    let found = ever(STREAMS / 20, &start, elsewhere);
    assert!(found >= 0.95, "only {found} of streams find the difference");
}

fn unit(value: f64) -> UnitValue {
    UnitValue::new(value).unwrap()
}

#[test]
fn betting_excludes_the_mean_of_scores_no_oftener_than_it_says() {
    let push = |test: &mut BettingTest, value: f64| {
        test.push(unit(value));
        test.excludes()
    };
    check(
        || BettingTest::new(unit(0.5), ALPHA),
        |test, draws| push(test, draws.uniform()),
        |test, draws| push(test, draws.uniform().powf(0.8)),
    );
}

#[test]
fn betting_excludes_the_rate_of_answers_no_oftener_than_it_says() {
    let push = |test: &mut BettingTest, is_hit: bool| {
        test.push(unit(f64::from(u8::from(is_hit))));
        test.excludes()
    };
    check(
        || BettingTest::new(unit(0.9), ALPHA),
        |test, draws| push(test, draws.is_hit(0.9)),
        |test, draws| push(test, draws.is_hit(0.8)),
    );
}

fn count(rate: &mut BernoulliRate, is_hit: bool) {
    if is_hit {
        rate.push_hit();
    } else {
        rate.push_miss();
    }
}

#[test]
fn a_rate_excludes_the_true_one_no_oftener_than_it_says() {
    let push = |rate: &mut BernoulliRate, is_hit: bool| {
        count(rate, is_hit);
        rate.excludes(0.1, ALPHA)
    };
    check(
        || BernoulliRate::new(500.0, ALPHA),
        |rate, draws| push(rate, draws.is_hit(0.1)),
        |rate, draws| push(rate, draws.is_hit(0.15)),
    );
}

#[test]
fn a_rate_is_said_to_be_above_the_true_one_no_oftener_than_it_says() {
    let push = |rate: &mut BernoulliRate, is_hit: bool| {
        count(rate, is_hit);
        rate.is_above(0.1, ALPHA)
    };
    check(
        || BernoulliRate::new(500.0, ALPHA),
        |rate, draws| push(rate, draws.is_hit(0.1)),
        |rate, draws| push(rate, draws.is_hit(0.15)),
    );
}

#[test]
fn empirical_bernstein_excludes_the_mean_no_oftener_than_it_says() {
    let push = |mean: &mut EmpiricalBernstein, value: f64| {
        mean.push(unit(value));
        mean.excludes(0.5)
    };
    check(
        || EmpiricalBernstein::new(ALPHA),
        |mean, draws| push(mean, draws.uniform()),
        |mean, draws| push(mean, draws.uniform().powf(0.7)),
    );
}

#[test]
fn the_asymptotic_sequence_excludes_a_skewed_mean_no_oftener_than_it_says() {
    let push = |mean: &mut AsymptoticMean, value: f64| {
        mean.push(value);
        mean.excludes(1.0)
    };
    check(
        || AsymptoticMean::new(Tuning::new(ALPHA, 1000.0), 100),
        |mean, draws| push(mean, draws.exponential()),
        |mean, draws| push(mean, 1.2 * draws.exponential()),
    );
}

#[test]
fn a_quantile_test_excludes_the_true_quantile_no_oftener_than_it_says() {
    let push = |test: &mut QuantileTest, value: f64| {
        test.push(value);
        test.excludes(ALPHA)
    };
    check(
        || QuantileTest::new(QuantileTuning::new(0.95, 500.0, ALPHA).unwrap(), 0.95),
        |test, draws| push(test, draws.uniform()),
        |test, draws| push(test, 1.05 * draws.uniform()),
    );
}

#[test]
fn the_sequential_probability_ratio_excludes_the_mean_no_oftener_than_it_says() {
    let push = |test: &mut Msprt, value: f64| {
        test.push(value);
        test.excludes(0.0, ALPHA)
    };
    check(
        || Msprt::new(1.0, 0.01),
        |test, draws| push(test, draws.normal()),
        |test, draws| push(test, 0.15 + draws.normal()),
    );
}

#[test]
fn a_test_of_a_fixed_number_looked_at_each_time_errs_in_a_fifth_of_streams_and_more() {
    let limit = normal_quantile(1.0 - ALPHA / 2.0);
    let share = ever(
        STREAMS,
        || (0.0, 0.0),
        |(count, sum): &mut (f64, f64), draws| {
            *count += 1.0;
            *sum += draws.normal();
            sum.abs() > limit * count.sqrt()
        },
    );
    assert!(share > 0.2, "only {share} of streams err");
}
