//! Blocks of any length in chunks of 64 KiB.
//!
//! ```text
//! block    ┌──────────────┬─────────┐
//!  live    │ length 1     │ payload │                 up to 253 bytes
//!          ├────┬─────────┴──┬──────┴──┐
//!  live    │ FE │ length 4   │ payload │              longer
//!          ├────┼────────┬───┴────┬────┘
//!  dead    │ FF │ size 2 │ next 5 │ …                 next: the next dead block of this size
//!          └────┴────────┴────────┘
//! ```
//!
//! New blocks go to the end of the last chunk. A block that dies is put on a list of its size, from which the next new block of
//! that size is taken: members that come and go are usually of few lengths. A payload of more than [`SHARED_PAYLOAD_MAX`] bytes
//! has a chunk for itself, which is freed with it.
//!
//! When more bytes are dead than alive, an *evacuation* begins. The lists are forgotten; [`Blocks::next_to_move`] goes
//! through all chunks that were there, and names the live blocks of those with many dead ones, one at a time. The owner copies each to the
//! end of the last chunk, mends what refers to it, and gives the old one up. A chunk that has been passed is freed as a whole. So a block is moved at most once for
//! each that died, no step takes long, and memory shrinks with its contents even if a random tenth of them is left.

use super::handle::Handle;

/// Longest payload that lies in a chunk with others.
const SHARED_PAYLOAD_MAX: usize = 4096;

/// Longest payload whose length fits the first byte of its block.
const SHORT_PAYLOAD_MAX: usize = 0xFD;
const LONG: u8 = 0xFE;
const DEAD: u8 = 0xFF;

const LONG_HEADER: usize = 5;

/// A dead block must hold its size and the link to the next.
const BLOCK_BYTES_MIN: usize = 8;

/// No block: the last handle there could be.
const NONE: Handle = Handle::joined(u32::MAX, u8::MAX);

/// Fewer dead bytes than this are not worth an evacuation.
const DEAD_BYTES_IGNORED: usize = Handle::CHUNK_BYTES / 4;

/// A chunk is evacuated if at least one byte in so many is dead.
const WORTH_MOVING: usize = 4;

#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    dead_bytes: usize,
}

/// How far an evacuation has come.
struct Evacuation {
    chunk: usize,
    offset: usize,
    /// The first chunk that was not there when it began.
    end: usize,
}

/// See the module.
pub(crate) struct Blocks {
    /// Those whose number is in `vacant` have no memory.
    chunks: Vec<Chunk>,
    vacant: Vec<u32>,
    /// The chunk that new blocks are appended to.
    tail: usize,
    /// By size: the dead block to be used next.
    free: Vec<Handle>,
    live_bytes: usize,
    dead_bytes: usize,
    /// Of all chunks, used or not.
    chunk_bytes: usize,
    evacuation: Option<Evacuation>,
}

impl Blocks {
    pub(crate) fn new() -> Self {
        Self {
            chunks: vec![Chunk::default()],
            vacant: Vec::new(),
            tail: 0,
            free: Vec::new(),
            live_bytes: 0,
            dead_bytes: 0,
            chunk_bytes: 0,
            evacuation: None,
        }
    }

    /// The payload of a live block.
    #[inline]
    pub(crate) fn payload(&self, handle: Handle) -> &[u8] {
        payload_of(&self.chunks[handle.chunk()].bytes[handle.offset()..])
    }

    #[inline]
    pub(crate) fn payload_mut(&mut self, handle: Handle) -> &mut [u8] {
        let block = &mut self.chunks[handle.chunk()].bytes[handle.offset()..];
        let (start, end) = payload_span(block);
        &mut block[start..end]
    }

    /// Asks for the cache line that a block begins in.
    #[inline]
    pub(crate) fn fetch(&self, handle: Handle) {
        if let Some(chunk) = self.chunks.get(handle.chunk()) {
            dict::fetch(chunk.bytes.as_ptr().wrapping_add(handle.offset()));
        }
    }

    /// Stores a payload, given in parts.
    pub(crate) fn insert(&mut self, parts: &[&[u8]]) -> Handle {
        let payload_len: usize = parts.iter().map(|part| part.len()).sum();
        let size = block_size(payload_len);
        self.live_bytes += size;
        let (header, header_len) = header_of(payload_len);
        let header = &header[..header_len];
        if let Some(handle) = self.take_free(size) {
            let chunk = &mut self.chunks[handle.chunk()];
            chunk.dead_bytes -= size;
            self.dead_bytes -= size;
            let (before, mut rest) = chunk.bytes[handle.offset()..].split_at_mut(header_len);
            before.copy_from_slice(header);
            for part in parts {
                let (place, behind) = rest.split_at_mut(part.len());
                place.copy_from_slice(part);
                rest = behind;
            }
            return handle;
        }
        let number = self.chunk_with_room(size);
        let bytes = &mut self.chunks[number].bytes;
        let (offset, capacity) = (bytes.len(), bytes.capacity());
        bytes.extend_from_slice(header);
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        bytes.resize(offset + size, 0);
        // Only the first chunk grows.
        self.chunk_bytes += bytes.capacity() - capacity;
        Handle::new(number, offset)
    }

    /// Gives a live block up.
    pub(crate) fn remove(&mut self, handle: Handle) {
        let size = self.kill(handle);
        let alone = self.chunks[handle.chunk()].bytes.len() == size && handle.chunk() != self.tail;
        if self.live_bytes == 0 {
            *self = Self::new();
        } else if alone {
            self.vacate(handle.chunk());
        } else if self.evacuation.is_none() {
            self.list(handle, size);
            if self.dead_bytes > self.live_bytes + DEAD_BYTES_IGNORED {
                self.free = Vec::new();
                self.evacuation = Some(Evacuation { chunk: 0, offset: 0, end: self.chunks.len() });
                self.tail = self.add_chunk(Handle::CHUNK_BYTES);
            }
        }
    }

    /// The next block that the owner should [move](Blocks::relocate), looking at no more than `looks_max` blocks and chunks.
    /// It must be moved or removed before the next call.
    #[inline]
    pub(crate) fn next_to_move(&mut self, looks_max: usize) -> Option<Handle> {
        if self.evacuation.is_none() { None } else { self.evacuate(looks_max) }
    }

    /// Copies a block to where new ones go. The old one stays until [`Blocks::moved`].
    pub(crate) fn relocate(&mut self, handle: Handle) -> Handle {
        let payload = self.payload(handle).to_vec();
        self.insert(&[&payload])
    }

    /// Gives the place up that a block had before it was moved.
    pub(crate) fn moved(&mut self, from: Handle) {
        self.kill(from);
    }

    /// The payloads of all live blocks, in the order in which they lie in memory.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        self.chunks.iter().flat_map(|chunk| {
            let mut rest = &chunk.bytes[..];
            let blocks = std::iter::from_fn(move || {
                let size = if rest.is_empty() { return None } else { size_of_block(rest) };
                let (block, behind) = rest.split_at(size);
                rest = behind;
                Some(block)
            });
            blocks.filter(|block| block[0] != DEAD).map(payload_of)
        })
    }

    /// Bytes that are allocated. O(1).
    pub(crate) fn memory_bytes(&self) -> usize {
        self.chunk_bytes
            + self.chunks.capacity() * size_of::<Chunk>()
            + self.free.capacity() * size_of::<Handle>()
            + self.vacant.capacity() * size_of::<u32>()
    }

    /// Panics if the blocks are not as they should be. Reads all of them.
    pub(crate) fn check_invariants(&self) {
        let (mut live, mut dead) = (0, 0);
        for (number, chunk) in self.chunks.iter().enumerate() {
            let mut chunk_dead = 0;
            let mut at = 0;
            while at < chunk.bytes.len() {
                let size = size_of_block(&chunk.bytes[at..]);
                if chunk.bytes[at] == DEAD {
                    chunk_dead += size;
                } else {
                    live += size;
                }
                at += size;
            }
            assert_eq!(at, chunk.bytes.len(), "blocks fill chunk {number}");
            assert_eq!(chunk_dead, chunk.dead_bytes, "dead bytes of chunk {number}");
            dead += chunk_dead;
        }
        assert_eq!((live, dead), (self.live_bytes, self.dead_bytes), "bytes are counted");
        let capacity: usize = self.chunks.iter().map(|chunk| chunk.bytes.capacity()).sum();
        assert_eq!(capacity, self.chunk_bytes, "room is counted");
        assert!(self.vacant.iter().all(|&number| self.chunks[number as usize].bytes.capacity() == 0));
        for (size, &first) in self.free.iter().enumerate() {
            let mut at = first;
            while at != NONE {
                let block = &self.chunks[at.chunk()].bytes[at.offset()..];
                assert!(
                    block[0] == DEAD && size_of_block(block) == size,
                    "listed blocks are dead, of their size"
                );
                at = next_of(block);
            }
        }
    }

    fn take_free(&mut self, size: usize) -> Option<Handle> {
        let first = self.free.get_mut(size)?;
        if *first == NONE {
            return None;
        }
        let taken = *first;
        *first = next_of(&self.chunks[taken.chunk()].bytes[taken.offset()..]);
        Some(taken)
    }

    /// Puts a dead block on the list of its size.
    fn list(&mut self, handle: Handle, size: usize) {
        if size >= self.free.len() {
            self.free.resize(size + 1, NONE);
        }
        let next = std::mem::replace(&mut self.free[size], handle);
        let link = &mut self.chunks[handle.chunk()].bytes[handle.offset() + 3..][..5];
        link[..4].copy_from_slice(&next.low().to_le_bytes());
        link[4] = next.high();
    }

    /// Marks a block dead and returns its size.
    fn kill(&mut self, handle: Handle) -> usize {
        let chunk = &mut self.chunks[handle.chunk()];
        let block = &mut chunk.bytes[handle.offset()..];
        let size = size_of_block(block);
        debug_assert_ne!(block[0], DEAD, "a block dies once");
        block[0] = DEAD;
        // A block that is alone in its chunk may be larger, and is never asked.
        let short = u16::try_from(size).unwrap_or(u16::MAX);
        block[1..3].copy_from_slice(&short.to_le_bytes());
        chunk.dead_bytes += size;
        self.dead_bytes += size;
        self.live_bytes -= size;
        size
    }

    /// A chunk that `size` more bytes fit in.
    fn chunk_with_room(&mut self, size: usize) -> usize {
        if size > block_size(SHARED_PAYLOAD_MAX) {
            return self.add_chunk(size);
        }
        let used = self.chunks[self.tail].bytes.len();
        if used + size > Handle::CHUNK_BYTES {
            self.tail = self.add_chunk(Handle::CHUNK_BYTES);
        }
        self.tail
    }

    fn add_chunk(&mut self, capacity: usize) -> usize {
        let chunk = Chunk { bytes: Vec::with_capacity(capacity), dead_bytes: 0 };
        self.chunk_bytes += chunk.bytes.capacity();
        if let Some(number) = self.vacant.pop() {
            self.chunks[number as usize] = chunk;
            return number as usize;
        }
        self.chunks.push(chunk);
        self.chunks.len() - 1
    }

    /// Frees a chunk in which nothing is alive and nothing is listed.
    fn vacate(&mut self, number: usize) {
        let chunk = std::mem::take(&mut self.chunks[number]);
        debug_assert_eq!(chunk.bytes.len(), chunk.dead_bytes);
        self.dead_bytes -= chunk.dead_bytes;
        self.chunk_bytes -= chunk.bytes.capacity();
        if let Some(at) = self.evacuation.as_mut().filter(|at| at.chunk == number) {
            at.offset = 0;
        }
        self.vacant.push(u32::try_from(number).expect("chunks have numbers of 24 bits"));
    }

    #[cold]
    fn evacuate(&mut self, looks_max: usize) -> Option<Handle> {
        let mut at = self.evacuation.take()?;
        for _ in 0..looks_max {
            if at.chunk == at.end {
                return None;
            }
            let chunk = &self.chunks[at.chunk];
            let len = chunk.bytes.len();
            let has_begun = at.offset > 0;
            let stays = at.chunk == self.tail || chunk.dead_bytes * WORTH_MOVING < len || len == 0;
            if !has_begun && stays {
                at.chunk += 1;
            } else if at.offset == len {
                self.vacate(at.chunk);
                at = Evacuation { chunk: at.chunk + 1, offset: 0, end: at.end };
            } else {
                let handle = Handle::new(at.chunk, at.offset);
                let block = &chunk.bytes[at.offset..];
                at.offset += size_of_block(block);
                if block[0] != DEAD {
                    self.evacuation = Some(at);
                    return Some(handle);
                }
            }
        }
        self.evacuation = Some(at);
        None
    }
}

fn block_size(payload_len: usize) -> usize {
    let header = if payload_len > SHORT_PAYLOAD_MAX { LONG_HEADER } else { 1 };
    (header + payload_len).max(BLOCK_BYTES_MIN)
}

/// The header of a live block and how many bytes of it count.
fn header_of(payload_len: usize) -> ([u8; LONG_HEADER], usize) {
    if payload_len <= SHORT_PAYLOAD_MAX {
        return ([payload_len as u8, 0, 0, 0, 0], 1);
    }
    let len = u32::try_from(payload_len).expect("a payload is shorter than 4 GiB").to_le_bytes();
    ([LONG, len[0], len[1], len[2], len[3]], LONG_HEADER)
}

/// Where the payload of a live block begins and ends.
#[inline]
fn payload_span(block: &[u8]) -> (usize, usize) {
    let first = block[0];
    if usize::from(first) <= SHORT_PAYLOAD_MAX {
        return (1, 1 + usize::from(first));
    }
    debug_assert_eq!(first, LONG, "a live block");
    let len = u32::from_le_bytes([block[1], block[2], block[3], block[4]]);
    (LONG_HEADER, LONG_HEADER + len as usize)
}

#[inline]
fn payload_of(block: &[u8]) -> &[u8] {
    let (start, end) = payload_span(block);
    &block[start..end]
}

fn size_of_block(block: &[u8]) -> usize {
    if block[0] == DEAD {
        return usize::from(u16::from_le_bytes([block[1], block[2]]));
    }
    let (_, end) = payload_span(block);
    end.max(BLOCK_BYTES_MIN)
}

/// The link of a dead block that is on a list.
fn next_of(block: &[u8]) -> Handle {
    Handle::joined(u32::from_le_bytes([block[3], block[4], block[5], block[6]]), block[7])
}
