//! Memory that is used again and again while values are read.

use listpack::Listpack;

/// A buffer that grew beyond this is given back.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// The longest text that is read unless told otherwise: 4 GiB less one byte.
pub(crate) const TEXT_BYTES_MAX: usize = u32::MAX as usize;

/// Where compressed texts and packed lists of old forms are made into what is handed out.
///
/// Keep one for each thread that reads raw values: it saves allocations.
#[derive(Debug)]
pub struct Scratch {
    text_bytes_max: usize,
    pub(crate) first: Vec<u8>,
    pub(crate) second: Vec<u8>,
    pub(crate) packed: Listpack,
}

impl Scratch {
    /// Nothing is allocated before it is needed.
    pub fn new() -> Self {
        Self::with_text_bytes_max(TEXT_BYTES_MAX)
    }

    /// The same, for texts of at most so many bytes.
    pub fn with_text_bytes_max(bytes: usize) -> Self {
        Self { text_bytes_max: bytes, first: Vec::new(), second: Vec::new(), packed: Listpack::new() }
    }

    /// Gives back what an unusually large value made it grow to.
    pub(crate) fn trim(&mut self) {
        release(&mut self.first, 0);
        release(&mut self.second, 0);
        if self.packed.memory_bytes() > KEPT_BYTES_MAX {
            self.packed = Listpack::new();
        }
    }

    pub(crate) fn text_bytes_max(&self) -> usize {
        self.text_bytes_max
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

/// Gives a buffer's memory back if it is more than is kept and more than `len` bytes need.
pub(crate) fn release(buffer: &mut Vec<u8>, len: usize) {
    if buffer.capacity() > KEPT_BYTES_MAX && len <= KEPT_BYTES_MAX {
        *buffer = Vec::new();
    }
}
