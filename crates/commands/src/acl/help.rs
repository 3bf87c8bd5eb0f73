//! Users: what there is to say about it.
//!
//! ```text
//! ACL HELP
//! ```

use engine::{CommandError, Ctx};

use crate::help::reply_help;

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(
        &mut cx.reply,
        "ACL",
        &[
            ("CAT [<category>]", &["List the categories of commands, or the commands of one."]),
            ("DELUSER <username> [<username> ...]", &["Remove users and close their connections."]),
            (
                "DRYRUN <username> <command> [<arg> ...]",
                &["Tell whether the user could run the command, without running it."],
            ),
            (
                "GENPASS [<bits>]",
                &["Make a password that nobody can guess, of 256 bits or as many as given."],
            ),
            ("GETUSER <username>", &["Show a user's passwords and rules."]),
            ("LIST", &["Show all users as lines of an aclfile."]),
            ("LOAD", &["Replace all users by those of the aclfile."]),
            ("LOG [<count> | RESET]", &["Show what was refused lately, or forget it."]),
            ("SAVE", &["Write all users into the aclfile."]),
            ("SETUSER <username> <rule> [<rule> ...]", &["Change a user or make a new one."]),
            ("USERS", &["List the names of all users."]),
            ("WHOAMI", &["Tell which user this connection is."]),
        ],
    );
    Ok(())
}
