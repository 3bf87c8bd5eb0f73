//! The server: its memory.
//!
//! ```text
//! MEMORY USAGE key [SAMPLES count]
//! MEMORY STATS
//! MEMORY DOCTOR
//! MEMORY PURGE
//! MEMORY MALLOC-STATS
//! MEMORY HELP
//! ```

use engine::{Args, CommandError, Ctx};

use super::memory_facts::MemoryFacts;
use crate::help::reply_help;

/// What a key takes in its table beside its entry: a place of eight bytes in a bucket, of which not all are taken. On average over a table's
/// growth it is 12; what it is for one key depends on which others there are.
const PLACE_BYTES: usize = 12;

/// What a record in an index of times takes: twelve bytes, in leaves of which three quarters are full on average.
const RECORD_BYTES: usize = 16;

pub(super) fn usage(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    parse_samples(&mut cx.args)?;
    match cx.view.peek(&key) {
        Some(entry) => {
            let records = usize::from(entry.expiry().is_some()) + usize::from(entry.field_expiry().is_some());
            let bytes = entry.memory_bytes() + PLACE_BYTES + records * RECORD_BYTES;
            cx.reply.integer(bytes as i64);
        }
        None => cx.reply.null(),
    }
    Ok(())
}

/// The number is checked and not used: the size of a value is known, there is nothing to estimate from samples.
fn parse_samples(args: &mut Args<'_>) -> Result<(), CommandError> {
    while !args.is_empty() {
        if !args.option("SAMPLES") || args.integer()? < 0 {
            return Err(CommandError::Syntax);
        }
    }
    Ok(())
}

pub(super) fn stats(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let facts = MemoryFacts::gather(cx);
    let bytes_per_key = facts.used.saturating_sub(facts.startup).checked_div(facts.keys).unwrap_or(0);
    let bytes = [
        ("peak.allocated", facts.peak.bytes),
        ("total.allocated", facts.used),
        ("startup.allocated", facts.startup),
        ("replication.backlog", 0),
        ("clients.slaves", 0),
        ("clients.normal", facts.clients),
        ("cluster.links", 0),
        ("aof.buffer", facts.log),
        ("lua.caches", 0),
        ("functions.caches", 0),
        ("script.VMs", 0),
        ("overhead.db.hashtable.lut", facts.tables),
        ("overhead.total", facts.overhead()),
        ("keys.count", facts.keys),
        ("keys.bytes-per-key", bytes_per_key),
        ("dataset.bytes", facts.dataset()),
        ("allocator.allocated", facts.used),
        ("allocator.active", facts.committed),
        ("allocator.resident", facts.resident),
    ];
    let doubles = [
        ("dataset.percentage", facts.dataset_percent()),
        ("peak.percentage", facts.peak_percent()),
        ("allocator-fragmentation.ratio", facts.allocator_fragmentation()),
        ("allocator-rss.ratio", facts.allocator_resident_ratio()),
        ("fragmentation", facts.fragmentation()),
    ];
    let differences = [
        ("allocator-fragmentation.bytes", facts.committed as i64 - facts.used as i64),
        ("allocator-rss.bytes", facts.resident as i64 - facts.committed as i64),
        ("fragmentation.bytes", facts.fragmentation_bytes()),
    ];
    cx.reply.map(bytes.len() + facts.databases.len() + doubles.len() + differences.len());
    for (name, number) in bytes {
        cx.reply.bulk(name.as_bytes());
        cx.reply.integer(number as i64);
    }
    for (name, number) in doubles {
        cx.reply.bulk(name.as_bytes());
        cx.reply.double(number);
    }
    for (name, number) in differences {
        cx.reply.bulk(name.as_bytes());
        cx.reply.integer(number);
    }
    for (index, tables) in &facts.databases {
        cx.reply.bulk(format!("db.{index}").as_bytes());
        cx.reply.map(2);
        cx.reply.bulk(b"overhead.hashtable.main");
        cx.reply.integer(tables.keys_bytes as i64);
        cx.reply.bulk(b"overhead.hashtable.expires");
        cx.reply.integer(tables.expiry_bytes as i64);
    }
    Ok(())
}

pub(super) fn purge(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.engine.host().purge_memory();
    cx.reply.ok();
    Ok(())
}

pub(super) fn malloc_stats(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.verbatim(b"txt", cx.engine.host().allocator_report());
    Ok(())
}

/// Below this there is too little in use to tell anything from it.
const DIAGNOSED_BYTES_MIN: u64 = 5 << 20;

pub(super) fn doctor(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let facts = MemoryFacts::gather(cx);
    if facts.used < DIAGNOSED_BYTES_MIN {
        let text = "Hi Sam, there is hardly any data here, so there is nothing to diagnose. Come back when this instance holds more.\n";
        cx.reply.verbatim(b"txt", text);
        return Ok(());
    }
    let findings = findings(&facts, cx.engine.clients().len() as u64);
    let mut text = String::new();
    if findings.is_empty() {
        text.push_str("Hi Sam, I looked at the memory of this instance and found nothing wrong.\n");
    } else {
        text.push_str("Sam, this is what I found about the memory of this instance:\n\n");
        findings.iter().for_each(|finding| text.extend([" * ", finding, "\n"]));
    }
    cx.reply.verbatim(b"txt", text);
    Ok(())
}

fn findings(facts: &MemoryFacts, clients: u64) -> Vec<&'static str> {
    const CLIENT_BYTES_MAX: u64 = 200 << 10;
    let symptoms = [
        (
            facts.peak.bytes as f64 > facts.used as f64 * 1.5,
            "Peak memory: in the past more than one and a half times of what is in use now was needed. The allocator may keep some of it, so a \
             high fragmentation is no cause for worry, and what it keeps will be used again.",
        ),
        (
            facts.fragmentation() > 1.4 && facts.fragmentation_bytes() > 10 << 20,
            "High fragmentation: the process holds more than 1.4 times the memory that is in use. If that is not due to a peak in the past, \
             the sizes of values may have changed much.",
        ),
        (
            facts.clients > clients.saturating_mul(CLIENT_BYTES_MAX),
            "Big client buffers: clients take more than 200 KB each on average. CLIENT LIST shows which of them don't read their replies.",
        ),
    ];
    symptoms.into_iter().filter_map(|(shows, finding)| shows.then_some(finding)).collect()
}

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(
        &mut cx.reply,
        "MEMORY",
        &[
            ("DOCTOR", &["Say what is wrong with the server's memory, if anything is."]),
            ("MALLOC-STATS", &["Show the allocator's account of itself."]),
            ("PURGE", &["Have the allocator give back what it keeps for later."]),
            ("STATS", &["Show how much memory is used for what."]),
            (
                "USAGE <key> [SAMPLES <count>]",
                &[
                    "Show how many bytes a key and its value take. The size is exact, so the",
                    "number of samples doesn't matter.",
                ],
            ),
        ],
    );
    Ok(())
}
