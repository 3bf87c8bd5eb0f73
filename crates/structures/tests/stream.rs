//! The stream against a naive twin under operations by chance.

use std::collections::BTreeMap;

use kvd_structures::stream::{Group, NodeLimits, References, Removal, Stream, StreamId, Threshold, Trim};
use proptest::collection::vec;
use proptest::prelude::*;

const LIMITS: NodeLimits = NodeLimits { bytes_max: 120, entries_max: 5 };
const GROUPS: [&[u8]; 2] = [b"g", b"h"];

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

#[derive(Default)]
struct Model {
    entries: BTreeMap<StreamId, Fields>,
    last_id: StreamId,
    /// For each group: up to where it has read, and who has what pending.
    groups: [(StreamId, BTreeMap<StreamId, u8>); 2],
}

#[derive(Clone, Debug)]
enum Operation {
    Add {
        step: u8,
        names: u8,
        value: u8,
    },
    Delete {
        pick: u8,
        references: u8,
    },
    Trim {
        len_max: u8,
        references: u8,
    },
    TrimBelow {
        pick: u8,
    },
    Read {
        group: bool,
        consumer: u8,
        count: u8,
    },
    Acknowledge {
        group: bool,
        pick: u8,
    },
    Leave {
        group: bool,
        consumer: u8,
    },
    /// Goes back to the last entry that is there.
    SetLast,
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => (0..5_u8, 0..4_u8, any::<u8>()).prop_map(|(step, names, value)| Operation::Add { step, names, value }),
        2 => (any::<u8>(), 0..3_u8).prop_map(|(pick, references)| Operation::Delete { pick, references }),
        1 => (0..40_u8, 0..3_u8).prop_map(|(len_max, references)| Operation::Trim { len_max, references }),
        1 => any::<u8>().prop_map(|pick| Operation::TrimBelow { pick }),
        3 => (any::<bool>(), 0..3_u8, 1..6_u8)
            .prop_map(|(group, consumer, count)| Operation::Read { group, consumer, count }),
        2 => (any::<bool>(), any::<u8>()).prop_map(|(group, pick)| Operation::Acknowledge { group, pick }),
        1 => (any::<bool>(), 0..3_u8).prop_map(|(group, consumer)| Operation::Leave { group, consumer }),
        1 => Just(Operation::SetLast),
    ]
}

fn references(number: u8) -> References {
    [References::Keep, References::Delete, References::Acknowledged][usize::from(number)]
}

impl Model {
    fn pick(&self, pick: u8) -> StreamId {
        let index = usize::from(pick) % (self.entries.len() + 1);
        self.entries.keys().nth(index).copied().unwrap_or(StreamId::new(7, 7))
    }

    fn may_go(&self, id: StreamId) -> bool {
        self.groups.iter().all(|(last, pending)| id <= *last && !pending.contains_key(&id))
    }

    fn remove(&mut self, id: StreamId, references: References) -> Removal {
        if references == References::Acknowledged && !self.may_go(id) {
            return Removal::Referenced;
        }
        let mut was_referenced = false;
        if references == References::Delete {
            for (_, pending) in &mut self.groups {
                was_referenced |= pending.remove(&id).is_some();
            }
        }
        match self.entries.remove(&id) {
            Some(_) => Removal::Deleted,
            None if was_referenced => Removal::Unreferenced,
            None => Removal::NotThere,
        }
    }
}

fn run(stream: &mut Stream, model: &mut Model, operation: &Operation) {
    match *operation {
        Operation::Add { step, names, value } => {
            let id = StreamId::new(model.last_id.ms + u64::from(step / 3), model.last_id.seq + 1);
            let pair = |name: u8| (vec![b'a' + name], format!("{}", i32::from(value) * 77).into_bytes());
            let fields: Fields = (0..=names).map(pair).collect();
            let words: Vec<(&[u8], &[u8])> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
            stream.log.append(id, &words, LIMITS).expect("it is small");
            model.entries.insert(id, fields);
            model.last_id = id;
        }
        Operation::Delete { pick, references: number } => {
            let (id, references) = (model.pick(pick), references(number));
            assert_eq!(stream.delete(id, references), model.remove(id, references));
        }
        Operation::Trim { len_max, references: number } => {
            let threshold = Threshold::MaxLen(len_max.into());
            let trim = Trim { threshold, is_approximate: false, limit: None };
            let removed = stream.trim(&trim, references(number)).removed;
            let before = model.entries.len();
            for id in model.entries.keys().copied().collect::<Vec<_>>() {
                if model.entries.len() > usize::from(len_max) {
                    model.remove(id, references(number));
                }
            }
            assert_eq!(removed as usize, before - model.entries.len());
        }
        Operation::TrimBelow { pick } => {
            let id = model.pick(pick);
            let trim = Trim { threshold: Threshold::MinId(id), is_approximate: false, limit: None };
            stream.trim(&trim, References::Keep);
            model.entries = model.entries.split_off(&id);
        }
        Operation::Read { group, consumer, count } => {
            let (last, pending) = &mut model.groups[usize::from(group)];
            let read: Vec<StreamId> =
                model.entries.keys().copied().filter(|id| id > last).take(count.into()).collect();
            let mut found = stream.groups.find_mut(GROUPS[usize::from(group)]).expect("it was made");
            found.add_consumer(&[consumer], 1);
            let from = found.last_id.next().expect("more numbers");
            let entries = stream.log.range(from, StreamId::MAX).take(count.into());
            assert!(entries.map(|entry| entry.id).eq(read.iter().copied()));
            for id in read {
                found.assign(id, &[consumer], 1, 1);
                found.last_id = id;
                *last = id;
                pending.insert(id, consumer);
            }
        }
        Operation::SetLast => {
            model.last_id = model.entries.keys().next_back().copied().unwrap_or(StreamId::MIN);
            stream.log.set_last_id(model.last_id);
        }
        Operation::Acknowledge { group, pick } => {
            let id = model.pick(pick);
            let mut found = stream.groups.find_mut(GROUPS[usize::from(group)]).expect("it was made");
            let was_pending = model.groups[usize::from(group)].1.remove(&id).is_some();
            assert_eq!(found.acknowledge(id), was_pending);
        }
        Operation::Leave { group, consumer } => {
            let mut found = stream.groups.find_mut(GROUPS[usize::from(group)]).expect("it was made");
            let pending = &mut model.groups[usize::from(group)].1;
            let own = pending.values().filter(|&&owner| owner == consumer).count();
            pending.retain(|_, owner| *owner != consumer);
            assert_eq!(found.remove_consumer(&[consumer]).unwrap_or(0), own);
        }
    }
}

fn check(stream: &Stream, model: &Model) {
    stream.check_invariants();
    assert_eq!(stream.len(), model.entries.len());
    assert_eq!(stream.log.last_id(), model.last_id);
    let all: Vec<(StreamId, Fields)> = stream
        .log
        .range(StreamId::MIN, StreamId::MAX)
        .map(|entry| (entry.id, entry.pairs().map(|(name, value)| (name.to_vec(), value.to_vec())).collect()))
        .collect();
    assert!(all.iter().map(|(id, fields)| (id, fields)).eq(&model.entries));
    let back = stream.log.range_back(StreamId::MIN, StreamId::MAX).map(|entry| entry.id);
    assert!(back.eq(model.entries.keys().rev().copied()));
    for (name, (last, pending)) in GROUPS.iter().zip(&model.groups) {
        let group = stream.groups.find(name).expect("it was made");
        assert_eq!(group.last_id, *last);
        let own =
            group.pending_range(StreamId::MIN, StreamId::MAX).map(|(id, _, owner)| (id, owner.name()[0]));
        assert!(own.eq(pending.iter().map(|(id, owner)| (*id, *owner))));
    }
}

proptest! {
    #[test]
    fn a_stream_is_as_its_twin(operations in vec(operation(), 1..120)) {
        let (mut stream, mut model) = (Stream::default(), Model::default());
        for name in GROUPS {
            assert!(stream.groups.add(name, Group::new(StreamId::MIN, Some(0))));
            assert!(!stream.groups.add(name, Group::default()));
        }
        let empty_bytes = stream.memory_bytes();
        for operation in &operations {
            run(&mut stream, &mut model, operation);
            check(&stream, &model);
        }
        let (from, to) = (model.pick(1), model.pick(200));
        let expected = model.entries.keys().filter(|id| (from..=to).contains(*id)).count();
        prop_assert_eq!(stream.log.range(from, to).count(), expected);
        prop_assert_eq!(stream.log.range_back(from, to).count(), expected);
        let all = Threshold::MinId(StreamId::MAX);
        stream.trim(&Trim { threshold: all, is_approximate: true, limit: None }, References::Keep);
        for name in GROUPS {
            for consumer in 0..3 {
                stream.groups.find_mut(name).expect("it was made").remove_consumer(&[consumer]);
            }
        }
        stream.check_invariants();
        stream.clone().check_invariants();
        prop_assert_eq!(stream.memory_bytes(), empty_bytes);
    }
}

#[test]
fn what_is_trimmed_is_cut_off_as_it_would_go_node_by_node() {
    const ENTRIES: u64 = 10_000;
    let id = |number: u64| StreamId::new(number, 0);
    let mut whole = Stream::default();
    for number in 1..=ENTRIES {
        whole.log.append(id(number), &[(b"f", b"v")], LIMITS).expect("it is small");
    }
    // Some nodes have holes, and one of those in the midst is gone.
    for number in (1..=ENTRIES).filter(|number| number % 7 == 0 || (5_000..5_020).contains(number)) {
        assert_eq!(whole.delete(id(number), References::Keep), Removal::Deleted);
    }
    let len = whole.log.len();
    let lens = [0, 1, 17, len / 2 - 1, len / 2, len / 2 + 1, len - 3_000, len - 1, len, len + 1];
    let ids = [0, 1, 40, 4_999, 5_010, 5_020, 9_999, ENTRIES, ENTRIES + 1];
    let thresholds = lens.map(Threshold::MaxLen).into_iter().chain(ids.map(|at| Threshold::MinId(id(at))));
    for (threshold, is_approximate) in
        thresholds.flat_map(|threshold| [(threshold, false), (threshold, true)])
    {
        let (mut cut, mut shrunk) = (whole.clone(), whole.clone());
        let trimmed = cut.trim(&Trim { threshold, is_approximate, limit: None }, References::Keep);
        // With a limit, each node is looked at.
        let limit = Some(u64::MAX);
        let expected = shrunk.trim(&Trim { threshold, is_approximate, limit }, References::Keep);
        assert_eq!(trimmed.removed, expected.removed, "{threshold:?}");
        assert_eq!(cut.memory_bytes(), shrunk.memory_bytes(), "{threshold:?}");
        assert!(cut.log.nodes().eq(shrunk.log.nodes()), "{threshold:?}");
        cut.check_invariants();
        assert!(expected.cut.is_none());
        assert_eq!(trimmed.cut.is_some(), trimmed.removed > 2_000, "{threshold:?}: {}", trimmed.removed);
        assert!(trimmed.cut.is_none_or(|cut| cut.log.len() <= trimmed.removed));
    }
}

#[test]
fn a_consumer_goes_with_what_is_pending_for_it_however_much_that_is() {
    for own in [0, 1, 50, 51, 99, 100] {
        let mut stream = Stream::default();
        assert!(stream.groups.add(b"g", Group::new(StreamId::MIN, None)));
        let mut group = stream.groups.find_mut(b"g").expect("it was made");
        group.add_consumer(b"one", 1);
        group.add_consumer(b"other", 1);
        for number in 0..100 {
            let consumer: &[u8] = if number < own { b"one" } else { b"other" };
            group.assign(StreamId::new(number, 1), consumer, 1, 1);
        }
        drop(group);
        assert!(
            stream.cut_consumer(b"none", b"one").is_none() && stream.cut_consumer(b"g", b"none").is_none()
        );
        let cut = stream.cut_consumer(b"g", b"one").expect("it is there");
        assert_eq!(cut.pending as u64, own);
        stream.check_invariants();
        let group = stream.groups.find(b"g").expect("it was made");
        assert!(group.consumer(b"one").is_none());
        let left =
            group.pending_range(StreamId::MIN, StreamId::MAX).map(|(id, _, owner)| (id.ms, owner.name()));
        assert!(left.eq((own..100).map(|number| (number, &b"other"[..]))));
        let cut = stream.cut_group(b"g").expect("it is there");
        cut.check_invariants();
        assert_eq!(cut.groups.len(), 1);
        assert!(stream.groups.is_empty() && stream.cut_group(b"g").is_none());
        stream.check_invariants();
    }
}

#[test]
fn a_node_from_elsewhere_has_numbers_above_zero() {
    let mut source = Stream::default();
    source.log.append(StreamId::new(5, 5), &[(b"name", b"value")], LIMITS).expect("short");
    let packed = source.log.nodes().next().expect("a node").1.clone();
    for (key, is_taken) in [(StreamId::MIN, false), (StreamId::new(0, 1), true), (StreamId::new(5, 5), true)]
    {
        let mut stream = Stream::default();
        assert_eq!(stream.log.append_node(key, packed.clone()), is_taken, "{key}");
        stream.check_invariants();
    }
}

#[test]
fn groups_and_consumers_are_found_behind_a_name() {
    let mut stream = Stream::default();
    for name in [b"b", b"d"] {
        stream.groups.add(name, Group::new(StreamId::MIN, None));
        let mut group = stream.groups.find_mut(name).expect("it was made");
        assert!(group.add_consumer(b"y", 1) && group.add_consumer(b"x", 1));
    }
    let after = |name| stream.groups.after(name).map(|(name, _)| name);
    assert_eq!(
        [None, Some(&b"a"[..]), Some(b"b"), Some(b"d")].map(after),
        [Some(&b"b"[..]), Some(b"b"), Some(b"d"), None]
    );
    let group = stream.groups.find(b"d").expect("it was made");
    let after = |name| group.consumer_after(name).map(|consumer| consumer.name());
    assert_eq!([None, Some(&b"x"[..]), Some(b"y")].map(after), [Some(&b"x"[..]), Some(b"y"), None]);
}
