//! `maxmemory-clients`: the clients that hold the most go first.
//!
//! All that a client holds counts: the request that it has begun and the replies that wait. Replies that wait are few in kvd, so
//! the clients here send half of a long ECHO and then wait. Peers reserve the whole of an announced value and count that; in kvd
//! a client counts for what it has sent.

use std::time::Duration;

use kvd_tests::hostile::client::{Client, Ending};
use kvd_tests::hostile::requests;
use kvd_tests::patience::PATIENCE;
use kvd_tests::wire::Frame;

use crate::battle::{Battle, MIB, client_id, status};

const ECHO_BYTES: usize = 24_000_000;

/// A client that holds so many bytes of a request.
fn holding(battle: &mut Battle, bytes: usize) -> Client {
    let mut client = Client::connect(battle.address()).unwrap();
    let input = battle.stat("total_net_input_bytes");
    requests::half_echo(&mut client, ECHO_BYTES, bytes).unwrap();
    battle.until("it has arrived", |battle| battle.stat("total_net_input_bytes") >= input + bytes as u64);
    client
}

fn assert_served(client: &mut Client, sent: usize) {
    requests::finish_echo(client, ECHO_BYTES, sent).unwrap();
    assert_eq!(client.frame().unwrap(), Frame::Bulk(vec![b'e'; ECHO_BYTES]));
}

/// The peers: closed without a word, counted as `evicted_clients`, and logged.
fn the_biggest_goes_first(arguments: &[&str]) {
    let mut battle = Battle::begin(arguments);
    let mut small = holding(&mut battle, 1_000_000);
    let mut middle = holding(&mut battle, 3_000_000);
    assert_eq!(battle.stat("evicted_clients"), 0);
    let mut big = Client::connect(battle.address()).unwrap();
    let sent = requests::half_echo(&mut big, ECHO_BYTES, 20_000_000);
    battle.until("one is evicted", |battle| battle.stat("evicted_clients") == 1);
    assert!(sent.is_err() || big.ending(PATIENCE).unwrap() == Ending::Closed);
    for client in [&mut small, &mut middle] {
        assert_eq!(client.ending(Duration::from_millis(200)).unwrap(), Ending::Open);
    }
    assert_eq!(battle.stat("evicted_clients"), 1);
    battle.assert_peak_below(64 * MIB);
    drop((small, middle, big));
    battle.end();
}

#[test]
fn the_client_that_holds_the_most_is_evicted() {
    the_biggest_goes_first(&["--maxmemory-clients", "16mb"]);
}

#[test]
fn the_limit_can_be_a_part_of_maxmemory() {
    the_biggest_goes_first(&["--maxmemory-clients", "20%", "--maxmemory", "80mb"]);
}

#[test]
fn many_that_hold_a_little_are_evicted_until_the_rest_fits() {
    const CLIENTS: usize = 20;
    const SENT: usize = 1_000_000;
    let mut battle = Battle::begin(&["--maxmemory-clients", "10mb"]);
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = Client::connect(battle.address()).unwrap();
        // Whom it hits first is up to the server.
        let _evicted_already = requests::half_echo(&mut client, ECHO_BYTES, SENT);
        clients.push(client);
    }
    battle.until("the rest fits", |battle| battle.stat("evicted_clients") >= CLIENTS as u64 / 2);
    assert!((battle.stat("evicted_clients") as usize) < CLIENTS, "some fit");
    drop(clients);
    battle.end();
}

#[test]
fn who_is_marked_no_evict_is_spared_and_not_counted() {
    const SENT: usize = 20_000_000;
    let mut battle = Battle::begin(&["--maxmemory-clients", "8mb"]);
    let mut spared = Client::connect(battle.address()).unwrap();
    assert_eq!(spared.ask(&["CLIENT", "NO-EVICT", "ON"]).unwrap(), status("OK"));
    let id = client_id(&mut spared);
    requests::half_echo(&mut spared, ECHO_BYTES, SENT).unwrap();
    let small = holding(&mut battle, 1_000_000);
    assert!(battle.has_client(id));
    assert_eq!(battle.stat("evicted_clients"), 0);
    assert_served(&mut spared, SENT);
    drop((spared, small));
    battle.end();
}

#[test]
fn without_the_limit_nobody_is_evicted() {
    let mut battle = Battle::begin(&[]);
    let mut big = holding(&mut battle, 20_000_000);
    assert_served(&mut big, 20_000_000);
    assert_eq!(battle.stat("evicted_clients"), 0);
    drop(big);
    battle.end();
}
