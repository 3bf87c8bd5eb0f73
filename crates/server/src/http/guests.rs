//! Who is connected to the HTTP port, and for how long.
//!
//! There is no password, so there is no trust either: a connection that says nothing, or says it slowly, or doesn't read its answer ends after
//! a while; and when there are many, the one that has been quiet for longest makes room for a new one. So nobody can hold all places.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

/// The most connections at a time.
pub(crate) const CONNECTIONS_MAX: usize = 64;

/// How long the first request may take to come.
const FIRST_REQUEST_MAX: Duration = Duration::from_secs(10);

/// How long a further request may take to come, and an answer to be read. Prometheus asks once a minute unless told otherwise, and then finds
/// its connection open.
const QUIET_MAX: Duration = Duration::from_secs(75);

/// All that are connected.
#[derive(Default)]
pub(super) struct Guests(RefCell<Vec<Rc<Guest>>>);

/// A connection.
pub(super) struct Guest {
    /// It is being answered.
    is_served: Cell<bool>,
    /// It is asked to leave when nothing happens until then.
    patience_ends: Cell<Instant>,
    /// It has to leave at once.
    leave: Notify,
}

impl Guests {
    /// Lets a connection in, in the place of another if need be. None: all places are taken by those that are being answered.
    pub(super) fn enter(&self) -> Option<Rc<Guest>> {
        let mut guests = self.0.borrow_mut();
        if guests.len() >= CONNECTIONS_MAX {
            let quiet = (0..guests.len()).filter(|index| !guests[*index].is_served.get());
            let quietest = quiet.min_by_key(|index| guests[*index].patience_ends.get())?;
            guests.swap_remove(quietest).leave.notify_one();
        }
        let guest = Rc::new(Guest {
            is_served: Cell::new(false),
            patience_ends: Cell::new(Instant::now() + FIRST_REQUEST_MAX),
            leave: Notify::new(),
        });
        guests.push(Rc::clone(&guest));
        Some(guest)
    }

    /// A connection has ended.
    pub(super) fn left(&self, guest: &Rc<Guest>) {
        self.0.borrow_mut().retain(|other| !Rc::ptr_eq(other, guest));
    }

    /// Ends all connections.
    pub(super) fn dismiss(&self) {
        self.0.borrow_mut().drain(..).for_each(|guest| guest.leave.notify_one());
    }
}

impl Guest {
    /// A request has come.
    pub(super) fn asks(&self) {
        self.is_served.set(true);
    }

    /// The answer is made.
    pub(super) fn is_answered(&self) {
        self.is_served.set(false);
        self.patience_ends.set(Instant::now() + QUIET_MAX);
    }

    /// Returns when the connection has to end.
    pub(super) async fn is_dismissed(&self) {
        loop {
            let end = self.patience_ends.get();
            if timeout_at(end, self.leave.notified()).await.is_ok() {
                return;
            }
            if self.is_served.get() {
                // What serves it has an end of its own.
                sleep_until(Instant::now() + FIRST_REQUEST_MAX).await;
            } else if self.patience_ends.get() <= Instant::now() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_gone(guest: &Guest) -> bool {
        let mut leave = std::pin::pin!(guest.leave.notified());
        leave.as_mut().enable()
    }

    #[tokio::test(start_paused = true)]
    async fn the_quietest_makes_room_and_who_is_served_stays() {
        let guests = Guests::default();
        let all: Vec<_> = (0..CONNECTIONS_MAX).map(|_| guests.enter().expect("there is room")).collect();
        all[0].asks();
        all[1].asks();
        all[1].is_answered();
        let new = guests.enter().expect("somebody makes room");
        assert_eq!(all.iter().position(|guest| is_gone(guest)), Some(2));
        all.iter().chain([&new]).for_each(|guest| guest.asks());
        assert!(guests.enter().is_none());
        guests.left(&new);
        assert!(guests.enter().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn patience_is_short_for_a_first_request_and_longer_for_the_next() {
        let guests = Guests::default();
        let start = Instant::now();
        let silent = guests.enter().expect("there is room");
        silent.is_dismissed().await;
        assert!(start.elapsed() >= FIRST_REQUEST_MAX && start.elapsed() < FIRST_REQUEST_MAX * 2);
        let start = Instant::now();
        let guest = guests.enter().expect("there is room");
        guest.asks();
        guest.is_answered();
        guest.is_dismissed().await;
        assert!(start.elapsed() >= QUIET_MAX && start.elapsed() < QUIET_MAX * 2);
    }
}
