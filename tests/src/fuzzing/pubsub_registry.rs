//! The register of channels and patterns beside a list of all subscriptions, which is searched from end to end.
//!
//! Operations of three bytes: what, who, and which name.

use pubsub::{Kind, Registry, Subscriber, Subscriptions, Via};

/// Each is compared with the whole list; more of them would only take longer.
const OPERATIONS_MAX: usize = 512;

const SUBSCRIBERS: usize = 32;

/// Some match others, some begin alike, one is empty.
const NAMES: [&[u8]; 16] = [
    b"a",
    b"ab",
    b"abc",
    b"b",
    b"",
    b"*",
    b"a*",
    b"ab*",
    b"a?",
    b"[ab]*",
    b"*c",
    b"a*c",
    b"\\a",
    b"ab\\*",
    b"?b",
    b"abcabcabc",
];

#[derive(Clone)]
struct Number(usize);

impl Subscriber for Number {
    fn id(&self) -> u64 {
        self.0 as u64
    }
}

/// Who listens to what, in the order in which it began.
type Twin = Vec<(Kind, usize, &'static [u8])>;

/// Checks one input.
pub fn pubsub_registry(data: &[u8]) {
    let registry = Registry::new([5; 16]);
    let mut own: Vec<Subscriptions> = (0..SUBSCRIBERS).map(|_| Subscriptions::default()).collect();
    let mut twin = Twin::new();
    for operation in data.chunks_exact(3).take(OPERATIONS_MAX) {
        let who = usize::from(operation[1]) % SUBSCRIBERS;
        let name = NAMES[usize::from(operation[2]) % NAMES.len()];
        let kind = Kind::ALL[usize::from(operation[0] >> 4) % Kind::ALL.len()];
        let subscription = (kind, who, name);
        match operation[0] & 15 {
            0..=6 => {
                let is_new = !twin.contains(&subscription);
                assert_eq!(registry.subscribe(kind, name, &Number(who), &mut own[who]), is_new);
                twin.extend(is_new.then_some(subscription));
            }
            7..=10 => {
                let was = twin.contains(&subscription);
                assert_eq!(registry.unsubscribe(kind, name, &Number(who), &mut own[who]), was);
                twin.retain(|other| *other != subscription);
            }
            11 => {
                registry.leave(&Number(who), &mut own[who]);
                twin.retain(|other| other.1 != who);
            }
            12..=14 => publish(&registry, &twin, name),
            _ => publish_sharded(&registry, &twin, name),
        }
        registry.check_invariants();
        check(&registry, &own[who], who, &twin);
    }
}

fn publish(registry: &Registry<Number>, twin: &Twin, channel: &[u8]) {
    let (mut direct, mut by_pattern) = (Vec::new(), Vec::new());
    let count = registry.publish(channel, |subscriber, via| match via {
        Via::Channel => {
            assert!(by_pattern.is_empty(), "patterns come behind the channel");
            direct.push(subscriber.0);
        }
        Via::Pattern(pattern) => by_pattern.push((pattern.to_vec(), subscriber.0)),
    });
    assert_eq!(count, direct.len() + by_pattern.len());
    assert_eq!(sorted(direct), listeners(twin, Kind::Channel, |name| name == channel));
    assert!(by_pattern.iter().all(|(pattern, who)| {
        twin.iter()
            .any(|(kind, other, name)| *kind == Kind::Pattern && other == who && *name == pattern.as_slice())
    }));
    let by_pattern = by_pattern.into_iter().map(|(_, who)| who).collect();
    let matching = |name: &[u8]| glob::matches(name, channel);
    assert_eq!(sorted(by_pattern), listeners(twin, Kind::Pattern, matching));
}

fn publish_sharded(registry: &Registry<Number>, twin: &Twin, channel: &[u8]) {
    let mut got = Vec::new();
    registry.publish_sharded(channel, |subscriber| got.push(subscriber.0));
    assert_eq!(sorted(got), listeners(twin, Kind::ShardChannel, |name| name == channel));
}

fn check(registry: &Registry<Number>, own: &Subscriptions, who: usize, twin: &Twin) {
    for kind in Kind::ALL {
        let wanted = twin.iter().filter(|(other, subscriber, _)| *other == kind && *subscriber == who);
        let held = own.names(kind);
        assert!(held.iter().map(|name| name.as_bytes()).eq(wanted.map(|(_, _, name)| *name)));
        for name in NAMES {
            let count = listeners(twin, kind, |other| other == name).len();
            assert_eq!(registry.subscribers(kind, name), count);
        }
        let some =
            NAMES.iter().filter(|name| twin.iter().any(|(other, _, its)| *other == kind && its == *name));
        assert_eq!(registry.count(kind), some.count());
        assert_eq!(registry.names(kind, None).len(), registry.count(kind));
    }
}

fn listeners(twin: &Twin, kind: Kind, is_it: impl Fn(&[u8]) -> bool) -> Vec<usize> {
    let found = twin.iter().filter(|(other, _, name)| *other == kind && is_it(name));
    sorted(found.map(|(_, who, _)| *who).collect())
}

fn sorted(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers
}
