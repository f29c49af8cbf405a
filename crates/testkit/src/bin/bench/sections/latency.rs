//! Latency that each target adds to the fake provider's own. It must not know how one is built.

use std::time::Duration;

use testkit::{Latencies, LoadError, alternate, stream_times};

use crate::asked::TIMED;
use crate::bed::{Bench, CONCURRENCY, Runner};
use crate::fault::BenchError;
use crate::report::{Figure, Table};
use crate::section::{Section, micros};

/// The largest number of requests a round; one at a time takes long enough to be told apart.
const REQUESTS_MAX: u32 = 2_000;
/// How many requests warm each target up.
const WARM_UP: usize = 300;

/// Declares the section.
pub const SECTION: Section = Section {
    name: "latency",
    about: "added latency at concurrency 1, and of streams",
    measure,
};

fn measure(bench: &mut Bench) -> Result<Table, BenchError> {
    let home = bench.make_home()?;
    let gate = home.serve(Runner::Native)?;
    let bare = bench.start_bare(Runner::Native)?;
    let (plain, stream) = (bench.direct_request(), bench.direct(TIMED));
    let addresses = [bench.upstream(), bare.address, gate.address];
    let requests = [plain.clone(), plain, home.request()];
    let streams = [stream.clone(), stream, home.ask(TIMED)];
    let targets: Vec<_> = addresses.into_iter().zip(requests).collect();
    let streamed: Vec<_> = addresses.into_iter().zip(streams).collect();
    let count = bench.options.requests.min(REQUESTS_MAX) as usize;
    let rounds = bench.options.rounds;
    let (one, many) = bench
        .runtime
        .block_on(async {
            alternate(&targets, WARM_UP).await?;
            let mut one = Vec::new();
            let mut many = Vec::new();
            for _ in 0..rounds {
                one.push(alternate(&targets, count).await?);
                let mut transits = Vec::new();
                for (address, request) in &streamed {
                    let times = stream_times(*address, request, CONCURRENCY).await?;
                    transits.push(Latencies::new(times.transit));
                }
                many.push(transits);
            }
            Ok((one, many))
        })
        .map_err(|error: LoadError| BenchError::Load("the three targets", error))?;
    let mut figures = rows("one request at a time", &one);
    figures.extend(rows("64 streams, a delta's way", &many));
    Ok(Table {
        name: SECTION.name,
        title: "Added latency",
        how: format!(
            "{rounds} rounds. One at a time: {count} requests of 1 KB to the fake provider, the \
             bare proxy and Tiergate in turn, request by request, over one keep-alive connection \
             each. Streams: {CONCURRENCY} at once, a delta every 20 ms that bears the time it was \
             sent. Added means less the fake provider's own, asked directly."
        ),
        figures,
    })
}

fn rows(what: &str, rounds: &[Vec<Latencies>]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (label, share) in [("p50", 0.5), ("p99", 0.99)] {
        let of = |round: &Vec<Latencies>, at: usize| {
            let time = round.get(at).map(|times| times.quantile(share));
            micros(time.unwrap_or(Duration::ZERO))
        };
        let added = |at: usize| -> Vec<f64> {
            let less = |round: &Vec<Latencies>| of(round, at) - of(round, 0);
            rounds.iter().map(less).collect()
        };
        let direct: Vec<f64> = rounds.iter().map(|round| of(round, 0)).collect();
        let name = |who: &str| format!("{what}: {who}, {label}");
        figures.push(Figure::of_rounds(name("direct"), "µs", &direct));
        figures.push(Figure::of_rounds(name("bare proxy adds"), "µs", &added(1)));
        figures.push(Figure::of_rounds(name("Tiergate adds"), "µs", &added(2)));
    }
    figures
}
