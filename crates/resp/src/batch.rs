//! Requests that were parsed, as places in the reader's buffers.

use std::fmt;
use std::sync::Arc;

use crate::burst::Burst;

/// Room for places and requests that is always kept.
const PLACES_KEPT: usize = 1024;

const CRLF: &[u8] = b"\r\n";

/// Where a word is. Offsets, so that the buffer may grow and move while a batch is collected.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// In the reader's buffer. Shorter than [`LARGE_BULK_BYTES`](crate::LARGE_BULK_BYTES), so `len` always fits.
    Buffer { len: u32, start: usize },
    /// In the batch's `own` of that index.
    Own(u32),
}

const _: () = assert!(size_of::<Place>() == 16);

#[derive(Debug, Clone, Copy)]
struct Extent {
    /// The request's words end before this index of `places`, and begin where the one before it ends.
    end: usize,
    wire_len: usize,
}

/// Whole requests, and behind their words those of the request under way.
#[derive(Debug)]
pub(crate) struct Batch {
    places: Vec<Place>,
    requests: Vec<Extent>,
    own: Vec<Arc<Vec<u8>>>,
    /// Bytes in `own`, and the capacity of all of them.
    own_bytes: usize,
    own_capacity: usize,
    burst: Burst,
}

impl Batch {
    pub(crate) const fn new() -> Self {
        Self {
            places: Vec::new(),
            requests: Vec::new(),
            own: Vec::new(),
            own_bytes: 0,
            own_capacity: 0,
            burst: Burst::new(PLACES_KEPT),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.requests.len()
    }

    #[inline]
    pub(crate) fn push(&mut self, start: usize, len: usize) {
        self.places.push(Place::Buffer { len: len as u32, start });
    }

    pub(crate) fn push_own(&mut self, bytes: Vec<u8>) {
        self.push_shared(Arc::new(bytes));
    }

    pub(crate) fn push_shared(&mut self, bytes: Arc<Vec<u8>>) {
        self.places.push(Place::Own(self.own.len() as u32));
        self.own_bytes += bytes.len();
        self.own_capacity += bytes.capacity();
        self.own.push(bytes);
    }

    /// The words pushed since the last request are a whole one.
    #[inline]
    pub(crate) fn close_request(&mut self, wire_len: usize) {
        self.requests.push(Extent { end: self.places.len(), wire_len });
    }

    #[inline]
    pub(crate) fn request<'a>(&'a self, buffer: &'a [u8], index: usize) -> Request<'a> {
        let start = index.checked_sub(1).map_or(0, |before| self.requests[before].end);
        let Extent { end, wire_len } = self.requests[index];
        Request { buffer, own: &self.own, places: &self.places[start..end], wire_len }
    }

    /// Drops the whole requests; the words of the one under way stay.
    pub(crate) fn forget(&mut self) {
        let Some(last) = self.requests.last() else { return };
        let used = self.places.len();
        let under_way = self.places.get(last.end..).unwrap_or_default();
        let mut own_kept = 0;
        if !self.own.is_empty() {
            own_kept = under_way.iter().filter(|place| matches!(place, Place::Own(_))).count();
        }
        self.places.drain(..last.end);
        self.requests.clear();
        self.forget_own(self.own.len().saturating_sub(own_kept));
        if let Some(room) = self.burst.observe(used, self.places.capacity()) {
            self.places.shrink_to(room);
            self.requests.shrink_to(room);
            self.own.shrink_to(PLACES_KEPT);
        }
    }

    fn forget_own(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        for bytes in self.own.drain(..count) {
            self.own_bytes -= bytes.len();
            self.own_capacity -= bytes.capacity();
        }
        for place in &mut self.places {
            if let Place::Own(index) = place {
                *index -= count as u32;
            }
        }
    }

    /// The buffer lost its first `by` bytes. Only when there are no whole requests.
    pub(crate) fn shift(&mut self, by: usize) {
        debug_assert!(self.requests.is_empty());
        for place in &mut self.places {
            if let Place::Buffer { start, .. } = place {
                *start -= by;
            }
        }
    }

    pub(crate) fn shrink(&mut self) {
        self.places.shrink_to_fit();
        self.requests.shrink_to_fit();
        self.own.shrink_to_fit();
    }

    /// Bytes of words that have a buffer of their own. O(1), as are the next two.
    pub(crate) fn own_bytes(&self) -> usize {
        self.own_bytes
    }

    /// Bytes that tell where each word is.
    pub(crate) fn table_bytes(&self) -> usize {
        size_of_val(&*self.places) + size_of_val(&*self.requests) + size_of_val(&*self.own)
    }

    /// Bytes reserved.
    pub(crate) fn capacity(&self) -> usize {
        self.own_capacity
            + self.own.capacity() * size_of::<Arc<Vec<u8>>>()
            + self.places.capacity() * size_of::<Place>()
            + self.requests.capacity() * size_of::<Extent>()
    }

    pub(crate) fn check_invariants(&self, buffer_len: usize) {
        assert!(self.requests.is_sorted_by(|a, b| a.end < b.end), "no request is empty");
        assert!(self.requests.last().is_none_or(|last| last.end <= self.places.len()));
        let mut own = 0;
        for place in &self.places {
            match *place {
                Place::Buffer { len, start } => assert!(start + len as usize <= buffer_len),
                Place::Own(index) => {
                    assert_eq!(index as usize, own, "buffers are in the order of their words");
                    own += 1;
                }
            }
        }
        assert_eq!(own, self.own.len());
        assert_eq!(self.own_bytes, self.own.iter().map(|bytes| bytes.len()).sum::<usize>());
        assert_eq!(self.own_capacity, self.own.iter().map(|bytes| bytes.capacity()).sum::<usize>());
    }
}

/// One request: its words, where they were received. Word 0 is the command's name.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    buffer: &'a [u8],
    own: &'a [Arc<Vec<u8>>],
    places: &'a [Place],
    wire_len: usize,
}

impl<'a> Request<'a> {
    /// How many words there are; never zero.
    #[expect(clippy::len_without_is_empty, reason = "a request has at least one word")]
    #[inline]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The word at `index`.
    ///
    /// # Panics
    ///
    /// If there are not that many words.
    #[inline]
    pub fn word(&self, index: usize) -> &'a [u8] {
        self.at(self.places[index])
    }

    /// The word at `index`, if there are that many.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.places.get(index).map(|place| self.at(*place))
    }

    /// All words in order.
    #[inline]
    pub fn words(&self) -> Words<'a> {
        Words { request: *self }
    }

    /// The word at `index` in its own buffer, if it has one: words of [`LARGE_BULK_BYTES`](crate::LARGE_BULK_BYTES) and more do. A
    /// store can keep that buffer instead of copying it.
    #[inline]
    pub fn shared(&self, index: usize) -> Option<&'a Arc<Vec<u8>>> {
        match self.places.get(index)? {
            Place::Buffer { .. } => None,
            Place::Own(own) => self.own.get(*own as usize),
        }
    }

    /// How many bytes of the connection it took, blank lines and empty requests before it included.
    #[inline]
    pub fn wire_len(&self) -> usize {
        self.wire_len
    }

    /// The request as it came, if that is what [`write_request`](crate::write_request) would make of its words: an array of bulk strings
    /// whose lengths have no digit too many. Not if a word has a [buffer of its own](Self::shared). O(words).
    pub fn wire(&self) -> Option<&'a [u8]> {
        let (mut start, mut end) = (None, 0);
        // Every byte that isn't a word's is looked at: what lies around the words may be anything.
        for place in self.places {
            let Place::Buffer { len, start: word } = *place else { return None };
            let header = line_start(self.buffer, word, b'$', len as usize)?;
            match start {
                None => start = Some(line_start(self.buffer, header, b'*', self.places.len())?),
                Some(_) if header != end => return None,
                Some(_) => {}
            }
            let behind = word + len as usize;
            end = behind + CRLF.len();
            if self.buffer.get(behind..end) != Some(CRLF) {
                return None;
            }
        }
        self.buffer.get(start?..end).filter(|wire| wire.len() <= self.wire_len)
    }

    #[inline]
    fn at(&self, place: Place) -> &'a [u8] {
        match place {
            Place::Buffer { len, start } => &self.buffer[start..start + len as usize],
            Place::Own(own) => &self.own[own as usize],
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.words().map(|word| word.escape_ascii().to_string())).finish()
    }
}

/// Where the line of this sign and number begins that ends at `end`; `None` if another one does.
#[inline]
fn line_start(buffer: &[u8], end: usize, sign: u8, number: usize) -> Option<usize> {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(number).as_bytes();
    let start = end.checked_sub(1 + digits.len() + CRLF.len())?;
    let (first, rest) = buffer.get(start..end)?.split_first()?;
    (*first == sign && rest.strip_suffix(CRLF) == Some(digits)).then_some(start)
}

/// The words of a [`Request`].
#[derive(Debug, Clone)]
pub struct Words<'a> {
    request: Request<'a>,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let (first, rest) = self.request.places.split_first()?;
        self.request.places = rest;
        Some(self.request.at(*first))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.request.len(), Some(self.request.len()))
    }
}

impl ExactSizeIterator for Words<'_> {}
