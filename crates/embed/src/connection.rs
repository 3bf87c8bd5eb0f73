//! A session of one's own.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::convert::FromReply;
use crate::db::Handle;
use crate::error::Error;
use crate::link::Link;
use crate::permission;
use crate::pipeline::{Pipeline, Target};
use crate::reply::Reply;
use crate::words::Words;

/// A session of its own: a selected database, a name, a transaction. Made by [`Db::connect`](crate::Db::connect); keeps the database open.
///
/// It can go to another thread, and serves one at a time.
///
/// ```
/// # use kvd_embed::{Db, Options};
/// let db = Db::open(Options::default())?;
/// let mut archive = db.connect()?;
/// archive.call(("SELECT", 1))?;
/// archive.call(["SET", "k", "old"])?;
/// assert_eq!(db.query::<Option<String>>(["GET", "k"])?, None);
/// assert_eq!(archive.query::<Option<String>>(["GET", "k"])?.as_deref(), Some("old"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Connection {
    link: Link,
    /// Whose counters it uses, and whose lock therefore.
    lane: usize,
    handle: Arc<Handle>,
}

impl Connection {
    pub(crate) fn open(handle: &Arc<Handle>) -> Result<Self, Error> {
        let core = handle.core();
        let lane = core.lanes.assign();
        let _worker = core.lanes.lock(lane);
        let link = Link::open(&core.engine, lane, &*core.clock)?;
        Ok(Self { link, lane, handle: Arc::clone(handle) })
    }

    /// Runs a command. As [`Db::call`](crate::Db::call), and commands that change the session run, too.
    pub fn call(&mut self, words: impl Words) -> Result<Reply, Error> {
        permission::in_own_session(words.name())?;
        let core = self.handle.core();
        let mut turn = core.lanes.turn(self.lane);
        self.link.call(&words, core.time(), &mut turn)
    }

    /// Runs a command and converts its reply.
    pub fn query<T: FromReply>(&mut self, words: impl Words) -> Result<T, Error> {
        Ok(T::from_reply(self.call(words)?)?)
    }

    /// Several commands at once.
    pub fn pipeline(&mut self) -> Pipeline<'_> {
        Pipeline::new(Target::Connection(self))
    }

    pub(crate) fn run(&mut self, requests: &[u8], count: usize) -> VecDeque<Result<Reply, Error>> {
        let core = self.handle.core();
        let mut turn = core.lanes.turn(self.lane);
        self.link.run(requests, count, core.time(), &mut turn)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("is_open", &self.link.is_open()).finish_non_exhaustive()
    }
}
