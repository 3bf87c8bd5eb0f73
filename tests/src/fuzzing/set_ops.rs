//! Operations on two sets beside the same on two `BTreeSet`s, from the smallest form to the largest.
//!
//! The first byte is the limits; then operations of three bytes: what and on which set, a member or a count.
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use fastrand::Rng;
use structures::set::{Limits, difference, difference_of_copy, intersection, union};
use structures::{Element, HashKey, Set};

/// All is checked after each operation; more of them would only take longer.
const OPERATIONS_MAX: usize = 512;

type Twin = BTreeSet<Vec<u8>>;
type Twins = (Set<Vec<u8>>, Twin);

/// Checks one input.
pub fn set_ops(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let limits = Limits {
        integers_max: usize::from(first & 15),
        entries_max: usize::from(first >> 4),
        bytes_max: 12,
        hash_key: HashKey::new([7; 16]),
    };
    let mut twins: [Twins; 2] = Default::default();
    for operation in rest.chunks_exact(3).take(OPERATIONS_MAX) {
        let number = u16::from_le_bytes([operation[1], operation[2]]);
        let own = usize::from(operation[0] >> 7);
        change(&mut twins[own], operation[0] & 127, number, &limits);
        twins.iter().for_each(check);
        combine(&twins, &limits);
    }
}

fn change((set, twin): &mut Twins, what: u8, number: u16, limits: &Limits) {
    let mut random = Rng::with_seed(u64::from(number));
    let member = member(number);
    match what % 8 {
        0..=2 => {
            set.prepare(&member, usize::from(what >> 4), limits);
            assert_eq!(set.insert(&member, limits), twin.insert(member));
        }
        3 => assert_eq!(set.remove(&member), twin.remove(&member)),
        4 => {
            let is_any = !twin.is_empty();
            assert_eq!(set.pop(random.u64(..), |popped| assert!(twin.remove(&popped.to_vec()))), is_any);
        }
        5 if usize::from(number % 32) < twin.len() => {
            let wanted = usize::from(number % 32);
            let left = twin.len() - wanted;
            set.pop_many(wanted, limits, || random.u64(..), |one| assert!(twin.remove(&one.to_vec())));
            assert_eq!(twin.len(), left);
        }
        6 => {
            let mut chosen = Twin::new();
            let wanted = usize::from(number % 32);
            set.choose(wanted, || random.u64(..), |one| assert!(chosen.insert(one.to_vec())));
            assert!(chosen.len() == wanted.min(twin.len()) && chosen.is_subset(twin));
        }
        _ => set.unpack_integers(limits),
    }
}

fn check((set, twin): &Twins) {
    set.check_invariants();
    assert_eq!(set.len(), twin.len());
    let mut members: Vec<Vec<u8>> = set.iter().map(Element::to_vec).collect();
    members.sort_unstable();
    assert!(members.iter().eq(twin));
    assert!(twin.iter().all(|member| set.contains(member)));
}

fn combine([(one, one_twin), (other, other_twin)]: &[Twins; 2], limits: &Limits) {
    let mut common = Twin::new();
    intersection(&mut [one, other], |member| {
        assert!(common.insert(member.to_vec()));
        ControlFlow::Continue(())
    });
    assert_eq!(common, one_twin & other_twin);
    let mut all = Twin::new();
    union(&mut [one, other], limits.hash_key, |member| assert!(all.insert(member.to_vec())));
    assert_eq!(all, one_twin | other_twin);
    let mut left = Twin::new();
    difference(one, &mut [other], |member| assert!(left.insert(member.to_vec())));
    assert_eq!(left, one_twin - other_twin);
    let copy = difference_of_copy(one, &[other], limits);
    check(&(copy, left));
}

/// Integers of every width, and texts of which some look like integers.
fn member(number: u16) -> Vec<u8> {
    let value = i64::from(number as i16 >> 4);
    match number % 16 {
        0..=8 => value.to_string().into_bytes(),
        9 => (value << 20).to_string().into_bytes(),
        10 => (value << 50).to_string().into_bytes(),
        11 => format!("0{value}").into_bytes(),
        12 => vec![b'x'; usize::from(number >> 4) % 300],
        _ => format!("m{value}").into_bytes(),
    }
}
