//! Users: making, changing and removing them.
//!
//! ```text
//! ACL SETUSER username [rule [rule ...]]
//! ACL DELUSER username [username ...]
//! ACL WHOAMI
//! ```

use engine::{CommandError, Ctx};

pub(super) fn setuser(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let name = cx.args.word()?;
    let rules: Vec<&[u8]> = cx.args.rest().collect();
    let outcome = cx.engine.set_user(cx.session, name, &rules);
    outcome.map_err(|error| CommandError::Quoting([b"ERR ", &*error.text()].concat().into()))?;
    cx.reply.ok();
    Ok(())
}

pub(super) fn deluser(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let names: Vec<&[u8]> = cx.args.rest().collect();
    let removed = cx.engine.remove_users(cx.session, &names);
    let removed = removed.map_err(|error| CommandError::text(format!("ERR {error}")))?;
    cx.reply.integer(removed as i64);
    Ok(())
}

pub(super) fn whoami(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.bulk(cx.session.user().name());
    Ok(())
}
