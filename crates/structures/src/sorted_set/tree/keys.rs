//! The keys of a node: columns of scores and handles, in order.

use crate::elements::{Elements, Handle, Layout};

/// Tells the name that a handle stands for.
pub(crate) trait Names {
    fn name(&self, handle: Handle) -> &[u8];
}

impl<L: Layout> Names for Elements<L> {
    #[inline]
    fn name(&self, handle: Handle) -> &[u8] {
        Elements::name(self, handle)
    }
}

/// A key that is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Probe<'a> {
    pub(crate) score: f64,
    pub(crate) name: &'a [u8],
}

/// Up to `N` keys.
pub(crate) struct Keys<const N: usize> {
    len: u32,
    /// Never NaN, in ascending order.
    scores: [f64; N],
    /// The lowest 32 bits of the handles.
    low: [u32; N],
    /// The eight bits above.
    high: [u8; N],
}

/// Neighbouring keys of a node.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) scores: &'a [f64],
    low: &'a [u32],
    high: &'a [u8],
}

impl Run<'_> {
    /// The handle of the key with this index in the run, if there is one.
    #[inline]
    pub(crate) fn handle(&self, index: usize) -> Option<Handle> {
        Some(Handle::joined(*self.low.get(index)?, *self.high.get(index)?))
    }
}

impl<const N: usize> Keys<N> {
    /// The keys from one position up to another, which are there.
    #[inline]
    pub(crate) fn run(&self, start: usize, end: usize) -> Run<'_> {
        Run { scores: &self.scores[start..end], low: &self.low[start..end], high: &self.high[start..end] }
    }

    pub(crate) const fn new() -> Self {
        Self { len: 0, scores: [0.0; N], low: [0; N], high: [0; N] }
    }

    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    #[inline]
    pub(crate) fn scores(&self) -> &[f64] {
        &self.scores[..self.len()]
    }

    #[inline]
    pub(crate) fn key(&self, at: usize) -> (f64, Handle) {
        (self.scores[at], self.handle(at))
    }

    #[inline]
    pub(crate) fn handle(&self, at: usize) -> Handle {
        Handle::joined(self.low[at], self.high[at])
    }

    #[inline]
    pub(crate) fn replace(&mut self, at: usize, (score, handle): (f64, Handle)) {
        self.scores[at] = score;
        self.low[at] = handle.low();
        self.high[at] = handle.high();
    }

    /// How many scores are less than this one. Looks at all of them, since that takes no branch and lets all cache lines come at once.
    #[inline]
    pub(crate) fn count_below(&self, score: f64) -> usize {
        self.scores().iter().map(|&other| u64::from(other < score)).sum::<u64>() as usize
    }

    /// How many scores are this one or less.
    #[inline]
    pub(crate) fn count_upto(&self, score: f64) -> usize {
        self.scores().iter().map(|&other| u64::from(other <= score)).sum::<u64>() as usize
    }

    /// How many keys come before the probe.
    #[inline]
    pub(crate) fn position(&self, probe: Probe<'_>, names: &impl Names) -> usize {
        let below = self.count_below(probe.score);
        let run = self.run_len(below, probe.score);
        if run == 0 {
            return below;
        }
        self.partition(below, below + run, |handle| names.name(handle) < probe.name)
    }

    /// How many keys come before the probe or are it.
    #[inline]
    pub(crate) fn position_behind(&self, probe: Probe<'_>, names: &impl Names) -> usize {
        let below = self.count_below(probe.score);
        let run = self.run_len(below, probe.score);
        if run == 0 {
            return below;
        }
        self.partition(below, below + run, |handle| names.name(handle) <= probe.name)
    }

    /// The first position from `start` to `end` whose handle is not `before`, all handles that are standing first.
    #[inline]
    pub(crate) fn partition(&self, start: usize, end: usize, before: impl Fn(Handle) -> bool) -> usize {
        let (mut start, mut end) = (start, end);
        while start < end {
            let middle = start.midpoint(end);
            if before(self.handle(middle)) {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        start
    }

    #[inline]
    pub(crate) fn insert(&mut self, at: usize, (score, handle): (f64, Handle)) {
        let len = self.len();
        insert_into(&mut self.scores, len, at, score);
        insert_into(&mut self.low, len, at, handle.low());
        insert_into(&mut self.high, len, at, handle.high());
        self.len += 1;
    }

    #[inline]
    pub(crate) fn remove(&mut self, at: usize) {
        let len = self.len();
        remove_from(&mut self.scores, len, at);
        remove_from(&mut self.low, len, at);
        remove_from(&mut self.high, len, at);
        self.len -= 1;
    }

    /// Moves the last `count` keys to the front of the node after this one.
    pub(crate) fn give_right(&mut self, right: &mut Self, count: usize) {
        let lens = (self.len(), right.len());
        move_right(&mut self.scores, &mut right.scores, lens, count);
        move_right(&mut self.low, &mut right.low, lens, count);
        move_right(&mut self.high, &mut right.high, lens, count);
        self.len -= count as u32;
        right.len += count as u32;
    }

    /// Takes the first `count` keys of the node after this one.
    pub(crate) fn take_right(&mut self, right: &mut Self, count: usize) {
        let lens = (self.len(), right.len());
        move_left(&mut self.scores, &mut right.scores, lens, count);
        move_left(&mut self.low, &mut right.low, lens, count);
        move_left(&mut self.high, &mut right.high, lens, count);
        self.len += count as u32;
        right.len -= count as u32;
    }

    /// Keys of this score from `below` on, which is the first that is not less.
    #[inline]
    fn run_len(&self, below: usize, score: f64) -> usize {
        self.scores()[below..].iter().take_while(|&&other| other == score).count()
    }
}

/// Puts a value into a column of `len` values.
#[inline]
pub(crate) fn insert_into<T: Copy>(column: &mut [T], len: usize, at: usize, value: T) {
    column.copy_within(at..len, at + 1);
    column[at] = value;
}

/// Takes a value out of a column of `len` values.
#[inline]
pub(crate) fn remove_from<T: Copy>(column: &mut [T], len: usize, at: usize) {
    column.copy_within(at + 1..len, at);
}

/// Moves the last `count` values of the left column to the front of the right one.
pub(crate) fn move_right<T: Copy>(left: &mut [T], right: &mut [T], lens: (usize, usize), count: usize) {
    right.copy_within(..lens.1, count);
    right[..count].copy_from_slice(&left[lens.0 - count..lens.0]);
}

/// Moves the first `count` values of the right column behind the left one.
pub(crate) fn move_left<T: Copy>(left: &mut [T], right: &mut [T], lens: (usize, usize), count: usize) {
    left[lens.0..lens.0 + count].copy_from_slice(&right[..count]);
    right.copy_within(count..lens.1, 0);
}
