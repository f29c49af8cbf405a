//! A request: decode, identify, decide, guard, dispatch, relay, account.
