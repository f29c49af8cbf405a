//! Stop strings are found across pieces and never shown in part.

use super::Stops;

fn shown(stops: &[&str], pieces: &[&str]) -> (String, bool) {
    let stops: Vec<String> = stops.iter().map(|stop| (*stop).to_owned()).collect();
    let mut stops = Stops::new(&stops);
    let mut all = String::new();
    for piece in pieces {
        let (shown, is_stopped) = stops.take(piece);
        all.push_str(&shown);
        if is_stopped {
            return (all, true);
        }
    }
    all.push_str(&stops.rest());
    (all, false)
}

#[test]
fn a_stop_string_ends_the_text_before_itself() {
    for (stops, pieces, expected, is_stopped) in [
        (&[][..], &["a", "b"][..], "ab", false),
        (&[""], &["ab"], "ab", false),
        (&["END"], &["one E", "N", "D two"], "one ", true),
        (&["END"], &["one E", "N", "d two"], "one ENd two", false),
        (&["END"], &["one EN"], "one EN", false),
        (&["b", "ab"], &["xab"], "x", true),
        (&["été"], &["un é", "t", "é!"], "un ", true),
        (&["aab"], &["a", "a", "a", "b"], "a", true),
    ] {
        assert_eq!(
            shown(stops, pieces),
            (expected.to_owned(), is_stopped),
            "{stops:?} {pieces:?}"
        );
    }
}

#[test]
fn nothing_is_shown_that_a_stop_string_may_take_back() {
    let mut stops = Stops::new(&["</answer>".to_owned()]);
    assert_eq!(stops.take("yes</ans"), ("yes".to_owned(), false));
    assert_eq!(stops.take("w"), ("</answ".replace("</answ", ""), false));
    assert_eq!(stops.take("!"), ("</answ!".to_owned(), false));
}
