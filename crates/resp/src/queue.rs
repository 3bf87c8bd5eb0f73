//! Requests that are kept for later.

use std::sync::Arc;

use crate::batch::{Batch, Request};
use crate::burst::Burst;

/// Room for words that is always kept.
const BYTES_KEPT: usize = 16 * 1024;

/// Requests taken out of their connection's buffer, to be carried out later.
///
/// ```
/// use kvd_resp::{RequestLimits, RequestQueue, RequestReader};
///
/// let mut reader = RequestReader::new();
/// reader.feed(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
/// reader.parse(&RequestLimits::DEFAULT)?;
/// let mut queue = RequestQueue::new();
/// queue.push(reader.request(0));
/// reader.release();
/// assert_eq!(queue.request(0).word(1), b"a");
/// # Ok::<(), kvd_resp::ProtocolError>(())
/// ```
#[derive(Debug)]
pub struct RequestQueue {
    buffer: Vec<u8>,
    batch: Batch,
    burst: Burst,
}

impl Default for RequestQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl RequestQueue {
    /// An empty queue. Reserves nothing.
    pub const fn new() -> Self {
        Self { buffer: Vec::new(), batch: Batch::new(), burst: Burst::new(BYTES_KEPT) }
    }

    /// Adds a copy of a request. Words in buffers of their own are shared.
    pub fn push(&mut self, request: Request<'_>) {
        for (index, word) in request.words().enumerate() {
            match request.shared(index) {
                Some(shared) => self.batch.push_shared(Arc::clone(shared)),
                None => {
                    self.batch.push(self.buffer.len(), word.len());
                    self.buffer.extend_from_slice(word);
                }
            }
        }
        self.batch.close_request(request.wire_len());
    }

    /// Number of requests.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The request with this index.
    ///
    /// # Panics
    ///
    /// If there are not that many.
    #[inline]
    pub fn request(&self, index: usize) -> Request<'_> {
        self.batch.request(&self.buffer, index)
    }

    /// Bytes of all words, and of what tells where each is. O(1), as is the next.
    pub fn bytes(&self) -> usize {
        self.buffer.len() + self.batch.own_bytes() + self.batch.table_bytes()
    }

    /// Bytes reserved for them.
    pub fn capacity(&self) -> usize {
        self.buffer.capacity() + self.batch.capacity()
    }

    /// Drops all requests. Room that is unusually large is given back.
    pub fn clear(&mut self) {
        let used = self.buffer.len();
        self.buffer.clear();
        self.batch.forget();
        if let Some(room) = self.burst.observe(used, self.buffer.capacity()) {
            self.buffer.shrink_to(room);
        }
    }
}
