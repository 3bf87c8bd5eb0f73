//! Lists against a naive twin, and the forms that they take.

use std::collections::VecDeque;

use kvd_structures::List;
use kvd_structures::list::{End, Limit, Side};
use proptest::prelude::*;

type TestList = List<Vec<u8>>;

fn texts(list: &TestList) -> Vec<Vec<u8>> {
    list.iter().map(|element| element.to_vec()).collect()
}

fn of(end: End, texts: &[&str], limit: Limit) -> TestList {
    let mut list = TestList::default();
    list.push(end, texts.iter().map(|text| text.as_bytes()), limit);
    list
}

fn is_packed(list: &TestList) -> bool {
    matches!(list, List::Packed(_))
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

fn numbered(count: usize, limit: Limit) -> TestList {
    let texts = numbers(0..count);
    let mut list = TestList::default();
    for text in &texts {
        list.push(End::Back, std::iter::once(text.as_bytes()), limit);
    }
    list
}

fn nodes(list: &TestList) -> usize {
    if let List::Large(large) = list { large.nodes().len() } else { 0 }
}

#[test]
fn a_list_is_packed_up_to_its_limit_and_again_at_half_of_it() {
    let limit = Limit::entries(8);
    let mut list = numbered(8, limit);
    assert!(is_packed(&list));
    list.push(End::Back, std::iter::once(&b"8"[..]), limit);
    assert_eq!(nodes(&list), 2);
    list.remove_at_end(End::Back, 4, limit);
    assert_eq!(nodes(&list), 1, "five are more than half");
    list.remove_at_end(End::Front, 1, limit);
    assert!(is_packed(&list));
    assert_eq!(texts(&list), ["1", "2", "3", "4"].map(Vec::from));
}

#[test]
fn bytes_are_reckoned_as_the_peers_reckon_them() {
    let limit = Limit::of_setting(-2);
    for (len, packed) in [(8185, true), (8186, false)] {
        assert_eq!(is_packed(&of(End::Back, &["x".repeat(len).as_str()], limit)), packed, "{len} bytes");
    }
    let one = "x".repeat(4080);
    for (len, packed) in [(4101, true), (4102, false)] {
        let mut list = of(End::Back, &[one.as_str()], limit);
        list.push(End::Back, std::iter::once("x".repeat(len).as_bytes()), limit);
        assert_eq!(is_packed(&list), packed, "{len} bytes after others");
    }
    for (len, packed) in [(4105, true), (4106, false)] {
        let list = of(End::Back, &[one.as_str(), "x".repeat(len).as_str()], limit);
        assert_eq!(is_packed(&list), packed, "{len} bytes with others");
    }
    // A node of 79 elements of 103 bytes, or of 4089 of 2 bytes, takes no other.
    for (text, count) in [("x".repeat(100), 79), ("7".to_owned(), 4089)] {
        let mut list = of(End::Back, &["z".repeat(9000).as_str()], limit);
        for _ in 0..count {
            list.push(End::Back, std::iter::once(text.as_bytes()), limit);
        }
        assert_eq!(nodes(&list), 2);
        list.push(End::Back, std::iter::once(text.as_bytes()), limit);
        assert_eq!(nodes(&list), 3);
    }
}

#[test]
fn a_large_element_is_a_node_of_its_own() {
    let limit = Limit::of_setting(-2);
    let large = vec![b'y'; 9000];
    let mut list = numbered(78, limit);
    assert!(list.set(5, &large, limit));
    assert_eq!((nodes(&list), list.get(5).map(|element| element.text_len())), (3, Some(9000)));
    assert!(list.set(5, b"1", limit), "small again: it joins what follows");
    assert_eq!(nodes(&list), 2);
    list.check_invariants();
    let mut list = of(End::Back, &["a", "b"], limit);
    assert!(list.set(0, &large, limit));
    assert!(list.set(0, b"a", limit));
    assert!(is_packed(&list));
}

#[test]
fn insertion_into_a_full_node_splits_it_and_joins_what_fits() {
    let limit = Limit::entries(8);
    let mut list = numbered(9, limit);
    assert!(list.insert(b"3", Side::Before, b"x", limit));
    assert!(list.insert(b"4", Side::After, b"y", limit));
    list.check_invariants();
    let expected = ["0", "1", "2", "x", "3", "4", "y", "5", "6", "7", "8"].map(Vec::from);
    assert_eq!(texts(&list), expected);
    assert_eq!(nodes(&list), 2);
    assert!(!list.insert(b"none", Side::After, b"y", limit));
}

#[test]
fn repeated_insertions_leave_nodes_that_are_well_filled() {
    let limit = Limit::entries(16);
    let mut list = numbered(17, limit);
    for number in 0..2000 {
        assert!(list.insert(b"8", Side::Before, format!("n{number}").as_bytes(), limit));
    }
    list.check_invariants();
    assert!(nodes(&list) < 2017 / 6, "{} nodes", nodes(&list));
}

#[test]
fn nodes_of_any_size_can_be_put_together() {
    let List::Packed(packed) = numbered(100, Limit::default()) else { panic!("a hundred are few") };
    let mut large = kvd_structures::list::Quicklist::default();
    large.push_listpack(packed.clone());
    large.push_plain(Box::from(&b"plain"[..]));
    large.push_listpack(packed);
    large.check_invariants();
    let list: TestList = List::Large(Box::new(large));
    assert_eq!((list.len(), nodes(&list)), (201, 3));
    assert_eq!(list.get(100).unwrap().to_vec(), b"plain");
    assert_eq!(list.get(200).unwrap().to_vec(), b"99");
}

#[test]
fn memory_follows_the_elements() {
    let limit = Limit::default();
    let mut list = numbered(100_000, limit);
    let full = list.memory_bytes();
    assert!((400_000..600_000).contains(&full), "{full} bytes");
    list.remove_at_end(End::Front, 99_000, limit);
    assert!(list.memory_bytes() < full / 20, "{} of {full} bytes", list.memory_bytes());
}

#[test]
fn what_is_cut_off_is_one_piece() {
    const COUNT: usize = 100_000;
    let limit = Limit::default();
    for end in [End::Front, End::Back] {
        for count in [0, 1, 5_000, 49_999, 50_001, 99_000, COUNT - 1, COUNT, COUNT + 1] {
            let mut list = numbered(COUNT, limit);
            let full = list.memory_bytes();
            let cut = list.cut_at_end(end, count, limit);
            let kept = match end {
                End::Front => count.min(COUNT)..COUNT,
                End::Back => 0..COUNT.saturating_sub(count),
            };
            let expected: Vec<Vec<u8>> = numbers(kept).into_iter().map(String::into_bytes).collect();
            assert_eq!(texts(&list), expected);
            list.check_invariants();
            assert_eq!(cut.is_some(), count >= 49_999, "few are freed at once: {count}");
            if let Some(cut) = cut {
                cut.check_invariants();
                assert!(cut.len() + 5_000 > count && cut.len() <= count, "{} of {count}", cut.len());
                assert!(list.memory_bytes() < full, "{} of {full}", list.memory_bytes());
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(bool, Vec<Text>),
    Pop(bool, usize),
    Cut(bool, usize),
    Rotate(bool, bool),
    Set(usize, Text),
    Insert(Text, bool, Text),
    RemoveEqual(Text, usize, bool),
}

/// Few, so that they are found again; now and then a large one.
#[derive(Clone, Debug)]
struct Text(u8);

impl Text {
    fn bytes(&self) -> Vec<u8> {
        match self.0 {
            number @ 0..12 => number.to_string().into_bytes(),
            other @ 12..15 => vec![b'a' + other; 40],
            other => vec![b'A' + other; 300],
        }
    }
}

fn text() -> impl Strategy<Value = Text> {
    (0u8..17).prop_map(Text)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), prop::collection::vec(text(), 1..6)).prop_map(|(end, texts)| Step::Push(end, texts)),
        1 => (any::<bool>(), 0usize..9).prop_map(|(end, count)| Step::Pop(end, count)),
        1 => (any::<bool>(), 0usize..90).prop_map(|(end, count)| Step::Cut(end, count)),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(from, to)| Step::Rotate(from, to)),
        2 => (0usize..80, text()).prop_map(|(index, text)| Step::Set(index, text)),
        3 => (text(), any::<bool>(), text()).prop_map(|(pivot, side, text)| Step::Insert(pivot, side, text)),
        1 => (text(), 0usize..5, any::<bool>()).prop_map(|(text, max, end)| Step::RemoveEqual(text, max, end)),
    ]
}

fn end(is_front: bool) -> End {
    if is_front { End::Front } else { End::Back }
}

fn apply(list: &mut TestList, twin: &mut VecDeque<Vec<u8>>, step: &Step, limit: Limit) {
    match step {
        Step::Push(is_front, texts) => {
            let texts: Vec<Vec<u8>> = texts.iter().map(Text::bytes).collect();
            list.push(end(*is_front), texts.iter().map(Vec::as_slice), limit);
            let push = if *is_front { VecDeque::push_front } else { VecDeque::push_back };
            texts.into_iter().for_each(|text| push(twin, text));
        }
        Step::Pop(is_front, count) | Step::Cut(is_front, count) => {
            match step {
                Step::Pop(..) => list.remove_at_end(end(*is_front), *count, limit),
                _ => drop(list.cut_at_end(end(*is_front), *count, limit)),
            }
            let count = (*count).min(twin.len());
            if *is_front {
                twin.drain(..count)
            } else {
                twin.drain(twin.len() - count..)
            };
        }
        Step::Rotate(from_front, to_front) => {
            list.rotate(end(*from_front), end(*to_front), limit);
            let taken = if *from_front { twin.pop_front() } else { twin.pop_back() };
            let push = if *to_front { VecDeque::push_front } else { VecDeque::push_back };
            taken.into_iter().for_each(|text| push(twin, text));
        }
        Step::Set(index, text) => {
            let is_there = list.set(*index, &text.bytes(), limit);
            assert_eq!(is_there, *index < twin.len());
            twin.get_mut(*index).into_iter().for_each(|own| *own = text.bytes());
        }
        Step::Insert(pivot, is_after, text) => {
            let side = if *is_after { Side::After } else { Side::Before };
            let found = twin.iter().position(|own| *own == pivot.bytes());
            assert_eq!(list.insert(&pivot.bytes(), side, &text.bytes(), limit), found.is_some());
            found.into_iter().for_each(|at| twin.insert(at + usize::from(*is_after), text.bytes()));
        }
        Step::RemoveEqual(text, max, is_front) => {
            let removed = list.remove_equal(&text.bytes(), *max, end(*is_front), limit);
            assert_eq!(removed, remove_equal(twin, &text.bytes(), *max, *is_front));
        }
    }
}

fn remove_equal(twin: &mut VecDeque<Vec<u8>>, text: &[u8], max: usize, is_front: bool) -> usize {
    let mut found: Vec<usize> = (0..twin.len()).filter(|&index| twin[index] == text).collect();
    if !is_front {
        found.reverse();
    }
    found.truncate(max);
    found.sort_unstable();
    found.iter().rev().for_each(|&index| drop(twin.remove(index)));
    found.len()
}

proptest! {
    #[test]
    fn a_list_is_what_a_row_of_texts_is(
        steps in prop::collection::vec(step(), 1..120),
        setting in prop::sample::select(vec![0i64, 1, 2, 3, 5, 8, 128, 200, -1, -2]),
        bytes in prop::option::of(40usize..200),
    ) {
        let limit = bytes.map_or(Limit::of_setting(setting), Limit::bytes);
        let mut list = TestList::default();
        let mut twin = VecDeque::new();
        for step in &steps {
            apply(&mut list, &mut twin, step, limit);
            list.check_invariants();
            list.clone().check_invariants();
            prop_assert_eq!(list.len(), twin.len());
            prop_assert!(list.iter().map(|element| element.to_vec()).eq(twin.iter().cloned()), "{:?}", step);
            let mut visited = Vec::new();
            list.iter_from(1).visit(twin.len() / 2, |element| visited.push(element.to_vec()));
            prop_assert!(visited.iter().eq(twin.iter().skip(1).take(twin.len() / 2)));
        }
        prop_assert!(list.iter().rev().map(|element| element.to_vec()).eq(twin.iter().rev().cloned()));
        for index in 0..=twin.len() {
            prop_assert_eq!(list.get(index).map(|element| element.to_vec()), twin.get(index).cloned());
            let rest = list.iter_from(index).map(|element| element.to_vec());
            prop_assert!(rest.eq(twin.iter().skip(index).cloned()));
        }
        for text in (0..17).map(|number| Text(number).bytes()) {
            let expected: Vec<usize> = (0..twin.len()).filter(|&index| twin[index] == text).collect();
            prop_assert_eq!(list.indexes_of(&text).collect::<Vec<_>>(), expected);
        }
        prop_assert_eq!(list.at(End::Front).map(|element| element.to_vec()), twin.front().cloned());
        prop_assert_eq!(list.at(End::Back).map(|element| element.to_vec()), twin.back().cloned());
    }
}
