//! Operations on a stream of small nodes with two groups, beside the same on maps.
//!
//! Operations of four bytes: what, which group and consumer, a number in two.
use std::collections::BTreeMap;

use structures::stream::{Group, NodeLimits, References, Removal, Stream, StreamId, Threshold, Trim};

/// All is checked after each operation; more of them would only take longer.
const OPERATIONS_MAX: usize = 256;
const GROUPS: [&[u8]; 2] = [b"g", b"h"];
const LIMITS: NodeLimits = NodeLimits { bytes_max: 160, entries_max: 6 };

/// What the stream should hold.
#[derive(Default)]
struct Twin {
    entries: BTreeMap<StreamId, usize>,
    /// For each group, up to where it has read, and what is pending for whom.
    groups: [(StreamId, BTreeMap<StreamId, u8>); 2],
}

impl Twin {
    /// An entry that is there, or a number of which there is none.
    fn pick(&self, number: u16) -> StreamId {
        let index = usize::from(number) % (self.entries.len() + 1);
        self.entries.keys().nth(index).copied().unwrap_or(StreamId::new(3, number.into()))
    }

    fn may_go(&self, id: StreamId) -> bool {
        self.groups.iter().all(|(last, pending)| id <= *last && !pending.contains_key(&id))
    }

    /// Whether the entry goes, and whether a reference to it does.
    fn remove(&mut self, id: StreamId, references: References) -> Removal {
        if references == References::Acknowledged && !self.may_go(id) {
            return Removal::Referenced;
        }
        let pending = self.groups.iter_mut().filter(|_| references == References::Delete);
        let unreferenced = pending.filter_map(|(_, pending)| pending.remove(&id)).count();
        match self.entries.remove(&id) {
            Some(_) => Removal::Deleted,
            None if unreferenced > 0 => Removal::Unreferenced,
            None => Removal::NotThere,
        }
    }
}

/// Checks one input.
pub fn stream_ops(data: &[u8]) {
    let (mut stream, mut twin) = (Stream::default(), Twin::default());
    for name in GROUPS {
        stream.groups.add(name, Group::new(StreamId::MIN, Some(0)));
    }
    for operation in data.chunks_exact(4).take(OPERATIONS_MAX) {
        let number = u16::from_le_bytes([operation[2], operation[3]]);
        step(&mut stream, &mut twin, operation[0], operation[1], number);
        stream.check_invariants();
        check(&stream, &twin);
    }
}

fn step(stream: &mut Stream, twin: &mut Twin, what: u8, who: u8, number: u16) {
    let references = [References::Keep, References::Delete, References::Acknowledged][usize::from(who % 3)];
    let (group, consumer) = (usize::from(who % 2), who / 2 % 4);
    match what % 8 {
        0..=2 => add(stream, twin, number),
        3 => {
            let id = twin.pick(number);
            assert_eq!(stream.delete(id, references), twin.remove(id, references));
        }
        4 => trim(stream, twin, references, number, what & 8 != 0),
        5 => read(stream, twin, group, consumer, number % 8),
        6 => {
            let id = twin.pick(number);
            let mut found = stream.groups.find_mut(GROUPS[group]).expect("it was made");
            assert_eq!(found.acknowledge(id), twin.groups[group].1.remove(&id).is_some());
        }
        _ => {
            let mut found = stream.groups.find_mut(GROUPS[group]).expect("it was made");
            let pending = &mut twin.groups[group].1;
            let before = pending.len();
            pending.retain(|_, owner| *owner != consumer);
            assert_eq!(found.remove_consumer(&[consumer]).unwrap_or(0), before - pending.len());
        }
    }
}

fn add(stream: &mut Stream, twin: &mut Twin, number: u16) {
    let last = stream.log.last_id();
    let id =
        StreamId::new(last.ms + u64::from(number % 3), last.seq.wrapping_add(u64::from(number / 3)).max(1));
    if id <= last {
        return;
    }
    let value = vec![b'1'; usize::from(number % 37)];
    let names: [&[u8]; 3] = [b"f", b"12", b"g"];
    let fields: Vec<(&[u8], &[u8])> =
        names.iter().take(usize::from(number % 4)).map(|name| (*name, &*value)).collect();
    stream.log.append(id, &fields, LIMITS).expect("it is small");
    twin.entries.insert(id, fields.len());
}

fn trim(stream: &mut Stream, twin: &mut Twin, references: References, number: u16, by_id: bool) {
    let threshold = match by_id {
        true => Threshold::MinId(twin.pick(number)),
        false => Threshold::MaxLen(u64::from(number % 40)),
    };
    let trim = Trim { threshold, is_approximate: false, limit: None };
    let before = twin.entries.len();
    for id in twin.entries.keys().copied().collect::<Vec<_>>() {
        let is_kept = match threshold {
            Threshold::MinId(min) => id >= min,
            Threshold::MaxLen(len_max) => twin.entries.len() as u64 <= len_max,
        };
        if !is_kept {
            twin.remove(id, references);
        }
    }
    assert_eq!(stream.trim(&trim, references).removed as usize, before - twin.entries.len());
}

fn read(stream: &mut Stream, twin: &mut Twin, group: usize, consumer: u8, count: u16) {
    let (last, pending) = &mut twin.groups[group];
    let mut found = stream.groups.find_mut(GROUPS[group]).expect("it was made");
    found.add_consumer(&[consumer], 1);
    let Some(from) = found.last_id.next() else { return };
    for entry in stream.log.range(from, StreamId::MAX).take(count.into()) {
        found.assign(entry.id, &[consumer], 1, 1);
        found.last_id = entry.id;
        *last = entry.id;
        pending.insert(entry.id, consumer);
    }
}

fn check(stream: &Stream, twin: &Twin) {
    let entries = stream.log.range(StreamId::MIN, StreamId::MAX).map(|entry| (entry.id, entry.pairs().len()));
    assert!(entries.eq(twin.entries.iter().map(|(id, fields)| (*id, *fields))));
    let back = stream.log.range_back(StreamId::MIN, StreamId::MAX).map(|entry| entry.id);
    assert!(back.eq(twin.entries.keys().rev().copied()));
    for (name, (last, pending)) in GROUPS.iter().zip(&twin.groups) {
        let group = stream.groups.find(name).expect("it was made");
        assert_eq!(group.last_id, *last);
        let own = group
            .pending_range(StreamId::MIN, StreamId::MAX)
            .map(|(id, _, owner)| (id, owner.name().to_vec()));
        assert!(own.eq(pending.iter().map(|(id, owner)| (*id, vec![*owner]))));
    }
}
