//! Publishing and subscribing: the register of those who listen, and messages to their mailboxes.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use catalog::{CommandId, id};
use config::OutputLimit;
use pubsub::{Kind, Registry, Subscriber, Subscriptions, Via};
use resp::Protocol;

use crate::client::Client;
use crate::engine::Engine;
use crate::mailbox::{Message, Postman};
use crate::publication::Publication;
use crate::session::Session;

impl Subscriber for Client {
    fn id(&self) -> u64 {
        self.id
    }
}

impl Engine {
    /// Who listens to what.
    pub fn listeners(&self) -> &Registry<Arc<Client>> {
        &self.listeners
    }

    /// How many clients listen to something.
    pub fn listening_clients(&self) -> usize {
        self.clients().all().iter().filter(|client| client.is_listening()).count()
    }

    /// Has a session's client listen to something. Returns whether that is new.
    pub fn subscribe(&self, session: &mut Session, kind: Kind, name: &[u8]) -> bool {
        let client = Arc::clone(&session.client);
        let is_new = self.listeners.subscribe(kind, name, &client, &mut session.subscriptions);
        session.note_subscriptions();
        self.recheck_subscription(session, kind, name);
        is_new
    }

    /// Has a session's client no longer listen to something. Returns whether it did.
    pub fn unsubscribe(&self, session: &mut Session, kind: Kind, name: &[u8]) -> bool {
        let client = Arc::clone(&session.client);
        let did = self.listeners.unsubscribe(kind, name, &client, &mut session.subscriptions);
        session.note_subscriptions();
        did
    }

    /// Ends all subscriptions of a session, without a word.
    pub fn end_subscriptions(&self, session: &mut Session) {
        if session.is_listening() {
            let client = Arc::clone(&session.client);
            self.listeners.leave(&client, &mut session.subscriptions);
            session.note_subscriptions();
        }
    }

    /// Publishes a message on behalf of a session. Returns how often it was received.
    pub fn publish(&self, session: &Session, channel: &[u8], payload: &[u8]) -> usize {
        self.publish_by(&mut session.postman(), channel, payload)
    }

    /// Publishes a message to a sharded channel on behalf of a session. Returns how often it was received.
    pub fn publish_sharded(&self, session: &Session, channel: &[u8], payload: &[u8]) -> usize {
        let mut postman = session.postman();
        let limit = self.settings().listener_output_limit();
        let mut message = None;
        let mut receivers = 0;
        self.listeners.publish_sharded(channel, |client| {
            let make = || Message::Publication(Publication::to_shard_channel(channel, payload));
            let message = message.get_or_insert_with(make).clone();
            receivers += usize::from(postman.post(self, client, message, limit));
        });
        receivers
    }

    pub(crate) fn publish_by(&self, postman: &mut Postman, channel: &[u8], payload: &[u8]) -> usize {
        let limit = self.settings().listener_output_limit();
        let mut texts = Texts { channel, payload, direct: None, last_pattern: None };
        // Whoever killed a client doesn't meet it again, although its own thread has yet to come to it.
        let mut receivers = 0;
        self.listeners.publish(channel, |client, via| {
            let message = Message::Publication(texts.of(via));
            receivers += usize::from(postman.post(self, client, message, limit));
        });
        receivers
    }

    /// What may wait for a client that doesn't read.
    pub fn output_limit(&self, client: &Client) -> OutputLimit {
        if client.is_listening() {
            self.settings().listener_output_limit()
        } else {
            self.settings().output_limit()
        }
    }
}

/// A message in the forms in which it is received, each made when it is first needed.
struct Texts<'m> {
    channel: &'m [u8],
    payload: &'m [u8],
    direct: Option<Publication>,
    /// All who listen to one pattern get it in a row.
    last_pattern: Option<(pubsub::Name, Publication)>,
}

impl Texts<'_> {
    fn of(&mut self, via: Via<'_>) -> Publication {
        let (channel, payload) = (self.channel, self.payload);
        match via {
            Via::Channel => {
                self.direct.get_or_insert_with(|| Publication::to_channel(channel, payload)).clone()
            }
            Via::Pattern(pattern) => match &self.last_pattern {
                Some((last, publication)) if last == pattern => publication.clone(),
                _ => {
                    let publication = Publication::to_pattern(pattern, channel, payload);
                    self.last_pattern = Some((pattern.clone(), publication.clone()));
                    publication
                }
            },
        }
    }
}

/// Whether a command's replies are pushes themselves. A client that wants no replies gets them nevertheless.
pub(crate) fn confirms_by_push(command: CommandId) -> bool {
    matches!(
        command,
        id::SUBSCRIBE
            | id::UNSUBSCRIBE
            | id::PSUBSCRIBE
            | id::PUNSUBSCRIBE
            | id::SSUBSCRIBE
            | id::SUNSUBSCRIBE
    )
}

impl Session {
    /// Whether a client that listens can't have this command run: in RESP2 its reply could not be told from a message.
    pub(crate) fn refuses_while_listening(&self, command: CommandId) -> bool {
        let is_harmless = confirms_by_push(command) || matches!(command, id::PING | id::QUIT | id::RESET);
        self.protocol() == Protocol::Resp2 && !is_harmless
    }

    /// What its client listens to.
    pub fn subscriptions(&self) -> &Subscriptions {
        &self.subscriptions
    }

    /// Whether its client listens to anything.
    #[inline]
    pub fn is_listening(&self) -> bool {
        self.is_listening
    }

    pub(crate) fn postman(&self) -> Postman {
        Postman::new(self.worker, Some(self.client.id)).under(self.embargo.clone())
    }

    fn note_subscriptions(&mut self) {
        self.is_listening = !self.subscriptions.is_empty();
        self.note_bounds();
        for (kind, count) in Kind::ALL.into_iter().zip(&self.client.subscriptions) {
            count.store(self.subscriptions.count(kind) as u32, Relaxed);
        }
        self.note_held();
    }
}

impl Client {
    /// How many subscriptions of a kind it has.
    pub fn subscriptions(&self, kind: Kind) -> u32 {
        let count = Kind::ALL.into_iter().zip(&self.subscriptions).find(|(other, _)| *other == kind);
        count.map_or(0, |(_, count)| count.load(Relaxed))
    }

    /// Whether it listens to anything.
    pub fn is_listening(&self) -> bool {
        self.subscriptions.iter().any(|count| count.load(Relaxed) > 0)
    }

    /// Messages that wait for it.
    pub fn messages(&self) -> u64 {
        self.mailbox.len()
    }

    /// Bytes of the messages that wait for it.
    pub fn message_bytes(&self) -> u64 {
        self.mailbox.bytes()
    }
}
