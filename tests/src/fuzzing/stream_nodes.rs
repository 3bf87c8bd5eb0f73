//! A packed node of a stream from elsewhere: any bytes are refused or are a node that everything works on.

use listpack::Listpack;
use structures::stream::{NodeLimits, References, Removal, Stream, StreamId, Threshold, Trim};

/// Entries that are deleted again; more of them would only take longer.
const DELETIONS_MAX: usize = 64;

/// Checks one input.
pub fn stream_nodes(data: &[u8]) {
    let Ok(packed) = Listpack::from_bytes(data.to_vec()) else { return };
    let key = StreamId::new(1, 0);
    let mut stream = Stream::default();
    if !stream.log.append_node(key, packed) {
        return assert!(stream.is_empty());
    }
    stream.check_invariants();
    let ids: Vec<StreamId> = stream.log.range(StreamId::MIN, StreamId::MAX).map(|entry| entry.id).collect();
    assert_eq!(ids.len(), stream.len());
    let back = stream.log.range_back(StreamId::MIN, StreamId::MAX).map(|entry| entry.id);
    assert!(back.eq(ids.iter().rev().copied()));
    if let Some(next) = stream.log.last_id().next() {
        let fields: [(&[u8], &[u8]); 1] = [(b"f", b"v")];
        stream.log.append(next, &fields, NodeLimits::default()).expect("it is small");
        stream.check_invariants();
    }
    let mut trimmed = stream.clone();
    let kept = stream.len() as u64 / 2;
    let trim = Trim { threshold: Threshold::MaxLen(kept), is_approximate: false, limit: None };
    trimmed.trim(&trim, References::Keep);
    trimmed.check_invariants();
    assert_eq!(trimmed.log.len(), kept);
    for id in ids.into_iter().take(DELETIONS_MAX) {
        assert_eq!(stream.delete(id, References::Keep), Removal::Deleted);
        assert!(!stream.log.contains(id));
        stream.check_invariants();
    }
}
