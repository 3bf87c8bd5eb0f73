//! What a database's handles, connections and housekeeping share.

use std::collections::VecDeque;
use std::sync::Arc;

use engine::{Clock, Engine};

use crate::bell::Time;
use crate::error::Error;
use crate::lane::{Lanes, Turn};
use crate::link::Link;
use crate::reply::Reply;
use crate::words::sealed::Words;

pub(crate) struct Core {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Box<dyn Clock + Send + Sync>,
    /// The clock is the machine's.
    is_real_time: bool,
    pub(crate) lanes: Lanes,
}

impl Core {
    pub(crate) fn new(engine: Engine, clock: Box<dyn Clock + Send + Sync>, is_real_time: bool) -> Self {
        let lanes = Lanes::new(engine.workers());
        Self { engine: Arc::new(engine), clock, is_real_time, lanes }
    }

    pub(crate) fn time(&self) -> Time<'_> {
        Time { clock: &*self.clock, is_real: self.is_real_time }
    }

    /// Runs one command in a lent session.
    #[inline]
    pub(crate) fn call(&self, words: &impl Words) -> Result<Reply, Error> {
        self.lend(|link, turn| link.call(words, self.time(), turn))?
    }

    /// Runs requests in a lent session, no other call's between them in that session.
    pub(crate) fn run(&self, requests: &[u8], count: usize) -> VecDeque<Result<Reply, Error>> {
        let lent = self.lend(|link, turn| link.run(requests, count, self.time(), turn));
        lent.unwrap_or_else(|error| std::iter::repeat_n(Err(error), count).collect())
    }

    /// The session is out of its lane meanwhile: should `work` panic, it is dropped with all that it was about to answer.
    #[inline]
    fn lend<T>(&self, work: impl FnOnce(&mut Link, &mut Turn<'_>) -> T) -> Result<T, Error> {
        let mut turn = self.lanes.any_turn();
        let mut link = match turn.lane().link.take().filter(|link| link.is_open()) {
            Some(link) => link,
            None => Box::new(Link::open(&self.engine, turn.number, &*self.clock)?),
        };
        let done = work(&mut link, &mut turn);
        // If the command waited, others had the lane, and may have left a session of theirs.
        if link.is_as_opened() && turn.lane().link.is_none() {
            turn.lane().link = Some(link);
        }
        Ok(done)
    }
}
