//! How long the log waits for company before an fsync.
//!
//! Clients that wait for an fsync send their next commands when it is over. If the next fsync began at once it would be of those commands alone that
//! came meanwhile, and so on in turns: two groups, each of which waits for the other one's fsync, too.
//!
//! ```text
//!   at once   fsync A │ fsync B │ fsync A │ fsync B       half of the clients each
//!   gathered  fsync A │A comes│ fsync A+B │comes│ fsync A+B
//! ```

/// An fsync that is quicker than this leaves nothing to gain, in nanoseconds.
const SYNC_NANOS_MIN: u64 = 300_000;
/// It is waited for this part of the time that an fsync takes, at most.
const PART: u64 = 2;
/// And no longer than this, in nanoseconds.
const NANOS_MAX: u64 = 2_000_000;
/// Most of those who may come are enough: this part of their bytes may be missing.
const MISSING_PART: u64 = 8;
/// After a wait that was in vain the next ones are left out, twice as many each time, up to so many.
const LEFT_OUT_MAX: u32 = 64;
/// While it is waited, how often it is looked whether all have come, in parts of the time that an fsync takes.
const LOOKS: u64 = 32;

/// What the last fsync tells of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gather {
    /// How long it took, in nanoseconds.
    sync_nanos: u64,
    /// How many bytes of commands come, if whoever waited for it sends as much again.
    expected: u64,
    /// So many waits are left out from now on.
    left_out: u32,
    /// And so many the next time that one is in vain.
    penalty: u32,
}

impl Gather {
    /// An fsync of `group` bytes of commands took so long, and `waiting` bytes more had come when it was over.
    pub(crate) fn note(&mut self, sync_nanos: u64, group: u64, waiting: u64) {
        let expected = group.saturating_add(waiting);
        let expected = expected - expected / MISSING_PART;
        *self =
            Self { sync_nanos, expected, left_out: self.left_out.saturating_sub(1), penalty: self.penalty };
    }

    /// It was waited until `waiting` bytes of commands had come.
    pub(crate) fn waited(&mut self, waiting: u64) {
        if waiting >= self.expected {
            self.penalty = 0;
        } else {
            self.penalty = (self.penalty * 2).clamp(1, LEFT_OUT_MAX);
            self.left_out = self.penalty;
        }
    }

    /// How long is waited for more than `waiting` bytes of commands, at most, in nanoseconds.
    pub(crate) fn patience_nanos(&self, waiting: u64) -> u64 {
        let is_worth_it = self.sync_nanos >= SYNC_NANOS_MIN && self.left_out == 0;
        if !is_worth_it || waiting == 0 || waiting >= self.expected {
            return 0;
        }
        (self.sync_nanos / PART).min(NANOS_MAX)
    }

    /// How long to wait until the next look, in nanoseconds.
    pub(crate) fn look_nanos(&self) -> u64 {
        (self.sync_nanos / LOOKS).min(NANOS_MAX / LOOKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_were_told_are_waited_for_as_long_as_it_is_worth() {
        let mut gather = Gather::default();
        assert_eq!(gather.patience_nanos(10), 0, "nothing is known yet");
        gather.note(1_000_000, 50, 30);
        assert_eq!(gather.patience_nanos(0), 0, "nobody waits");
        assert_eq!(gather.patience_nanos(30), 500_000);
        assert_eq!(gather.patience_nanos(70), 0, "nearly all are there");
        assert!(gather.look_nanos() > 0 && gather.look_nanos() < 250_000);
        gather.note(60_000_000_000, 50, 30);
        assert_eq!(gather.patience_nanos(30), NANOS_MAX);
        gather.note(100_000, 50, 30);
        assert_eq!(gather.patience_nanos(30), 0, "the disk is quick");
        gather.note(1_000_000, 50, 0);
        assert_eq!(gather.patience_nanos(20), 500_000, "some of the group came first");
    }

    #[test]
    fn waits_in_vain_become_rare() {
        let mut gather = Gather::default();
        let (mut waits, rounds) = (0, 1000);
        for _ in 0..rounds {
            gather.note(1_000_000, 100, 0);
            if gather.patience_nanos(10) > 0 {
                gather.waited(10);
                waits += 1;
            }
        }
        assert!((5..40).contains(&waits), "{waits} of {rounds}");
        // One that is of use makes them the rule again.
        gather.waited(100);
        for _ in 0..=LEFT_OUT_MAX {
            gather.note(1_000_000, 100, 0);
        }
        assert!(gather.patience_nanos(10) > 0);
        gather.waited(100);
        gather.note(1_000_000, 100, 0);
        assert!(gather.patience_nanos(10) > 0);
    }
}
