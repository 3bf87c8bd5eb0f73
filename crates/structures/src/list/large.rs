//! The large form.

/// The large form.
#[derive(Clone, Debug, Default)]
pub struct Quicklist {
    elements: Vec<Vec<u8>>,
}

impl Quicklist {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Bytes of memory. O(1).
    pub fn memory_bytes(&self) -> usize {
        self.elements.capacity() * size_of::<Vec<u8>>()
    }
}
