//! The register beside a naive one under random operations.

use std::collections::BTreeMap;

use kvd_pubsub::{Kind, Registry, Subscriber, Subscriptions, Via};
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Number(u64);

impl Subscriber for Number {
    fn id(&self) -> u64 {
        self.0
    }
}

#[derive(Clone, Debug)]
enum Step {
    Subscribe(Kind, u64, Vec<u8>),
    Unsubscribe(Kind, u64, Vec<u8>),
    Leave(u64),
    Publish(Vec<u8>),
    PublishSharded(Vec<u8>),
}

/// Names, each with those who listen to it.
type Names = Vec<(Vec<u8>, Vec<u64>)>;

/// For each kind, the names in the order in which they first came, each with its subscribers.
#[derive(Default)]
struct Twin {
    names: BTreeMap<usize, Names>,
    /// For each subscriber and kind, the names in the order of subscription.
    own: BTreeMap<(u64, usize), Vec<Vec<u8>>>,
}

fn index(kind: Kind) -> usize {
    Kind::ALL.iter().position(|other| *other == kind).expect("it is one of all")
}

impl Twin {
    fn names(&self, kind: Kind) -> &[(Vec<u8>, Vec<u64>)] {
        self.names.get(&index(kind)).map_or(&[], Vec::as_slice)
    }

    fn subscribe(&mut self, kind: Kind, id: u64, name: &[u8]) -> bool {
        let own = self.own.entry((id, index(kind))).or_default();
        if own.iter().any(|other| other == name) {
            return false;
        }
        own.push(name.to_vec());
        let names = self.names.entry(index(kind)).or_default();
        match names.iter_mut().find(|(other, _)| other == name) {
            Some((_, subscribers)) => subscribers.push(id),
            None => names.push((name.to_vec(), vec![id])),
        }
        true
    }

    fn unsubscribe(&mut self, kind: Kind, id: u64, name: &[u8]) -> bool {
        let own = self.own.entry((id, index(kind))).or_default();
        let had = own.len();
        own.retain(|other| other != name);
        if own.len() == had {
            return false;
        }
        let names = self.names.entry(index(kind)).or_default();
        names.iter_mut().filter(|(other, _)| other == name).for_each(|(_, all)| all.retain(|one| *one != id));
        names.retain(|(_, subscribers)| !subscribers.is_empty());
        true
    }

    /// By what way a message for a channel comes to whom: the channel first, then pattern after pattern.
    fn receivers(&self, channel: &[u8]) -> Vec<(Option<Vec<u8>>, Vec<u64>)> {
        let direct = self.names(Kind::Channel).iter().filter(|(name, _)| name == channel);
        let direct = direct.map(|(_, subscribers)| (None, sorted(subscribers)));
        let patterns = self.names(Kind::Pattern).iter();
        let patterns = patterns.filter(|(pattern, _)| glob::matches(pattern, channel));
        direct.chain(patterns.map(|(pattern, all)| (Some(pattern.clone()), sorted(all)))).collect()
    }
}

fn sorted(ids: &[u64]) -> Vec<u64> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[ab]{0,3}".prop_map(String::into_bytes),
        3 => "[ab]{0,2}[*?][ab]{0,1}".prop_map(String::into_bytes),
        1 => Just(b"*".to_vec()),
        1 => "\\[[ab]\\][*]{0,1}".prop_map(String::into_bytes),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL.to_vec())
}

fn step() -> impl Strategy<Value = Step> {
    // Enough of them that a roster gets its table, few enough that names collide.
    let id = 0u64..40;
    prop_oneof![
        8 => (kind(), id.clone(), name()).prop_map(|(kind, id, name)| Step::Subscribe(kind, id, name)),
        4 => (kind(), id.clone(), name()).prop_map(|(kind, id, name)| Step::Unsubscribe(kind, id, name)),
        1 => id.prop_map(Step::Leave),
        2 => name().prop_map(Step::Publish),
        1 => name().prop_map(Step::PublishSharded),
    ]
}

fn run(steps: Vec<Step>) {
    let registry: Registry<Number> = Registry::new([3; 16]);
    let mut twin = Twin::default();
    let mut own: BTreeMap<u64, Subscriptions> = BTreeMap::new();
    for step in steps {
        match step {
            Step::Subscribe(kind, id, name) => {
                let new = registry.subscribe(kind, &name, &Number(id), own.entry(id).or_default());
                assert_eq!(new, twin.subscribe(kind, id, &name));
            }
            Step::Unsubscribe(kind, id, name) => {
                let was = registry.unsubscribe(kind, &name, &Number(id), own.entry(id).or_default());
                assert_eq!(was, twin.unsubscribe(kind, id, &name));
            }
            Step::Leave(id) => {
                registry.leave(&Number(id), own.entry(id).or_default());
                for kind in Kind::ALL {
                    for name in twin.own.get(&(id, index(kind))).cloned().unwrap_or_default() {
                        twin.unsubscribe(kind, id, &name);
                    }
                }
            }
            Step::Publish(channel) => publish(&registry, &twin, &channel),
            Step::PublishSharded(channel) => {
                let mut got = Vec::new();
                let count = registry.publish_sharded(&channel, |subscriber| got.push(subscriber.0));
                let wanted = twin.names(Kind::ShardChannel).iter().find(|(name, _)| *name == channel);
                assert_eq!(sorted(&got), wanted.map_or_else(Vec::new, |(_, all)| sorted(all)));
                assert_eq!(count, got.len());
            }
        }
        registry.check_invariants();
        compare(&registry, &twin, &own);
    }
}

fn publish(registry: &Registry<Number>, twin: &Twin, channel: &[u8]) {
    let mut got: Vec<(Option<Vec<u8>>, Vec<u64>)> = Vec::new();
    let count = registry.publish(channel, |subscriber, via| {
        let via = match via {
            Via::Channel => None,
            Via::Pattern(pattern) => Some(pattern.to_vec()),
        };
        match got.last_mut().filter(|(last, _)| *last == via) {
            Some((_, ids)) => ids.push(subscriber.0),
            None => got.push((via, vec![subscriber.0])),
        }
    });
    assert_eq!(count, got.iter().map(|(_, ids)| ids.len()).sum::<usize>());
    got.iter_mut().for_each(|(_, ids)| ids.sort_unstable());
    assert_eq!(got, twin.receivers(channel));
}

fn compare(registry: &Registry<Number>, twin: &Twin, own: &BTreeMap<u64, Subscriptions>) {
    for kind in Kind::ALL {
        let names = twin.names(kind);
        assert_eq!(registry.count(kind), names.len());
        let mut listed: Vec<Vec<u8>> = registry.names(kind, None).iter().map(|name| name.to_vec()).collect();
        listed.sort_unstable();
        let mut wanted: Vec<Vec<u8>> = names.iter().map(|(name, _)| name.clone()).collect();
        wanted.sort_unstable();
        assert_eq!(listed, wanted);
        for (name, subscribers) in names {
            assert_eq!(registry.subscribers(kind, name), subscribers.len());
        }
        let matching = registry.names(kind, Some(b"a*")).len();
        assert_eq!(matching, names.iter().filter(|(name, _)| glob::matches(b"a*", name)).count());
        for (id, own) in own {
            let wanted = twin.own.get(&(*id, index(kind))).cloned().unwrap_or_default();
            let held: Vec<Vec<u8>> = own.names(kind).iter().map(|name| name.to_vec()).collect();
            assert_eq!(held, wanted, "the order in which {id} subscribed");
            assert_eq!(own.count(kind), wanted.len());
        }
    }
    assert!(own.values().all(|own| own.is_empty() == Kind::ALL.iter().all(|kind| own.count(*kind) == 0)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn the_register_does_what_a_naive_one_does(steps in prop::collection::vec(step(), 1..120)) {
        run(steps);
    }
}

#[test]
fn a_roster_of_many_forgets_and_finds_everybody() {
    let subscribe = |id| Step::Subscribe(Kind::Channel, id, b"a".to_vec());
    let unsubscribe = |id: u64| Step::Unsubscribe(Kind::Channel, id * 7 % 100, b"a".to_vec());
    let publish = || Step::Publish(b"a".to_vec());
    let steps = (0..100).map(subscribe).chain([publish()]).chain((0..60).map(unsubscribe)).chain([publish()]);
    run(steps.chain((0..100).map(subscribe)).chain([publish()]).chain((0..100).map(unsubscribe)).collect());
}
