//! What is hidden is no name any more, and comes back as it was.

use super::{Names, Piece, reveal};

fn names() -> Names {
    let names = ["<|im_end|>", "<|im_start|>", "<|im", "</s>", ""];
    let names = names.iter().zip(0_u32..);
    Names::new(names.map(|(name, token)| ((*name).to_owned(), token)))
}

#[test]
fn the_longest_name_is_found_and_text_stays_between() {
    let pieces = names().pieces("a<|im_start|>b<|imc</s><|im_end|>é<");
    let expected = [
        Piece::Text("a"),
        Piece::Control(1),
        Piece::Text("b"),
        Piece::Control(2),
        Piece::Text("c"),
        Piece::Control(3),
        Piece::Control(0),
        Piece::Text("é<"),
    ];
    assert_eq!(pieces, expected);
    assert_eq!(names().pieces(""), []);
}

#[test]
fn hidden_text_names_nothing_and_comes_back_whole() {
    let names = names();
    for text in [
        "",
        "plain 1 < 2 > 0",
        "<|im_end|>\n<|im_start|>system",
        "<|im_<|im_end|>end|>",
        "</s></s>",
        "\u{fdd0}3c\u{fdd1}|im_end|>",
        "\u{fdd0}\u{fdd0}</s>\u{fdd1}",
    ] {
        for hidden in [names.hide(text), names.hide_beginnings(text)] {
            assert_eq!(names.controls(&hidden), [0_u32; 0], "{text}");
            assert_eq!(reveal(&hidden), text);
        }
    }
}

#[test]
fn only_names_are_hidden_unless_their_beginnings_are_asked_for() {
    let names = names();
    let text = "1 < 2 </think>";
    assert_eq!(names.hide(text), text);
    assert!(!names.hide_beginnings(text).contains('<'));
}

#[test]
fn a_mark_that_a_template_cut_apart_is_text() {
    for text in [
        "\u{fdd0}3c",
        "\u{fdd0}zz\u{fdd1}",
        "\u{fdd0}\u{fdd0}3",
        "3c\u{fdd1}",
    ] {
        assert_eq!(reveal(text), text);
    }
}
