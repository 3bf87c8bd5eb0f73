//! How long the log waits for company before an fsync.
//!
//! Clients that wait for an fsync send their next commands when it is over. If the next fsync began at once it would be of those commands alone that
//! came meanwhile, and so on in turns: two groups, each of which waits for the other one's fsync, too.
//!
//! ```text
//!   at once   fsync A │ fsync B │ fsync A │ fsync B       half of the clients each
//!   gathered  fsync A │A comes│ fsync A+B │A+B come│ fsync A+B
//! ```
//!
//! Whether that is faster depends on who sends: clients that don't wait for replies come no sooner for it. So now and then the other way is tried for a
//! while, and the one that gets more done is kept.

/// An fsync that is quicker than this leaves nothing to gain, in nanoseconds.
const SYNC_NANOS_MIN: u64 = 300_000;
/// Nobody is waited for longer than this, in nanoseconds, nor longer than an fsync takes.
const NANOS_MAX: u64 = 2_000_000;
/// Most of those who may come are enough: this part of their bytes may be missing.
const MISSING_PART: u64 = 8;
/// While it is waited, how often it is looked whether all have come, in parts of the time that an fsync takes.
const LOOKS: u64 = 32;

/// A trial is so many fsyncs long,
const TRIAL: u32 = 16;
/// of which the first ones count for nothing: clients have yet to fall into step.
const SETTLING: u32 = 4;
/// So many fsyncs are between two trials; each time that it was right to stay twice as many, up to the second number.
const INTERVAL_MIN: u32 = 64;
const INTERVAL_MAX: u32 = 4096;
/// To wait must be worth so many percent more than not to.
const GAIN_PERCENT: u128 = 110;

/// What the last fsyncs tell of the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gather {
    /// How long the last one took, in nanoseconds.
    sync_nanos: u64,
    /// How many bytes of commands come, if whoever waited for it sends as much again.
    expected: u64,
    /// Whether it is waited, outside of trials.
    waits: bool,
    is_trial: bool,
    interval: u32,
    /// Fsyncs since the last trial began or ended.
    count: u32,
    /// What was done in the last of these.
    measured: Measured,
    /// What was done before the trial that is under way.
    before: Measured,
}

#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    bytes: u64,
    nanos: u64,
}

impl Measured {
    /// Whether this is so many percent of the other.
    fn is_faster(self, percent: u128, other: Self) -> bool {
        let [mine, its] = [(self, other), (other, self)]
            .map(|(done, time)| u128::from(done.bytes) * u128::from(time.nanos));
        mine.saturating_mul(100) > its.saturating_mul(percent)
    }
}

impl Default for Gather {
    fn default() -> Self {
        Self {
            sync_nanos: 0,
            expected: 0,
            waits: false,
            is_trial: false,
            interval: INTERVAL_MIN,
            count: 0,
            measured: Measured::default(),
            before: Measured::default(),
        }
    }
}

impl Gather {
    /// An fsync of `group` bytes of commands took so long, `waiting` bytes more had come when it was over, and the one before ended so many
    /// nanoseconds ago.
    pub(crate) fn note(&mut self, sync_nanos: u64, group: u64, waiting: u64, nanos: u64) {
        let expected = group.saturating_add(waiting);
        self.expected = expected - expected / MISSING_PART;
        self.sync_nanos = sync_nanos;
        let length = if self.is_trial { TRIAL } else { self.interval };
        self.count += 1;
        if self.count + TRIAL <= length + SETTLING {
            self.measured = Measured::default();
        } else {
            self.measured.bytes = self.measured.bytes.saturating_add(group);
            self.measured.nanos = self.measured.nanos.saturating_add(nanos);
        }
        if self.count == length {
            self.count = 0;
            self.turn();
        }
    }

    /// A trial begins, or has ended.
    fn turn(&mut self) {
        let measured = std::mem::take(&mut self.measured);
        if !self.is_trial {
            self.before = measured;
            self.is_trial = true;
            return;
        }
        self.is_trial = false;
        let is_better = match self.waits {
            false => measured.is_faster(GAIN_PERCENT, self.before),
            true => !self.before.is_faster(GAIN_PERCENT, measured),
        };
        self.waits ^= is_better;
        self.interval = if is_better { INTERVAL_MIN } else { (self.interval * 2).min(INTERVAL_MAX) };
    }

    /// How long is waited for more than `waiting` bytes of commands, at most, in nanoseconds.
    pub(crate) fn patience_nanos(&self, waiting: u64) -> u64 {
        let waits = (self.waits ^ self.is_trial) && self.sync_nanos >= SYNC_NANOS_MIN;
        if !waits || waiting == 0 || waiting >= self.expected {
            return 0;
        }
        self.sync_nanos.min(NANOS_MAX)
    }

    /// How long to wait until the next look, in nanoseconds.
    pub(crate) fn look_nanos(&self) -> u64 {
        (self.sync_nanos / LOOKS).min(NANOS_MAX / LOOKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENTS: u64 = 50;

    /// Runs fsyncs of this length. Clients send one byte; when they are told they send the next after `pause` nanoseconds, or all the time so
    /// many in a millisecond. Returns how often it was waited in the last half of the rounds, in percent.
    fn run(sync_nanos: u64, pause: Option<u64>, per_milli: u64) -> u64 {
        const ROUNDS: u64 = 4000;
        let mut gather = Gather::default();
        // The first client is ahead of the others.
        let (mut waiting, mut told, mut waits) = (1, 0, 0);
        for round in 0..ROUNDS {
            let mut nanos = 0;
            let patience = gather.patience_nanos(waiting);
            if patience > 0 {
                waits += u64::from(round >= ROUNDS / 2);
                match pause {
                    Some(pause) if pause <= patience => {
                        nanos += pause;
                        waiting += std::mem::take(&mut told);
                    }
                    // None of them comes.
                    Some(_) => nanos += patience,
                    None => {
                        while waiting < gather.expected && nanos < patience {
                            nanos += gather.look_nanos();
                            waiting += per_milli * gather.look_nanos() / 1_000_000;
                        }
                    }
                }
            }
            let group = waiting;
            nanos += sync_nanos;
            waiting = match pause {
                Some(_) => CLIENTS - group,
                None => per_milli * sync_nanos / 1_000_000,
            };
            told = group;
            gather.note(sync_nanos, group, waiting, nanos);
            if waiting == 0 {
                // The first of them comes, and the log sees that.
                (waiting, told) = (1, told - 1);
            }
        }
        waits * 100 / (ROUNDS / 2)
    }

    #[test]
    fn clients_that_come_again_are_waited_for() {
        for sync_nanos in [1_000_000, 4_000_000, 20_000_000] {
            assert!(run(sync_nanos, Some(300_000), 0) > 90, "{sync_nanos}");
        }
    }

    #[test]
    fn others_are_not() {
        assert!(run(1_000_000, Some(50_000_000), 0) < 10, "they take too long");
        assert_eq!(run(100_000, Some(10_000), 0), 0, "the disk is quick");
        for per_milli in [100, 1000, 100_000] {
            assert!(run(4_000_000, None, per_milli) < 10, "{per_milli} come in a millisecond anyway");
        }
    }

    #[test]
    fn no_wait_is_longer_than_an_fsync() {
        let mut gather = Gather { waits: true, ..Gather::default() };
        assert_eq!(gather.patience_nanos(10), 0, "nothing is known yet");
        gather.note(1_000_000, 50, 30, 1_000_000);
        assert_eq!(gather.patience_nanos(0), 0, "nobody waits");
        assert_eq!(gather.patience_nanos(30), 1_000_000);
        assert_eq!(gather.patience_nanos(70), 0, "nearly all are there");
        assert!(gather.look_nanos() > 0 && gather.look_nanos() < 500_000);
        gather.note(60_000_000_000, 50, 30, 60_000_000_000);
        assert_eq!(gather.patience_nanos(30), NANOS_MAX);
        gather.note(u64::MAX, u64::MAX, u64::MAX, u64::MAX);
        assert_eq!(gather.patience_nanos(30), NANOS_MAX);
    }
}
