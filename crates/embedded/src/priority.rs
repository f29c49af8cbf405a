//! The priority of inference threads: the lowest, so that everything else in the process and on
//! the machine goes first. It must not know what the threads do.

/// The kindest niceness that there is.
#[cfg(target_os = "linux")]
const NICEST: i32 = 19;

/// Gives the calling thread the lowest priority, where the system can do so for one thread.
/// Elsewhere it would slow the whole process, so it is left alone.
#[cfg(not(target_os = "linux"))]
pub(crate) fn lower() {}

/// Gives the calling thread the lowest priority: the idle class, which gives way at once to any
/// other thread that wakes, where a mere niceness lets the running slice end; and in it the
/// kindest niceness.
#[cfg(target_os = "linux")]
pub(crate) fn lower() {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
        set_thread_priority_and_policy, thread_native_id,
    };

    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    let thread = thread_native_id();
    if let Err(error) = set_thread_priority_and_policy(thread, ThreadPriority::Min, idle) {
        tracing::warn!(?error, "inference thread keeps its scheduling class");
    }
    // Linux keeps a niceness for each thread, and without an id the call means the calling one.
    if let Err(error) = rustix::process::setpriority_process(None, NICEST) {
        tracing::warn!(%error, "inference thread keeps its priority");
    }
}
