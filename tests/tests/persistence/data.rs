//! Values of every type in every form, in several databases; and all that servers tell of them in the same words.

use std::collections::{BTreeMap, BTreeSet};

use kvd_tests::process::Peer;
use kvd_tests::server::Product;
use kvd_tests::wire::Frame;

use super::server::Server;

/// Elements of values that are large in every server.
const MANY: usize = 1_200;
const FAR_MS: u64 = 1_999_999_999_000;
/// Databases with data.
const DATABASES: [u32; 3] = [0, 3, 15];
/// A name that no text is.
const BINARY: &[u8] = b"\0\xff\r\n \"*1\r\n$4";

/// What a data set may hold: not every server and every version has a place for all.
#[derive(Clone, Copy)]
pub(crate) struct Contents {
    pub(crate) streams: bool,
    pub(crate) field_ttl: bool,
}

impl Contents {
    /// What the peer loads from a file of this `rdb-version`.
    pub(crate) fn of(peer: Peer, version: &str) -> Self {
        let is_auto = version == "auto";
        Self {
            // Version 10 doesn't tell when consumers were active; and 7.0 knows no other.
            streams: peer != Peer::Redis7 || !is_auto,
            field_ttl: match peer {
                Peer::Redis7 => false,
                Peer::Redis8 => is_auto || version == "12",
                Peer::Valkey9 => version == "80",
            },
        }
    }
}

/// Fills a server that is empty.
pub(crate) fn fill(server: &mut Server, contents: Contents) {
    for database in DATABASES {
        server.run(&format!("SELECT {database}"));
        strings(server, database);
        collections(server);
        if contents.streams {
            streams(server);
        }
        if contents.field_ttl {
            fields_that_expire(server);
        }
        expiries(server);
    }
    server.run("SELECT 0");
}

fn strings(server: &mut Server, database: u32) {
    let long = "x".repeat(9_000);
    for request in [
        &format!("SET string:text database-{database}"),
        "SET string:number -12345",
        "SET string:greatest 9223372036854775807",
        "SET string:empty-to-be x",
        &format!("SET string:long {long}"),
        "SETRANGE string:binary 300 z",
        "SETBIT string:bits 70000 1",
        "PFADD string:sparse a b c d",
    ] {
        server.run(request);
    }
    server.ask_bytes(&[b"SET", BINARY, &(0..=255).collect::<Vec<u8>>()]);
    server.ask_bytes(&[b"SET", b"string:empty-to-be", b""]);
    server.ask_bytes(&[b"SET", b"", b"the empty key"]);
    server.run(&format!("PFADD string:dense {}", words(4_000, &|at| format!("element-{at}"))));
}

fn words(count: usize, word: &dyn Fn(usize) -> String) -> String {
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

fn collections(server: &mut Server) {
    let long = "y".repeat(9_000);
    let texts = words(MANY, &|at| format!("text-{}-{at}", "ab".repeat(at % 40)));
    server.run("CONFIG SET list-max-listpack-size 2");
    server.run("RPUSH list:nodes a b 3 c -5000");
    server.run("CONFIG SET list-max-listpack-size -2");
    for request in [
        "RPUSH list:small a 1 300 -5000 70000 9223372036854775807",
        &format!("RPUSH list:plain a {long} b"),
        &format!("RPUSH list:many {texts}"),
        "SADD set:integers 1 -2 300 70000 9223372036854775807",
        "SADD set:small a b 7",
        &format!("SADD set:large a {long}"),
        &format!("SADD set:many {texts}"),
        &format!("SADD set:numbers {}", words(MANY, &|at| (at * at).to_string())),
        "HSET hash:small f v g 1",
        &format!("HSET hash:large f {long} g 1"),
        &format!("HSET hash:many {}", words(MANY, &|at| format!("field-{at} {}", at * 3))),
        "ZADD zset:small 1.5 a 2 b -inf c 0.5 d",
        &format!("ZADD zset:large 1.5 a inf c 0.25 {long}"),
        &format!("ZADD zset:many {}", words(MANY, &|at| format!("{}.25 member-{at}", at % 100))),
        "GEOADD zset:places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
    ] {
        server.run(request);
    }
}

fn streams(server: &mut Server) {
    for at in 1..=250 {
        server.run(&format!("XADD stream:many {}-{at} field {at} other text-{at}", at / 7 + 1));
    }
    server.run("XADD stream:small 5-1 f v");
    server.run("XADD stream:small 6-0 g z h 1");
    for stream in ["stream:many", "stream:small", "stream:empty"] {
        server.run(&format!("XGROUP CREATE {stream} one 0 MKSTREAM"));
        server.run(&format!("XGROUP CREATE {stream} other $"));
        server.run(&format!("XGROUP CREATECONSUMER {stream} other idle"));
        for consumer in ["a", "b"] {
            server.run(&format!("XREADGROUP GROUP one {consumer} COUNT 3 STREAMS {stream} >"));
        }
    }
    for at in [2, 9, 200] {
        server.run(&format!("XDEL stream:many {}-{at}", at / 7 + 1));
    }
}

fn fields_that_expire(server: &mut Server) {
    server.run("HSET expiring:small f v g w h 1");
    server.run(&format!("HSET expiring:large {}", words(MANY, &|at| format!("f{at} {at}"))));
    for (key, soon, late) in [("expiring:small", "g", "h"), ("expiring:large", "f1", "f7")] {
        server.run(&format!("HPEXPIREAT {key} {} FIELDS 1 {soon}", FAR_MS + 123));
        server.run(&format!("HPEXPIREAT {key} {FAR_MS} FIELDS 1 {late}"));
    }
}

fn expiries(server: &mut Server) {
    for (at, key) in ["string:text", "list:many", "hash:small", "zset:many"].into_iter().enumerate() {
        server.run(&format!("PEXPIREAT {key} {}", FAR_MS + at as u64));
    }
    server.ask_bytes(&[b"PEXPIREAT", BINARY, FAR_MS.to_string().as_bytes()]);
}

/// Changes some of the data, as clients do.
pub(crate) fn change(server: &mut Server, contents: Contents) {
    for request in [
        "SELECT 3",
        "SET string:new value PX 100000000000",
        "DEL string:long",
        "APPEND string:text more",
        "INCRBY string:number 7",
        "SELECT 0",
        "MULTI",
        "LPUSH list:many first",
        "SPOP set:numbers 3",
        "ZINCRBY zset:small 0.25 d",
        "SELECT 15",
        "RENAME hash:large hash:renamed",
        "EXEC",
        "PERSIST list:many",
        "SELECT 3",
        "COPY set:many set:copy DB 0",
        "MOVE zset:large 7",
        "SELECT 7",
        "EXPIRE zset:large 100000000",
        "SELECT 0",
    ] {
        server.run(request);
    }
    server.ask_bytes(&[b"SETEX", BINARY, b"100000000", b"\r\n"]);
    if contents.streams {
        server.run("XADD stream:small * f v");
        server.run("XTRIM stream:many MAXLEN 40");
        server.run("XREADGROUP GROUP other late STREAMS stream:small >");
        server.run("XACK stream:many one 2-8");
    }
    if contents.field_ttl {
        server.run(&format!("HPEXPIREAT expiring:large {FAR_MS} FIELDS 1 f9"));
        server.run("HDEL expiring:small g");
    }
}

/// All data, key by key: database and name, and what is told of the value.
pub(crate) type Told = BTreeMap<(u32, Vec<u8>), Vec<Frame>>;

/// How a server tells it.
pub(crate) fn tell(server: &mut Server) -> Told {
    let mut told = Told::new();
    for database in [0, 3, 7, 15] {
        server.run(&format!("SELECT {database}"));
        let Frame::Array(keys) = server.run("KEYS *") else { panic!("an array") };
        for key in keys {
            let Frame::Bulk(key) = key else { panic!("{key:?}") };
            let value = tell_value(server, &key);
            told.insert((database, key), value);
        }
    }
    server.run("SELECT 0");
    told
}

fn tell_value(server: &mut Server, key: &[u8]) -> Vec<Frame> {
    let mut told = vec![server.ask_bytes(&[b"TYPE", key]), server.ask_bytes(&[b"PEXPIRETIME", key])];
    if key.starts_with(b"expiring") {
        // Valkey's digest doesn't tell which fields expire.
        let Frame::Array(flat) = server.ask_bytes(&[b"HGETALL", key]) else { panic!("a map of RESP2") };
        let pairs: BTreeSet<String> = flat.chunks(2).map(|pair| format!("{pair:?}")).collect();
        told.extend(pairs.into_iter().map(|pair| Frame::Status(pair.into_bytes())));
        told.push(server.ask_bytes(&[
            b"HPEXPIRETIME",
            key,
            b"FIELDS",
            b"6",
            b"f",
            b"g",
            b"h",
            b"f1",
            b"f7",
            b"f9",
        ]));
    } else {
        told.push(server.ask_bytes(&[b"DEBUG", b"DIGEST-VALUE", key]));
    }
    if told[0] == Frame::Status(b"stream".to_vec()) {
        for group in [b"one".as_slice(), b"other"] {
            told.push(server.ask_bytes(&[b"XPENDING", key, group]));
        }
    }
    told
}

/// Fails with the first keys of which two servers tell differently.
pub(crate) fn assert_same(found: &Told, expected: &Told, what: &str) {
    let keys: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    assert!(expected.len() > 40, "{what}: only {} keys", expected.len());
    let differences = keys.into_iter().filter(|key| found.get(*key) != expected.get(*key)).map(|key| {
        let (database, name) = key;
        format!("{database} '{}': {:?}, not {:?}", name.escape_ascii(), found.get(key), expected.get(key))
    });
    let differences: Vec<String> = differences.take(3).collect();
    assert!(differences.is_empty(), "{what}\n{}", differences.join("\n"));
}

/// The encodings of all values in database 0, where both servers have the same ones.
pub(crate) fn encodings(server: &mut Server) -> BTreeMap<Vec<u8>, Frame> {
    let Frame::Array(keys) = server.run("KEYS *") else { panic!("an array") };
    let keys = keys.into_iter().map(|key| match key {
        Frame::Bulk(key) => key,
        other => panic!("{other:?}"),
    });
    // Strings of numbers and short ones are kept in other forms.
    let keys: Vec<_> = keys.filter(|key| !key.starts_with(b"string") && key.contains(&b':')).collect();
    keys.into_iter().map(|key| (key.clone(), server.ask_bytes(&[b"OBJECT", b"ENCODING", &key]))).collect()
}

/// The digest of the whole data set, where all servers make the same.
pub(crate) fn digest(server: &mut Server, contents: Contents) -> Option<Frame> {
    let is_own = contents.field_ttl && server.process.server().product == Product::Valkey;
    (!is_own).then(|| server.run("DEBUG DIGEST"))
}
