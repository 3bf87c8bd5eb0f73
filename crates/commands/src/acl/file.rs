//! Users: the aclfile.
//!
//! ```text
//! ACL LOAD
//! ACL SAVE
//! ```

use engine::{CommandError, Ctx};

const NOT_SAVED: CommandError = CommandError::fixed(
    "ERR There was an error trying to save the ACLs. Please check the server logs for more information",
);

pub(super) fn load(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.engine.load_users(cx.session).map_err(|error| CommandError::text(format!("ERR {error}")))?;
    cx.reply.ok();
    Ok(())
}

pub(super) fn save(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let _files = cx.engine.lock_files();
    let text = cx.engine.aclfile_of_users().map_err(|error| CommandError::text(format!("ERR {error}")))?;
    let host = cx.engine.host();
    host.write_aclfile(&text).map_err(|reason| {
        host.log(&format!("the aclfile could not be written: {reason}"));
        NOT_SAVED
    })?;
    cx.reply.ok();
    Ok(())
}
