//! A long word on its way into a buffer of its own, so that it is copied neither while its buffer grows nor when it is stored.

/// Reserved at first, and whenever little has arrived.
const ROOM_MIN: usize = 64 * 1024;
/// At most this many times what arrived is reserved: a header that announces 512 MiB costs its sender something. A word that does arrive is
/// moved a few times at most: at 64 KiB, 1 MiB, 16 MiB, 256 MiB.
const ROOM_FACTOR: usize = 16;
/// The CRLF behind a word.
const END: &[u8] = b"\r\n";

#[derive(Debug)]
pub(crate) struct Large {
    bytes: Vec<u8>,
    /// Where the word and its CRLF end; 0 when no word is on its way.
    end: usize,
}

impl Large {
    pub(crate) const fn idle() -> Self {
        Self { bytes: Vec::new(), end: 0 }
    }

    /// Begins with a word of `len` bytes, of which `received` (not all of it and its CRLF) has arrived.
    pub(crate) fn begin(&mut self, len: usize, received: &[u8]) {
        debug_assert!(self.bytes.is_empty() && received.len() < len + END.len());
        self.end = len + END.len();
        self.push(received);
    }

    /// Bytes still to come, CRLF included.
    #[inline]
    pub(crate) fn missing(&self) -> usize {
        self.end - self.bytes.len()
    }

    /// The buffer with room for more, and how much may be written into it. Only while something is missing.
    pub(crate) fn unfilled(&mut self) -> (&mut Vec<u8>, usize) {
        self.reserve(0);
        let room = self.bytes.capacity().min(self.end) - self.bytes.len();
        (&mut self.bytes, room)
    }

    /// Takes what belongs to the word; returns the rest.
    pub(crate) fn feed<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(bytes.len().min(self.missing()));
        self.push(taken);
        rest
    }

    fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn reserve(&mut self, more: usize) {
        let received = self.bytes.len() + more;
        if received < self.bytes.capacity() {
            return;
        }
        let goal = received.saturating_mul(ROOM_FACTOR).max(ROOM_MIN).min(self.end);
        self.bytes.reserve_exact(goal - self.bytes.len());
    }

    /// The word, once nothing is missing; `None` when no CRLF follows it.
    pub(crate) fn finish(&mut self) -> Option<Vec<u8>> {
        debug_assert_eq!(self.missing(), 0);
        let mut bytes = std::mem::take(&mut self.bytes);
        self.end = 0;
        if !bytes.ends_with(END) {
            return None;
        }
        bytes.truncate(bytes.len() - END.len());
        Some(bytes)
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    #[cfg(test)]
    fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// What the word takes of the connection, CRLF included.
    pub(crate) fn wire_len(&self) -> usize {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lying_header_reserves_little() {
        let mut large = Large::idle();
        large.begin(512 * 1024 * 1024, b"abc");
        assert_eq!(large.unfilled().1, ROOM_MIN - 3);
        assert!(large.capacity() <= ROOM_MIN);
    }

    #[test]
    fn room_never_goes_beyond_the_end() {
        let len = 3 * 1024 * 1024;
        let mut large = Large::idle();
        large.begin(len, &[]);
        let mut moves = 0;
        while large.missing() > 0 {
            let before = large.capacity();
            let (bytes, room) = large.unfilled();
            assert!(room > 0);
            bytes.resize(bytes.len() + room.min(5000), b'x');
            moves += usize::from(large.capacity() != before);
            assert!(
                large.capacity() <= len + 2 && large.capacity() <= (large.len() * ROOM_FACTOR).max(ROOM_MIN)
            );
        }
        assert!(moves <= 3);
        assert_eq!(large.len(), len + 2);
        assert_eq!(large.finish(), None, "no CRLF");
    }
}
