//! Connections: logging in.
//!
//! ```text
//! AUTH [username] password
//! ```

use acl::{DEFAULT, User};
use engine::{CommandError, Ctx};

const NO_PASSWORD_SET: CommandError = CommandError::fixed(
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
);

/// A user's name and a password, as a client gives them.
#[derive(Copy, Clone)]
pub(super) struct Credentials<'a> {
    pub(super) user: &'a [u8],
    pub(super) password: &'a [u8],
}

pub(super) fn auth(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let words = cx.args.remaining();
    if words > 2 {
        return Err(CommandError::Syntax);
    }
    // Whoever gives a password alone expects that there is one: a hint that the wrong server or configuration is running.
    if words == 1 && default_needs_no_password(cx) {
        return Err(NO_PASSWORD_SET);
    }
    let user = if words == 2 { cx.args.word()? } else { DEFAULT };
    let password = cx.args.word()?;
    log_in(cx, Credentials { user, password })?;
    cx.reply.ok();
    Ok(())
}

/// Logs the client in; a wrong attempt leaves it as it was, and is noted. The error is the same whether the user or the password is wrong.
pub(super) fn log_in(cx: &mut Ctx<'_>, credentials: Credentials<'_>) -> Result<(), CommandError> {
    let Credentials { user, password } = credentials;
    cx.engine.log_in(cx.session, user, password).map_err(|failed| {
        cx.note_failed_login(user);
        CommandError::text(failed.to_string())
    })
}

fn default_needs_no_password(cx: &Ctx<'_>) -> bool {
    cx.engine.read_users(|users| users.find(DEFAULT).is_some_and(|user| User::needs_no_password(user)))
}
