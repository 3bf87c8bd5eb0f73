//! What the saver is asked to do, and how its work ends.

use engine::{Promise, ReloadFrom, Shutdown};

/// Something to do.
pub(crate) enum Order {
    /// Write the snapshot file.
    Save(Option<Promise>),
    /// Write it since all data were removed.
    SaveFlushed,
    /// Write the log anew.
    Rewrite,
    /// Begin a log, if the configuration asks for one. Ending it is the log's thread's own affair: nobody waits for a snapshot with that.
    SwitchLog,
    /// Read the data again.
    Reload(ReloadFrom, Promise),
    /// Stop the server.
    ShutDown(Shutdown, Option<Promise>),
}

/// What the saver is writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A snapshot that nobody waits for.
    Snapshot,
    /// One without the data that were removed all at once. It is not told of as a snapshot that is being written: whoever asks for one need not
    /// wait until this is done.
    FlushedSnapshot,
    /// One that somebody waits for.
    AskedSnapshot,
    /// The last one before the end.
    LastSnapshot,
    /// A base of the log.
    Base,
}

impl Order {
    /// What is written first when this is carried out.
    pub(crate) fn work(&self) -> Option<Work> {
        match self {
            Self::Save(None) => Some(Work::Snapshot),
            Self::Save(Some(_)) => Some(Work::AskedSnapshot),
            Self::SaveFlushed => Some(Work::FlushedSnapshot),
            Self::Rewrite => Some(Work::Base),
            Self::ShutDown(..) => Some(Work::LastSnapshot),
            Self::SwitchLog | Self::Reload(..) => None,
        }
    }
}

/// How the saver's work ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The server is to stop: everything is kept that was to be kept.
    Stopped,
    /// The data can't be loaded, for this reason.
    NotLoaded(String),
}
