//! What can be read and makes no sense.

use kvd_rdb::{
    Checked, Checker, Consumer, Dialect, Element, Error, Group, Item, Meta, Pending, ReadOptions, Reader,
    StreamId, StreamMetadata, StreamPart, ValueWriter, WriteError, WriteOptions, Writer,
};
use listpack::Listpack;

type Out<'a> = ValueWriter<'a, Vec<u8>>;

/// What is found in the one value of a file.
fn check(write: impl FnOnce(Out<'_>) -> Result<(), WriteError>) -> Result<Checked, Error> {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(11))).unwrap();
    write(writer.entry(b"key", Meta::default()).unwrap()).unwrap();
    let file = writer.finish().unwrap();
    let mut reader = Reader::new(&file[..], ReadOptions::default()).unwrap();
    let Some(Item::Entry(entry)) = reader.next_item().unwrap() else { panic!("no entry") };
    Checker::new().check(entry)
}

fn reason(write: impl FnOnce(Out<'_>) -> Result<(), WriteError>) -> String {
    check(write).unwrap_err().kind.to_string()
}

fn packed(elements: &[&str]) -> Listpack {
    let mut list = Listpack::new();
    list.append(elements.iter().map(|element| Element::Bytes(element.as_bytes()))).unwrap();
    list
}

const ID: StreamId = StreamId { ms: 1, seq: 1 };

/// A stream with one entry, and a group for which it is pending.
fn stream(write: Out<'_>, length: u64, last_id: StreamId, owned: &[StreamId]) -> Result<(), WriteError> {
    let entries = packed(&["1", "0", "1", "f", "0", "2", "0", "0", "v", "4"]);
    let pending = Pending { id: ID, delivered_at_ms: 5, deliveries: 1 };
    let name = Element::Bytes(b"g");
    let metadata = StreamMetadata {
        length,
        last_id,
        first_id: Some(ID),
        max_deleted_id: StreamId::default(),
        entries_added: 1,
        groups: 1,
    };
    let consumer = Consumer { name, seen_at_ms: 5, active_at_ms: Some(5), pending: owned.len() as u64 };
    let mut parts = vec![
        StreamPart::Node { id: ID, packed: entries.view() },
        StreamPart::Metadata(metadata),
        StreamPart::Group(Group { name, last_id: ID, entries_read: Some(1), pending: 1 }),
        StreamPart::Pending(pending),
        StreamPart::Consumers(1),
        StreamPart::Consumer(consumer),
    ];
    parts.extend(owned.iter().map(|id| StreamPart::Owned(*id)));
    let mut writer = write.stream(1)?;
    parts.into_iter().try_for_each(|part| writer.part(part))
}

#[test]
fn what_servers_write_is_found_good_and_counted() {
    let checked = check(|value| stream(value, 1, ID, &[ID])).unwrap();
    assert_eq!((checked.elements, checked.groups), (1, 1));
    let checked = check(|value| value.set_packed(packed(&["a", "b"]).view())).unwrap();
    assert_eq!((checked.elements, checked.is_partial), (2, false));
    let checked = check(|value| value.string(b"x")).unwrap();
    assert_eq!(checked.elements, 1);
}

#[test]
fn members_and_fields_are_there_once() {
    const TWICE: &str = "a member, field or consumer is there twice";
    assert_eq!(reason(|value| value.set_packed(packed(&["a", "b", "a"]).view())), TWICE);
    assert_eq!(reason(|value| value.hash_packed(packed(&["f", "1", "f", "2"]).view())), TWICE);
    assert_eq!(reason(|value| value.sorted_set_packed(packed(&["m", "1", "m", "2"]).view())), TWICE);
}

#[test]
fn collections_have_elements() {
    assert_eq!(reason(|value| value.set(0).map(|_| ())), "a collection without elements");
    assert_eq!(reason(|value| value.list(0).map(|_| ())), "a collection without elements");
}

#[test]
fn streams_do_not_contradict_themselves() {
    let counts = "a stream whose length or last id contradicts its entries";
    assert_eq!(reason(|value| stream(value, 2, ID, &[ID])), counts);
    assert_eq!(reason(|value| stream(value, 1, StreamId { ms: 1, seq: 0 }, &[ID])), counts);
    let owner = "a stream's group whose pending entries aren't those of its consumers";
    assert_eq!(reason(|value| stream(value, 1, ID, &[])), owner);
    assert_eq!(reason(|value| stream(value, 1, ID, &[StreamId { ms: 9, seq: 9 }])), owner);
    assert_eq!(reason(|value| stream(value, 1, ID, &[ID, ID])), owner);
}
