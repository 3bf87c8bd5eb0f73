//! Several commands at once: planned together, and locked together where that helps.

use std::collections::VecDeque;
use std::fmt;

use crate::connection::Connection;
use crate::convert::FromReply;
use crate::db::Db;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::permission;
use crate::reply::Reply;
use crate::words::Words;

/// Commands that run one after the other, in one session, when [`run`](Self::run) is called.
///
/// That is faster than as many calls: the engine plans them together and fetches the memory of their keys ahead. It is no transaction: calls
/// of others may come in between. `MULTI` and `EXEC` on a [`Connection`] make it one, as soon as kvd has them.
///
/// ```
/// # use kvd_embed::{Db, Options, Reply};
/// # let db = Db::open(Options::default())?;
/// let outcomes = db.pipeline().cmd(["SET", "n", "5"]).cmd(["INCR", "n"]).cmd(["INCR"]).run();
/// assert_eq!(outcomes[1], Ok(Reply::Integer(6)));
/// assert!(outcomes[2].is_err());
///
/// let (n, length): (i64, i64) = db.pipeline().cmd(["INCR", "n"]).cmd(["STRLEN", "n"]).query()?;
/// assert_eq!((n, length), (7, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "commands run when `run` or `query` is called"]
pub struct Pipeline<'t> {
    target: Target<'t>,
    requests: Vec<u8>,
    /// For each command: it is among the requests, or why not.
    commands: Vec<Result<(), Error>>,
}

/// Where the commands will run.
pub(crate) enum Target<'t> {
    Db(&'t Db),
    Connection(&'t mut Connection),
}

impl<'t> Pipeline<'t> {
    pub(crate) fn new(target: Target<'t>) -> Self {
        Self { target, requests: Vec::new(), commands: Vec::new() }
    }

    /// Adds a command.
    pub fn cmd(&mut self, words: impl Words) -> &mut Self {
        let permitted = match self.target {
            _ if words.count() == 0 => Err(Error::NoWords),
            Target::Db(_) => permission::in_lent_session(words.name()),
            Target::Connection(_) => permission::in_own_session(words.name()),
        };
        if permitted.is_ok() {
            Encoder::to_bytes(&mut self.requests).request(&words);
        }
        self.commands.push(permitted);
        self
    }

    /// How many commands were added since the last run.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Runs the commands: an outcome for each, in order. Then the pipeline is empty and can be filled again.
    ///
    /// One that fails doesn't keep those after it from running.
    pub fn run(&mut self) -> Vec<Result<Reply, Error>> {
        let commands = std::mem::take(&mut self.commands);
        let requests = std::mem::take(&mut self.requests);
        let count = commands.iter().filter(|command| command.is_ok()).count();
        let mut ran: VecDeque<_> = match &mut self.target {
            Target::Db(db) => db.core().run(&requests, count),
            Target::Connection(connection) => connection.run(&requests, count),
        };
        let outcome = |permitted: Result<(), Error>| {
            permitted.and_then(|()| ran.pop_front().unwrap_or(Err(Error::Closed)))
        };
        commands.into_iter().map(outcome).collect()
    }

    /// Runs the commands and converts their replies, as if they were one array: to a tuple, a vector… The first error is returned, after
    /// all of them ran.
    pub fn query<T: FromReply>(&mut self) -> Result<T, Error> {
        let replies: Vec<Reply> = self.run().into_iter().collect::<Result<_, _>>()?;
        Ok(T::from_reply(Reply::Array(replies))?)
    }
}

impl fmt::Debug for Pipeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("len", &self.len()).finish_non_exhaustive()
    }
}
