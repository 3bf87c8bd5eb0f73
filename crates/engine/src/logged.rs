//! What a server writes into a log.

use catalog::{CommandId, Flags, Group, id};
use resp::Request;

/// Why this request is not to be carried out when a log is, if there is a reason.
///
/// A log of kvd and its peers holds what changes data. What stops the server, or listens on the connection so that it does nothing else, was
/// put there by somebody who wishes harm, or by accident; and without the database that the log selects, everything that follows would go to
/// another one.
pub(crate) fn fault(command: CommandId, request: Request<'_>, databases: u32) -> Option<String> {
    if command == id::SELECT {
        let index = request.words().nth(1).unwrap_or_default();
        let is_there = |index: u32| index < databases;
        let known =
            std::str::from_utf8(index).ok().and_then(|index| index.parse().ok()).is_some_and(is_there);
        return (!known).then(|| {
            format!(
                "it selects database {}, and there are {databases}: set the parameter 'databases' to as many as its writer had",
                index.escape_ascii()
            )
        });
    }
    let name = || request.words().next().unwrap_or_default().escape_ascii();
    (!may_be_logged(command)).then(|| format!("no server writes the command '{}' into its log", name()))
}

fn may_be_logged(command: CommandId) -> bool {
    let row = catalog::command(command);
    row.flags.intersects(Flags::WRITE | Flags::READONLY)
        || matches!(row.group, Group::Transactions | Group::Scripting)
        || matches!(command, id::PING | id::ECHO | id::PUBLISH | id::SPUBLISH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_data_may_be_logged_and_what_ends_a_server_may_not() {
        for command in [id::SET, id::FLUSHALL, id::MULTI, id::EXEC, id::XGROUP_CREATE, id::PFADD, id::GET] {
            assert!(may_be_logged(command), "{}", catalog::command(command).name);
        }
        for command in [
            id::SHUTDOWN,
            id::MONITOR,
            id::SUBSCRIBE,
            id::PSUBSCRIBE,
            id::SSUBSCRIBE,
            id::DEBUG,
            id::CONFIG_SET,
            id::SAVE,
            id::BGREWRITEAOF,
            id::ACL_SETUSER,
            id::CLIENT_REPLY,
            id::QUIT,
            id::RESET,
            id::HELLO,
        ] {
            assert!(!may_be_logged(command), "{}", catalog::command(command).name);
        }
    }
}
