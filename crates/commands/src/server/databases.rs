//! The server: whole databases.
//!
//! ```text
//! DBSIZE
//! FLUSHDB [ASYNC | SYNC]
//! FLUSHALL [ASYNC | SYNC]
//! SWAPDB index1 index2
//! ```

use engine::{Args, CommandError, Ctx, Effect};
use keyspace::DbIndex;

pub(super) fn dbsize(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let mut keys = 0;
    cx.view.visit_tables(|table| keys += table.len());
    cx.reply.integer(keys as i64);
    Ok(())
}

pub(super) fn flushdb(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    parse_mode(&mut cx.args)?;
    let db = cx.view.db();
    flush(cx, db..=db);
    Ok(())
}

pub(super) fn flushall(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    parse_mode(&mut cx.args)?;
    let last = DbIndex(cx.engine.keyspace().databases() - 1);
    flush(cx, DbIndex(0)..=last);
    cx.note_flushed();
    Ok(())
}

/// ASYNC and SYNC mean the same: the databases are empty at once, and what they held is freed elsewhere.
fn parse_mode(args: &mut Args<'_>) -> Result<(), CommandError> {
    let _ = args.option("ASYNC") || args.option("SYNC");
    args.end()
}

fn flush(cx: &mut Ctx<'_>, databases: std::ops::RangeInclusive<DbIndex>) {
    let mut removed = 0;
    let databases = databases.start().0..=databases.end().0;
    databases.clone().for_each(|db| cx.view.touch_watched(DbIndex(db), DbIndex(db)));
    for stripe in 0..cx.view.stripes() {
        for db in databases.clone() {
            if let Some(table) = cx.view.visit(stripe, |stripe| stripe.take(DbIndex(db))) {
                removed += table.len() as u64;
                cx.view.bury_table(table);
            }
        }
    }
    databases.for_each(|db| cx.view.note_database_ready(DbIndex(db)));
    cx.view.invalidate_all();
    // Flushing what is empty changes nothing and is passed on all the same: a replica may hold more.
    cx.view.record_databases(removed, Effect::AsCalled);
    cx.reply.ok();
}

pub(super) fn swapdb(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let one = parse_index(cx, "ERR invalid first DB index")?;
    let other = parse_index(cx, "ERR invalid second DB index")?;
    let (one, other) = (existing(cx, one)?, existing(cx, other)?);
    cx.view.touch_watched(one, other);
    cx.view.touch_watched(other, one);
    for stripe in 0..cx.view.stripes() {
        cx.view.visit(stripe, |stripe| stripe.swap(one, other));
    }
    cx.view.record_databases(1, Effect::AsCalled);
    cx.view.note_database_ready(one);
    cx.view.note_database_ready(other);
    cx.view.invalidate_all();
    cx.reply.ok();
    Ok(())
}

fn parse_index(cx: &mut Ctx<'_>, not_a_number: &'static str) -> Result<i32, CommandError> {
    let index = cx.args.integer().ok().and_then(|index| i32::try_from(index).ok());
    index.ok_or(CommandError::fixed(not_a_number))
}

fn existing(cx: &Ctx<'_>, index: i32) -> Result<DbIndex, CommandError> {
    match u32::try_from(index) {
        Ok(index) if index < cx.engine.keyspace().databases() => Ok(DbIndex(index)),
        _ => Err(CommandError::DbOutOfRange),
    }
}
