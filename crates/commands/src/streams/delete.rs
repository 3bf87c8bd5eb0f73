//! Streams: deleting entries.
//!
//! ```text
//! XDEL key id [id ...]
//! XDELEX key [KEEPREF | DELREF | ACKED] IDS numids id [id ...]
//! XACKDEL key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...]
//! ```

use engine::{Args, CommandError, Ctx, Effect};
use keyspace::Key;
use structures::Stream;
use structures::stream::{References, Removal, StreamId};

use super::XDEL;
use super::ids::parse_strict;
use super::parse_trim::read_references;

pub(super) fn xdel(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    // The peers look the key up before they read the numbers.
    if cx.view.get_mut::<Box<Stream>>(&key)?.is_none() {
        cx.reply.integer(0);
        return Ok(());
    }
    let ids: Vec<StreamId> = cx.args.rest().map(|word| parse_strict(word, 0)).collect::<Result<_, _>>()?;
    let Some(mut stream) = cx.view.get_mut::<Box<Stream>>(&key)? else { return Ok(()) };
    let removals = ids.iter().map(|id| stream.delete(*id, References::Keep));
    let removed = removals.filter(|removal| *removal == Removal::Deleted).count();
    drop(stream);
    if removed > 0 {
        cx.view.record(&key, XDEL, Effect::AsCalled);
    }
    cx.reply.integer(removed as i64);
    Ok(())
}

/// What `XDELEX` and `XACKDEL` have in common.
struct DeleteArgs<'a> {
    references: References,
    /// At the first number.
    ids: Args<'a>,
    count: usize,
}

impl<'a> DeleteArgs<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let (mut references, mut ids) = (None, None);
        while !args.is_empty() {
            if args.remaining() > 1 && args.option("IDS") {
                ids = Some(Self::skip_ids(args)?);
            } else if references.is_none() {
                references = Some(read_references(args).ok_or(CommandError::Syntax)?);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        let (ids, count) = ids.ok_or(CommandError::Syntax)?;
        Ok(Self { references: references.unwrap_or_default(), ids, count })
    }

    fn skip_ids(args: &mut Args<'a>) -> Result<(Args<'a>, usize), CommandError> {
        const NO_COUNT: CommandError = CommandError::fixed("ERR Number of IDs must be a positive integer");
        let count = args.integer().map_err(|_| NO_COUNT)?;
        let count = usize::try_from(count).ok().filter(|&count| count > 0).ok_or(NO_COUNT)?;
        if count > args.remaining() {
            return Err(CommandError::fixed("ERR The `numids` parameter must match the number of arguments"));
        }
        let ids = *args;
        for _ in 0..count {
            args.word()?;
        }
        Ok((ids, count))
    }

    fn ids(&self) -> Result<Vec<StreamId>, CommandError> {
        self.ids.rest().take(self.count).map(|word| parse_strict(word, 0)).collect()
    }
}

pub(super) fn xdelex(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    // The peers look the key up before they read on.
    cx.view.get_mut::<Box<Stream>>(&key)?;
    let args = DeleteArgs::parse(&mut cx.args)?;
    delete_each(cx, &key, None, &args, |stream, id| Some(stream.delete(id, args.references)))
}

pub(super) fn xackdel(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let group = cx.args.word()?;
    cx.view.get_mut::<Box<Stream>>(&key)?;
    let args = DeleteArgs::parse(&mut cx.args)?;
    delete_each(cx, &key, Some(group), &args, |stream, id| {
        let is_acknowledged = stream.groups.find_mut(group)?.acknowledge(id);
        // One that was deleted before is as good as deleted now.
        is_acknowledged.then(|| match stream.delete(id, args.references) {
            Removal::NotThere => Removal::Deleted,
            removal => removal,
        })
    })
}

/// Replies for each number with 1 if its entry was deleted, -1 if there was nothing to delete, 2 if somebody refers to it still. `delete`
/// gives `None` if nothing was there to be done at all. Without the stream, or the group if one is named, the numbers aren't even read.
fn delete_each(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    group: Option<&[u8]>,
    args: &DeleteArgs<'_>,
    mut delete: impl FnMut(&mut Stream, StreamId) -> Option<Removal>,
) -> Result<(), CommandError> {
    let is_there = |stream: &Stream| group.is_none_or(|group| stream.groups.find(group).is_some());
    if !cx.view.get_mut::<Box<Stream>>(key)?.is_some_and(|stream| is_there(&stream)) {
        cx.reply.array(args.count);
        (0..args.count).for_each(|_| cx.reply.integer(-1));
        return Ok(());
    }
    let ids = args.ids()?;
    let Some(mut stream) = cx.view.get_mut::<Box<Stream>>(key)? else { return Ok(()) };
    let (mut deleted, mut touched) = (false, false);
    cx.reply.array(ids.len());
    for id in ids {
        let removal = delete(&mut stream, id);
        touched |= removal.is_some_and(|removal| removal != Removal::NotThere);
        deleted |= removal == Some(Removal::Deleted);
        cx.reply.integer(match removal {
            Some(Removal::Deleted) => 1,
            Some(Removal::Referenced) => 2,
            Some(Removal::NotThere) | None => -1,
        });
    }
    drop(stream);
    if deleted {
        cx.view.record(key, XDEL, Effect::AsCalled);
    } else if touched {
        cx.view.record_quietly(Effect::AsCalled);
    }
    Ok(())
}
