//! The page holds what the outlook says, escapes it, and needs nothing else.

use domain::Facts;

use super::page;
use crate::forecast::file::{Beside, read};
use crate::forecast::outlook::{Contradictions, outlook};

fn drawn(text: &str) -> String {
    let beside = Beside {
        asked: None,
        day: "2026-11-27".parse().unwrap(),
        points: None,
    };
    let said = read(text, beside).unwrap();
    let found = outlook(&said, &Facts::shipped().unwrap(), Contradictions::Repair).unwrap();
    page(&found, "0.0.0").unwrap()
}

#[test]
fn the_example_is_drawn_with_every_lane_and_every_future() {
    let html = drawn(include_str!("../../../../../examples/forecast.toml"));
    for lane in ["release", "ready", "retirement"] {
        assert!(html.contains(&format!("<g class=\"{lane}\">")), "{lane}");
    }
    for part in [
        "the next capybara",
        "safety-only, 20.0 %",
        "Over all of them",
        "26.0 %",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("NaN") && !html.contains("undefined") && !html.contains("<script"));
    let links = html.matches("src=").count() + html.matches("url(").count();
    assert_eq!(links, 0, "the page asks for nothing");
}

#[test]
fn what_a_file_says_is_text_on_the_page() {
    let html = drawn(
        "[[releases]]\nmodel = \"<b>x</b>\"\nsource = \"javascript:alert(1)\"\n\
         read_on = 2026-11-20\nby = [\n  { day = 2027-04-30, p = 0.54 },\n  \
         { day = 2027-06-30, p = 0.26 },\n]\n",
    );
    assert!(!html.contains("<b>x") && html.contains("&lt;b&gt;x"));
    assert!(!html.contains("href=\"javascript"));
    assert!(html.contains("repaired from 54.0 %") && html.contains("0.4000"));
}
