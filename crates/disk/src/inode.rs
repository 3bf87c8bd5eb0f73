//! The contents of a simulated file: what a reader sees, and what a crash would leave.

use fastrand::Rng;

use crate::simulated::Writes;

/// Invariant: unless pages were lost, `durable` with all `pending` changes made is `bytes`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inode {
    /// What a reader sees.
    pub(crate) bytes: Vec<u8>,
    /// What lies on the platter for sure.
    durable: Vec<u8>,
    /// What was done since the last sync.
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

impl Inode {
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        self.change(Change::Write { offset: self.bytes.len(), bytes: bytes.to_vec() });
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.change(Change::Truncate(length));
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.bytes);
        self.pending.push(change);
    }

    pub(crate) fn sync(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.durable);
        }
    }

    /// What a failed fsync may do: the pages count as clean, and never reach the platter.
    pub(crate) fn lose_unsynced(&mut self) {
        self.pending.clear();
    }

    /// What is found after power was lost.
    pub(crate) fn crash(mut self, rng: &mut Rng, writes: Writes) -> Self {
        let kept = rng.usize(..=self.pending.len());
        for (index, change) in std::mem::take(&mut self.pending).into_iter().enumerate() {
            let fate = match writes {
                Writes::InOrder => index.cmp(&kept),
                Writes::AnyOrder => rng.usize(..3).cmp(&1),
            };
            match fate {
                std::cmp::Ordering::Less => change.apply(&mut self.durable),
                std::cmp::Ordering::Equal => change.cut(rng).apply(&mut self.durable),
                std::cmp::Ordering::Greater => {}
            }
        }
        Self { bytes: self.durable.clone(), durable: self.durable, pending: Vec::new() }
    }
}

impl Change {
    fn apply(&self, contents: &mut Vec<u8>) {
        match self {
            Self::Truncate(length) => contents.resize(*length, 0),
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                contents.resize(contents.len().max(end), 0);
                if let Some(place) = contents.get_mut(*offset..end) {
                    place.copy_from_slice(bytes);
                }
            }
        }
    }

    /// A write of which the front got there, or whose length got there but only the front of its bytes.
    fn cut(self, rng: &mut Rng) -> Self {
        let Self::Write { offset, mut bytes } = self else { return self };
        let kept = rng.usize(..=bytes.len());
        if rng.bool() {
            bytes.truncate(kept);
        } else {
            bytes.iter_mut().skip(kept).for_each(|byte| *byte = 0);
        }
        Self::Write { offset, bytes }
    }
}
