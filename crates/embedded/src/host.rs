//! The threads that run the models: few, of low priority, behind a queue with a limit, so that
//! inference never takes the proxy's cores. It must not know HTTP or a wire format.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::engine::{Ask, AskFault, Engine, Listener, Said};
use crate::fault::FileFault;
use crate::model::{Limits, Model};
use crate::priority;

/// Models that stay loaded; the one unused for longest leaves first.
const MAX_LOADED: usize = 4;
/// The longest that a client is asked to stay away.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);
/// What an answer is taken to last before one was given.
const FIRST_GUESS: Duration = Duration::from_secs(2);

/// Says where the models are and how much they may take.
#[derive(Clone, Debug)]
pub struct Config {
    /// The directory of the converted files, `<name>.gguf` each.
    pub directory: PathBuf,
    /// Threads, each answering one chat at a time.
    pub threads: usize,
    /// Chats that may wait.
    pub queue: usize,
    /// Limits of each model.
    pub limits: Limits,
}

/// Runs the models.
pub struct Host {
    jobs: SyncSender<Job>,
    shared: Arc<Shared>,
}

/// Hears one answer; dropping it ends the answer.
pub type Answering = mpsc::UnboundedReceiver<Result<Said, AskFault>>;

struct Shared {
    config: Config,
    loaded: Mutex<VecDeque<(String, Arc<dyn Engine>)>>,
    waiting: AtomicUsize,
    last_ms: AtomicU64,
}

struct Job {
    model: String,
    ask: Option<Ask>,
    listener: Listening,
}

struct Listening(mpsc::UnboundedSender<Result<Said, AskFault>>);

impl Host {
    /// Starts the threads; models are loaded when they are first asked.
    ///
    /// # Errors
    /// Fails where a thread cannot be started.
    pub fn start(config: Config) -> Result<Self, FileFault> {
        let (jobs, waiting) = sync_channel(config.queue.max(1));
        let waiting = Arc::new(Mutex::new(waiting));
        let threads = config.threads.max(1);
        let shared = Arc::new(Shared {
            config,
            loaded: Mutex::default(),
            waiting: AtomicUsize::new(0),
            last_ms: AtomicU64::new(u64::try_from(FIRST_GUESS.as_millis()).unwrap_or(u64::MAX)),
        });
        for number in 0..threads {
            let (shared, waiting) = (Arc::clone(&shared), Arc::clone(&waiting));
            thread::Builder::new()
                .name(format!("inference-{number}"))
                .spawn(move || work(&shared, &waiting))
                .map_err(FileFault::Thread)?;
        }
        Ok(Self { jobs, shared })
    }

    /// Queues a question to a model.
    ///
    /// # Errors
    /// Fails where the queue is full, and where no model can have this name.
    pub fn ask(&self, model: &str, ask: Ask) -> Result<Answering, AskFault> {
        self.queue(model, Some(ask))
    }

    /// Queues the loading of a model, so that the first question does not wait for it. The
    /// answer ends without a word once it is loaded.
    ///
    /// # Errors
    /// Fails as [`Host::ask`] does.
    pub fn preload(&self, model: &str) -> Result<Answering, AskFault> {
        self.queue(model, None)
    }

    /// Puts an engine of a test's own where a loaded model would be.
    #[cfg(test)]
    pub(crate) fn offer(&self, name: &str, engine: Arc<dyn Engine>) {
        let mut loaded = self.shared.loaded.lock().unwrap();
        loaded.push_front((name.to_owned(), engine));
    }

    fn queue(&self, model: &str, ask: Option<Ask>) -> Result<Answering, AskFault> {
        if !is_file_name(model) {
            return Err(AskFault::UnknownModel(model.to_owned()));
        }
        // Unbounded in type only: an answer sends at most one part per token of its limit.
        let (listener, answering) = mpsc::unbounded_channel();
        let job = Job {
            model: model.to_owned(),
            ask,
            listener: Listening(listener),
        };
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        match self.jobs.try_send(job) {
            Ok(()) => Ok(answering),
            Err(error) => {
                let retry_after = self.shared.retry_after();
                self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                Err(match error {
                    TrySendError::Full(_) => AskFault::Busy { retry_after },
                    TrySendError::Disconnected(_) => {
                        AskFault::Engine("its threads have ended".to_owned())
                    }
                })
            }
        }
    }
}

impl Shared {
    /// Guesses when the queue is through from how long the last answer took.
    fn retry_after(&self) -> Duration {
        let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
        let waiting = u32::try_from(self.waiting.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        let threads = u32::try_from(self.config.threads.max(1)).unwrap_or(u32::MAX);
        let guess = last.saturating_mul(waiting) / threads;
        guess.clamp(Duration::from_secs(1), LONGEST_RETRY_AFTER)
    }

    /// Finds a loaded model or loads it. The lock is held meanwhile: two threads must not load
    /// one file twice.
    fn engine(&self, name: &str) -> Result<Arc<dyn Engine>, AskFault> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = loaded.iter().position(|(known, _)| known == name)
            && let Some(entry) = loaded.remove(at)
        {
            let engine = Arc::clone(&entry.1);
            loaded.push_front(entry);
            return Ok(engine);
        }
        let path = self.config.directory.join(format!("{name}.gguf"));
        let model = Model::load(&path, self.config.limits).map_err(|fault| match fault {
            FileFault::Absent(_) => AskFault::UnknownModel(name.to_owned()),
            other => AskFault::Load(Arc::new(other)),
        })?;
        let engine: Arc<dyn Engine> = Arc::new(model);
        loaded.truncate(MAX_LOADED - 1);
        loaded.push_front((name.to_owned(), Arc::clone(&engine)));
        tracing::info!(
            model = name,
            weights = engine.weights(),
            "embedded model loaded"
        );
        Ok(engine)
    }
}

/// Answers one question after the other until the host is gone.
fn work(shared: &Shared, waiting: &Mutex<Receiver<Job>>) {
    priority::lower();
    loop {
        let next = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(mut job) = next else { return };
        shared.waiting.fetch_sub(1, Ordering::Relaxed);
        if job.listener.is_gone() {
            continue;
        }
        let answered = shared.engine(&job.model).and_then(|engine| {
            let Some(ask) = &job.ask else { return Ok(()) };
            let began = Instant::now();
            engine.answer(ask, &mut job.listener)?;
            let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            shared.last_ms.store(took, Ordering::Relaxed);
            Ok(())
        });
        if let Err(fault) = answered {
            // Nobody listens any more where this fails.
            let _ = job.listener.0.send(Err(fault));
        }
    }
}

impl Listener for Listening {
    fn hear(&mut self, said: Said) {
        // A listener that has gone is seen by `is_gone`.
        let _ = self.0.send(Ok(said));
    }

    fn is_gone(&self) -> bool {
        self.0.is_closed()
    }
}

/// Tells whether a name is one plain file name, so that no name leaves the directory.
#[must_use]
pub fn is_file_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && name.len() <= 128 && !name.starts_with('.') && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests;
