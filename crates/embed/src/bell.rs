//! What a thread sleeps at while its command waits for somebody else's change.

use std::time::Duration;

use engine::{Clock, Moment, Wake};
use parking_lot::{Condvar, Mutex};

/// How often a clock of the program's own is looked at: it doesn't tell when it is moved on.
const LOOK: Duration = Duration::from_millis(2);

/// Woken by whoever serves the session; keeps one ring for a thread that is about to sleep.
#[derive(Default)]
pub(crate) struct Bell {
    has_rung: Mutex<bool>,
    rings: Condvar,
}

impl Wake for Bell {
    fn wake(&self) {
        *self.has_rung.lock() = true;
        self.rings.notify_one();
    }
}

/// The time as those who sleep see it.
#[derive(Copy, Clone)]
pub(crate) struct Time<'c> {
    pub(crate) clock: &'c dyn Clock,
    /// It goes on by itself, as fast as time does.
    pub(crate) is_real: bool,
}

impl Bell {
    /// Sleeps until it rings, or that moment, if any, has come.
    pub(crate) fn sleep(&self, until: Option<Moment>, time: Time<'_>) {
        let mut has_rung = self.has_rung.lock();
        while !*has_rung {
            let Some(until) = until else {
                self.rings.wait(&mut has_rung);
                continue;
            };
            let left = Duration::from_nanos(until.nanos_since(time.clock.now()));
            if left.is_zero() {
                break;
            }
            let _is_over = self.rings.wait_for(&mut has_rung, if time.is_real { left } else { LOOK });
        }
        *has_rung = false;
    }
}
