//! Notifications: events of the keyspace, published (`notify-keyspace-events`).
//!
//! ```text
//! __keyspace@0__:key     set          with K
//! __keyevent@0__:set     key          with E
//! ```
//!
//! An event is published where it happens, under the lock of the key's stripe: so everybody hears of the changes of a key in their order. All that
//! takes is pushing into mailboxes, whose locks are taken last and held for nothing else.

use keyspace::DbIndex;
use smallvec::SmallVec;

use crate::engine::Engine;
use crate::event::{Event, EventClass};
use crate::mailbox::Postman;

/// Which events are published, and how.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notified(u32);

/// Of `Notified`, besides a bit for each class.
const TO_KEY: u32 = 1 << 31;
const TO_EVENT: u32 = 1 << 30;

const LETTERS: [(u8, EventClass); 13] = [
    (b'g', EventClass::Generic),
    (b'$', EventClass::String),
    (b'l', EventClass::List),
    (b's', EventClass::Set),
    (b'h', EventClass::Hash),
    (b'z', EventClass::SortedSet),
    (b'x', EventClass::Expired),
    (b'e', EventClass::Evicted),
    (b't', EventClass::Stream),
    (b'm', EventClass::Miss),
    (b'n', EventClass::New),
    (b'o', EventClass::Overwritten),
    (b'c', EventClass::TypeChanged),
];

/// What `A` stands for, besides the events of modules.
const LETTERS_OF_A: &[u8] = b"g$lshzxet";

impl Notified {
    /// As the letters of `notify-keyspace-events` say, which were checked before.
    pub(crate) fn new(letters: &[u8]) -> Self {
        let is_given = |letter: u8| {
            letters.contains(&letter) || letters.contains(&b'A') && LETTERS_OF_A.contains(&letter)
        };
        let given = LETTERS.iter().filter(|(letter, _)| is_given(*letter));
        let classes = given.fold(0, |all, (_, class)| all | bit(*class));
        let to_key = if letters.contains(&b'K') { TO_KEY } else { 0 };
        let to_event = if letters.contains(&b'E') { TO_EVENT } else { 0 };
        // Neither way to publish: nothing is published.
        if to_key | to_event == 0 { Self(0) } else { Self(classes | to_key | to_event) }
    }

    pub(crate) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    #[inline]
    pub(crate) fn includes(self, class: EventClass) -> bool {
        self.0 & bit(class) != 0
    }
}

#[inline]
fn bit(class: EventClass) -> u32 {
    1 << class as u32
}

impl Engine {
    /// Publishes an event of a class that is to be published.
    #[cold]
    pub(crate) fn notify(&self, postman: &mut Postman, how: Notified, db: DbIndex, event: Event, key: &[u8]) {
        let mut channel: SmallVec<[u8; 128]> = SmallVec::new();
        if how.0 & TO_KEY != 0 {
            name(&mut channel, "keyspace", db, key);
            self.publish_by(postman, &channel, event.name.as_bytes());
        }
        if how.0 & TO_EVENT != 0 {
            name(&mut channel, "keyevent", db, event.name.as_bytes());
            self.publish_by(postman, &channel, key);
        }
    }
}

fn name(channel: &mut SmallVec<[u8; 128]>, what: &str, db: DbIndex, of: &[u8]) {
    channel.clear();
    let mut number = itoa::Buffer::new();
    let number = number.format(db.0);
    for part in [b"__", what.as_bytes(), b"@", number.as_bytes(), b"__:", of] {
        channel.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stands_for_all_but_what_most_do_not_want() {
        let all = Notified::new(b"AKE");
        for (letter, class) in LETTERS {
            assert_eq!(all.includes(class), !b"mnoc".contains(&letter), "{class:?}");
        }
    }

    #[test]
    fn without_a_way_to_publish_nothing_is() {
        assert_eq!(Notified::new(b"A"), Notified::default());
        assert!(Notified::new(b"Kx").includes(EventClass::Expired));
        assert!(!Notified::new(b"Kx").includes(EventClass::Generic));
    }
}
