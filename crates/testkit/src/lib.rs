//! Fake provider, bare proxy and load driver for tests and benchmarks.
