//! What a waiting command has the server keep, beside what is said of it. One test, since the allocator counts for the whole process.

mod engine_with_clients;

use std::alloc::System;
use std::sync::atomic::Ordering::Relaxed;

use engine_with_clients::EngineWithClients;
use keyspace::memory::{Counting, used_bytes};

#[global_allocator]
static ALLOCATOR: Counting<System> = Counting(System);

const KEYS: usize = 20_000;

fn names(bytes: usize) -> String {
    (0..KEYS).map(|key| format!(" {key:0bytes$}")).collect()
}

/// A request as clients send it: a line may not be so long.
fn encoded(words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    let words_of: String = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    format!("*{}\r\n{words_of}", words.len())
}

#[test]
fn the_keys_of_a_wait_count_as_long_as_it_lasts() {
    let under_test = EngineWithClients::new(&[]);
    let mut other = under_test.client("127.0.0.1:1");
    let mut client = under_test.client("127.0.0.1:2");
    let held = || under_test.engine.clients().find(2).map_or(0, |client| client.held_bytes.load(Relaxed));
    for request in [
        format!("BLPOP{} 0", names(8)),
        format!("BLPOP{} 0", names(200)),
        format!("BZMPOP 0 {KEYS}{} MIN", names(8)),
        format!("XREAD BLOCK 0 STREAMS{}{}", names(8), " $".repeat(KEYS)),
    ] {
        let (what, request) = (&request[..20], encoded(&request));
        // What comes in is received into a buffer that is there before.
        client.run(&request);
        other.run("CLIENT UNBLOCK 2");
        client.run("PING");
        let (held_before, used_before) = (held(), used_bytes());
        assert_eq!(client.run(&request), "", "{what}");
        let (said, taken) = ((held() - held_before) as usize, used_bytes() - used_before);
        assert!((taken * 8 / 10..taken * 12 / 10).contains(&said), "{what}: {said} of {taken}");
        assert_eq!(other.run("CLIENT UNBLOCK 2"), ":1\r\n", "{what}");
        client.run("PING");
        assert_eq!(held(), held_before, "{what}");
        assert!(!client.is_closed(), "{what}");
    }
}
