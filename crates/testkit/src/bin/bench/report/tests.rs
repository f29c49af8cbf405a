//! Figures and their place in the document. It must not start a program.

use super::{Figure, Table, median, shown, spliced};

#[test]
fn a_table_replaces_its_own_place_only() {
    let first = spliced("# P\n", "cpu", "one\n");
    let both = spliced(&first, "rss", "two\n");
    let again = spliced(&both, "cpu", "three\n");
    assert_eq!(
        again,
        "# P\n\n<!-- bench:cpu -->\nthree\n<!-- /bench:cpu -->\n\
         \n<!-- bench:rss -->\ntwo\n<!-- /bench:rss -->\n"
    );
}

#[test]
fn figures_show_their_middle_spread_and_aim() {
    let table = Table {
        name: "cpu",
        title: "Processor time",
        how: "So.".to_owned(),
        figures: vec![
            Figure::of_rounds("ratio", "×", &[1.3, 1.1, 1.2]).at_most(1.25),
            Figure::single("rss", "MB", 20.0).at_most(15.0),
        ],
    };
    let text = table.markdown("Then.");
    assert!(text.contains("| ratio | 1.200 | 1.100 – 1.300 | × | ≤ 1.250 (met) |"));
    assert!(text.contains("| rss | 20.0 |  | MB | ≤ 15.0 (missed) |"));
}

#[test]
fn medians_and_digits() {
    assert_eq!(median(&[1.0, 2.0, 9.0]), 2.0);
    assert_eq!(median(&[1.0, 2.0]), 1.5);
    assert!(median(&[]).is_nan());
    assert_eq!(shown(75_000.4), "75000");
    assert_eq!(shown(0.012_34), "0.012");
}
