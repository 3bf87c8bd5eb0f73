//! Bitmaps: integers of any width at any bit.
//!
//! ```text
//! BITFIELD key [GET encoding offset | [OVERFLOW WRAP | SAT | FAIL]
//!     SET encoding offset value | INCRBY encoding offset increment ...]
//! BITFIELD_RO key [GET encoding offset ...]
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::Key;
use resp::Reply;

use super::SETBIT;
use super::field_args::{Action, Operation};
use crate::value::edit_or_create;

pub(super) fn bitfield(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let operations = parse(cx)?;
    if operations.iter().any(Operation::writes) {
        write(cx, &key, &operations)
    } else {
        read(cx, &key, &operations)
    }
}

pub(super) fn bitfield_ro(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let operations = parse(cx)?;
    if operations.iter().any(Operation::writes) {
        return Err(CommandError::fixed("ERR BITFIELD_RO only supports the GET subcommand"));
    }
    read(cx, &key, &operations)
}

fn parse(cx: &mut Ctx<'_>) -> Result<Vec<Operation>, CommandError> {
    Operation::parse_all(&mut cx.args, cx.engine.settings().bulk_bytes_max() as u64)
}

fn read(cx: &mut Ctx<'_>, key: &Key<'_>, operations: &[Operation]) -> Result<(), CommandError> {
    let entry = cx.view.string(key)?;
    let text = entry.as_ref().map(|entry| entry.value().text());
    let bytes = text.as_deref().unwrap_or_default();
    cx.reply.array(operations.len());
    for operation in operations {
        cx.reply.integer(operation.field.read(bytes, operation.offset));
    }
    Ok(())
}

fn write(cx: &mut Ctx<'_>, key: &Key<'_>, operations: &[Operation]) -> Result<(), CommandError> {
    let reply = &mut cx.reply;
    let has_changed = edit_or_create(&mut cx.view, key, |bytes| {
        let len = bytes.len();
        // All that will be written is there before the first is written, and stays where a write then fails.
        for operation in operations.iter().filter(|operation| operation.writes()) {
            operation.field.grow(bytes, operation.offset);
        }
        let mut has_changed = bytes.len() > len;
        reply.array(operations.len());
        for operation in operations {
            has_changed |= operation.run(bytes, reply);
        }
        has_changed
    })?;
    if has_changed {
        cx.view.record(key, SETBIT, Effect::AsCalled);
    }
    Ok(())
}

impl Operation {
    /// Runs it, replies, and returns whether the field has another value now.
    fn run(&self, bytes: &mut Vec<u8>, reply: &mut Reply<'_>) -> bool {
        let Self { action, field, offset, overflow } = *self;
        let old = field.read(bytes, offset);
        let answer = match action {
            Action::Get => Some(old),
            Action::Set(value) => field.set(bytes, offset, value, overflow),
            Action::Increment(by) => field.increment(bytes, offset, by, overflow),
        };
        match answer {
            Some(number) => reply.integer(number),
            None => reply.null(),
        }
        self.writes() && field.read(bytes, offset) != old
    }
}
