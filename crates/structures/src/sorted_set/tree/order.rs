//! The tree, and questions to it.

use super::keys::{Names, Probe, Run};
use super::node::{Inner, Leaf, NONE, Node};
use super::slab::Slab;
use crate::elements::Handle;

/// Inner levels: all nodes but the root have two entries or more, and their numbers have 32 bits.
const HEIGHT_MAX: usize = 32;

/// A B+ tree of nodes of up to `N` entries.
pub(crate) struct Tree<const N: usize> {
    pub(super) leaves: Slab<Leaf<N>>,
    pub(super) inner: Slab<Inner<N>>,
    /// A leaf if the height is 0.
    pub(super) root: u32,
    /// Inner levels.
    pub(super) height: usize,
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) len: usize,
}

/// A key's leaf and its position there; or the end of a leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(super) leaf: u32,
    pub(super) at: usize,
}

/// A node and the position of interest in it.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) node: u32,
    pub(super) at: u32,
}

/// The way from the root to a key. `steps[height]` is the leaf.
pub(crate) struct Path {
    pub(super) steps: [Step; HEIGHT_MAX + 1],
    pub(super) height: usize,
}

impl Path {
    #[inline]
    pub(super) fn leaf(&self) -> Step {
        self.steps[self.height]
    }

    /// The inner nodes and the positions of the children on the way, from the root down.
    #[inline]
    pub(super) fn inner(&self) -> &[Step] {
        &self.steps[..self.height]
    }
}

impl<const N: usize> Tree<N> {
    pub(crate) fn new() -> Self {
        const { assert!(N >= 4 && N.is_multiple_of(2), "a node is split into two of two entries or more") };
        let mut leaves = Slab::new();
        let root = leaves.push(Leaf::new());
        Self { leaves, inner: Slab::new(), root, height: 0, first: root, last: root, len: 0 }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.leaves.memory_bytes() + self.inner.memory_bytes()
    }

    /// How many keys come before this one.
    pub(crate) fn rank(&self, probe: Probe<'_>, names: &impl Names) -> usize {
        let (mut node, mut rank) = (self.root, 0);
        for level in 0..self.height {
            let inner = &self.inner[node];
            let at = inner.titles.position_behind(probe, names).saturating_sub(1);
            node = inner.children[at];
            self.fetch_leaf(level, node);
            rank += inner.count_before(at);
        }
        rank + self.leaves[node].keys.position(probe, names)
    }

    /// How many keys have a score less than this one; or this one at most, if `inclusive`.
    pub(crate) fn count_scores(&self, score: f64, inclusive: bool) -> usize {
        let (mut node, mut count) = (self.root, 0);
        for level in 0..self.height {
            let inner = &self.inner[node];
            // The child before the first title that is beyond may hold the boundary.
            let titles = &inner.titles;
            let within = if inclusive { titles.count_upto(score) } else { titles.count_below(score) };
            let at = within.saturating_sub(1);
            node = inner.children[at];
            self.fetch_leaf(level, node);
            count += inner.count_before(at);
        }
        let keys = &self.leaves[node].keys;
        count + if inclusive { keys.count_upto(score) } else { keys.count_below(score) }
    }

    /// How many keys at the beginning have names that are `before`. Means something only if names are in order, thus all scores equal.
    pub(crate) fn count_names(&self, before: impl Fn(&[u8]) -> bool, names: &impl Names) -> usize {
        let before = |handle: Handle| before(names.name(handle));
        let (mut node, mut count) = (self.root, 0);
        for _ in 0..self.height {
            let inner = &self.inner[node];
            let at = inner.titles.partition(0, inner.len(), before).saturating_sub(1);
            node = inner.children[at];
            count += inner.count_before(at);
        }
        let keys = &self.leaves[node].keys;
        count + keys.partition(0, keys.len(), before)
    }

    /// The place of the key with this rank, which is below the number of keys.
    pub(crate) fn place(&self, rank: usize) -> Place {
        let leaf = self.path_to_rank(rank).leaf();
        Place { leaf: leaf.node, at: leaf.at as usize }
    }

    #[inline]
    pub(crate) fn key(&self, place: Place) -> (f64, Handle) {
        self.leaves[place.leaf].keys.key(place.at)
    }

    /// The keys of the leaf from this place on, at most `len`, and the place where the next leaf begins. That leaf is asked for.
    #[inline]
    pub(crate) fn run(&self, place: Place, len: usize) -> (Run<'_>, Place) {
        let leaf = &self.leaves[place.leaf];
        let end = leaf.keys.len().min(place.at.saturating_add(len));
        if leaf.after != NONE {
            self.leaves.fetch(leaf.after);
        }
        (leaf.keys.run(place.at, end), Place { leaf: leaf.after, at: 0 })
    }

    /// The handle so many places on, if that is in the same leaf.
    #[inline]
    pub(crate) fn ahead(&self, place: Place, steps: usize, forwards: bool) -> Option<Handle> {
        let keys = &self.leaves[place.leaf].keys;
        let at = if forwards { place.at + steps } else { place.at.checked_sub(steps)? };
        (at < keys.len()).then(|| keys.handle(at))
    }

    /// Whether a walk has just come to this leaf.
    #[inline]
    pub(crate) fn is_first_of_leaf(&self, place: Place, forwards: bool) -> bool {
        place.at == if forwards { 0 } else { self.leaves[place.leaf].keys.len() - 1 }
    }

    /// The place after this one, which is not the last.
    #[inline]
    pub(crate) fn next(&self, place: Place) -> Place {
        let leaf = &self.leaves[place.leaf];
        if place.at + 1 < leaf.keys.len() {
            return Place { at: place.at + 1, ..place };
        }
        Place { leaf: leaf.after, at: 0 }
    }

    /// The place before this one, which is not the first.
    #[inline]
    pub(crate) fn previous(&self, place: Place) -> Place {
        if place.at > 0 {
            return Place { at: place.at - 1, ..place };
        }
        let before = self.leaves[place.leaf].before;
        Place { leaf: before, at: self.leaves[before].keys.len() - 1 }
    }

    /// Asks for the leaves beside one, as a walk will come to them.
    #[inline]
    pub(crate) fn fetch_neighbour(&self, place: Place, forwards: bool) {
        let leaf = &self.leaves[place.leaf];
        let neighbour = if forwards { leaf.after } else { leaf.before };
        if neighbour != NONE {
            self.leaves.fetch(neighbour);
        }
    }

    /// Exchanges the handle of the key that is there under this one.
    pub(crate) fn replace_handle(&mut self, probe: Probe<'_>, from: Handle, to: Handle, names: &impl Names) {
        let path = self.path_to(probe, names);
        let Step { node, at } = path.leaf();
        let keys = &mut self.leaves[node].keys;
        let (score, handle) = keys.key(at as usize);
        assert!(handle == from, "the key is where its score and name say");
        keys.replace(at as usize, (score, to));
        if at == 0 {
            self.retitle(&path, (score, to));
        }
    }

    /// The way to a key; or, if there is none like it, to where it belongs.
    pub(crate) fn path_to(&self, probe: Probe<'_>, names: &impl Names) -> Path {
        let mut path = self.empty_path();
        let mut node = self.root;
        for level in 0..self.height {
            let inner = &self.inner[node];
            let at = inner.titles.position_behind(probe, names).saturating_sub(1);
            path.steps[level] = Step { node, at: at as u32 };
            node = inner.children[at];
            self.fetch_leaf(level, node);
        }
        let at = self.leaves[node].keys.position(probe, names);
        path.steps[self.height] = Step { node, at: at as u32 };
        path
    }

    pub(super) fn path_to_rank(&self, mut rank: usize) -> Path {
        debug_assert!(rank < self.len);
        let mut path = self.empty_path();
        let mut node = self.root;
        for level in 0..self.height {
            let inner = &self.inner[node];
            let mut at = 0;
            while rank >= inner.counts[at] as usize {
                rank -= inner.counts[at] as usize;
                at += 1;
            }
            path.steps[level] = Step { node, at: at as u32 };
            node = inner.children[at];
            self.fetch_leaf(level, node);
        }
        path.steps[self.height] = Step { node, at: rank as u32 };
        path
    }

    /// Makes `key` the title of all nodes on the way whose first key it is now. The way leads to the first key of its leaf.
    pub(super) fn retitle(&mut self, path: &Path, key: (f64, Handle)) {
        for step in path.inner().iter().rev() {
            self.inner[step.node].titles.replace(step.at as usize, key);
            if step.at > 0 {
                break;
            }
        }
    }

    /// The keys of the node that is `level` steps below the root.
    pub(super) fn len_at(&self, level: usize, node: u32) -> usize {
        if level == self.height { self.leaves[node].keys.len() } else { self.inner[node].len() }
    }

    fn empty_path(&self) -> Path {
        Path { steps: [Step { node: NONE, at: 0 }; HEIGHT_MAX + 1], height: self.height }
    }

    /// Asks for the child of a node on this level, if it is a leaf: the one node that is usually in no cache.
    #[inline]
    fn fetch_leaf(&self, level: usize, child: u32) {
        if level + 1 == self.height {
            self.leaves.fetch(child);
        }
    }

    /// Renews title and count of a child after a change in it.
    pub(super) fn renew(&mut self, parent: Step, level: usize) {
        let at = parent.at as usize;
        let child = self.inner[parent.node].children[at];
        let (key, count) = if level + 1 == self.height {
            (self.leaves[child].keys.key(0), self.leaves[child].count())
        } else {
            (self.inner[child].titles.key(0), self.inner[child].count())
        };
        let inner = &mut self.inner[parent.node];
        inner.titles.replace(at, key);
        inner.counts[at] = count as u64;
    }
}
