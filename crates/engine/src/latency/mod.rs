//! How long things take: every command in a histogram, and what took longer than somebody likes in series by kind of event.

mod histogram;
mod monitor;

pub use histogram::{Histogram, HistogramBucket};
pub use monitor::{LatencyEvent, LatencyMonitor, LatencySample, LatencySeries};

pub(crate) use histogram::Durations;
