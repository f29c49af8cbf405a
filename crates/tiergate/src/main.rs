//! The binary: arguments, configuration, environment, files, wiring, exit codes.
fn main() {}
