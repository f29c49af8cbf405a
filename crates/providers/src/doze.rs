//! Spares polls for nothing: whoever sends an answer on asks for its next piece several times in
//! one turn, and one look at the connection a wake-up is enough. It must not know what waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// Polls something that waits once, and then again only when it has been woken since.
pub(crate) struct Doze {
    bell: Arc<Bell>,
    waker: Waker,
    is_waiting: bool,
}

/// Is rung by what is waited for; passes it on to the task and remembers it.
struct Bell {
    has_rung: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.has_rung.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Doze {
    pub(crate) fn new() -> Self {
        let bell = Arc::new(Bell {
            has_rung: AtomicBool::new(false),
            task: AtomicWaker::new(),
        });
        Self {
            waker: Waker::from(Arc::clone(&bell)),
            bell,
            is_waiting: false,
        }
    }

    /// Polls it, unless it would be pending again for certain.
    pub(crate) fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        // First the task, then the look: a bell that rings between the two wakes the task again.
        self.bell.task.register(cx.waker());
        let has_rung = self.bell.has_rung.swap(false, Ordering::AcqRel);
        if self.is_waiting && !has_rung {
            return Poll::Pending;
        }
        let polled = poll(&mut Context::from_waker(&self.waker));
        self.is_waiting = polled.is_pending();
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_waits_is_polled_once_a_wake_up() {
        let polls = Cell::new(0);
        let heard = Cell::new(None);
        let mut doze = Doze::new();
        let mut cx = Context::from_waker(Waker::noop());
        let mut poll = |answer: Poll<u8>| {
            doze.poll(&mut cx, |cx| {
                polls.set(polls.get() + 1);
                heard.set(Some(cx.waker().clone()));
                answer
            })
        };
        assert_eq!(poll(Poll::Ready(1)), Poll::Ready(1));
        assert_eq!(poll(Poll::Pending), Poll::Pending);
        assert_eq!(poll(Poll::Ready(2)), Poll::Pending);
        assert_eq!(polls.get(), 2);
        heard.take().unwrap().wake();
        assert_eq!(poll(Poll::Ready(3)), Poll::Ready(3));
        assert_eq!(poll(Poll::Ready(4)), Poll::Ready(4));
        assert_eq!(polls.get(), 4);
    }

    #[test]
    fn a_wake_up_reaches_the_task_that_asked_last() {
        struct Count(AtomicBool);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let (old, new) = (
            Arc::new(Count(AtomicBool::new(false))),
            Arc::new(Count(AtomicBool::new(false))),
        );
        let mut doze = Doze::new();
        let heard = Cell::new(None);
        for task in [&old, &new] {
            let waker = Waker::from(Arc::clone(task));
            let polled: Poll<()> = doze.poll(&mut Context::from_waker(&waker), |cx| {
                heard.set(Some(cx.waker().clone()));
                Poll::Pending
            });
            assert!(polled.is_pending());
        }
        heard.take().unwrap().wake();
        assert!(!old.0.load(Ordering::SeqCst));
        assert!(new.0.load(Ordering::SeqCst));
    }
}
