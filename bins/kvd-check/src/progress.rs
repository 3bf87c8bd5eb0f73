//! How far it is, for a person who waits.

use std::io::Read;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PER_SECOND: u8 = 5;
const SPIN: Duration = Duration::from_millis(200);

/// Draws bars, on a terminal only.
#[derive(Debug)]
pub(crate) struct Progress {
    is_quiet: bool,
}

/// A bar; it goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Progress {
    pub(crate) fn new(is_quiet: bool) -> Self {
        Self { is_quiet }
    }

    /// A bar for so many bytes; without a number one that only moves.
    pub(crate) fn bytes(&self, what: &str, total: Option<u64>) -> Bar {
        let template = match total {
            Some(_) => "{msg} {bar:30} {percent}% of {total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{msg} {spinner} {bytes}, {bytes_per_sec}",
        };
        self.bar(what, total, template)
    }

    /// A bar for keys.
    pub(crate) fn keys(&self, what: &str, total: u64) -> Bar {
        self.bar(what, Some(total), "{msg} {bar:30} {pos} of {len} keys, {eta} left")
    }

    fn bar(&self, what: &str, total: Option<u64>, template: &str) -> Bar {
        let target = if self.is_quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(PER_SECOND)
        };
        let bar = ProgressBar::with_draw_target(total, target);
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(what.to_owned());
        if total.is_none() && !bar.is_hidden() {
            bar.enable_steady_tick(SPIN);
        }
        Bar(bar)
    }
}

impl Bar {
    /// Counts the bytes that are read.
    pub(crate) fn counting(&self, read: impl Read + 'static) -> Box<dyn Read> {
        Box::new(self.0.wrap_read(read))
    }

    pub(crate) fn add(&self, count: u64) {
        self.0.inc(count);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
