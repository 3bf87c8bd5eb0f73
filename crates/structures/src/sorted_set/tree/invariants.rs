//! What must hold between any two calls.

use super::keys::{Keys, Names};
use super::node::{NONE, Node};
use super::order::Tree;

impl<const N: usize> Tree<N> {
    /// Panics if the tree is not as it should be. Takes the time of a full walk.
    pub(crate) fn check_invariants(&self, names: &impl Names) {
        let mut leaves = Vec::new();
        let mut inner = 0;
        self.check_node(self.root, 0, &mut leaves, &mut inner);
        assert_eq!((leaves.len(), inner), (self.leaves.len(), self.inner.len()), "nodes are counted");
        assert_eq!((leaves[0], leaves[leaves.len() - 1]), (self.first, self.last), "first and last leaf");
        for (at, &leaf) in leaves.iter().enumerate() {
            let before = at.checked_sub(1).map_or(NONE, |before| leaves[before]);
            let after = leaves.get(at + 1).copied().unwrap_or(NONE);
            let leaf = &self.leaves[leaf];
            assert_eq!((leaf.before, leaf.after), (before, after), "neighbours of a leaf");
            let is_inside = before != NONE && after != NONE;
            assert!(!is_inside || leaf.keys.len() >= Self::LEN_MIN, "a leaf has enough keys");
        }
        let all: Vec<_> = leaves.iter().flat_map(|&leaf| keys_of(&self.leaves[leaf].keys)).collect();
        assert_eq!(all.len(), self.len, "keys are counted");
        let in_order = all.is_sorted_by(|a, b| a.0 < b.0 || a.0 == b.0 && names.name(a.1) < names.name(b.1));
        assert!(in_order, "keys are in order");
    }

    fn check_node(&self, node: u32, level: usize, leaves: &mut Vec<u32>, inner: &mut usize) {
        if level == self.height {
            leaves.push(node);
            return;
        }
        *inner += 1;
        let parent = &self.inner[node];
        assert!(parent.len() >= 2, "an inner node has two children or more");
        for at in 0..parent.len() {
            let child = parent.children[at];
            let (key, count) = if level + 1 == self.height {
                (self.leaves[child].keys.key(0), self.leaves[child].count())
            } else {
                (self.inner[child].titles.key(0), self.inner[child].count())
            };
            assert_eq!(parent.titles.key(at), key, "title of a child");
            assert_eq!(parent.counts[at], count as u64, "keys below a child");
            self.check_node(child, level + 1, leaves, inner);
        }
    }
}

fn keys_of<const N: usize>(keys: &Keys<N>) -> impl Iterator<Item = (f64, crate::elements::Handle)> {
    (0..keys.len()).map(|at| keys.key(at))
}
