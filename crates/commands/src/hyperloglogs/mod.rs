//! HyperLogLogs: strings that count how many different elements they have met.

mod add;
mod count;
mod debug;
mod merge;

use catalog::id;
use engine::{CommandError, Event, Handlers, Scope};

/// Registers were raised.
const PFADD: Event = Event::string("pfadd");

const NOT_ONE: CommandError = CommandError::fixed("WRONGTYPE Key is not a valid HyperLogLog string value.");
const CORRUPTED: CommandError = CommandError::fixed("INVALIDOBJ Corrupted HLL object detected");

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::PFADD, Scope::Key, add::pfadd)
        .add(id::PFCOUNT, Scope::Keys, count::pfcount)
        .add(id::PFMERGE, Scope::Keys, merge::pfmerge)
        .add(id::PFDEBUG, Scope::Keys, debug::pfdebug)
        .add(id::PFSELFTEST, Scope::Session, debug::pfselftest);
}
