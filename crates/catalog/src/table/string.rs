//! Strings.

use crate::argument::{block, double, integer, key, one_of, string, token, unix_time};
use crate::command::command;
use crate::flags::in_command::{DENYOOM, FAST, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, DELETE, INSERT, OW, RM, RO, RW, UPDATE, VARIABLE_FLAGS};
use crate::key_spec::{counted, one, range};
use crate::{Group, Origin};

commands! {
    Group::String, from super::generic::END;

    APPEND => command("append", 3, "2.0.0")
        .summary("Adds to the end of a string")
        .complexity("O(1), amortized")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | INSERT)])
        .arguments(&[key("key", 0), string("value")]),

    DECR => command("decr", 2, "1.0.0")
        .summary("Subtracts one from a number")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0)]),

    DECRBY => command("decrby", 3, "1.0.0")
        .summary("Subtracts from a number")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), integer("decrement")]),

    DELIFEQ => command("delifeq", 3, "9.0.0")
        .summary("Removes a key if it holds the given string")
        .complexity("O(1)")
        .only_in(Origin::Valkey)
        .flags(WRITE | FAST)
        .keys(&[one(1, RM | DELETE)])
        .arguments(&[key("key", 0), string("value")]),

    GET => command("get", 2, "1.0.0")
        .summary("Reads a string")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0)]),

    GETDEL => command("getdel", 2, "6.2.0")
        .summary("Reads a string and removes its key")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE)])
        .arguments(&[key("key", 0)]),

    GETEX => command("getex", -2, "6.2.0")
        .summary("Reads a string and may change when it expires")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE).note("UPDATE because the expiry may change")])
        .arguments(&[
            key("key", 0),
            one_of("expiration", &[
                integer("seconds").token("EX"),
                integer("milliseconds").token("PX"),
                unix_time("unix-time-seconds").token("EXAT"),
                unix_time("unix-time-milliseconds").token("PXAT"),
                token("persist", "PERSIST"),
            ]).optional(),
        ]),

    GETRANGE => command("getrange", 4, "2.4.0")
        .summary("Reads part of a string")
        .complexity("O(N) for N bytes returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), integer("start"), integer("end")]),

    GETSET => command("getset", 3, "1.0.0")
        .summary("Replaces a string and returns the old one")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .deprecated("6.2.0", "`SET` with `GET`")
        .arguments(&[key("key", 0), string("value")]),

    INCR => command("incr", 2, "1.0.0")
        .summary("Adds one to a number")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0)]),

    INCRBY => command("incrby", 3, "1.0.0")
        .summary("Adds to a number")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), integer("increment")]),

    INCRBYFLOAT => command("incrbyfloat", 3, "2.6.0")
        .summary("Adds a fraction to a number")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), double("increment")]),

    LCS => command("lcs", -3, "7.0.0")
        .summary("Finds the longest common subsequence of two strings")
        .complexity("O(N*M) for strings of N and M bytes")
        .flags(READONLY)
        .keys(&[range(1, 1, 1, RO | ACCESS)])
        .arguments(&[
            key("key1", 0),
            key("key2", 0),
            token("len", "LEN").optional(),
            token("idx", "IDX").optional(),
            integer("min-match-len").token("MINMATCHLEN").optional(),
            token("withmatchlen", "WITHMATCHLEN").optional(),
        ]),

    MGET => command("mget", -2, "1.0.0")
        .summary("Reads several strings")
        .complexity("O(N) for N keys")
        .flags(READONLY | FAST)
        .keys(&[range(1, -1, 1, RO | ACCESS)])
        .tips(&["request_policy:multi_shard"])
        .arguments(&[key("key", 0).multiple()]),

    MSET => command("mset", -3, "1.0.1")
        .summary("Writes several strings at once")
        .complexity("O(N) for N keys")
        .flags(WRITE | DENYOOM)
        .keys(&[range(1, -1, 2, OW | UPDATE)])
        .tips(&["request_policy:multi_shard", "response_policy:all_succeeded"])
        .arguments(&[block("data", &[key("key", 0), string("value")]).multiple()]),

    MSETEX => command("msetex", -4, "9.1.0")
        .summary("Writes several strings at once, on a condition and with an expiry if wanted")
        .complexity("O(N) for N keys")
        .only_in(Origin::Valkey)
        .flags(WRITE | DENYOOM)
        .keys(&[counted(1, 2, OW | UPDATE)])
        .tips(&["request_policy:multi_shard", "response_policy:all_succeeded"])
        .arguments(&[
            integer("numkeys"),
            block("data", &[key("key", 0), string("value")]).multiple(),
            one_of("condition", &[token("nx", "NX"), token("xx", "XX")]).optional(),
            one_of("expiration", &[
                integer("seconds").token("EX"),
                integer("milliseconds").token("PX"),
                unix_time("unix-time-seconds").token("EXAT"),
                unix_time("unix-time-milliseconds").token("PXAT"),
                token("keepttl", "KEEPTTL"),
            ]).optional(),
        ]),

    MSETNX => command("msetnx", -3, "1.0.1")
        .summary("Writes several strings if none of the keys is there")
        .complexity("O(N) for N keys")
        .flags(WRITE | DENYOOM)
        .keys(&[range(1, -1, 2, OW | INSERT)])
        .arguments(&[block("data", &[key("key", 0), string("value")]).multiple()]),

    PSETEX => command("psetex", 4, "2.6.0")
        .summary("Writes a string that expires after so many milliseconds")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE)])
        .deprecated("2.6.12", "`SET` with `PX`")
        .arguments(&[key("key", 0), integer("milliseconds"), string("value")]),

    SET => command("set", -3, "1.0.0")
        .summary("Writes a string whatever the key held before")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | ACCESS | UPDATE | VARIABLE_FLAGS).note("ACCESS only with the GET option")])
        .history(&[
            ("2.6.12", "`EX`, `PX`, `NX` and `XX`"),
            ("6.0.0", "`KEEPTTL`"),
            ("6.2.0", "`GET`, `EXAT` and `PXAT`"),
            ("7.0.0", "`NX` goes together with `GET`"),
            ("8.1.0", "`IFEQ`"),
        ])
        .arguments(&[
            key("key", 0),
            string("value"),
            one_of("condition", &[
                token("nx", "NX").since("2.6.12"),
                token("xx", "XX").since("2.6.12"),
                string("comparison-value").token("IFEQ").since("8.1.0"),
            ]).optional(),
            token("get", "GET").optional().since("6.2.0"),
            one_of("expiration", &[
                integer("seconds").token("EX").since("2.6.12"),
                integer("milliseconds").token("PX").since("2.6.12"),
                unix_time("unix-time-seconds").token("EXAT").since("6.2.0"),
                unix_time("unix-time-milliseconds").token("PXAT").since("6.2.0"),
                token("keepttl", "KEEPTTL").since("6.0.0"),
            ]).optional(),
        ]),

    SETEX => command("setex", 4, "2.0.0")
        .summary("Writes a string that expires after so many seconds")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE)])
        .deprecated("2.6.12", "`SET` with `EX`")
        .arguments(&[key("key", 0), integer("seconds"), string("value")]),

    SETNX => command("setnx", 3, "1.0.0")
        .summary("Writes a string if the key is not there")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, OW | INSERT)])
        .deprecated("2.6.12", "`SET` with `NX`")
        .arguments(&[key("key", 0), string("value")]),

    SETRANGE => command("setrange", 4, "2.2.0")
        .summary("Overwrites part of a string")
        .complexity("O(N) for N bytes written")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[key("key", 0), integer("offset"), string("value")]),

    STRLEN => command("strlen", 2, "2.2.0")
        .summary("Measures a string")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0)]),

    SUBSTR => command("substr", 4, "1.0.0")
        .summary("Reads part of a string")
        .complexity("O(N) for N bytes returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .deprecated("2.0.0", "`GETRANGE`")
        .arguments(&[key("key", 0), integer("start"), integer("end")]),
}
