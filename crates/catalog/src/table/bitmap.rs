//! Bitmaps.

use crate::Group;
use crate::argument::{block, integer, key, one_of, string, token};
use crate::command::command;
use crate::flags::in_command::{DENYOOM, FAST, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, OW, RO, RW, UPDATE, VARIABLE_FLAGS};
use crate::key_spec::{one, range};

commands! {
    Group::Bitmap, from super::string::END;

    BITCOUNT => command("bitcount", -2, "2.6.0")
        .summary("Counts the bits that are set in a string")
        .complexity("O(N) for N bytes")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[
            ("7.0.0", "`BYTE` and `BIT`"),
            ("8.0.0", "The end may be left out and is the last byte then"),
        ])
        .arguments(&[
            key("key", 0),
            block("range", &[
                integer("start"),
                block("end-unit-block", &[
                    integer("end"),
                    one_of("unit", &[token("byte", "BYTE"), token("bit", "BIT")]).optional().since("7.0.0"),
                ]).optional(),
            ]).optional(),
        ]),

    BITFIELD => command("bitfield", -2, "3.2.0")
        .summary("Reads and changes integers of any width inside a string")
        .complexity("O(1) for each operation")
        .flags(WRITE | DENYOOM)
        .keys(&[
            one(1, RW | ACCESS | UPDATE | VARIABLE_FLAGS).note("RO and ACCESS when every operation is a GET"),
        ])
        .arguments(&[
            key("key", 0),
            one_of("operation", &[
                block("get-block", &[string("encoding"), integer("offset")]).token("GET"),
                block("write", &[
                    one_of("overflow-block", &[
                        token("wrap", "WRAP"),
                        token("sat", "SAT"),
                        token("fail", "FAIL"),
                    ]).token("OVERFLOW").optional(),
                    one_of("write-operation", &[
                        block("set-block", &[
                            string("encoding"),
                            integer("offset"),
                            integer("value"),
                        ]).token("SET"),
                        block("incrby-block", &[
                            string("encoding"),
                            integer("offset"),
                            integer("increment"),
                        ]).token("INCRBY"),
                    ]),
                ]),
            ]).optional().multiple(),
        ]),

    BITFIELD_RO => command("bitfield_ro", -2, "6.0.0")
        .summary("Reads integers of any width inside a string")
        .complexity("O(1) for each operation")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[
            key("key", 0),
            block("get-block", &[
                string("encoding"),
                integer("offset"),
            ]).token("GET").optional().multiple_token(),
        ]),

    BITOP => command("bitop", -4, "2.6.0")
        .summary("Combines strings bit by bit and stores the outcome")
        .complexity("O(N) for the length of the longest string")
        .flags(WRITE | DENYOOM)
        .keys(&[one(2, OW | UPDATE), range(3, -1, 1, RO | ACCESS)])
        .arguments(&[
            one_of("operation", &[
                token("and", "AND"),
                token("or", "OR"),
                token("xor", "XOR"),
                token("not", "NOT"),
                token("diff", "DIFF"),
                token("diff1", "DIFF1"),
                token("andor", "ANDOR"),
                token("one", "ONE"),
            ]),
            key("destkey", 0),
            key("key", 1).multiple(),
        ]),

    BITPOS => command("bitpos", -3, "2.8.7")
        .summary("Finds the first bit that is set, or clear, in a string")
        .complexity("O(N) for N bytes")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("7.0.0", "`BYTE` and `BIT`")])
        .arguments(&[
            key("key", 0),
            integer("bit"),
            block("range", &[
                integer("start"),
                block("end-unit-block", &[
                    integer("end"),
                    one_of("unit", &[token("byte", "BYTE"), token("bit", "BIT")]).optional().since("7.0.0"),
                ]).optional(),
            ]).optional(),
        ]),

    GETBIT => command("getbit", 3, "2.2.0")
        .summary("Reads a bit of a string")
        .complexity("O(1)")
        .flags(READONLY | FAST)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), integer("offset")]),

    SETBIT => command("setbit", 4, "2.2.0")
        .summary("Sets or clears a bit of a string and returns the old one")
        .complexity("O(1)")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | ACCESS | UPDATE)])
        .arguments(&[key("key", 0), integer("offset"), integer("value")]),
}
