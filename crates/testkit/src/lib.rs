//! Fake provider, bare proxy and load driver for tests and benchmarks.
//!
//! It must not know any other crate of the workspace: what it starts it starts as a process, and
//! what it speaks is HTTP.

mod answer;
mod bare;
mod behaviour;
mod causes;
mod client;
mod fake;
mod fitting;
mod gauge;
mod gemini;
mod library;
mod load;
mod log;
mod plan;
mod program;
mod recordings;
mod request;
mod responses;
mod script;
mod speech;
mod speeches;
mod task;
mod thoughts;
mod wants;
mod yaml;

pub use bare::{BareError, BareProxy, UPSTREAM_IDLE_MAX};
pub use behaviour::{Behaviour, BehaviourError, Complaint};
pub use causes::chain;
pub use client::{Client, ClientError, Head, Reply};
pub use fake::FakeProvider;
pub use gauge::{Gauge, GaugeError, Memory};
pub use library::Library;
pub use load::{Crew, Latencies, LoadError, Round, StreamTimes, alternate, post, stream_times};
pub use log::{Fate, Late, RecordedConnection, RecordedRequest};
pub use program::{Program, ProgramError, output_of};
pub use recordings::{Api, Exchange, Form, RecordingError, recordings};
pub use script::Script;
pub use speech::{Answer, Asked, Glance, Question, Speech};
pub use speeches::SPEECHES;
