//! How long something took, less what others took of the processor meanwhile.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Shorter than this nobody was kept waiting for, whatever the reason.
const SHORT: Duration = Duration::from_micros(100);

/// After so many short times the one spent in line is read again, so that what is taken off a long one is its own.
const READ_EVERY: u32 = 64;

/// How long something took.
#[derive(Copy, Clone, Default)]
pub(crate) struct Took {
    /// From its beginning to its end.
    pub(crate) wall: Duration,
    /// For which a processor worked on it.
    pub(crate) cpu: Duration,
    /// For which it slept, until a lock was free or bytes came. What is left is time in line for a processor: nobody's but the machine's.
    pub(crate) asleep: Duration,
}

/// A thread's stop-watch.
pub(crate) struct Clock {
    /// What the kernel tells of the thread that opened it: time on a processor, time in line for one.
    schedule: Option<File>,
    read: (Duration, Duration),
    short: u32,
}

impl Clock {
    /// For the calling thread.
    pub(crate) fn new() -> Self {
        let schedule = File::open("/proc/thread-self/schedstat").ok();
        let mut clock = Self { schedule, read: Default::default(), short: 0 };
        clock.read();
        clock
    }

    pub(crate) fn time(&mut self, work: impl FnOnce()) -> Took {
        let start = Instant::now();
        work();
        let wall = start.elapsed();
        if wall < SHORT {
            self.short += 1;
            if self.short == READ_EVERY {
                self.read();
            }
            return Took { wall, cpu: wall, asleep: Duration::ZERO };
        }
        let (cpu, in_line) = self.read();
        let cpu = cpu.min(wall);
        Took { wall, cpu, asleep: wall.saturating_sub(cpu).saturating_sub(in_line) }
    }

    /// The times on a processor and in line since the last call.
    fn read(&mut self) -> (Duration, Duration) {
        self.short = 0;
        let cpu = Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
        let mut text = [0; 96];
        let read = self.schedule.as_ref().and_then(|file| file.read_at(&mut text, 0).ok()).unwrap_or(0);
        let text = std::str::from_utf8(text.get(..read).unwrap_or_default()).unwrap_or_default();
        let nanos = text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let before = std::mem::replace(&mut self.read, (cpu, Duration::from_nanos(nanos)));
        (cpu.saturating_sub(before.0), self.read.1.saturating_sub(before.1))
    }
}
