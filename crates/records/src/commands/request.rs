//! Writing requests of which it isn't known before how many words they have.

use listpack::{Element, TextBuffer};

/// Items that one request has at most. The peers write as many: each request that is carried out keeps others waiting for a moment only.
pub(super) const ITEMS_MAX: usize = 64;

/// A request that is being written. Without words nothing is written.
pub(super) struct Request<'o> {
    out: &'o mut Vec<u8>,
    /// Where it begins.
    start: usize,
    words: usize,
}

impl<'o> Request<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start, words: 0 }
    }

    pub(super) fn of(out: &'o mut Vec<u8>, words: &[&[u8]]) -> Self {
        let mut request = Self::new(out);
        words.iter().for_each(|word| request.word(word));
        request
    }

    pub(super) fn word(&mut self, word: &[u8]) {
        self.words += 1;
        let mut digits = TextBuffer::new();
        let [sign, digits, end] = number_line(b"$", word.len(), &mut digits);
        [sign, digits, end, word, b"\r\n"].into_iter().for_each(|part| self.out.extend_from_slice(part));
    }

    pub(super) fn element(&mut self, element: Element<'_>) {
        self.word(element.text(&mut TextBuffer::new()));
    }

    /// Writes in front how many words there are.
    pub(super) fn end(self) {
        let mut digits = TextBuffer::new();
        let head = number_line(b"*", self.words, &mut digits).into_iter().flatten().copied();
        self.out.splice(self.start..self.start, head);
    }
}

/// A line with a number.
fn number_line<'t>(sign: &'static [u8], number: usize, digits: &'t mut TextBuffer) -> [&'t [u8]; 3] {
    [sign, Element::Int(number as i64).text(digits), b"\r\n"]
}

/// A request with many items, which ends when it has enough of them.
pub(super) struct Items<'o> {
    request: Request<'o>,
    items: usize,
    /// Requests that come behind this one.
    behind: Vec<u8>,
    /// The length of the output that is enough.
    bytes_end: usize,
}

impl<'o> Items<'o> {
    /// Items for a key, behind what is in `out`, which need not grow beyond `bytes_end`.
    pub(super) fn new(verb: &str, key: &[u8], bytes_end: usize, out: &'o mut Vec<u8>) -> Self {
        let request = Request::of(out, &[verb.as_bytes(), key]);
        Self { request, items: 0, behind: Vec::new(), bytes_end }
    }

    /// Adds an item of one word or two.
    pub(super) fn add<const N: usize>(&mut self, words: [Element<'_>; N]) {
        words.into_iter().for_each(|word| self.request.element(word));
        self.items += 1;
    }

    /// Adds a request that is to come behind this one.
    pub(super) fn follow(&mut self, words: &[&[u8]]) {
        Request::of(&mut self.behind, words).end();
    }

    /// How many more there may be.
    pub(super) fn room(&self) -> usize {
        let has_bytes = self.request.out.len() + self.behind.len() < self.bytes_end;
        if has_bytes || self.items == 0 { ITEMS_MAX - self.items } else { 0 }
    }

    /// Without items nothing is left of it.
    pub(super) fn end(self) {
        let Self { request, items, behind, .. } = self;
        if items == 0 {
            return request.out.truncate(request.start);
        }
        let Request { out, start, words } = request;
        Request { out: &mut *out, start, words }.end();
        out.extend_from_slice(&behind);
    }
}
