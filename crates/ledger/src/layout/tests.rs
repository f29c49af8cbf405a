//! Holds the paths to the examples that the tlog-tiles text gives.

use super::*;

fn check(level: u32, index: u64, size: u64, path: Option<&str>) {
    assert_eq!(
        TileAt::of(level, index, size).map(TileAt::path).as_deref(),
        path
    );
}

#[test]
fn paths_are_those_of_the_specification() {
    check(0, 272, 70_000, Some("tile/0/272"));
    check(0, 273, 70_000, Some("tile/0/273.p/112"));
    check(0, 274, 70_000, None);
    check(1, 0, 70_000, Some("tile/1/000"));
    check(1, 1, 70_000, Some("tile/1/001.p/17"));
    check(2, 0, 70_000, Some("tile/2/000.p/1"));
    check(3, 0, 70_000, None);
    check(0, 0, 256, Some("tile/0/000"));
    check(1, 0, 256, Some("tile/1/000.p/1"));
    check(0, 1_234_067, u64::MAX, Some("tile/0/x001/x234/067"));
    check(8, 0, u64::MAX, None);
    check(0, u64::MAX, 10, None);
}

#[test]
fn a_partial_tile_is_named_only_where_there_is_one() {
    assert_eq!(TileAt::partial(0, 256), None);
    let bundle = TileAt::partial(0, 257).map(TileAt::entries_path);
    assert_eq!(bundle.as_deref(), Some("tile/entries/001.p/1"));
}
