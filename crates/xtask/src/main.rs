//! The project's chores: test, tidy, bench, gen.
fn main() {}
