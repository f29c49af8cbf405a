//! Has the ledger's checkpoints cosigned by the declared witnesses, on a thread of its own beside
//! everything that is acknowledged. It must not hold up an append, nor be waited for by one.

mod board;
mod member;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use ledger::QuorumError;
use store::{LedgerError, LedgerFiles};

use crate::config::Witnesses;
use crate::home::Home;
use crate::output;
use crate::standing::Standing;
pub(super) use board::Board;
use member::Member;

/// How often the checkpoint is looked at: one small file.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What the thread works with.
pub(super) struct Witnessing {
    /// The ledger, for reading, and what is kept beside it.
    pub(super) files: LedgerFiles,
    /// Who is asked, as the configuration says now.
    pub(super) declared: Arc<ArcSwap<Witnesses>>,
    /// Shows how they stand to whoever scrapes.
    pub(super) board: Arc<Board>,
    /// Where commands read it.
    pub(super) home: Home,
}

/// Lets the thread go on for as long as it lives.
pub(super) struct Asking {
    _stop: SyncSender<()>,
}

impl Witnessing {
    /// Starts the thread. It is not waited for at the end: a question may be under way, and what it
    /// keeps is whole at any moment.
    ///
    /// # Errors
    /// Fails where the system has no thread to give.
    pub(super) fn start(self) -> std::io::Result<Asking> {
        let (stop, stopped) = sync_channel::<()>(0);
        let thread = thread::Builder::new().name("tiergate-witnesses".to_owned());
        thread.spawn(move || Rounds::of(self).run(&stopped))?;
        Ok(Asking { _stop: stop })
    }
}

/// Asks the witnesses round after round.
struct Rounds {
    with: Witnessing,
    witnesses: Arc<Witnesses>,
    members: Vec<Member>,
    told: Vec<Standing>,
    /// The last checkpoint that enough of them cosigned.
    gathered: Vec<u8>,
    /// Why the ledger could not be read or written, where that was told.
    fault: Option<String>,
}

impl Rounds {
    fn of(with: Witnessing) -> Self {
        Self {
            // What an earlier process told holds until this one tells.
            told: with.home.witnesses().unwrap_or_default(),
            with,
            witnesses: Arc::default(),
            members: Vec::new(),
            gathered: Vec::new(),
            fault: None,
        }
    }

    fn run(mut self, stopped: &Receiver<()>) {
        // The end of the sender is the sign to stop.
        while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            self.take_up();
            // Before the round, which may take as long as the slowest witness.
            self.tell();
            if !self.members.is_empty() {
                let asked = self.round();
                self.note(asked.err().map(|error| output::chain(&error)));
            }
            self.tell();
        }
    }

    /// Takes up who is declared now; one who stays keeps what is known of him.
    fn take_up(&mut self) {
        let declared = self.with.declared.load_full();
        if *declared == *self.witnesses {
            return;
        }
        let mut before = std::mem::take(&mut self.members);
        for witness in &declared.asked {
            let known = before.iter().position(|one| one.witness() == witness);
            self.members.push(match known {
                Some(at) => before.swap_remove(at),
                None => Member::new(witness.clone(), &self.with.files),
            });
        }
        self.witnesses = declared;
        self.gathered.clear();
    }

    /// Asks everyone who has not cosigned the checkpoint as it is now and does not rest, at once,
    /// so that a slow one holds up no other one's answer to this checkpoint.
    fn round(&mut self) -> Result<(), LedgerError> {
        let checkpoint = self.with.files.checkpoint()?;
        let now = Instant::now();
        let members = self.members.iter_mut();
        let due: Vec<_> = members.filter(|one| one.is_due(&checkpoint, now)).collect();
        if due.is_empty() {
            return Ok(());
        }
        let files = &self.with.files;
        thread::scope(|scope| {
            for member in due {
                let thread = thread::Builder::new().name("tiergate-witness".to_owned());
                let spawned = thread.spawn_scoped(scope, move || member.ask(files));
                if let Err(error) = spawned {
                    output::note(format!("a witness is not asked in this round: {error}"));
                }
            }
        });
        self.gather(&checkpoint)
    }

    /// Keeps the checkpoint with its cosignatures once enough have cosigned it.
    fn gather(&mut self, checkpoint: &[u8]) -> Result<(), LedgerError> {
        let Some(quorum) = &self.witnesses.quorum else {
            return Ok(());
        };
        let cosigned: Vec<_> = self.members.iter().filter_map(Member::note).collect();
        match quorum.gather(checkpoint, &cosigned) {
            Ok(gathered) if gathered != self.gathered => {
                self.with.files.keep_gathered(&gathered)?;
                self.gathered = gathered;
            }
            Ok(_) | Err(QuorumError::TooFew { .. }) => {}
            // Each answer was checked when it came.
            Err(error) => output::note(format!("cosignatures cannot be gathered: {error}")),
        }
        Ok(())
    }

    fn note(&mut self, fault: Option<String>) {
        if let Some(fault) = fault
            .as_ref()
            .filter(|fault| self.fault.as_ref() != Some(fault))
        {
            output::note(format!(
                "the ledger cannot be shown to its witnesses: {fault}"
            ));
        }
        self.fault = fault;
    }

    fn tell(&mut self) {
        let standings = self.members.iter().map(Member::standing);
        let standings: Vec<_> = standings.cloned().collect();
        self.with.board.tell(&standings);
        if standings == self.told {
            return;
        }
        // Told again with the next change: it is only a view.
        if let Err(error) = self.with.home.tell_witnesses(&standings) {
            tracing::warn!(%error, "how the witnesses stand could not be told");
        }
        self.told = standings;
    }
}
