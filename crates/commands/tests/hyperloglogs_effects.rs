//! HyperLogLogs: what goes into the journal, and which events are told.

mod engine_under_test;

use engine_under_test::{EngineUnderTest, check_table};

const CORRUPTED: &str = "-INVALIDOBJ Corrupted HLL object detected\r\n";
const NOT_ONE: &str = "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n";

#[test]
fn pfadd_is_journaled_when_it_changes_a_register_or_creates_the_key() {
    let mut t = EngineUnderTest::new();
    check_table(
        &mut t,
        &[
            ("PFADD h", ":1\r\n", "PFADD h", "new h | pfadd h"),
            ("PFADD h", ":0\r\n", "", ""),
            ("PFADD h a b", ":1\r\n", "PFADD h a b", "pfadd h"),
            ("PFADD h a b", ":0\r\n", "", ""),
            ("pfadd g a", ":1\r\n", "pfadd g a", "new g | pfadd g"),
        ],
    );
}

#[test]
fn pfcount_is_journaled_when_it_remembers_its_estimate() {
    let mut t = EngineUnderTest::new();
    t.run("PFADD h a b c");
    check_table(
        &mut t,
        &[
            ("PFCOUNT h h", ":3\r\n", "", ""),
            ("PFCOUNT h", ":3\r\n", "PFCOUNT h", ""),
            ("PFCOUNT h", ":3\r\n", "", ""),
            ("PFCOUNT nokey", ":0\r\n", "", "keymiss nokey"),
            ("PFADD h d", ":1\r\n", "PFADD h d", "pfadd h"),
            ("PFCOUNT h", ":4\r\n", "PFCOUNT h", ""),
        ],
    );
}

#[test]
fn pfmerge_is_always_journaled_and_keeps_the_expiry() {
    let mut t = EngineUnderTest::new();
    t.run("PFADD a 1 2");
    t.run("PFADD b 2 3");
    check_table(
        &mut t,
        &[
            ("PFMERGE d a b", "+OK\r\n", "PFMERGE d a b", "keymiss d | new d | pfadd d"),
            ("PFMERGE d", "+OK\r\n", "PFMERGE d", "pfadd d"),
            ("PFCOUNT d", ":3\r\n", "PFCOUNT d", ""),
            ("PEXPIRE d 1000", ":1\r\n", "PEXPIREAT d 1800000001000", "expire d"),
            ("PFMERGE d a nokey", "+OK\r\n", "PFMERGE d a nokey", "keymiss nokey | pfadd d"),
            ("PTTL d", ":1000\r\n", "", ""),
        ],
    );
}

#[test]
fn nothing_is_merged_if_one_source_is_none() {
    let mut t = EngineUnderTest::new();
    t.run("PFADD a 1 2");
    t.run("SET s text");
    check_table(
        &mut t,
        &[
            ("PFMERGE d a s", NOT_ONE, "", "keymiss d"),
            ("EXISTS d", ":0\r\n", "", "keymiss d"),
            ("PFADD s a", NOT_ONE, "", ""),
            ("PFCOUNT a s", NOT_ONE, "", ""),
            ("PFDEBUG ENCODING s", NOT_ONE, "", ""),
        ],
    );
}

#[test]
fn what_was_added_before_registers_were_found_corrupted_is_journaled() {
    let mut t = EngineUnderTest::new();
    // One run, of the first 16256 registers: some elements belong to one of them, others don't.
    let string = [b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80", &[0x7f, 0x7f][..]].concat();
    t.run_words(&[b"SET", b"h", &string]);
    t.forget();
    assert_eq!(t.run("PFCOUNT h"), CORRUPTED);
    assert_eq!(t.effects().len(), 0);
    let mut changed = 0;
    for number in 0..4000 {
        t.forget();
        let (word, reply) = (format!("e{number}"), t.run(&format!("PFADD h e{number}")));
        match reply.as_str() {
            ":1\r\n" => {
                changed += 1;
                assert_eq!(t.effects(), [format!("PFADD h {word}")]);
            }
            ":0\r\n" => assert_eq!(t.effects().len(), 0),
            _ => {
                assert_eq!(reply, CORRUPTED);
                assert_eq!(t.effects().len(), 0);
            }
        }
    }
    assert!(changed > 100, "{changed}");
}

#[test]
fn pfdebug_is_journaled_when_it_makes_registers_dense() {
    let mut t = EngineUnderTest::new();
    t.run("PFADD h a");
    check_table(
        &mut t,
        &[
            ("PFDEBUG ENCODING h", "+sparse\r\n", "", ""),
            ("PFDEBUG DECODE h", "$20\r\nZ:12711 v:2,1 Z:3672\r\n", "", ""),
            ("PFDEBUG TODENSE h", ":1\r\n", "PFDEBUG TODENSE h", ""),
            ("PFDEBUG TODENSE h", ":0\r\n", "", ""),
            ("PFDEBUG DECODE h", "-ERR HLL encoding is not sparse\r\n", "", ""),
            ("PFDEBUG ENCODING nokey", "-ERR The specified key does not exist\r\n", "", ""),
            ("PFSELFTEST", "+OK\r\n", "", ""),
        ],
    );
}

#[test]
fn registers_become_dense_at_the_configured_size() {
    let mut t = EngineUnderTest::with_config("hll-sparse-max-bytes 21");
    assert_eq!(t.run("PFADD h a"), ":1\r\n");
    assert_eq!(t.run("STRLEN h"), ":21\r\n");
    assert_eq!(t.run("PFADD h b"), ":1\r\n");
    assert_eq!(t.run("STRLEN h"), ":12304\r\n");
    t.configure("hll-sparse-max-bytes", "3000");
    assert_eq!(t.run("PFADD g a b c"), ":1\r\n");
    assert_eq!(t.run("PFDEBUG ENCODING g"), "+sparse\r\n");
}
