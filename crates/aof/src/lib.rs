#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod error;

mod manifest;

mod directory;
mod location;

mod point_in_time;

mod log;
mod repair;
mod schedule;
mod segment;

pub use directory::{Directory, Found, Opening, Step};
pub use error::AofError;
pub use location::{BaseFormat, Location};
pub use log::{
    BaseWriter, Committed, Failing, FinishedBase, Log, LogError, Options, Policy, RewriteError, Syncing,
    UnixMillis,
};
pub use manifest::{
    FileKind, LINE_BYTES_MAX, LISTED_MAX, Listed, MANIFEST_BYTES_MAX, Manifest, ManifestError, ManifestFault,
    SEQ_MAX,
};
pub use point_in_time::{Cut, until};
pub use repair::{Repair, repair};
pub use schedule::{Backoff, Growth};
pub use segment::{
    Annotation, Command, Ending, Fault, Limits, Malformed, Next, Record, SegmentFile, SegmentReader, Tail,
    TailCause, Words,
};
