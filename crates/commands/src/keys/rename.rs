//! Keys: another name.
//!
//! ```text
//! RENAME key newkey
//! RENAMENX key newkey
//! ```

use engine::{CommandError, Ctx, Effect, Event};

use super::occupy::occupy;

const RENAME_FROM: Event = Event::generic("rename_from");
const RENAME_TO: Event = Event::generic("rename_to");

/// What to do when the new name is taken.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Taken {
    Replace,
    Refuse,
}

pub(super) fn rename(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    change_name(cx, Taken::Replace)?;
    cx.reply.ok();
    Ok(())
}

pub(super) fn renamenx(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let renamed = change_name(cx, Taken::Refuse)?;
    cx.reply.integer(i64::from(renamed));
    Ok(())
}

/// Returns whether the key has another name now. The time to live goes along, also the lack of one.
fn change_name(cx: &mut Ctx<'_>, taken: Taken) -> Result<bool, CommandError> {
    let from = cx.args.key()?;
    let to = cx.args.key()?;
    if cx.view.write(&from).is_none() {
        return Err(CommandError::NoSuchKey);
    }
    let is_refused = taken == Taken::Refuse && cx.view.peek(&to).is_some();
    if is_refused || from.bytes() == to.bytes() {
        return Ok(false);
    }
    let Some(entry) = cx.view.take(&from) else { return Err(CommandError::NoSuchKey) };
    let clock = entry.clock();
    let renamed = entry.move_under(to.bytes(), clock);
    let occupied = occupy(&mut cx.view, &to, renamed);
    cx.view.record(&from, RENAME_FROM, Effect::AsCalled);
    cx.view.record(&to, RENAME_TO, Effect::Covered);
    occupied.tell(&mut cx.view, &to);
    Ok(true)
}
