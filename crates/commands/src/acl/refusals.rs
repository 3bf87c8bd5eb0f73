//! Users: what was refused lately.
//!
//! ```text
//! ACL LOG [count | RESET]
//! ```

use acl::Entry;
use engine::{CommandError, Ctx, Moment};
use resp::Reply;

use crate::help::wrong_arguments;

/// Entries that are shown to those who don't say how many.
const SHOWN: usize = 10;

pub(super) fn log(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.remaining() > 1 {
        return Err(wrong_arguments(cx));
    }
    if cx.args.option("RESET") {
        cx.engine.forget_refusals();
        cx.reply.ok();
        return Ok(());
    }
    let count = if cx.args.is_empty() { SHOWN } else { usize::try_from(cx.args.integer()?).unwrap_or(0) };
    let entries: Vec<Entry> = cx.engine.read_refusals(|log| log.iter().take(count).cloned().collect());
    cx.reply.array(entries.len());
    entries.iter().for_each(|entry| show(entry, cx.now, &mut cx.reply));
    Ok(())
}

fn show(entry: &Entry, now: Moment, reply: &mut Reply<'_>) {
    reply.map(10);
    reply.bulk(b"count");
    reply.integer(entry.count as i64);
    let texts = [
        ("reason", entry.reason.name().as_bytes()),
        ("context", entry.context.name().as_bytes()),
        ("object", &entry.object),
        ("username", &entry.username),
    ];
    for (name, text) in texts {
        reply.bulk(name.as_bytes());
        reply.bulk(text);
    }
    reply.bulk(b"age-seconds");
    reply.double(entry.age_seconds(now.unix_millis().0 as u64));
    reply.bulk(b"client-info");
    reply.bulk(&entry.client_info);
    let numbers = [
        ("entry-id", entry.id),
        ("timestamp-created", entry.created_ms),
        ("timestamp-last-updated", entry.updated_ms),
    ];
    for (name, number) in numbers {
        reply.bulk(name.as_bytes());
        reply.integer(number as i64);
    }
}
