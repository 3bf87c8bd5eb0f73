//! Input that came while a lot before it was not yet parsed: kept in pieces, which never move however many there are.

use std::collections::VecDeque;

/// The room of a piece.
const PIECE_BYTES: usize = 256 * 1024;

/// A piece with less than this share of its room left is done.
const SHARE_LEFT: usize = 16;

#[derive(Debug)]
pub(crate) struct Waiting {
    /// All but the last are done. None is empty, except for the last between [`unfilled`](Self::unfilled) and what is read into it.
    pieces: VecDeque<Vec<u8>>,
    /// What all but the last hold.
    done_bytes: usize,
    piece_bytes: usize,
}

impl Waiting {
    pub(crate) const fn new() -> Self {
        Self::of_pieces(PIECE_BYTES)
    }

    /// With pieces of so many bytes, one at least.
    pub(crate) const fn of_pieces(piece_bytes: usize) -> Self {
        Self { pieces: VecDeque::new(), done_bytes: 0, piece_bytes }
    }

    /// The room of a piece.
    #[inline]
    pub(crate) fn piece_bytes(&self) -> usize {
        self.piece_bytes
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.done_bytes + self.pieces.back().map_or(0, Vec::len)
    }

    /// Bytes reserved.
    pub(crate) fn capacity(&self) -> usize {
        self.pieces.len() * self.piece_bytes
    }

    /// Where the next bytes go: a piece, and how much room is left in it.
    pub(crate) fn unfilled(&mut self) -> (&mut Vec<u8>, usize) {
        let room = self.piece_bytes - self.pieces.back().map_or(self.piece_bytes, Vec::len);
        if room == 0 || room < self.piece_bytes / SHARE_LEFT {
            self.done_bytes = self.len();
            self.pieces.push_back(Vec::with_capacity(self.piece_bytes));
        }
        let last = self.pieces.len() - 1;
        let piece = &mut self.pieces[last];
        let room = self.piece_bytes - piece.len();
        (piece, room)
    }

    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (piece, room) = self.unfilled();
            let (taken, rest) = bytes.split_at(bytes.len().min(room));
            piece.extend_from_slice(taken);
            bytes = rest;
        }
    }

    /// The first piece.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        let first = self.pieces.pop_front()?;
        if self.pieces.is_empty() {
            self.clear();
        } else {
            self.done_bytes -= first.len();
        }
        Some(first)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::of_pieces(self.piece_bytes);
    }

    pub(crate) fn check_invariants(&self) {
        let done = self.pieces.len().saturating_sub(1);
        assert_eq!(self.done_bytes, self.pieces.iter().take(done).map(Vec::len).sum::<usize>());
        assert!(self.pieces.iter().take(done).all(|piece| !piece.is_empty()));
        assert!(self.pieces.iter().all(|piece| piece.capacity() == self.piece_bytes));
    }
}
