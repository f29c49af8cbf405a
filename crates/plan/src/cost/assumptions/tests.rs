//! What is set, and what cannot be.

use super::*;

#[test]
fn what_is_set_is_in_force_and_named_as_set() {
    let mut all = Assumptions::shipped("cascade").unwrap();
    assert!((all.value("sensitivity").unwrap() - 0.9).abs() < 1e-12);
    all.set("sensitivity=0.75").unwrap();
    assert!((all.value("sensitivity").unwrap() - 0.75).abs() < 1e-12);
    let shown = all.in_force();
    let sources: Vec<_> = shown.iter().map(|row| row.source.as_str()).collect();
    assert_eq!(sources[0], "set by hand");
    assert!(sources[1].contains("2026"), "{}", sources[1]);
}

#[test]
fn what_cannot_be_set_says_what_can() {
    let mut all = Assumptions::shipped("cascade").unwrap();
    let told = |fault: AssumptionFault| fault.to_string();
    let unknown = told(all.set("sensitivty=1").unwrap_err());
    assert!(unknown.contains("specificity"), "{unknown}");
    for text in ["sensitivity=1.5", "sensitivity=NaN", "sensitivity=often"] {
        let fault = told(all.set(text).unwrap_err());
        assert!(fault.contains("0 to 1"), "{fault}");
    }
    assert!(told(all.set("sensitivity").unwrap_err()).contains("key=value"));
    assert!(all.value("nothing").is_err());
    assert!(Assumptions::shipped("nothing").is_err());
}
