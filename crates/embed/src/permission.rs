//! Which commands run where.
//!
//! A [`Db`](crate::Db) lends its sessions to whoever calls next, so what changes a session must not run in one of them. And some commands
//! are about a server: its process, or a stream of replies without requests.

use catalog::{CommandId, command, id, lookup, subcommand};

use crate::error::Error;

/// Whether a session of its own may run the command that begins with these two words.
#[inline]
pub(crate) fn in_own_session(name: [&[u8]; 2]) -> Result<(), Error> {
    match find(name) {
        Some(found) if is_for_servers(found) => Err(Error::NotEmbedded(command(found).name)),
        _ => Ok(()),
    }
}

/// Whether a session that is lent for one call may run it.
#[inline]
pub(crate) fn in_lent_session(name: [&[u8]; 2]) -> Result<(), Error> {
    match find(name) {
        Some(found) if is_for_servers(found) => Err(Error::NotEmbedded(command(found).name)),
        Some(found) if changes_session(found) => Err(Error::NeedsConnection(command(found).name)),
        _ => Ok(()),
    }
}

/// The command of these words; of those with subcommands `CLIENT` alone is told apart, as nothing else needs it.
#[inline]
fn find([name, below]: [&[u8]; 2]) -> Option<CommandId> {
    let found = lookup(name)?;
    if found == id::CLIENT { subcommand(found, below) } else { Some(found) }
}

/// What no session inside a program runs: each gives no reply, or more than one.
fn is_for_servers(found: CommandId) -> bool {
    matches!(found, id::SHUTDOWN | id::MONITOR | id::SYNC | id::PSYNC | id::REPLCONF | id::CLIENT_REPLY)
        || is_for_listeners(found)
}

/// What is answered by pushes; [`Db::subscribe`](crate::Db::subscribe) listens.
fn is_for_listeners(found: CommandId) -> bool {
    matches!(
        found,
        id::SUBSCRIBE
            | id::PSUBSCRIBE
            | id::SSUBSCRIBE
            | id::UNSUBSCRIBE
            | id::PUNSUBSCRIBE
            | id::SUNSUBSCRIBE
    )
}

/// What changes the session that it runs in, for the calls after it.
fn changes_session(found: CommandId) -> bool {
    matches!(
        found,
        id::SELECT
            | id::AUTH
            | id::HELLO
            | id::RESET
            | id::QUIT
            | id::MULTI
            | id::EXEC
            | id::DISCARD
            | id::WATCH
            | id::UNWATCH
            | id::ASKING
            | id::READONLY
            | id::READWRITE
            | id::CLIENT_SETNAME
            | id::CLIENT_SETINFO
            | id::CLIENT_NO_TOUCH
            | id::CLIENT_NO_EVICT
            | id::CLIENT_TRACKING
            | id::CLIENT_CACHING
            | id::CLIENT_CAPA
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_subcommands_do() {
        assert_eq!(in_lent_session([b"select", b"1"]), Err(Error::NeedsConnection("select")));
        assert_eq!(in_own_session([b"SELECT", b"1"]), Ok(()));
        assert_eq!(in_own_session([b"SUBSCRIBE", b"c"]), Err(Error::NotEmbedded("subscribe")));
        assert_eq!(in_own_session([b"ShutDown", b""]), Err(Error::NotEmbedded("shutdown")));
        assert_eq!(in_lent_session([b"client", b"setname"]), Err(Error::NeedsConnection("client|setname")));
        assert_eq!(in_lent_session([b"CLIENT", b"LIST"]), Ok(()));
        assert_eq!(in_lent_session([b"nosuch", b""]), Ok(()));
    }
}
