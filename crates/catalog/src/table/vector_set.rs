//! Vector sets.

use crate::argument::{block, double, integer, key, one_of, string, token};
use crate::command::command;
use crate::flags::in_command::{DENYOOM, FAST, MODULE, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, RW, UPDATE};
use crate::key_spec::one;
use crate::{Group, Origin};

commands! {
    Group::VectorSet, from super::stream::END;

    VADD => command("vadd", -1, "8.0.0")
        .summary("Adds an element with its vector to a vector set")
        .complexity("O(log(N)) for N elements")
        .only_in(Origin::Redis)
        .flags(WRITE | DENYOOM | MODULE)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[
            key("key", 0),
            integer("reduced-dimensions").token("REDUCE").optional(),
            one_of("vector", &[
                string("blob").token("FP32"),
                block("values", &[integer("dimensions"), double("number").multiple()]).token("VALUES"),
            ]),
            string("element"),
            token("cas", "CAS").optional(),
            one_of("quantization", &[
                token("noquant", "NOQUANT"),
                token("q8", "Q8"),
                token("bin", "BIN"),
            ]).optional(),
            integer("exploration-factor").token("EF").optional(),
            string("attributes").token("SETATTR").optional(),
            integer("links").token("M").optional(),
        ]),

    VCARD => command("vcard", -1, "8.0.0")
        .summary("Counts the elements of a vector set")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0)]),

    VDIM => command("vdim", -1, "8.0.0")
        .summary("Tells how many dimensions the vectors of a set have")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0)]),

    VEMB => command("vemb", -1, "8.0.0")
        .summary("Returns the vector of an element")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), string("element"), token("raw", "RAW").optional()]),

    VGETATTR => command("vgetattr", -1, "8.0.0")
        .summary("Returns the attributes of an element")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), string("element")]),

    VINFO => command("vinfo", -1, "8.0.0")
        .summary("Describes a vector set")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0)]),

    VISMEMBER => command("vismember", -1, "8.2.0")
        .summary("Tells whether a vector set has an element")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), string("element")]),

    VLINKS => command("vlinks", -1, "8.0.0")
        .summary("Returns the neighbours of an element on each layer of the graph")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), string("element"), token("withscores", "WITHSCORES").optional()]),

    VRANDMEMBER => command("vrandmember", -1, "8.0.0")
        .summary("Returns elements of a vector set at random")
        .complexity("O(N) for N elements returned")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), integer("count").optional()]),

    VREM => command("vrem", -1, "8.0.0")
        .summary("Removes an element from a vector set")
        .complexity("O(log(N)) for N elements")
        .only_in(Origin::Redis)
        .flags(WRITE | MODULE)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), string("element")]),

    VSETATTR => command("vsetattr", -1, "8.0.0")
        .summary("Sets the attributes of an element")
        .complexity("O(1)")
        .only_in(Origin::Redis)
        .flags(WRITE | MODULE | FAST)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), string("element"), string("attributes")]),

    VSIM => command("vsim", -1, "8.0.0")
        .summary("Finds the elements nearest to a vector or to another element")
        .complexity("O(log(N)) for N elements")
        .only_in(Origin::Redis)
        .flags(READONLY | MODULE)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[
            key("key", 0),
            one_of("query", &[
                string("element").token("ELE"),
                string("blob").token("FP32"),
                block("values", &[integer("dimensions"), double("number").multiple()]).token("VALUES"),
            ]),
            token("withscores", "WITHSCORES").optional(),
            token("withattribs", "WITHATTRIBS").optional(),
            integer("count").token("COUNT").optional(),
            double("distance").token("EPSILON").optional(),
            integer("exploration-factor").token("EF").optional(),
            string("expression").token("FILTER").optional(),
            integer("filter-effort").token("FILTER-EF").optional(),
            token("truth", "TRUTH").optional(),
            token("nothread", "NOTHREAD").optional(),
        ]),
}
