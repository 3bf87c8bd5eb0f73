//! The hash in its three forms against a naive twin under operations by chance, with time going by.

use std::collections::{BTreeMap, BTreeSet};

use kvd_structures::hash::{FieldMap, Lifetime, Limits};
use kvd_structures::{Element, Hash, HashKey};
use proptest::prelude::*;

const START_MS: i64 = 1_800_000_000_000;

fn key() -> HashKey {
    HashKey::new([5; 16])
}

/// Small, so that hashes become large soon.
fn limits() -> Limits {
    Limits { fields_max: 24, bytes_max: 64, hash_key: key() }
}

#[derive(Clone, Debug)]
enum Step {
    Set { field: u16, value: u16, lifetime: Lifetime },
    SetMany { from: u16, count: u16, lifetime: Lifetime },
    SetExpiry { field: u16, after_ms: Option<i64> },
    Remove { field: u16 },
    RemoveMany { from: u16, count: u16 },
    Pass { ms: i64 },
    Expire { fields_max: usize },
    Copy,
    Scan { count: usize },
}

fn step(fields: u16) -> impl Strategy<Value = Step> {
    let field = 0..fields;
    let lifetime = || {
        prop_oneof![
            2 => Just(Lifetime::Forever),
            1 => Just(Lifetime::Keep),
            2 => (0i64..300).prop_map(|after| Lifetime::Until(START_MS + after)),
        ]
    };
    prop_oneof![
        6 => (field.clone(), any::<u16>(), lifetime()).prop_map(|(field, value, lifetime)| Step::Set { field, value, lifetime }),
        1 => (field.clone(), 0..fields / 2, lifetime()).prop_map(|(from, count, lifetime)| Step::SetMany { from, count, lifetime }),
        2 => (field.clone(), prop::option::of(0i64..300)).prop_map(|(field, after_ms)| Step::SetExpiry { field, after_ms }),
        3 => field.clone().prop_map(|field| Step::Remove { field }),
        1 => (field, 0..fields / 2).prop_map(|(from, count)| Step::RemoveMany { from, count }),
        2 => (0i64..40).prop_map(|ms| Step::Pass { ms }),
        2 => (0usize..10).prop_map(|fields_max| Step::Expire { fields_max }),
        1 => Just(Step::Copy),
        1 => (0usize..20).prop_map(|count| Step::Scan { count }),
    ]
}

/// Texts, integers, and now and then one that no packed hash takes.
fn text(number: u16) -> Vec<u8> {
    match number % 50 {
        0 => vec![b'l'; 100 + usize::from(number) % 400],
        1..=20 => number.to_string().into_bytes(),
        _ => format!("field:{number}").into_bytes(),
    }
}

struct Twins {
    hash: Hash<Vec<u8>>,
    model: BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>,
    now_ms: i64,
}

impl Twins {
    fn new() -> Self {
        Self { hash: Hash::default(), model: BTreeMap::new(), now_ms: START_MS }
    }

    fn is_due(&self, expiry_ms: Option<i64>) -> bool {
        expiry_ms.is_some_and(|at_ms| at_ms < self.now_ms)
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Set { field, value, lifetime } => self.set(text(field), text(value), lifetime),
            Step::SetMany { from, count, lifetime } => {
                (from..from + count).for_each(|field| self.set(text(field), b"many".to_vec(), lifetime));
            }
            Step::SetExpiry { field, after_ms } => {
                let (field, expiry_ms) = (text(field), after_ms.map(|after| START_MS + after));
                let is_there = self.hash.set_expiry(&field, expiry_ms, &limits());
                assert_eq!(is_there, self.model.contains_key(&field));
                if let Some((_, old_ms)) = self.model.get_mut(&field) {
                    *old_ms = expiry_ms;
                }
            }
            Step::Remove { field } => self.remove(&text(field)),
            Step::RemoveMany { from, count } => {
                (from..from + count).for_each(|field| self.remove(&text(field)))
            }
            Step::Pass { ms } => self.now_ms += ms,
            Step::Expire { fields_max } => self.expire(fields_max),
            Step::Copy => self.hash = self.hash.clone(),
            Step::Scan { count } => self.scan(count),
        }
    }

    fn set(&mut self, field: Vec<u8>, value: Vec<u8>, lifetime: Lifetime) {
        let old = self.model.get(&field);
        let expiry_ms = match lifetime {
            Lifetime::Forever => None,
            Lifetime::Keep => old.and_then(|(_, expiry_ms)| *expiry_ms),
            Lifetime::Until(at_ms) => Some(at_ms),
        };
        assert_eq!(self.hash.set(&field, &value, lifetime, &limits()), old.is_none());
        self.model.insert(field, (value, expiry_ms));
    }

    fn remove(&mut self, field: &[u8]) {
        assert_eq!(self.hash.remove(field), self.model.remove(field).is_some());
    }

    fn expire(&mut self, fields_max: usize) {
        let due = self.model.values().filter(|(_, expiry_ms)| self.is_due(*expiry_ms)).count();
        assert_eq!(self.hash.has_due(self.now_ms), due > 0);
        assert_eq!(self.hash.is_all_due(self.now_ms), due > 0 && due == self.model.len());
        let mut expired = Vec::new();
        self.hash.expire(self.now_ms, fields_max, |field| expired.push(field.to_vec()));
        assert_eq!(expired.len(), due.min(fields_max));
        let expiries: Vec<_> = expired
            .iter()
            .filter_map(|field| self.model.remove(field))
            .map(|(_, expiry_ms)| expiry_ms)
            .collect();
        assert_eq!(expiries.len(), expired.len(), "each was there");
        assert!(expiries.is_sorted(), "the longest overdue first");
        assert!(expiries.iter().all(|expiry_ms| self.is_due(*expiry_ms)));
        let next = self.model.values().filter_map(|(_, expiry_ms)| *expiry_ms).min();
        assert_eq!(self.hash.next_expiry_ms(), next);
    }

    fn scan(&self, count: usize) {
        let (mut cursor, mut shown) = (0, BTreeSet::new());
        loop {
            cursor = self.hash.scan(cursor, count, self.now_ms, |field, _| {
                shown.insert(field.to_vec());
            });
            if cursor == 0 {
                break;
            }
        }
        assert!(shown.iter().eq(self.live().map(|(field, _)| field)));
    }

    fn live(&self) -> impl Iterator<Item = (&Vec<u8>, &(Vec<u8>, Option<i64>))> {
        self.model.iter().filter(|(_, (_, expiry_ms))| !self.is_due(*expiry_ms))
    }

    fn check(&self) {
        self.hash.check_invariants();
        self.hash.clone().check_invariants();
        assert_eq!(self.hash.len(), self.model.len());
        assert_eq!(self.hash.live_len(self.now_ms), self.live().count());
        let mut shown = BTreeMap::new();
        self.hash.visit(self.now_ms, |field, found| {
            shown.insert(field.to_vec(), (found.value.to_vec(), found.expiry_ms));
        });
        assert!(shown.iter().eq(self.live()));
        for (field, (value, expiry_ms)) in &self.model {
            let found = self.hash.find(field, self.now_ms);
            assert_eq!(found.is_none(), self.is_due(*expiry_ms));
            assert!(found.is_none_or(|found| found.value == Element::Bytes(value) && found.expiry_ms == *expiry_ms));
        }
        let mut random = 0_u64;
        let sample = self.hash.sample(self.now_ms, || {
            random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
            random
        });
        assert_eq!(sample.is_some(), !shown.is_empty());
        assert!(sample.is_none_or(|(field, _)| shown.contains_key(&field.to_vec())));
    }
}

fn run(steps: Vec<Step>) {
    let mut twins = Twins::new();
    for step in steps {
        twins.apply(step);
        twins.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_small_hash_does_what_the_twin_does(steps in prop::collection::vec(step(20), 1..120)) {
        run(steps);
    }

    #[test]
    fn a_large_hash_does_what_the_twin_does(steps in prop::collection::vec(step(400), 1..120)) {
        run(steps);
    }
}

#[test]
fn a_hash_stays_packed_up_to_its_limits() {
    let mut hash: Hash<Vec<u8>> = Hash::default();
    for field in 0..24 {
        hash.set(format!("f{field}").as_bytes(), &[b'v'; 64], Lifetime::Forever, &limits());
    }
    assert!(matches!(hash, Hash::Packed(_)));
    assert!(hash.set_expiry(b"f7", Some(START_MS), &limits()));
    assert!(matches!(hash, Hash::Dated(_)));
    assert!(hash.set_expiry(b"f7", None, &limits()));
    assert!(matches!(hash, Hash::Dated(_)), "as in Redis, it stays in this form");
    hash.set(b"f24", b"v", Lifetime::Forever, &limits());
    assert!(matches!(hash, Hash::Large(_)));

    for (field, value) in [([b'f'; 65].as_slice(), b"v".as_slice()), (b"f", &[b'v'; 65])] {
        let mut hash: Hash<Vec<u8>> = Hash::default();
        hash.set(field, value, Lifetime::Until(START_MS), &limits());
        assert!(matches!(hash, Hash::Large(_)));
        assert_eq!(hash.next_expiry_ms(), Some(START_MS));
    }
}

/// The bytes of a hash with fields k, g and f, of which k and g expire, as Redis 8.2 dumps them.
#[test]
fn triples_are_those_of_the_peers() {
    let mut hash: Hash<Vec<u8>> = Hash::default();
    for (field, value) in [(b"f", b"v"), (b"g", b"w"), (b"k", b"u")] {
        hash.set(field, value, Lifetime::Forever, &limits());
    }
    hash.set_expiry(b"g", Some(1_999_999_999_123), &limits());
    hash.set_expiry(b"k", Some(1_999_999_999_999), &limits());
    let Hash::Dated(triples) = hash else { panic!("fields expire") };
    let expected = [
        &[0x2F, 0, 0, 0, 9, 0][..],
        &[0x81, b'g', 2, 0x81, b'w', 2, 0xF4, 0x93, 0x1C, 0x4A, 0xA9, 0xD1, 1, 0, 0, 9],
        &[0x81, b'k', 2, 0x81, b'u', 2, 0xF4, 0xFF, 0x1F, 0x4A, 0xA9, 0xD1, 1, 0, 0, 9],
        &[0x81, b'f', 2, 0x81, b'v', 2, 0, 1, 0xFF],
    ];
    assert_eq!(triples.as_bytes(), expected.concat());
}

#[test]
fn memory_comes_back_when_fields_expire() {
    let mut map = FieldMap::new(key());
    for number in 0..100_000_i64 {
        let field = format!("field:{number}");
        map.set(field.as_bytes(), &[b'v'; 30], Lifetime::Until(START_MS + number));
    }
    let full = map.memory_bytes();
    let mut expired = 0;
    while map.pop_due(START_MS + 95_000).is_some() {
        expired += 1;
    }
    assert_eq!(expired, 95_000);
    map.check_invariants();
    assert!(map.memory_bytes() < full / 5, "{} of {full} bytes are left", map.memory_bytes());
}

#[test]
fn fields_that_stay_are_scanned_while_others_come_and_go() {
    let mut map = FieldMap::new(key());
    let field = |number: u32| format!("f{number}").into_bytes();
    (0..3_000).for_each(|number| {
        map.set(&field(number), b"v", Lifetime::Forever);
    });
    let (mut cursor, mut seen, mut round) = (0, BTreeSet::new(), 0);
    loop {
        cursor = map.scan(cursor, 10, |field, _| {
            seen.insert(field.to_vec());
        });
        if cursor == 0 {
            break;
        }
        // Of each ten, nine go in the first half of the walk; then many come.
        if round < 100 {
            (round * 30..round * 30 + 30).filter(|number| number % 10 > 0).for_each(|number| {
                map.remove(&field(number));
            });
        } else {
            map.set(&field(10_000 + round), b"new", Lifetime::Forever);
        }
        round += 1;
    }
    assert!((0..3_000).step_by(10).all(|number| seen.contains(&field(number))));
}
