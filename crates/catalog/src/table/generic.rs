//! Keys of any type.

use crate::argument::{block, integer, key, one_of, pattern, string, token, unix_time};
use crate::command::command;
use crate::flags::in_command::{BLOCKING, DENYOOM, FAST, LOADING, READONLY, STALE, WRITE};
use crate::flags::on_key::{ACCESS, DELETE, INCOMPLETE, INSERT, OW, RM, RO, RW, UPDATE};
use crate::key_spec::{keyword, one, range, unknown};
use crate::{Categories, Group};

commands! {
    Group::Generic, from 0;

    COPY => command("copy", -3, "6.2.0")
        .summary("Duplicates the value of one key under another")
        .complexity("O(1) for strings, O(N) for collections of N elements")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RO | ACCESS), one(2, OW | UPDATE)])
        .arguments(&[
            key("source", 0),
            key("destination", 1),
            integer("destination-db").token("DB").optional(),
            token("replace", "REPLACE").optional(),
        ]),

    DEL => command("del", -2, "1.0.0")
        .summary("Removes keys and waits until their memory is free")
        .complexity("O(N) for N keys, plus O(M) for a collection of M elements")
        .flags(WRITE)
        .keys(&[range(1, -1, 1, RM | DELETE)])
        .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
        .arguments(&[key("key", 0).multiple()]),

    DUMP => command("dump", 2, "2.6.0")
        .summary("Serializes the value of a key")
        .complexity("O(N*M) for N elements of average size M")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0)]),

    EXISTS => command("exists", -2, "1.0.0")
        .summary("Counts how many of the given keys are there")
        .complexity("O(N) for N keys")
        .flags(READONLY | FAST)
        .keys(&[range(1, -1, 1, RO)])
        .history(&[("3.0.3", "Takes several keys")])
        .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
        .arguments(&[key("key", 0).multiple()]),

    EXPIRE => command("expire", -3, "1.0.0")
        .summary("Lets a key live for so many more seconds")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .history(&[("7.0.0", "`NX`, `XX`, `GT` and `LT`")])
        .arguments(&[
            key("key", 0),
            integer("seconds"),
            one_of("condition", &[
                token("nx", "NX"),
                token("xx", "XX"),
                token("gt", "GT"),
                token("lt", "LT"),
            ]).optional().since("7.0.0"),
        ]),

    EXPIREAT => command("expireat", -3, "1.2.0")
        .summary("Lets a key live until a Unix time in seconds")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .history(&[("7.0.0", "`NX`, `XX`, `GT` and `LT`")])
        .arguments(&[
            key("key", 0),
            unix_time("unix-time-seconds"),
            one_of("condition", &[
                token("nx", "NX"),
                token("xx", "XX"),
                token("gt", "GT"),
                token("lt", "LT"),
            ]).optional().since("7.0.0"),
        ]),

    EXPIRETIME => command("expiretime", 2, "7.0.0")
        .summary("Tells until which Unix time, in seconds, a key lives")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0)]),

    KEYS => command("keys", 2, "1.0.0")
        .summary("Lists the keys that match a pattern")
        .complexity("O(N) for N keys in the database")
        .flags(READONLY)
        .also(Categories::DANGEROUS)
        .tips(&["nondeterministic_output_order", "request_policy:all_shards"])
        .arguments(&[pattern("pattern")]),

    MIGRATE => command("migrate", -6, "2.6.0")
        .summary("Moves keys to another server in one step")
        .complexity("O(N) for N keys, which are dumped here and restored there")
        .flags(WRITE)
        .also(Categories::DANGEROUS)
        .keys(&[
            one(3, RW | ACCESS | DELETE),
            keyword("KEYS", -2, -1, 0, RW | ACCESS | DELETE | INCOMPLETE),
        ])
        .history(&[
            ("3.0.0", "`COPY` and `REPLACE`"),
            ("3.0.6", "`KEYS`"),
            ("4.0.7", "`AUTH`"),
            ("6.0.0", "`AUTH2`"),
        ])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            string("host"),
            integer("port"),
            one_of("key-selector", &[key("key", 0), token("empty-string", "")]),
            integer("destination-db"),
            integer("timeout"),
            token("copy", "COPY").optional().since("3.0.0"),
            token("replace", "REPLACE").optional().since("3.0.0"),
            one_of("authentication", &[
                string("auth").token("AUTH").since("4.0.7").shown_as("password"),
                block("auth2", &[string("username"), string("password")]).token("AUTH2").since("6.0.0"),
            ]).optional(),
            key("keys", 1).token("KEYS").optional().multiple().since("3.0.6").shown_as("key"),
        ]),

    MOVE => command("move", 3, "1.0.0")
        .summary("Hands a key over to another database")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), integer("db")]),

    OBJECT => command("object", -2, "2.2.3")
        .summary("Groups commands that look inside a value's representation"),

    OBJECT_ENCODING => command("object|encoding", 3, "2.2.3")
        .summary("Names the representation that a value has in memory")
        .complexity("O(1)")
        .flags(READONLY)
        .keys(&[one(2, RO)])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0)]),

    OBJECT_FREQ => command("object|freq", 3, "4.0.0")
        .summary("Tells how often a key was used lately, on a logarithmic scale")
        .complexity("O(1)")
        .flags(READONLY)
        .keys(&[one(2, RO)])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0)]),

    OBJECT_HELP => command("object|help", 2, "6.2.0")
        .summary("Explains the subcommands of OBJECT")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    OBJECT_IDLETIME => command("object|idletime", 3, "2.2.3")
        .summary("Tells for how many seconds nobody has used a key")
        .complexity("O(1)")
        .flags(READONLY)
        .keys(&[one(2, RO)])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0)]),

    OBJECT_REFCOUNT => command("object|refcount", 3, "2.2.3")
        .summary("Tells how many references to a value there are")
        .complexity("O(1)")
        .flags(READONLY)
        .keys(&[one(2, RO)])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0)]),

    PERSIST => command("persist", 2, "2.2.0")
        .summary("Lets a key live forever")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[key("key", 0)]),

    PEXPIRE => command("pexpire", -3, "2.6.0")
        .summary("Lets a key live for so many more milliseconds")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .history(&[("7.0.0", "`NX`, `XX`, `GT` and `LT`")])
        .arguments(&[
            key("key", 0),
            integer("milliseconds"),
            one_of("condition", &[
                token("nx", "NX"),
                token("xx", "XX"),
                token("gt", "GT"),
                token("lt", "LT"),
            ]).optional().since("7.0.0"),
        ]),

    PEXPIREAT => command("pexpireat", -3, "2.6.0")
        .summary("Lets a key live until a Unix time in milliseconds")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .history(&[("7.0.0", "`NX`, `XX`, `GT` and `LT`")])
        .arguments(&[
            key("key", 0),
            unix_time("unix-time-milliseconds"),
            one_of("condition", &[
                token("nx", "NX"),
                token("xx", "XX"),
                token("gt", "GT"),
                token("lt", "LT"),
            ]).optional().since("7.0.0"),
        ]),

    PEXPIRETIME => command("pexpiretime", 2, "7.0.0")
        .summary("Tells until which Unix time, in milliseconds, a key lives")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0)]),

    PTTL => command("pttl", 2, "2.6.0")
        .summary("Tells how many milliseconds a key has left to live")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("2.8.0", "Answers -2 if there is no such key")])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0)]),

    RANDOMKEY => command("randomkey", 1, "1.0.0")
        .summary("Picks a key of the database at random")
        .complexity("O(1)")
        .flags(READONLY)
        .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),

    RENAME => command("rename", 3, "1.0.0")
        .summary("Gives a key another name, replacing what had that name")
        .complexity("O(1), plus freeing what is replaced")
        .flags(WRITE)
        .keys(&[one(1, RW | ACCESS | DELETE), one(2, OW | UPDATE)])
        .arguments(&[key("key", 0), key("newkey", 1)]),

    RENAMENX => command("renamenx", 3, "1.0.0")
        .summary("Gives a key another name unless that is taken")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE), one(2, OW | INSERT)])
        .history(&[("3.2.0", "Renaming a key to itself is no error")])
        .arguments(&[key("key", 0), key("newkey", 1)]),

    RESTORE => command("restore", -4, "2.6.0")
        .summary("Makes a key of a serialized value")
        .complexity("O(N*M) for N elements of average size M")
        .flags(WRITE | DENYOOM)
        .also(Categories::DANGEROUS)
        .keys(&[one(1, OW | UPDATE)])
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

    SCAN => command("scan", -2, "2.8.0")
        .summary("Walks through the keys of the database, a few in each call")
        .complexity("O(1) a call, O(N) for the whole walk")
        .flags(READONLY)
        .history(&[("6.0.0", "`TYPE`")])
        .tips(&["nondeterministic_output", "request_policy:special", "response_policy:special"])
        .arguments(&[
            integer("cursor"),
            pattern("pattern").token("MATCH").optional(),
            integer("count").token("COUNT").optional(),
            string("type").token("TYPE").optional().since("6.0.0"),
        ]),

    SORT => command("sort", -2, "1.0.0")
        .summary("Sorts a list, set or sorted set, and returns or stores the outcome")
        .complexity("O(N+M*log(M)) for N elements of which M are returned")
        .flags(WRITE | DENYOOM)
        .also(Categories::DANGEROUS).also(Categories::LIST).also(Categories::SET).also(Categories::SORTEDSET)
        .outside_group()
        .keys(&[
            one(1, RO | ACCESS),
            unknown(RO | ACCESS).note("For BY and GET: which keys these name depends on the data"),
            unknown(OW | UPDATE).note("STORE may stand anywhere among the options"),
        ])
        .arguments(&[
            key("key", 0),
            pattern("by-pattern").token("BY").key_spec(1).optional().shown_as("pattern"),
            block("limit", &[integer("offset"), integer("count")]).token("LIMIT").optional(),
            pattern("get-pattern").token("GET").key_spec(1).optional().multiple_token().shown_as("pattern"),
            one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
            token("sorting", "ALPHA").optional(),
            key("destination", 2).token("STORE").optional(),
        ]),

    SORT_RO => command("sort_ro", -2, "7.0.0")
        .summary("Returns a list, set or sorted set in sorted order")
        .complexity("O(N+M*log(M)) for N elements of which M are returned")
        .flags(READONLY)
        .also(Categories::DANGEROUS).also(Categories::LIST).also(Categories::SET).also(Categories::SORTEDSET)
        .outside_group()
        .keys(&[
            one(1, RO | ACCESS),
            unknown(RO | ACCESS).note("For BY and GET: which keys these name depends on the data"),
        ])
        .arguments(&[
            key("key", 0),
            pattern("by-pattern").token("BY").key_spec(1).optional().shown_as("pattern"),
            block("limit", &[integer("offset"), integer("count")]).token("LIMIT").optional(),
            pattern("get-pattern").token("GET").key_spec(1).optional().multiple_token().shown_as("pattern"),
            one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
            token("sorting", "ALPHA").optional(),
        ]),

    TOUCH => command("touch", -2, "3.2.1")
        .summary("Counts which of the given keys are there and marks them as just used")
        .complexity("O(N) for N keys")
        .flags(READONLY | FAST)
        .keys(&[range(1, -1, 1, RO)])
        .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
        .arguments(&[key("key", 0).multiple()]),

    TTL => command("ttl", 2, "1.0.0")
        .summary("Tells how many seconds a key has left to live")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("2.8.0", "Answers -2 if there is no such key")])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0)]),

    TYPE => command("type", 2, "1.0.0")
        .summary("Names the type of a value")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0)]),

    UNLINK => command("unlink", -2, "4.0.0")
        .summary("Removes keys and frees their memory in the background")
        .complexity("O(N) for N keys")
        .flags(WRITE | FAST)
        .keys(&[range(1, -1, 1, RM | DELETE)])
        .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
        .arguments(&[key("key", 0).multiple()]),

    WAIT => command("wait", 3, "3.0.0")
        .summary("Waits until enough replicas have the writes of this connection")
        .complexity("O(1)")
        .flags(BLOCKING)
        .also(Categories::CONNECTION)
        .outside_group()
        .tips(&["request_policy:all_shards", "response_policy:agg_min"])
        .arguments(&[integer("numreplicas"), integer("timeout")]),

    WAITAOF => command("waitaof", 4, "7.2.0")
        .summary("Waits until the writes of this connection are on disk, here and on enough replicas")
        .complexity("O(1)")
        .flags(BLOCKING)
        .also(Categories::CONNECTION)
        .outside_group()
        .tips(&["request_policy:all_shards", "response_policy:agg_min"])
        .arguments(&[integer("numlocal"), integer("numreplicas"), integer("timeout")]),
}
