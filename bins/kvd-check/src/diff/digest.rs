//! Digests of keys and of what they say.

use std::hash::Hasher;

use rdb::{Checker, Element, Error, Fact, Input, ModuleId, StreamId, TextBuffer, Value};
use siphasher::sip128::{Hasher128, SipHasher13};

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    List,
    Set,
    Hash,
    SortedSet,
    Stream,
    Module(ModuleId),
}

/// What a key says, as short as it can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) kind: Kind,
    pub(super) value: u128,
    pub(super) expires_at_ms: Option<i64>,
}

/// Makes digests under a secret key.
#[derive(Clone, Debug)]
pub(super) struct Digester {
    key: [u8; 16],
    /// Fields that expire up to this time are passed over.
    now_ms: Option<i64>,
}

/// What the facts of a value are about: the place of each.
#[derive(Debug, Default)]
pub(super) struct Places {
    index: u64,
    group: Vec<u8>,
    consumer: Vec<u8>,
}

/// Two digests of a fact: of what it is about, and of what it says of that.
pub(super) struct FactDigest {
    pub(super) subject: u128,
    pub(super) content: u128,
}

/// Where a fact goes: what it is about first, then what it says of that.
struct Hashers {
    subject: SipHasher13,
    /// `None` if both go the same way.
    content: Option<SipHasher13>,
}

/// Takes the bytes of a fact.
struct Words<'d> {
    hasher: &'d mut SipHasher13,
}

impl Kind {
    pub(super) fn of<I: Input>(value: &Value<'_, I>) -> Self {
        match value {
            Value::String(_) => Self::String,
            Value::List(_) => Self::List,
            Value::Set(_) => Self::Set,
            Value::Hash(_) => Self::Hash,
            Value::SortedSet(_) => Self::SortedSet,
            Value::Stream(_) => Self::Stream,
            Value::Module(module) => Self::Module(module.id()),
        }
    }

    /// As `TYPE` says it.
    pub(super) fn name(self) -> String {
        match self {
            Self::String => "string".to_owned(),
            Self::List => "list".to_owned(),
            Self::Set => "set".to_owned(),
            Self::Hash => "hash".to_owned(),
            Self::SortedSet => "zset".to_owned(),
            Self::Stream => "stream".to_owned(),
            Self::Module(id) => format!("module {id}"),
        }
    }
}

impl Digester {
    pub(super) fn new(key: [u8; 16], now_ms: Option<i64>) -> Self {
        Self { key, now_ms }
    }

    /// What identifies a key.
    pub(super) fn key(&self, db: u64, key: &[u8]) -> u128 {
        let mut hasher = self.hasher();
        hasher.write_u64(db);
        hasher.write(key);
        hasher.finish128().as_u128()
    }

    /// Reads a value to its end, and checks it: what can't be, as a set with a member twice, can't be compared. `offset` is where it begins.
    pub(super) fn state<I: Input>(
        &self,
        checker: &mut Checker,
        value: Value<'_, I>,
        offset: u64,
        expires_at_ms: Option<i64>,
    ) -> Result<State, Error> {
        let kind = Kind::of(&value);
        let (mut sum, mut places) = (0_u128, Places::default());
        checker.check_value(value, offset, &mut |fact| {
            let mut to = Hashers { subject: self.hasher(), content: None };
            if self.feed(&mut places, fact, &mut to) {
                sum = sum.wrapping_add(to.subject.finish128().as_u128());
            }
        })?;
        Ok(State { kind, value: sum, expires_at_ms })
    }

    /// All that a key says in one number.
    pub(super) fn all(&self, state: State) -> u128 {
        let mut hasher = self.hasher();
        hasher.write(state.kind.name().as_bytes());
        hasher.write(&state.value.to_le_bytes());
        hasher.write_u8(u8::from(state.expires_at_ms.is_some()));
        hasher.write_i64(state.expires_at_ms.unwrap_or(0));
        hasher.finish128().as_u128()
    }

    /// The digests of the next fact of a value; `None` for what isn't compared.
    pub(super) fn fact(&self, places: &mut Places, fact: &Fact<'_>) -> Option<FactDigest> {
        let mut to = Hashers { subject: self.hasher(), content: Some(self.hasher()) };
        let is_compared = self.feed(places, fact, &mut to);
        is_compared.then(|| FactDigest {
            subject: to.subject.finish128().as_u128(),
            content: to.content.map_or(0, |content| content.finish128().as_u128()),
        })
    }

    fn feed(&self, places: &mut Places, fact: &Fact<'_>, to: &mut Hashers) -> bool {
        match fact {
            Fact::Text(text) => to.content().element(*text),
            Fact::Item(item) => {
                to.subject().number(places.next());
                to.content().element(*item);
            }
            Fact::Member(member) => to.subject().element(*member),
            Fact::Field(field) => {
                if self.now_ms.is_some_and(|now_ms| field.expires_at_ms.is_some_and(|at_ms| at_ms <= now_ms))
                {
                    return false;
                }
                to.subject().element(field.name);
                to.content().element(field.value);
                to.content().optional(field.expires_at_ms.map(i64::cast_unsigned));
            }
            Fact::Scored(member, score) => {
                to.subject().element(*member);
                // The two zeros are one score.
                to.content().number((*score + 0.0).to_bits());
            }
            Fact::Entry(entry) => {
                to.subject().text(b"entry");
                to.subject().id(entry.id);
                for (name, value) in entry.pairs() {
                    to.content().element(name);
                    to.content().element(value);
                }
            }
            Fact::ModuleItem(item) => {
                to.subject().number(places.next());
                to.content().element(Element::Bytes(item));
            }
            about_stream => return places.feed(about_stream, to),
        }
        true
    }

    fn hasher(&self) -> SipHasher13 {
        SipHasher13::new_with_key(&self.key)
    }
}

impl Places {
    /// The place of the next element of a list.
    pub(super) fn next(&mut self) -> u64 {
        self.index += 1;
        self.index - 1
    }

    /// What is known of a stream besides its entries.
    fn feed(&mut self, fact: &Fact<'_>, to: &mut Hashers) -> bool {
        match fact {
            Fact::Metadata(metadata) => {
                to.subject().text(b"metadata");
                to.content().id(metadata.last_id);
                to.content().id(metadata.max_deleted_id);
                to.content().number(metadata.entries_added);
            }
            Fact::Group(group) => {
                self.group = group.name.to_vec();
                to.subject().text(b"group");
                to.subject().text(&self.group);
                to.content().id(group.last_id);
                to.content().optional(group.entries_read);
            }
            Fact::Pending(pending) => {
                to.subject().text(b"pending");
                to.subject().text(&self.group);
                to.subject().id(pending.id);
                to.content().number(pending.delivered_at_ms.cast_unsigned());
                to.content().number(pending.deliveries);
            }
            Fact::Consumer(consumer) => {
                self.consumer = consumer.name.to_vec();
                to.subject().text(b"consumer");
                to.subject().text(&self.group);
                to.subject().text(&self.consumer);
            }
            Fact::Owned(id) => {
                to.subject().text(b"owned");
                to.subject().text(&self.group);
                to.subject().id(*id);
                to.content().text(&self.consumer);
            }
            // The module is part of the kind; of facts that aren't known nothing can be said.
            _ => return false,
        }
        true
    }

    /// The group, and the consumer, that a fact is about.
    pub(super) fn names(&self) -> (&[u8], &[u8]) {
        (&self.group, &self.consumer)
    }
}

impl Hashers {
    fn subject(&mut self) -> Words<'_> {
        Words { hasher: &mut self.subject }
    }

    fn content(&mut self) -> Words<'_> {
        Words { hasher: self.content.as_mut().unwrap_or(&mut self.subject) }
    }
}

impl Words<'_> {
    fn element(&mut self, element: Element<'_>) {
        self.text(element.text(&mut TextBuffer::new()));
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.hasher.write(text);
    }

    fn number(&mut self, number: u64) {
        self.hasher.write_u64(number);
    }

    fn optional(&mut self, number: Option<u64>) {
        self.hasher.write_u8(u8::from(number.is_some()));
        self.number(number.unwrap_or(0));
    }

    fn id(&mut self, id: StreamId) {
        self.hasher.write(&id.to_bytes());
    }
}
