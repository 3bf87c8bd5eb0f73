//! Which commands are looked at: every so many-th, by chance.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use fastrand::Rng;

/// A worker's turn among its commands. Written by that worker alone, but for the start of a measurement.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// Commands to pass over before the next that is looked at.
    passed_over: AtomicU64,
    seed: AtomicU64,
}

impl Turn {
    pub(crate) fn start(&self, seed: u64) {
        self.passed_over.store(0, Relaxed);
        self.seed.store(seed, Relaxed);
    }

    /// How many commands are passed over before the next one: any number up to twice the mean, so that no rhythm of the requests is in step.
    fn draw(&self, ratio: u64) -> usize {
        let mut random = Rng::with_seed(self.seed.load(Relaxed));
        let passed_over = random.u64(..=2 * (ratio - 1));
        self.seed.store(random.get_seed(), Relaxed);
        passed_over as usize
    }
}

/// A command that is looked at.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Pick {
    /// Its place in the chunk.
    pub(crate) index: usize,
    pub(crate) reply_bytes: u64,
}

/// The commands of one chunk that are looked at.
pub(crate) struct Picks<'e> {
    turn: &'e Turn,
    /// One of so many commands; 0: none.
    ratio: u64,
    /// Commands that have been run.
    run: usize,
    /// The next one that is looked at.
    next: usize,
    picked: Vec<Pick>,
}

impl<'e> Picks<'e> {
    #[inline]
    pub(crate) fn new(turn: &'e Turn, ratio: u64) -> Self {
        let next = if ratio == 0 { usize::MAX } else { turn.passed_over.load(Relaxed) as usize };
        Self { turn, ratio, run: 0, next, picked: Vec::new() }
    }

    /// One more command was run.
    #[inline]
    pub(crate) fn note_run(&mut self, reply_bytes: u64) {
        if self.run == self.next {
            self.pick(reply_bytes);
        }
        self.run += 1;
    }

    #[cold]
    fn pick(&mut self, reply_bytes: u64) {
        self.picked.push(Pick { index: self.run, reply_bytes });
        self.next = self.run.saturating_add(1 + self.turn.draw(self.ratio));
    }

    /// How many commands were run.
    pub(crate) fn run(&self) -> usize {
        self.run
    }

    /// Whether anything is measured.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.ratio != 0
    }

    /// Those that were picked. The worker's next chunk goes on from here.
    pub(crate) fn finish(self) -> Vec<Pick> {
        self.turn.passed_over.store(self.next.saturating_sub(self.run) as u64, Relaxed);
        self.picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(ratio: u64, chunks: usize, commands: usize) -> usize {
        let turn = Turn::default();
        turn.start(7);
        let chunk = || {
            let mut picks = Picks::new(&turn, ratio);
            (0..commands).for_each(|_| picks.note_run(1));
            picks.finish().len()
        };
        (0..chunks).map(|_| chunk()).sum()
    }

    #[test]
    fn every_command_is_picked_or_none() {
        assert_eq!(picked(1, 10, 16), 160);
        assert_eq!(picked(0, 10, 16), 0);
    }

    #[test]
    fn one_of_so_many_is_picked_however_long_the_chunks_are() {
        for commands in [1, 3, 64] {
            let count = picked(10, 30_000 / commands, commands);
            assert!((2_800..3_200).contains(&count), "{count} of 30000 with chunks of {commands}");
        }
    }
}
