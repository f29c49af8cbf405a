//! The priority of inference threads: the lowest, so that everything else in the process and on
//! the machine goes first. It must not know what the threads do.

/// The kindest niceness that there is.
#[cfg(target_os = "linux")]
const NICEST: i32 = 19;

/// Gives the calling thread the lowest priority, where the system can do so for one thread.
pub(crate) fn lower() {
    // Linux keeps a niceness for each thread, and without an id the call means the calling one.
    // Elsewhere it would slow the whole process, so it is left alone.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICEST) {
        tracing::warn!(%error, "inference thread keeps its priority");
    }
}
