//! Taking a key out.

use super::keys::{Names, Probe};
use super::node::{NONE, Node};
use super::order::{Path, Step, Tree};
use crate::elements::Handle;

impl<const N: usize> Tree<N> {
    /// A node with fewer entries is joined to a neighbour, or gets some from it. For a third of `N` neighbours that are evened out
    /// stay clear of it for a while.
    pub(super) const LEN_MIN: usize = if N / 3 < 2 { 2 } else { N / 3 };

    /// Neighbours with no more entries together are joined, and have room then.
    const JOINS_UPTO: usize = N - N / 8 - 1;

    const CHECK: () =
        assert!(Self::JOINS_UPTO >= 2 * Self::LEN_MIN - 1, "two that are evened out are not too small");

    /// Takes out the key that the probe is, and returns its handle. Names must be there until the call returns.
    pub(crate) fn remove(&mut self, probe: Probe<'_>, names: &impl Names) -> Handle {
        let path = self.path_to(probe, names);
        self.remove_at(path, names)
    }

    /// Takes out the key of this rank, which is below the number of keys.
    pub(crate) fn remove_rank(&mut self, rank: usize, names: &impl Names) -> (f64, Handle) {
        let path = self.path_to_rank(rank);
        let Step { node, at } = path.leaf();
        let score = self.leaves[node].keys.scores()[at as usize];
        (score, self.remove_at(path, names))
    }

    fn remove_at(&mut self, mut path: Path, names: &impl Names) -> Handle {
        let () = Self::CHECK;
        let Step { node, at } = path.leaf();
        let keys = &mut self.leaves[node].keys;
        let handle = keys.handle(at as usize);
        keys.remove(at as usize);
        self.len -= 1;
        let first = (at == 0 && keys.len() > 0).then(|| keys.key(0));
        let is_small = keys.len() < Self::LEN_MIN;
        for step in path.inner() {
            self.inner[step.node].counts[step.at as usize] -= 1;
        }
        if is_small && self.height > 0 {
            self.mend(&mut path, names);
        } else if let Some(first) = first {
            self.retitle(&path, first);
        }
        handle
    }

    /// After a removal from a leaf that has become small: joins or evens out what is small on the way up, and renews the titles.
    #[cold]
    fn mend(&mut self, path: &mut Path, names: &impl Names) {
        for level in (0..path.height).rev() {
            let Step { node, at } = path.steps[level];
            let child = self.inner[node].children[at as usize];
            if self.len_at(level + 1, child) >= Self::LEN_MIN {
                self.renew(Step { node, at }, level);
                continue;
            }
            // A node has two children at least; of the last, the neighbour is the one before.
            let left = if at as usize + 1 < self.inner[node].len() { at } else { at - 1 };
            self.join_or_even(path, level, left, names);
        }
        while self.height > 0 && self.inner[self.root].len() == 1 {
            let old = self.root;
            self.root = self.inner[old].children[0];
            self.height -= 1;
            self.free_inner(old, path, names);
        }
    }

    /// Makes of two neighbours one, or two of equal size. They are children of the node at `level` of the path.
    fn join_or_even(&mut self, path: &mut Path, level: usize, left: u32, names: &impl Names) {
        let parent = Step { node: path.steps[level].node, at: left };
        let inner = &self.inner[parent.node];
        let (a, b) = (inner.children[left as usize], inner.children[left as usize + 1]);
        if self.len_at(level + 1, a) + self.len_at(level + 1, b) > Self::JOINS_UPTO {
            return self.even_out(parent, level);
        }
        self.inner[parent.node].remove(left as usize + 1);
        if level + 1 == self.height {
            let [leaf, emptied] = self.leaves.pair_mut(a, b);
            leaf.take_right(emptied, emptied.keys.len());
            leaf.after = emptied.after;
            match leaf.after {
                NONE => self.last = a,
                after => self.leaves[after].before = a,
            }
            self.renew(parent, level);
            self.free_leaf(b, names);
        } else {
            let [inner, emptied] = self.inner.pair_mut(a, b);
            inner.take_right(emptied, emptied.len());
            self.renew(parent, level);
            self.free_inner(b, path, names);
        }
    }

    /// Frees a leaf that nothing refers to.
    fn free_leaf(&mut self, number: u32, names: &impl Names) {
        let Some(from) = self.leaves.swap_remove(number) else { return };
        let (before, after) = (self.leaves[number].before, self.leaves[number].after);
        match before {
            NONE => self.first = number,
            before => self.leaves[before].after = number,
        }
        match after {
            NONE => self.last = number,
            after => self.leaves[after].before = number,
        }
        let key = self.leaves[number].keys.key(0);
        self.redirect(key, from, number, self.height, names);
    }

    /// Frees an inner node that nothing refers to. The path is mended too, if the one that moves is on it.
    fn free_inner(&mut self, number: u32, path: &mut Path, names: &impl Names) {
        let Some(from) = self.inner.swap_remove(number) else { return };
        for step in &mut path.steps[..path.height] {
            if step.node == from {
                step.node = number;
            }
        }
        let key = self.inner[number].titles.key(0);
        self.redirect(key, from, number, self.height - 1, names);
    }

    /// Makes the reference to node `from`, which leads down to `key` in at most `levels` steps, one to node `to`.
    fn redirect(
        &mut self,
        (score, handle): (f64, Handle),
        from: u32,
        to: u32,
        levels: usize,
        names: &impl Names,
    ) {
        let leaves_are_meant = levels == self.height;
        if self.root == from && (leaves_are_meant == (self.height == 0)) {
            self.root = to;
            return;
        }
        let probe = Probe { score, name: names.name(handle) };
        let mut node = self.root;
        for level in 0..levels {
            let inner = &mut self.inner[node];
            let at = inner.titles.position_behind(probe, names).saturating_sub(1);
            let is_last = level + 1 == levels;
            if inner.children[at] == from && (is_last || !leaves_are_meant) {
                inner.children[at] = to;
                return;
            }
            node = inner.children[at];
        }
        unreachable!("every node but the root has a parent");
    }
}
