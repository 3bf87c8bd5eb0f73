//! Keys: copies, and into other databases.
//!
//! ```text
//! COPY source destination [DB destination-db] [REPLACE]
//! MOVE key db
//! ```
//!
//! The stripe of a key depends on its name alone, so the key of the same name in another database is locked with it.

use engine::{CommandError, Ctx, Effect, Event, View};
use keyspace::{DbIndex, Key};

use super::database::parse_database;
use super::occupy::occupy;

const COPY_TO: Event = Event::generic("copy_to");
const MOVE_FROM: Event = Event::generic("move_from");
const MOVE_TO: Event = Event::generic("move_to");

const SAME_OBJECT: CommandError = CommandError::fixed("ERR source and destination objects are the same");

struct CopyArgs<'a> {
    source: Key<'a>,
    destination: Key<'a>,
    db: DbIndex,
    replaces: bool,
}

impl<'a> CopyArgs<'a> {
    fn parse(cx: &mut Ctx<'a>) -> Result<Self, CommandError> {
        let source = cx.args.key()?;
        let destination = cx.args.key()?;
        let mut parsed = Self { source, destination, db: cx.view.db(), replaces: false };
        while !cx.args.is_empty() {
            if cx.args.option("REPLACE") {
                parsed.replaces = true;
            } else if cx.args.option("DB") {
                parsed.db = parse_database(cx)?;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        if parsed.db == cx.view.db() && source.bytes() == destination.bytes() {
            return Err(SAME_OBJECT);
        }
        Ok(parsed)
    }
}

pub(super) fn copy(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = CopyArgs::parse(cx)?;
    let clock = cx.view.fresh_clock();
    let copied = match cx.view.read(&args.source) {
        None => false,
        Some(entry) => {
            let copy = entry.copy_under(args.destination.bytes(), clock);
            within(&mut cx.view, args.db, |view| {
                if !args.replaces && view.peek(&args.destination).is_some() {
                    return false;
                }
                let occupied = occupy(view, &args.destination, copy);
                view.record(&args.destination, COPY_TO, Effect::AsCalled);
                occupied.tell(view, &args.destination);
                true
            })
        }
    };
    cx.reply.integer(i64::from(copied));
    Ok(())
}

pub(super) fn move_(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let db = parse_database(cx)?;
    if db == cx.view.db() {
        return Err(SAME_OBJECT);
    }
    let moved = move_key(&mut cx.view, &key, db);
    cx.reply.integer(i64::from(moved));
    Ok(())
}

/// Returns whether the key was moved: it is there, and the other database has none of its name.
fn move_key(view: &mut View<'_>, key: &Key<'_>, db: DbIndex) -> bool {
    let is_free = view.write(key).is_some() && within(view, db, |view| view.peek(key).is_none());
    if !is_free {
        return false;
    }
    let Some(entry) = view.take(key) else { return false };
    within(view, db, |view| view.put(key, entry));
    view.record(key, MOVE_FROM, Effect::AsCalled);
    within(view, db, |view| view.record(key, MOVE_TO, Effect::Covered));
    true
}

/// Works on another database for a while.
fn within<'a, R>(view: &mut View<'a>, db: DbIndex, work: impl FnOnce(&mut View<'a>) -> R) -> R {
    let home = view.switch_db(db);
    let result = work(view);
    view.switch_db(home);
    result
}
