//! Adding a key.

use super::keys::{Names, Probe};
use super::node::{Inner, Leaf, NONE, Node};
use super::order::{Path, Step, Tree};
use crate::elements::Handle;

impl<const N: usize> Tree<N> {
    /// A leaf with more keys takes none from a full neighbour: it would soon be full itself. With so many both have room when they have been
    /// evened out.
    const SHARES_UPTO: usize = N - N / 8 - 2;

    /// Adds a key that is not there.
    pub(crate) fn insert(&mut self, score: f64, handle: Handle, names: &impl Names) {
        let path = self.path_to(Probe { score, name: names.name(handle) }, names);
        self.insert_on(path, score, handle, names);
    }

    /// Adds a key that is not there, to where this path leads.
    #[inline]
    pub(crate) fn insert_on(&mut self, mut path: Path, score: f64, handle: Handle, names: &impl Names) {
        while self.leaves[path.leaf().node].keys.len() == N {
            self.make_room(&path);
            path = self.path_to(Probe { score, name: names.name(handle) }, names);
        }
        self.insert_at(&path, (score, handle));
    }

    /// Adds a key at the end of a path to a leaf that has room.
    fn insert_at(&mut self, path: &Path, key: (f64, Handle)) {
        let Step { node, at } = path.leaf();
        self.leaves[node].keys.insert(at as usize, key);
        for step in path.inner() {
            self.inner[step.node].counts[step.at as usize] += 1;
        }
        if at == 0 {
            self.retitle(path, key);
        }
        self.len += 1;
    }

    /// Does one step of what it takes to make room at the end of a path, to a leaf that is full.
    #[cold]
    fn make_room(&mut self, path: &Path) {
        let Step { node, at } = path.leaf();
        let leaf = &self.leaves[node];
        let at_an_end = (leaf.after == NONE && at as usize == N) || (leaf.before == NONE && at == 0);
        if !at_an_end && self.share(path) {
            return;
        }
        // The topmost of the full nodes above the leaf: its parent has room for one more.
        let mut level = self.height;
        while level > 0 && self.inner[path.steps[level - 1].node].len() == N {
            level -= 1;
        }
        if level == 0 {
            let root = self.new_root();
            self.split(Step { node: root, at: 0 }, 0, path, 0);
        } else {
            self.split(path.steps[level - 1], level - 1, path, level);
        }
    }

    /// Evens out the full leaf with a neighbour that has room. Without this leaves would be 69 % full on average, with it some
    /// 80 %.
    fn share(&mut self, path: &Path) -> bool {
        let Some(&parent) = path.inner().last() else { return false };
        let inner = &self.inner[parent.node];
        let at = parent.at as usize;
        let has_room = |child: u32| self.leaves[child].keys.len() <= Self::SHARES_UPTO;
        let left = if at + 1 < inner.len() && has_room(inner.children[at + 1]) {
            at
        } else if at > 0 && has_room(inner.children[at - 1]) {
            at - 1
        } else {
            return false;
        };
        self.even_out(Step { node: parent.node, at: left as u32 }, self.height - 1);
        true
    }

    /// Lets a child, the one at `parent.at`, and the one after it have as many entries each. `level` is the parent's.
    pub(super) fn even_out(&mut self, parent: Step, level: usize) {
        let at = parent.at as usize;
        let inner = &self.inner[parent.node];
        let (left, right) = (inner.children[at], inner.children[at + 1]);
        if level + 1 == self.height {
            even(self.leaves.pair_mut(left, right));
        } else {
            even(self.inner.pair_mut(left, right));
        }
        self.renew(parent, level);
        self.renew(Step { at: parent.at + 1, ..parent }, level);
    }

    /// Splits the child at `parent.at` in two. `path.steps[step]` leads through the child to where room is needed.
    fn split(&mut self, parent: Step, parent_level: usize, path: &Path, step: usize) {
        let at = parent.at as usize;
        let child = self.inner[parent.node].children[at];
        let is_leaf = step == path.height;
        let right = if is_leaf { self.leaves.push(Leaf::new()) } else { self.inner.push(Inner::new()) };
        let given = N - self.split_point(path, step);
        if is_leaf {
            let [leaf, new] = self.leaves.pair_mut(child, right);
            leaf.give_right(new, given);
            (new.before, new.after) = (child, leaf.after);
            leaf.after = right;
            match new.after {
                NONE => self.last = right,
                after => self.leaves[after].before = right,
            }
        } else {
            let [inner, new] = self.inner.pair_mut(child, right);
            inner.give_right(new, given);
        }
        let key = if is_leaf { self.leaves[right].keys.key(0) } else { self.inner[right].titles.key(0) };
        self.inner[parent.node].insert(at + 1, right, key, 0);
        self.renew(parent, parent_level);
        self.renew(Step { at: parent.at + 1, ..parent }, parent_level);
    }

    /// How many entries stay in a full node that is split: half of them, or as many as can where keys come in order at
    /// either end, so that nodes are left full.
    fn split_point(&self, path: &Path, step: usize) -> usize {
        let is_last = |step: &Step| step.at as usize + 1 == self.inner[step.node].len();
        let is_leaf = step == path.height;
        let Step { node, at } = path.leaf();
        let (above, least) = (&path.inner()[..path.height.min(step + 1)], if is_leaf { 1 } else { 2 });
        if self.leaves[node].after == NONE && at as usize == N && above.iter().all(is_last) {
            N - least
        } else if self.leaves[node].before == NONE && at == 0 && above.iter().all(|step| step.at == 0) {
            least
        } else {
            N / 2
        }
    }

    /// A root above the root, with that as its one child.
    fn new_root(&mut self) -> u32 {
        let (key, count) = if self.height == 0 {
            (self.leaves[self.root].keys.key(0), self.len)
        } else {
            (self.inner[self.root].titles.key(0), self.len)
        };
        let mut root = Inner::new();
        root.insert(0, self.root, key, count);
        self.root = self.inner.push(root);
        self.height += 1;
        self.root
    }
}

fn even<const N: usize>([left, right]: [&mut impl Node<N>; 2]) {
    let (have, total) = (left.keys().len(), left.keys().len() + right.keys().len());
    let wanted = total / 2;
    if have > wanted {
        left.give_right(right, have - wanted);
    } else {
        left.take_right(right, wanted - have);
    }
}
