//! Listening to channels.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use engine::{Flow, Moment};
use resp::Frame;

use crate::db::Handle;
use crate::error::Error;
use crate::link::Link;

/// What was published, as one who listens gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The channel it was published to.
    pub channel: Vec<u8>,
    /// The pattern that brought it, if it came by one.
    pub pattern: Option<Vec<u8>>,
    /// What was said.
    pub payload: Vec<u8>,
}

/// One who listens to channels and patterns, its own or of keyspace notifications. Made by [`Db::subscribe`](crate::Db::subscribe); keeps the
/// database open.
///
/// As an iterator it waits for the next message. It ends when the session is closed: by `CLIENT KILL`, or since it left more messages waiting
/// than `client-output-buffer-limit` allows its class `pubsub` (32 MB; 8 MB for a minute).
///
/// ```
/// # use kvd_embed::{Db, Options};
/// let db = Db::open(Options::default())?;
/// let mut news = db.subscribe(["news", "weather"])?;
/// news.listen_to_pattern("job:*")?;
///
/// db.call(["PUBLISH", "weather", "rain"])?;
/// db.call(["PUBLISH", "job:7", "done"])?;
///
/// let message = news.next().expect("it rains");
/// assert_eq!((&message.channel[..], &message.payload[..]), (&b"weather"[..], &b"rain"[..]));
/// assert_eq!(news.next().and_then(|message| message.pattern).as_deref(), Some(&b"job:*"[..]));
/// assert_eq!(news.try_next(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Subscription {
    link: Link,
    /// Whose counters it uses, and whose lock therefore.
    lane: usize,
    handle: Arc<Handle>,
    received: VecDeque<Message>,
}

impl Subscription {
    pub(crate) fn open(handle: &Arc<Handle>) -> Result<Self, Error> {
        let core = handle.core();
        let lane = core.lanes.assign();
        let link = {
            let _worker = core.lanes.lock(lane);
            Link::open(&core.engine, lane, &*core.clock)?
        };
        Ok(Self { link, lane, handle: Arc::clone(handle), received: VecDeque::new() })
    }

    /// Listens to a channel, too.
    pub fn listen_to(&mut self, channel: impl AsRef<[u8]>) -> Result<(), Error> {
        self.change(b"SUBSCRIBE", channel.as_ref())
    }

    /// Listens to all channels that match a pattern, too.
    pub fn listen_to_pattern(&mut self, pattern: impl AsRef<[u8]>) -> Result<(), Error> {
        self.change(b"PSUBSCRIBE", pattern.as_ref())
    }

    /// Listens to a sharded channel, too (`SPUBLISH`).
    pub fn listen_to_shard_channel(&mut self, channel: impl AsRef<[u8]>) -> Result<(), Error> {
        self.change(b"SSUBSCRIBE", channel.as_ref())
    }

    /// No longer listens to a channel. Messages that are there already stay.
    pub fn ignore(&mut self, channel: impl AsRef<[u8]>) -> Result<(), Error> {
        self.change(b"UNSUBSCRIBE", channel.as_ref())
    }

    /// No longer listens to a pattern.
    pub fn ignore_pattern(&mut self, pattern: impl AsRef<[u8]>) -> Result<(), Error> {
        self.change(b"PUNSUBSCRIBE", pattern.as_ref())
    }

    /// No longer listens to a sharded channel.
    pub fn ignore_shard_channel(&mut self, channel: impl AsRef<[u8]>) -> Result<(), Error> {
        self.change(b"SUNSUBSCRIBE", channel.as_ref())
    }

    /// The next message, if there is one.
    pub fn try_next(&mut self) -> Option<Message> {
        if self.received.is_empty() {
            self.look();
        }
        self.received.pop_front()
    }

    /// The next message, if it comes within that time by the database's clock.
    pub fn next_within(&mut self, time: Duration) -> Option<Message> {
        let now = self.handle.core().clock.now().unix_nanos();
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.wait(Some(Moment::from_unix_nanos(now.saturating_add(nanos))))
    }

    /// Whether messages can still come.
    pub fn is_open(&self) -> bool {
        self.link.is_open()
    }

    fn wait(&mut self, until: Option<Moment>) -> Option<Message> {
        loop {
            let message = self.try_next();
            if message.is_some() || !self.link.is_open() {
                return message;
            }
            let core = self.handle.core();
            if until.is_some_and(|until| until <= core.clock.now()) {
                return None;
            }
            self.link.sleep(until, core.time());
        }
    }

    fn change(&mut self, command: &[u8], name: &[u8]) -> Result<(), Error> {
        if !self.link.is_open() {
            return Err(Error::Closed);
        }
        self.link.send(&[command, name]);
        self.look();
        Ok(())
    }

    /// Takes what has come.
    fn look(&mut self) {
        let core = self.handle.core();
        let mut flow = Flow::Flush;
        while flow == Flow::Flush {
            let _worker = core.lanes.lock(self.lane);
            flow = self.link.serve_once(&*core.clock);
        }
        while let Some(push) = self.link.take_push() {
            self.received.extend(message(push));
        }
    }
}

/// A push as a message; `None` for those that confirm a subscription.
fn message(push: Vec<Frame>) -> Option<Message> {
    let mut words = push.into_iter().map(|frame| match frame {
        Frame::Bulk(bytes) => Some(bytes.to_vec()),
        _ => None,
    });
    let kind = words.next()??;
    let pattern = match &kind[..] {
        b"message" | b"smessage" => None,
        b"pmessage" => Some(words.next()??),
        _ => return None,
    };
    Some(Message { channel: words.next()??, pattern, payload: words.next()?? })
}

impl Iterator for Subscription {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        self.wait(None)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("is_open", &self.is_open()).finish_non_exhaustive()
    }
}
