//! From a name to a command, for each request: an open-addressed hash table that the compiler fills.
//!
//! A name of up to 16 bytes is two overlapping machine words. They are folded to lower case eight bytes at a
//! time, hashed with two multiplications, and compared as words; only the few longer names are compared byte
//! by byte.

use crate::table::TABLE;
use crate::{COUNT, Command, CommandId};

/// The command with this id.
#[inline]
pub fn command(id: CommandId) -> &'static Command {
    &TABLE[id.index()]
}

/// The command with this name, in any case. Subcommands are not found: see [`subcommand`] and [`find`].
#[inline]
pub fn lookup(name: &[u8]) -> Option<CommandId> {
    let key = Key::of(name);
    let mut slot = key.slot();
    loop {
        let id = SLOTS[slot];
        if id == EMPTY {
            return None;
        }
        if is_named(CommandId(id), key, name) {
            return Some(CommandId(id));
        }
        slot = (slot + 1) % SLOT_COUNT;
    }
}

/// Whether `name`, which makes this key, is the last part of the command's name.
#[inline]
fn is_named(id: CommandId, key: Key, name: &[u8]) -> bool {
    KEYS[id.index()].same(key)
        && (name.len() <= Key::BYTES_MAX || command(id).short_name().as_bytes().eq_ignore_ascii_case(name))
}

/// The subcommand of `container` with this name, in any case: `get` for CONFIG GET.
pub fn subcommand(container: CommandId, name: &[u8]) -> Option<CommandId> {
    let key = Key::of(name);
    command(container).subcommands.iter().copied().find(|&id| is_named(id, key, name))
}

/// The command or subcommand with this full name, in any case: `get` or `config|get`.
pub fn find(full_name: &[u8]) -> Option<CommandId> {
    match full_name.iter().position(|&byte| byte == b'|') {
        None => lookup(full_name),
        Some(bar) => subcommand(lookup(&full_name[..bar])?, &full_name[bar + 1..]),
    }
}

/// A folded name: its first and last eight bytes, and its length.
#[derive(Copy, Clone)]
struct Key {
    head: u64,
    tail: u64,
    length: usize,
}

impl Key {
    /// Names up to this length are told apart by their key alone.
    const BYTES_MAX: usize = 16;

    const NONE: Key = Key { head: 0, tail: 0, length: 0 };

    #[inline]
    const fn of(name: &[u8]) -> Key {
        let (head, tail) = if let (Some(head), Some(tail)) = (name.first_chunk(), name.last_chunk()) {
            (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
        } else if let (Some(head), Some(tail)) = (name.first_chunk(), name.last_chunk()) {
            (u32::from_le_bytes(*head) as u64, u32::from_le_bytes(*tail) as u64)
        } else {
            match *name {
                [first, second, third] => (u32::from_le_bytes([first, second, third, 0]) as u64, 0),
                [first, second] => (u16::from_le_bytes([first, second]) as u64, 0),
                [only] => (only as u64, 0),
                _ => (0, 0),
            }
        };
        Key { head: lower_case(head), tail: lower_case(tail), length: name.len() }
    }

    #[inline]
    const fn same(self, other: Key) -> bool {
        self.head == other.head && self.tail == other.tail && self.length == other.length
    }

    #[inline]
    const fn slot(self) -> usize {
        // Odd constants with well-mixed bits: digits of the golden ratio and of the square root of 2.
        let mixed = self.head.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ (self.tail ^ self.length as u64).wrapping_mul(0x6A09_E667_F3BC_C909);
        (mixed >> (u64::BITS - SLOT_BITS)) as usize
    }
}

/// Turns the capital letters among eight bytes into small ones.
#[inline]
const fn lower_case(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH_BITS: u64 = EACH << 7;
    let low = word & !HIGH_BITS;
    let from_a = low + EACH * (0x80 - b'A' as u64);
    let above_z = low + EACH * (0x7F - b'Z' as u64);
    let capitals = from_a & !above_z & !word & HIGH_BITS;
    word | capitals >> 2
}

/// Four slots for each command keep the average search at little more than one slot.
const SLOT_BITS: u32 = 10;
const SLOT_COUNT: usize = 1 << SLOT_BITS;
const EMPTY: u16 = u16::MAX;

/// The keys of the names' last parts, which are what a request has as a word.
static KEYS: [Key; COUNT] = {
    let mut keys = [Key::NONE; COUNT];
    let mut index = 0;
    while index < COUNT {
        keys[index] = Key::of(last_part(&TABLE[index]));
        index += 1;
    }
    keys
};

static SLOTS: [u16; SLOT_COUNT] = {
    let mut slots = [EMPTY; SLOT_COUNT];
    let mut filled = 0;
    let mut index = 0;
    while index < COUNT {
        if TABLE[index].container.is_none() {
            let mut slot = Key::of(TABLE[index].name.as_bytes()).slot();
            while slots[slot] != EMPTY {
                slot = (slot + 1) % SLOT_COUNT;
            }
            slots[slot] = index as u16;
            filled += 1;
        }
        index += 1;
    }
    assert!(filled * 2 < SLOT_COUNT, "raise SLOT_BITS");
    slots
};

const fn last_part(command: &Command) -> &'static [u8] {
    let name = command.name.as_bytes();
    match command.container {
        None => name,
        Some(container) => name.split_at(TABLE[container.index()].name.len() + 1).1,
    }
}
