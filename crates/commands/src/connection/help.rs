//! Connections: `CLIENT HELP`.

use engine::{CommandError, Ctx};

use crate::help::reply_help;

const SUBCOMMANDS: &[(&str, &[&str])] = &[
    (
        "CAPA <capability> [<capability> ...]",
        &["Tell what the client can do: REDIRECT, be sent to another node."],
    ),
    ("GETNAME", &["Show the connection's name."]),
    ("GETREDIR", &["Show which connection gets this one's invalidations."]),
    ("ID", &["Show the connection's number."]),
    ("INFO", &["Describe this connection."]),
    ("KILL <ip:port>", &["Close the connection that came from there."]),
    (
        "KILL <filter> <value> [<filter> <value> ...]",
        &[
            "Close every connection that satisfies all filters, and show how many there were.",
            "The filters are those of LIST; this connection is spared unless SKIPME NO is given.",
        ],
    ),
    (
        "LIST [<filter> <value> ...]",
        &[
            "Describe every connection that satisfies all filters:",
            "ID <client-id> [<client-id> ...], TYPE (NORMAL|PRIMARY|REPLICA|PUBSUB), USER <username>,",
            "ADDR <ip:port>, LADDR <ip:port>, IP <ip>, NAME <name>, LIB-NAME <name>, LIB-VER <version>,",
            "FLAGS <letters>, CAPA <letters>, DB <index>. With NOT- before its name, as in NOT-USER, a filter",
            "means the other connections.",
            "MAXAGE <seconds>, IDLE <seconds>: at least so old, at least so long idle.",
            "SKIPME (YES|NO): whether to leave out this connection.",
        ],
    ),
    ("NO-EVICT (ON|OFF)", &["Keep this connection when clients are closed for want of memory."]),
    ("NO-TOUCH (ON|OFF)", &["Let this connection's commands leave alone when keys were last used."]),
    (
        "PAUSE <timeout> [WRITE|ALL]",
        &["Hold back every command, or those that write, for so many milliseconds."],
    ),
    ("REPLY (ON|OFF|SKIP)", &["Reply to this connection's commands, or don't, or skip the next reply."]),
    ("SETINFO (LIB-NAME|LIB-VER) <value>", &["Tell which library the client uses."]),
    ("SETNAME <name>", &["Name the connection."]),
    ("TRACKINGINFO", &["Describe the client-side caching of this connection."]),
    ("UNBLOCK <client-id> [TIMEOUT|ERROR]", &["Wake a connection that waits in a blocking command."]),
    ("UNPAUSE", &["Run what was held back."]),
];

pub(super) fn help(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    reply_help(&mut cx.reply, "CLIENT", SUBCOMMANDS);
    Ok(())
}
