//! The set in its three forms against a naive twin, and how fairly members are chosen.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use kvd_structures::set::{Limits, difference, difference_of_copy, intersection, is_copy_less_work, union};
use kvd_structures::{Element, HashKey, Set};
use proptest::collection::vec;
use proptest::prelude::*;

type Twin = BTreeSet<Vec<u8>>;

/// So low that a few members bring a set from one form to the next.
fn low() -> Limits {
    Limits { integers_max: 8, entries_max: 6, bytes_max: 10, hash_key: HashKey::new([3; 16]) }
}

/// Integers of all widths, texts that look like integers, short and long ones.
fn member(number: u32) -> Vec<u8> {
    let n = i64::from(number) - 20;
    match number % 7 {
        0..=3 => n.to_string().into_bytes(),
        4 => (n << 40).to_string().into_bytes(),
        5 => format!("0{n}").into_bytes(),
        _ => format!("{n:.>width$}", width = number as usize % 13).into_bytes(),
    }
}

fn members_of(set: &Set<Vec<u8>>) -> Twin {
    let shown: Vec<Vec<u8>> = set.iter().map(Element::to_vec).collect();
    let twin: Twin = shown.iter().cloned().collect();
    assert_eq!(twin.len(), shown.len(), "each member is shown once");
    twin
}

fn check(set: &Set<Vec<u8>>, twin: &Twin) {
    set.check_invariants();
    assert_eq!(set.len(), twin.len());
    assert_eq!(members_of(set), *twin);
    assert_eq!(set.is_empty(), twin.is_empty());
    match set {
        Set::Integers(_) => {
            assert!(twin.len() <= low().integers_max);
            assert!(twin.iter().all(|member| Element::Bytes(member).int().is_some()));
        }
        Set::Packed(_) => {
            assert!(twin.len() <= low().entries_max);
            assert!(twin.iter().all(|member| member.len() <= low().bytes_max));
        }
        Set::Large(_) => assert!(set.memory_bytes() > 0),
    }
}

fn built(numbers: &[u32]) -> (Set<Vec<u8>>, Twin) {
    let (mut set, mut twin) = (Set::default(), Twin::new());
    for &number in numbers {
        assert_eq!(set.insert(&member(number), &low()), twin.insert(member(number)));
    }
    (set, twin)
}

fn step(set: &mut Set<Vec<u8>>, twin: &mut Twin, what: u8, from: u32, count: u32) {
    let mut random = fastrand::Rng::with_seed(u64::from(from) << 8 | u64::from(count));
    let range = || from..from + count;
    match what {
        0 | 1 => {
            set.prepare(&member(from), count as usize + 1, &low());
            for number in from..=from + count {
                assert_eq!(set.insert(&member(number), &low()), twin.insert(member(number)));
            }
        }
        2 => range().for_each(|number| assert_eq!(set.remove(&member(number)), twin.remove(&member(number)))),
        3 => {
            let is_any = !twin.is_empty();
            assert_eq!(set.pop(random.u64(..), |popped| assert!(twin.remove(&popped.to_vec()))), is_any);
        }
        4 if (count as usize) < set.len() => {
            let before = twin.len();
            set.pop_many(
                count as usize,
                &low(),
                || random.u64(..),
                |popped| assert!(twin.remove(&popped.to_vec())),
            );
            assert_eq!(twin.len(), before - count as usize);
        }
        5 => {
            let mut chosen = Twin::new();
            set.choose(count as usize, || random.u64(..), |one| assert!(chosen.insert(one.to_vec())));
            assert_eq!(chosen.len(), twin.len().min(count as usize));
            assert!(chosen.is_subset(twin));
            let one = set.sample(random.u64(..)).map(Element::to_vec);
            assert!(one.map_or(twin.is_empty(), |one| twin.contains(&one)));
        }
        6 => set.unpack_integers(&low()),
        _ => range().for_each(|number| {
            let wanted = member(number);
            assert_eq!(set.contains(&wanted), twin.contains(&wanted));
            let element = Element::Bytes(&wanted).int().map_or(Element::Bytes(&wanted), Element::Int);
            assert_eq!(set.contains_element(element), twin.contains(&wanted));
        }),
    }
}

proptest! {
    #[test]
    fn a_set_does_what_the_twin_does(ops in vec((0..8u8, 0..60u32, 0..14u32), 1..60)) {
        let (mut set, mut twin) = (Set::default(), Twin::new());
        for (what, from, count) in ops {
            step(&mut set, &mut twin, what, from, count);
            check(&set, &twin);
            check(&set.clone(), &twin);
        }
    }

    #[test]
    fn combinations_are_those_of_the_twins(all in vec(vec(0..40u32, 0..24), 1..8)) {
        let all: Vec<(Set<Vec<u8>>, Twin)> = all.iter().map(|numbers| built(numbers)).collect();
        let sets = || all.iter().map(|(set, _)| set).collect::<Vec<_>>();
        let twins = || all.iter().map(|(_, twin)| twin.clone());
        let mut common = Vec::new();
        intersection(&mut sets(), |member| {
            common.push(member.to_vec());
            ControlFlow::Continue(())
        });
        prop_assert_eq!(sorted(&common), twins().reduce(|a, b| &a & &b).unwrap_or_default());
        let mut together = Vec::new();
        union(&mut sets(), low().hash_key, |member| together.push(member.to_vec()));
        prop_assert_eq!(sorted(&together), twins().reduce(|a, b| &a | &b).unwrap_or_default());
        let (first, mut others) = (sets()[0], sets().split_off(1));
        let expected = twins().reduce(|a, b| &a - &b).unwrap_or_default();
        let rest = difference_of_copy(first, &others, &low());
        rest.check_invariants();
        prop_assert_eq!(&members_of(&rest), &expected);
        let mut left = Vec::new();
        difference(first, &mut others, |member| left.push(member.to_vec()));
        prop_assert_eq!(sorted(&left), expected);
    }
}

fn sorted(members: &[Vec<u8>]) -> Twin {
    let twin: Twin = members.iter().cloned().collect();
    assert_eq!(twin.len(), members.len(), "each member is shown once");
    twin
}

#[test]
fn an_intersection_stops_when_it_is_told_to() {
    let (set, _) = built(&[0, 1, 2, 3]);
    let mut shown = 0;
    intersection(&mut [&set, &set], |_| {
        shown += 1;
        if shown == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(shown, 2);
}

#[test]
fn a_copy_is_made_for_many_small_sets_only() {
    let (large, _) = built(&(0..40).collect::<Vec<_>>());
    let (small, _) = built(&[1]);
    assert!(!is_copy_less_work(&large, &[&small]));
    assert!(is_copy_less_work(&large, &[&small, &small, &small]));
    assert!(!is_copy_less_work(&large, &[&large, &large, &large]));
    assert!(!is_copy_less_work(&small, &[&large, &large]));
}

#[test]
fn a_walk_in_pages_shows_what_stays() {
    let mut set = Set::<Vec<u8>>::default();
    let name = |number: u32| format!("member {number}").into_bytes();
    (0..2000).for_each(|number| assert!(set.insert(&name(number), &low())));
    let (mut shown, mut cursor, mut calls) = (Twin::new(), 0, 0);
    loop {
        cursor = set.scan(cursor, 10, |member| {
            shown.insert(member.to_vec());
        });
        // Meanwhile others come and go, and the table shrinks.
        (calls * 20 + 1000..calls * 20 + 1020).for_each(|number| {
            set.remove(&name(number));
        });
        set.insert(&name(5000 + calls), &low());
        calls += 1;
        if cursor == 0 {
            break;
        }
    }
    assert!((0..1000).all(|number| shown.contains(&name(number))));
}

/// Sets of `len` members in each form.
fn forms(len: i64) -> [Set<Vec<u8>>; 3] {
    let high = Limits { integers_max: 4000, entries_max: 4000, ..low() };
    let mut integers = Set::default();
    let (mut packed, mut large) = (Set::packed(), Set::default());
    large.prepare(b"x", low().entries_max + 1, &low());
    for number in 0..len {
        let member = number.to_string().into_bytes();
        integers.insert(&member, &high);
        packed.insert(&member, &high);
        large.insert(&member, &low());
    }
    assert!(matches!(integers, Set::Integers(_)));
    assert!(matches!(packed, Set::Packed(_)));
    assert!(matches!(large, Set::Large(_)));
    [integers, packed, large]
}

/// Pearson's statistic of how often each was drawn: for `degrees` = categories - 1, near that; beyond five deviations more is no chance.
fn assert_fair(times: &[u64], what: &str) {
    let expected = times.iter().sum::<u64>() as f64 / times.len() as f64;
    let statistic: f64 = times.iter().map(|&t| (t as f64 - expected).powi(2) / expected).sum();
    let degrees = times.len() as f64 - 1.0;
    let bound = degrees + 5.0 * (2.0 * degrees).sqrt();
    assert!(statistic < bound, "{what}: {statistic} is not below {bound}");
}

fn number(member: Element<'_>) -> usize {
    member.int().and_then(|number| usize::try_from(number).ok()).expect("members are small numbers")
}

#[test]
fn each_member_is_sampled_and_popped_as_often_as_others() {
    const LEN: usize = 100;
    let mut random = fastrand::Rng::with_seed(11);
    for set in forms(LEN as i64) {
        let mut sampled = [0; LEN];
        for _ in 0..LEN * 200 {
            sampled[number(set.sample(random.u64(..)).expect("there are members"))] += 1;
        }
        assert_fair(&sampled, "sample");
        let mut popped = [0; LEN];
        for _ in 0..LEN * 20 {
            set.clone().pop(random.u64(..), |member| popped[number(member)] += 1);
        }
        assert_fair(&popped, "pop");
    }
}

#[test]
fn each_member_of_a_larger_set_is_sampled_as_often_as_others() {
    // Just before the table doubles and in the middle, where the lengths of chains differ most.
    let mut random = fastrand::Rng::with_seed(14);
    for len in [300, 900, 1500, 2100] {
        let [_, _, set] = forms(len);
        let mut sampled = vec![0; len as usize];
        for _ in 0..len * 100 {
            sampled[number(set.sample(random.u64(..)).expect("there are members"))] += 1;
        }
        assert_fair(&sampled, "sample");
    }
}

#[test]
fn each_choice_of_several_is_as_likely_as_others() {
    const LEN: usize = 40;
    let mut random = fastrand::Rng::with_seed(12);
    for set in forms(LEN as i64) {
        for count in [3, 20, 37] {
            let (mut chosen, mut popped) = ([0; LEN], [0; LEN]);
            for _ in 0..4000 {
                set.choose(count, || random.u64(..), |member| chosen[number(member)] += 1);
            }
            assert_fair(&chosen, "choose");
            for _ in 0..2000 {
                set.clone().pop_many(count, &low(), || random.u64(..), |member| popped[number(member)] += 1);
            }
            assert_fair(&popped, "pop_many");
        }
    }
}

#[test]
fn pairs_are_as_likely_as_other_pairs() {
    const LEN: usize = 8;
    let mut random = fastrand::Rng::with_seed(13);
    for set in forms(LEN as i64) {
        let mut times = vec![0; LEN * LEN];
        for _ in 0..20_000 {
            let mut pair = Vec::new();
            set.choose(2, || random.u64(..), |member| pair.push(number(member)));
            pair.sort_unstable();
            times[pair[0] * LEN + pair[1]] += 1;
        }
        let pairs: Vec<u64> = (0..LEN * LEN).filter(|at| at / LEN < at % LEN).map(|at| times[at]).collect();
        assert_eq!(pairs.iter().sum::<u64>(), 20_000);
        assert_fair(&pairs, "pairs");
    }
}
