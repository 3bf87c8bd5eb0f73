//! What a database's handles, connections and housekeeping share.

use std::collections::VecDeque;
use std::sync::Arc;

use engine::{Clock, Engine};

use crate::error::Error;
use crate::lane::Lanes;
use crate::link::Link;
use crate::reply::Reply;
use crate::words::sealed::Words;

pub(crate) struct Core {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Box<dyn Clock + Send + Sync>,
    pub(crate) lanes: Lanes,
}

impl Core {
    pub(crate) fn new(engine: Engine, clock: Box<dyn Clock + Send + Sync>) -> Self {
        let lanes = Lanes::new(engine.workers());
        Self { engine: Arc::new(engine), clock, lanes }
    }

    /// Runs one command in a lent session.
    #[inline]
    pub(crate) fn call(&self, words: &impl Words) -> Result<Reply, Error> {
        self.lend(|link, clock| link.call(words, clock))?
    }

    /// Runs requests in a lent session, no other call's between them in that session.
    pub(crate) fn run(&self, requests: &[u8], count: usize) -> VecDeque<Result<Reply, Error>> {
        let lent = self.lend(|link, clock| link.run(requests, count, clock));
        lent.unwrap_or_else(|error| std::iter::repeat_n(Err(error), count).collect())
    }

    /// The session is out of its lane meanwhile: should `work` panic, it is dropped with all that it was about to answer.
    #[inline]
    fn lend<T>(&self, work: impl FnOnce(&mut Link, &dyn Clock) -> T) -> Result<T, Error> {
        let (worker, mut lane) = self.lanes.lock_any();
        let mut link = match lane.link.take().filter(|link| link.is_open()) {
            Some(link) => link,
            None => Box::new(Link::open(&self.engine, worker, &*self.clock)?),
        };
        let done = work(&mut link, &*self.clock);
        if link.is_as_opened() {
            lane.link = Some(link);
        }
        Ok(done)
    }
}
