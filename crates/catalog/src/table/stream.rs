//! Streams.

use crate::argument::{block, integer, key, one_of, string, token, unix_time};
use crate::command::command;
use crate::flags::in_command::{BLOCKING, DENYOOM, FAST, LOADING, READONLY, STALE, WRITE};
use crate::flags::on_key::{ACCESS, DELETE, INSERT, RO, RW, UPDATE};
use crate::key_spec::{keyword, one};
use crate::{Group, Origin};

commands! {
    Group::Stream, from super::hash::END;

    XACK => command("xack", -4, "5.0.0")
        .summary("Marks entries as processed for a consumer group")
        .complexity("O(1) for each entry")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[key("key", 0), string("group"), string("id").multiple()]),

    XACKDEL => command("xackdel", -6, "8.2.0")
        .summary("Marks entries as processed for a consumer group and deletes them")
        .complexity("O(1) for each entry")
        .only_in(Origin::Redis)
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE | DELETE)])
        .arguments(&[
            key("key", 0),
            string("group"),
            one_of("condition", &[
                token("keepref", "KEEPREF"),
                token("delref", "DELREF"),
                token("acked", "ACKED"),
            ]).optional(),
            block("ids", &[integer("numids"), string("id").multiple()]).token("IDS"),
        ]),

    XADD => command("xadd", -5, "5.0.0")
        .summary("Adds an entry to a stream, and may trim it")
        .complexity("O(1), plus O(N) for N entries trimmed")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[
            one(1, RW | UPDATE).note("UPDATE rather than INSERT because the stream may be trimmed too"),
        ])
        .history(&[
            ("6.2.0", "`NOMKSTREAM`, `MINID` and `LIMIT`"),
            ("7.0.0", "An id may leave the sequence number open: `<ms>-*`"),
            ("8.2.0", "`KEEPREF`, `DELREF` and `ACKED`"),
        ])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            token("nomkstream", "NOMKSTREAM").optional().since("6.2.0"),
            one_of("condition", &[
                token("keepref", "KEEPREF"),
                token("delref", "DELREF"),
                token("acked", "ACKED"),
            ]).optional(),
            block("trim", &[
                one_of("strategy", &[token("maxlen", "MAXLEN"), token("minid", "MINID").since("6.2.0")]),
                one_of("operator", &[token("equal", "="), token("approximately", "~")]).optional(),
                string("threshold"),
                integer("count").token("LIMIT").optional().since("6.2.0"),
            ]).optional(),
            one_of("id-selector", &[token("auto-id", "*"), string("id")]),
            block("data", &[string("field"), string("value")]).multiple(),
        ]),

    XAUTOCLAIM => command("xautoclaim", -6, "6.2.0")
        .summary("Hands old pending entries over to a consumer, as many as are found in one pass")
        .complexity("O(1) for a COUNT that stays the same")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | DELETE)])
        .history(&[
            ("7.0.0", "Returns the ids of entries that are gone, and no longer holds them pending"),
        ])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            string("group"),
            string("consumer"),
            string("min-idle-time"),
            string("start"),
            integer("count").token("COUNT").optional(),
            token("justid", "JUSTID").optional(),
        ]),

    XCLAIM => command("xclaim", -6, "5.0.0")
        .summary("Hands pending entries over to a consumer")
        .complexity("O(log(N)) for N pending entries of the group")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            string("group"),
            string("consumer"),
            string("min-idle-time"),
            string("id").multiple(),
            integer("ms").token("IDLE").optional(),
            unix_time("unix-time-milliseconds").token("TIME").optional(),
            integer("count").token("RETRYCOUNT").optional(),
            token("force", "FORCE").optional(),
            token("justid", "JUSTID").optional(),
            string("lastid").token("LASTID").optional(),
        ]),

    XDEL => command("xdel", -3, "5.0.0")
        .summary("Deletes entries of a stream")
        .complexity("O(1) for each entry")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | DELETE)])
        .arguments(&[key("key", 0), string("id").multiple()]),

    XDELEX => command("xdelex", -5, "8.2.0")
        .summary("Deletes entries of a stream, and says what becomes of references to them")
        .complexity("O(1) for each entry")
        .only_in(Origin::Redis)
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | DELETE)])
        .arguments(&[
            key("key", 0),
            one_of("condition", &[
                token("keepref", "KEEPREF"),
                token("delref", "DELREF"),
                token("acked", "ACKED"),
            ]).optional(),
            block("ids", &[integer("numids"), string("id").multiple()]).token("IDS"),
        ]),

    XGROUP => command("xgroup", -2, "5.0.0")
        .summary("Groups commands that manage consumer groups"),

    XGROUP_CREATE => command("xgroup|create", -5, "5.0.0")
        .summary("Makes a consumer group")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM)
        .keys(&[one(2, RW | INSERT)])
        .history(&[("7.0.0", "`ENTRIESREAD`")])
        .arguments(&[
            key("key", 0),
            string("group"),
            one_of("id-selector", &[string("id"), token("new-id", "$")]),
            token("mkstream", "MKSTREAM").optional(),
            integer("entriesread").token("ENTRIESREAD").optional().shown_as("entries-read"),
        ]),

    XGROUP_CREATECONSUMER => command("xgroup|createconsumer", 5, "6.2.0")
        .summary("Makes a consumer in a group")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM)
        .keys(&[one(2, RW | INSERT)])
        .arguments(&[key("key", 0), string("group"), string("consumer")]),

    XGROUP_DELCONSUMER => command("xgroup|delconsumer", 5, "5.0.0")
        .summary("Removes a consumer from its group")
        .complexity("O(N) for N pending entries of the consumer")
        .flags(WRITE)
        .keys(&[one(2, RW | DELETE)])
        .arguments(&[key("key", 0), string("group"), string("consumer")]),

    XGROUP_DESTROY => command("xgroup|destroy", 4, "5.0.0")
        .summary("Removes a consumer group")
        .complexity("O(N) for N pending entries of the group")
        .flags(WRITE)
        .keys(&[one(2, RW | DELETE)])
        .arguments(&[key("key", 0), string("group")]),

    XGROUP_HELP => command("xgroup|help", 2, "5.0.0")
        .summary("Explains the subcommands of XGROUP")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    XGROUP_SETID => command("xgroup|setid", -5, "5.0.0")
        .summary("Sets up to which entry a consumer group has read")
        .complexity("O(1)")
        .flags(WRITE)
        .keys(&[one(2, RW | UPDATE)])
        .history(&[("7.0.0", "`ENTRIESREAD`")])
        .arguments(&[
            key("key", 0),
            string("group"),
            one_of("id-selector", &[string("id"), token("new-id", "$")]),
            integer("entriesread").token("ENTRIESREAD").optional().shown_as("entries-read"),
        ]),

    XINFO => command("xinfo", -2, "5.0.0")
        .summary("Groups commands that look inside streams"),

    XINFO_CONSUMERS => command("xinfo|consumers", 4, "5.0.0")
        .summary("Describes the consumers of a group")
        .complexity("O(N) for N consumers")
        .flags(READONLY)
        .keys(&[one(2, RO | ACCESS)])
        .history(&[("7.2.0", "Shows `inactive`; `idle` counts attempts too")])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0), string("group")]),

    XINFO_GROUPS => command("xinfo|groups", 3, "5.0.0")
        .summary("Describes the consumer groups of a stream")
        .complexity("O(N) for N groups")
        .flags(READONLY)
        .keys(&[one(2, RO | ACCESS)])
        .history(&[("7.0.0", "Shows `entries-read` and `lag`")])
        .arguments(&[key("key", 0)]),

    XINFO_HELP => command("xinfo|help", 2, "5.0.0")
        .summary("Explains the subcommands of XINFO")
        .complexity("O(1)")
        .flags(LOADING | STALE),

    XINFO_STREAM => command("xinfo|stream", -3, "5.0.0")
        .summary("Describes a stream")
        .complexity("O(1), O(N) with FULL for N entries shown")
        .flags(READONLY)
        .keys(&[one(2, RO | ACCESS)])
        .history(&[
            ("6.0.0", "`FULL`"),
            ("7.0.0", "Shows `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id` and more"),
            ("7.2.0", "Shows `active-time`; `seen-time` counts attempts too"),
        ])
        .arguments(&[
            key("key", 0),
            block("full-block", &[
                token("full", "FULL"),
                integer("count").token("COUNT").optional(),
            ]).optional(),
        ]),

    XLEN => command("xlen", 2, "5.0.0")
        .summary("Counts the entries of a stream")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0)]),

    XPENDING => command("xpending", -3, "5.0.0")
        .summary("Lists or sums up the entries that a consumer group has read but not acknowledged")
        .complexity("O(N) for N entries returned, O(M) for a summary over M consumers")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("6.2.0", "`IDLE`, and ranges without their ends")])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            string("group"),
            block("filters", &[
                integer("min-idle-time").token("IDLE").optional().since("6.2.0"),
                string("start"),
                string("end"),
                integer("count"),
                string("consumer").optional(),
            ]).optional(),
        ]),

    XRANGE => command("xrange", -4, "5.0.0")
        .summary("Returns the entries of a stream between two ids")
        .complexity("O(N) for N entries returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("6.2.0", "Ranges without their ends")])
        .arguments(&[
            key("key", 0),
            string("start"),
            string("end"),
            integer("count").token("COUNT").optional(),
        ]),

    XREAD => command("xread", -4, "5.0.0")
        .summary("Reads the entries of streams behind given ids, and may wait for some")
        .complexity("O(N) for N entries returned")
        .flags(READONLY | BLOCKING)
        .keys(&[keyword("STREAMS", 1, -1, 2, RO | ACCESS)])
        .arguments(&[
            integer("count").token("COUNT").optional(),
            integer("milliseconds").token("BLOCK").optional(),
            block("streams", &[key("key", 0).multiple(), string("id").multiple()]).token("STREAMS"),
        ]),

    XREADGROUP => command("xreadgroup", -7, "5.0.0")
        .summary("Reads entries of streams as a consumer of a group, and may wait for some")
        .complexity("O(N) for N entries returned")
        .flags(WRITE | BLOCKING)
        .keys(&[keyword("STREAMS", 4, -1, 2, RO | ACCESS)])
        .arguments(&[
            block("group-block", &[string("group"), string("consumer")]).token("GROUP"),
            integer("count").token("COUNT").optional(),
            integer("milliseconds").token("BLOCK").optional(),
            token("noack", "NOACK").optional(),
            block("streams", &[key("key", 0).multiple(), string("id").multiple()]).token("STREAMS"),
        ]),

    XREVRANGE => command("xrevrange", -4, "5.0.0")
        .summary("Returns the entries of a stream between two ids, last first")
        .complexity("O(N) for N entries returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("6.2.0", "Ranges without their ends")])
        .arguments(&[
            key("key", 0),
            string("end"),
            string("start"),
            integer("count").token("COUNT").optional(),
        ]),

    XSETID => command("xsetid", -3, "5.0.0")
        .summary("Sets the last id of a stream, for replication")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .history(&[("7.0.0", "`ENTRIESADDED` and `MAXDELETEDID`")])
        .arguments(&[
            key("key", 0),
            string("last-id"),
            integer("entries-added").token("ENTRIESADDED").optional().since("7.0.0"),
            string("max-deleted-id").token("MAXDELETEDID").optional().since("7.0.0"),
        ]),

    XTRIM => command("xtrim", -4, "5.0.0")
        .summary("Deletes the oldest entries of a stream")
        .complexity("O(N) for N entries deleted")
        .flags(WRITE)
        .keys(&[one(1, RW | DELETE)])
        .history(&[
            ("6.2.0", "`MINID` and `LIMIT`"),
            ("8.2.0", "`KEEPREF`, `DELREF` and `ACKED`"),
        ])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            block("trim", &[
                one_of("strategy", &[token("maxlen", "MAXLEN"), token("minid", "MINID").since("6.2.0")]),
                one_of("operator", &[token("equal", "="), token("approximately", "~")]).optional(),
                string("threshold"),
                integer("count").token("LIMIT").optional().since("6.2.0"),
                one_of("condition", &[
                    token("keepref", "KEEPREF"),
                    token("delref", "DELREF"),
                    token("acked", "ACKED"),
                ]).optional(),
            ]),
        ]),
}
