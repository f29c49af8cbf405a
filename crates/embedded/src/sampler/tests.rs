//! Draws are repeatable, stay in the nucleus, and follow the chances.

use super::{Sampler, Sampling, likeliest};

const LOGITS: [f32; 5] = [0.0, 2.0, 1.0, -30.0, 2.0];

fn draws(sampling: Sampling, count: usize) -> Vec<u32> {
    let mut sampler = Sampler::new(sampling);
    (0..count)
        .map(|_| sampler.next(&mut LOGITS.clone()).unwrap())
        .collect()
}

#[test]
fn the_first_of_equally_likely_tokens_is_taken_at_temperature_zero() {
    assert_eq!(draws(Sampling::GREEDY, 3), [1, 1, 1]);
    assert_eq!(likeliest(&[]), None);
    assert_eq!(Sampler::new(Sampling::GREEDY).next(&mut []), None);
}

#[test]
fn a_seed_repeats_its_draws_and_another_one_does_not() {
    let warm = |seed| Sampling {
        temperature: 1.0,
        seed,
        ..Sampling::GREEDY
    };
    assert_eq!(draws(warm(1), 50), draws(warm(1), 50));
    assert_ne!(draws(warm(1), 50), draws(warm(2), 50));
}

#[test]
fn draws_follow_the_chances() {
    let warm = Sampling {
        temperature: 1.0,
        seed: 3,
        ..Sampling::GREEDY
    };
    let drawn = draws(warm, 4000);
    let share = |token| drawn.iter().filter(|drawn| **drawn == token).count() as f64 / 4000.0;
    // e^2 / (1 + 2 e^2 + e) = 0.3995; e / … = 0.147; 1 / … = 0.054.
    for (token, expected) in [(0, 0.054), (1, 0.3995), (2, 0.147), (3, 0.0), (4, 0.3995)] {
        assert!(
            (share(token) - expected).abs() < 0.03,
            "{token}: {}",
            share(token)
        );
    }
}

#[test]
fn only_the_nucleus_is_drawn_from() {
    let nucleus = Sampling {
        temperature: 1.0,
        top_p: 0.5,
        seed: 5,
        ..Sampling::GREEDY
    };
    assert!(
        draws(nucleus, 500)
            .iter()
            .all(|token| [1, 4].contains(token))
    );
    let smallest = Sampling {
        top_p: 0.0,
        ..nucleus
    };
    assert!(draws(smallest, 50).iter().all(|token| *token == 1));
}

#[test]
fn a_penalty_lowers_what_was_used() {
    let presence = Sampling {
        presence_penalty: 1.5,
        ..Sampling::GREEDY
    };
    assert_eq!(draws(presence, 3), [1, 4, 2]);
    let frequency = Sampling {
        frequency_penalty: 0.6,
        ..Sampling::GREEDY
    };
    assert_eq!(draws(frequency, 5), [1, 4, 1, 4, 2]);
}
