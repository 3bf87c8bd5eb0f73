//! Bitmaps: strings as rows of bits, and as fields of a few bits.

mod bit;
mod combine;
mod field;
mod field_args;
mod search;

use catalog::id;
use engine::{CommandError, Event, Handlers, Scope};

/// Bits of a string were changed.
const SETBIT: Event = Event::string("setbit");

const WRONG_OFFSET: CommandError = CommandError::fixed("ERR bit offset is not an integer or out of range");

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::GETBIT, Scope::Key, bit::getbit)
        .add(id::SETBIT, Scope::Key, bit::setbit)
        .add(id::BITCOUNT, Scope::Keys, search::bitcount)
        .add(id::BITPOS, Scope::Keys, search::bitpos)
        .add(id::BITOP, Scope::Keys, combine::bitop)
        .add(id::BITFIELD, Scope::Key, field::bitfield)
        .add(id::BITFIELD_RO, Scope::Key, field::bitfield_ro);
}
