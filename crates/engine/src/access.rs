//! The access clock of keys: when was a key used last (LRU), or how often lately (LFU).
//!
//! Either is 32 bits in the entry. Under an LRU policy they hold time in steps of 25 milliseconds, which begins anew every three years; under an LFU policy the minute of the last decay in the upper 24
//! bits and a logarithmic counter in the lower 8 (the formula is the one described for `lfu-log-factor` and `lfu-decay-time` in
//! the documentation of redis.conf: a hit raises the counter with probability `1 / ((counter - 5) * factor + 1)`, an idle period of
//! `decay-time` minutes lowers it by one).

use crate::clock::Moment;

/// The counter of a new key: not so low that it is evicted at once.
const LFU_INITIAL: u8 = 5;
const MINUTES: u32 = (1 << 24) - 1;
/// A step of the LRU clock.
const STEP_MS: u64 = 25;
/// The longest time since the last use that the LRU clock can tell.
const IDLE_STEPS_MAX: u32 = u32::MAX / 2;
/// The LFU counter of a key that is used all the time.
const COUNTER_MAX: u64 = 255;

/// What the clock of keys means.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum AccessPolicy {
    /// The time of the last use.
    Lru,
    /// How often used lately.
    Lfu {
        /// `lfu-log-factor`.
        log_factor: u32,
        /// `lfu-decay-time` in minutes; 0 for no decay.
        decay_minutes: u32,
    },
}

impl AccessPolicy {
    /// The clock of a key that is created.
    #[inline]
    pub(crate) fn fresh(self, now: Moment) -> u32 {
        match self {
            Self::Lru => steps(now),
            Self::Lfu { .. } => minutes(now) << 8 | u32::from(LFU_INITIAL),
        }
    }

    /// The clock of a key that had `clock` and is used now; `random` is uniform.
    #[inline]
    pub(crate) fn touched(self, clock: u32, now: Moment, random: impl FnOnce() -> u32) -> u32 {
        match self {
            Self::Lru => steps(now),
            Self::Lfu { log_factor, decay_minutes } => {
                let counter = decayed(clock, now, decay_minutes);
                minutes(now) << 8 | u32::from(raised(counter, log_factor, random()))
            }
        }
    }

    /// The clock of a key that was used last so many seconds ago; under an LFU policy that of a new key. Times beyond what the clock holds, 1.7
    /// years, are that.
    pub fn idle_for(self, seconds: u64, now: Moment) -> u32 {
        match self {
            Self::Lru => {
                let idle = seconds.saturating_mul(1000 / STEP_MS).min(u64::from(IDLE_STEPS_MAX));
                steps(now).wrapping_sub(idle as u32)
            }
            Self::Lfu { .. } => self.fresh(now),
        }
    }

    /// The clock of a key that is used so often; under an LRU policy that of a new key.
    pub fn used_often(self, frequency: u8, now: Moment) -> u32 {
        match self {
            Self::Lru => self.fresh(now),
            Self::Lfu { .. } => minutes(now) << 8 | u32::from(frequency),
        }
    }

    /// Seconds since the last use (`OBJECT IDLETIME`); `None` under an LFU policy.
    pub fn idle_seconds(self, clock: u32, now: Moment) -> Option<u64> {
        match self {
            Self::Lru => Some(idle_steps(clock, now) * STEP_MS / 1000),
            Self::Lfu { .. } => None,
        }
    }

    /// How much a key deserves to be evicted: steps of the clock since its last use, or how seldom it was used.
    pub(crate) fn dispensability(self, clock: u32, now: Moment) -> u64 {
        match self {
            Self::Lru => idle_steps(clock, now),
            Self::Lfu { decay_minutes, .. } => COUNTER_MAX - u64::from(decayed(clock, now, decay_minutes)),
        }
    }

    /// The frequency counter after decay (`OBJECT FREQ`); `None` under an LRU policy.
    pub fn frequency(self, clock: u32, now: Moment) -> Option<u8> {
        match self {
            Self::Lru => None,
            Self::Lfu { decay_minutes, .. } => Some(decayed(clock, now, decay_minutes)),
        }
    }
}

fn steps(now: Moment) -> u32 {
    (now.unix_millis().0 as u64 / STEP_MS) as u32
}

/// Steps since the last use. A clock that is a little ahead, as another worker set it, was used just now.
fn idle_steps(clock: u32, now: Moment) -> u64 {
    let idle = steps(now).wrapping_sub(clock);
    if idle > IDLE_STEPS_MAX { 0 } else { u64::from(idle) }
}

fn minutes(now: Moment) -> u32 {
    (now.unix_seconds() / 60) as u32 & MINUTES
}

fn decayed(clock: u32, now: Moment, decay_minutes: u32) -> u8 {
    let idle = minutes(now).wrapping_sub(clock >> 8) & MINUTES;
    let periods = idle.checked_div(decay_minutes).unwrap_or(0);
    (clock as u8).saturating_sub(periods.min(255) as u8)
}

fn raised(counter: u8, log_factor: u32, random: u32) -> u8 {
    if counter == u8::MAX {
        return counter;
    }
    let above = u64::from(counter.saturating_sub(LFU_INITIAL));
    // A probability of 1/n is "the random number falls into the first n-th of its range".
    let n = above * u64::from(log_factor) + 1;
    let hit = u64::from(random) * n <= u64::from(u32::MAX);
    counter + u8::from(hit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LFU: AccessPolicy = AccessPolicy::Lfu { log_factor: 10, decay_minutes: 1 };

    fn at(seconds: u64) -> Moment {
        Moment::from_unix_millis(seconds * 1000)
    }

    #[test]
    fn lru_counts_seconds_since_the_last_use() {
        let clock = AccessPolicy::Lru.fresh(at(1_800_000_000));
        assert_eq!(AccessPolicy::Lru.idle_seconds(clock, at(1_800_000_090)), Some(90));
        assert_eq!(AccessPolicy::Lru.frequency(clock, at(1_800_000_090)), None);
    }

    #[test]
    fn a_clock_can_be_set_to_what_it_shows() {
        let now = at(1_800_000_000);
        for seconds in [0, 1, 90, 53_000_000] {
            assert_eq!(
                AccessPolicy::Lru.idle_seconds(AccessPolicy::Lru.idle_for(seconds, now), now),
                Some(seconds)
            );
        }
        let longest = AccessPolicy::Lru.idle_for(u64::MAX, now);
        assert_eq!(AccessPolicy::Lru.idle_seconds(longest, now), Some(53_687_091));
        for frequency in [0, 5, 255] {
            assert_eq!(LFU.frequency(LFU.used_often(frequency, now), now), Some(frequency));
        }
        assert_eq!(LFU.idle_for(90, now), LFU.fresh(now));
        assert_eq!(AccessPolicy::Lru.used_often(90, now), AccessPolicy::Lru.fresh(now));
    }

    #[test]
    fn lfu_decays_by_one_per_period_and_never_below_zero() {
        let clock = LFU.fresh(at(1_800_000_000));
        assert_eq!(LFU.frequency(clock, at(1_800_000_000)), Some(5));
        assert_eq!(LFU.frequency(clock, at(1_800_000_180)), Some(2));
        assert_eq!(LFU.frequency(clock, at(1_800_009_000)), Some(0));
    }

    #[test]
    fn lfu_rises_surely_when_low_and_rarely_when_high() {
        let now = at(1_800_000_000);
        let low = minutes(now) << 8 | 5;
        assert_eq!(LFU.touched(low, now, || u32::MAX) as u8, 6);
        let high = minutes(now) << 8 | 200;
        assert_eq!(LFU.touched(high, now, || u32::MAX / 2) as u8, 200);
        assert_eq!(LFU.touched(high, now, || 0) as u8, 201);
        let full = minutes(now) << 8 | 255;
        assert_eq!(LFU.touched(full, now, || 0) as u8, 255);
    }
}
