//! The names of a simulated disk: which are there, and which a crash would leave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fastrand::Rng;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Directory,
    /// The number of an inode.
    File(u64),
}

/// Invariant: `durable` with all `pending` changes made is `present`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    present: BTreeMap<PathBuf, Node>,
    durable: BTreeMap<PathBuf, Node>,
    pending: Vec<Pending>,
}

/// A change that is durable when all these directories were synced after it.
#[derive(Clone, Debug)]
struct Pending {
    change: Change,
    waits_for: Vec<PathBuf>,
}

#[derive(Clone, Debug)]
enum Change {
    Link(PathBuf, Node),
    Unlink(PathBuf),
    Rename { from: PathBuf, to: PathBuf, node: Node },
}

impl Names {
    /// The node behind a name; `/` is always a directory.
    pub(crate) fn node(&self, path: &Path) -> Option<Node> {
        if path.parent().is_none() { Some(Node::Directory) } else { self.present.get(path).copied() }
    }

    pub(crate) fn parent_exists(&self, path: &Path) -> bool {
        path.parent().is_some_and(|parent| self.node(parent) == Some(Node::Directory))
    }

    pub(crate) fn below<'a>(&'a self, directory: &'a Path) -> impl Iterator<Item = (&'a Path, Node)> {
        let inside = self.present.iter().filter(move |(path, _)| path.parent() == Some(directory));
        inside.map(|(path, node)| (path.as_path(), *node))
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = u64> {
        self.present.values().filter_map(|node| match node {
            Node::File(inode) => Some(*inode),
            Node::Directory => None,
        })
    }

    pub(crate) fn link(&mut self, path: &Path, node: Node) {
        self.change(Change::Link(path.to_owned(), node));
    }

    pub(crate) fn unlink(&mut self, path: &Path) {
        self.change(Change::Unlink(path.to_owned()));
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path, node: Node) {
        self.change(Change::Rename { from: from.to_owned(), to: to.to_owned(), node });
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.present);
        let waits_for = change.directories();
        self.pending.push(Pending { change, waits_for });
    }

    pub(crate) fn sync(&mut self, directory: &Path) {
        for pending in &mut self.pending {
            pending.waits_for.retain(|waiting| waiting != directory);
        }
        let (durable, pending) =
            std::mem::take(&mut self.pending).into_iter().partition(|pending| pending.waits_for.is_empty());
        self.pending = pending;
        let durable: Vec<Pending> = durable;
        durable.iter().for_each(|pending| pending.change.apply(&mut self.durable));
    }

    /// What is found after power was lost: each change that wasn't durable was made or not, whatever became of the others.
    pub(crate) fn crash(mut self, rng: &mut Rng) -> Self {
        for pending in &self.pending {
            if rng.bool() {
                pending.change.apply(&mut self.durable);
            }
        }
        let found = self.durable;
        let is_reachable = |path: &Path| {
            path.ancestors()
                .skip(1)
                .all(|above| above.parent().is_none() || found.get(above) == Some(&Node::Directory))
        };
        let present: BTreeMap<PathBuf, Node> = found
            .iter()
            .filter(|(path, _)| is_reachable(path))
            .map(|(path, node)| (path.clone(), *node))
            .collect();
        Self { durable: present.clone(), present, pending: Vec::new() }
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<PathBuf, Node>) {
        match self {
            Self::Link(path, node) => {
                names.insert(path.clone(), *node);
            }
            Self::Unlink(path) => {
                names.remove(path);
            }
            Self::Rename { from, to, node } => {
                if names.get(from) == Some(node) {
                    names.remove(from);
                }
                names.insert(to.clone(), *node);
            }
        }
    }

    fn directories(&self) -> Vec<PathBuf> {
        let above = |path: &Path| path.parent().map(Path::to_owned);
        match self {
            Self::Link(path, _) | Self::Unlink(path) => above(path).into_iter().collect(),
            Self::Rename { from, to, .. } => above(from).into_iter().chain(above(to)).collect(),
        }
    }
}
