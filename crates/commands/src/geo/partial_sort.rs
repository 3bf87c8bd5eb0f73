//! Sorting the first few of many.
//!
//! Which of several places at the same distance are among the first ones, and in which order, follows from the algorithm. It is the one of the
//! peers: the quicksort by Bentley and McIlroy ("Engineering a sort function", 1993), which here leaves alone what lies behind the first ones.
//!
//! ```text
//!  pivot
//! | equal | less | not looked at yet | greater | equal |       equal ones gather at both ends
//!         a      b                   c         d               and are swapped into the middle at last
//! ```
//!
//! What was made to be slow is sorted in another way when it takes too long.

use std::cmp::Ordering;
use std::ops::Range;

/// Shorter ranges are sorted by insertion.
const QUICK_MIN: usize = 7;
/// In longer ones the pivot is the middle of three middles of three.
const NINE_MIN: usize = 41;

/// Sorts by `compare` so far that the first `count` items are in their places. If that takes too long, `tie` says which of two equal ones comes
/// first.
pub(super) fn partial_sort<T>(
    items: &mut [T],
    count: usize,
    compare: impl Fn(&T, &T) -> Ordering,
    tie: impl Fn(&T, &T) -> Ordering,
) {
    let rounds = 4 * (usize::BITS - items.len().leading_zeros());
    Sort { compare, tie }.sort(items, count, rounds);
}

struct Sort<C, D> {
    compare: C,
    tie: D,
}

impl<C, D> Sort<C, D> {
    /// After so many rounds, of which each leaves only parts to be sorted, the rest is sorted in another way.
    fn sort<T>(&self, mut items: &mut [T], mut count: usize, mut rounds: u32)
    where
        C: Fn(&T, &T) -> Ordering,
        D: Fn(&T, &T) -> Ordering,
    {
        while items.len() >= QUICK_MIN {
            let Some(left) = rounds.checked_sub(1) else {
                return items.sort_unstable_by(|a, b| (self.compare)(a, b).then_with(|| (self.tie)(a, b)));
            };
            rounds = left;
            let (less, greater) = self.divide(items);
            self.sort(&mut items[less], count, rounds);
            if greater.start >= count {
                return;
            }
            count -= greater.start;
            items = &mut items[greater];
        }
        self.insert(items);
    }

    fn insert<T>(&self, items: &mut [T])
    where
        C: Fn(&T, &T) -> Ordering,
    {
        for end in 1..items.len() {
            let mut at = end;
            while at > 0 && (self.compare)(&items[at - 1], &items[at]).is_gt() {
                items.swap(at - 1, at);
                at -= 1;
            }
        }
    }

    /// Divides into those before a pivot, those equal to it, and those behind it. Returns the first and the last part.
    fn divide<T>(&self, items: &mut [T]) -> (Range<usize>, Range<usize>)
    where
        C: Fn(&T, &T) -> Ordering,
    {
        items.swap(0, self.pivot(items));
        let end = items.len();
        // a and b are the first places behind what they stand for, as in the picture; so are c and d, counted from the end.
        let (mut a, mut b, mut c, mut d) = (1, 1, end, end);
        loop {
            while b < c {
                match (self.compare)(&items[b], &items[0]) {
                    Ordering::Greater => break,
                    Ordering::Equal => {
                        items.swap(a, b);
                        a += 1;
                    }
                    Ordering::Less => {}
                }
                b += 1;
            }
            while b < c {
                match (self.compare)(&items[c - 1], &items[0]) {
                    Ordering::Less => break,
                    Ordering::Equal => {
                        items.swap(c - 1, d - 1);
                        d -= 1;
                    }
                    Ordering::Greater => {}
                }
                c -= 1;
            }
            if b >= c {
                break;
            }
            items.swap(b, c - 1);
            b += 1;
            c -= 1;
        }
        swap_ends(&mut items[..b], a);
        swap_ends(&mut items[b..], d - c);
        (0..b - a, end - (d - c)..end)
    }

    fn pivot<T>(&self, items: &[T]) -> usize
    where
        C: Fn(&T, &T) -> Ordering,
    {
        let (len, middle) = (items.len(), items.len() / 2);
        if len == QUICK_MIN {
            return middle;
        }
        if len < NINE_MIN {
            return self.median(items, [0, middle, len - 1]);
        }
        let step = len / 8;
        let first = self.median(items, [0, step, 2 * step]);
        let second = self.median(items, [middle - step, middle, middle + step]);
        let third = self.median(items, [len - 1 - 2 * step, len - 1 - step, len - 1]);
        self.median(items, [first, second, third])
    }

    /// The place of the middle one of three.
    fn median<T>(&self, items: &[T], [a, b, c]: [usize; 3]) -> usize
    where
        C: Fn(&T, &T) -> Ordering,
    {
        let compare = |x: usize, y: usize| (self.compare)(&items[x], &items[y]);
        if compare(a, b).is_lt() {
            if compare(b, c).is_lt() {
                b
            } else if compare(a, c).is_lt() {
                c
            } else {
                a
            }
        } else if compare(b, c).is_gt() {
            b
        } else if compare(a, c).is_lt() {
            a
        } else {
            c
        }
    }
}

/// Swaps the first `count` items with as many at the end, or fewer if there are fewer others.
fn swap_ends<T>(items: &mut [T], count: usize) {
    let end = items.len();
    let swapped = count.min(end - count);
    let (front, back) = items.split_at_mut(end - swapped);
    front[..swapped].swap_with_slice(back);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items are keys with their places before.
    fn sorted(keys: &[u32], count: usize) -> Vec<(u32, usize)> {
        let mut items: Vec<(u32, usize)> = keys.iter().copied().zip(0..).collect();
        partial_sort(&mut items, count, |a, b| a.0.cmp(&b.0), |a, b| a.1.cmp(&b.1));
        items
    }

    #[test]
    fn the_first_ones_are_those_of_the_sorted_whole_and_none_is_lost() {
        let mut random = fastrand::Rng::with_seed(3);
        for len in (0_usize..60).chain([100, 333, 1000]) {
            for different in [1, 2, 5, 50, 100_000] {
                let keys: Vec<u32> = (0..len).map(|_| random.u32(0..different)).collect();
                let mut whole = keys.clone();
                whole.sort_unstable();
                for count in
                    [0, 1, 2, len / 2, len.saturating_sub(1), len].into_iter().filter(|count| *count <= len)
                {
                    let items = sorted(&keys, count);
                    let first: Vec<u32> = items.iter().take(count).map(|(key, _)| *key).collect();
                    assert_eq!(first, whole[..count], "{keys:?}");
                    let mut places: Vec<usize> = items.iter().map(|(_, place)| *place).collect();
                    places.sort_unstable();
                    assert!(places.into_iter().eq(0..len), "{keys:?}");
                }
            }
        }
    }

    #[test]
    fn equal_ones_come_in_the_order_in_which_the_peers_have_them() {
        let places = |keys: &[u32], count: usize| {
            sorted(keys, count).into_iter().take(count).map(|(_, place)| place).collect::<Vec<_>>()
        };
        assert_eq!(places(&[7; 8], 5), [7, 1, 2, 3, 4]);
        assert_eq!(places(&[3, 1, 2].repeat(5), 7), [1, 10, 7, 13, 4, 14, 2]);
        assert_eq!(places(&[0, 1, 1, 2].repeat(12), 9), [8, 16, 44, 4, 0, 20, 36, 12, 28]);
    }

    #[test]
    fn what_was_made_to_be_slow_takes_no_more_than_its_rounds() {
        const LEN: usize = 20_000;
        let compared = std::cell::Cell::new(0_u64);
        // An adversary (McIlroy, 1999): a key is fixed when it has to be, so that each pivot is among the smallest.
        let keys: Vec<std::cell::Cell<usize>> = (0..LEN).map(|_| std::cell::Cell::new(LEN)).collect();
        let (fixed, candidate) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let compare = |a: &usize, b: &usize| {
            compared.set(compared.get() + 1);
            if keys[*a].get() == LEN && keys[*b].get() == LEN {
                let pivot = if *a == candidate.get() { *a } else { *b };
                keys[pivot].set(fixed.replace(fixed.get() + 1));
            }
            if keys[*a].get() == LEN {
                candidate.set(*a);
            } else if keys[*b].get() == LEN {
                candidate.set(*b);
            }
            keys[*a].get().cmp(&keys[*b].get())
        };
        let mut items: Vec<usize> = (0..LEN).collect();
        partial_sort(&mut items, LEN, compare, |a, b| a.cmp(b));
        assert!(items.is_sorted_by_key(|item| keys[*item].get()));
        assert!(compared.get() < 200 * LEN as u64, "{}", compared.get());
    }
}
