//! Speed of the embedded models, and what their work costs streams to another provider.
//!
//! It must not know the engine: it asks over HTTP like any caller.

use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value, json};
use testkit::{Client, ClientError, Latencies, LoadError, ProgramError, stream_times};

use crate::asked::TIMED;
use crate::bed::{Bench, CONCURRENCY, Home, Runner};
use crate::fault::BenchError;
use crate::report::{Figure, Table};
use crate::section::{Section, millis};

/// How many tokens one answer is asked for.
const TOKENS: u32 = 128;
/// How often each model's speed is measured.
const ANSWERS: usize = 5;

/// Declares the section.
pub const SECTION: Section = Section {
    name: "embedded",
    about: "speed of the embedded models, and what their work costs other streams",
    measure,
};

/// One embedded model: its tier in the bench's configuration, its id and the least speed aimed at.
struct Row {
    tier: &'static str,
    id: &'static str,
    aim: f64,
}

const ROWS: &[Row] = &[
    Row {
        tier: "small",
        id: "smollm2-135m",
        aim: 40.0,
    },
    Row {
        tier: "large",
        id: "qwen2.5-coder-0.5b",
        aim: 12.0,
    },
];

fn measure(bench: &mut Bench) -> Result<Table, BenchError> {
    let mut figures = Vec::new();
    let mut absent = Vec::new();
    for row in ROWS {
        match measure_row(bench, row) {
            Ok(mut own) => figures.append(&mut own),
            // A model that was not pulled, or a gateway built without the engine, is no fault.
            Err(BenchError::Program(
                ProgramError::Failed { words, .. } | ProgramError::NotReady { words, .. },
            )) => {
                eprintln!("  {} is absent: {words}", row.id);
                absent.push(format!("{} was not pulled or not built in.", row.id));
            }
            Err(other) => return Err(other),
        }
    }
    Ok(Table {
        name: SECTION.name,
        title: "Embedded models",
        how: format!(
            "{ANSWERS} answers of up to {TOKENS} tokens over HTTP, prompt included in the time. \
             Beside it: {CONCURRENCY} streams to the fake provider through the gateway, a delta \
             every 20 ms that bears the time it was sent, in turn with and without the embedded \
             model at work; the gain is of their p50 and p99, {} rounds. {}",
            bench.options.rounds,
            absent.join(" ")
        )
        .trim_end()
        .to_owned(),
        figures,
    })
}

fn measure_row(bench: &mut Bench, row: &Row) -> Result<Vec<Figure>, BenchError> {
    let home = bench.make_home_with(&configuration(row))?;
    let gate = home.serve(Runner::Native)?;
    let (request, stream) = (generation(&home, row), home.ask(TIMED));
    let address = gate.address;
    let rounds = bench.options.rounds;
    bench.runtime.block_on(async {
        generate(address, &request).await?;
        let mut speeds = Vec::new();
        for _ in 0..ANSWERS {
            let started = Instant::now();
            let tokens = generate(address, &request).await?;
            speeds.push(tokens as f64 / started.elapsed().as_secs_f64());
        }
        let (mut middle, mut tail) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let quiet = transits(address, &stream).await?;
            let busy = busy_transits(address, &stream, &request).await?;
            let gain = |share| millis(busy.quantile(share)) - millis(quiet.quantile(share));
            middle.push(gain(0.5));
            tail.push(gain(0.99));
        }
        let name = |what: &str| format!("{}: {what}", row.id);
        let aim = format!("tokens per second (aim: at least {})", row.aim);
        Ok(vec![
            Figure::of_rounds(name(&aim), "1/s", &speeds),
            Figure::of_rounds(name("other streams gain, p50"), "ms", &middle).at_most(0.2),
            Figure::of_rounds(name("other streams gain, p99"), "ms", &tail).at_most(5.0),
        ])
    })
}

fn configuration(row: &Row) -> String {
    format!(
        r#"
[server]
headers_timeout_ms = 120000

[providers.local]
dialect = "embedded"

[models.local]
provider = "local"
id = "{}"

[tiers.{}]
serves = ["local"]
"#,
        row.id, row.tier
    )
}

fn generation(home: &Home, row: &Row) -> Bytes {
    let body = json!({
        "model": row.tier, "max_tokens": TOKENS, "temperature": 0,
        "messages": [{"role": "user",
            "content": "Write a long story about a lighthouse keeper and the sea."}],
    });
    home.post(&body)
}

/// Asks the embedded model once and tells how many tokens it answered with.
async fn generate(address: SocketAddr, request: &[u8]) -> Result<u64, BenchError> {
    let asked = async {
        let mut client = Client::connect(address).await?;
        client.exchange(request).await
    };
    let exchanged: Result<_, ClientError> = asked.await;
    let reply = exchanged.map_err(|error| BenchError::Load("the model", error.into()))?;
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    let tokens = body["usage"]["completion_tokens"].as_u64();
    match tokens {
        Some(tokens) if reply.head.status == 200 => Ok(tokens),
        _ => {
            let said = body["error"]["message"].as_str().unwrap_or("no message");
            let program = "the embedded model".to_owned();
            let words = format!("status {}, {said}", reply.head.status);
            Err(ProgramError::Failed { program, words }.into())
        }
    }
}

async fn transits(address: SocketAddr, request: &Bytes) -> Result<Latencies, BenchError> {
    let times = stream_times(address, request, CONCURRENCY).await;
    let failed = |error: LoadError| BenchError::Load("the gateway's streams", error);
    Ok(Latencies::new(times.map_err(failed)?.transit))
}

/// Times streams while the embedded model generates all along.
async fn busy_transits(
    address: SocketAddr,
    stream: &Bytes,
    generation: &Bytes,
) -> Result<Latencies, BenchError> {
    let request = generation.clone();
    let generating = tokio::spawn(async move {
        loop {
            generate(address, &request).await?;
        }
    });
    let timed = transits(address, stream).await;
    if generating.is_finished() {
        let ended: Result<(), BenchError> = generating.await.map_err(std::io::Error::other)?;
        ended?;
    } else {
        generating.abort();
    }
    timed
}
