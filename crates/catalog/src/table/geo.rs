//! Geographic indexes.

use crate::Group;
use crate::argument::{block, double, integer, key, one_of, string, token};
use crate::command::command;
use crate::flags::in_command::{DENYOOM, READONLY, WRITE};
use crate::flags::on_key::{ACCESS, OW, RO, RW, UPDATE, VARIABLE_FLAGS};
use crate::key_spec::{keyword, one};

commands! {
    Group::Geo, from super::sorted_set::END;

    GEOADD => command("geoadd", -5, "3.2.0")
        .summary("Adds places to a geographic index")
        .complexity("O(log(N)) for each place, N being in the index")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, RW | UPDATE)])
        .history(&[("6.2.0", "`CH`, `NX` and `XX`")])
        .arguments(&[
            key("key", 0),
            one_of("condition", &[token("nx", "NX"), token("xx", "XX")]).optional().since("6.2.0"),
            token("change", "CH").optional().since("6.2.0"),
            block("data", &[double("longitude"), double("latitude"), string("member")]).multiple(),
        ]),

    GEODIST => command("geodist", -4, "3.2.0")
        .summary("Measures the distance between two places")
        .complexity("O(1)")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[
            key("key", 0),
            string("member1"),
            string("member2"),
            one_of("unit", &[
                token("m", "M"),
                token("km", "KM"),
                token("ft", "FT"),
                token("mi", "MI"),
            ]).optional(),
        ]),

    GEOHASH => command("geohash", -2, "3.2.0")
        .summary("Returns the standard geohashes of places")
        .complexity("O(1) for each place")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), string("member").optional().multiple()]),

    GEOPOS => command("geopos", -2, "3.2.0")
        .summary("Returns the coordinates of places")
        .complexity("O(1) for each place")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .arguments(&[key("key", 0), string("member").optional().multiple()]),

    GEORADIUS => command("georadius", -6, "3.2.0")
        .summary("Finds the places within a distance of a point, and may store them")
        .complexity("O(N+log(M)) for N places around the circle and M in the index")
        .flags(WRITE | DENYOOM)
        .keys(&[
            one(1, RO | ACCESS),
            keyword("STORE", 6, 0, 0, OW | UPDATE | VARIABLE_FLAGS),
            keyword("STOREDIST", 6, 0, 0, OW | UPDATE | VARIABLE_FLAGS),
        ])
        .deprecated("6.2.0", "`GEOSEARCH` or `GEOSEARCHSTORE` with `BYRADIUS`")
        .history(&[
            ("6.2.0", "`ANY` with `COUNT`"),
            ("7.0.0", "Units in capital letters"),
        ])
        .arguments(&[
            key("key", 0),
            double("longitude"),
            double("latitude"),
            double("radius"),
            one_of("unit", &[token("m", "M"), token("km", "KM"), token("ft", "FT"), token("mi", "MI")]),
            token("withcoord", "WITHCOORD").optional(),
            token("withdist", "WITHDIST").optional(),
            token("withhash", "WITHHASH").optional(),
            block("count-block", &[
                integer("count").token("COUNT"),
                token("any", "ANY").optional().since("6.2.0"),
            ]).optional(),
            one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
            one_of("store", &[
                key("storekey", 1).token("STORE").shown_as("key"),
                key("storedistkey", 2).token("STOREDIST").shown_as("key"),
            ]).optional(),
        ]),

    GEORADIUS_RO => command("georadius_ro", -6, "3.2.10")
        .summary("Finds the places within a distance of a point")
        .complexity("O(N+log(M)) for N places around the circle and M in the index")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .deprecated("6.2.0", "`GEOSEARCH` with `BYRADIUS`")
        .history(&[
            ("6.2.0", "`ANY` with `COUNT`"),
            ("7.0.0", "Units in capital letters"),
        ])
        .arguments(&[
            key("key", 0),
            double("longitude"),
            double("latitude"),
            double("radius"),
            one_of("unit", &[token("m", "M"), token("km", "KM"), token("ft", "FT"), token("mi", "MI")]),
            token("withcoord", "WITHCOORD").optional(),
            token("withdist", "WITHDIST").optional(),
            token("withhash", "WITHHASH").optional(),
            block("count-block", &[
                integer("count").token("COUNT"),
                token("any", "ANY").optional().since("6.2.0"),
            ]).optional(),
            one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
        ]),

    GEORADIUSBYMEMBER => command("georadiusbymember", -5, "3.2.0")
        .summary("Finds the places within a distance of another, and may store them")
        .complexity("O(N+log(M)) for N places around the circle and M in the index")
        .flags(WRITE | DENYOOM)
        .keys(&[
            one(1, RO | ACCESS),
            keyword("STORE", 5, 0, 0, OW | UPDATE | VARIABLE_FLAGS),
            keyword("STOREDIST", 5, 0, 0, OW | UPDATE | VARIABLE_FLAGS),
        ])
        .deprecated("6.2.0", "`GEOSEARCH` or `GEOSEARCHSTORE` with `BYRADIUS` and `FROMMEMBER`")
        .history(&[
            ("6.2.0", "`ANY` with `COUNT`"),
            ("7.0.0", "Units in capital letters"),
        ])
        .arguments(&[
            key("key", 0),
            string("member"),
            double("radius"),
            one_of("unit", &[token("m", "M"), token("km", "KM"), token("ft", "FT"), token("mi", "MI")]),
            token("withcoord", "WITHCOORD").optional(),
            token("withdist", "WITHDIST").optional(),
            token("withhash", "WITHHASH").optional(),
            block("count-block", &[
                integer("count").token("COUNT"),
                token("any", "ANY").optional(),
            ]).optional(),
            one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
            one_of("store", &[
                key("storekey", 1).token("STORE").shown_as("key"),
                key("storedistkey", 2).token("STOREDIST").shown_as("key"),
            ]).optional(),
        ]),

    GEORADIUSBYMEMBER_RO => command("georadiusbymember_ro", -5, "3.2.10")
        .summary("Finds the places within a distance of another")
        .complexity("O(N+log(M)) for N places around the circle and M in the index")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .deprecated("6.2.0", "`GEOSEARCH` with `BYRADIUS` and `FROMMEMBER`")
        .history(&[
            ("6.2.0", "`ANY` with `COUNT`"),
            ("7.0.0", "Units in capital letters"),
        ])
        .arguments(&[
            key("key", 0),
            string("member"),
            double("radius"),
            one_of("unit", &[token("m", "M"), token("km", "KM"), token("ft", "FT"), token("mi", "MI")]),
            token("withcoord", "WITHCOORD").optional(),
            token("withdist", "WITHDIST").optional(),
            token("withhash", "WITHHASH").optional(),
            block("count-block", &[
                integer("count").token("COUNT"),
                token("any", "ANY").optional(),
            ]).optional(),
            one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
        ]),

    GEOSEARCH => command("geosearch", -7, "6.2.0")
        .summary("Finds the places inside a circle, box or polygon")
        .complexity("O(N+log(M)) for N places around the shape and M in the index")
        .flags(READONLY)
        .keys(&[one(1, RO | ACCESS)])
        .history(&[("7.0.0", "Units in capital letters"), ("9.0.0", "`BYPOLYGON`")])
        .arguments(&[
            key("key", 0),
            one_of("from", &[
                string("member").token("FROMMEMBER"),
                block("fromlonlat", &[double("longitude"), double("latitude")]).token("FROMLONLAT"),
            ]).optional(),
            one_of("by", &[
                block("circle", &[
                    double("radius").token("BYRADIUS"),
                    one_of("unit", &[
                        token("m", "M"),
                        token("km", "KM"),
                        token("ft", "FT"),
                        token("mi", "MI"),
                    ]),
                ]),
                block("box", &[
                    double("width").token("BYBOX"),
                    double("height"),
                    one_of("unit", &[
                        token("m", "M"),
                        token("km", "KM"),
                        token("ft", "FT"),
                        token("mi", "MI"),
                    ]),
                ]),
                block("polygon", &[
                    integer("num-vertices").token("BYPOLYGON"),
                    block("vertices", &[double("longitude"), double("latitude")]).multiple(),
                ]).since("9.0.0"),
            ]),
            one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
            block("count-block", &[
                integer("count").token("COUNT"),
                token("any", "ANY").optional(),
            ]).optional(),
            token("withcoord", "WITHCOORD").optional(),
            token("withdist", "WITHDIST").optional(),
            token("withhash", "WITHHASH").optional(),
        ]),

    GEOSEARCHSTORE => command("geosearchstore", -8, "6.2.0")
        .summary("Stores the places inside a circle, box or polygon")
        .complexity("O(N+log(M)) for N places around the shape and M in the index")
        .flags(WRITE | DENYOOM)
        .keys(&[one(1, OW | UPDATE), one(2, RO | ACCESS)])
        .history(&[("7.0.0", "Units in capital letters"), ("9.0.0", "`BYPOLYGON`")])
        .arguments(&[
            key("destination", 0),
            key("source", 1),
            one_of("from", &[
                string("member").token("FROMMEMBER"),
                block("fromlonlat", &[double("longitude"), double("latitude")]).token("FROMLONLAT"),
            ]).optional(),
            one_of("by", &[
                block("circle", &[
                    double("radius").token("BYRADIUS"),
                    one_of("unit", &[
                        token("m", "M"),
                        token("km", "KM"),
                        token("ft", "FT"),
                        token("mi", "MI"),
                    ]),
                ]),
                block("box", &[
                    double("width").token("BYBOX"),
                    double("height"),
                    one_of("unit", &[
                        token("m", "M"),
                        token("km", "KM"),
                        token("ft", "FT"),
                        token("mi", "MI"),
                    ]),
                ]),
                block("polygon", &[
                    integer("num-vertices").token("BYPOLYGON"),
                    block("vertices", &[double("longitude"), double("latitude")]).multiple(),
                ]).since("9.0.0"),
            ]),
            one_of("order", &[token("asc", "ASC"), token("desc", "DESC")]).optional(),
            block("count-block", &[
                integer("count").token("COUNT"),
                token("any", "ANY").optional(),
            ]).optional(),
            token("storedist", "STOREDIST").optional(),
        ]),
}
