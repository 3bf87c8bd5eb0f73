//! Scripts and functions.

use crate::argument::{integer, key, one_of, string, token};
use crate::command::command;
use crate::flags::in_command::{
    ALLOW_BUSY, DENYOOM, LOADING, NO_MANDATORY_KEYS, NOSCRIPT, READONLY, SKIP_MONITOR, STALE, WRITE,
};
use crate::flags::on_key::{ACCESS, RO, RW, UPDATE};
use crate::key_spec::counted;
use crate::{Group, Origin};

commands! {
    Group::Scripting, from super::transactions::END;

    EVAL => command("eval", -3, "2.6.0")
        .summary("Runs a script")
        .complexity("What the script costs")
        .flags(NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS)
        .keys(&[
            counted(2, 1, RW | ACCESS | UPDATE).note("A script may do anything: assume reading and writing"),
        ])
        .arguments(&[
            string("script"),
            integer("numkeys"),
            key("key", 0).optional().multiple(),
            string("arg").optional().multiple(),
        ]),

    EVAL_RO => command("eval_ro", -3, "7.0.0")
        .summary("Runs a script that may only read")
        .complexity("What the script costs")
        .flags(READONLY | NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS)
        .keys(&[counted(2, 1, RO | ACCESS).note("A script may do anything: assume reading")])
        .arguments(&[
            string("script"),
            integer("numkeys"),
            key("key", 0).optional().multiple(),
            string("arg").optional().multiple(),
        ]),

    EVALSHA => command("evalsha", -3, "2.6.0")
        .summary("Runs a cached script by its digest")
        .complexity("What the script costs")
        .flags(NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS)
        .keys(&[counted(2, 1, RW | ACCESS | UPDATE)])
        .arguments(&[
            string("sha1"),
            integer("numkeys"),
            key("key", 0).optional().multiple(),
            string("arg").optional().multiple(),
        ]),

    EVALSHA_RO => command("evalsha_ro", -3, "7.0.0")
        .summary("Runs a cached script, by its digest, that may only read")
        .complexity("What the script costs")
        .flags(READONLY | NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS)
        .keys(&[counted(2, 1, RO | ACCESS)])
        .arguments(&[
            string("sha1"),
            integer("numkeys"),
            key("key", 0).optional().multiple(),
            string("arg").optional().multiple(),
        ]),

    FCALL => command("fcall", -3, "7.0.0")
        .summary("Calls a function")
        .complexity("What the function costs")
        .flags(NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS)
        .keys(&[
            counted(2, 1, RW | ACCESS | UPDATE).note("A function may do anything: assume reading and writing"),
        ])
        .arguments(&[
            string("function"),
            integer("numkeys"),
            key("key", 0).optional().multiple(),
            string("arg").optional().multiple(),
        ]),

    FCALL_RO => command("fcall_ro", -3, "7.0.0")
        .summary("Calls a function that may only read")
        .complexity("What the function costs")
        .flags(READONLY | NOSCRIPT | STALE | SKIP_MONITOR | NO_MANDATORY_KEYS)
        .keys(&[counted(2, 1, RO | ACCESS).note("A function may do anything: assume reading")])
        .arguments(&[
            string("function"),
            integer("numkeys"),
            key("key", 0).optional().multiple(),
            string("arg").optional().multiple(),
        ]),

    FUNCTION => command("function", -2, "7.0.0")
        .summary("Groups commands that manage libraries of functions"),

    FUNCTION_DELETE => command("function|delete", 3, "7.0.0")
        .summary("Removes a library and its functions")
        .complexity("O(1)")
        .flags(WRITE | NOSCRIPT)
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .arguments(&[string("library-name")]),

    FUNCTION_DUMP => command("function|dump", 2, "7.0.0")
        .summary("Serializes all libraries")
        .complexity("O(N) for N functions")
        .flags(NOSCRIPT),

    FUNCTION_FLUSH => command("function|flush", -2, "7.0.0")
        .summary("Removes all libraries")
        .complexity("O(N) for N functions")
        .flags(WRITE | NOSCRIPT)
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .arguments(&[one_of("flush-type", &[token("async", "ASYNC"), token("sync", "SYNC")]).optional()]),

    FUNCTION_HELP => command("function|help", 2, "7.0.0")
        .summary("Explains the subcommands of FUNCTION")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    FUNCTION_KILL => command("function|kill", 2, "7.0.0")
        .summary("Stops the function that is running")
        .complexity("O(1)")
        .flags(NOSCRIPT | ALLOW_BUSY)
        .tips(&["request_policy:all_shards", "response_policy:one_succeeded"]),

    FUNCTION_LIST => command("function|list", -2, "7.0.0")
        .summary("Describes the libraries")
        .complexity("O(N) for N functions")
        .flags(NOSCRIPT)
        .tips(&["nondeterministic_output_order"])
        .arguments(&[
            string("library-name-pattern").token("LIBRARYNAME").optional(),
            token("withcode", "WITHCODE").optional(),
        ]),

    FUNCTION_LOAD => command("function|load", -3, "7.0.0")
        .summary("Makes a library of source code")
        .complexity("O(1), plus compiling the code")
        .flags(WRITE | DENYOOM | NOSCRIPT)
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .arguments(&[token("replace", "REPLACE").optional(), string("function-code")]),

    FUNCTION_RESTORE => command("function|restore", -3, "7.0.0")
        .summary("Makes libraries of a dump")
        .complexity("O(N) for N functions in the dump")
        .flags(WRITE | DENYOOM | NOSCRIPT)
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .arguments(&[
            string("serialized-value"),
            one_of("policy", &[
                token("flush", "FLUSH"),
                token("append", "APPEND"),
                token("replace", "REPLACE"),
            ]).optional(),
        ]),

    FUNCTION_STATS => command("function|stats", 2, "7.0.0")
        .summary("Tells which function is running and what engines there are")
        .complexity("O(1)")
        .flags(NOSCRIPT | ALLOW_BUSY)
        .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),

    SCRIPT => command("script", -2, "2.6.0")
        .summary("Groups commands that manage the script cache"),

    SCRIPT_DEBUG => command("script|debug", -3, "3.2.0")
        .summary("Turns the script debugger on or off for this connection")
        .complexity("O(1)")
        .flags(NOSCRIPT)
        .arguments(&[
            one_of("mode", &[token("yes", "YES"), token("sync", "SYNC"), token("no", "NO")]),
            string("engine").optional().since("9.1.0"),
        ]),

    SCRIPT_EXISTS => command("script|exists", -3, "2.6.0")
        .summary("Tells which digests are of cached scripts")
        .complexity("O(N) for N digests")
        .flags(NOSCRIPT | STALE)
        .tips(&["request_policy:all_shards", "response_policy:agg_logical_and"])
        .arguments(&[string("sha1").multiple()]),

    SCRIPT_FLUSH => command("script|flush", -2, "2.6.0")
        .summary("Empties the script cache")
        .complexity("O(N) for N scripts")
        .flags(NOSCRIPT | STALE)
        .history(&[("6.2.0", "`ASYNC` and `SYNC`")])
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[
            one_of("flush-type", &[token("async", "ASYNC"), token("sync", "SYNC")]).optional().since("6.2.0"),
        ]),

    SCRIPT_HELP => command("script|help", 2, "5.0.0")
        .summary("Explains the subcommands of SCRIPT")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    SCRIPT_KILL => command("script|kill", 2, "2.6.0")
        .summary("Stops the script that is running")
        .complexity("O(1)")
        .flags(NOSCRIPT | ALLOW_BUSY)
        .tips(&["request_policy:all_shards", "response_policy:one_succeeded"]),

    SCRIPT_LOAD => command("script|load", 3, "2.6.0")
        .summary("Puts a script into the cache")
        .complexity("O(N) for a script of N bytes")
        .flags(NOSCRIPT | STALE)
        .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
        .arguments(&[string("script")]),

    SCRIPT_SHOW => command("script|show", 3, "8.0.0")
        .summary("Returns a cached script")
        .complexity("O(1)")
        .only_in(Origin::Valkey)
        .flags(NOSCRIPT | STALE)
        .arguments(&[string("sha1")]),
}
