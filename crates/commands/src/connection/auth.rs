//! Connections: logging in.
//!
//! ```text
//! AUTH [username] password
//! ```

use config::id;
use engine::{CommandError, Ctx};
use subtle::{Choice, ConstantTimeEq};

/// The only user there is.
const DEFAULT_USER: &[u8] = b"default";

const WRONG_PASSWORD: CommandError =
    CommandError::fixed("WRONGPASS invalid username-password pair or user is disabled.");
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
    if words == 1 && !cx.engine.settings().requires_password() {
        return Err(NO_PASSWORD_SET);
    }
    let user = if words == 2 { cx.args.word()? } else { DEFAULT_USER };
    let password = cx.args.word()?;
    log_in(cx, Credentials { user, password })?;
    cx.reply.ok();
    Ok(())
}

/// Logs the client in; a wrong attempt leaves it as it was. The error is the same whether the user or the password is wrong.
pub(super) fn log_in(cx: &mut Ctx<'_>, credentials: Credentials<'_>) -> Result<(), CommandError> {
    let is_right = cx.engine.settings().read(|config| {
        let password = config.text(id::REQUIREPASS);
        Choice::from(u8::from(password.is_empty())) | is_same(credentials.password, password)
    });
    if !is_user(credentials.user) || !bool::from(is_right) {
        return Err(WRONG_PASSWORD);
    }
    cx.session.set_authenticated(true);
    cx.session.client().user.set(credentials.user);
    Ok(())
}

/// Whether there is such a user.
pub(super) fn is_user(name: &[u8]) -> bool {
    name == DEFAULT_USER
}

/// Compares in a time that depends on the length of what was given, neither on how much of it is right nor on the length of the secret.
fn is_same(given: &[u8], secret: &[u8]) -> Choice {
    let mut same = given.len().ct_eq(&secret.len());
    let length = secret.len().max(1);
    for (index, byte) in given.iter().enumerate() {
        // Beyond the end of a short secret its bytes come again; the lengths have decided by then.
        same &= byte.ct_eq(secret.get(index % length).unwrap_or(&0));
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_are_the_same() {
        let same = |given: &[u8], secret: &[u8]| bool::from(is_same(given, secret));
        assert!(same(b"secret", b"secret"));
        assert!(same(b"", b""));
        for given in [&b""[..], b"s", b"secre", b"secres", b"secrett", b"secretsecret", b"Secret"] {
            assert!(!same(given, b"secret"), "{given:?}");
        }
        assert!(!same(b"\0", b""));
        assert!(!same(b"aaaa", b"aa"));
    }
}
