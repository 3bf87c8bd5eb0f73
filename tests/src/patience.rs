//! Waiting for what happens sooner or later, on a busy machine later.

use std::time::{Duration, Instant};

/// Longer than anything takes that a test waits for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Looks until it is so, for [`PATIENCE`] at most. Returns whether it came true.
pub fn comes_true(mut is_so: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() >= PATIENCE {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
    true
}

/// Looks until it is so.
///
/// # Panics
/// With `what` was waited for, after [`PATIENCE`].
pub fn wait_until(is_so: impl FnMut() -> bool, what: &str) {
    assert!(comes_true(is_so), "waited in vain: {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_until_it_is_so() {
        let mut looks = 0;
        let is_third = || {
            looks += 1;
            looks == 3
        };
        wait_until(is_third, "the third look");
        assert_eq!(looks, 3);
    }
}
