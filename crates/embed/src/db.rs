//! The database.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use engine::Engine;

use crate::connection::Connection;
use crate::convert::FromReply;
use crate::core::Core;
use crate::error::{Error, OpenError};
use crate::events::{Events, Listeners, Sink};
use crate::host::Program;
use crate::housekeeping::{self, Housekeeper};
use crate::options::Options;
use crate::permission;
use crate::pipeline::{Pipeline, Target};
use crate::reply::Reply;
use crate::stream;
use crate::subscription::Subscription;
use crate::words::Words;

/// A database inside this program. Clones are the same database; it is gone, data and all, when the last clone and the last
/// [`Connection`] are dropped.
///
/// Every method may be called from many threads at once; there is no lock around the whole.
#[derive(Clone)]
pub struct Db {
    handle: Arc<Handle>,
}

/// What the last handle ends.
pub(crate) struct Handle {
    core: Arc<Core>,
    listeners: OnceLock<Arc<Listeners>>,
    /// Dropped with the handle, so that the thread, which has a `Core` of its own, ends.
    _housekeeper: Option<Housekeeper>,
}

impl Handle {
    #[inline]
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }
}

impl Db {
    /// Opens an empty database.
    ///
    /// # Errors
    ///
    /// When a parameter is wrong, with the text that a server would log; or when the system has no thread or no random numbers to give.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let config = options.config()?;
        let seed = options.seed_or_random()?;
        let Options { workers, clock, is_real_time, is_manual, .. } = options;
        let engine = Engine::new(engine::Options {
            config,
            handlers: commands::handlers(),
            workers,
            seed,
            now: clock.now(),
            host: Box::new(Program),
        });
        let core = Arc::new(Core::new(engine, clock, is_real_time));
        let housekeeper =
            if is_manual { None } else { Some(Housekeeper::start(&core).map_err(OpenError::Thread)?) };
        Ok(Self { handle: Arc::new(Handle { core, listeners: OnceLock::new(), _housekeeper: housekeeper }) })
    }

    /// Runs a command and returns its reply. Database 0, RESP3; nothing of one call is left for the next but the data.
    ///
    /// A command that waits (`BLPOP`) has its thread wait, and nobody else.
    ///
    /// # Errors
    ///
    /// The command's own error; or, before it runs, that it needs a session of its own (`SELECT`, `MULTI`…), or a server (`SHUTDOWN`…).
    #[inline]
    pub fn call(&self, words: impl Words) -> Result<Reply, Error> {
        permission::in_lent_session(words.name())?;
        self.core().call(&words)
    }

    /// Runs a command and converts its reply.
    ///
    /// # Errors
    ///
    /// Those of [`call`](Self::call); and that the reply is of another type. The command has run then.
    #[inline]
    pub fn query<T: FromReply>(&self, words: impl Words) -> Result<T, Error> {
        Ok(T::from_reply(self.call(words)?)?)
    }

    /// Several commands at once.
    pub fn pipeline(&self) -> Pipeline<'_> {
        Pipeline::new(Target::Db(self))
    }

    /// A session of one's own: with a selected database, a name, a transaction.
    ///
    /// # Errors
    ///
    /// If `maxclients` sessions are open.
    pub fn connect(&self) -> Result<Connection, Error> {
        Connection::open(&self.handle)
    }

    /// Serves a client of RESP over a stream, until it leaves: for code that insists on an address. The stream can be a socket that
    /// the program accepted, or anything else that reads and writes; whoever is at its other end may do everything, unless `requirepass` is set.
    ///
    /// ```no_run
    /// # let db = kvd_embed::Db::open(kvd_embed::Options::default())?;
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// std::thread::spawn(move || {
    ///     for stream in listener.incoming().flatten() {
    ///         let db = db.clone();
    ///         std::thread::spawn(move || db.serve(stream));
    ///     }
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// What is published to a client that listens reaches it with the reply to its next request: the stream is waited at, and nothing else.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn serve(&self, stream: impl Read + Write) -> io::Result<()> {
        stream::serve(self.core(), stream)
    }

    /// What happens to keys from now on, in a queue with room for `capacity` events. Those that find it full are lost and
    /// [counted](Events::take_missed): no command waits for a listener.
    ///
    /// ```
    /// # use kvd_embed::{Db, Options};
    /// # let db = Db::open(Options::default())?;
    /// let mut events = db.events(100);
    /// db.call(["SET", "k", "v"])?;
    /// db.call(["DEL", "k"])?;
    /// drop(db);
    /// let names: Vec<&str> = events.filter(|event| event.key == b"k").map(|event| event.name).collect();
    /// assert_eq!(names, ["new", "set", "del"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn events(&self, capacity: usize) -> Events {
        let listeners = self.handle.listeners.get_or_init(|| {
            let listeners = Arc::new(Listeners::default());
            self.core().engine.tell_events(Box::new(Sink(Arc::clone(&listeners))));
            listeners
        });
        listeners.add(capacity)
    }

    /// Listens to these channels, and to others and patterns that are added later. What is published meanwhile waits in the subscription.
    ///
    /// # Errors
    ///
    /// If `maxclients` sessions are open.
    pub fn subscribe<C: AsRef<[u8]>>(
        &self,
        channels: impl IntoIterator<Item = C>,
    ) -> Result<Subscription, Error> {
        let mut subscription = Subscription::open(&self.handle)?;
        for channel in channels {
            subscription.listen_to(channel)?;
        }
        Ok(subscription)
    }

    /// Does a slice, well below a millisecond, of the work that nobody calls for, and returns how long the next can wait: not at all if
    /// something is left. For [`Options::manual`]; otherwise a thread does it.
    pub fn tick(&self) -> Duration {
        housekeeping::tick(self.core())
    }

    #[inline]
    pub(crate) fn core(&self) -> &Core {
        self.handle.core()
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("workers", &self.core().lanes.count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_handle_ends_the_thread() {
        let db = Db::open(Options::default()).expect("the defaults are in order");
        let core = Arc::downgrade(&db.handle.core);
        let connection = db.connect().expect("there is room");
        drop(db);
        assert!(core.upgrade().is_some(), "a connection keeps the database open");
        drop(connection);
        // The thread has a share of the core, and is joined: were it still there, so would the core be.
        assert!(core.upgrade().is_none());
    }

    #[test]
    fn a_manual_database_has_no_thread() {
        let db = Db::open(Options::default().manual()).expect("the defaults are in order");
        assert_eq!(Arc::strong_count(&db.handle.core), 1);
    }
}
