//! Which subcommand of DEBUG it is, and those that touch no data.

use std::time::Duration;

use config::id;
use engine::{CommandError, Ctx};

use super::{data, packed, populate, protocol, reload};
use crate::help::{reply_help, wrong_arguments};

/// The longest `DEBUG SLEEP`.
const SLEEP_SECONDS_MAX: f64 = 86_400.0;

const NOT_ALLOWED: CommandError = CommandError::fixed(
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, \
     otherwise you need to set this option in the configuration file, and then restart the server.",
);

pub(in crate::server) fn debug(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let is_allowed = match cx.engine.settings().read(|config| config.choice(id::ENABLE_DEBUG_COMMAND)) {
        "yes" => true,
        "local" => cx.session.client().peer.is_local,
        _ => false,
    };
    if !is_allowed {
        return Err(NOT_ALLOWED);
    }
    let subcommand = cx.args.word()?;
    match (subcommand.to_ascii_lowercase().as_slice(), cx.args.remaining()) {
        (b"change-repl-id", 0) => change_replication_id(cx),
        (b"digest", 0) => data::digest(cx),
        (b"digest-value", _) => data::digest_value(cx),
        (b"error", 1) => cx.reply.error_bytes(cx.args.word()?),
        (b"help", 0) => help(cx),
        (b"loadaof", 0) => reload::load_log(cx)?,
        (b"listpack", 1) => packed::listpack(cx)?,
        (b"log", 1) => log(cx)?,
        (b"object", 1 | 2) => data::object(cx)?,
        (b"populate", 1..=3) => populate::populate(cx)?,
        (b"protocol", 1) => protocol::protocol(cx)?,
        (b"reload", _) => reload::reload(cx)?,
        (b"set-active-expire", 1) => set_active_expire(cx)?,
        (b"sleep", 1) => sleep(cx)?,
        (b"stringmatch-len", 2) => stringmatch_len(cx)?,
        _ => return Err(wrong_arguments(cx)),
    }
    Ok(())
}

fn change_replication_id(cx: &mut Ctx<'_>) {
    cx.engine.change_replication_id(cx.session.random());
    cx.reply.ok();
}

fn log(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.engine.host().log(&format!("DEBUG LOG: {}", String::from_utf8_lossy(cx.args.word()?)));
    cx.reply.ok();
    Ok(())
}

/// What is no number counts as 0, as with the peers.
fn set_active_expire(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let on = resp::parse_i64(cx.args.word()?).unwrap_or(0) != 0;
    cx.engine.settings().set_active_expire(on);
    cx.reply.ok();
    Ok(())
}

/// Every stripe is locked meanwhile, so that whoever touches data waits as well.
fn sleep(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let text = String::from_utf8_lossy(cx.args.word()?);
    let seconds = text.trim().parse::<f64>().unwrap_or(0.0);
    if seconds > 0.0 {
        cx.engine.host().sleep(Duration::from_secs_f64(seconds.min(SLEEP_SECONDS_MAX)));
    }
    cx.reply.ok();
    Ok(())
}

fn stringmatch_len(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (pattern, text) = (cx.args.word()?, cx.args.word()?);
    cx.reply.integer(glob::matches(pattern, text).into());
    Ok(())
}

fn help(cx: &mut Ctx<'_>) {
    reply_help(
        &mut cx.reply,
        "DEBUG",
        &[
            ("CHANGE-REPL-ID", &["Give the data another replication id: replicas can't continue with it."]),
            ("DIGEST", &["Show a fingerprint of all data."]),
            ("DIGEST-VALUE <key> [<key> ...]", &["Show a fingerprint of the value of each key."]),
            ("ERROR <text>", &["Reply with an error of this text."]),
            ("LISTPACK <key>", &["Write the elements of a small collection into the server's log."]),
            ("LOADAOF", &["Make the log durable, forget all data and read the log."]),
            ("LOG <text>", &["Write the text into the server's log."]),
            ("OBJECT <key> [FAST]", &["Show how the value of a key is stored."]),
            (
                "POPULATE <count> [<prefix>] [<size>]",
                &[
                    "Make up keys named key:<number>, or with another prefix. Keys that exist",
                    "stay as they are. Neither log nor replicas learn of it.",
                ],
            ),
            (
                "PROTOCOL <type>",
                &[
                    "Reply with an example of a type: string, integer, double, bignum, null,",
                    "array, set, map, attrib, push, verbatim, true or false.",
                ],
            ),
            (
                "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
                &[
                    "Write the snapshot file, forget all data and read the file. NOSAVE doesn't write it,",
                    "NOFLUSH forgets nothing, MERGE has keys that are there take the file's values.",
                ],
            ),
            (
                "SET-ACTIVE-EXPIRE <0|1>",
                &["With 0, keys whose time is up are removed only when they are looked at."],
            ),
            ("SLEEP <seconds>", &["Stop the server for a while, which may be a fraction of a second."]),
            ("STRINGMATCH-LEN <pattern> <text>", &["Tell whether the pattern matches."]),
        ],
    );
}
