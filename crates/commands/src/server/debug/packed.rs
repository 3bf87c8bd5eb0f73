//! DEBUG LISTPACK: a small collection as it lies in memory.

use engine::{CommandError, Ctx};
use keyspace::{Object, Packed};
use listpack::{Element, Listpack};
use structures::{Hash, List, Set, SortedSet};

const NOT_A_LISTPACK: CommandError = CommandError::fixed("ERR Not a listpack encoded object.");

/// Elements and bytes go to the log; the reply is that of the peers.
pub(super) fn listpack(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let name = cx.args.word()?;
    let key = cx.engine.keyspace().key(name);
    let entry = cx.view.peek(&key).ok_or(CommandError::NoSuchKey)?;
    let object = entry.object().ok_or(NOT_A_LISTPACK)?;
    let packed = packed(&object).ok_or(NOT_A_LISTPACK)?;
    let view = packed.view();
    let mut text =
        format!("{}: {} elements in {} bytes:", name.escape_ascii(), view.len(), packed.as_bytes().len());
    for element in view.iter() {
        let shown = match element {
            Element::Int(number) => format!(" {number}"),
            Element::Bytes(bytes) => format!(" \"{}\"", bytes.escape_ascii()),
        };
        text.push_str(&shown);
    }
    cx.engine.host().log(&text);
    cx.reply.simple("Listpack structure printed on stdout");
    Ok(())
}

fn packed(object: &Object) -> Option<&Listpack<Packed>> {
    match object {
        Object::List(List::Packed(packed))
        | Object::Hash(Hash::Packed(packed) | Hash::Dated(packed))
        | Object::Set(Set::Packed(packed))
        | Object::SortedSet(SortedSet::Packed(packed)) => Some(packed),
        _ => None,
    }
}
