//! Operations on a sorted set that begins packed, beside the same on a `BTreeMap`.
//!
//! The first byte is the most members of a packed set; then operations of four bytes: what, a member in two, a score.
use std::collections::BTreeMap;

use structures::HashKey;
use structures::sorted_set::{
    Bound, Comparison, Condition, Limits, Outcome, Presence, ScoreBounds, SortedSet,
};

/// All is checked after each operation; more of them would only take longer.
const OPERATIONS_MAX: usize = 512;

const MEMBER_BYTES_MAX: usize = 12;

/// Checks one input.
pub fn sorted_set_forms(data: &[u8]) {
    let Some((&entries_max, operations)) = data.split_first() else { return };
    let limits = Limits {
        entries_max: entries_max.into(),
        member_bytes_max: MEMBER_BYTES_MAX,
        hash_key: HashKey::new([3; 16]),
    };
    let mut set: SortedSet<Vec<u8>> = SortedSet::default();
    let mut scores: BTreeMap<Vec<u8>, f64> = BTreeMap::new();
    for operation in operations.chunks_exact(4).take(OPERATIONS_MAX) {
        let what = operation[0];
        let member = member(u16::from_le_bytes([operation[1], operation[2]]));
        let score = score(operation[3]);
        let old = scores.get(&member).copied();
        match what % 8 {
            0..=2 => {
                let outcome = set.update(&member, score, condition(what / 8), &limits);
                if let Outcome::Added(new) | Outcome::Changed(new) = outcome {
                    assert_eq!(old.is_none(), matches!(outcome, Outcome::Added(_)));
                    assert!(new == score && old != Some(score));
                    scores.insert(member, score);
                }
            }
            3 => {
                let told = set.increase(&member, score, Condition::default(), &limits);
                let sum = old.unwrap_or(0.0) + score;
                assert_eq!(told.is_err(), sum.is_nan());
                if told.is_ok() {
                    scores.insert(member, sum);
                }
            }
            4 => {
                assert_eq!(set.remove(&member), scores.remove(&member));
            }
            5 => {
                let (start, count) = (usize::from(operation[1] % 32), usize::from(operation[3] % 8));
                let gone = in_order(&scores).into_iter().skip(start).take(count);
                let count = gone.map(|(_, member)| scores.remove(&member)).count();
                assert_eq!(set.remove_ranks(start..start + usize::from(operation[3] % 8)), count);
            }
            6 => {
                let bounds = ScoreBounds { min: Bound::Included(score), max: Bound::Excluded(score + 10.0) };
                let expected = scores.values().filter(|&&other| (score..score + 10.0).contains(&other));
                assert_eq!(set.ranks_by_score(bounds).len(), expected.count());
            }
            _ => set.expect(usize::from(operation[1]), 0, &limits),
        }
        set.check_invariants();
        let shown = set.iter().map(|(member, score)| (score, member.to_vec()));
        assert!(shown.eq(in_order(&scores)));
    }
}

fn in_order(scores: &BTreeMap<Vec<u8>, f64>) -> Vec<(f64, Vec<u8>)> {
    let mut pairs: Vec<(f64, Vec<u8>)> =
        scores.iter().map(|(member, &score)| (score, member.clone())).collect();
    // By member already, and this keeps the order of equals.
    pairs.sort_by(|one, other| one.0.partial_cmp(&other.0).expect("no score is NaN"));
    pairs
}

fn condition(bits: u8) -> Condition {
    let presence = [None, None, Some(Presence::Absent), Some(Presence::Present)];
    let comparison = [None, None, Some(Comparison::Greater), Some(Comparison::Less)];
    Condition { presence: presence[usize::from(bits % 4)], comparison: comparison[usize::from(bits / 4 % 4)] }
}

/// Whole and broken ones, stored as integers or as text, and the infinities.
fn score(byte: u8) -> f64 {
    match byte {
        0..=199 => f64::from(byte) - 100.0,
        200..=239 => f64::from(byte) / 7.0,
        240..=251 => 10_f64.powi(i32::from(byte) - 235),
        252..=253 => f64::NEG_INFINITY,
        _ => f64::INFINITY,
    }
}

/// Numbers, texts that are short enough for a packed set, and ones that are not.
fn member(number: u16) -> Vec<u8> {
    let number = number % 512;
    match number % 4 {
        0 => (i32::from(number) - 256).to_string().into_bytes(),
        1 => number.to_be_bytes().to_vec(),
        2 => vec![b'x'; usize::from(number / 4 % 14)],
        _ => format!("m{number}").into_bytes(),
    }
}
