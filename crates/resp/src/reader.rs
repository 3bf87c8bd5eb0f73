//! Receiving requests: the buffer of a connection.
//!
//! ```text
//!     buffer   [ words of the batch | begun: request under way | at: not parsed yet | room to read into ]
//!     own      words of 32 KiB and more, each in a buffer of its own
//!     large    the one of them that is still being received; `buffer` then ends at `at`
//!     waiting  what came behind all that while a lot was not parsed yet
//! ```
//!
//! Bytes are moved in three cases only: a long word that had begun in the buffer; what is not parsed yet when room is needed and at least as much
//! can be dropped before it; and, once, what waited. So the cost stays linear whatever the pieces are, and a client that sends without
//! waiting for its turn makes no buffer grow that would have to move.

use bytes::BufMut;
use bytes::buf::Limit;

use crate::batch::{Batch, Request};
use crate::burst::Burst;
use crate::error::ProtocolError;
use crate::large::Large;
use crate::parse::Expected;
use crate::waiting::Waiting;

/// The room that a read finds at least.
const READ_BYTES_MIN: usize = 16 * 1024;
/// The room that a read finds at most: receiving more at once would keep others waiting.
const READ_BYTES_MAX: usize = 256 * 1024;
/// Up to this capacity a buffer doubles when it grows, then it grows by a quarter.
const DOUBLED_BYTES_MAX: usize = 1024 * 1024;
/// Room that a buffer always keeps.
const BUFFER_BYTES_KEPT: usize = 64 * 1024;

/// Collects requests from the bytes of one connection.
///
/// Read into [`unfilled`](Self::unfilled), [`parse`](Self::parse) until it says that there is no whole request left, serve the
/// [`request`](Self::request)s collected, [`release`](Self::release) them. In the long run none of this allocates, except for words
/// of [`LARGE_BULK_BYTES`](crate::LARGE_BULK_BYTES) and more.
///
/// ```
/// use kvd_resp::{RequestLimits, RequestReader};
///
/// let mut reader = RequestReader::new();
/// reader.feed(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\nPING\r\n*2\r\n$3\r\nGE");
/// while reader.parse(&RequestLimits::DEFAULT)? {}
/// assert_eq!(reader.len(), 2);
/// assert_eq!(reader.request(0).word(1), b"a");
/// assert_eq!(reader.request(1).word(0), b"PING");
/// reader.release();
/// assert_eq!(reader.buffered(), 10);
/// # Ok::<(), kvd_resp::ProtocolError>(())
/// ```
#[derive(Debug)]
pub struct RequestReader {
    pub(crate) buffer: Vec<u8>,
    /// What is before it is parsed. At most `buffer.len()`.
    pub(crate) at: usize,
    /// Where the request under way begins, or would begin. At most `at`.
    pub(crate) begun: usize,
    pub(crate) batch: Batch,
    /// Words that the request under way still lacks; 0 between requests.
    pub(crate) missing: usize,
    /// What comes next in the request under way.
    pub(crate) expected: Expected,
    pub(crate) large: Large,
    pub(crate) waiting: Waiting,
    /// How many bytes from `at` on were searched for the end of their line.
    pub(crate) scanned: usize,
    /// What the request under way took of the connection up to now.
    pub(crate) wire_len: usize,
    /// What was wrong: nobody knows where the next request would begin.
    pub(crate) failed: Option<ProtocolError>,
    burst: Burst,
}

impl Default for RequestReader {
    fn default() -> Self {
        Self::new()
    }
}

impl RequestReader {
    /// A reader of a new connection. Reserves nothing.
    pub const fn new() -> Self {
        Self {
            buffer: Vec::new(),
            at: 0,
            begun: 0,
            batch: Batch::new(),
            missing: 0,
            expected: Expected::Header,
            large: Large::idle(),
            waiting: Waiting::new(),
            scanned: 0,
            wire_len: 0,
            failed: None,
            burst: Burst::new(BUFFER_BYTES_KEPT),
        }
    }

    /// A reader that lets input wait in pieces of so many bytes, one at least: for tests, which have no megabytes to send.
    #[doc(hidden)]
    pub fn with_pieces_of(bytes: usize) -> Self {
        Self { waiting: Waiting::of_pieces(bytes), ..Self::new() }
    }

    /// Where the next bytes of the connection go: room of 16 to 256 KiB, or, while a long word is being received, room of that word's own
    /// buffer that never goes beyond its end.
    pub fn unfilled(&mut self) -> Limit<&mut Vec<u8>> {
        let (bytes, room) = if self.must_wait() {
            self.waiting.unfilled()
        } else if self.large.missing() > 0 {
            self.large.unfilled()
        } else {
            self.make_room(READ_BYTES_MIN);
            let room = self.buffer.capacity() - self.buffer.len();
            (&mut self.buffer, room)
        };
        bytes.limit(room.min(READ_BYTES_MAX))
    }

    /// Takes the next bytes of the connection by copying them.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.must_wait() {
            self.waiting.feed(bytes);
        } else {
            self.take(bytes);
        }
    }

    /// Takes the next piece of what waits.
    #[cold]
    pub(crate) fn take_waiting(&mut self) {
        if let Some(piece) = self.waiting.take() {
            self.take(&piece);
        }
    }

    /// Whether what comes now has to wait for what came before.
    #[inline]
    fn must_wait(&self) -> bool {
        !self.waiting.is_empty() || self.buffer.len() - self.at >= self.waiting.piece_bytes()
    }

    fn take(&mut self, bytes: &[u8]) {
        let rest = self.large.feed(bytes);
        if !rest.is_empty() {
            self.make_room(rest.len());
            self.buffer.extend_from_slice(rest);
        }
    }

    /// How many whole requests there are in the batch.
    #[expect(clippy::len_without_is_empty, reason = "an empty batch doesn't mean an empty reader")]
    #[inline]
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// A request of the batch, counted from 0.
    ///
    /// # Panics
    ///
    /// If there are not that many.
    #[inline]
    pub fn request(&self, index: usize) -> Request<'_> {
        self.batch.request(&self.buffer, index)
    }

    /// The batch is done: forgets its requests. What is not parsed yet stays. A buffer that was not needed for a while shrinks.
    pub fn release(&mut self) {
        self.batch.forget();
        let used = self.buffer.len();
        if self.begun == used {
            self.buffer.clear();
            self.begun = 0;
            self.at = 0;
        }
        if let Some(room) = self.burst.observe(used, self.buffer.capacity()) {
            self.compact();
            self.buffer.shrink_to(room);
        }
    }

    /// Gives back all room that holds nothing, as for a connection that has been idle. Only between batches, that is after
    /// [`release`](Self::release); otherwise it does nothing.
    pub fn shrink(&mut self) {
        if self.batch.len() == 0 {
            self.compact();
            self.buffer.shrink_to_fit();
            self.batch.shrink();
        }
    }

    /// Bytes held: those of the batch and those not parsed yet.
    pub fn buffered(&self) -> usize {
        let dropped = if self.batch.len() == 0 { self.begun } else { 0 };
        self.buffer.len() - dropped + self.large.len() + self.batch.own_bytes() + self.waiting.len()
    }

    /// Bytes reserved. The room for a long word that has yet to come is left out: nothing was written to it, so it takes no memory.
    pub fn capacity(&self) -> usize {
        self.buffer.capacity() + self.large.len() + self.batch.capacity() + self.waiting.capacity()
    }

    fn make_room(&mut self, wanted: usize) {
        if self.buffer.capacity() - self.buffer.len() >= wanted {
            return;
        }
        if self.begun >= self.buffer.len() - self.begun && self.batch.len() == 0 {
            self.compact();
        }
        if self.buffer.capacity() < DOUBLED_BYTES_MAX {
            self.buffer.reserve(wanted);
        } else {
            self.buffer.reserve_exact(wanted.max(self.buffer.capacity() / 4));
        }
    }

    /// Drops what is before the request under way. Only between batches.
    fn compact(&mut self) {
        if self.begun > 0 && self.batch.len() == 0 {
            self.buffer.drain(..self.begun);
            self.batch.shift(self.begun);
            self.at -= self.begun;
            self.begun = 0;
        }
    }

    /// Panics if the reader contradicts itself; for tests and fuzzing.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        assert!(self.begun <= self.at && self.at <= self.buffer.len());
        assert!(self.scanned <= self.buffer.len() - self.at);
        let receiving = matches!(self.expected, Expected::Large);
        assert_eq!(receiving, self.large.wire_len() > 0, "a long word is on its way");
        assert!(!receiving || self.missing > 0);
        self.batch.check_invariants(self.buffer.len());
        self.waiting.check_invariants();
    }
}
