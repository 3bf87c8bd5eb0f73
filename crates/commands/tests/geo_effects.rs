//! Places: what goes into the journal, and which events are told.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, check_table};

#[test]
fn geoadd_is_journaled_as_the_scores_that_it_stores() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            (
                "GEOADD g 13.361389 38.115556 Palermo",
                ":1\r\n",
                "ZADD g 3479099956230698 Palermo",
                "new g | zadd g",
            ),
            ("GEOADD g 13.361389 38.115556 Palermo", ":0\r\n", "", ""),
            (
                "GEOADD g nx ch 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
                ":1\r\n",
                "ZADD g NX CH 3479099956230698 Palermo 3479447370796909 Catania",
                "zadd g",
            ),
            (
                "GEOADD g XX CH 1 1 Palermo 1 1 x",
                ":1\r\n",
                "ZADD g XX CH 3377822707026402 Palermo 3377822707026402 x",
                "zadd g",
            ),
            ("GEOADD nokey XX 1 1 x", ":0\r\n", "", ""),
            ("EXISTS nokey", ":0\r\n", "", "keymiss nokey"),
            ("GEOADD g NX XX 1 1 x", "-ERR syntax error\r\n", "", ""),
            (
                "GEOADD g 1 1 a 181 1 b",
                "-ERR invalid longitude,latitude pair 181.000000,1.000000\r\n",
                "",
                "",
            ),
            ("ZCARD g", ":2\r\n", "", ""),
        ],
    );
}

#[test]
fn stored_results_are_journaled_as_called_and_tell_who_stored_them() {
    let mut t = EngineUnderTest::new();
    t.run("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
    let called = "GEOSEARCHSTORE d g FROMMEMBER Palermo BYRADIUS 1 km";
    let radius = "GEORADIUS g 15 37 200 km STOREDIST d";
    check_table(
        &mut t,
        &[
            (called, ":1\r\n", called, "new d | geosearchstore d"),
            (called, ":1\r\n", called, "overwritten d | geosearchstore d"),
            (radius, ":2\r\n", radius, "overwritten d | georadiusstore d"),
            ("EXPIRE d 100", ":1\r\n", "PEXPIREAT d 1800000100000", "expire d"),
            (
                "GEOSEARCHSTORE d g FROMLONLAT 0 0 BYBOX 1 1 m",
                ":0\r\n",
                "GEOSEARCHSTORE d g FROMLONLAT 0 0 BYBOX 1 1 m",
                "del d",
            ),
            ("GEOSEARCHSTORE d g FROMLONLAT 0 0 BYBOX 1 1 m", ":0\r\n", "", ""),
            ("GEORADIUSBYMEMBER nokey m 1 km STORE d", ":0\r\n", "", "keymiss nokey"),
            // The last of several counts.
            (
                "GEORADIUSBYMEMBER g Palermo 1 km STORE d STOREDIST e",
                ":1\r\n",
                "GEORADIUSBYMEMBER g Palermo 1 km STORE d STOREDIST e",
                "new e | georadiusstore e",
            ),
            ("ZSCORE e Palermo", "$1\r\n0\r\n", "", ""),
            ("EXISTS d", ":0\r\n", "", "keymiss d"),
        ],
    );
}

#[test]
fn a_search_may_replace_what_it_searched() {
    let mut t = EngineUnderTest::new();
    t.run("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
    assert_eq!(t.run("GEOSEARCHSTORE g g FROMMEMBER Catania BYRADIUS 200 km STOREDIST"), ":2\r\n");
    assert_eq!(t.run("ZRANGE g 0 -1"), "*2\r\n$7\r\nCatania\r\n$7\r\nPalermo\r\n");
}

#[test]
fn reading_places_of_a_due_key_removes_it_first() {
    let mut t = EngineUnderTest::new();
    t.run("GEOADD g 1 1 a");
    t.run("PEXPIRE g 10");
    t.pass(11);
    check_table(&mut t, &[("GEOPOS g a", "*1\r\n*-1\r\n", "DEL g", "expired g | keymiss g")]);
}
