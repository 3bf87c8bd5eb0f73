//! Many elements put in at once are put in as one by one.

use kvd_structures::HashKey;
use kvd_structures::hash::{FieldMap, Lifetime};
use kvd_structures::set::HashedSet;
use kvd_structures::sorted_set::RankedSet;
use proptest::prelude::*;

fn key() -> HashKey {
    HashKey::new(*b"16 random bytes!")
}

proptest! {
    #[test]
    fn a_set(first in proptest::collection::vec("[a-f]{1,3}", 0..100), more in proptest::collection::vec("[a-f]{1,3}", 0..200), room in 0..1000_usize) {
        let (mut one_by_one, mut at_once) = (HashedSet::new(key()), HashedSet::new(key()));
        at_once.reserve(room);
        for members in [first, more] {
            let added = members.iter().filter(|member| one_by_one.insert(member.as_bytes())).count();
            prop_assert_eq!(at_once.insert_all(members.iter().map(|member| member.as_bytes())), added);
        }
        at_once.check_invariants();
        prop_assert_eq!(at_once.len(), one_by_one.len());
        prop_assert!(one_by_one.iter().all(|member| at_once.contains(member)));
    }

    #[test]
    fn a_sorted_set(members in proptest::collection::vec(("[a-f]{1,3}", -9..9_i8), 0..200), room in 0..1000_usize) {
        let (mut one_by_one, mut at_once) = (RankedSet::new(key()), RankedSet::new(key()));
        at_once.reserve(room);
        let scored = || members.iter().map(|(member, score)| (member.as_bytes(), f64::from(*score)));
        let added = scored().filter(|(member, score)| one_by_one.insert(member, *score).is_none()).count();
        prop_assert_eq!(at_once.insert_all(scored()), added);
        at_once.check_invariants();
        prop_assert!(at_once.iter().eq(one_by_one.iter()));
    }

    #[test]
    fn a_hash(fields in proptest::collection::vec(("[a-f]{1,3}", "[a-z]{0,20}", proptest::option::of(1..99_i64)), 0..200), room in 0..1000_usize) {
        let (mut one_by_one, mut at_once) = (FieldMap::new(key()), FieldMap::new(key()));
        at_once.reserve(room);
        let lifetime = |at_ms: &Option<i64>| at_ms.map_or(Lifetime::Forever, Lifetime::Until);
        let fields = || fields.iter().map(|(field, value, at_ms)| (field.as_bytes(), value.as_bytes(), lifetime(at_ms)));
        let added = fields().filter(|(field, value, lifetime)| one_by_one.set(field, value, *lifetime)).count();
        prop_assert_eq!(at_once.set_all(fields()), added);
        at_once.check_invariants();
        prop_assert_eq!(at_once.len(), one_by_one.len());
        prop_assert!(one_by_one.iter().all(|(field, found)| at_once.find(field) == Some(found)));
    }
}
