//! Requests that are announced and never sent, sent slowly, or cut off.

use kvd_tests::hostile::client::Client;
use kvd_tests::hostile::requests::{self, BULK_BYTES_MAX};

use crate::battle::{Battle, MIB, status};

const CLIENTS: usize = 200;

/// Redis and valkey count 100 GB as used here, though the kernel gives them less.
#[test]
fn a_value_that_is_only_announced_takes_no_memory() {
    let mut battle = Battle::begin(&[]);
    let clients = requests::announced(battle.address(), CLIENTS, BULK_BYTES_MAX, 0).unwrap();
    battle.until("all of them are served", |battle| connected(battle) >= CLIENTS as u64);
    battle.assert_peak_below(16 * MIB);
    battle.assert_used_below(16 * MIB);
    drop(clients);
    battle.end();
}

#[test]
fn a_number_of_words_that_is_only_announced_takes_no_memory() {
    let mut battle = Battle::begin(&[]);
    let clients = requests::announced_words(battle.address(), CLIENTS).unwrap();
    battle.until("all of them are served", |battle| connected(battle) >= CLIENTS as u64);
    battle.assert_peak_below(16 * MIB);
    battle.assert_used_below(16 * MIB);
    drop(clients);
    battle.end();
}

#[test]
fn a_value_that_is_announced_and_sent_slowly_takes_what_was_sent() {
    const ROUNDS: usize = 20;
    const STEP: usize = 2000;
    let mut battle = Battle::begin(&[]);
    let mut clients = requests::announced(battle.address(), CLIENTS, BULK_BYTES_MAX, 0).unwrap();
    for _ in 0..ROUNDS {
        for client in &mut clients {
            client.send(&[b'v'; STEP]).unwrap();
        }
    }
    let sent = (CLIENTS * ROUNDS * STEP) as u64;
    battle.until("all of it has arrived", |battle| battle.stat("total_net_input_bytes") >= sent);
    // Buffers grow by doubling, and the old one is there while the new one is filled.
    battle.assert_peak_below(16 * MIB + 3 * sent);
    drop(clients);
    battle.end();
}

#[test]
fn words_without_end_are_no_request_and_take_what_was_sent() {
    let mut battle = Battle::begin(&[]);
    let mut client = requests::raw(battle.address(), b"*2147483647\r\n").unwrap();
    let words = b"$1\r\nx\r\n".repeat(100_000);
    for _ in 0..10 {
        client.send(&words).unwrap();
    }
    let sent = (10 * words.len()) as u64;
    battle.until("all of it has arrived", |battle| battle.stat("total_net_input_bytes") >= sent);
    // A word of one byte may cost as much as its entry in a list of words.
    battle.assert_peak_below(16 * MIB + 6 * sent);
    drop(client);
    battle.end();
}

#[test]
fn who_resets_the_connection_within_a_request_leaves_nothing_behind() {
    const LENGTH: usize = 8_000_000;
    let battle = Battle::begin(&[]);
    for _ in 0..30 {
        requests::reset_within_a_request(battle.address(), LENGTH).unwrap();
    }
    battle.assert_peak_below(30 * LENGTH as u64);
    battle.end();
}

#[test]
fn a_request_that_comes_byte_by_byte_is_answered() {
    let battle = Battle::begin(&[]);
    let mut client = Client::connect(battle.address()).unwrap();
    for request in [&b"PING\r\n"[..], b"*1\r\n$4\r\nPING\r\n", b"\"P\\x49NG\"\n"] {
        requests::drip(&mut client, request, std::time::Duration::from_millis(5)).unwrap();
        assert_eq!(client.frame().unwrap(), status("PONG"));
    }
    drop(client);
    battle.end();
}

fn connected(battle: &mut Battle) -> u64 {
    kvd_tests::hostile::memory::info_number(&mut battle.checker, "clients", "connected_clients").unwrap()
}
