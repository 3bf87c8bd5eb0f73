//! Operations on a sorted set of small nodes beside the same on a `BTreeSet` and a `BTreeMap`, with a scan under way.
//!
//! Operations of four bytes: what, a member in two, a score.
use std::collections::{BTreeMap, BTreeSet};
use structures::HashKey;
use structures::sorted_set::{Bound, RankedSet, ScoreBounds};

/// All is checked after each operation; more of them would only take longer.
const OPERATIONS_MAX: usize = 1024;

/// Checks one input.
pub fn sorted_set_ops(data: &[u8]) {
    let mut set = RankedSet::<4>::with_nodes(HashKey::new([3; 16]));
    let mut order: BTreeSet<(i8, Vec<u8>)> = BTreeSet::new();
    let mut scores: BTreeMap<Vec<u8>, i8> = BTreeMap::new();
    let mut owed: BTreeMap<Vec<u8>, bool> = BTreeMap::new();
    let mut cursor = 0;
    for operation in data.chunks_exact(4).take(OPERATIONS_MAX) {
        let (what, number, score) =
            (operation[0], u16::from_le_bytes([operation[1], operation[2]]), operation[3] as i8);
        let mut removed = Vec::new();
        match what % 8 {
            0..=2 => {
                let member = member(number);
                let old = scores.insert(member.clone(), score);
                assert_eq!(set.insert(&member, score.into()), old.map(f64::from));
                order.extend([(score, member.clone())]);
                if let Some(old) = old.filter(|&old| old != score) {
                    order.remove(&(old, member));
                }
            }
            3 => {
                let member = member(number);
                assert_eq!(set.remove(&member), scores.get(&member).copied().map(f64::from));
                removed.push(member);
            }
            4 => {
                let (start, max) = (usize::from(number % 64), usize::from(score as u8 % 32));
                let expected: Vec<_> = order.iter().skip(start).take(max).cloned().collect();
                set.remove_ranks(start, max, |member, _| removed.push(member.to_vec()));
                assert!(removed.iter().eq(expected.iter().map(|(_, member)| member)));
            }
            5 => {
                let popped = if what & 8 == 0 { set.pop_min() } else { set.pop_max() };
                let expected = if what & 8 == 0 { order.first() } else { order.last() };
                assert_eq!(popped.as_ref().map(|pair| &pair.0), expected.map(|pair| &pair.1));
                removed.extend(popped.map(|pair| pair.0));
            }
            6 => {
                let (min, max) = (score, score.saturating_add(number as i8 & 31));
                let bounds =
                    ScoreBounds { min: Bound::Included(min.into()), max: Bound::Excluded(max.into()) };
                let expected = order.iter().filter(|pair| (min..max).contains(&pair.0));
                assert!(set.by_score(bounds).map(|pair| pair.0).eq(expected.map(|pair| &pair.1[..])));
                let member = member(number);
                let rank = order.iter().position(|pair| pair.1 == member);
                assert_eq!(set.rank(&member), rank);
            }
            _ => {
                if cursor == 0 {
                    owed = scores.keys().map(|member| (member.clone(), false)).collect();
                }
                cursor = set.scan(cursor, usize::from(score as u8), |member, _| {
                    owed.entry(member.to_vec()).and_modify(|shown| *shown = true);
                });
                let passed = |member: &[u8]| cursor == 0 || set.is_scanned(cursor, member);
                assert!(owed.iter().all(|(member, &shown)| shown || !passed(member)));
            }
        }
        for member in removed {
            owed.remove(&member);
            if let Some(score) = scores.remove(&member) {
                assert!(order.remove(&(score, member)));
            }
        }
        set.check_invariants();
        let pairs = order.iter().map(|(score, member)| (&member[..], f64::from(*score)));
        assert!(set.iter().eq(pairs.clone()) && set.iter().rev().eq(pairs.rev()));
    }
}

/// Some members share a long beginning, some are long.
fn member(number: u16) -> Vec<u8> {
    let number = number % 1024;
    let prefix = [0, 1, 12, 600][usize::from(number % 4)];
    [&vec![b'x'; prefix], &number.to_be_bytes()[..]].concat()
}
