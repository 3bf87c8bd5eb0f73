//! What goes to a client: copied bytes, and between them values that are sent from where they are.
//!
//! ```text
//!     copied   *2\r\n$20000\r\n | \r\n$1\r\na\r\n
//!     shared                    ▲ 20000 bytes of a value, `after` the first 13 copied bytes
//! ```

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;

use bytes::Buf;

use crate::burst::Burst;

/// Room that is always kept.
const BYTES_KEPT: usize = 64 * 1024;
/// From here on what was sent is dropped although something behind it waits.
const SENT_BYTES_MAX: usize = 64 * 1024;

/// Bytes for a client, written by a [`Reply`](crate::Reply) and sent as a [`bytes::Buf`]: `AsyncWriteExt::write_buf` sends its
/// pieces with one vectored write.
///
/// ```
/// use bytes::Buf;
/// use kvd_resp::{Output, Protocol, Reply};
///
/// let mut output = Output::new();
/// Reply::new(&mut output, Protocol::Resp3).ok();
/// assert_eq!(output.chunk(), b"+OK\r\n");
/// output.advance(5);
/// assert!(output.is_empty());
/// ```
#[derive(Debug)]
pub struct Output {
    copied: Vec<u8>,
    /// Of `copied`. At most the `after` of the first segment.
    sent: usize,
    shared: VecDeque<Segment>,
    /// Of the first segment; less than its length.
    shared_sent: usize,
    /// Of all segments, what is not sent.
    shared_len: usize,
    /// What was dropped from `copied` and `shared` since the beginning: the positions of marks don't change with it.
    dropped: Mark,
    burst: Burst,
}

/// Never empty.
#[derive(Debug)]
struct Segment {
    after: usize,
    bytes: Arc<Vec<u8>>,
}

/// A place in an [`Output`], between two replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    copied: u64,
    shared: u64,
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

impl Output {
    /// An empty output. Reserves nothing.
    pub const fn new() -> Self {
        Self {
            copied: Vec::new(),
            sent: 0,
            shared: VecDeque::new(),
            shared_sent: 0,
            shared_len: 0,
            dropped: Mark { copied: 0, shared: 0 },
            burst: Burst::new(BYTES_KEPT),
        }
    }

    /// Bytes that are not sent yet.
    #[inline]
    pub fn len(&self) -> usize {
        self.copied.len() - self.sent + self.shared_len
    }

    /// Whether everything is sent.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes reserved, and those of values that it keeps alive.
    pub fn capacity(&self) -> usize {
        self.copied.capacity() + self.shared.iter().map(|segment| segment.bytes.len()).sum::<usize>()
    }

    /// Drops what is not sent.
    pub fn clear(&mut self) {
        self.dropped.copied += self.copied.len() as u64;
        self.dropped.shared += self.shared.len() as u64;
        let used = self.copied.len();
        self.copied.clear();
        self.sent = 0;
        self.shared.clear();
        self.shared_sent = 0;
        self.shared_len = 0;
        if let Some(room) = self.burst.observe(used, self.copied.capacity()) {
            self.copied.shrink_to(room);
            self.shared.shrink_to(0);
        }
    }

    /// Gives back all room that holds nothing, as for a connection that has been idle.
    pub fn shrink(&mut self) {
        self.copied.shrink_to_fit();
        self.shared.shrink_to_fit();
    }

    /// The current end, to come back to with [`rewind`](Self::rewind).
    pub fn mark(&self) -> Mark {
        Mark {
            copied: self.dropped.copied + self.copied.len() as u64,
            shared: self.dropped.shared + self.shared.len() as u64,
        }
    }

    /// Drops what was written since `mark` was taken, except for what was sent.
    pub fn rewind(&mut self, mark: Mark) {
        let copied = self.position(mark).max(self.sent);
        let kept =
            (mark.shared.saturating_sub(self.dropped.shared) as usize).max(usize::from(self.shared_sent > 0));
        for segment in self.shared.drain(kept.min(self.shared.len())..) {
            self.shared_len -= segment.bytes.len();
        }
        self.copied.truncate(copied);
    }

    /// Appends bytes as they are, for example of replies that were written elsewhere.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        self.copied.extend_from_slice(bytes);
    }

    /// Appends a value without copying it.
    pub fn extend_shared(&mut self, bytes: &Arc<Vec<u8>>) {
        if !bytes.is_empty() {
            self.shared_len += bytes.len();
            self.shared.push_back(Segment { after: self.copied.len(), bytes: Arc::clone(bytes) });
        }
    }

    #[inline]
    pub(crate) fn copied_mut(&mut self) -> &mut Vec<u8> {
        &mut self.copied
    }

    /// The copied byte at `mark`; the end if that was dropped or never written.
    pub(crate) fn position(&self, mark: Mark) -> usize {
        let position = mark.copied.saturating_sub(self.dropped.copied);
        usize::try_from(position).unwrap_or(usize::MAX).min(self.copied.len())
    }

    /// Writes `text` over the copied byte at `mark`, moving what is behind it.
    pub(crate) fn replace_byte(&mut self, mark: Mark, text: &[u8]) {
        let position = self.position(mark);
        debug_assert!(
            position >= self.sent && position < self.copied.len(),
            "what was sent can't be changed"
        );
        if position >= self.copied.len() {
            return;
        }
        self.copied.splice(position..=position, text.iter().copied());
        let behind = mark.shared.saturating_sub(self.dropped.shared) as usize;
        for segment in self.shared.iter_mut().skip(behind) {
            segment.after += text.len() - 1;
        }
    }

    /// Everything that is not sent, in one piece; for tests and small outputs.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.len());
        all.extend(self.pieces().flatten());
        all
    }

    /// What is not sent, in order; no piece is empty.
    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let starts = [self.sent].into_iter().chain(self.shared.iter().map(|segment| segment.after));
        let ends = self.shared.iter().map(|segment| segment.after).chain([self.copied.len()]);
        let copied = starts.zip(ends).map(|(start, end)| &self.copied[start..end]);
        let skipped = [self.shared_sent].into_iter().chain(std::iter::repeat(0));
        let shared = self.shared.iter().zip(skipped).map(|(segment, sent)| &segment.bytes[sent..]);
        let nothing: &[u8] = &[];
        copied
            .zip(shared.chain([nothing]))
            .flat_map(|(copied, shared)| [copied, shared])
            .filter(|piece| !piece.is_empty())
    }

    fn advance_shared(&mut self, count: usize) -> usize {
        let Some(first) = self.shared.front() else { return 0 };
        let taken = count.min(first.bytes.len() - self.shared_sent);
        self.shared_sent += taken;
        self.shared_len -= taken;
        if self.shared_sent == first.bytes.len() {
            self.shared.pop_front();
            self.shared_sent = 0;
            self.dropped.shared += 1;
        }
        taken
    }

    /// Drops what was sent once that is at least half of the bytes: no byte is moved more than once for each sent.
    fn compact(&mut self) {
        if self.sent >= SENT_BYTES_MAX && self.sent >= self.copied.len() / 2 {
            self.copied.drain(..self.sent);
            for segment in &mut self.shared {
                segment.after -= self.sent;
            }
            self.dropped.copied += self.sent as u64;
            self.sent = 0;
        }
    }

    /// Panics if the output contradicts itself; for tests and fuzzing.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        assert!(self.sent <= self.shared.front().map_or(self.copied.len(), |first| first.after));
        assert!(self.shared.iter().is_sorted_by_key(|segment| segment.after));
        assert!(self.shared.back().is_none_or(|last| last.after <= self.copied.len()));
        assert!(self.shared.iter().all(|segment| !segment.bytes.is_empty()));
        let total: usize = self.shared.iter().map(|segment| segment.bytes.len()).sum();
        assert_eq!(self.shared_len, total - self.shared_sent);
    }
}

impl Buf for Output {
    fn remaining(&self) -> usize {
        self.len()
    }

    fn chunk(&self) -> &[u8] {
        self.pieces().next().unwrap_or_default()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut count = 0;
        for (slice, piece) in slices.iter_mut().zip(self.pieces()) {
            *slice = IoSlice::new(piece);
            count += 1;
        }
        count
    }

    /// # Panics
    ///
    /// If there are not that many bytes.
    fn advance(&mut self, count: usize) {
        assert!(count <= self.len(), "no more than there is can be sent");
        let mut left = count;
        while left > 0 {
            let end = self.shared.front().map_or(self.copied.len(), |first| first.after);
            let copied = left.min(end - self.sent);
            self.sent += copied;
            left -= copied;
            left -= if left > 0 { self.advance_shared(left) } else { 0 };
        }
        if self.is_empty() {
            self.clear();
        } else {
            self.compact();
        }
    }
}
