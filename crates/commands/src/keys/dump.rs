//! Keys: a value as bytes that another server understands.
//!
//! ```text
//! DUMP key
//! ```

use std::sync::Arc;

use engine::{CommandError, Ctx};
use keyspace::{Entry, NewValue, Object, UnixMillis};
use rdb::{WriteError, WriteOptions, dump};

/// The payload is in the dialect that the most servers read of those that can hold the value, unless `rdb-version` names another.
pub(super) fn dump(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let settings = cx.engine.settings();
    let (version, compress, now) = (settings.rdb_version(), settings.compresses(), cx.view.now());
    let Some(entry) = cx.view.read(&key) else {
        cx.reply.null();
        return Ok(());
    };
    let payload = match without_due_fields(&entry, now) {
        Some(seen) => payload(&seen, version, compress),
        None => payload(&entry, version, compress),
    }?;
    cx.reply.shared(&Arc::new(payload));
    Ok(())
}

fn payload(entry: &Entry, version: Option<u8>, compress: bool) -> Result<Vec<u8>, CommandError> {
    let dialect = records::dialect(version, records::needs(entry));
    let options = WriteOptions { compress, ..WriteOptions::new(dialect) };
    dump::write(options, |value| records::write_value(entry, value)).map_err(|error| match error {
        WriteError::FieldTtl(dialect) => CommandError::text(format!(
            "ERR fields that expire have no place in version {} (see 'rdb-version')",
            dialect.version()
        )),
        other => CommandError::text(format!("ERR the value can't be dumped: {other}")),
    })
}

/// The entry as clients see it, if that is otherwise: the look at a hash may have left fields that are due.
fn without_due_fields(entry: &Entry, now: UnixMillis) -> Option<Entry> {
    let object = entry.object()?;
    let Object::Hash(hash) = &*object else { return None };
    if !hash.has_due(now.0) {
        return None;
    }
    let mut seen = hash.clone();
    seen.expire(now.0, usize::MAX, |_| ());
    Some(Entry::new(entry.key(), NewValue::Object(Object::Hash(seen)), None, entry.clock()))
}
