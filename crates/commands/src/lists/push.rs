//! Lists: adding elements at an end.
//!
//! ```text
//! LPUSH key element [element ...]
//! RPUSH key element [element ...]
//! LPUSHX key element [element ...]
//! RPUSHX key element [element ...]
//! ```

use engine::{CommandError, Ctx, Effect};
use keyspace::List;
use structures::list::End;

use super::element::limit;
use super::ends::{self, pushed};

pub(super) fn lpush(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    push(cx, End::Front)
}

pub(super) fn rpush(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    push(cx, End::Back)
}

pub(super) fn lpushx(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    push_if_there(cx, End::Front)
}

pub(super) fn rpushx(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    push_if_there(cx, End::Back)
}

fn push(cx: &mut Ctx<'_>, end: End) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let len = ends::push(&mut cx.view, &key, end, cx.args.rest(), limit(cx.engine))?;
    cx.view.record(&key, pushed(end), Effect::AsCalled);
    cx.reply.integer(len as i64);
    Ok(())
}

fn push_if_there(cx: &mut Ctx<'_>, end: End) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let Some(mut list) = cx.view.get_mut::<List>(&key)? else {
        cx.reply.integer(0);
        return Ok(());
    };
    list.push(end, cx.args.rest(), limit(cx.engine));
    let len = list.len();
    drop(list);
    cx.view.record(&key, pushed(end), Effect::AsCalled);
    cx.reply.integer(len as i64);
    Ok(())
}
