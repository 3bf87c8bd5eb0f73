//! How kvd is started, and what it promises then.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use super::super::judge::Promise;

/// When the log is made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// Before a reply leaves.
    Always,
    /// Every second.
    Everysec,
    /// When the kernel likes.
    No,
}

/// How kvd is started.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// What it is told on its command line.
    pub(crate) arguments: Vec<String>,
}

/// A process that is killed loses what it had not written to the log: with `everysec` and `no` what was acknowledged in so short a time before.
/// What was written the kernel keeps, whether it was made durable or not; only a machine that loses power loses that.
const KILLED_LOSS: Duration = Duration::from_millis(200);
/// Nothing is written while an fsync is under way, which takes a disk some time that has much else to write.
const KILLED_LOSS_ON_DISK: Duration = Duration::from_millis(1800);

/// What a process loses that is killed, if its data lie here.
pub(super) fn killed_loss(folder: &Path) -> Duration {
    if folder.starts_with("/dev/shm") { KILLED_LOSS } else { KILLED_LOSS_ON_DISK }
}

impl Policy {
    /// What must be there after the process was killed at this moment, which loses so much.
    pub(crate) fn promise(self, ended: Instant, loss: Duration) -> Promise {
        let before = match self {
            Self::Always => return Promise::all(ended),
            Self::Everysec | Self::No => ended.checked_sub(loss),
        };
        Promise { before, ended }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Everysec => "everysec",
            Self::No => "no",
        }
    }
}

impl Promise {
    /// Everything that was acknowledged.
    pub(crate) fn all(ended: Instant) -> Self {
        Self { before: Some(ended + Duration::from_secs(3600)), ended }
    }
}

impl Plan {
    /// With a log.
    pub(crate) fn log(policy: Policy) -> Self {
        Self::of(&["--appendonly", "yes", "--appendfsync", policy.name()])
    }

    /// With snapshots only, written when somebody asks.
    pub(crate) fn snapshots() -> Self {
        Self::of(&["--appendonly", "no", "--save", ""])
    }

    /// With more arguments.
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    fn of(arguments: &[&str]) -> Self {
        Self { arguments: Vec::new() }.with(arguments)
    }
}
