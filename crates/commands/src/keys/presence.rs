//! Keys: is there one, and what does it hold?
//!
//! ```text
//! EXISTS key [key ...]
//! TOUCH key [key ...]
//! TYPE key
//! ```

use engine::{CommandError, Ctx};

use super::type_name::type_name;

/// A key named twice counts twice.
pub(super) fn exists(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let mut found = 0;
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        found += i64::from(cx.view.peek_counted(&key).is_some());
    }
    cx.reply.integer(found);
    Ok(())
}

/// Touches even for a client that asked for `CLIENT NO-TOUCH`.
pub(super) fn touch(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let mut found = 0;
    while !cx.args.is_empty() {
        let key = cx.args.key()?;
        found += i64::from(cx.view.touch(&key));
    }
    cx.reply.integer(found);
    Ok(())
}

pub(super) fn type_(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let name = cx.view.peek_counted(&key).map_or("none", |entry| type_name(&entry));
    cx.reply.simple(name);
    Ok(())
}
