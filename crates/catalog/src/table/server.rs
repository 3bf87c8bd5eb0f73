//! The server as a whole.

use crate::argument::{block, integer, key, one_of, pattern, string, token};
use crate::command::command;
use crate::flags::in_command::{
    ADMIN, ALLOW_BUSY, ASKING, DENYOOM, FAST, LOADING, NO_ASYNC_LOADING, NO_MULTI, NOSCRIPT, READONLY, STALE,
    WRITE,
};
use crate::flags::on_key::{OW, RO, UPDATE};
use crate::key_spec::one;
use crate::{Categories, Group, Origin};

commands! {
    Group::Server, from super::connection::END;

    ACL => command("acl", -2, "6.0.0")
        .summary("Groups commands that manage users and their permissions"),

    ACL_CAT => command("acl|cat", -2, "6.0.0")
        .summary("Lists the categories, or the commands of one")
        .complexity("O(N) for N categories or commands")
        .flags(NOSCRIPT | LOADING | STALE)
        .arguments(&[string("category").optional()]),

    ACL_DELUSER => command("acl|deluser", -3, "6.0.0")
        .summary("Removes users and closes their connections")
        .complexity("O(1), amortized over the usual number of users")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[string("username").multiple()]),

    ACL_DRYRUN => command("acl|dryrun", -4, "7.0.0")
        .summary("Tells whether a user may run a command, without running it")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .arguments(&[string("username"), string("command"), string("arg").optional().multiple()]),

    ACL_GENPASS => command("acl|genpass", -2, "6.0.0")
        .summary("Makes up a password")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE)
        .arguments(&[integer("bits").optional()]),

    ACL_GETUSER => command("acl|getuser", 3, "6.0.0")
        .summary("Describes a user and its rules")
        .complexity("O(N) for N rules")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .history(&[
            ("6.2.0", "Shows channel patterns"),
            ("7.0.0", "Shows selectors, and patterns as rules instead of lists"),
            ("9.1.0", "Shows which databases are allowed"),
        ])
        .arguments(&[string("username")]),

    ACL_HELP => command("acl|help", 2, "6.0.0")
        .summary("Explains the subcommands of ACL")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    ACL_LIST => command("acl|list", 2, "6.0.0")
        .summary("Lists all users as rules of an ACL file")
        .complexity("O(N) for N users")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE),

    ACL_LOAD => command("acl|load", 2, "6.0.0")
        .summary("Replaces the users by those of the ACL file")
        .complexity("O(N) for N users")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE),

    ACL_LOG => command("acl|log", -2, "6.0.0")
        .summary("Lists or forgets what was refused by permissions")
        .complexity("O(N) for N entries shown")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .history(&[("7.2.0", "Entries have an id and two timestamps")])
        .arguments(&[one_of("operation", &[integer("count"), token("reset", "RESET")]).optional()]),

    ACL_SAVE => command("acl|save", 2, "6.0.0")
        .summary("Writes the users to the ACL file")
        .complexity("O(N) for N users")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),

    ACL_SETUSER => command("acl|setuser", -3, "6.0.0")
        .summary("Makes a user or changes its rules")
        .complexity("O(N) for N rules given")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .history(&[
            ("6.2.0", "Channel patterns"),
            ("7.0.0", "Selectors, and separate permissions to read and write keys"),
            ("9.1.0", "Rules for databases"),
        ])
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[string("username"), string("rule").optional().multiple()]),

    ACL_USERS => command("acl|users", 2, "6.0.0")
        .summary("Lists the names of all users")
        .complexity("O(N) for N users")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE),

    ACL_WHOAMI => command("acl|whoami", 2, "6.0.0")
        .summary("Returns the user of the connection")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE),

    BGREWRITEAOF => command("bgrewriteaof", 1, "1.0.0")
        .summary("Rewrites the append-only file in the background")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | NO_ASYNC_LOADING),

    BGSAVE => command("bgsave", -1, "1.0.0")
        .summary("Saves the data to disk in the background")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | NO_ASYNC_LOADING)
        .history(&[("3.2.2", "`SCHEDULE`"), ("8.1.0", "`CANCEL`")])
        .arguments(&[
            one_of("operation", &[
                token("schedule", "SCHEDULE").since("3.2.2"),
                token("cancel", "CANCEL").since("8.1.0"),
            ]).optional(),
        ]),

    COMMAND => command("command", -1, "2.8.13")
        .summary("Describes all commands")
        .complexity("O(N) for N commands")
        .flags(LOADING | STALE)
        .also(Categories::CONNECTION)
        .tips(&["nondeterministic_output_order"]),

    COMMAND_COUNT => command("command|count", 2, "2.8.13")
        .summary("Counts the commands")
        .complexity("O(1)")
        .flags(LOADING | STALE)
        .also(Categories::CONNECTION),

    COMMAND_DOCS => command("command|docs", -2, "7.0.0")
        .summary("Documents commands")
        .complexity("O(N) for N commands")
        .flags(LOADING | STALE)
        .also(Categories::CONNECTION)
        .tips(&["nondeterministic_output_order"])
        .arguments(&[string("command-name").optional().multiple()]),

    COMMAND_GETKEYS => command("command|getkeys", -3, "2.8.13")
        .summary("Finds the keys in a request")
        .complexity("O(N) for N words")
        .flags(LOADING | STALE)
        .also(Categories::CONNECTION)
        .arguments(&[string("command"), string("arg").optional().multiple()]),

    COMMAND_GETKEYSANDFLAGS => command("command|getkeysandflags", -3, "7.0.0")
        .summary("Finds the keys in a request and what happens to them")
        .complexity("O(N) for N words")
        .flags(LOADING | STALE)
        .also(Categories::CONNECTION)
        .arguments(&[string("command"), string("arg").optional().multiple()]),

    COMMAND_HELP => command("command|help", 2, "5.0.0")
        .summary("Explains the subcommands of COMMAND")
        .complexity("O(1)")
        .flags(LOADING | STALE)
        .also(Categories::CONNECTION),

    COMMAND_INFO => command("command|info", -2, "2.8.13")
        .summary("Describes commands for clients and proxies")
        .complexity("O(N) for N commands")
        .flags(LOADING | STALE)
        .also(Categories::CONNECTION)
        .history(&[("7.0.0", "Describes all commands if none is named")])
        .tips(&["nondeterministic_output_order"])
        .arguments(&[string("command-name").optional().multiple()]),

    COMMAND_LIST => command("command|list", -2, "7.0.0")
        .summary("Lists the names of commands")
        .complexity("O(N) for N commands")
        .flags(LOADING | STALE)
        .also(Categories::CONNECTION)
        .tips(&["nondeterministic_output_order"])
        .arguments(&[
            one_of("filterby", &[
                string("module-name").token("MODULE"),
                string("category").token("ACLCAT"),
                pattern("pattern").token("PATTERN"),
            ]).token("FILTERBY").optional(),
        ]),

    COMMANDLOG => command("commandlog", -2, "8.1.0")
        .summary("Groups commands about slow and large requests")
        .only_in(Origin::Valkey),

    COMMANDLOG_GET => command("commandlog|get", 4, "8.1.0")
        .summary("Lists slow commands, large requests or large replies")
        .complexity("O(N) for N entries shown")
        .only_in(Origin::Valkey)
        .flags(ADMIN | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes"])
        .arguments(&[
            integer("count"),
            one_of("type", &[
                token("slow", "SLOW"),
                token("large-request", "LARGE-REQUEST"),
                token("large-reply", "LARGE-REPLY"),
            ]),
        ]),

    COMMANDLOG_HELP => command("commandlog|help", 2, "8.1.0")
        .summary("Explains the subcommands of COMMANDLOG")
        .complexity("O(1)")
        .only_in(Origin::Valkey)
        .flags(LOADING | STALE),

    COMMANDLOG_LEN => command("commandlog|len", 3, "8.1.0")
        .summary("Counts the entries of a command log")
        .complexity("O(1)")
        .only_in(Origin::Valkey)
        .flags(ADMIN | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:agg_sum"])
        .arguments(&[
            one_of("type", &[
                token("slow", "SLOW"),
                token("large-request", "LARGE-REQUEST"),
                token("large-reply", "LARGE-REPLY"),
            ]),
        ]),

    COMMANDLOG_RESET => command("commandlog|reset", 3, "8.1.0")
        .summary("Forgets the entries of a command log")
        .complexity("O(N) for N entries")
        .only_in(Origin::Valkey)
        .flags(ADMIN | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[
            one_of("type", &[
                token("slow", "SLOW"),
                token("large-request", "LARGE-REQUEST"),
                token("large-reply", "LARGE-REPLY"),
            ]),
        ]),

    CONFIG => command("config", -2, "2.0.0")
        .summary("Groups commands about the configuration"),

    CONFIG_GET => command("config|get", -3, "2.0.0")
        .summary("Reads parameters by patterns")
        .complexity("O(N) for N parameters")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .history(&[("7.0.0", "Takes several patterns")])
        .arguments(&[string("parameter").multiple()]),

    CONFIG_HELP => command("config|help", 2, "5.0.0")
        .summary("Explains the subcommands of CONFIG")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    CONFIG_RESETSTAT => command("config|resetstat", 2, "2.0.0")
        .summary("Sets the statistics back to zero")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),

    CONFIG_REWRITE => command("config|rewrite", 2, "2.8.0")
        .summary("Writes the configuration back to its file")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),

    CONFIG_SET => command("config|set", -4, "2.0.0")
        .summary("Changes parameters while the server runs")
        .complexity("O(N) for N parameters")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .history(&[("7.0.0", "Takes several parameters")])
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[block("data", &[string("parameter"), string("value")]).multiple()]),

    DBSIZE => command("dbsize", 1, "1.0.0")
        .summary("Counts the keys of the database")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .also(Categories::KEYSPACE)
        .tips(&["request_policy:all_shards", "response_policy:agg_sum"]),

    DEBUG => command("debug", -2, "1.0.0")
        .summary("Does what only tests need")
        .complexity("Depends on what is asked for")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .system(),

    FAILOVER => command("failover", -1, "6.2.0")
        .summary("Hands the primary's part over to a replica")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | STALE)
        .arguments(&[
            block("target", &[
                string("host"),
                integer("port"),
                token("force", "FORCE").optional(),
            ]).token("TO").optional(),
            token("abort", "ABORT").optional(),
            integer("milliseconds").token("TIMEOUT").optional(),
        ]),

    FLUSHALL => command("flushall", -1, "1.0.0")
        .summary("Removes all keys of all databases")
        .complexity("O(N) for N keys")
        .flags(WRITE)
        .also(Categories::DANGEROUS).also(Categories::KEYSPACE)
        .history(&[("4.0.0", "`ASYNC`"), ("6.2.0", "`SYNC`")])
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .arguments(&[
            one_of("flush-type", &[
                token("async", "ASYNC").since("4.0.0"),
                token("sync", "SYNC").since("6.2.0"),
            ]).optional(),
        ]),

    FLUSHDB => command("flushdb", -1, "1.0.0")
        .summary("Removes all keys of the database")
        .complexity("O(N) for N keys")
        .flags(WRITE)
        .also(Categories::DANGEROUS).also(Categories::KEYSPACE)
        .history(&[("4.0.0", "`ASYNC`"), ("6.2.0", "`SYNC`")])
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .arguments(&[
            one_of("flush-type", &[
                token("async", "ASYNC").since("4.0.0"),
                token("sync", "SYNC").since("6.2.0"),
            ]).optional(),
        ]),

    HOTKEYS => command("hotkeys", -2, "8.6.0")
        .summary("Groups commands that find out which keys cost the most")
        .only_in(Origin::Redis),

    HOTKEYS_GET => command("hotkeys|get", 2, "8.6.0")
        .summary("Shows which keys cost the most since the measurement began")
        .complexity("O(N log N) for N keys that are kept account of")
        .only_in(Origin::Redis)
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"]),

    HOTKEYS_HELP => command("hotkeys|help", 2, "8.6.0")
        .summary("Explains the subcommands of HOTKEYS")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(LOADING | STALE),

    HOTKEYS_RESET => command("hotkeys|reset", 2, "8.6.0")
        .summary("Forgets what the last measurement has found")
        .complexity("O(N) for N keys that are kept account of")
        .only_in(Origin::Redis)
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),

    HOTKEYS_START => command("hotkeys|start", -2, "8.6.0")
        .summary("Begins to measure which keys cost the most")
        .complexity("O(1); then O(log N) for each key of a command that is looked at, with N keys that are kept account of")
        .only_in(Origin::Redis)
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[
            block("metrics", &[
                integer("count"),
                token("cpu", "CPU").optional(),
                token("net", "NET").optional(),
                token("calls", "CALLS").optional(),
            ]).token("METRICS"),
            integer("k").token("COUNT").optional(),
            integer("seconds").token("DURATION").optional(),
            integer("ratio").token("SAMPLE").optional(),
            block("slots", &[
                integer("count"),
                integer("slot").multiple(),
            ]).token("SLOTS").optional(),
        ]),

    HOTKEYS_STOP => command("hotkeys|stop", 2, "8.6.0")
        .summary("Ends the measurement and keeps what it found")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),

    INFO => command("info", -1, "1.0.0")
        .summary("Reports figures about the server")
        .complexity("O(1)")
        .flags(LOADING | STALE)
        .also(Categories::DANGEROUS)
        .history(&[("7.0.0", "Takes several sections")])
        .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"])
        .arguments(&[string("section").optional().multiple()]),

    LASTSAVE => command("lastsave", 1, "1.0.0")
        .summary("Tells when data was last saved to disk")
        .complexity("O(1)")
        .flags(LOADING | STALE | FAST)
        .also(Categories::ADMIN).also(Categories::DANGEROUS)
        .tips(&["nondeterministic_output"]),

    LATENCY => command("latency", -2, "2.8.13")
        .summary("Groups commands about delays inside the server"),

    LATENCY_DOCTOR => command("latency|doctor", 2, "2.8.13")
        .summary("Explains in words what caused delays")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"]),

    LATENCY_GRAPH => command("latency|graph", 3, "2.8.13")
        .summary("Draws the delays of an event")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"])
        .arguments(&[string("event")]),

    LATENCY_HELP => command("latency|help", 2, "2.8.13")
        .summary("Explains the subcommands of LATENCY")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    LATENCY_HISTOGRAM => command("latency|histogram", -2, "7.0.0")
        .summary("Shows how long commands took, as histograms")
        .complexity("O(N) for N commands")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"])
        .arguments(&[string("command").optional().multiple()]),

    LATENCY_HISTORY => command("latency|history", 3, "2.8.13")
        .summary("Returns the delays of an event over time")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"])
        .arguments(&[string("event")]),

    LATENCY_LATEST => command("latency|latest", 2, "2.8.13")
        .summary("Returns the last delay of each event")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"]),

    LATENCY_RESET => command("latency|reset", -2, "2.8.13")
        .summary("Forgets the delays of events")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:agg_sum"])
        .arguments(&[string("event").optional().multiple()]),

    LOLWUT => command("lolwut", -1, "5.0.0")
        .summary("Draws something nice and shows the version")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .arguments(&[integer("version").token("VERSION").optional()]),

    MEMORY => command("memory", -2, "4.0.0")
        .summary("Groups commands about memory"),

    MEMORY_DOCTOR => command("memory|doctor", 2, "4.0.0")
        .summary("Explains in words what is wrong with the use of memory")
        .complexity("O(1)")
        .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),

    MEMORY_HELP => command("memory|help", 2, "4.0.0")
        .summary("Explains the subcommands of MEMORY")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    MEMORY_MALLOC_STATS => command("memory|malloc-stats", 2, "4.0.0")
        .summary("Shows the figures of the memory allocator")
        .complexity("Depends on how much memory is in use")
        .flags(LOADING)
        .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),

    MEMORY_PURGE => command("memory|purge", 2, "4.0.0")
        .summary("Asks the memory allocator to give pages back")
        .complexity("Depends on how much memory is in use")
        .flags(LOADING)
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"]),

    MEMORY_STATS => command("memory|stats", 2, "4.0.0")
        .summary("Tells what memory is used for")
        .complexity("O(1)")
        .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),

    MEMORY_USAGE => command("memory|usage", -3, "4.0.0")
        .summary("Estimates how many bytes a key takes")
        .complexity("O(N) for N elements sampled")
        .flags(READONLY)
        .keys(&[one(2, RO)])
        .arguments(&[key("key", 0), integer("count").token("SAMPLES").optional()]),

    MODULE => command("module", -2, "4.0.0")
        .summary("Groups commands about modules"),

    MODULE_HELP => command("module|help", 2, "5.0.0")
        .summary("Explains the subcommands of MODULE")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    MODULE_LIST => command("module|list", 2, "4.0.0")
        .summary("Lists the modules")
        .complexity("O(N) for N modules")
        .flags(ADMIN | NOSCRIPT)
        .tips(&["nondeterministic_output_order"]),

    MODULE_LOAD => command("module|load", -3, "4.0.0")
        .summary("Loads a module")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | NO_ASYNC_LOADING)
        .arguments(&[string("path"), string("arg").optional().multiple()]),

    MODULE_LOADEX => command("module|loadex", -3, "7.0.0")
        .summary("Loads a module with parameters")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | NO_ASYNC_LOADING)
        .arguments(&[
            string("path"),
            block("configs", &[string("name"), string("value")]).token("CONFIG").optional().multiple_token(),
            string("args").token("ARGS").optional().multiple(),
        ]),

    MODULE_UNLOAD => command("module|unload", 3, "4.0.0")
        .summary("Unloads a module")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | NO_ASYNC_LOADING)
        .arguments(&[string("name")]),

    MONITOR => command("monitor", 1, "1.0.0")
        .summary("Shows each command that the server runs")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE),

    PSYNC => command("psync", -3, "2.8.0")
        .summary("Begins or resumes replication, asked for by a replica")
        .complexity("O(1), plus sending what the replica lacks")
        .flags(ADMIN | NOSCRIPT | NO_MULTI | NO_ASYNC_LOADING)
        .arguments(&[string("replicationid"), integer("offset")]),

    REPLCONF => command("replconf", -1, "3.0.0")
        .summary("Tells the primary about a replica, or the other way round")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE | ALLOW_BUSY)
        .system(),

    REPLICAOF => command("replicaof", 3, "5.0.0")
        .summary("Makes the server a replica of another, or a primary")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | STALE | NO_ASYNC_LOADING)
        .arguments(&[
            one_of("args", &[
                block("host-port", &[string("host"), integer("port")]),
                block("no-one", &[token("no", "NO"), token("one", "ONE")]),
            ]),
        ]),

    RESTORE_ASKING => command("restore-asking", -4, "3.0.0")
        .summary("Makes a key of a serialized value in a slot that is being imported")
        .complexity("O(N*M) for N elements of average size M")
        .flags(WRITE | DENYOOM | ASKING)
        .also(Categories::DANGEROUS).also(Categories::KEYSPACE)
        .keys(&[one(1, OW | UPDATE)])
        .system()
        .history(&[("3.0.0", "`REPLACE`"), ("5.0.0", "`ABSTTL`, `IDLETIME` and `FREQ`")])
        .arguments(&[
            key("key", 0),
            integer("ttl"),
            string("serialized-value"),
            token("replace", "REPLACE").optional().since("3.0.0"),
            token("absttl", "ABSTTL").optional().since("5.0.0"),
            integer("seconds").token("IDLETIME").optional().since("5.0.0"),
            integer("frequency").token("FREQ").optional().since("5.0.0"),
        ]),

    ROLE => command("role", 1, "2.8.12")
        .summary("Tells the server's part in replication")
        .complexity("O(1)")
        .flags(NOSCRIPT | LOADING | STALE | FAST)
        .also(Categories::ADMIN).also(Categories::DANGEROUS),

    SAVE => command("save", 1, "1.0.0")
        .summary("Saves the data to disk while nothing else runs")
        .complexity("O(N) for N keys")
        .flags(ADMIN | NOSCRIPT | NO_MULTI | NO_ASYNC_LOADING),

    SHUTDOWN => command("shutdown", -1, "1.0.0")
        .summary("Stops the server, and saves if so configured")
        .complexity("O(N) for N keys if it saves")
        .flags(ADMIN | NOSCRIPT | LOADING | STALE | NO_MULTI | ALLOW_BUSY)
        .history(&[
            ("7.0.0", "`NOW`, `FORCE` and `ABORT`"),
            ("9.0.0", "`SAFE` and `FAILOVER`"),
        ])
        .arguments(&[
            one_of("abort-selector", &[
                block("save-selector-block", &[
                    one_of("save-selector", &[token("nosave", "NOSAVE"), token("save", "SAVE")]).optional(),
                    token("now", "NOW").optional().since("7.0.0"),
                    token("force", "FORCE").optional().since("7.0.0"),
                    token("safe", "SAFE").optional().since("9.0.0"),
                    token("failover", "FAILOVER").optional().since("9.0.0"),
                ]),
                token("abort", "ABORT").since("7.0.0"),
            ]).optional(),
        ]),

    SLAVEOF => command("slaveof", 3, "1.0.0")
        .summary("Makes the server a replica of another, or a primary")
        .complexity("O(1)")
        .flags(ADMIN | NOSCRIPT | STALE | NO_ASYNC_LOADING)
        .deprecated("5.0.0", "`REPLICAOF`")
        .arguments(&[
            one_of("args", &[
                block("host-port", &[string("host"), integer("port")]),
                block("no-one", &[token("no", "NO"), token("one", "ONE")]),
            ]),
        ]),

    SLOWLOG => command("slowlog", -2, "2.2.12")
        .summary("Groups commands about the log of slow commands"),

    SLOWLOG_GET => command("slowlog|get", -2, "2.2.12")
        .summary("Lists slow commands")
        .complexity("O(N) for N entries shown")
        .flags(ADMIN | LOADING | STALE)
        .history(&[("4.0.0", "Shows the client's address and name")])
        .tips(&["nondeterministic_output", "request_policy:all_nodes"])
        .arguments(&[integer("count").optional()]),

    SLOWLOG_HELP => command("slowlog|help", 2, "6.2.0")
        .summary("Explains the subcommands of SLOWLOG")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    SLOWLOG_LEN => command("slowlog|len", 2, "2.2.12")
        .summary("Counts the entries of the slow log")
        .complexity("O(1)")
        .flags(ADMIN | LOADING | STALE)
        .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:agg_sum"]),

    SLOWLOG_RESET => command("slowlog|reset", 2, "2.2.12")
        .summary("Forgets the entries of the slow log")
        .complexity("O(N) for N entries")
        .flags(ADMIN | LOADING | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),

    SWAPDB => command("swapdb", 3, "4.0.0")
        .summary("Exchanges two databases")
        .complexity("O(N) for N clients that watch or wait for their keys")
        .flags(WRITE | FAST)
        .also(Categories::DANGEROUS).also(Categories::KEYSPACE)
        .arguments(&[integer("index1"), integer("index2")]),

    SYNC => command("sync", 1, "1.0.0")
        .summary("Begins replication the old way, asked for by a replica")
        .complexity("O(N) for N keys to be sent")
        .flags(ADMIN | NOSCRIPT | NO_MULTI | NO_ASYNC_LOADING),

    TIME => command("time", 1, "2.6.0")
        .summary("Returns the server's time")
        .complexity("O(1)")
        .flags(LOADING | STALE | FAST)
        .tips(&["nondeterministic_output"]),
}
