//! Replies that wait for a slow client, and when they are too many.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use engine::OutputLimit;
use tokio::time::{Instant, Sleep};

/// How one client stands to `client-output-buffer-limit`.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    /// More than the soft limit waits since then.
    above_soft: Option<Since>,
}

#[derive(Debug)]
struct Since {
    instant: Instant,
    /// Wakes the connection when it has lasted too long, however silent the client is.
    alarm: Pin<Box<Sleep>>,
}

impl Backlog {
    /// Whether the client has to go, now that so many bytes wait: more than the hard limit, or more than the soft limit for as long
    /// as that allows. Limits of 0 are none. If it may stay for a while, the task is woken when that is over.
    pub(crate) fn poll_exceeds(
        &mut self,
        cx: &mut Context<'_>,
        waiting_bytes: usize,
        limit: OutputLimit,
    ) -> bool {
        let waiting_bytes = waiting_bytes as u64;
        if limit.hard > 0 && waiting_bytes > limit.hard {
            return true;
        }
        if limit.soft == 0 || waiting_bytes <= limit.soft {
            self.above_soft = None;
            return false;
        }
        let patience = Duration::from_secs(limit.soft_seconds.min(SOFT_SECONDS_MAX));
        let since = self.above_soft.get_or_insert_with(|| Since::now(patience));
        let end = since.instant + patience;
        if since.alarm.deadline() != end {
            since.alarm.as_mut().reset(end);
        }
        matches!(since.alarm.as_mut().poll(cx), Poll::Ready(()))
    }

    /// Nothing waits any more.
    pub(crate) fn clear(&mut self) {
        self.above_soft = None;
    }
}

/// A time that never comes, and yet can be added to any.
const SOFT_SECONDS_MAX: u64 = 100 * 365 * 24 * 3600;

impl Since {
    fn now(patience: Duration) -> Self {
        let instant = Instant::now();
        Self { instant, alarm: Box::pin(tokio::time::sleep_until(instant + patience)) }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const LIMIT: OutputLimit = OutputLimit { hard: 1000, soft: 100, soft_seconds: 2 };

    async fn exceeds(backlog: &mut Backlog, waiting_bytes: usize, limit: OutputLimit) -> bool {
        poll_fn(|cx| Poll::Ready(backlog.poll_exceeds(cx, waiting_bytes, limit))).await
    }

    #[tokio::test(start_paused = true)]
    async fn the_hard_limit_holds_at_once() {
        let mut backlog = Backlog::default();
        assert!(!exceeds(&mut backlog, 1000, LIMIT).await);
        assert!(exceeds(&mut backlog, 1001, LIMIT).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_soft_limit_holds_after_its_time_and_anew_after_a_pause() {
        let mut backlog = Backlog::default();
        assert!(!exceeds(&mut backlog, 101, LIMIT).await);
        tokio::time::advance(Duration::from_millis(1999)).await;
        assert!(!exceeds(&mut backlog, 101, LIMIT).await);
        tokio::time::advance(Duration::from_millis(2)).await;
        assert!(exceeds(&mut backlog, 101, LIMIT).await);
        assert!(!exceeds(&mut backlog, 100, LIMIT).await);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert!(!exceeds(&mut backlog, 101, LIMIT).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_task_is_woken_when_patience_ends() {
        let mut backlog = Backlog::default();
        let begun = Instant::now();
        let closed =
            poll_fn(|cx| if backlog.poll_exceeds(cx, 101, LIMIT) { Poll::Ready(()) } else { Poll::Pending });
        closed.await;
        assert_eq!(begun.elapsed().as_secs(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn limits_of_zero_are_none() {
        let none = OutputLimit { hard: 0, soft: 0, soft_seconds: 0 };
        assert!(!exceeds(&mut Backlog::default(), usize::MAX, none).await);
    }
}
