//! What the saver is asked to do, and how its work ends.

use engine::{Promise, ReloadFrom, Shutdown};

/// Something to do.
pub(crate) enum Order {
    /// Write the snapshot file.
    Save(Option<Promise>),
    /// Write the log anew.
    Rewrite,
    /// Begin a log, if the configuration asks for one. Ending it is the log's thread's own affair: nobody waits for a snapshot with that.
    SwitchLog,
    /// Read the data again.
    Reload(ReloadFrom, Promise),
    /// Stop the server.
    ShutDown(Shutdown, Option<Promise>),
}

/// How the saver's work ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The server is to stop: everything is kept that was to be kept.
    Stopped,
    /// The data can't be loaded, for this reason.
    NotLoaded(String),
}
