//! Special functions, in logarithms where their values are too small to be numbers. It must not
//! know what they are used for.

use std::f64::consts::{PI, SQRT_2};

use statrs::function::erf::erfc;
use statrs::function::gamma::ln_gamma;

/// Below this the normal distribution's lower tail is taken from its expansion: `erfc` loses its
/// digits some way below.
const TAIL: f64 = -25.0;
/// How many terms of a continued fraction are taken at most; it needs some `sqrt(a + b)` of them.
const TERMS: u32 = 100_000;

/// Computes the logarithm of the standard normal distribution function.
pub(super) fn ln_normal(point: f64) -> f64 {
    if point > TAIL {
        return (0.5 * erfc(-point / SQRT_2)).ln();
    }
    let square = point * point;
    let expansion = 1.0 - 1.0 / square + 3.0 / (square * square);
    -0.5 * square - (-point).ln() - 0.5 * (2.0 * PI).ln() + expansion.ln()
}

/// Computes the logarithm of the beta function.
pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Computes the logarithm of the regularised incomplete beta function at `x`, for `0 < x < 1`.
pub(super) fn ln_beta_share(a: f64, b: f64, x: f64) -> f64 {
    let ln_front = a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b);
    if x < (a + 1.0) / (a + b + 2.0) {
        return ln_front - a.ln() + beta_fraction(a, b, x).ln();
    }
    let complement = ln_front.exp() * beta_fraction(b, a, 1.0 - x) / b;
    (-complement).ln_1p()
}

/// Evaluates the continued fraction of the incomplete beta function (Abramowitz and Stegun
/// 26.5.8) from its front, by the ratios of Lentz.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let tiny = f64::MIN_POSITIVE / f64::EPSILON;
    let away = |ratio: f64| if ratio.abs() < tiny { tiny } else { ratio };
    let mut upper = 1.0;
    let mut lower = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = lower;
    for term in 1..=TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for coefficient in [even, odd] {
            lower = 1.0 / away(1.0 + coefficient * lower);
            upper = away(1.0 + coefficient / upper);
            step = upper * lower;
            fraction *= step;
        }
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// Computes Riemann's zeta function at `s > 1`: the first terms, and the rest by Euler and
/// Maclaurin.
pub(super) fn zeta(s: f64) -> f64 {
    let last = 20.0_f64;
    let head: f64 = (1..20).map(|term| f64::from(term).powf(-s)).sum();
    let end = last.powf(-s);
    let first = s * end / last;
    let third = first * (s + 1.0) * (s + 2.0) / (last * last);
    let fifth = third * (s + 3.0) * (s + 4.0) / (last * last);
    head + last * end / (s - 1.0) + end / 2.0 + first / 12.0 - third / 720.0 + fifth / 30_240.0
}
