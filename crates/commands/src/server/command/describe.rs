//! COMMAND, its COUNT, INFO, DOCS and HELP.

use catalog::describe::{self, Sink, top_level};
use engine::{CommandError, Ctx};
use resp::Reply;

use crate::help::reply_help;

/// A description on its way into a reply.
struct IntoReply<'r, 'a>(&'r mut Reply<'a>);

impl Sink for IntoReply<'_, '_> {
    fn array(&mut self, length: usize) {
        self.0.array(length);
    }

    fn map(&mut self, length: usize) {
        self.0.map(length);
    }

    fn set(&mut self, length: usize) {
        self.0.set(length);
    }

    fn bulk(&mut self, text: &str) {
        self.0.bulk(text.as_bytes());
    }

    fn simple(&mut self, text: &str) {
        self.0.simple(text);
    }

    fn integer(&mut self, number: i64) {
        self.0.integer(number);
    }
}

pub(in crate::server) fn command(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.array(top_level().count());
    for command in top_level() {
        describe::info(command, &mut IntoReply(&mut cx.reply));
    }
    Ok(())
}

pub(in crate::server) fn count(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.integer(top_level().count() as i64);
    Ok(())
}

pub(in crate::server) fn info(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.is_empty() {
        return command(cx);
    }
    cx.reply.array(cx.args.remaining());
    for name in cx.args.rest() {
        match catalog::find(name) {
            Some(found) => describe::info(catalog::command(found), &mut IntoReply(&mut cx.reply)),
            None => cx.reply.null(),
        }
    }
    Ok(())
}

pub(in crate::server) fn docs(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let described: Vec<&catalog::Command> = if cx.args.is_empty() {
        top_level().collect()
    } else {
        cx.args.rest().filter_map(catalog::find).map(catalog::command).collect()
    };
    cx.reply.map(described.len());
    for command in described {
        cx.reply.bulk(command.name.as_bytes());
        describe::docs(command, &mut IntoReply(&mut cx.reply));
    }
    Ok(())
}

pub(in crate::server) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(
        &mut cx.reply,
        "COMMAND",
        &[
            ("(no subcommand)", &["Describe every command."]),
            ("COUNT", &["Count the commands."]),
            ("DOCS [<command-name> ...]", &["Show the documentation of these commands, or of all of them."]),
            ("GETKEYS <full-command>", &["List the keys of a request."]),
            ("GETKEYSANDFLAGS <full-command>", &["List the keys of a request and what it does with each."]),
            ("INFO [<command-name> ...]", &["Describe these commands, or all of them."]),
            ("LIST [FILTERBY <MODULE|ACLCAT|PATTERN> <value>]", &["List the names of commands."]),
        ],
    );
    Ok(())
}
