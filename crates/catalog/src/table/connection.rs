//! The connection itself.

use crate::argument::{block, integer, one_of, string, token};
use crate::command::command;
use crate::flags::in_command::{ADMIN, ALLOW_BUSY, FAST, LOADING, NO_AUTH, NO_MULTI, NOSCRIPT, STALE};
use crate::{Group, Origin};

commands! {
    Group::Connection, from super::scripting::END;

    AUTH => command("auth", -2, "1.0.0")
        .summary("Logs in as a user")
        .complexity("O(N) for N passwords of the user")
        .flags(NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY)
        .history(&[("6.0.0", "Takes a user name before the password")])
        .arguments(&[string("username").optional().since("6.0.0"), string("password")]),

    CLIENT => command("client", -2, "2.4.0")
        .summary("Groups commands about connections"),

    CLIENT_CACHING => command("client|caching", 3, "6.0.0")
        .summary("Says whether the next command's keys are to be tracked")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | ALLOW_BUSY)
        .arguments(&[one_of("mode", &[token("yes", "YES"), token("no", "NO")])]),

    CLIENT_CAPA => command("client|capa", -3, "8.0.0")
        .summary("Tells the server what the client can do")
        .complexity("O(1)")
        .only_in(Origin::Valkey)
        .flags(NOSCRIPT | LOADING | STALE | ALLOW_BUSY)
        .arguments(&[string("capability").multiple()]),

    CLIENT_GETNAME => command("client|getname", 2, "2.6.9")
        .summary("Returns the name of the connection")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | ALLOW_BUSY),

    CLIENT_GETREDIR => command("client|getredir", 2, "6.0.0")
        .summary("Tells which connection gets the invalidations of this one")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | ALLOW_BUSY),

    CLIENT_HELP => command("client|help", 2, "5.0.0")
        .summary("Explains the subcommands of CLIENT")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    CLIENT_ID => command("client|id", 2, "5.0.0")
        .summary("Returns the number of the connection")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | ALLOW_BUSY),

    CLIENT_IMPORT_SOURCE => command("client|import-source", 3, "8.1.0")
        .summary("Marks the connection as one that imports data")
        .complexity("O(1)")
        .only_in(Origin::Valkey)
        .flags(NOSCRIPT | LOADING | STALE)
        .arguments(&[one_of("enabled", &[token("on", "ON"), token("off", "OFF")])]),

    CLIENT_INFO => command("client|info", 2, "6.2.0")
        .summary("Describes the connection")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE)
        .tips(&["nondeterministic_output"]),

    CLIENT_KILL => command("client|kill", -3, "2.4.0")
        .summary("Closes connections")
        .complexity("O(N) for N connections")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .history(&[
            ("2.8.12", "Filters, `ID` among them, instead of one address"),
            ("3.2.0", "`TYPE master`"),
            ("5.0.0", "`TYPE replica`, another word for `slave`"),
            ("6.2.0", "`LADDR`"),
            ("7.4.0", "`MAXAGE`"),
            ("8.0.0", "`TYPE primary`, another word for `master`"),
            ("8.1.0", "`ID` takes several ids"),
            ("9.0.0", "`NAME`, `IDLE`, `FLAGS`, `LIB-NAME`, `LIB-VER`, `DB`, `CAPA`, `IP` and `NOT-` filters"),
        ])
        .arguments(&[
            one_of("filter", &[
                string("old-format").deprecated_since("2.8.12").shown_as("ip:port"),
                one_of("new-format", &[
                    integer("client-id").token("ID").optional().multiple().since("2.8.12"),
                    one_of("client-type", &[
                        token("normal", "NORMAL"),
                        token("master", "MASTER").since("3.2.0"),
                        token("primary", "PRIMARY").since("8.0.0"),
                        token("slave", "SLAVE"),
                        token("replica", "REPLICA").since("5.0.0"),
                        token("pubsub", "PUBSUB"),
                    ]).token("TYPE").optional().since("2.8.12"),
                    string("username").token("USER").optional(),
                    string("addr").token("ADDR").optional().shown_as("ip:port"),
                    string("laddr").token("LADDR").optional().since("6.2.0").shown_as("ip:port"),
                    one_of("skipme", &[token("yes", "YES"), token("no", "NO")]).token("SKIPME").optional(),
                    integer("maxage").token("MAXAGE").optional().since("8.0.0"),
                    string("name").token("NAME").optional().since("9.0.0"),
                    integer("idle").token("IDLE").optional().since("9.0.0"),
                    string("flags").token("FLAGS").optional().since("9.0.0"),
                    string("lib-name").token("LIB-NAME").optional().since("9.0.0"),
                    string("lib-ver").token("LIB-VER").optional().since("9.0.0"),
                    integer("db").token("DB").optional().since("9.0.0"),
                    string("capa").token("CAPA").optional().since("9.0.0"),
                    string("ip").token("IP").optional().since("9.0.0"),
                    one_of("not-client-type", &[
                        token("normal", "NORMAL"),
                        token("master", "MASTER"),
                        token("primary", "PRIMARY"),
                        token("slave", "SLAVE"),
                        token("replica", "REPLICA"),
                        token("pubsub", "PUBSUB"),
                    ]).token("NOT-TYPE").optional().since("9.0.0"),
                    integer("not-client-id").token("NOT-ID").optional().multiple().since("9.0.0"),
                    string("not-username").token("NOT-USER").optional().since("9.0.0"),
                    string("not-addr").token("NOT-ADDR").optional().since("9.0.0").shown_as("ip:port"),
                    string("not-laddr").token("NOT-LADDR").optional().since("9.0.0").shown_as("ip:port"),
                    string("not-name").token("NOT-NAME").optional().since("9.0.0"),
                    string("not-flags").token("NOT-FLAGS").optional().since("9.0.0"),
                    string("not-lib-name").token("NOT-LIB-NAME").optional().since("9.0.0"),
                    string("not-lib-ver").token("NOT-LIB-VER").optional().since("9.0.0"),
                    integer("not-db").token("NOT-DB").optional().since("9.0.0"),
                    string("not-capa").token("NOT-CAPA").optional().since("9.0.0"),
                    string("not-ip").token("NOT-IP").optional().since("9.0.0"),
                ]).multiple(),
            ]),
        ]),

    CLIENT_LIST => command("client|list", -2, "2.4.0")
        .summary("Describes the connections")
        .complexity("O(N) for N connections")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .history(&[
            ("2.8.12", "Shows `id`"),
            ("5.0.0", "`TYPE`"),
            ("6.0.0", "Shows `user`"),
            ("6.2.0", "`ID`; shows `argv-mem`, `tot-mem`, `laddr` and `redir`"),
            ("7.0.0", "Shows `resp`, `multi-mem`, `rbs` and `rbp`"),
            ("7.0.3", "Shows `ssub`"),
            ("7.2.0", "Shows `lib-name` and `lib-ver`"),
            ("7.4.0", "Shows `watch`"),
            ("8.0.0", "Shows `io-thread`; `TYPE primary`, another word for `master`"),
            ("8.1.0", "`USER`, `ADDR`, `LADDR`, `SKIPME` and `MAXAGE`"),
            ("9.0.0", "`NAME`, `IDLE`, `FLAGS`, `LIB-NAME`, `LIB-VER`, `DB`, `CAPA`, `IP` and `NOT-` filters"),
        ])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            one_of("client-type", &[
                token("normal", "NORMAL"),
                token("master", "MASTER"),
                token("replica", "REPLICA"),
                token("pubsub", "PUBSUB"),
            ]).token("TYPE").optional().since("5.0.0"),
            integer("client-id").token("ID").optional().multiple().since("6.2.0"),
            string("username").token("USER").optional().since("8.1.0"),
            string("addr").token("ADDR").optional().since("8.1.0").shown_as("ip:port"),
            string("laddr").token("LADDR").optional().since("8.1.0").shown_as("ip:port"),
            one_of("skipme", &[
                token("yes", "YES"),
                token("no", "NO"),
            ]).token("SKIPME").optional().since("8.1.0"),
            integer("maxage").token("MAXAGE").optional().since("8.1.0"),
            string("name").token("NAME").optional().since("9.0.0"),
            integer("idle").token("IDLE").optional().since("9.0.0"),
            string("flags").token("FLAGS").optional().since("9.0.0"),
            string("lib-name").token("LIB-NAME").optional().since("9.0.0"),
            string("lib-ver").token("LIB-VER").optional().since("9.0.0"),
            integer("db").token("DB").optional().since("9.0.0"),
            string("capa").token("CAPA").optional().since("9.0.0"),
            string("ip").token("IP").optional().since("9.0.0"),
            one_of("not-client-type", &[
                token("normal", "NORMAL"),
                token("master", "MASTER"),
                token("replica", "REPLICA"),
                token("pubsub", "PUBSUB"),
            ]).token("NOT-TYPE").optional().since("9.0.0"),
            integer("not-client-id").token("NOT-ID").optional().multiple().since("9.0.0"),
            string("not-username").token("NOT-USER").optional().since("9.0.0"),
            string("not-addr").token("NOT-ADDR").optional().since("9.0.0").shown_as("ip:port"),
            string("not-laddr").token("NOT-LADDR").optional().since("9.0.0").shown_as("ip:port"),
            string("not-name").token("NOT-NAME").optional().since("9.0.0"),
            string("not-flags").token("NOT-FLAGS").optional().since("9.0.0"),
            string("not-lib-name").token("NOT-LIB-NAME").optional().since("9.0.0"),
            string("not-lib-ver").token("NOT-LIB-VER").optional().since("9.0.0"),
            integer("not-db").token("NOT-DB").optional().since("9.0.0"),
            string("not-capa").token("NOT-CAPA").optional().since("9.0.0"),
            string("not-ip").token("NOT-IP").optional().since("9.0.0"),
        ]),

    CLIENT_NO_EVICT => command("client|no-evict", 3, "7.0.0")
        .summary("Exempts the connection from eviction")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE | ALLOW_BUSY)
        .arguments(&[one_of("enabled", &[token("on", "ON"), token("off", "OFF")])]),

    CLIENT_NO_TOUCH => command("client|no-touch", 3, "7.2.0")
        .summary("Keeps the connection's commands from marking keys as used")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | ALLOW_BUSY)
        .arguments(&[one_of("enabled", &[token("on", "ON"), token("off", "OFF")])]),

    CLIENT_PAUSE => command("client|pause", -3, "3.0.0")
        .summary("Holds back the commands of all clients for a while")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .history(&[("6.2.0", "May hold back writes alone")])
        .arguments(&[
            integer("timeout"),
            one_of("mode", &[token("write", "WRITE"), token("all", "ALL")]).optional().since("6.2.0"),
        ]),

    CLIENT_REPLY => command("client|reply", 3, "3.2.0")
        .summary("Turns the replies on this connection on or off")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | NO_MULTI | ALLOW_BUSY)
        .arguments(&[one_of("action", &[token("on", "ON"), token("off", "OFF"), token("skip", "SKIP")])]),

    CLIENT_SETINFO => command("client|setinfo", 4, "7.2.0")
        .summary("Names the library that the client uses")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | ALLOW_BUSY)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[
            one_of("attr", &[string("libname").token("LIB-NAME"), string("libver").token("LIB-VER")]),
        ]),

    CLIENT_SETNAME => command("client|setname", 3, "2.6.9")
        .summary("Names the connection")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | ALLOW_BUSY)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[string("connection-name")]),

    CLIENT_TRACKING => command("client|tracking", -3, "6.0.0")
        .summary("Turns invalidation messages for client-side caches on or off")
        .complexity("O(1), or more with prefixes")
        .flags(NOSCRIPT | LOADING | STALE)
        .arguments(&[
            one_of("status", &[token("on", "ON"), token("off", "OFF")]),
            integer("client-id").token("REDIRECT").optional(),
            string("prefix").token("PREFIX").optional().multiple_token(),
            token("bcast", "BCAST").optional(),
            token("optin", "OPTIN").optional(),
            token("optout", "OPTOUT").optional(),
            token("noloop", "NOLOOP").optional(),
        ]),

    CLIENT_TRACKINGINFO => command("client|trackinginfo", 2, "6.2.0")
        .summary("Describes the client-side caching of this connection")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE),

    CLIENT_UNBLOCK => command("client|unblock", -3, "5.0.0")
        .summary("Wakes a client that waits in a blocking command")
        .complexity("O(log(N)) for N connections")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .arguments(&[
            integer("client-id"),
            one_of("unblock-type", &[token("timeout", "TIMEOUT"), token("error", "ERROR")]).optional(),
        ]),

    CLIENT_UNPAUSE => command("client|unpause", 2, "6.2.0")
        .summary("Lets commands run again that CLIENT PAUSE holds back")
        .complexity("O(N) for N held back clients")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE),

    ECHO => command("echo", 2, "1.0.0")
        .summary("Returns its argument")
        .complexity("O(1)")
        .flags(LOADING | STALE | FAST)
        .arguments(&[string("message")]),

    HELLO => command("hello", -1, "6.0.0")
        .summary("Agrees on a protocol version, and may log in and name the connection")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY)
        .history(&[
            ("6.2.0", "Without a version, describes the connection as it is"),
            ("8.1.0", "Shows the availability zone if one is configured"),
        ])
        .arguments(&[
            block("arguments", &[
                integer("protover"),
                block("auth", &[string("username"), string("password")]).token("AUTH").optional(),
                string("clientname").token("SETNAME").optional(),
            ]).optional(),
        ]),

    PING => command("ping", -1, "1.0.0")
        .summary("Answers, to show that the server is there")
        .complexity("O(1)")
        .flags(FAST)
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .arguments(&[string("message").optional()]),

    QUIT => command("quit", -1, "1.0.0")
        .summary("Closes the connection")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY)
        .deprecated("7.2.0", "closing the connection"),

    RESET => command("reset", 1, "6.2.0")
        .summary("Puts the connection into its first state")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY),

    SELECT => command("select", 2, "1.0.0")
        .summary("Goes over to another database")
        .complexity("O(1)")
        .flags(LOADING | STALE | FAST | ALLOW_BUSY)
        .arguments(&[integer("index")]),
}
