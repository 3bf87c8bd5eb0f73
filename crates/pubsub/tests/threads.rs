//! Publishers and subscribers in threads.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

use fastrand::Rng;
use kvd_pubsub::{Kind, Registry, Subscriber, Subscriptions, Via};

/// Who published it, and its number.
type Message = (usize, u32);

struct Inbox {
    id: u64,
    direct: Mutex<Vec<Message>>,
    by_pattern: Mutex<Vec<Message>>,
}

impl Inbox {
    fn new(id: u64) -> Arc<Self> {
        Arc::new(Self { id, direct: Mutex::default(), by_pattern: Mutex::default() })
    }
}

impl Subscriber for Inbox {
    fn id(&self) -> u64 {
        self.id
    }
}

const PUBLISHERS: usize = 3;
const MESSAGES: u32 = 2000;

fn publish(registry: &Registry<Arc<Inbox>>, channel: &[u8], publisher: usize) {
    for number in 0..MESSAGES {
        registry.publish(channel, |inbox, via| {
            let queue = if via == Via::Channel { &inbox.direct } else { &inbox.by_pattern };
            queue.lock().unwrap().push((publisher, number));
        });
    }
}

#[test]
fn everybody_sees_the_same_order_however_many_publish() {
    let registry: Registry<Arc<Inbox>> = Registry::new([1; 16]);
    let inboxes: Vec<_> = (0..20).map(Inbox::new).collect();
    for inbox in &inboxes {
        let mut own = Subscriptions::default();
        assert!(registry.subscribe(Kind::Channel, b"c", inbox, &mut own));
        assert!(registry.subscribe(Kind::Pattern, b"c*", inbox, &mut own));
    }
    thread::scope(|scope| {
        for publisher in 0..PUBLISHERS {
            let registry = &registry;
            scope.spawn(move || publish(registry, b"c", publisher));
        }
    });
    let first = inboxes[0].direct.lock().unwrap().clone();
    assert_eq!(first.len(), PUBLISHERS * MESSAGES as usize);
    for publisher in 0..PUBLISHERS {
        let numbers = first.iter().filter(|(one, _)| *one == publisher).map(|(_, number)| *number);
        assert!(numbers.eq(0..MESSAGES), "the order of publisher {publisher}");
    }
    for inbox in &inboxes {
        assert_eq!(*inbox.direct.lock().unwrap(), first);
        assert_eq!(*inbox.by_pattern.lock().unwrap(), first);
    }
}

#[test]
fn who_stays_misses_nothing_while_others_come_and_go() {
    let registry: Registry<Arc<Inbox>> = Registry::new([2; 16]);
    let stays = Inbox::new(0);
    let mut own = Subscriptions::default();
    registry.subscribe(Kind::Channel, b"c0", &stays, &mut own);
    registry.subscribe(Kind::Pattern, b"c?", &stays, &mut own);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for id in 1..=2 {
            let (registry, is_over) = (&registry, &is_over);
            scope.spawn(move || come_and_go(registry, id, is_over));
        }
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|publisher| {
                let registry = &registry;
                scope.spawn(move || publish(registry, b"c0", publisher))
            })
            .collect();
        publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
        is_over.store(true, Relaxed);
    });
    assert_eq!(stays.direct.lock().unwrap().len(), PUBLISHERS * MESSAGES as usize);
    assert_eq!(*stays.direct.lock().unwrap(), *stays.by_pattern.lock().unwrap());
    registry.check_invariants();
    assert_eq!((registry.count(Kind::Channel), registry.count(Kind::Pattern)), (1, 1));
}

fn come_and_go(registry: &Registry<Arc<Inbox>>, id: u64, is_over: &AtomicBool) {
    let mut random = Rng::with_seed(id);
    let inbox = Inbox::new(id);
    let mut own = Subscriptions::default();
    while !is_over.load(Relaxed) {
        let kind = Kind::ALL[random.usize(..2)];
        let name = format!("c{}", random.usize(..4));
        if random.bool() {
            registry.subscribe(kind, name.as_bytes(), &inbox, &mut own);
        } else {
            registry.unsubscribe(kind, name.as_bytes(), &inbox, &mut own);
        }
    }
    registry.leave(&inbox, &mut own);
    let seen = inbox.direct.lock().unwrap();
    for publisher in 0..PUBLISHERS {
        let numbers = seen.iter().filter(|(one, _)| *one == publisher).map(|(_, number)| *number);
        assert!(numbers.is_sorted_by(|one, next| one < next), "the order of publisher {publisher}");
    }
}
