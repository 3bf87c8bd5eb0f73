//! The server: commands that took long, came large or replied at length.
//!
//! ```text
//! SLOWLOG GET [count]
//! SLOWLOG LEN
//! SLOWLOG RESET
//! SLOWLOG HELP
//! COMMANDLOG GET count SLOW | LARGE-REQUEST | LARGE-REPLY
//! COMMANDLOG LEN SLOW | LARGE-REQUEST | LARGE-REPLY
//! COMMANDLOG RESET SLOW | LARGE-REQUEST | LARGE-REPLY
//! COMMANDLOG HELP
//! ```

use engine::{Args, CommandError, Ctx, LogKind};

use crate::help::{reply_help, wrong_arguments};

/// Entries shown where nobody says how many.
const SHOWN: usize = 10;

const NOT_A_COUNT: CommandError = CommandError::fixed("ERR count should be greater than or equal to -1");
const NOT_A_KIND: CommandError =
    CommandError::fixed("ERR type should be one of the following: slow, large-request, large-reply");

pub(super) fn slow_get(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.remaining() > 1 {
        return Err(wrong_arguments(cx));
    }
    let count = if cx.args.is_empty() { SHOWN } else { parse_count(&mut cx.args)? };
    reply_entries(cx, LogKind::Slow, count);
    Ok(())
}

pub(super) fn slow_len(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.integer(cx.engine.command_logs().of(LogKind::Slow).len() as i64);
    Ok(())
}

pub(super) fn slow_reset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.engine.command_logs().of(LogKind::Slow).reset();
    cx.reply.ok();
    Ok(())
}

pub(super) fn get(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let count = parse_count(&mut cx.args)?;
    let kind = parse_kind(&mut cx.args)?;
    reply_entries(cx, kind, count);
    Ok(())
}

pub(super) fn len(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let kind = parse_kind(&mut cx.args)?;
    cx.reply.integer(cx.engine.command_logs().of(kind).len() as i64);
    Ok(())
}

pub(super) fn reset(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let kind = parse_kind(&mut cx.args)?;
    cx.engine.command_logs().of(kind).reset();
    cx.reply.ok();
    Ok(())
}

/// -1 is for all.
fn parse_count(args: &mut Args<'_>) -> Result<usize, CommandError> {
    let count = args.integer().map_err(|_| NOT_A_COUNT)?;
    if count == -1 { Ok(usize::MAX) } else { usize::try_from(count).map_err(|_| NOT_A_COUNT) }
}

fn parse_kind(args: &mut Args<'_>) -> Result<LogKind, CommandError> {
    let kinds = [
        ("slow", LogKind::Slow),
        ("large-request", LogKind::LargeRequest),
        ("large-reply", LogKind::LargeReply),
    ];
    let found = kinds.into_iter().find(|(name, _)| args.option(name));
    found.map(|(_, kind)| kind).ok_or(NOT_A_KIND)
}

fn reply_entries(cx: &mut Ctx<'_>, kind: LogKind, count: usize) {
    let entries = cx.engine.command_logs().of(kind).newest(count);
    cx.reply.array(entries.len());
    for entry in entries {
        cx.reply.array(6);
        for number in [entry.id, entry.at_seconds, entry.amount] {
            cx.reply.integer(number as i64);
        }
        cx.reply.array(entry.words.len());
        entry.words.iter().for_each(|word| cx.reply.bulk(word));
        cx.reply.bulk(entry.address.as_bytes());
        cx.reply.bulk(&entry.name);
    }
}

pub(super) fn slow_help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(
        &mut cx.reply,
        "SLOWLOG",
        &[
            (
                "GET [<count>]",
                &[
                    "Show the newest commands that took long: 10, or as many as asked for, -1 for all.",
                    "Each with its number, when it was done, the microseconds it took, its arguments, and the",
                    "client's address and name.",
                ],
            ),
            ("LEN", &["Show how many there are."]),
            ("RESET", &["Forget them."]),
        ],
    );
    Ok(())
}

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(
        &mut cx.reply,
        "COMMANDLOG",
        &[
            (
                "GET <count> <type>",
                &[
                    "Show the newest remarkable commands, -1 for all. Each with its number, when it was done,",
                    "how remarkable it was, its arguments, and the client's address and name.",
                    "Of type SLOW: what took long, in microseconds. LARGE-REQUEST, LARGE-REPLY: in bytes.",
                ],
            ),
            ("LEN <type>", &["Show how many there are."]),
            ("RESET <type>", &["Forget them."]),
        ],
    );
    Ok(())
}
