//! Sets.

use crate::Group;
use crate::argument::{integer, key, pattern, string};
use crate::command::command;
use crate::flags::in_command::{DENYOOM, FAST, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, DELETE, INSERT, OW, RO, RW, UPDATE};
use crate::key_spec::{counted, one, range};

commands! {
    Group::Set, from super::list::END;

    SADD => command("sadd", -3, "1.0.0")
        .summary("Adds members to a set")
        .complexity("O(1) for each member")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | INSERT)])
        .history(&[("2.4.0", "Takes several members")])
        .arguments(&[key("key", 0), string("member").multiple()]),

    SCARD => command("scard", 2, "1.0.0")
        .summary("Counts the members of a set")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0)]),

    SDIFF => command("sdiff", -2, "1.0.0")
        .summary("Returns the members that only the first set has")
        .complexity("O(N) for all members of all sets")
        .flags(READONLY)
        .keys(&[range(1, -1, 1, RO | ACCESS)])
        .tips(&["nondeterministic_output_order"])
        .arguments(&[key("key", 0).multiple()]),

    SDIFFSTORE => command("sdiffstore", -3, "1.0.0")
        .summary("Stores the members that only the first set has")
        .complexity("O(N) for all members of all sets")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE), range(2, -1, 1, RO | ACCESS)])
        .arguments(&[key("destination", 0), key("key", 1).multiple()]),

    SINTER => command("sinter", -2, "1.0.0")
        .summary("Returns the members that all sets have")
        .complexity("O(N*M) for M sets, the smallest having N members")
        .flags(READONLY)
        .keys(&[range(1, -1, 1, RO | ACCESS)])
        .tips(&["nondeterministic_output_order"])
        .arguments(&[key("key", 0).multiple()]),

    SINTERCARD => command("sintercard", -3, "7.0.0")
        .summary("Counts the members that all sets have")
        .complexity("O(N*M) for M sets, the smallest having N members")
        .flags(READONLY)
        .keys(&[counted(1, 1, RO | ACCESS)])
        .arguments(&[
            integer("numkeys"),
            key("key", 0).multiple(),
            integer("limit").token("LIMIT").optional(),
        ]),

    SINTERSTORE => command("sinterstore", -3, "1.0.0")
        .summary("Stores the members that all sets have")
        .complexity("O(N*M) for M sets, the smallest having N members")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE), range(2, -1, 1, RO | ACCESS)])
        .arguments(&[key("destination", 0), key("key", 1).multiple()]),

    SISMEMBER => command("sismember", 3, "1.0.0")
        .summary("Tells whether a set has a member")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0), string("member")]),

    SMEMBERS => command("smembers", 2, "1.0.0")
        .summary("Returns all members of a set")
        .complexity("O(N) for N members")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output_order"])
        .arguments(&[key("key", 0)]),

    SMISMEMBER => command("smismember", -3, "6.2.0")
        .summary("Tells for several members whether a set has them")
        .complexity("O(N) for N members asked for")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), string("member").multiple()]),

    SMOVE => command("smove", 4, "1.0.0")
        .summary("Moves a member from a set to another")
        .complexity("O(1)")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE), one(2, RW | INSERT)])
        .arguments(&[key("source", 0), key("destination", 1), string("member")]),

    SPOP => command("spop", -2, "1.0.0")
        .summary("Takes members at random from a set")
        .complexity("O(N) for N members taken")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE)])
        .history(&[("3.2.0", "Takes a count")])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0), integer("count").optional().since("3.2.0")]),

    SRANDMEMBER => command("srandmember", -2, "1.0.0")
        .summary("Returns members of a set at random")
        .complexity("O(N) for N members returned")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("2.6.0", "Takes a count")])
        .tips(&["nondeterministic_output"])
        .arguments(&[key("key", 0), integer("count").optional().since("2.6.0")]),

    SREM => command("srem", -3, "1.0.0")
        .summary("Removes members from a set")
        .complexity("O(N) for N members removed")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | DELETE)])
        .history(&[("2.4.0", "Takes several members")])
        .arguments(&[key("key", 0), string("member").multiple()]),

    SSCAN => command("sscan", -3, "2.8.0")
        .summary("Walks through the members of a set, a few in each call")
        .complexity("O(1) a call, O(N) for the whole walk")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .tips(&["nondeterministic_output"])
        .arguments(&[
            key("key", 0),
            integer("cursor"),
            pattern("pattern").token("MATCH").optional(),
            integer("count").token("COUNT").optional(),
        ]),

    SUNION => command("sunion", -2, "1.0.0")
        .summary("Returns the members that any of the sets has")
        .complexity("O(N) for all members of all sets")
        .flags(READONLY)
        .keys(&[range(1, -1, 1, RO | ACCESS)])
        .tips(&["nondeterministic_output_order"])
        .arguments(&[key("key", 0).multiple()]),

    SUNIONSTORE => command("sunionstore", -3, "1.0.0")
        .summary("Stores the members that any of the sets has")
        .complexity("O(N) for all members of all sets")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE), range(2, -1, 1, RO | ACCESS)])
        .arguments(&[key("destination", 0), key("key", 1).multiple()]),
}
