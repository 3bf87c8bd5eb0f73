//! Packed nodes, byte for byte as Redis 8.2 makes them of the same operations.
//!
//! `golden/stream_nodes.txt`: `case <node bytes> <node entries>` begins a stream, `add` and `delete` change it, `node <number> <hex>` is what
//! its nodes are in the end.

use kvd_structures::stream::{NodeLimits, References, Removal, Stream, StreamId};
use listpack::Listpack;

const GOLDEN: &str = include_str!("golden/stream_nodes.txt");

fn id(text: &str) -> StreamId {
    let (ms, seq) = text.split_once('-').expect("a number");
    StreamId::new(ms.parse().expect("milliseconds"), seq.parse().expect("a sequence"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn nodes_are_those_of_the_peers() {
    let mut stream = Stream::default();
    let mut limits = NodeLimits::default();
    let mut nodes = Vec::new();
    for line in GOLDEN.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["case", bytes, entries] => {
                assert!(nodes.is_empty(), "as many nodes as in the file");
                stream = Stream::default();
                let (bytes_max, entries_max) =
                    (bytes.parse().expect("bytes"), entries.parse().expect("entries"));
                limits = NodeLimits { bytes_max, entries_max };
            }
            ["add", number, rest @ ..] => {
                let fields: Vec<(&[u8], &[u8])> =
                    rest.chunks(2).map(|pair| (pair[0].as_bytes(), pair[1].as_bytes())).collect();
                stream.log.append(id(number), &fields, limits).expect("it is small");
            }
            ["delete", number] => {
                assert_eq!(stream.delete(id(number), References::Keep), Removal::Deleted);
            }
            ["node", number, expected] => {
                if nodes.is_empty() {
                    stream.check_invariants();
                    nodes = stream.log.nodes().map(|(key, node)| (key, hex(node.as_bytes()))).collect();
                }
                assert_eq!(nodes.remove(0), (id(number), (*expected).to_owned()));
            }
            _ => panic!("{line}"),
        }
    }
    assert!(nodes.is_empty());
}

#[test]
fn nodes_from_elsewhere_are_checked() {
    let mut stream = Stream::default();
    for seq in 1..=5 {
        let fields: [(&[u8], &[u8]); 1] = [(b"f", b"v")];
        stream.log.append(StreamId::new(1, seq), &fields, NodeLimits::default()).expect("it is small");
    }
    let (key, node) = stream.log.nodes().next().expect("one node");
    let mut copy = Stream::default();
    assert!(copy.log.append_node(key, node.clone()));
    assert!(!copy.log.append_node(key, node.clone()), "the same numbers once more");
    copy.check_invariants();
    assert!(
        copy.log
            .range(StreamId::MIN, StreamId::MAX)
            .map(|entry| entry.id)
            .eq((1..=5).map(|seq| StreamId::new(1, seq)))
    );
    for index in 0..node.view().len() {
        let mut broken = node.clone();
        let position = broken.view().nth(index).expect("an element");
        broken.delete(position);
        assert!(!Stream::default().log.append_node(key, broken), "without element {index}");
    }
    assert!(!Stream::default().log.append_node(key, Listpack::new()));
}
