//! Operations on a packed list beside the same on a vector of texts.
//!
//! Operations of four bytes: what, where, and two for a text. Texts are short, long, or integers of all widths.
use listpack::{Dialect, Element, Listpack};

/// Each operation is followed by a full comparison.
const OPERATIONS_MAX: usize = 200;

fn text(kind: u8, size: u8) -> Vec<u8> {
    let size = usize::from(size);
    let near = |bound: usize| bound + size % 16 - 8;
    match kind % 8 {
        0..=2 => vec![kind; size % 6],
        3 => (i64::from(kind) << (size % 56)).to_string().into_bytes(),
        4 => (-i64::from(kind) << (size % 56)).to_string().into_bytes(),
        5 => vec![b'x'; near(64)],
        6 => vec![b'y'; near(128)],
        _ => vec![b'z'; near([4096, 16_378][usize::from(kind / 8) % 2])],
    }
}

/// Checks one input.
pub fn listpack_ops(data: &[u8]) {
    let mut list = Listpack::new();
    let mut model: Vec<Vec<u8>> = Vec::new();
    for operation in data.chunks_exact(4).take(OPERATIONS_MAX) {
        let text = text(operation[2], operation[3]);
        let at = usize::from(operation[1]) % (model.len() + 1);
        let position = list.view().nth(at);
        match (operation[0] % 8, position) {
            (0, _) => {
                list.push_back(&text[..]).expect("far from too large");
                model.push(text);
            }
            (1, _) => {
                list.push_front(&text[..]).expect("far from too large");
                model.insert(0, text);
            }
            (2, _) => {
                let pair = [Element::Bytes(&text), Element::Int(i64::from(operation[3]))];
                list.insert(position, pair).expect("far from too large");
                model.splice(at..at, pair.map(Element::to_vec));
            }
            (3, Some(position)) => {
                list.replace(position, &text[..]).expect("far from too large");
                model[at] = text;
            }
            (4, Some(position)) => {
                assert_eq!(list.delete(position).is_some(), at + 1 < model.len());
                model.remove(at);
            }
            (5, Some(position)) => {
                let count = list.delete_run(position, usize::from(operation[3] % 4));
                model.drain(at..at + count);
            }
            (6, Some(position)) => {
                let back = list.split_off(position);
                back.check_invariants();
                list.concat(back.view()).expect("it was one list before");
            }
            _ => {
                let found = model.iter().position(|other| *other == text);
                let position = found.and_then(|index| list.view().nth(index));
                assert_eq!(list.view().find(&text, 0), position);
            }
        }
        list.check_invariants();
        assert!(list.view().iter().map(Element::to_vec).eq(model.iter().cloned()));
        assert!(list.view().iter().rev().map(Element::to_vec).eq(model.iter().rev().cloned()));
        let valkey = list.view().in_dialect(Dialect::Valkey).into_owned();
        assert_eq!(Listpack::from_bytes(valkey).as_ref(), Ok(&list));
    }
}
