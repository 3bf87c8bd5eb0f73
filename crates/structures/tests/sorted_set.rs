//! The sorted set against a naive twin: a set in order and a map, under operations by chance.

use std::collections::{BTreeMap, BTreeSet};

use kvd_structures::HashKey;
use kvd_structures::sorted_set::{Bound, LexBounds, RankedSet, ScoreBounds};
use proptest::collection::vec;
use proptest::prelude::*;

/// Scores that are equal, infinite, zeros of either sign, or neighbours.
const SCORES: [f64; 12] = [
    0.0,
    -0.0,
    1.0,
    1.0000000000000002,
    -1.0,
    2.0,
    3.5,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MIN_POSITIVE,
    f64::MAX,
    5e-324,
];

/// A member of many lengths; most share their beginnings with others.
fn member(number: u16) -> Vec<u8> {
    let text = number.to_string().into_bytes();
    match number % 16 {
        0 => text[..text.len().min(usize::from(number > 0) * 3)].to_vec(),
        1 => [&b"prefix "[..], &[b'x'; 300], &text].concat(),
        2 if number.is_multiple_of(5) => [&vec![b'y'; 5000], &text[..]].concat(),
        3 => [&text[..], &[0xff; 3]].concat(),
        4 => number.to_be_bytes().to_vec(),
        _ => [&b"a long common prefix:"[..], &text].concat(),
    }
}

/// A score in an order that takes zeros for equal.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Ordered(f64);

impl Eq for Ordered {}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.partial_cmp(&other.0).expect("no score is NaN")
    }
}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

type Pair = (Vec<u8>, f64);

struct Twins<const N: usize> {
    set: RankedSet<N>,
    order: BTreeSet<(Ordered, Vec<u8>)>,
    scores: BTreeMap<Vec<u8>, f64>,
    cursor: u64,
    /// Members that have been there since the scan under way began, and whether it has shown them.
    owed: BTreeMap<Vec<u8>, bool>,
}

impl<const N: usize> Twins<N> {
    fn new() -> Self {
        Self {
            set: RankedSet::with_nodes(HashKey::new([7; 16])),
            order: BTreeSet::new(),
            scores: BTreeMap::new(),
            cursor: 0,
            owed: BTreeMap::new(),
        }
    }

    fn insert(&mut self, member: Vec<u8>, score: f64) {
        let old = self.scores.get(&member).copied();
        let told = self.set.insert(&member, score);
        assert_eq!(told.map(f64::to_bits), old.map(f64::to_bits));
        if old == Some(score) {
            return;
        }
        if let Some(old) = old {
            assert!(self.order.remove(&(Ordered(old), member.clone())));
        }
        self.order.insert((Ordered(score), member.clone()));
        self.scores.insert(member, score);
    }

    fn remove(&mut self, member: &[u8]) {
        let old = self.scores.remove(member);
        assert_eq!(self.set.remove(member).map(f64::to_bits), old.map(f64::to_bits));
        if let Some(old) = old {
            self.forget(&(member.to_vec(), old));
        }
    }

    fn forget(&mut self, (member, score): &Pair) {
        self.scores.remove(member);
        self.owed.remove(member);
        assert!(self.order.remove(&(Ordered(*score), member.clone())));
    }

    fn pop(&mut self, from_end: bool) {
        let expected = if from_end { self.pairs().next_back() } else { self.pairs().next() };
        let popped = if from_end { self.set.pop_max() } else { self.set.pop_min() };
        assert_eq!(popped, expected);
        if let Some(pair) = popped {
            self.forget(&pair);
        }
    }

    fn remove_ranks(&mut self, start: usize, max: usize) {
        let expected: Vec<Pair> = self.pairs().skip(start).take(max).collect();
        let mut shown = Vec::new();
        let count = self.set.remove_ranks(start, max, |member, score| shown.push((member.to_vec(), score)));
        assert_eq!((count, &shown), (expected.len(), &expected));
        shown.iter().for_each(|pair| self.forget(pair));
    }

    fn pairs(&self) -> impl DoubleEndedIterator<Item = Pair> {
        self.order.iter().map(|(_, member)| (member.clone(), self.scores[member]))
    }

    fn scan(&mut self) {
        if self.cursor == 0 {
            self.owed = self.scores.keys().map(|member| (member.clone(), false)).collect();
        }
        let (owed, scores) = (&mut self.owed, &self.scores);
        self.cursor = self.set.scan(self.cursor, 5, |member, score| {
            assert_eq!(scores.get(member).map(|score| score.to_bits()), Some(score.to_bits()));
            owed.entry(member.to_vec()).and_modify(|shown| *shown = true);
        });
        let passed = |member: &[u8]| self.cursor == 0 || self.set.is_scanned(self.cursor, member);
        assert!(self.owed.iter().all(|(member, &shown)| shown || !passed(member)));
    }

    /// What is asked of one member, and of ranges around it.
    fn ask(&self, member: &[u8], score: f64, from: usize, to: usize) {
        let rank = self.order.iter().position(|(_, other)| other == member);
        assert_eq!(self.set.rank(member), rank);
        assert_eq!(self.set.rev_rank(member), rank.map(|rank| self.order.len() - 1 - rank));
        assert_eq!(self.set.score(member), self.scores.get(member).copied());
        assert_eq!(self.set.contains(member), rank.is_some());
        let pairs: Vec<Pair> = self.pairs().collect();
        assert_eq!(self.set.at(from).map(own), pairs.get(from).cloned());
        let end = to.min(pairs.len());
        let range = &pairs[from.min(end)..end];
        assert!(self.set.by_rank(from..to).map(own).eq(range.iter().cloned()));
        assert!(self.set.by_rank(from..to).rev().map(own).eq(range.iter().rev().cloned()));
        let mut both_ends = self.set.by_rank(from..to);
        for at in 0..range.len() {
            let pair = if at % 2 == 0 { both_ends.next() } else { both_ends.next_back() };
            let expected = if at % 2 == 0 { at / 2 } else { range.len() - 1 - at / 2 };
            assert_eq!(pair.map(own), Some(range[expected].clone()));
        }
        assert!(both_ends.next().is_none() && both_ends.next_back().is_none());
        assert!(self.set.by_rank(0..to).skip(from).map(own).eq(range.iter().cloned()));
        let other = pairs.get(from).map_or(1.0, |pair| pair.1);
        for bounds in score_bounds(score, other) {
            let expected = pairs.iter().filter(|pair| within(pair.1, bounds.min, bounds.max)).cloned();
            let found = self.set.by_score(bounds);
            assert_eq!(found.ranks(), self.set.ranks_by_score(bounds));
            assert!(found.map(own).eq(expected), "{bounds:?}");
        }
    }

    fn ask_lex(&self, a: &[u8], b: &[u8]) {
        for (min, max) in ends(a, b) {
            let expected = self.pairs().filter(|pair| within(&pair.0[..], min, max));
            assert!(self.set.by_lex(LexBounds { min, max }).map(own).eq(expected), "{min:?} {max:?}");
        }
    }

    fn check(&self) {
        self.set.check_invariants();
        assert_eq!(self.set.len(), self.order.len());
        assert!(self.set.iter().map(own).eq(self.pairs()));
    }
}

fn own((member, score): (&[u8], f64)) -> Pair {
    (member.to_vec(), score)
}

/// All kinds of ends at two values, in either order.
fn ends<T: Copy>(a: T, b: T) -> impl Iterator<Item = (Bound<T>, Bound<T>)> {
    let kinds = move |at: T| [Bound::Included(at), Bound::Excluded(at), Bound::Lowest, Bound::Highest];
    let pairs = move |a, b| kinds(a).into_iter().flat_map(move |a| kinds(b).into_iter().map(move |b| (a, b)));
    pairs(a, b).chain(pairs(b, a))
}

fn score_bounds(a: f64, b: f64) -> impl Iterator<Item = ScoreBounds> {
    ends(a, b).map(|(min, max)| ScoreBounds { min, max })
}

fn within<T: PartialOrd>(value: T, min: Bound<T>, max: Bound<T>) -> bool {
    let above = match min {
        Bound::Included(min) => value >= min,
        Bound::Excluded(min) => value > min,
        Bound::Lowest => true,
        Bound::Highest => false,
    };
    let below = match max {
        Bound::Included(max) => value <= max,
        Bound::Excluded(max) => value < max,
        Bound::Lowest => false,
        Bound::Highest => true,
    };
    above && below
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u16, usize),
    InsertMany(u16, u16, usize),
    Remove(u16),
    RemoveMany(u16, u16),
    Pop(bool),
    RemoveRanks(usize, usize),
    Scan,
    Ask(u16, usize, usize, usize),
}

fn any_op() -> impl Strategy<Value = Op> {
    let (number, score, rank) = (0..400u16, 0..SCORES.len(), 0..300usize);
    prop_oneof![
        8 => (number.clone(), score.clone()).prop_map(|(number, score)| Op::Insert(number, score)),
        3 => (number.clone(), 0..60u16, score.clone()).prop_map(|(a, b, c)| Op::InsertMany(a, b, c)),
        6 => number.clone().prop_map(Op::Remove),
        2 => (number.clone(), 0..60u16).prop_map(|(a, b)| Op::RemoveMany(a, b)),
        2 => any::<bool>().prop_map(Op::Pop),
        2 => (rank.clone(), 0..80usize).prop_map(|(a, b)| Op::RemoveRanks(a, b)),
        3 => Just(Op::Scan),
        3 => (number, score, rank.clone(), rank).prop_map(|(a, b, c, d)| Op::Ask(a, b, c, d)),
    ]
}

fn run<const N: usize>(ops: &[Op], scores: usize) {
    let mut twins = Twins::<N>::new();
    let score = |at: usize| SCORES[at % scores];
    for op in ops {
        match *op {
            Op::Insert(number, at) => twins.insert(member(number), score(at)),
            Op::InsertMany(number, count, at) => {
                (number..number + count).for_each(|number| {
                    twins.insert(member(number), score(at + usize::from(number % 3)));
                });
            }
            Op::Remove(number) => twins.remove(&member(number)),
            Op::RemoveMany(number, count) => {
                (number..number + count).for_each(|number| twins.remove(&member(number)));
            }
            Op::Pop(from_end) => twins.pop(from_end),
            Op::RemoveRanks(start, max) => twins.remove_ranks(start, max),
            Op::Scan => twins.scan(),
            Op::Ask(number, at, from, to) => {
                twins.ask(&member(number), score(at), from, to);
                if scores == 1 {
                    twins.ask_lex(&member(number), &member(from as u16));
                }
            }
        }
        twins.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn small_nodes_do_what_the_twin_does(ops in vec(any_op(), 1..120)) {
        run::<4>(&ops, SCORES.len());
    }

    #[test]
    fn members_of_one_score_are_in_order_of_their_bytes(ops in vec(any_op(), 1..80)) {
        run::<6>(&ops, 1);
    }

    #[test]
    fn real_nodes_do_what_the_twin_does(ops in vec(any_op(), 1..80)) {
        run::<64>(&ops, SCORES.len());
    }
}

/// Grows, changes and shrinks a set, with a scan under way all the time.
fn live<const N: usize>(size: usize, seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut twins = Twins::<N>::new();
    let name = |number: usize| format!("member:{number:0width$}", width = 3 + number % 20).into_bytes();
    for number in 0..size {
        twins.insert(name(number), rng.u32(..1000).into());
    }
    twins.check();
    for _ in 0..size {
        let number = rng.usize(..size);
        twins.insert(name(number), rng.u32(..1000).into());
    }
    twins.check();
    let full = twins.set.memory_bytes();
    let mut order: Vec<usize> = (0..size).collect();
    rng.shuffle(&mut order);
    for (done, &number) in order.iter().enumerate() {
        twins.remove(&name(number));
        if done % 4 == 0 {
            twins.insert(name(size + done), rng.u32(..1000).into());
            twins.remove(&name(size + done));
        }
        if done % 64 == 0 {
            twins.scan();
        }
        if done % (size / 20) == 0 {
            twins.check();
        }
        if done == size - size / 10 {
            assert!(twins.set.memory_bytes() < full / 3, "a tenth of the members keeps less than a third");
        }
    }
    assert!(twins.set.is_empty());
    twins.check();
}

#[test]
fn a_set_that_shrinks_gives_memory_back_and_goes_on_scanning() {
    live::<4>(6000, 1);
    live::<64>(20_000, 2);
}

#[test]
fn members_in_ascending_order_fill_nodes() {
    let mut set = RankedSet::new(HashKey::new([1; 16]));
    let mut shuffled = RankedSet::new(HashKey::new([1; 16]));
    let mut numbers: Vec<u32> = (0..50_000).collect();
    for number in &numbers {
        set.insert(&number.to_be_bytes(), f64::from(*number));
    }
    fastrand::Rng::with_seed(3).shuffle(&mut numbers);
    for number in &numbers {
        shuffled.insert(&number.to_be_bytes(), f64::from(*number));
    }
    set.check_invariants();
    assert!(set.iter().eq(shuffled.iter()));
    assert!(set.memory_bytes() < shuffled.memory_bytes());
}

#[test]
fn members_in_descending_order_fill_nodes_too() {
    let mut set = RankedSet::<4>::with_nodes(HashKey::new([1; 16]));
    for number in (0..2000u32).rev() {
        set.insert(&number.to_be_bytes(), f64::from(number));
        if number % 50 == 0 {
            set.check_invariants();
        }
    }
    assert_eq!(set.rank(&77u32.to_be_bytes()), Some(77));
}

#[test]
fn minus_zero_does_not_replace_zero() {
    let mut set = RankedSet::new(HashKey::new([1; 16]));
    set.insert(b"a", -0.0);
    set.insert(b"b", 0.0);
    assert_eq!(set.insert(b"b", -0.0).map(f64::to_bits), Some(0));
    assert_eq!(set.score(b"a").map(f64::to_bits), Some((-0.0f64).to_bits()));
    assert_eq!((set.rank(b"a"), set.rank(b"b")), (Some(0), Some(1)));
}
