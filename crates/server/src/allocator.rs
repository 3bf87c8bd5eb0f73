//! The program's memory allocator, as far as INFO and MEMORY ask about it.

/// What the program tells of its allocator, which it alone knows.
#[derive(Copy, Clone, Debug)]
pub struct Allocator {
    /// Its name.
    pub name: &'static str,
    /// What it holds of the system's memory, in bytes.
    pub committed_bytes: fn() -> usize,
    /// Gives back what the calling thread keeps for later.
    pub purge: fn(),
    /// Its account of itself.
    pub report: fn() -> String,
}
