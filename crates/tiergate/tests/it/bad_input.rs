//! Bad input from every side: requests, sockets, providers, clients that leave. It must not know
//! how the gateway notices any of it.

mod flood;
mod leaving;
mod providers;
mod requests;
mod smuggling;
