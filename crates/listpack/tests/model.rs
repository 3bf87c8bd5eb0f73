//! Lists and sets against naive twins under operations by chance, and readers against any bytes.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;

use kvd_listpack::{Dialect, Element, Intset, IntsetRef, Listpack, ListpackRef, ZiplistRef, ZipmapRef};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Clone, Debug)]
enum Op {
    PushBack(Vec<u8>),
    PushFront(Vec<u8>),
    PushInt(i64),
    Append(Vec<Vec<u8>>),
    Insert(Index, Vec<Vec<u8>>),
    Replace(Index, Vec<u8>),
    Delete(Index),
    DeleteRun(Index, usize),
    SplitAndJoin(Index),
    SplitAndKeep(Index),
    Double,
    Find(Vec<u8>, usize),
    Clear,
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let run = |len| Just(vec![b'r'; len]);
    prop_oneof![
        8 => vec(proptest::sample::select(&b"ab0-1"[..]), 0..4),
        4 => any::<i64>().prop_map(|number| number.to_string().into_bytes()),
        4 => (-5000..5000_i64).prop_map(|number| number.to_string().into_bytes()),
        2 => vec(any::<u8>(), 0..80),
        1 => (120..130_usize).prop_flat_map(run),
        1 => (4090..4100_usize).prop_flat_map(run),
        1 => (16_370..16_390_usize).prop_flat_map(run),
    ]
}

fn any_op() -> impl Strategy<Value = Op> {
    let index = any::<Index>;
    prop_oneof![
        4 => text().prop_map(Op::PushBack),
        3 => text().prop_map(Op::PushFront),
        2 => any::<i64>().prop_map(Op::PushInt),
        2 => vec(text(), 0..4).prop_map(Op::Append),
        3 => (index(), vec(text(), 0..4)).prop_map(|(at, texts)| Op::Insert(at, texts)),
        4 => (index(), text()).prop_map(|(at, text)| Op::Replace(at, text)),
        4 => index().prop_map(Op::Delete),
        2 => (index(), 0..5_usize).prop_map(|(at, count)| Op::DeleteRun(at, count)),
        1 => index().prop_map(Op::SplitAndJoin),
        1 => index().prop_map(Op::SplitAndKeep),
        1 => Just(Op::Double),
        4 => (text(), 0..3_usize).prop_map(|(text, skip)| Op::Find(text, skip)),
        1 => Just(Op::Clear),
    ]
}

#[derive(Default)]
struct Twins {
    list: Listpack,
    model: Vec<Vec<u8>>,
}

fn elements(texts: &[Vec<u8>]) -> Vec<Element<'_>> {
    texts.iter().map(|text| Element::Bytes(text)).collect()
}

impl Twins {
    fn apply(&mut self, op: &Op) {
        let list = &mut self.list;
        match op {
            Op::PushBack(text) => {
                list.push_back(&text[..]).unwrap();
                self.model.push(text.clone());
            }
            Op::PushFront(text) => {
                list.push_front(&text[..]).unwrap();
                self.model.insert(0, text.clone());
            }
            Op::PushInt(number) => {
                list.push_back(*number).unwrap();
                self.model.push(number.to_string().into_bytes());
            }
            Op::Append(texts) => {
                list.append(elements(texts)).unwrap();
                self.model.extend_from_slice(texts);
            }
            Op::Insert(at, texts) => {
                let at = at.index(self.model.len() + 1);
                list.insert(list.view().nth(at), elements(texts)).unwrap();
                self.model.splice(at..at, texts.iter().cloned());
            }
            Op::Find(text, skip) => self.find(text, *skip),
            Op::Double => {
                // Kept small: what doubles each time grows beyond any test's patience.
                if self.model.len() < 100 && list.as_bytes().len() < 100_000 {
                    let copy = list.clone();
                    list.concat(copy.view()).unwrap();
                    self.model.extend_from_within(..);
                }
            }
            Op::Clear => {
                list.clear();
                self.model.clear();
            }
            Op::Replace(at, _)
            | Op::Delete(at)
            | Op::DeleteRun(at, _)
            | Op::SplitAndJoin(at)
            | Op::SplitAndKeep(at) => {
                if !self.model.is_empty() {
                    self.apply_at(at.index(self.model.len()), op);
                }
            }
        }
        self.check();
    }

    fn apply_at(&mut self, at: usize, op: &Op) {
        let (list, model) = (&mut self.list, &mut self.model);
        let position = list.view().nth(at).unwrap();
        match op {
            Op::Replace(_, text) => {
                list.replace(position, &text[..]).unwrap();
                model[at] = text.clone();
                assert_eq!(list.view().nth(at), Some(position));
            }
            Op::Delete(_) => {
                let next = list.delete(position);
                model.remove(at);
                assert_eq!(next.is_some(), at < model.len());
                assert_eq!(next, list.view().nth(at));
            }
            Op::DeleteRun(_, count) => {
                let end = model.len().min(at + count);
                assert_eq!(list.delete_run(position, *count), end - at);
                model.drain(at..end);
            }
            Op::SplitAndJoin(_) => {
                let back = list.split_off(position);
                back.check_invariants();
                list.check_invariants();
                assert_eq!((list.view().len(), back.view().len()), (at, model.len() - at));
                list.concat(back.view()).unwrap();
            }
            _ => {
                *list = list.split_off(position);
                model.drain(..at);
            }
        }
    }

    fn find(&self, text: &[u8], skip: usize) {
        let wanted = self.model.iter().step_by(skip + 1).position(|element| element == text);
        let expected = wanted.and_then(|index| self.list.view().nth(index * (skip + 1)));
        assert_eq!(self.list.view().find(text, skip), expected);
        for (index, text) in self.model.iter().enumerate().take(20) {
            let first = self.model.iter().position(|element| element == text);
            assert!(first <= Some(index));
            assert_eq!(self.list.view().find(text, 0), self.list.view().nth(first.unwrap()));
        }
    }

    fn check(&self) {
        self.list.check_invariants();
        let view = self.list.view();
        assert_eq!(view.len(), self.model.len());
        assert_eq!(view.is_empty(), self.model.is_empty());
        assert_eq!(view.iter().map(Element::to_vec).collect::<Vec<_>>(), self.model);
        assert!(view.iter().rev().map(Element::to_vec).eq(self.model.iter().rev().cloned()));
        assert!(view.iter().eq(elements(&self.model)));
        let packed: usize = elements(&self.model).into_iter().map(Element::packed_len).sum();
        assert_eq!(view.as_bytes().len(), 7 + packed);
        assert!(self.list.memory_bytes() <= 5 * view.as_bytes().len() / 2 + 16, "room in reserve");
        self.check_walks();
        let valkey = Listpack::from_bytes(view.in_dialect(Dialect::Valkey).into_owned()).unwrap();
        assert_eq!(valkey, self.list);
        assert_eq!(&valkey.view().in_dialect(Dialect::Redis)[..], view.as_bytes());
    }

    fn check_walks(&self) {
        let view = self.list.view();
        let there: Vec<_> = std::iter::successors(view.first(), |&position| view.next(position)).collect();
        let mut back: Vec<_> = std::iter::successors(view.last(), |&position| view.prev(position)).collect();
        back.reverse();
        assert_eq!(there, back);
        for (index, &position) in there.iter().enumerate() {
            assert_eq!(view.nth(index), Some(position));
            assert_eq!(view.nth_back(there.len() - 1 - index), Some(position));
            assert_eq!(view.iter_from(position).position(), Some(position));
            assert_eq!(view.at(position), view.get(index));
        }
        assert_eq!((view.nth(there.len()), view.nth_back(there.len())), (None, None));
    }
}

/// Reads in every way; what comes out doesn't matter.
fn read_all(list: ListpackRef<'_>) {
    let limit = list.as_bytes().len();
    assert!(
        list.iter().count() <= limit
            && list.iter().rev().count() <= limit
            && list.len() <= usize::from(u16::MAX) + limit
    );
    for text in [&b""[..], b"a", b"5", b"300"] {
        let _ = (list.find(text, 0), list.find(text, 1));
    }
    let _ = (
        list.first(),
        list.last(),
        list.nth(3),
        list.nth_back(3),
        list.get(1),
        list.in_dialect(Dialect::Valkey),
    );
    let mut both = list.iter();
    while both.next().is_some() && both.next_back().is_some() {}
    for at in list.iter().zip(0..).map(|(_, index)| index).take(50) {
        let _ = list.nth(at).map(|position| (list.next(position), list.prev(position), list.at(position)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_list_equals_its_twin(ops in vec(any_op(), 1..60)) {
        let mut twins = Twins::default();
        ops.iter().for_each(|op| twins.apply(op));
    }

    #[test]
    fn a_set_equals_its_twin(ops in vec((any::<bool>(), value()), 1..200)) {
        let (mut set, mut model) = (Intset::new(), BTreeSet::new());
        for (add, value) in ops {
            if add {
                prop_assert_eq!(set.insert(value), Ok(model.insert(value)));
            } else {
                prop_assert_eq!(set.remove(value), model.remove(&value));
            }
            set.check_invariants();
            let view = set.view();
            prop_assert!(view.iter().eq(model.iter().copied()));
            prop_assert!(view.iter().rev().eq(model.iter().rev().copied()));
            prop_assert_eq!(view.len(), model.len());
            prop_assert_eq!(view.contains(value), add);
            prop_assert_eq!(view.search(value).unwrap_or_else(|index| index), model.range(..value).count());
            prop_assert_eq!((view.first(), view.last()), (model.first().copied(), model.last().copied()));
            prop_assert!((0..view.len()).map(|index| view.get(index)).eq(model.iter().map(|&value| Some(value))));
        }
    }

    #[test]
    fn valid_bytes_that_were_changed_never_panic(texts in vec(text(), 0..8), changes in vec((any::<Index>(), any::<u8>()), 1..4)) {
        let mut list = Listpack::new();
        list.append(elements(&texts)).unwrap();
        let mut bytes = list.into_storage();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read_all(ListpackRef::trusted(&bytes));
        if let Ok(list) = ListpackRef::new(&bytes) {
            prop_assert_eq!(list.iter().count(), list.iter().rev().count());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_bytes_never_panic(bytes in vec(any::<u8>(), 0..60), skipped in 0..8_usize) {
        let bytes = &bytes[skipped.min(bytes.len())..];
        read_all(ListpackRef::trusted(bytes));
        let _ = (ListpackRef::new(bytes).is_ok(), Listpack::from_bytes(bytes.to_vec()).is_ok());
        let set = IntsetRef::trusted(bytes);
        prop_assert_eq!(set.iter().count(), set.len());
        let _ = (set.contains(5), set.first(), set.last(), set.get(9), IntsetRef::new(bytes).is_ok());
        prop_assert!(ZiplistRef::new(bytes).is_err() || bytes.len() > 10);
        let _ = ZipmapRef::new(bytes).map(|map| map.iter().count());
    }
}

fn value() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => -20..20_i64,
        2 => any::<i16>().prop_map(i64::from),
        1 => any::<i32>().prop_map(i64::from),
        1 => any::<i64>(),
    ]
}
