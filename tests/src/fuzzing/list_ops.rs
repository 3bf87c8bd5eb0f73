//! Operations on a list of small listpacks beside the same on a `VecDeque`.
//!
//! The first byte chooses how large a listpack may be; then operations of three bytes: what, where, which text.

use std::collections::VecDeque;

use structures::List;
use structures::list::{End, Limit, Side};

/// All is checked after each operation; more of them would only take longer.
const OPERATIONS_MAX: usize = 512;

/// Checks one input.
pub fn list_ops(data: &[u8]) {
    let Some((choice, operations)) = data.split_first() else { return };
    let limit = match choice % 16 {
        count @ 0..9 => Limit::entries(usize::from(count)),
        class => Limit::bytes(32 << (class - 9)),
    };
    let mut list: List<Vec<u8>> = List::default();
    let mut twin: VecDeque<Vec<u8>> = VecDeque::new();
    for operation in operations.chunks_exact(3).take(OPERATIONS_MAX) {
        apply(&mut list, &mut twin, [operation[0], operation[1], operation[2]], limit);
        list.check_invariants();
        assert_eq!(list.len(), twin.len());
        assert!(list.iter().map(|element| element.to_vec()).eq(twin.iter().cloned()));
        assert!(list.iter().rev().map(|element| element.to_vec()).eq(twin.iter().rev().cloned()));
        let index = usize::from(operation[1]);
        assert_eq!(list.get(index).map(|element| element.to_vec()), twin.get(index).cloned());
        assert!(list.iter_from(index).map(|element| element.to_vec()).eq(twin.iter().skip(index).cloned()));
        let text = text_of(operation[2]);
        assert!(list.indexes_of(&text).eq((0..twin.len()).filter(|&index| twin[index] == text)));
    }
}

fn apply(list: &mut List<Vec<u8>>, twin: &mut VecDeque<Vec<u8>>, step: [u8; 3], limit: Limit) {
    let [what, index, text] = step;
    let (index, text) = (usize::from(index), text_of(text));
    let end = if what & 8 == 0 { End::Front } else { End::Back };
    let push = if end == End::Front { VecDeque::push_front } else { VecDeque::push_back };
    match what % 8 {
        0..=2 => {
            let count = index % 4 + 1;
            list.push(end, std::iter::repeat_n(&text[..], count), limit);
            (0..count).for_each(|_| push(twin, text.clone()));
        }
        3 => {
            let count = (index % 8).min(twin.len());
            list.remove_at_end(end, index % 8, limit);
            if end == End::Front {
                twin.drain(..count)
            } else {
                twin.drain(twin.len() - count..)
            };
        }
        4 => {
            assert_eq!(list.set(index, &text, limit), index < twin.len());
            twin.get_mut(index).into_iter().for_each(|own| own.clone_from(&text));
        }
        5 => {
            let pivot = text_of(index as u8);
            let side = if what & 16 == 0 { Side::Before } else { Side::After };
            let found = twin.iter().position(|own| *own == pivot);
            assert_eq!(list.insert(&pivot, side, &text, limit), found.is_some());
            found.into_iter().for_each(|at| twin.insert(at + usize::from(side == Side::After), text.clone()));
        }
        6 => {
            let mut found: Vec<usize> = (0..twin.len()).filter(|&at| twin[at] == text).collect();
            let max = if index == 0 { usize::MAX } else { index % 8 };
            let count = found.len().min(max);
            assert_eq!(list.remove_equal(&text, max, end, limit), count);
            let removed = if end == End::Front { 0..count } else { found.len() - count..found.len() };
            found.drain(removed).rev().for_each(|at| drop(twin.remove(at)));
        }
        _ => {
            let from = if what & 16 == 0 { End::Front } else { End::Back };
            list.rotate(from, end, limit);
            let taken = if from == End::Front { twin.pop_front() } else { twin.pop_back() };
            taken.into_iter().for_each(|taken| push(twin, taken));
        }
    }
}

/// Few, so that they are found again: integers, texts of several lengths, one longer than many a limit.
fn text_of(number: u8) -> Vec<u8> {
    match number % 16 {
        integer @ 0..10 => (i64::from(integer) * 12_345 - 20_000).to_string().into_bytes(),
        text @ 10..15 => vec![b'a' + text; usize::from(text - 10) * 15],
        _ => vec![b'z'; 300],
    }
}
