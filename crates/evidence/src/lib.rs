//! Suites, scorers and importers over bytes; pure.
