//! What the kernel says about a process: time on the CPU, time spent waiting for it, memory.

use std::fs::{self, File};
use std::ops::Sub;
use std::os::unix::fs::FileExt;

use crate::clock::SECOND_NS;
use crate::failure::{Attempt, Result};

/// Ticks per second of /proc/PID/stat: `USER_HZ`, a constant of the kernel's interface on every architecture that matters.
const TICKS_PER_SECOND: u64 = 100;
/// Three numbers of 64 bits and what separates them.
const SCHEDSTAT_BYTES_MAX: usize = 64;

/// How long the threads of a process have run and how long they were ready to but did not get a core.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RunTime {
    /// On a core.
    pub(crate) cpu_ns: u64,
    /// Kept waiting by other processes.
    pub(crate) waiting_ns: u64,
}

impl Sub for RunTime {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            cpu_ns: self.cpu_ns.saturating_sub(earlier.cpu_ns),
            waiting_ns: self.waiting_ns.saturating_sub(earlier.waiting_ns),
        }
    }
}

/// The threads that a process had when they were listed; asking them again and again costs a µs or two each.
#[derive(Debug)]
pub(crate) struct Threads {
    pid: u32,
    schedstats: Vec<File>,
}

impl Threads {
    /// The threads of `pid` by now.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let threads =
            fs::read_dir(format!("/proc/{pid}/task")).attempt(|| format!("list threads of {pid}"))?;
        // A thread may end between the listing and the opening.
        let files = threads.flatten().filter_map(|thread| File::open(thread.path().join("schedstat")).ok());
        Ok(Self { pid, schedstats: files.collect() })
    }

    /// Their run time so far: nanoseconds from `schedstat`, or ticks of 10 ms from `stat` where the kernel keeps no
    /// scheduler statistics. A thread that is running right now may lack up to a tick.
    pub(crate) fn run_time(&self) -> Result<RunTime> {
        let mut total = RunTime::default();
        for file in &self.schedstats {
            let mut text = [0; SCHEDSTAT_BYTES_MAX];
            let length = file.read_at(&mut text, 0).unwrap_or(0);
            if let Some(one) = text.get(..length).and_then(parse_schedstat) {
                total.cpu_ns += one.cpu_ns;
                total.waiting_ns += one.waiting_ns;
            }
        }
        if total.cpu_ns > 0 {
            return Ok(total);
        }
        let pid = self.pid;
        let text =
            fs::read_to_string(format!("/proc/{pid}/stat")).attempt(|| format!("read stat of {pid}"))?;
        let ticks = parse_stat_ticks(&text).unwrap_or(0);
        Ok(RunTime { cpu_ns: ticks * (SECOND_NS / TICKS_PER_SECOND), waiting_ns: 0 })
    }
}

/// Bytes of memory that a process holds.
pub(crate) fn rss_bytes(pid: u32) -> Result<u64> {
    let text =
        fs::read_to_string(format!("/proc/{pid}/status")).attempt(|| format!("read status of {pid}"))?;
    Ok(parse_kibibytes(&text, "VmRSS:").unwrap_or(0))
}

/// Bytes of memory that a process and its children hold together: pages that they share are counted once.
///
/// The kernel walks all pages for this: some 10 ms for a gigabyte. Children are those of the main thread, which is the one that
/// forks in Redis and Valkey.
pub(crate) fn family_bytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    // The children are listed first: with each of these the parent shares its pages already when it is looked at.
    let children = fs::read_to_string(&path).attempt(|| format!("read {path}"))?;
    let own = pss_bytes(pid).attempt(|| format!("read smaps_rollup of {pid}"))?;
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    // One that has ended since holds nothing.
    Ok(own + children.filter_map(|child| pss_bytes(child).ok()).sum::<u64>())
}

/// Bytes of memory of a process, of which each page that it shares counts as the fraction that falls to it.
fn pss_bytes(pid: u32) -> std::io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    Ok(parse_kibibytes(&text, "Pss:").unwrap_or(0))
}

/// `cpu_ns waiting_ns slices`.
fn parse_schedstat(text: &[u8]) -> Option<RunTime> {
    let mut fields = std::str::from_utf8(text).ok()?.split_whitespace().map(str::parse);
    let cpu_ns = fields.next()?.ok()?;
    let waiting_ns = fields.next()?.ok()?;
    Some(RunTime { cpu_ns, waiting_ns })
}

/// Fields 14 and 15, utime and stime. Field 2, the name in brackets, may hold spaces and brackets itself.
fn parse_stat_ticks(text: &str) -> Option<u64> {
    let (_, after_name) = text.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The line `VmRSS:     1234 kB` of that name, in bytes.
fn parse_kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn schedstat_is_read() {
        let expected = RunTime { cpu_ns: 818_346, waiting_ns: 12 };
        assert_eq!(parse_schedstat(b"818346 12 2\n"), Some(expected));
        assert_eq!(parse_schedstat(b""), None);
        assert_eq!(parse_schedstat(b"1 x"), None);
    }

    #[test]
    fn a_name_with_spaces_and_brackets_does_not_shift_the_fields() {
        let text = "77 (a ) b (c) S 1 77 77 0 -1 4194560 100 0 0 0 250 30 0 0 20 0 5 0 1000 0 0";
        assert_eq!(parse_stat_ticks(text), Some(280));
        assert_eq!(parse_stat_ticks("77 (x) S 1"), None);
    }

    #[test]
    fn memory_is_in_bytes() {
        let status = "Name:\tx\nVmRSS:\t    1234 kB\nThreads:\t1\n";
        assert_eq!(parse_kibibytes(status, "VmRSS:"), Some(1234 * 1024));
        assert_eq!(parse_kibibytes("Name:\tx\n", "VmRSS:"), None);
        let rollup =
            "Rss:                1756 kB\nPss_Dirty:           116 kB\nPss:                 266 kB\n";
        assert_eq!(parse_kibibytes(rollup, "Pss:"), Some(266 * 1024));
    }

    #[test]
    fn this_process_has_run_and_holds_memory() {
        let pid = std::process::id();
        let threads = Threads::of(pid).expect("own threads");
        let before = threads.run_time().expect("own times");
        let mut x = 1u64;
        while threads.run_time().expect("own times").cpu_ns <= before.cpu_ns {
            x = std::hint::black_box(x.wrapping_mul(31));
        }
        assert!(rss_bytes(pid).expect("own memory") > 100_000);
        assert!(family_bytes(pid).expect("own memory") > 100_000);
    }

    #[test]
    fn a_childs_memory_counts() {
        // A shell whose child reads from a pipe that stays open.
        let mut shell =
            Command::new("sh").args(["-c", "cat; :"]).stdin(Stdio::piped()).spawn().expect("a shell");
        let pid = shell.id();
        let children = || fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("a list");
        while children().is_empty() {
            std::thread::yield_now();
        }
        let (all, own) = (family_bytes(pid).expect("memory"), pss_bytes(pid).expect("memory"));
        drop(shell.stdin.take());
        shell.wait().expect("it ends");
        assert!(all > own, "{all} of shell and child, {own} of the shell");
    }
}
