//! Takes up a changed configuration, on a change of the file and on SIGHUP; a wrong one is told
//! and the last good one kept. It must not end the process.

use std::path::Path;
use std::sync::Arc;

use control::Declared;
use gateway::Snapshot;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::parts::{self, Parts, wait};
use super::suites;
use crate::environment;
use crate::home;
use crate::options::Common;
use crate::output;

/// Hears what asks for a reload, from the moment on that it is made.
pub(super) struct Reloads {
    hang_up: Signal,
    told: mpsc::Receiver<()>,
    /// Tells as long as it lives; without one SIGHUP still reloads.
    _watcher: Option<RecommendedWatcher>,
}

impl Reloads {
    /// Begins to hear.
    ///
    /// # Errors
    /// Fails where the system lets no handler be set.
    pub(super) fn heard(file: &Path) -> std::io::Result<Self> {
        let (tell, told) = mpsc::channel(1);
        let watcher = watcher(file, tell).inspect_err(|error| {
            tracing::warn!(%error, "the configuration file is not watched; SIGHUP reloads it");
        });
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            told,
            _watcher: watcher.ok(),
        })
    }

    /// Reloads until stopped.
    pub(super) async fn take_up(
        mut self,
        common: Common,
        parts: Arc<Parts>,
        stopped: watch::Receiver<bool>,
    ) {
        let mut stop = std::pin::pin!(wait(stopped));
        loop {
            tokio::select! {
                () = stop.as_mut() => return,
                _ = self.hang_up.recv() => {}
                Some(()) = self.told.recv() => {}
            }
            let (common, parts) = (common.clone(), Arc::clone(&parts));
            let work = tokio::task::spawn_blocking(move || reload(&common, &parts));
            if let Ok(Err(error)) = work.await {
                output::note(
                    "the configuration was not taken up; the last good one stays in force",
                );
                output::fault(error.as_ref());
            }
        }
    }
}

fn watcher(path: &Path, tell: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let name = path.file_name().map(ToOwned::to_owned);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_ours = event.is_ok_and(|event| {
            let is_change = event.kind.is_modify() || event.kind.is_create();
            is_change
                && event
                    .paths
                    .iter()
                    .any(|path| path.file_name() == name.as_deref())
        });
        if is_ours {
            // A reload that waits already sees this change too.
            let _ = tell.try_send(());
        }
    })?;
    // Editors replace the file, so its folder is watched.
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    watcher.watch(
        folder.unwrap_or(Path::new(".")),
        RecursiveMode::NonRecursive,
    )?;
    Ok(watcher)
}

fn reload(common: &Common, parts: &Parts) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let config = home::config(common)?;
    let before = parts.gateway.snapshot();
    let suites = suites::digests(&config)?;
    let elsewhere = suites::elsewhere(&config);
    let is_same_file = config.policy.digest == before.policy.digest;
    if is_same_file && parts.control.declared().suites == suites {
        return Ok(());
    }
    let providers = parts.targets.of(&config.settings)?;
    let limits = parts::limits(&config.settings);
    parts.patience.store(Arc::new(config.settings.monitor));
    let policy = Arc::new(config.policy);
    let now = environment::now();
    let today = Arc::new(before.today.carried(now, policy.releases.keys()));
    let declared = Declared {
        policy: Arc::clone(&policy),
        suites,
        elsewhere,
    };
    let digest = policy.digest.clone();
    parts.control.reload(declared, |status| {
        parts.gateway.publish(Snapshot {
            policy,
            status,
            providers,
            config: limits,
            today,
        });
    })?;
    parts.witnesses.store(Arc::new(config.settings.witnesses));
    output::note(format!("the configuration was taken up: policy {digest}"));
    Ok(())
}
