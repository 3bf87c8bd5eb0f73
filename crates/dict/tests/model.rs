//! The table against a naive twin under operations by chance, with hashes good and bad.

use kvd_dict::{Dict, Entry};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// An element whose hash depends on its key alone.
type Pair = Box<(u32, u32)>;

/// Ways to hash, from good to what an opponent would choose.
#[derive(Clone, Copy, Debug)]
enum Hashing {
    Mixed,
    AllEqual,
    EqualLowBits,
    EqualTags,
    Sequential,
    UpperBitsOnly,
}

impl Hashing {
    fn hash(self, key: u32) -> u64 {
        let mixed = {
            let mut x = u64::from(key).wrapping_add(0x9E37_79B9_7F4A_7C15);
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            x ^ (x >> 31)
        };
        match self {
            Self::Mixed => mixed,
            Self::AllEqual => 0x1234_5678_9ABC,
            Self::EqualLowBits => mixed << 9,
            Self::EqualTags => mixed & 0xFFFF_0000_0000_000F,
            Self::Sequential => u64::from(key),
            Self::UpperBitsOnly => mixed & 0xFFFF_FF00_0000_0000,
        }
    }
}

fn any_hashing() -> impl Strategy<Value = Hashing> {
    prop_oneof![
        4 => Just(Hashing::Mixed),
        1 => Just(Hashing::AllEqual),
        1 => Just(Hashing::EqualLowBits),
        1 => Just(Hashing::EqualTags),
        1 => Just(Hashing::Sequential),
        1 => Just(Hashing::UpperBitsOnly),
    ]
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u32),
    Remove(u32),
    Find(u32),
    Replace(u32, u32),
    RemoveThroughRef(u32),
    InsertMany(u32, u16),
    RemoveMany(u32, u16),
    Pop(usize),
    Scan,
    Sample(u64),
    Clear,
}

/// Keys are few so that operations meet.
const KEYS: u32 = 3000;

fn any_op() -> impl Strategy<Value = Op> {
    let key = 0..KEYS;
    prop_oneof![
        8 => key.clone().prop_map(Op::Insert),
        8 => key.clone().prop_map(Op::Remove),
        4 => key.clone().prop_map(Op::Find),
        4 => (key.clone(), any::<u32>()).prop_map(|(key, value)| Op::Replace(key, value)),
        4 => key.clone().prop_map(Op::RemoveThroughRef),
        4 => (key.clone(), 0..1000_u16).prop_map(|(key, count)| Op::InsertMany(key, count)),
        4 => (key, 0..1000_u16).prop_map(|(key, count)| Op::RemoveMany(key, count)),
        1 => (0..200_usize).prop_map(Op::Pop),
        6 => Just(Op::Scan),
        2 => any::<u64>().prop_map(Op::Sample),
        1 => Just(Op::Clear),
    ]
}

struct Twins {
    dict: Dict<Pair>,
    model: BTreeMap<u32, u32>,
    hashing: Hashing,
    cursor: u64,
    /// Elements present since the running scan began, and whether it has shown them.
    owed: BTreeMap<u32, bool>,
}

impl Twins {
    fn new(hashing: Hashing) -> Self {
        Self { dict: Dict::new(), model: BTreeMap::new(), hashing, cursor: 0, owed: BTreeMap::new() }
    }

    fn apply(&mut self, op: &Op) {
        match *op {
            Op::Insert(key) => self.insert(key),
            Op::Remove(key) => self.remove(key),
            Op::Find(key) => self.find(key),
            Op::Replace(key, value) => self.replace(key, value),
            Op::RemoveThroughRef(key) => self.remove_through_ref(key),
            Op::InsertMany(from, count) => {
                (from..from + u32::from(count)).for_each(|key| self.insert(key % KEYS));
            }
            Op::RemoveMany(from, count) => {
                (from..from + u32::from(count)).for_each(|key| self.remove(key % KEYS));
            }
            Op::Pop(count) => self.pop(count),
            Op::Scan => self.scan(),
            Op::Sample(random) => self.sample(random),
            Op::Clear => {
                self.dict.clear();
                assert_eq!(self.dict.memory_bytes(), 0);
                self.model.clear();
                self.owed.clear();
            }
        }
        assert_eq!(self.dict.len(), self.model.len());
    }

    fn insert(&mut self, key: u32) {
        let hashing = self.hashing;
        let rehash = |pair: &Pair| hashing.hash(pair.0);
        match self.dict.find_or_slot(hashing.hash(key), |pair| pair.0 == key) {
            Entry::Occupied(pair) => assert_eq!(Some(&pair.1), self.model.get(&key)),
            Entry::Vacant(vacant) => {
                vacant.insert(Box::new((key, 1)), rehash);
                assert_eq!(self.model.insert(key, 1), None);
            }
        }
    }

    fn remove(&mut self, key: u32) {
        let removed = self.dict.remove(self.hashing.hash(key), |pair| pair.0 == key);
        assert_eq!(removed.map(|pair| pair.1), self.model.remove(&key));
        self.owed.remove(&key);
    }

    fn remove_through_ref(&mut self, key: u32) {
        let found = self.dict.find_mut(self.hashing.hash(key), |pair| pair.0 == key);
        let removed = found.map(|pair| kvd_dict::RefMut::remove(pair).1);
        assert_eq!(removed, self.model.remove(&key));
        self.owed.remove(&key);
    }

    fn find(&self, key: u32) {
        let found = self.dict.find(self.hashing.hash(key), |pair| pair.0 == key);
        assert_eq!(found.map(|pair| pair.1), self.model.get(&key).copied());
    }

    fn replace(&mut self, key: u32, value: u32) {
        let found = self.dict.find_mut(self.hashing.hash(key), |pair| pair.0 == key);
        let expected = self.model.get_mut(&key);
        assert_eq!(found.is_some(), expected.is_some());
        if let (Some(mut pair), Some(expected)) = (found, expected) {
            assert_eq!(pair.1, *expected);
            if value.is_multiple_of(2) {
                pair.1 = value;
            } else {
                drop(std::mem::replace(&mut *pair, Box::new((key, value))));
            }
            *expected = value;
        }
    }

    fn pop(&mut self, count: usize) {
        for _ in 0..count {
            let popped = self.dict.pop();
            assert_eq!(popped.is_none(), self.model.is_empty());
            if let Some(pair) = popped {
                assert_eq!(self.model.remove(&pair.0), Some(pair.1));
                self.owed.remove(&pair.0);
            }
        }
    }

    fn scan(&mut self) {
        if self.cursor == 0 {
            self.owed = self.model.keys().map(|&key| (key, false)).collect();
        }
        let (before, owed, model) = (self.cursor, &mut self.owed, &self.model);
        self.cursor = self.dict.scan(before, |pair| {
            assert_eq!(model.get(&pair.0), Some(&pair.1));
            if let Some(shown) = owed.get_mut(&pair.0) {
                *shown = true;
            }
        });
        for (key, shown) in &self.owed {
            let visited = self.cursor == 0 || Dict::<Pair>::is_visited(self.cursor, self.hashing.hash(*key));
            assert!(*shown || !visited, "{key} was passed and not shown");
        }
    }

    fn sample(&self, random: u64) {
        match self.dict.sample(random) {
            Some(pair) => assert_eq!(self.model.get(&pair.0), Some(&pair.1)),
            None => assert!(self.model.is_empty()),
        }
    }

    fn check(&self) {
        self.dict.check_invariants(|pair| self.hashing.hash(pair.0));
        let seen: BTreeMap<u32, u32> = self.dict.iter().map(|pair| **pair).collect();
        assert_eq!(seen, self.model);
    }
}

proptest! {
    // Chains of equal hashes take quadratic time, which is what they are here for.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn behaves_like_a_map(hashing in any_hashing(), ops in prop::collection::vec(any_op(), 1..150)) {
        let mut twins = Twins::new(hashing);
        for op in &ops {
            twins.apply(op);
            twins.dict.check_invariants(|pair| hashing.hash(pair.0));
        }
        twins.check();
        while twins.cursor != 0 {
            twins.scan();
        }
    }

    #[test]
    fn a_scan_shows_all_that_stays_while_the_table_grows_and_shrinks(
        hashing in any_hashing(),
        stay in 1..400_u32,
        changes in prop::collection::vec((any::<bool>(), 0..KEYS, 0..1500_u16), 1..20),
    ) {
        let mut twins = Twins::new(hashing);
        (0..stay).for_each(|key| twins.insert(key));
        let mut changes = changes.iter().cycle();
        let mut steps = 0;
        loop {
            twins.scan();
            steps += 1;
            if twins.cursor == 0 {
                break;
            }
            // No more than a few changes, so that the scan ends; then it runs alone.
            if steps > 20 {
                continue;
            }
            let (insert, from, count) = *changes.next().expect("a cycle");
            for key in (from..from + u32::from(count)).filter(|&key| key >= stay) {
                if insert { twins.insert(key) } else { twins.remove(key) }
            }
        }
        prop_assert!((0..stay).all(|key| twins.owed[&key]));
        twins.check();
    }

    #[test]
    fn a_scan_of_a_table_at_rest_shows_each_element_once(hashing in any_hashing(), size in 0..5000_u32) {
        let mut twins = Twins::new(hashing);
        (0..size).for_each(|key| twins.insert(key));
        let (mut cursor, mut shown) = (0, vec![0; size as usize]);
        loop {
            cursor = twins.dict.scan(cursor, |pair| shown[pair.0 as usize] += 1);
            prop_assert!(cursor < 1 << 48);
            if cursor == 0 {
                break;
            }
        }
        prop_assert!(shown.iter().all(|&count| count == 1));
    }

    #[test]
    fn any_number_is_a_cursor(cursor: u64, size in 0..3000_u32) {
        let mut twins = Twins::new(Hashing::Mixed);
        (0..size).for_each(|key| twins.insert(key));
        prop_assert!(twins.dict.scan(cursor, |_| ()) < 1 << 48);
    }
}
