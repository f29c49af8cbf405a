//! Names of findings when code moves, and when it does not.

use super::Fingerprints;
use crate::samples::named;
use crate::site::Site;

fn of(sites: &[&Site]) -> Vec<String> {
    let mut names = Fingerprints::default();
    sites.iter().map(|site| names.of(site)).collect()
}

#[test]
fn a_name_outlasts_moved_lines_and_another_indentation() {
    let site = named("claude-opus-5");
    let mut moved = site.clone();
    moved.span.line = 90;
    moved.excerpt = format!("\t  {} ", site.excerpt);
    assert_eq!(of(&[&site]), of(&[&moved]));
    assert_eq!(of(&[&site])[0].len(), 32);
}

#[test]
fn another_place_role_or_line_is_another_name() {
    let site = named("claude-opus-5");
    let mut other = site.clone();
    other.path = "b.py".to_owned();
    assert_ne!(of(&[&site]), of(&[&other]));
    other = site.clone();
    other.role = crate::role::Role::Default;
    assert_ne!(of(&[&site]), of(&[&other]));
    other = site.clone();
    other.excerpt = "MODEL = claude-opus-5".to_owned();
    assert_ne!(of(&[&site]), of(&[&other]));
}

#[test]
fn equal_lines_have_names_of_their_own() {
    let site = named("claude-opus-5");
    let found = of(&[&site, &site]);
    assert_ne!(found[0], found[1]);
    assert_eq!(found, of(&[&site, &site]));
}
