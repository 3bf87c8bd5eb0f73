//! Going on in the middle of what a scan shows.
//!
//! A scan shows whole buckets. If there is no room for all that one call shows, the next begins at the same cursor and passes over what was written.

/// How far the elements of a call of `scan` were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scanned {
    pub(crate) cursor: u64,
    written: usize,
}

/// The elements that one call of `scan` shows.
pub(crate) struct Shown {
    from: Scanned,
    seen: usize,
    is_full: bool,
}

impl Shown {
    pub(crate) fn after(from: Scanned) -> Self {
        Self { from, seen: 0, is_full: false }
    }

    /// One more is shown; whether it is to be written.
    pub(crate) fn is_next(&mut self) -> bool {
        if self.is_full {
            return false;
        }
        self.seen += 1;
        self.seen > self.from.written
    }

    /// There is no room for another one after this.
    pub(crate) fn fill(&mut self) {
        self.is_full = true;
    }

    /// Where to go on, the scan having come to `cursor`; nowhere at the end.
    pub(crate) fn end(self, cursor: u64) -> Option<Scanned> {
        match self.is_full {
            true => Some(Scanned { written: self.seen, ..self.from }),
            false => Some(Scanned { cursor, written: 0 }).filter(|_| cursor != 0),
        }
    }
}
