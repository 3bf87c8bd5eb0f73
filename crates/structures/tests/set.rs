//! The set against a naive twin under operations by chance.

use std::collections::BTreeSet;

use kvd_structures::HashKey;
use kvd_structures::set::HashedSet;
use proptest::collection::vec;
use proptest::prelude::*;

/// Members of many lengths, from none to more than a chunk of memory.
fn member(number: u32) -> Vec<u8> {
    let len = match number % 97 {
        0 => 70_000,
        1..=3 => 5000,
        4..=10 => 300,
        rest => rest as usize % 40,
    };
    let mut member = number.to_string().into_bytes();
    member.resize(member.len().max(len), b'.');
    member
}

struct Twins {
    set: HashedSet,
    model: BTreeSet<Vec<u8>>,
}

impl Twins {
    fn new() -> Self {
        Self { set: HashedSet::new(HashKey::new([5; 16])), model: BTreeSet::new() }
    }

    fn insert(&mut self, member: Vec<u8>) {
        assert_eq!(self.set.insert(&member), !self.model.contains(&member));
        assert!(self.set.contains(&member));
        self.model.insert(member);
    }

    fn remove(&mut self, member: &[u8]) {
        assert_eq!(self.set.contains(member), self.model.contains(member));
        assert_eq!(self.set.remove(member), self.model.remove(member));
        assert!(!self.set.contains(member));
    }

    fn check(&self) {
        self.set.check_invariants();
        assert_eq!(self.set.len(), self.model.len());
        let mut members: Vec<&[u8]> = self.set.iter().collect();
        members.sort_unstable();
        assert!(members.into_iter().eq(self.model.iter().map(Vec::as_slice)));
        assert_eq!(self.set.sample(3).is_some(), !self.set.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_set_does_what_the_twin_does(ops in vec((0..6u8, 0..500u32, 0..100u32), 1..80)) {
        let mut twins = Twins::new();
        for (what, from, count) in ops {
            match what {
                0 => twins.insert(member(from)),
                1 => twins.remove(&member(from)),
                2 => (from..from + count).for_each(|number| twins.insert(member(number))),
                3 => (from..from + count).for_each(|number| twins.remove(&member(number))),
                4 => {
                    let popped = twins.set.pop(u64::from(from) << 32 | u64::from(count));
                    assert_eq!(popped.is_none(), twins.model.is_empty());
                    assert!(popped.is_none_or(|member| twins.model.remove(&member)));
                }
                _ => {
                    let (mut cursor, mut shown) = (0, BTreeSet::new());
                    loop {
                        cursor = twins.set.scan(cursor, count as usize, |member| {
                            shown.insert(member.to_vec());
                        });
                        if cursor == 0 {
                            break;
                        }
                    }
                    assert_eq!(shown, twins.model);
                }
            }
            twins.check();
        }
    }
}

#[test]
fn memory_follows_the_members_down_and_is_used_again() {
    let mut twins = Twins::new();
    let mut rng = fastrand::Rng::with_seed(9);
    let name = |number: u32| format!("{number:0width$}", width = 5 + number as usize % 30).into_bytes();
    let mut numbers: Vec<u32> = (0..60_000).collect();
    numbers.iter().for_each(|&number| twins.insert(name(number)));
    let full = twins.set.memory_bytes();
    rng.shuffle(&mut numbers);
    let (stay, go) = numbers.split_at(6000);
    go.iter().for_each(|&number| twins.remove(&name(number)));
    twins.check();
    assert!(twins.set.memory_bytes() < full / 3);
    go.iter().for_each(|&number| twins.insert(name(number)));
    twins.check();
    assert!(twins.set.memory_bytes() < full * 5 / 4);
    for round in 0..10 {
        go.iter().skip(round).step_by(10).for_each(|&number| twins.remove(&name(number)));
        go.iter().skip(round).step_by(10).for_each(|&number| twins.insert(name(number)));
    }
    twins.check();
    assert!(twins.set.memory_bytes() < full * 5 / 4, "a set that stays as large takes no more");
    go.iter().chain(stay).for_each(|&number| twins.remove(&name(number)));
    twins.check();
    assert!(twins.set.memory_bytes() < 4096);
}
