//! Lists.

use crate::Group;
use crate::argument::{double, integer, key, one_of, string, token};
use crate::command::command;
use crate::flags::in_command::{BLOCKING, DENYOOM, FAST, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, DELETE, INSERT, RO, RW, UPDATE};
use crate::key_spec::{counted, one, range};

commands! {
    Group::List, from super::hyperloglog::END;

    BLMOVE => command("blmove", 6, "6.2.0")
        .summary("Moves an element between lists, and waits for one if need be")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | BLOCKING)
        .keys(&[one(1, RW | ACCESS | DELETE), one(2, RW | INSERT)])
        .arguments(&[
            key("source", 0),
            key("destination", 1),
            one_of("wherefrom", &[token("left", "LEFT"), token("right", "RIGHT")]),
            one_of("whereto", &[token("left", "LEFT"), token("right", "RIGHT")]),
            double("timeout"),
        ]),

    BLMPOP => command("blmpop", -5, "7.0.0")
        .summary("Takes elements from the first list that has some, and waits for one if need be")
        .complexity("O(N+M) for N keys and M elements taken")
        .flags(WRITE | BLOCKING)
        .keys(&[counted(2, 1, RW | ACCESS | DELETE)])
        .arguments(&[
            double("timeout"),
            integer("numkeys"),
            key("key", 0).multiple(),
            one_of("where", &[token("left", "LEFT"), token("right", "RIGHT")]),
            integer("count").token("COUNT").optional(),
        ]),

    BLPOP => command("blpop", -3, "2.0.0")
        .summary("Takes the first element of the first list that has one, and waits if need be")
        .complexity("O(N) for N keys")
        .flags(WRITE | BLOCKING)
        .keys(&[range(1, -2, 1, RW | ACCESS | DELETE)])
        .history(&[("6.0.0", "The timeout may be a fraction of a second")])
        .arguments(&[key("key", 0).multiple(), double("timeout")]),

    BRPOP => command("brpop", -3, "2.0.0")
        .summary("Takes the last element of the first list that has one, and waits if need be")
        .complexity("O(N) for N keys")
        .flags(WRITE | BLOCKING)
        .keys(&[range(1, -2, 1, RW | ACCESS | DELETE)])
        .history(&[("6.0.0", "The timeout may be a fraction of a second")])
        .arguments(&[key("key", 0).multiple(), double("timeout")]),

    BRPOPLPUSH => command("brpoplpush", 4, "2.2.0")
        .summary("Moves the last element of a list to the front of another, and waits if need be")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM | BLOCKING)
        .keys(&[one(1, RW | ACCESS | DELETE), one(2, RW | INSERT)])
        .deprecated("6.2.0", "`BLMOVE` with `RIGHT` and `LEFT`")
        .history(&[("6.0.0", "The timeout may be a fraction of a second")])
        .arguments(&[key("source", 0), key("destination", 1), double("timeout")]),

    LINDEX => command("lindex", 3, "1.0.0")
        .summary("Reads an element by its place in a list")
        .complexity("O(N) for N elements up to the place, O(1) at the ends")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), integer("index")]),

    LINSERT => command("linsert", 5, "2.2.0")
        .summary("Puts an element before or behind another")
        .complexity("O(N) for N elements up to the other")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | INSERT)])
        .arguments(&[
            key("key", 0),
            one_of("where", &[token("before", "BEFORE"), token("after", "AFTER")]),
            string("pivot"),
            string("element"),
        ]),

    LLEN => command("llen", 2, "1.0.0")
        .summary("Counts the elements of a list")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO)])
        .arguments(&[key("key", 0)]),

    LMOVE => command("lmove", 5, "6.2.0")
        .summary("Moves an element from an end of a list to an end of another")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | ACCESS | DELETE), one(2, RW | INSERT)])
        .arguments(&[
            key("source", 0),
            key("destination", 1),
            one_of("wherefrom", &[token("left", "LEFT"), token("right", "RIGHT")]),
            one_of("whereto", &[token("left", "LEFT"), token("right", "RIGHT")]),
        ]),

    LMPOP => command("lmpop", -4, "7.0.0")
        .summary("Takes elements from the first list that has some")
        .complexity("O(N+M) for N keys and M elements taken")
        .flags(WRITE)
        .keys(&[counted(1, 1, RW | ACCESS | DELETE)])
        .arguments(&[
            integer("numkeys"),
            key("key", 0).multiple(),
            one_of("where", &[token("left", "LEFT"), token("right", "RIGHT")]),
            integer("count").token("COUNT").optional(),
        ]),

    LPOP => command("lpop", -2, "1.0.0")
        .summary("Takes elements from the front of a list")
        .complexity("O(N) for N elements taken")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE)])
        .history(&[("6.2.0", "Takes a count")])
        .arguments(&[key("key", 0), integer("count").optional().since("6.2.0")]),

    LPOS => command("lpos", -3, "6.0.6")
        .summary("Finds the places of an element in a list")
        .complexity("O(N) for N elements")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[
            key("key", 0),
            string("element"),
            integer("rank").token("RANK").optional(),
            integer("num-matches").token("COUNT").optional(),
            integer("len").token("MAXLEN").optional(),
        ]),

    LPUSH => command("lpush", -3, "1.0.0")
        .summary("Adds elements to the front of a list")
        .complexity("O(1) for each element")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | INSERT)])
        .history(&[("2.4.0", "Takes several elements")])
        .arguments(&[key("key", 0), string("element").multiple()]),

    LPUSHX => command("lpushx", -3, "2.2.0")
        .summary("Adds elements to the front of a list that is there already")
        .complexity("O(1) for each element")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | INSERT)])
        .history(&[("4.0.0", "Takes several elements")])
        .arguments(&[key("key", 0), string("element").multiple()]),

    LRANGE => command("lrange", 4, "1.0.0")
        .summary("Reads the elements between two places of a list")
        .complexity("O(S+N) for S elements up to the range and N in it")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), integer("start"), integer("stop")]),

    LREM => command("lrem", 4, "1.0.0")
        .summary("Removes equal elements from a list")
        .complexity("O(N+M) for N elements of which M go")
        .flags(WRITE)
        .keys(&[one(1, RW | DELETE)])
        .arguments(&[key("key", 0), integer("count"), string("element")]),

    LSET => command("lset", 4, "1.0.0")
        .summary("Replaces an element by its place in a list")
        .complexity("O(N) for N elements, O(1) at the ends")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | UPDATE)])
        .arguments(&[key("key", 0), integer("index"), string("element")]),

    LTRIM => command("ltrim", 4, "1.0.0")
        .summary("Cuts a list down to a range")
        .complexity("O(N) for N elements cut off")
        .flags(WRITE)
        .keys(&[one(1, RW | DELETE)])
        .arguments(&[key("key", 0), integer("start"), integer("stop")]),

    RPOP => command("rpop", -2, "1.0.0")
        .summary("Takes elements from the end of a list")
        .complexity("O(N) for N elements taken")
        .flags(WRITE | FAST)
        .keys(&[one(1, RW | ACCESS | DELETE)])
        .history(&[("6.2.0", "Takes a count")])
        .arguments(&[key("key", 0), integer("count").optional().since("6.2.0")]),

    RPOPLPUSH => command("rpoplpush", 3, "1.2.0")
        .summary("Moves the last element of a list to the front of another")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | ACCESS | DELETE), one(2, RW | INSERT)])
        .deprecated("6.2.0", "`LMOVE` with `RIGHT` and `LEFT`")
        .arguments(&[key("source", 0), key("destination", 1)]),

    RPUSH => command("rpush", -3, "1.0.0")
        .summary("Adds elements to the end of a list")
        .complexity("O(1) for each element")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | INSERT)])
        .history(&[("2.4.0", "Takes several elements")])
        .arguments(&[key("key", 0), string("element").multiple()]),

    RPUSHX => command("rpushx", -3, "2.2.0")
        .summary("Adds elements to the end of a list that is there already")
        .complexity("O(1) for each element")
        .flags(WRITE | DENYOOM | FAST)
        .keys(&[one(1, RW | INSERT)])
        .history(&[("4.0.0", "Takes several elements")])
        .arguments(&[key("key", 0), string("element").multiple()]),
}
