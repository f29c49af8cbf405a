//! Gates, statistics and the release machine: evidence to verdicts to the next move; pure.
