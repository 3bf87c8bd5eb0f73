//! Values of every type in every form on their way between kvd and its peers: DUMP here, RESTORE there, and the same is there.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;

use kvd_tests::hostile::client::Client;
use kvd_tests::process::{self, Peer, Process, Program};
use kvd_tests::server::Product;
use kvd_tests::wire::Frame;

/// What kvd's `rdb-version` may be for a peer.
const PEERS: [(Peer, &[&str]); 3] = [
    (Peer::Redis7, &["auto", "10"]),
    (Peer::Redis8, &["auto", "10", "11", "12"]),
    (Peer::Valkey9, &["auto", "10", "11", "80"]),
];

/// Elements of values that are large in every server.
const MANY: usize = 1_500;
/// A name that begins so is that of a hash with fields that expire.
const EXPIRING: &str = "expiring";
const FAR_MS: u64 = 1_999_999_999_000;

/// A server and a connection to it.
struct Side {
    process: Process,
    client: Client,
}

impl Side {
    fn start(program: &Program) -> Self {
        let process = program.start().unwrap();
        let client = Client::connect(process.address).unwrap();
        Self { process, client }
    }

    fn ask(&mut self, words: &[&[u8]]) -> Frame {
        let mut request = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            request.extend_from_slice(&[format!("${}\r\n", word.len()).as_bytes(), word, b"\r\n"].concat());
        }
        self.client.send(&request).unwrap();
        self.client.frame().unwrap()
    }

    /// A request that must not fail; its words stand between blanks.
    fn run(&mut self, request: &str) -> Frame {
        let words: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
        let reply = self.ask(&words);
        assert!(!matches!(reply, Frame::Error(_)), "{request}: {reply:?}");
        reply
    }

    fn has_field_ttl(&self) -> bool {
        self.process.server().product != Product::Redis || self.process.server().version.0 >= 8
    }

    fn dump(&mut self, key: &str) -> Frame {
        self.ask(&[b"DUMP", key.as_bytes()])
    }

    fn restore(&mut self, key: &str, payload: &[u8]) -> Frame {
        self.ask(&[b"RESTORE", key.as_bytes(), b"0", payload, b"REPLACE"])
    }

    /// All that can be told of a value in the same words by every server.
    fn tell(&mut self, key: &str) -> Vec<Frame> {
        let mut told = vec![self.run(&format!("TYPE {key}"))];
        if key.starts_with(EXPIRING) {
            // Valkey's fingerprints don't tell which fields expire.
            let Frame::Array(flat) = self.run(&format!("HGETALL {key}")) else { panic!("a map of RESP2") };
            let pairs: BTreeSet<String> = flat.chunks(2).map(|pair| format!("{pair:?}")).collect();
            told.extend(pairs.into_iter().map(|pair| Frame::Status(pair.into_bytes())));
            told.push(self.run(&format!("HPEXPIRETIME {key} FIELDS 4 f g h i")));
        } else {
            told.push(self.run(&format!("DEBUG DIGEST-VALUE {key}")));
        }
        if told[0] == Frame::Status(b"stream".to_vec()) {
            for group in ["one", "other"] {
                told.push(self.run(&format!("XPENDING {key} {group}")));
            }
        }
        told
    }

    /// Makes values of every type in every form; their names.
    fn make(&mut self) -> Vec<String> {
        let long = "x".repeat(9_000);
        self.run("CONFIG SET list-max-listpack-size 2");
        self.run("RPUSH list:nodes a b 3 c -5000");
        self.run("CONFIG SET list-max-listpack-size -2");
        for request in [
            "SET string:text hello",
            "SET string:number -12345",
            "SET string:greatest 9223372036854775807",
            &format!("SET string:long {long}"),
            "SETRANGE string:binary 300 z",
            "RPUSH list:small a 1 300 -5000 70000 9223372036854775807",
            &format!("RPUSH list:plain a {long} b"),
            "SADD set:integers 1 -2 300 70000",
            "SADD set:small a b 7",
            &format!("SADD set:large a {long}"),
            "HSET hash:small f v g 1",
            &format!("HSET hash:large f {long} g 1"),
            "ZADD zset:small 1.5 a 2 b -inf c 0.5 d",
            &format!("ZADD zset:large 1.5 a inf c 0.5 {long}"),
            "PFADD string:hyperloglog a b c d",
        ] {
            self.run(request);
        }
        self.make_many();
        self.make_streams();
        if self.has_field_ttl() {
            self.make_expiring(&long);
        }
        let Frame::Array(keys) = self.run("KEYS *") else { panic!("an array") };
        let name = |key: &Frame| match key {
            Frame::Bulk(name) => String::from_utf8(name.clone()).unwrap(),
            other => panic!("{other:?}"),
        };
        keys.iter().map(name).collect()
    }

    fn make_many(&mut self) {
        let words = |word: &dyn Fn(usize) -> String| (0..MANY).map(word).collect::<Vec<_>>().join(" ");
        let texts = words(&|at| format!("text-{}-{at}", "ab".repeat(at % 40)));
        self.run(&format!("RPUSH list:many {texts}"));
        self.run(&format!("SADD set:many {texts}"));
        self.run(&format!("SADD set:numbers {}", words(&|at| (at * at).to_string())));
        self.run(&format!("HSET hash:many {}", words(&|at| format!("field-{at} {}", at * 3))));
        self.run(&format!("ZADD zset:many {}", words(&|at| format!("{}.25 member-{at}", at % 100))));
    }

    fn make_streams(&mut self) {
        for at in 1..=300 {
            self.run(&format!("XADD stream:many {}-{at} field {at} other text-{at}", at / 7 + 1));
        }
        self.run("XADD stream:small 5-1 f v");
        self.run("XADD stream:small 6-0 g z h 1");
        for stream in ["stream:many", "stream:small", "stream:empty"] {
            self.run(&format!("XGROUP CREATE {stream} one 0 MKSTREAM"));
            self.run(&format!("XGROUP CREATE {stream} other $"));
            self.run(&format!("XGROUP CREATECONSUMER {stream} other idle"));
            for consumer in ["a", "b"] {
                self.run(&format!("XREADGROUP GROUP one {consumer} COUNT 3 STREAMS {stream} >"));
            }
        }
        for at in [2, 9, 250] {
            self.run(&format!("XDEL stream:many {}-{at}", at / 7 + 1));
        }
    }

    fn make_expiring(&mut self, long: &str) {
        self.run("HSET expiring:small f v g w h 1");
        self.run(&format!("HSET expiring:large f {long} g w h 1"));
        for key in ["expiring:small", "expiring:large"] {
            self.run(&format!("HPEXPIREAT {key} {} FIELDS 1 g", FAR_MS + 123));
            self.run(&format!("HPEXPIREAT {key} {FAR_MS} FIELDS 1 h"));
        }
    }
}

fn kvd_and(peer: Peer) -> Option<(Side, Side)> {
    match (process::kvd(), peer.find()) {
        (Ok(kvd), Ok(peer)) => Some((Side::start(&kvd), Side::start(&peer))),
        (Err(missing), _) | (_, Err(missing)) => {
            process::skipped("dump", missing);
            None
        }
    }
}

/// Redis 7.0 knows nothing of fields that expire and of the activity of consumers; Valkey has another form for the former.
fn reads_without_loss(peer: Peer, key: &str) -> bool {
    match peer {
        Peer::Redis7 => !key.starts_with(EXPIRING) && !key.starts_with("stream"),
        Peer::Redis8 => true,
        Peer::Valkey9 => !key.starts_with(EXPIRING),
    }
}

#[test]
fn peers_restore_what_kvd_dumps() {
    for (peer, versions) in PEERS {
        let Some((mut kvd, mut other)) = kvd_and(peer) else { continue };
        let keys = kvd.make();
        assert!(keys.len() > 20);
        for version in versions {
            kvd.run(&format!("CONFIG SET rdb-version {version}"));
            for key in &keys {
                let is_expiring = key.starts_with(EXPIRING);
                let payload = match kvd.dump(key) {
                    Frame::Bulk(payload) => payload,
                    refused => {
                        assert!(is_expiring && ["10", "11"].contains(version), "{key}: {refused:?}");
                        continue;
                    }
                };
                let reply = other.restore(key, &payload);
                if *version == "auto" && !reads_without_loss(peer, key) {
                    assert!(matches!(reply, Frame::Error(_)), "{key} in {peer:?}: {reply:?}");
                    continue;
                }
                assert_eq!(reply, Frame::Status(b"OK".to_vec()), "{key} {version} {peer:?}");
                assert_eq!(other.tell(key), kvd.tell(key), "{key} {version} {peer:?}");
            }
        }
    }
}

#[test]
fn kvd_restores_what_peers_dump() {
    for (peer, _) in PEERS {
        let Some((mut kvd, mut other)) = kvd_and(peer) else { continue };
        for compression in ["yes", "no"] {
            other.run(&format!("CONFIG SET rdbcompression {compression}"));
            for key in other.make() {
                let Frame::Bulk(payload) = other.dump(&key) else { panic!("{key}") };
                let reply = kvd.restore(&key, &payload);
                assert_eq!(reply, Frame::Status(b"OK".to_vec()), "{key} {peer:?}");
                assert_eq!(kvd.tell(&key), other.tell(&key), "{key} {peer:?}");
                if peer == Peer::Redis8 && !key.starts_with("string") {
                    let encoding = format!("OBJECT ENCODING {key}");
                    other.restore(&key, &payload);
                    assert_eq!(kvd.run(&encoding), other.run(&encoding), "{key}");
                }
            }
            other.run("FLUSHALL");
        }
    }
}
