//! Input that came while earlier requests were not yet parsed: kept in pieces, which never move however many there are.

use std::collections::VecDeque;

/// Pieces that are smaller are not begun.
const PIECE_BYTES: usize = 256 * 1024;
/// The room that a piece must have to be read into.
const ROOM_MIN: usize = 16 * 1024;

#[derive(Debug)]
pub(crate) struct Waiting {
    /// All but the last are done. None is empty, except for the last between [`unfilled`](Self::unfilled) and what is read into it.
    pieces: VecDeque<Vec<u8>>,
    /// What all but the last hold.
    done_bytes: usize,
    piece_bytes: usize,
    room_min: usize,
}

impl Waiting {
    pub(crate) const fn new() -> Self {
        Self { pieces: VecDeque::new(), done_bytes: 0, piece_bytes: PIECE_BYTES, room_min: ROOM_MIN }
    }

    /// With pieces of so many bytes, one at least.
    pub(crate) fn of_pieces(piece_bytes: usize) -> Self {
        Self { pieces: VecDeque::new(), done_bytes: 0, piece_bytes, room_min: 1 }
    }

    /// How long a piece gets.
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

    /// Bytes reserved. All pieces but one that was fed in a single piece have the same room.
    pub(crate) fn capacity(&self) -> usize {
        self.len() + self.pieces.back().map_or(0, |last| last.capacity() - last.len())
    }

    /// The piece that has room for more.
    pub(crate) fn unfilled(&mut self) -> &mut Vec<u8> {
        let has_room = |last: &Vec<u8>| last.capacity() - last.len() >= self.room_min;
        if !self.pieces.back().is_some_and(has_room) {
            self.push(Vec::with_capacity(self.piece_bytes));
        }
        self.pieces.back_mut().unwrap_or_else(|| unreachable!("one was pushed"))
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let last = self.unfilled();
            let (taken, left) = rest.split_at(rest.len().min(last.capacity() - last.len()));
            last.extend_from_slice(taken);
            rest = left;
        }
    }

    fn push(&mut self, piece: Vec<u8>) {
        self.done_bytes = self.len();
        self.pieces.push_back(piece);
    }

    /// The first piece.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        let first = self.pieces.pop_front()?;
        if self.pieces.is_empty() {
            self.pieces = VecDeque::new();
            self.done_bytes = 0;
        } else {
            self.done_bytes -= first.len();
        }
        Some(first)
    }

    pub(crate) fn clear(&mut self) {
        self.pieces = VecDeque::new();
        self.done_bytes = 0;
    }

    pub(crate) fn check_invariants(&self) {
        let done = self.pieces.len().saturating_sub(1);
        assert_eq!(self.done_bytes, self.pieces.iter().take(done).map(Vec::len).sum::<usize>());
        assert!(self.pieces.iter().take(done).all(|piece| !piece.is_empty()));
    }
}
