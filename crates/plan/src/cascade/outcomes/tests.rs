//! Which files hold outcomes, and what is said of those that do not.

use std::fmt::Write as _;

use super::*;

fn table(head: &str, line: &str) -> String {
    let mut text = format!("{head}\n");
    for _ in 0..LEAST_ITEMS {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn fault(text: &str, names: &Names) -> String {
    read(text, names).unwrap_err().to_string()
}

#[test]
fn a_table_and_an_array_of_objects_say_the_same() {
    let head = "item,subject,prompt_tokens,cheap_correct,strong_correct,cheap_answer_chars,\
                strong_answer_chars,strong_cost_usd";
    let of_table = read(&table(head, "1,law,80,0,1,120,300,0.25"), &Names::default()).unwrap();
    let object = r#"{"item":1,"subject":"law","prompt_tokens":80,"cheap_correct":false,
        "strong_correct":true,"cheap_answer_chars":120,"strong_answer_chars":300,
        "strong_cost_usd":0.25}"#;
    let array = format!("[{}]", vec![object; LEAST_ITEMS].join(","));
    let of_array = read(&array, &Names::default()).unwrap();
    assert_eq!(of_table.items, of_array.items);
    let first = of_table.items[0];
    assert!(!first.cheap_is_right && first.strong_is_right);
    assert_eq!(first.prompt, Some(Length::Tokens(80.0)));
    assert_eq!(first.cheap.length, Some(Length::Chars(120.0)));
    assert_eq!(first.strong.usd, Some(0.25));
    let features: Vec<_> = of_table
        .features
        .iter()
        .map(|one| (one.name.as_str(), one.when))
        .collect();
    let expected = [
        ("subject", When::Before),
        ("prompt_tokens", When::Before),
        ("cheap_answer_chars", When::After),
    ];
    assert_eq!(features, expected);
}

#[test]
fn two_tiers_of_other_names_are_taken_in_the_order_of_their_columns_or_as_asked() {
    let text = table("mixtral_correct,gpt_correct", "1,0");
    let found = read(&text, &Names::default()).unwrap();
    assert_eq!(
        (found.cheap.as_str(), found.strong.as_str()),
        ("mixtral", "gpt")
    );
    let turned = Names {
        cheap: Some("gpt".to_owned()),
        strong: Some("mixtral".to_owned()),
    };
    let turned = read(&text, &turned).unwrap();
    assert!(!turned.items[0].cheap_is_right && turned.items[0].strong_is_right);
}

#[test]
fn what_cannot_be_read_says_what_is_there() {
    let none = Names::default();
    let three = fault(&table("a_correct,b_correct,c_correct", "1,1,1"), &none);
    assert!(three.contains("a_correct, b_correct, c_correct"), "{three}");
    assert!(fault(&table("a,b", "1,1"), &none).contains("no column ends in _correct"));
    let odd = fault(&table("cheap_correct,strong_correct", "1,maybe"), &none);
    assert!(odd.contains("item 1") && odd.contains("maybe"), "{odd}");
    let few = fault("cheap_correct,strong_correct\n1,0\n", &none);
    assert!(few.contains("1 items are too few"), "{few}");
    let head = "cheap_correct,strong_correct,cheap_cost_usd";
    assert!(fault(&table(head, "1,1,-2"), &none).contains("0 or more"));
    assert!(fault(&table(head, "1,1,NaN"), &none).contains("0 or more"));
    let missing = Names {
        cheap: Some("haiku".to_owned()),
        strong: Some("strong".to_owned()),
    };
    let missing = fault(&table("cheap_correct,strong_correct", "1,1"), &missing);
    assert!(missing.contains("`haiku_correct`"), "{missing}");
}
