//! Takes usage rows off the request path: a bounded queue, one thread, one transaction for many
//! rows. It must not hold up a request, nor lose a row without counting it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::config::Access;
use crate::insert::insert;
use crate::profile::Profiles;
use crate::store::{Store, connect, locked};
use crate::usage::UsageRow;

/// Rows that may wait: more than a second of the heaviest load, some 8 MB.
pub const QUEUE_ROWS: usize = 16_384;
/// Rows in one transaction.
const BATCH_ROWS: usize = 512;
/// How long the first row of a batch waits for others.
const BATCH_WAIT: Duration = Duration::from_millis(50);
/// How long a batch that the database refused waits before it is tried again.
const RETRY_WAIT: Duration = Duration::from_millis(200);
/// How long dropping a recorder waits for the last rows.
const DROP_WAIT: Duration = Duration::from_secs(5);

/// Is told of each batch once it is durable, on the recorder's thread.
pub type OnBatch = Box<dyn Fn(&[UsageRow]) + Send>;

/// Completes a row with what takes longer to find out than a request may wait, on the recorder's
/// thread, just before the row is written.
pub type Complete = Box<dyn FnOnce(&mut UsageRow) + Send>;

/// Says how rows are recorded.
pub struct RecorderConfig {
    /// How many rows may wait, at least one; [`QUEUE_ROWS`] unless there is a reason.
    pub queue_rows: usize,
    /// What else is to happen with each batch, such as metrics.
    pub on_batch: Option<OnBatch>,
}

/// Says why the recorder could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store was opened for reading.
    #[error("cannot record usage: the store is opened for reading")]
    ReadOnly,
    /// Its connection could not be opened.
    #[error("cannot open the database to record usage")]
    Database(#[source] rusqlite::Error),
    /// Its thread could not be started.
    #[error("cannot start the thread that records usage")]
    Thread(#[source] std::io::Error),
}

/// Records usage rows. What a killed process loses is what waits: rows younger than 50 ms and
/// those of the batch being written, as many as the queue may hold at most. A row counted by
/// [`Recorder::durable`] survives any crash.
pub struct Recorder {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    limit: usize,
    queue: Mutex<Queue>,
    /// Wakes the writer: a first row, a full batch, a flush or the end.
    work: Condvar,
    /// Wakes those who wait for rows to be durable.
    settled: Condvar,
    lost: AtomicU64,
}

#[derive(Default)]
struct Queue {
    rows: Vec<UsageRow>,
    /// What is still to be done to some of the rows, by their places; most have nothing.
    completions: Vec<(usize, Complete)>,
    /// Rows ever taken in, and rows ever settled: durable or counted as lost after all.
    taken: u64,
    settled: u64,
    durable: u64,
    /// Up to which row somebody waits; the writer does not linger before it.
    wanted: u64,
    is_ending: bool,
    has_ended: bool,
}

impl Queue {
    /// Counts the rows that wait or are being written.
    fn unsettled(&self) -> usize {
        usize::try_from(self.taken - self.settled).unwrap_or(usize::MAX)
    }
}

impl Recorder {
    /// Starts the thread that records.
    ///
    /// # Errors
    /// Fails when the store is read only, or has no connection or thread to give.
    pub fn start(store: &Store, config: RecorderConfig) -> Result<Self, StartError> {
        if store.access() == Access::Read {
            return Err(StartError::ReadOnly);
        }
        let connection = connect(&store.config, Access::Write).map_err(StartError::Database)?;
        let shared = Arc::new(Shared {
            limit: config.queue_rows.max(1),
            queue: Mutex::default(),
            work: Condvar::new(),
            settled: Condvar::new(),
            lost: AtomicU64::new(0),
        });
        let mut writer = Writer {
            shared: Arc::clone(&shared),
            connection,
            profiles: Profiles::default(),
            on_batch: config.on_batch,
        };
        let thread = std::thread::Builder::new()
            .name("tiergate-usage".to_owned())
            .spawn(move || writer.run())
            .map_err(StartError::Thread)?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Takes a row in, without waiting. Tells whether it did: where the queue is full or the
    /// recorder has stopped, the row is lost and counted.
    pub fn try_record(&self, row: UsageRow) -> bool {
        self.take(row, None)
    }

    /// Takes a row in like [`Recorder::try_record`], to be completed before it is written.
    pub fn try_record_completed(&self, row: UsageRow, complete: Complete) -> bool {
        self.take(row, Some(complete))
    }

    fn take(&self, mut row: UsageRow, complete: Option<Complete>) -> bool {
        row.bound();
        let mut queue = locked(&self.shared.queue);
        if queue.is_ending || queue.unsettled() >= self.shared.limit {
            drop(queue);
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        if let Some(complete) = complete {
            let place = queue.rows.len();
            queue.completions.push((place, complete));
        }
        queue.rows.push(row);
        queue.taken += 1;
        let waiting = queue.rows.len();
        drop(queue);
        if waiting == 1 || waiting == BATCH_ROWS {
            self.shared.work.notify_one();
        }
        true
    }

    /// Waits until every row taken in so far is durable. Tells whether that was so in time.
    pub fn flush(&self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        let mut queue = locked(&self.shared.queue);
        let target = queue.taken;
        let lost_before = queue.settled - queue.durable;
        queue.wanted = queue.wanted.max(target);
        self.shared.work.notify_one();
        while queue.settled < target {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || queue.has_ended {
                return false;
            }
            let waited = self.shared.settled.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.settled - queue.durable == lost_before
    }

    /// Flushes, then ends the thread. Tells whether every row became durable in time; those that
    /// did not are counted as lost.
    pub fn stop(&self, within: Duration) -> bool {
        locked(&self.shared.queue).is_ending = true;
        let is_durable = self.flush(within);
        let mut queue = locked(&self.shared.queue);
        let abandoned = std::mem::take(&mut queue.rows).len() as u64;
        queue.completions.clear();
        queue.settled += abandoned;
        queue.has_ended = true;
        drop(queue);
        self.shared.lost.fetch_add(abandoned, Ordering::Relaxed);
        self.shared.work.notify_one();
        let thread = locked(&self.thread).take();
        // The thread holds no lock of ours while it ends, so joining it cannot hang on us.
        thread.is_none_or(|thread| thread.join().is_ok()) && is_durable
    }

    /// Counts the rows lost: turned away at a full queue, or never accepted by the database.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Counts the rows that are durable.
    #[must_use]
    pub fn durable(&self) -> u64 {
        locked(&self.shared.queue).durable
    }

    /// Counts the rows that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        locked(&self.shared.queue).unsettled()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if locked(&self.thread).is_some() && !self.stop(DROP_WAIT) {
            tracing::error!(lost = self.lost(), "usage rows were lost at the end");
        }
    }
}

struct Writer {
    shared: Arc<Shared>,
    connection: Connection,
    profiles: Profiles,
    on_batch: Option<OnBatch>,
}

impl Writer {
    fn run(&mut self) {
        let mut batch = Vec::new();
        while self.next_batch(&mut batch) {
            for rows in batch.chunks(BATCH_ROWS) {
                self.write(rows);
            }
            batch.clear();
            batch.shrink_to(BATCH_ROWS);
        }
    }

    /// Waits for rows and takes all that wait; false at the end.
    fn next_batch(&self, batch: &mut Vec<UsageRow>) -> bool {
        let shared = &self.shared;
        let mut queue = locked(&shared.queue);
        while queue.rows.is_empty() {
            if queue.is_ending {
                return false;
            }
            queue = shared
                .work
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let deadline = Instant::now() + BATCH_WAIT;
        while queue.rows.len() < BATCH_ROWS && queue.wanted <= queue.settled && !queue.is_ending {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = shared.work.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::swap(&mut queue.rows, batch);
        let completions = std::mem::take(&mut queue.completions);
        drop(queue);
        complete(batch, completions);
        true
    }

    /// Writes rows, again and again until the database takes them or the recorder ends: what
    /// fails is a full disk or a locked database, and either may pass.
    fn write(&mut self, rows: &[UsageRow]) {
        if locked(&self.shared.queue).has_ended {
            self.settle(rows.len() as u64, 0);
            return;
        }
        while let Err(error) = insert(&mut self.connection, &mut self.profiles, rows) {
            tracing::error!(rows = rows.len(), %error, "usage rows could not be written yet");
            if self.has_given_up() {
                self.settle(rows.len() as u64, 0);
                return;
            }
        }
        if let Some(on_batch) = &self.on_batch {
            on_batch(rows);
        }
        self.settle(rows.len() as u64, rows.len() as u64);
    }

    /// Waits before another try; tells whether nobody waits for one any more.
    fn has_given_up(&self) -> bool {
        let deadline = Instant::now() + RETRY_WAIT;
        let mut queue = locked(&self.shared.queue);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if queue.has_ended || left.is_zero() {
                return queue.has_ended;
            }
            let waited = self.shared.work.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn settle(&self, rows: u64, durable: u64) {
        let lost = rows - durable;
        self.shared.lost.fetch_add(lost, Ordering::Relaxed);
        let mut queue = locked(&self.shared.queue);
        queue.settled += rows;
        queue.durable += durable;
        drop(queue);
        self.shared.settled.notify_all();
    }
}

fn complete(batch: &mut [UsageRow], completions: Vec<(usize, Complete)>) {
    for (place, complete) in completions {
        let Some(row) = batch.get_mut(place) else {
            continue;
        };
        // What is found out here is read from callers' and models' texts. Should that fail, the row
        // goes on without it: no text may end the thread that accounts for everybody.
        let done = catch_unwind(AssertUnwindSafe(|| complete(row)));
        if done.is_err() {
            tracing::error!("a usage row could not be completed");
        }
        row.bound();
    }
}

#[cfg(test)]
mod tests;
