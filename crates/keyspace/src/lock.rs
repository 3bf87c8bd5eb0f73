//! The lock of a stripe.
//!
//! A raw lock without a guard, since the set of stripes that a command locks is itself the guard (`Locked`). Built
//! on parking_lot's one-byte mutex: an uncontended lock and unlock is two atomic instructions, a contended one spins briefly, then
//! sleeps, and is handed over fairly now and then so that a hot stripe starves nobody.

#[cfg(not(kvd_shuttle))]
pub(crate) use real::StripeLock;

#[cfg(kvd_shuttle)]
pub(crate) use model::StripeLock;

#[cfg(not(kvd_shuttle))]
mod real {
    use parking_lot::lock_api::RawMutex as _;

    pub(crate) struct StripeLock(parking_lot::RawMutex);

    impl StripeLock {
        pub(crate) const fn new() -> Self {
            Self(parking_lot::RawMutex::INIT)
        }

        #[inline]
        pub(crate) fn lock(&self) {
            self.0.lock();
        }

        /// # Safety
        /// The calling thread must hold the lock.
        #[inline]
        pub(crate) unsafe fn unlock(&self) {
            // SAFETY: the caller's.
            unsafe { self.0.unlock() }
        }
    }
}

/// The same lock from shuttle's parts, so that its scheduler can try the orders in which threads meet.
#[cfg(kvd_shuttle)]
mod model {
    use shuttle::sync::{Condvar, Mutex};

    pub(crate) struct StripeLock {
        held: Mutex<bool>,
        freed: Condvar,
    }

    impl StripeLock {
        pub(crate) fn new() -> Self {
            Self { held: Mutex::new(false), freed: Condvar::new() }
        }

        pub(crate) fn lock(&self) {
            let mut held = self.held.lock().expect("no thread panics while it holds this");
            while *held {
                held = self.freed.wait(held).expect("no thread panics while it holds this");
            }
            *held = true;
        }

        /// # Safety
        /// The calling thread must hold the lock.
        pub(crate) unsafe fn unlock(&self) {
            let mut held = self.held.lock().expect("no thread panics while it holds this");
            assert!(*held, "a stripe is unlocked by its holder");
            *held = false;
            self.freed.notify_one();
        }
    }
}
