//! The saver's part of the log: new bases.

use aof::{Backoff, Growth};
use config::id;
use engine::{LogStatus, Moment};

use crate::error::SaveError;
use crate::form::Header;
use crate::logger::Rewrite;
use crate::options::{SnapshotOptions, millis};
use crate::orders::Work;
use crate::saver::{Saver, Watch, Watched};

/// When the log was written anew, and how that ended.
#[derive(Default)]
pub(crate) struct Rewrites {
    backoff: Backoff,
}

impl Saver {
    /// Writes the log anew, or begins one.
    pub(crate) fn rewrite(&mut self, kind: Rewrite) {
        if kind == Rewrite::SwitchOn && self.desk.is_on() {
            return;
        }
        let begun_at = self.store.now();
        self.store.begin_work(Work::Base);
        self.store.change(|status| status.log.rewriting_since = Some(begun_at));
        let outcome = self.try_to_rewrite(kind, begun_at);
        self.store.end_work();
        self.store.change(|status| status.snapshot.keys = (0, 0));
        if outcome.is_err() && !self.wants_log() {
            tracing::info!("the log was ended before its new base was written");
            return self.store.change(|status| status.log.rewriting_since = None);
        }
        let now = self.store.now();
        match &outcome {
            Ok(_) => self.rewrites.backoff.succeeded(),
            Err(_) => self.rewrites.backoff.failed(millis(now)),
        }
        self.store.change(|status| {
            let log = &mut status.log;
            log.rewriting_since = None;
            log.is_last_rewrite_ok = outcome.is_ok();
            log.last_rewrite_seconds = Some(now.nanos_since(begun_at) / 1_000_000_000);
            match &outcome {
                Ok(extra_bytes) => {
                    log.rewrites += 1;
                    log.rewrites_failed = 0;
                    log.last_extra_bytes = *extra_bytes;
                }
                Err(_) => log.rewrites_failed += 1,
            }
        });
        match outcome {
            Ok(_) => tracing::info!("the log has a new base"),
            Err(error) => tracing::error!("the log could not be written anew: {error}"),
        }
    }

    fn try_to_rewrite(&mut self, kind: Rewrite, now: Moment) -> Result<u64, String> {
        let options = self.engine.settings().read(|config| SnapshotOptions::base(config, &self.functions));
        let (begun, writer) = self.desk.begin_rewrite(kind, options, now)?;
        let writer = match writer {
            Ok(writer) => writer,
            Err(reason) => {
                begun.cancel(&self.engine);
                return Err(reason);
            }
        };
        let keys = begun.keys();
        let header = Header { is_base: true, functions: &self.functions };
        let mut watcher = Watch::new(&self.store, &self.engine, keys, Watched::Base);
        let written = begun.write(&self.engine, writer, &header, &mut watcher);
        let finished = written
            .and_then(|(writer, extra_bytes)| Ok((writer.finish().map_err(SaveError::from)?, extra_bytes)));
        match finished {
            Ok((base, extra_bytes)) => self.desk.commit_rewrite(base).map(|()| extra_bytes),
            Err(error) => {
                self.desk.abort_rewrite();
                Err(error.to_string())
            }
        }
    }

    /// Begins a log if there is to be one.
    pub(crate) fn switch_log_on(&mut self) {
        if self.wants_log() {
            self.rewrite(Rewrite::SwitchOn);
        }
    }

    /// Whether there is to be a log.
    pub(crate) fn wants_log(&self) -> bool {
        self.engine.settings().read(|config| config.boolean(id::APPENDONLY))
    }

    /// Writes the log anew if it is time to.
    pub(crate) fn look_at_log(&mut self, now: Moment) {
        let growth = self.engine.settings().read(|config| Growth {
            percentage: config.integer(id::AUTO_AOF_REWRITE_PERCENTAGE).unsigned_abs(),
            bytes_min: config.bytes(id::AUTO_AOF_REWRITE_MIN_SIZE),
        });
        let status = self.store.change(|status| {
            let is_scheduled = std::mem::take(&mut status.log.is_rewrite_scheduled);
            LogStatus { is_rewrite_scheduled: is_scheduled, ..status.log.clone() }
        });
        let may_try = self.rewrites.backoff.is_over(millis(now));
        if self.desk.is_on() {
            let has_grown = growth.is_reached(status.base_bytes, status.bytes);
            if self.desk.is_lost() && may_try {
                // Only a new base makes it whole again.
                self.rewrite(Rewrite::Replace);
            } else if status.is_rewrite_scheduled || has_grown && may_try {
                self.rewrite(Rewrite::Again);
            }
        } else if may_try {
            self.switch_log_on();
        }
    }
}
