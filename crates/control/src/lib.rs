//! A release: evidence in, next move out, ledger then status; the admin API.
