//! Sorted sets in both forms against a naive twin, and several made into one.

use std::collections::{BTreeMap, BTreeSet};

use kvd_structures::sorted_set::{
    Aggregate, Bound, Combined, Comparison, Condition, LexBounds, Limits, NotANumber, Outcome, Presence,
    ScoreBounds, SortedSet, Weighted, intersection_len,
};
use kvd_structures::{Element, HashKey};
use proptest::collection::vec;
use proptest::prelude::*;

type Set = SortedSet<Vec<u8>>;
type Pair = (Vec<u8>, f64);

/// Scores that are stored as integers of all widths and as text.
const SCORES: [f64; 14] = [
    0.0,
    1.0,
    -1.0,
    100.0,
    -5000.0,
    1e9,
    1e17,
    1e19,
    0.1,
    -2.5,
    5e-324,
    f64::MAX,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

/// Numbers, which a packed set stores as such, and texts, some of them too long for one.
fn member(number: u16) -> Vec<u8> {
    match number % 5 {
        0 => (i32::from(number) - 150).to_string().into_bytes(),
        1 => format!("0{number}").into_bytes(),
        2 => number.to_be_bytes().to_vec(),
        3 => Vec::from("x".repeat(usize::from(number % 7))),
        _ => format!("member {number}").into_bytes(),
    }
}

fn limits(entries_max: usize) -> Limits {
    Limits { entries_max, member_bytes_max: 9, hash_key: HashKey::new([9; 16]) }
}

#[derive(Clone, Debug)]
enum Op {
    Update(u16, usize, Condition),
    Increase(u16, usize, Condition),
    Remove(u16),
    RemoveRanks(usize, usize),
    Expect(usize),
    Ask(u16, usize, usize),
}

fn condition() -> impl Strategy<Value = Condition> {
    let presence =
        prop_oneof![3 => Just(None), 1 => Just(Some(Presence::Absent)), 1 => Just(Some(Presence::Present))];
    let comparison =
        prop_oneof![3 => Just(None), 1 => Just(Some(Comparison::Greater)), 1 => Just(Some(Comparison::Less))];
    (presence, comparison).prop_map(|(presence, comparison)| Condition { presence, comparison })
}

fn any_op() -> impl Strategy<Value = Op> {
    let (number, score, rank) = (0..60u16, 0..SCORES.len(), 0..40usize);
    prop_oneof![
        8 => (number.clone(), score.clone(), condition()).prop_map(|(a, b, c)| Op::Update(a, b, c)),
        3 => (number.clone(), score.clone(), condition()).prop_map(|(a, b, c)| Op::Increase(a, b, c)),
        4 => number.clone().prop_map(Op::Remove),
        1 => (rank.clone(), 0..6usize).prop_map(|(a, b)| Op::RemoveRanks(a, b)),
        1 => (0..20usize).prop_map(Op::Expect),
        4 => (number, score, rank).prop_map(|(a, b, c)| Op::Ask(a, b, c)),
    ]
}

/// A set and the same as a map.
struct Twins {
    set: Set,
    scores: BTreeMap<Vec<u8>, f64>,
    limits: Limits,
}

impl Twins {
    fn new(entries_max: usize) -> Self {
        Self { set: Set::default(), scores: BTreeMap::new(), limits: limits(entries_max) }
    }

    /// Gives the twin a score, and tells what the set should say.
    fn expected(&mut self, member: &[u8], score: f64, condition: Condition) -> Outcome {
        let old = self.scores.get(member).copied();
        let is_refused = match (condition.presence, old) {
            (Some(Presence::Absent), Some(_)) | (Some(Presence::Present), None) => true,
            (_, None) => false,
            (_, Some(old)) => match condition.comparison {
                Some(Comparison::Greater) => score <= old,
                Some(Comparison::Less) => score >= old,
                None => false,
            },
        };
        if is_refused {
            return Outcome::Refused;
        }
        self.scores.insert(member.to_vec(), score);
        match old {
            None => Outcome::Added(score),
            Some(old) if old == score => Outcome::Unchanged(score),
            Some(_) => Outcome::Changed(score),
        }
    }

    fn increase(&mut self, member: &[u8], increment: f64, condition: Condition) {
        let old = self.scores.get(member).copied();
        let told = self.set.increase(member, increment, condition, &self.limits);
        let may_not = match condition.presence {
            Some(Presence::Absent) => old.is_some(),
            Some(Presence::Present) => old.is_none(),
            None => false,
        };
        let score = old.unwrap_or(0.0) + increment;
        if may_not {
            assert_eq!(told, Ok(Outcome::Refused));
        } else if score.is_nan() {
            assert_eq!(told, Err(NotANumber));
        } else {
            assert_eq!(told, Ok(self.expected(member, score, condition)));
        }
    }

    fn pairs(&self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> =
            self.scores.iter().map(|(member, score)| (member.clone(), *score)).collect();
        pairs.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        pairs
    }

    fn apply(&mut self, op: &Op) {
        match *op {
            Op::Update(number, at, condition) => {
                let (member, score) = (member(number), SCORES[at]);
                let told = self.set.update(&member, score, condition, &self.limits);
                assert_eq!(told, self.expected(&member, score, condition));
            }
            Op::Increase(number, at, condition) => self.increase(&member(number), SCORES[at], condition),
            Op::Remove(number) => {
                let member = member(number);
                assert_eq!(self.set.remove(&member), self.scores.remove(&member));
            }
            Op::RemoveRanks(start, count) => {
                let gone: Vec<Pair> = self.pairs().into_iter().skip(start).take(count).collect();
                assert_eq!(self.set.remove_ranks(start..start + count), gone.len());
                gone.iter().for_each(|(member, _)| {
                    self.scores.remove(member);
                });
            }
            Op::Expect(entries) => {
                let was_packed = matches!(self.set, SortedSet::Packed(_));
                self.set.expect(entries, 0, &self.limits);
                let is_packed = matches!(self.set, SortedSet::Packed(_));
                assert_eq!(is_packed, was_packed && entries <= self.limits.entries_max);
            }
            Op::Ask(number, at, rank) => self.ask(&member(number), SCORES[at], rank),
        }
    }

    fn ask(&self, member: &[u8], score: f64, rank: usize) {
        let pairs = self.pairs();
        let place = pairs.iter().position(|pair| pair.0 == member);
        assert_eq!(self.set.score(member), self.scores.get(member).copied());
        assert_eq!(self.set.rank_and_score(member), place.map(|at| (at, pairs[at].1)));
        assert_eq!(self.set.at(rank).map(own), pairs.get(rank).cloned());
        let end = (rank + 5).min(pairs.len());
        let part = &pairs[rank.min(end)..end];
        assert!(self.set.by_rank(rank..rank + 5).map(own).eq(part.iter().cloned()));
        assert!(self.set.by_rank(rank..rank + 5).rev().map(own).eq(part.iter().rev().cloned()));
        let other = pairs.get(rank).map_or(1.0, |pair| pair.1);
        for (min, max) in ends(score, other) {
            let found = self.set.by_rank(self.set.ranks_by_score(ScoreBounds { min, max }));
            let expected = pairs.iter().filter(|pair| is_within(pair.1, min, max)).cloned();
            assert!(found.map(own).eq(expected), "{min:?} {max:?}");
        }
    }

    fn check(&self) {
        self.set.check_invariants();
        let pairs = self.pairs();
        assert_eq!(self.set.len(), pairs.len());
        assert!(self.set.iter().map(own).eq(pairs.iter().cloned()));
        assert!(self.set.clone().iter().rev().map(own).eq(pairs.iter().rev().cloned()));
        let mut shown = BTreeSet::new();
        let mut cursor = 0;
        loop {
            cursor = self.set.scan(cursor, 3, |member, score| {
                assert_eq!(self.scores.get(&member.to_vec()), Some(&score));
                assert!(shown.insert(member.to_vec()), "shown once, as nothing changes");
            });
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(shown.len(), pairs.len());
        if matches!(self.set, SortedSet::Packed(_)) {
            let is_small = |pair: &Pair| pair.0.len() <= self.limits.member_bytes_max;
            assert!(pairs.len() <= self.limits.entries_max && pairs.iter().all(is_small));
        }
    }
}

fn own((member, score): (Element<'_>, f64)) -> Pair {
    (member.to_vec(), score)
}

/// All kinds of ends at two values.
fn ends<T: Copy>(a: T, b: T) -> impl Iterator<Item = (Bound<T>, Bound<T>)> {
    let kinds = move |at: T| [Bound::Included(at), Bound::Excluded(at), Bound::Lowest, Bound::Highest];
    kinds(a).into_iter().flat_map(move |a| kinds(b).into_iter().map(move |b| (a, b)))
}

fn is_within<T: PartialOrd>(value: T, min: Bound<T>, max: Bound<T>) -> bool {
    let is_above = match min {
        Bound::Included(min) => value >= min,
        Bound::Excluded(min) => value > min,
        Bound::Lowest => true,
        Bound::Highest => false,
    };
    let is_below = match max {
        Bound::Included(max) => value <= max,
        Bound::Excluded(max) => value < max,
        Bound::Lowest => false,
        Bound::Highest => true,
    };
    is_above && is_below
}

fn set_of(numbers: &[(u16, usize)], limits: &Limits) -> (Set, BTreeMap<Vec<u8>, f64>) {
    let mut set = Set::default();
    let mut scores = BTreeMap::new();
    for &(number, at) in numbers {
        set.insert(&member(number), SCORES[at], limits);
        scores.insert(member(number), SCORES[at]);
    }
    (set, scores)
}

fn number(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

/// The score of a member in all sets that have it; the smallest set comes first, as sums of doubles depend on their order.
/// `product` is what becomes of infinity times zero in all but the first.
fn aggregated(
    sets: &[(BTreeMap<Vec<u8>, f64>, f64)],
    member: &[u8],
    aggregate: Aggregate,
    product: fn(f64) -> f64,
) -> (usize, Option<f64>) {
    let mut by_len: Vec<_> = sets.iter().collect();
    by_len.sort_by_key(|(scores, _)| scores.len());
    let found: Vec<f64> =
        by_len.iter().filter_map(|(scores, weight)| scores.get(member).map(|score| weight * score)).collect();
    let score = found.split_first().map(|(first, others)| {
        others.iter().copied().map(product).fold(number(*first), |a, b| match aggregate {
            Aggregate::Sum => number(a + b),
            Aggregate::Min => a.min(b),
            Aggregate::Max => a.max(b),
        })
    });
    (found.len(), score)
}

fn sorted(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_by(|a, b| a.1.partial_cmp(&b.1).expect("numbers").then_with(|| a.0.cmp(&b.0)));
    pairs
}

fn shown(combined: &Combined) -> Vec<Pair> {
    combined.iter().map(|(member, score)| (member.to_vec(), score)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_set_does_what_the_twin_does_while_it_is_packed_and_after(
        ops in vec(any_op(), 1..100),
        entries_max in prop_oneof![Just(0), Just(4), Just(16), Just(100)],
    ) {
        let mut twins = Twins::new(entries_max);
        for op in &ops {
            twins.apply(op);
            twins.check();
        }
    }

    #[test]
    fn members_of_one_score_are_found_between_others(
        numbers in vec(0..60u16, 0..40),
        ends_at in (0..60u16, 0..60u16),
        entries_max in prop_oneof![Just(0), Just(100)],
    ) {
        let limits = limits(entries_max);
        let pairs: Vec<(u16, usize)> = numbers.into_iter().map(|number| (number, 1)).collect();
        let (set, scores) = set_of(&pairs, &limits);
        let (a, b) = (member(ends_at.0), member(ends_at.1));
        for (min, max) in ends(&a[..], &b[..]) {
            let found = set.by_rank(set.ranks_by_lex(LexBounds { min, max })).map(|pair| own(pair).0);
            let expected = scores.keys().filter(|member| is_within(&member[..], min, max));
            prop_assert!(found.eq(expected.cloned()), "{:?} {:?}", min, max);
        }
    }

    #[test]
    fn several_sets_become_one(
        contents in vec((vec((0..40u16, 0..SCORES.len()), 0..30), 0..4usize), 1..5),
        aggregate in prop_oneof![Just(Aggregate::Sum), Just(Aggregate::Min), Just(Aggregate::Max)],
        entries_max in prop_oneof![Just(0), Just(8), Just(100)],
    ) {
        const WEIGHTS: [f64; 4] = [1.0, 0.0, -2.5, f64::INFINITY];
        let limits = limits(entries_max);
        let (sets, twins): (Vec<_>, Vec<_>) = contents
            .iter()
            .map(|(numbers, weight)| {
                let (set, scores) = set_of(numbers, &limits);
                (Weighted { set, weight: WEIGHTS[*weight] }, (scores, WEIGHTS[*weight]))
            })
            .unzip();
        let names: BTreeSet<&Vec<u8>> = twins.iter().flat_map(|(scores, _)| scores.keys()).collect();
        let with = |least: usize, product: fn(f64) -> f64| {
            let pairs = names.iter().filter_map(|member| {
                let (count, score) = aggregated(&twins, member, aggregate, product);
                (count >= least).then_some(((*member).clone(), score?))
            });
            sorted(pairs.collect())
        };
        let union = Combined::union(&sets, aggregate, limits.hash_key);
        prop_assert_eq!(shown(&union), with(1, number));
        let intersection = Combined::intersection(&sets, aggregate, limits.hash_key);
        let in_all = with(sets.len(), |product| product);
        prop_assert_eq!(shown(&intersection), in_all.clone());
        let sets: Vec<Set> = sets.into_iter().map(|weighted| weighted.set).collect();
        for max in [1, 3, usize::MAX] {
            prop_assert_eq!(intersection_len(&sets, max), in_all.len().min(max));
        }
        let difference = Combined::difference(&sets, limits.hash_key);
        let (first, others) = twins.split_first().expect("one set or more");
        let only = first.0.iter().filter(|(member, _)| others.iter().all(|other| !other.0.contains_key(*member)));
        let only = sorted(only.map(|(member, score)| (member.clone(), *score)).collect());
        prop_assert_eq!(shown(&difference), only);
        for combined in [union, intersection, difference] {
            let expected = shown(&combined);
            let set: Set = combined.into_set(&limits);
            set.check_invariants();
            prop_assert!(set.iter().map(own).eq(expected));
        }
    }
}

#[test]
fn few_that_are_left_of_many_are_a_new_set() {
    const COUNT: usize = 5_000;
    let limits = limits(4);
    let mut whole = Set::default();
    for number in 0..COUNT {
        whole.insert(format!("member:{number}").as_bytes(), number as f64, &limits);
    }
    for (ranks, is_cut) in [
        (0..COUNT, true),
        (0..COUNT - 1, true),
        (1..COUNT + 9, true),
        (100..COUNT - 100, true),
        (0..COUNT / 2, false),
        (COUNT..COUNT + 1, false),
        (7..8, false),
    ] {
        let mut set = whole.clone();
        let cut = set.cut_ranks(ranks.clone());
        let left = (0..COUNT).filter(|rank| !ranks.contains(rank)).map(|rank| rank as f64);
        assert!(set.iter().map(|(_, score)| score).eq(left), "{ranks:?}");
        set.check_invariants();
        assert_eq!(cut.map(|cut| cut.len()), is_cut.then_some(COUNT), "{ranks:?}");
        assert!(matches!(set, SortedSet::Large(_)));
        assert_eq!(set.score(b"member:7").is_some(), !ranks.contains(&7));
    }
}
