//! Balancing as a value: whom each way chooses.

use super::{Balance, jump};

fn choose(way: Balance, loads: &[Option<u32>], key: Option<u64>, draw: u64) -> Option<usize> {
    let in_flight = loads.iter().flatten().map(|load| u64::from(*load)).sum();
    way.choose(loads.len(), in_flight, key, draw, |replica| loads[replica])
}

#[test]
fn nobody_is_chosen_where_nobody_takes_one() {
    for way in Balance::ALL {
        assert_eq!(choose(way, &[], Some(1), 7), None, "{}", way.name());
        assert_eq!(
            choose(way, &[None, None], Some(1), 7),
            None,
            "{}",
            way.name()
        );
    }
}

#[test]
fn whoever_alone_takes_one_is_found() {
    for way in Balance::ALL {
        for draw in [0, 1, u64::MAX, 0x1234_5678_9ABC_DEF0] {
            let chosen = choose(way, &[None, None, Some(900), None], Some(draw), draw);
            assert_eq!(chosen, Some(2), "{}", way.name());
        }
    }
}

#[test]
fn the_least_loaded_is_the_first_of_equals() {
    assert_eq!(
        choose(Balance::Least, &[Some(3), Some(1), None, Some(1)], None, 0),
        Some(1)
    );
}

#[test]
fn two_choices_takes_the_less_loaded_of_those_drawn() {
    // The lower 32 bits draw the last of four, the upper ones the first.
    let draw = 0x0000_0000_FFFF_FFFF;
    assert_eq!(
        choose(
            Balance::TwoChoices,
            &[Some(5), Some(0), Some(0), Some(4)],
            None,
            draw
        ),
        Some(3)
    );
    assert_eq!(
        choose(
            Balance::TwoChoices,
            &[Some(3), Some(0), Some(0), Some(4)],
            None,
            draw
        ),
        Some(0)
    );
}

#[test]
fn a_prefix_stays_with_its_replica_until_that_is_busier_than_the_others() {
    let home = jump(42, 4);
    let mut loads = [Some(10); 4];
    assert_eq!(choose(Balance::Prefix, &loads, Some(42), 0), Some(home));
    loads[home] = Some(40);
    assert_ne!(
        choose(Balance::Prefix, &loads, Some(42), 0x8000_0000_0000_0000),
        None
    );
    let others = (0..4_u64).map(|draw| choose(Balance::Prefix, &loads, Some(42), draw << 30));
    assert!(others.flatten().any(|chosen| chosen != home));
}

#[test]
fn keys_are_spread_evenly_and_few_move_when_a_replica_is_added() {
    let homes = |replicas| (0..9_000_u64).map(move |key| jump(key.wrapping_mul(0x9E37), replicas));
    let mut counts = [0_u32; 9];
    homes(9).for_each(|home| counts[home] += 1);
    assert!(
        counts.iter().all(|count| (800..1_200).contains(count)),
        "{counts:?}"
    );
    let moved = homes(9)
        .zip(homes(10))
        .filter(|(before, after)| before != after)
        .count();
    assert!(
        (700..1_100).contains(&moved),
        "{moved} of 9,000 moved, a tenth should"
    );
}
