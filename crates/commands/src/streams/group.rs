//! Streams: consumer groups.
//!
//! ```text
//! XGROUP CREATE key group (id | $) [MKSTREAM] [ENTRIESREAD entries-read]
//! XGROUP SETID key group (id | $) [ENTRIESREAD entries-read]
//! XGROUP DESTROY key group
//! XGROUP CREATECONSUMER key group consumer
//! XGROUP DELCONSUMER key group consumer
//! XGROUP HELP
//! ```

use engine::{CommandError, Ctx, Effect, Event};
use keyspace::{HeldMut, Key, Object};
use structures::Stream;
use structures::stream::Group;

use super::XGROUP_CREATECONSUMER;
use super::group_args::GroupArgs;
use super::missing::no_group;
use crate::help::reply_help;

/// A group was made.
const XGROUP_CREATE: Event = Event::stream("xgroup-create");
/// A group was set to another entry.
const XGROUP_SETID: Event = Event::stream("xgroup-setid");
/// A group was removed.
const XGROUP_DESTROY: Event = Event::stream("xgroup-destroy");
/// A consumer was removed from its group.
const XGROUP_DELCONSUMER: Event = Event::stream("xgroup-delconsumer");

const NEEDS_KEY: CommandError = CommandError::fixed(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);

pub(super) fn create(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = GroupArgs::parse(cx, true)?;
    let is_new = cx.view.get_mut::<Box<Stream>>(&args.key)?.is_none();
    if is_new && !args.creates_stream {
        return Err(NEEDS_KEY);
    }
    args.check_repeats(cx)?;
    let found = cx.view.get_mut::<Box<Stream>>(&args.key)?;
    let log = found.as_ref().map(|stream| &stream.log);
    let group = Group::new(args.first_last_id(log)?, args.entries_read(log));
    drop(found);
    let mut stream = cx.view.get_or_create::<Box<Stream>>(&args.key)?;
    if !stream.groups.add(args.group, group) {
        return Err(CommandError::fixed("BUSYGROUP Consumer Group name already exists"));
    }
    drop(stream);
    if is_new {
        cx.view.record(&args.key, XGROUP_CREATE, Effect::AsCalled);
    } else {
        cx.view.record_unwatched(&args.key, XGROUP_CREATE, Effect::AsCalled);
    }
    cx.reply.ok();
    Ok(())
}

pub(super) fn set_id(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = GroupArgs::parse(cx, false)?;
    let no_group = || no_group(args.group, args.key.bytes());
    existing(cx, &args.key)?.groups.find(args.group).map(drop).ok_or_else(no_group)?;
    args.check_repeats(cx)?;
    let mut stream = existing(cx, &args.key)?;
    let Stream { log, groups } = &mut **stream;
    let mut group = groups.find_mut(args.group).ok_or_else(no_group)?;
    group.last_id = args.last_id(log)?;
    group.entries_read = args.entries_read(Some(log));
    drop(group);
    drop(stream);
    // Entries that the group has before it again are for whoever asks next, not for those who wait.
    cx.view.record_quietly(Effect::AsCalled);
    cx.view.tell(&args.key, XGROUP_SETID);
    cx.reply.ok();
    Ok(())
}

fn existing<'v>(cx: &'v mut Ctx<'_>, key: &Key<'_>) -> Result<HeldMut<'v, Box<Stream>>, CommandError> {
    cx.view.get_mut::<Box<Stream>>(key)?.ok_or(NEEDS_KEY)
}

pub(super) fn destroy(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (key, group) = (cx.args.key()?, cx.args.word()?);
    let cut = existing(cx, &key)?.cut_group(group);
    let is_gone = cut.is_some();
    if let Some(cut) = cut {
        cx.view.bury_object(Object::Stream(cut));
        cx.view.record_unwatched(&key, XGROUP_DESTROY, Effect::AsCalled);
    }
    cx.reply.integer(i64::from(is_gone));
    Ok(())
}

pub(super) fn create_consumer(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (key, group, consumer) = (cx.args.key()?, cx.args.word()?, cx.args.word()?);
    let now = cx.now.unix_millis().0;
    let mut stream = existing(cx, &key)?;
    let mut found = stream.groups.find_mut(group).ok_or_else(|| no_group(group, key.bytes()))?;
    let is_new = found.add_consumer(consumer, now);
    drop(found);
    drop(stream);
    if is_new {
        cx.view.record_unwatched(&key, XGROUP_CREATECONSUMER, Effect::AsCalled);
    }
    cx.reply.integer(i64::from(is_new));
    Ok(())
}

pub(super) fn delete_consumer(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let (key, group, consumer) = (cx.args.key()?, cx.args.word()?, cx.args.word()?);
    let mut stream = existing(cx, &key)?;
    stream.groups.find(group).map(drop).ok_or_else(|| no_group(group, key.bytes()))?;
    let cut = stream.cut_consumer(group, consumer);
    drop(stream);
    let pending = cut.as_ref().map_or(0, |cut| cut.pending);
    if let Some(cut) = cut {
        cx.view.bury_object(Object::Stream(cut.cut));
        cx.view.record_unwatched(&key, XGROUP_DELCONSUMER, Effect::AsCalled);
    }
    cx.reply.integer(pending as i64);
    Ok(())
}

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let subcommands: [(&str, &[&str]); 5] = [
        (
            "CREATE <key> <groupname> <id|$> [option]",
            &[
                "Make a group. Options are:",
                "* MKSTREAM",
                "  Make an empty stream if there is none.",
                "* ENTRIESREAD entries_read",
                "  How many entries the group has read.",
            ],
        ),
        ("CREATECONSUMER <key> <groupname> <consumer>", &["Make a consumer in a group."]),
        ("DELCONSUMER <key> <groupname> <consumer>", &["Remove a consumer from its group."]),
        ("DESTROY <key> <groupname>", &["Remove a group."]),
        (
            "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
            &["Set up to which entry a group has read, and how many that are."],
        ),
    ];
    reply_help(&mut cx.reply, "XGROUP", &subcommands);
    Ok(())
}
