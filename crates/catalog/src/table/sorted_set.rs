//! Sorted sets.

use crate::Group;
use crate::argument::{block, double, integer, key, one_of, pattern, string, token};
use crate::command::command;
use crate::flags::in_command::{BLOCKING, DENYOOM, FAST, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, DELETE, OW, RO, RW, UPDATE};
use crate::key_spec::{counted, one, range};

commands! {
    Group::SortedSet, from super::set::END;

    BZMPOP => command("bzmpop", -5, "7.0.0")
        .summary("Takes lowest or highest members from the first sorted set with some, and waits if need be")
        .complexity("O(K)+O(M*log(N)) for K keys and M of N members taken")
        .flags(WRITE | BLOCKING)
        .keys(&[counted(2, 1, RW | ACCESS | DELETE)])
        .arguments(&[
            double("timeout"),
            integer("numkeys"),
            key("key", 0).multiple(),
            one_of("where", &[token("min", "MIN"), token("max", "MAX")]),
            integer("count").token("COUNT").optional(),
        ]),

    BZPOPMAX => command("bzpopmax", -3, "5.0.0")
        .summary("Takes the highest member of the first sorted set that has one, and waits if need be")
        .complexity("O(log(N)) for N members")
        .flags(WRITE | BLOCKING | FAST)
        .keys(&[range(1, -2, 1, RW | ACCESS | DELETE)])
        .history(&[("6.0.0", "The timeout may be a fraction of a second")])
        .arguments(&[key("key", 0).multiple(), double("timeout")]),

    BZPOPMIN => command("bzpopmin", -3, "5.0.0")
        .summary("Takes the lowest member of the first sorted set that has one, and waits if need be")
        .complexity("O(log(N)) for N members")
        .flags(WRITE | BLOCKING | FAST)
        .keys(&[range(1, -2, 1, RW | ACCESS | DELETE)])
        .history(&[("6.0.0", "The timeout may be a fraction of a second")])
        .arguments(&[key("key", 0).multiple(), double("timeout")]),

    ZADD => command("zadd", -4, "1.2.0")
        .summary("Adds members to a sorted set or changes their scores")
        .complexity("O(log(N)) for each member, N being in the set")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | UPDATE)])
        .history(&[
            ("2.4.0", "Takes several members"),
            ("3.0.2", "`XX`, `NX`, `CH` and `INCR`"),
            ("6.2.0", "`GT` and `LT`"),
        ])
        .arguments(&[
            key("key", 0),
            one_of("condition", &[token("nx", "NX"), token("xx", "XX")]).optional().since("3.0.2"),
            one_of("comparison", &[token("gt", "GT"), token("lt", "LT")]).optional().since("6.2.0"),
            token("change", "CH").optional().since("3.0.2"),
            token("increment", "INCR").optional().since("3.0.2"),
            block("data", &[double("score"), string("member")]).multiple(),
        ]),

    ZCARD => command("zcard", 2, "1.2.0")
        .summary("Counts the members of a sorted set")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0)]),

    ZCOUNT => command("zcount", 4, "2.0.0")
        .summary("Counts the members of a sorted set with scores in a range")
        .complexity("O(log(N)) for N members")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), double("min"), double("max")]),

    ZDIFF => command("zdiff", -3, "6.2.0")
        .summary("Returns the members that only the first sorted set has")
        .complexity("O(L+(N-K)*log(N)) for L members in all sets, N in the first and K returned")
        .flags(READONLY)
        .keys(&[counted(1, 1, RO | ACCESS)])
        .arguments(&[
            integer("numkeys"),
            key("key", 0).multiple(),
            token("withscores", "WITHSCORES").optional(),
        ]),

    ZDIFFSTORE => command("zdiffstore", -4, "6.2.0")
        .summary("Stores the members that only the first sorted set has")
        .complexity("O(L+(N-K)*log(N)) for L members in all sets, N in the first and K stored")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE), counted(2, 1, RO | ACCESS)])
        .arguments(&[key("destination", 0), integer("numkeys"), key("key", 1).multiple()]),

    ZINCRBY => command("zincrby", 4, "1.2.0")
        .summary("Adds to the score of a member")
        .complexity("O(log(N)) for N members")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), integer("increment"), string("member")]),

    ZINTER => command("zinter", -3, "6.2.0")
        .summary("Returns the members that all sorted sets have, with combined scores")
        .complexity("O(N*K)+O(M*log(M)) for K sets, N members in the smallest and M returned")
        .flags(READONLY)
        .keys(&[counted(1, 1, RO | ACCESS)])
        .arguments(&[
            integer("numkeys"),
            key("key", 0).multiple(),
            integer("weight").token("WEIGHTS").optional().multiple(),
            one_of("aggregate", &[
                token("sum", "SUM"),
                token("min", "MIN"),
                token("max", "MAX"),
            ]).token("AGGREGATE").optional(),
            token("withscores", "WITHSCORES").optional(),
        ]),

    ZINTERCARD => command("zintercard", -3, "7.0.0")
        .summary("Counts the members that all sorted sets have")
        .complexity("O(N*K) for K sets, the smallest having N members")
        .flags(READONLY)
        .keys(&[counted(1, 1, RO | ACCESS)])
        .arguments(&[
            integer("numkeys"),
            key("key", 0).multiple(),
            integer("limit").token("LIMIT").optional(),
        ]),

    ZINTERSTORE => command("zinterstore", -4, "2.0.0")
        .summary("Stores the members that all sorted sets have, with combined scores")
        .complexity("O(N*K)+O(M*log(M)) for K sets, N members in the smallest and M stored")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE), counted(2, 1, RO | ACCESS)])
        .arguments(&[
            key("destination", 0),
            integer("numkeys"),
            key("key", 1).multiple(),
            integer("weight").token("WEIGHTS").optional().multiple(),
            one_of("aggregate", &[
                token("sum", "SUM"),
                token("min", "MIN"),
                token("max", "MAX"),
            ]).token("AGGREGATE").optional(),
        ]),

    ZLEXCOUNT => command("zlexcount", 4, "2.8.9")
        .summary("Counts the members of a sorted set in a range of their bytes")
        .complexity("O(log(N)) for N members")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), string("min"), string("max")]),

    ZMPOP => command("zmpop", -4, "7.0.0")
        .summary("Takes lowest or highest members from the first sorted set that has some")
        .complexity("O(K)+O(M*log(N)) for K keys and M of N members taken")
        .flags(WRITE)
        .keys(&[counted(1, 1, RW | ACCESS | DELETE)])
        .arguments(&[
            integer("numkeys"),
            key("key", 0).multiple(),
            one_of("where", &[token("min", "MIN"), token("max", "MAX")]),
            integer("count").token("COUNT").optional(),
        ]),

    ZMSCORE => command("zmscore", -3, "6.2.0")
        .summary("Reads the scores of several members")
        .complexity("O(N) for N members asked for")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), string("member").multiple()]),

    ZPOPMAX => command("zpopmax", -2, "5.0.0")
        .summary("Takes the highest members of a sorted set")
        .complexity("O(M*log(N)) for M of N members taken")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE)])
        .arguments(&[key("key", 0), integer("count").optional()]),

    ZPOPMIN => command("zpopmin", -2, "5.0.0")
        .summary("Takes the lowest members of a sorted set")
        .complexity("O(M*log(N)) for M of N members taken")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE)])
        .arguments(&[key("key", 0), integer("count").optional()]),

    ZRANDMEMBER => command("zrandmember", -2, "6.2.0")
        .summary("Returns members of a sorted set at random")
        .complexity("O(N) for N members returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            block("options", &[integer("count"), token("withscores", "WITHSCORES").optional()]).optional(),
        ]),

    ZRANGE => command("zrange", -4, "1.2.0")
        .summary("Returns the members of a sorted set in a range of ranks, scores or bytes")
        .complexity("O(log(N)+M) for M of N members returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("6.2.0", "`REV`, `BYSCORE`, `BYLEX` and `LIMIT`")])
        .arguments(&[
            key("key", 0),
            string("start"),
            string("stop"),
            one_of("sortby", &[
                token("byscore", "BYSCORE"),
                token("bylex", "BYLEX"),
            ]).optional().since("6.2.0"),
            token("rev", "REV").optional().since("6.2.0"),
            block("limit", &[integer("offset"), integer("count")]).token("LIMIT").optional().since("6.2.0"),
            token("withscores", "WITHSCORES").optional(),
        ]),

    ZRANGEBYLEX => command("zrangebylex", -4, "2.8.9")
        .summary("Returns the members of a sorted set in a range of their bytes")
        .complexity("O(log(N)+M) for M of N members returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .deprecated("6.2.0", "`ZRANGE` with `BYLEX`")
        .arguments(&[
            key("key", 0),
            string("min"),
            string("max"),
            block("limit", &[integer("offset"), integer("count")]).token("LIMIT").optional(),
        ]),

    ZRANGEBYSCORE => command("zrangebyscore", -4, "1.0.5")
        .summary("Returns the members of a sorted set in a range of scores")
        .complexity("O(log(N)+M) for M of N members returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .deprecated("6.2.0", "`ZRANGE` with `BYSCORE`")
        .history(&[("2.0.0", "`WITHSCORES`")])
        .arguments(&[
            key("key", 0),
            double("min"),
            double("max"),
            token("withscores", "WITHSCORES").optional().since("2.0.0"),
            block("limit", &[integer("offset"), integer("count")]).token("LIMIT").optional(),
        ]),

    ZRANGESTORE => command("zrangestore", -5, "6.2.0")
        .summary("Stores the members of a sorted set in a range of ranks, scores or bytes")
        .complexity("O(log(N)+M) for M of N members stored")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE), one(2, RO | ACCESS)])
        .arguments(&[
            key("dst", 0),
            key("src", 1),
            string("min"),
            string("max"),
            one_of("sortby", &[token("byscore", "BYSCORE"), token("bylex", "BYLEX")]).optional(),
            token("rev", "REV").optional(),
            block("limit", &[integer("offset"), integer("count")]).token("LIMIT").optional(),
        ]),

    ZRANK => command("zrank", -3, "2.0.0")
        .summary("Tells the place of a member, counted from the lowest score")
        .complexity("O(log(N)) for N members")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("7.2.0", "`WITHSCORE`")])
        .arguments(&[key("key", 0), string("member"), token("withscore", "WITHSCORE").optional()]),

    ZREM => command("zrem", -3, "1.2.0")
        .summary("Removes members from a sorted set")
        .complexity("O(M*log(N)) for M of N members removed")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | DELETE)])
        .history(&[("2.4.0", "Takes several members")])
        .arguments(&[key("key", 0), string("member").multiple()]),

    ZREMRANGEBYLEX => command("zremrangebylex", 4, "2.8.9")
        .summary("Removes the members of a sorted set in a range of their bytes")
        .complexity("O(log(N)+M) for M of N members removed")
        .flags(WRITE)
        .keys(&[one(1, RW | DELETE)])
        .arguments(&[key("key", 0), string("min"), string("max")]),

    ZREMRANGEBYRANK => command("zremrangebyrank", 4, "2.0.0")
        .summary("Removes the members of a sorted set in a range of ranks")
        .complexity("O(log(N)+M) for M of N members removed")
        .flags(WRITE)
        .keys(&[one(1, RW | DELETE)])
        .arguments(&[key("key", 0), integer("start"), integer("stop")]),

    ZREMRANGEBYSCORE => command("zremrangebyscore", 4, "1.2.0")
        .summary("Removes the members of a sorted set in a range of scores")
        .complexity("O(log(N)+M) for M of N members removed")
        .flags(WRITE)
        .keys(&[one(1, RW | DELETE)])
        .arguments(&[key("key", 0), double("min"), double("max")]),

    ZREVRANGE => command("zrevrange", -4, "1.2.0")
        .summary("Returns the members of a sorted set in a range of ranks, highest score first")
        .complexity("O(log(N)+M) for M of N members returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .deprecated("6.2.0", "`ZRANGE` with `REV`")
        .arguments(&[
            key("key", 0),
            integer("start"),
            integer("stop"),
            token("withscores", "WITHSCORES").optional(),
        ]),

    ZREVRANGEBYLEX => command("zrevrangebylex", -4, "2.8.9")
        .summary("Returns the members of a sorted set in a range of their bytes, last first")
        .complexity("O(log(N)+M) for M of N members returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .deprecated("6.2.0", "`ZRANGE` with `REV` and `BYLEX`")
        .arguments(&[
            key("key", 0),
            string("max"),
            string("min"),
            block("limit", &[integer("offset"), integer("count")]).token("LIMIT").optional(),
        ]),

    ZREVRANGEBYSCORE => command("zrevrangebyscore", -4, "2.2.0")
        .summary("Returns the members of a sorted set in a range of scores, highest first")
        .complexity("O(log(N)+M) for M of N members returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .deprecated("6.2.0", "`ZRANGE` with `REV` and `BYSCORE`")
        .history(&[("2.1.6", "Ranges without their ends")])
        .arguments(&[
            key("key", 0),
            double("max"),
            double("min"),
            token("withscores", "WITHSCORES").optional(),
            block("limit", &[integer("offset"), integer("count")]).token("LIMIT").optional(),
        ]),

    ZREVRANK => command("zrevrank", -3, "2.0.0")
        .summary("Tells the place of a member, counted from the highest score")
        .complexity("O(log(N)) for N members")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("7.2.0", "`WITHSCORE`")])
        .arguments(&[key("key", 0), string("member"), token("withscore", "WITHSCORE").optional()]),

    ZSCAN => command("zscan", -3, "2.8.0")
        .summary("Walks through the members and scores of a sorted set, a few in each call")
        .complexity("O(1) a call, O(N) for the whole walk")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("8.0.0", "`NOSCORES`")])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            integer("cursor"),
            pattern("pattern").token("MATCH").optional(),
            integer("count").token("COUNT").optional(),
            token("noscores", "NOSCORES").optional(),
        ]),

    ZSCORE => command("zscore", 3, "1.2.0")
        .summary("Reads the score of a member")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), string("member")]),

    ZUNION => command("zunion", -3, "6.2.0")
        .summary("Returns the members that any of the sorted sets has, with combined scores")
        .complexity("O(N)+O(M*log(M)) for N members in all sets and M returned")
        .flags(READONLY)
        .keys(&[counted(1, 1, RO | ACCESS)])
        .arguments(&[
            integer("numkeys"),
            key("key", 0).multiple(),
            integer("weight").token("WEIGHTS").optional().multiple(),
            one_of("aggregate", &[
                token("sum", "SUM"),
                token("min", "MIN"),
                token("max", "MAX"),
            ]).token("AGGREGATE").optional(),
            token("withscores", "WITHSCORES").optional(),
        ]),

    ZUNIONSTORE => command("zunionstore", -4, "2.0.0")
        .summary("Stores the members that any of the sorted sets has, with combined scores")
        .complexity("O(N)+O(M*log(M)) for N members in all sets and M stored")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE), counted(2, 1, RO | ACCESS)])
        .arguments(&[
            key("destination", 0),
            integer("numkeys"),
            key("key", 1).multiple(),
            integer("weight").token("WEIGHTS").optional().multiple(),
            one_of("aggregate", &[
                token("sum", "SUM"),
                token("min", "MIN"),
                token("max", "MAX"),
            ]).token("AGGREGATE").optional(),
        ]),
}
