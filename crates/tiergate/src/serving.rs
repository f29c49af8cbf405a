//! Wires the crates into a running gateway: store, ledger, release side, request side, two
//! listeners; and takes it down again. It must not decide anything about a request or a release.

mod monitoring;
mod parts;
mod reload;
pub mod suites;
mod targets;
mod witnessing;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use control::{Accounting, Control, Declared, Hooks, Patience};
use domain::{Policy, Status};
use gateway::{Gateway, Metrics, ServerLimits, Snapshot, Today};
use hyper::service::service_fn;
use store::{Access, Recorder, RecorderConfig, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::config::{Config, Settings};
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::home::{Home, Running};
use crate::options::Common;
use crate::output;
use parts::{Parts, wait};
use reload::Reloads;
use targets::Targets;
use witnessing::{Board, Witnessing};

/// How often keys written by another process are looked for.
const KEYS_EVERY: Duration = Duration::from_millis(200);
/// How often old rows are deleted.
const PURGE_EVERY: Duration = Duration::from_secs(3600);
/// How long the last usage rows may take to become durable at the end.
const FLUSH_WITHIN: Duration = Duration::from_secs(30);

/// Says where a running gateway listens.
#[derive(Clone, Copy, Debug)]
pub struct Listening {
    /// Where applications connect.
    pub listen: SocketAddr,
    /// Where operators connect.
    pub admin: SocketAddr,
}

/// Serves until a signal stops it; `ready` is told where it listens.
///
/// # Errors
/// Fails when store, ledger, configuration or listeners do not allow it to start.
pub fn run(common: &Common, config: Config, ready: impl FnOnce(&Listening)) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let common = common.clone();
    runtime.block_on(serve(common, config, ready))
}

async fn serve(common: Common, config: Config, ready: impl FnOnce(&Listening)) -> Outcome {
    // Heard from here on: whoever reads that it is ready may signal at once.
    let stops = Stops::heard()?;
    let home = Home::of(&common);
    let parts = Arc::new(wire(&home, &config)?);
    let app = bind(config.settings.listen, "server.listen").await?;
    let admin = bind(config.settings.admin, "server.admin").await?;
    let listening = Listening {
        listen: app.local_addr()?,
        admin: admin.local_addr()?,
    };
    let running = Running {
        listen: listening.listen.to_string(),
        admin: listening.admin.to_string(),
        pid: i32::try_from(std::process::id()).unwrap_or_default(),
        keys: parts.store.key_changes(),
    };
    home.announce(&running)?;
    let (stop, stopped) = watch::channel(false);
    let limits = limits(&config.settings);
    let served = tokio::spawn(gateway::serve(
        app,
        parts.gateway.service(),
        limits,
        wait(stopped.clone()),
    ));
    let control = Arc::clone(&parts.control);
    let service = service_fn(move |request| {
        let control = Arc::clone(&control);
        control::serve(control, request)
    });
    let administered = tokio::spawn(gateway::serve(
        admin,
        service,
        limits,
        wait(stopped.clone()),
    ));
    let tended = tokio::spawn(tend(Arc::clone(&parts), running, stopped.clone()));
    let monitoring = monitoring::start(&parts.control)?;
    let witnessing = witnessing(&parts)?.start()?;
    let reloads = Reloads::heard(&common.config)?;
    let watched = tokio::spawn(reloads.take_up(common, Arc::clone(&parts), stopped));
    ready(&listening);
    stops.come().await;
    output::note("stopping: requests under way are finished, new ones refused");
    stop.send_replace(true);
    let drained = served.await?;
    administered.await?;
    tended.await?;
    watched.await?;
    monitoring.stop();
    drop(witnessing);
    end(&home, &parts).await?;
    if drained == gateway::Drained::Cut {
        output::note("the drain limit came first: what was left was cut");
    }
    Ok(Exit::Done)
}

/// Collects what has the ledger cosigned. This process holds the lease, so nobody else asks.
fn witnessing(parts: &Parts) -> Result<Witnessing, store::LedgerError> {
    Ok(Witnessing {
        files: parts.store.ledger()?,
        declared: Arc::clone(&parts.witnesses),
        board: Arc::clone(&parts.board),
        home: parts.home.clone(),
    })
}

/// Makes everything durable and leaves no trace of running.
async fn end(
    home: &Home,
    parts: &Arc<Parts>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let recorder = Arc::clone(&parts.recorder);
    let is_durable = tokio::task::spawn_blocking(move || recorder.flush(FLUSH_WITHIN)).await?;
    if !is_durable {
        let what = "the last usage rows did not become durable in time";
        return Err(Fault::new(what, "see whether the data directory's disk is full").into());
    }
    home.withdraw();
    Ok(())
}

fn limits(settings: &Settings) -> ServerLimits {
    ServerLimits {
        max_connections: ServerLimits::MAX_CONNECTIONS,
        max_header_bytes: ServerLimits::MAX_HEADER_BYTES,
        header_timeout: ServerLimits::HEADER_TIMEOUT,
        drain: settings.drain,
    }
}

fn wire(home: &Home, config: &Config) -> Result<Parts, Box<dyn std::error::Error + Send + Sync>> {
    let settings = &config.settings;
    let store = home.store(Some(settings), Access::Write)?;
    let lease = store.lease()?;
    let writer = store.ledger_writer(lease)?;
    let metrics = Arc::new(Metrics::new());
    let counted = Arc::clone(&metrics);
    let watching: Arc<OnceLock<Arc<Control>>> = Arc::default();
    let told = Arc::clone(&watching);
    let on_batch = Box::new(move |rows: &[store::UsageRow]| {
        counted.on_batch(rows);
        // Nothing is served before there is one.
        if let Some(control) = told.get() {
            control.accounted(rows);
        }
    });
    let recording = RecorderConfig {
        queue_rows: store::QUEUE_ROWS,
        on_batch: Some(on_batch),
    };
    let recorder = Arc::new(Recorder::start(&store, recording)?);
    let targets = Arc::new(Targets::new());
    let policy = Arc::new(config.policy.clone());
    let snapshot = Snapshot {
        config: parts::limits(settings),
        policy: Arc::clone(&policy),
        status: Arc::new(Status::default()),
        providers: targets.of(settings)?,
        today: Arc::new(today(&store, &policy)?),
    };
    let heard = Arc::clone(&watching);
    let on_outcome = Box::new(move |row: &store::OutcomeRow| {
        if let Some(control) = heard.get() {
            control.reported(row);
        }
    });
    let gateway = Gateway::new(Arc::clone(&store), Arc::clone(&recorder), snapshot)?;
    let gateway = Arc::new(gateway.telling(on_outcome));
    let declared = Declared {
        policy,
        suites: suites::digests(config)?,
        elsewhere: suites::elsewhere(config),
    };
    let patience = Arc::new(ArcSwap::from_pointee(settings.monitor));
    let board = Arc::new(Board::default());
    let shown = (metrics, Arc::clone(&board));
    let hooks = hooks(&gateway, &recorder, shown, Arc::clone(&patience));
    let control = Arc::new(Control::open(Arc::clone(&store), writer, declared, hooks)?);
    store.refresh_keys()?;
    // Set once, so that it cannot be set already.
    let _ = watching.set(Arc::clone(&control));
    Ok(Parts {
        patience,
        witnesses: Arc::new(ArcSwap::from_pointee(settings.witnesses.clone())),
        board,
        store,
        recorder,
        gateway,
        control,
        targets,
        home: home.clone(),
    })
}

fn today(store: &Store, policy: &Policy) -> Result<Today, store::StoreError> {
    let now = environment::now();
    let mut used = Vec::new();
    for name in policy.releases.keys() {
        used.push((name.clone(), store.tokens_today(name, now)?));
    }
    Ok(Today::starting(now, used))
}

fn hooks(
    gateway: &Arc<Gateway>,
    recorder: &Arc<Recorder>,
    (metrics, board): (Arc<Metrics>, Arc<Board>),
    patience: Arc<ArcSwap<Patience>>,
) -> Hooks {
    let accounting = Arc::clone(recorder);
    let recorder = Arc::clone(recorder);
    let published = Arc::clone(gateway);
    let accounts = Arc::clone(gateway.accounts());
    Hooks {
        clock: environment::now,
        publish: Box::new(move |status| {
            let snapshot = published.snapshot();
            published.publish(Snapshot {
                status,
                ..(*snapshot).clone()
            });
        }),
        settle: Box::new(move || recorder.flush(FLUSH_WITHIN)),
        accounting: Box::new(move || Accounting {
            waiting: accounting.waiting(),
            durable: accounting.durable(),
        }),
        patience: Box::new(move || **patience.load()),
        // What the gateway writes ends with the mark of the end, so it comes last.
        metrics: Box::new(move || board.render() + &metrics.render(&accounts)),
    }
}

/// Listens on an address that a setting or an option names.
///
/// # Errors
/// Fails where something else listens there, or the system does not allow it.
pub async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|error| {
        let what = format!("{address} ({setting}) cannot be listened on");
        Fault::because(
            error,
            what,
            "stop what listens there, or choose another port",
        )
    })
}

/// Hears the signals to stop from the moment on that it is made.
pub struct Stops {
    term: Signal,
    interrupt: Signal,
}

impl Stops {
    /// Begins to hear.
    ///
    /// # Errors
    /// Fails where the system lets no handler be set.
    pub fn heard() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them.
    pub async fn come(mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Looks after what changes outside the request path: keys, the ledger's waiting entries, old
/// rows, credentials in files.
async fn tend(parts: Arc<Parts>, running: Running, stopped: watch::Receiver<bool>) {
    let mut told = Told {
        running,
        fault: None,
    };
    let mut keys = tokio::time::interval(KEYS_EVERY);
    let mut purge = tokio::time::interval(PURGE_EVERY);
    let mut stop = std::pin::pin!(wait(stopped));
    loop {
        let is_purge = tokio::select! {
            () = stop.as_mut() => return,
            _ = keys.tick() => false,
            _ = purge.tick() => true,
        };
        let parts = Arc::clone(&parts);
        let known = told.clone();
        let work = tokio::task::spawn_blocking(move || {
            if is_purge {
                purge_old(&parts);
                known
            } else {
                catch_up(&parts, known)
            }
        });
        match work.await {
            Ok(known) => told = known,
            Err(error) => tracing::error!(%error, "looking after the store failed"),
        }
    }
}

fn purge_old(parts: &Parts) {
    if let Err(error) = parts.store.purge(environment::now()) {
        tracing::warn!(%error, "old rows could not be deleted");
    }
}

/// Remembers what was told last, so that it is told again only when it changes.
#[derive(Clone)]
struct Told {
    /// What other processes were told.
    running: Running,
    /// Why the ledger could not be brought up to date, where the log says so.
    fault: Option<String>,
}

/// Takes in what other processes changed, and tells them once it is in force.
fn catch_up(parts: &Parts, mut told: Told) -> Told {
    parts.targets.refresh_credentials();
    let caught_up = match parts.store.refresh_keys() {
        Ok(true) => parts.control.catch_up(),
        Ok(false) => parts.control.retry(),
        Err(error) => {
            tracing::warn!(%error, "the keys could not be read");
            return told;
        }
    };
    let fault = caught_up.err().map(|error| output::chain(&error));
    if fault != told.fault {
        match &fault {
            Some(fault) => tracing::warn!(fault, "the ledger could not be brought up to date"),
            None => tracing::info!("the ledger is up to date again"),
        }
        told.fault = fault;
    }
    if told.fault.is_some() {
        return told;
    }
    let keys = parts.store.key_changes();
    if keys != told.running.keys {
        told.running.keys = keys;
        if let Err(error) = parts.home.announce(&told.running) {
            tracing::warn!(%error, "the change of a key could not be acknowledged");
        }
    }
    told
}
