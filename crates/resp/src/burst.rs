//! When a buffer that grew in a burst gives its room back.

/// Rounds over which the need is watched before room is given back: giving it back at once would make a connection
/// that sends one large request after another allocate for each.
const ROUNDS: u32 = 256;

/// Watches how much of a buffer is used, round by round.
#[derive(Debug)]
pub(crate) struct Burst {
    /// Room up to this is always kept.
    keep: usize,
    peak: usize,
    rounds: u32,
}

impl Burst {
    pub(crate) const fn new(keep: usize) -> Self {
        Self { keep, peak: 0, rounds: 0 }
    }

    /// Notes that `used` of `capacity` were needed in this round. Says to which capacity to shrink, once the last
    /// rounds needed less than a quarter of it.
    #[inline]
    pub(crate) fn observe(&mut self, used: usize, capacity: usize) -> Option<usize> {
        if capacity <= self.keep {
            return None;
        }
        self.peak = self.peak.max(used);
        self.rounds += 1;
        if self.rounds < ROUNDS {
            return None;
        }
        let goal = self.peak.saturating_mul(2).max(self.keep);
        self.peak = 0;
        self.rounds = 0;
        (goal <= capacity / 2).then_some(goal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back_after_a_while_without_need() {
        let mut burst = Burst::new(10);
        for _ in 1..ROUNDS {
            assert_eq!(burst.observe(20, 1000), None);
        }
        assert_eq!(burst.observe(5, 1000), Some(40));
    }

    #[test]
    fn room_in_use_is_kept() {
        let mut burst = Burst::new(10);
        for _ in 0..ROUNDS * 3 {
            assert_eq!(burst.observe(400, 1000), None);
            assert_eq!(burst.observe(0, 1000), None);
        }
        for _ in 0..ROUNDS * 3 {
            assert_eq!(burst.observe(0, 10), None);
        }
    }
}
