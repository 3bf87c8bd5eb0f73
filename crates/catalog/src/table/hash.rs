//! Hashes.

use crate::Group;
use crate::argument::{block, double, integer, key, one_of, pattern, string, token, unix_time};
use crate::command::command;
use crate::flags::in_command::{DENYOOM, FAST, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, DELETE, INSERT, RO, RW, UPDATE};
use crate::key_spec::one;

commands! {
    Group::Hash, from super::geo::END;

    HDEL => command("hdel", -3, "2.0.0")
        .summary("Removes fields of a hash")
        .complexity("O(N) for N fields removed")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | DELETE)])
        .history(&[("2.4.0", "Takes several fields")])
        .arguments(&[key("key", 0), string("field").multiple()]),

    HEXISTS => command("hexists", 3, "2.0.0")
        .summary("Tells whether a hash has a field")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0), string("field")]),

    HEXPIRE => command("hexpire", -6, "7.4.0")
        .summary("Lets fields of a hash live for so many more seconds")
        .complexity("O(N) for N fields")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[
            key("key", 0),
            integer("seconds"),
            one_of("condition", &[
                token("nx", "NX"),
                token("xx", "XX"),
                token("gt", "GT"),
                token("lt", "LT"),
            ]).optional(),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HEXPIREAT => command("hexpireat", -6, "7.4.0")
        .summary("Lets fields of a hash live until a Unix time in seconds")
        .complexity("O(N) for N fields")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[
            key("key", 0),
            unix_time("unix-time-seconds"),
            one_of("condition", &[
                token("nx", "NX"),
                token("xx", "XX"),
                token("gt", "GT"),
                token("lt", "LT"),
            ]).optional(),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HEXPIRETIME => command("hexpiretime", -5, "7.4.0")
        .summary("Tells until which Unix time, in seconds, fields of a hash live")
        .complexity("O(N) for N fields")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[
            key("key", 0),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HGET => command("hget", 3, "2.0.0")
        .summary("Reads a field of a hash")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), string("field")]),

    HGETALL => command("hgetall", 2, "2.0.0")
        .summary("Returns all fields of a hash with their values")
        .complexity("O(N) for N fields")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output_order"])
        .arguments(&[key("key", 0)]),

    HGETDEL => command("hgetdel", -5, "8.0.0")
        .summary("Reads fields of a hash and removes them")
        .complexity("O(N) for N fields")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE)])
        .arguments(&[
            key("key", 0),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HGETEX => command("hgetex", -5, "8.0.0")
        .summary("Reads fields of a hash and may change when they expire")
        .complexity("O(N) for N fields")
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
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HINCRBY => command("hincrby", 4, "2.0.0")
        .summary("Adds to the number in a field")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), string("field"), integer("increment")]),

    HINCRBYFLOAT => command("hincrbyfloat", 4, "2.6.0")
        .summary("Adds a fraction to the number in a field")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), string("field"), double("increment")]),

    HKEYS => command("hkeys", 2, "2.0.0")
        .summary("Lists the fields of a hash")
        .complexity("O(N) for N fields")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output_order"])
        .arguments(&[key("key", 0)]),

    HLEN => command("hlen", 2, "2.0.0")
        .summary("Counts the fields of a hash")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0)]),

    HMGET => command("hmget", -3, "2.0.0")
        .summary("Reads several fields of a hash")
        .complexity("O(N) for N fields")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), string("field").multiple()]),

    HMSET => command("hmset", -4, "2.0.0")
        .summary("Writes several fields of a hash")
        .complexity("O(N) for N fields")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .deprecated("4.0.0", "`HSET`")
        .arguments(&[key("key", 0), block("data", &[string("field"), string("value")]).multiple()]),

    HPERSIST => command("hpersist", -5, "7.4.0")
        .summary("Lets fields of a hash live forever")
        .complexity("O(N) for N fields")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[
            key("key", 0),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HPEXPIRE => command("hpexpire", -6, "7.4.0")
        .summary("Lets fields of a hash live for so many more milliseconds")
        .complexity("O(N) for N fields")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[
            key("key", 0),
            integer("milliseconds"),
            one_of("condition", &[
                token("nx", "NX"),
                token("xx", "XX"),
                token("gt", "GT"),
                token("lt", "LT"),
            ]).optional(),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HPEXPIREAT => command("hpexpireat", -6, "7.4.0")
        .summary("Lets fields of a hash live until a Unix time in milliseconds")
        .complexity("O(N) for N fields")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[
            key("key", 0),
            unix_time("unix-time-milliseconds"),
            one_of("condition", &[
                token("nx", "NX"),
                token("xx", "XX"),
                token("gt", "GT"),
                token("lt", "LT"),
            ]).optional(),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HPEXPIRETIME => command("hpexpiretime", -5, "7.4.0")
        .summary("Tells until which Unix time, in milliseconds, fields of a hash live")
        .complexity("O(N) for N fields")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[
            key("key", 0),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HPTTL => command("hpttl", -5, "7.4.0")
        .summary("Tells how many milliseconds fields of a hash have left to live")
        .complexity("O(N) for N fields")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HRANDFIELD => command("hrandfield", -2, "6.2.0")
        .summary("Returns fields of a hash at random")
        .complexity("O(N) for N fields returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            block("options", &[integer("count"), token("withvalues", "WITHVALUES").optional()]).optional(),
        ]),

    HSCAN => command("hscan", -3, "2.8.0")
        .summary("Walks through the fields of a hash, a few in each call")
        .complexity("O(1) a call, O(N) for the whole walk")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            integer("cursor"),
            pattern("pattern").token("MATCH").optional(),
            integer("count").token("COUNT").optional(),
            token("novalues", "NOVALUES").optional(),
        ]),

    HSET => command("hset", -4, "2.0.0")
        .summary("Writes fields of a hash")
        .complexity("O(1) for each field")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .history(&[("4.0.0", "Takes several fields")])
        .arguments(&[key("key", 0), block("data", &[string("field"), string("value")]).multiple()]),

    HSETEX => command("hsetex", -6, "8.0.0")
        .summary("Writes fields of a hash, on a condition and with an expiry if wanted")
        .complexity("O(N) for N fields")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[
            key("key", 0),
            one_of("key-condition", &[token("nx", "NX"), token("xx", "XX")]).optional(),
            one_of("fields-condition", &[token("fnx", "FNX"), token("fxx", "FXX")]).optional(),
            one_of("expiration", &[
                integer("seconds").token("EX"),
                integer("milliseconds").token("PX"),
                unix_time("unix-time-seconds").token("EXAT"),
                unix_time("unix-time-milliseconds").token("PXAT"),
                token("keepttl", "KEEPTTL"),
            ]).optional(),
            block("fields", &[
                integer("numfields"),
                block("data", &[string("field"), string("value")]).multiple(),
            ]).token("FIELDS"),
        ]),

    HSETNX => command("hsetnx", 4, "2.0.0")
        .summary("Writes a field of a hash if it is not there")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | INSERT)])
        .arguments(&[key("key", 0), string("field"), string("value")]),

    HSTRLEN => command("hstrlen", 3, "3.2.0")
        .summary("Measures the value of a field")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0), string("field")]),

    HTTL => command("httl", -5, "7.4.0")
        .summary("Tells how many seconds fields of a hash have left to live")
        .complexity("O(N) for N fields")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            block("fields", &[integer("numfields"), string("field").multiple()]).token("FIELDS"),
        ]),

    HVALS => command("hvals", 2, "2.0.0")
        .summary("Returns all values of a hash")
        .complexity("O(N) for N fields")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output_order"])
        .arguments(&[key("key", 0)]),
}
