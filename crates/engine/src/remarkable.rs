//! Commands that somebody may want to know of, as they took long or were large: into the logs and the latency monitor.
//!
//! A chunk is compared with the least threshold as a whole. Only if it is not below are its commands looked at one by one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use catalog::Flags;
use config::{Config, id};
use resp::Request;

use crate::client::Client;
use crate::clock::Moment;
use crate::command_log::LogKind;
use crate::engine::Engine;
use crate::latency::LatencyEvent;
use crate::plan::Step;

/// No duration or size reaches this.
const NEVER: u64 = u64::MAX;

/// From where on something is remarkable.
#[derive(Debug)]
pub(crate) struct Thresholds {
    /// The lesser of the next two.
    any_nanos: AtomicU64,
    slow_nanos: AtomicU64,
    monitored_nanos: AtomicU64,
    request_bytes: AtomicU64,
    reply_bytes: AtomicU64,
    tracks: AtomicBool,
}

impl Default for Thresholds {
    fn default() -> Self {
        let never = || AtomicU64::new(NEVER);
        Self {
            any_nanos: never(),
            slow_nanos: never(),
            monitored_nanos: never(),
            request_bytes: never(),
            reply_bytes: never(),
            tracks: AtomicBool::new(true),
        }
    }
}

impl Thresholds {
    pub(crate) fn refresh(&self, config: &Config) {
        let unless_negative = |parameter, unit| {
            u64::try_from(config.integer(parameter)).map_or(NEVER, |number| number.saturating_mul(unit))
        };
        let slow = unless_negative(id::COMMANDLOG_EXECUTION_SLOWER_THAN, 1000);
        // Zero switches the monitor off.
        let monitored = match unless_negative(id::LATENCY_MONITOR_THRESHOLD, 1_000_000) {
            0 => NEVER,
            nanos => nanos,
        };
        self.slow_nanos.store(slow, Relaxed);
        self.monitored_nanos.store(monitored, Relaxed);
        self.any_nanos.store(slow.min(monitored), Relaxed);
        self.request_bytes.store(unless_negative(id::COMMANDLOG_REQUEST_LARGER_THAN, 1), Relaxed);
        self.reply_bytes.store(unless_negative(id::COMMANDLOG_REPLY_LARGER_THAN, 1), Relaxed);
        self.tracks.store(config.boolean(id::LATENCY_TRACKING), Relaxed);
    }

    /// `latency-tracking`: whether durations are counted by their size.
    #[inline]
    pub(crate) fn tracks(&self) -> bool {
        self.tracks.load(Relaxed)
    }

    /// From how many bytes on a reply is remarkable.
    #[inline]
    pub(crate) fn reply_bytes(&self) -> u64 {
        self.reply_bytes.load(Relaxed)
    }

    /// Whether commands that together took so long, came in requests of so many bytes at most, and made such a reply at most, need a look.
    #[inline]
    pub(crate) fn are_reached(&self, nanos: u64, request_bytes: u64, reply_bytes: u64) -> bool {
        nanos >= self.any_nanos.load(Relaxed)
            || request_bytes >= self.request_bytes.load(Relaxed)
            || reply_bytes >= self.reply_bytes.load(Relaxed)
    }

    /// Whether something that took so long interests the latency monitor.
    pub(crate) fn is_monitored(&self, nanos: u64) -> bool {
        nanos >= self.monitored_nanos.load(Relaxed)
    }
}

/// A command that was run.
pub(crate) struct Finished<'a> {
    pub(crate) step: &'a Step,
    pub(crate) request: Request<'a>,
    pub(crate) client: &'a Client,
    /// When it was done.
    pub(crate) at: Moment,
    /// Its share of the time that it and its neighbours took.
    pub(crate) nanos: u64,
    /// Bytes of its reply, where they are so many that they may matter.
    pub(crate) reply_bytes: u64,
}

impl Engine {
    /// Enters a command where it is remarkable.
    #[cold]
    pub(crate) fn note_remarkable(&self, finished: &Finished<'_>) {
        let &Finished { step, request, client, at, nanos, reply_bytes } = finished;
        let (Some(id), Some(_)) = (step.command, step.built) else { return };
        let flags = catalog::command(id).flags;
        let thresholds = self.settings().thresholds();
        if thresholds.is_monitored(nanos) {
            let is_fast = flags.contains(Flags::FAST);
            let event = if is_fast { LatencyEvent::FastCommand } else { LatencyEvent::Command };
            self.latency().note(event, at, nanos);
        }
        if flags.intersects(Flags::SKIP_SLOWLOG | Flags::SKIP_COMMANDLOG) {
            return;
        }
        let request_bytes = request.wire_len() as u64;
        let amounts = [
            (LogKind::Slow, nanos, &thresholds.slow_nanos, nanos / 1000),
            (LogKind::LargeRequest, request_bytes, &thresholds.request_bytes, request_bytes),
            (LogKind::LargeReply, reply_bytes, &thresholds.reply_bytes, reply_bytes),
        ];
        for (kind, amount, threshold, shown) in amounts {
            if amount >= threshold.load(Relaxed) {
                self.command_logs().of(kind).note(id, request, client, at, shown);
            }
        }
    }
}
