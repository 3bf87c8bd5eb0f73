//! Limits that the configuration sets: on replies that wait, on requests that grow, on silence, on numbers.

use std::time::Duration;

use kvd_tests::hostile::client::{Client, Ending};
use kvd_tests::hostile::replies::{self, BIG_BYTES, BIG_KEY};
use kvd_tests::hostile::{connections, requests};
use kvd_tests::patience::PATIENCE;
use kvd_tests::wire::{self, Frame};

use crate::battle::{Battle, MIB, client_id, status};

/// More replies than all sockets between two processes hold.
const UNREAD: usize = 64;

/// A client with many unread replies, silent from now on, and its id.
fn unread(battle: &mut Battle) -> (Client, i64) {
    replies::store(&mut battle.checker).unwrap();
    let mut client = Client::connect(battle.address()).unwrap();
    let id = client_id(&mut client);
    client.send(&wire::encode(&["GET", BIG_KEY]).repeat(UNREAD)).unwrap();
    (client, id)
}

fn assert_closed_before_the_end(client: &mut Client) {
    assert!(client.everything().unwrap().len() < UNREAD * BIG_BYTES);
}

#[test]
fn the_hard_output_limit_closes_at_once() {
    let mut battle = Battle::begin(&["--client-output-buffer-limit", "normal 512kb 0 0"]);
    let (mut client, id) = unread(&mut battle);
    battle.until("the client is closed", |battle| !battle.has_client(id));
    assert_eq!(battle.stat("client_output_buffer_limit_disconnections"), 1);
    assert!(battle.kvd.log().contains("client-output-buffer-limit"), "{}", battle.kvd.log());
    assert_closed_before_the_end(&mut client);
    battle.end();
}

/// Peers run every request and close the client when 20 MB of replies wait. Here so many never wait: the requests do, and the client may
/// still change its mind.
#[test]
fn a_hard_output_limit_of_many_replies_is_not_reached() {
    let mut battle = Battle::begin(&["--client-output-buffer-limit", "normal 20mb 0 0"]);
    let (mut client, id) = unread(&mut battle);
    battle.settle();
    battle.assert_peak_below(12 * MIB);
    assert!(battle.has_client(id));
    let mut all = vec![0; UNREAD * (format!("${BIG_BYTES}\r\n").len() + BIG_BYTES + 2)];
    client.read_exact(&mut all).unwrap();
    drop(client);
    battle.end();
}

/// The client sends nothing more that could make the server look at it. Peers close it after 2 s.
#[test]
fn the_soft_output_limit_closes_a_client_that_has_fallen_silent() {
    let mut battle = Battle::begin(&["--client-output-buffer-limit", "normal 0 256kb 1"]);
    let (mut client, id) = unread(&mut battle);
    battle.until("the client is closed", |battle| !battle.has_client(id));
    assert_eq!(battle.stat("client_output_buffer_limit_disconnections"), 1);
    assert_closed_before_the_end(&mut client);
    battle.end();
}

#[test]
fn the_soft_output_limit_spares_who_reads_in_time() {
    let mut battle = Battle::begin(&["--client-output-buffer-limit", "normal 0 256kb 3600"]);
    let (mut client, id) = unread(&mut battle);
    battle.until("replies wait", |battle| battle.stat("total_net_output_bytes") > BIG_BYTES as u64);
    let mut all = vec![0; UNREAD * (format!("${BIG_BYTES}\r\n").len() + BIG_BYTES + 2)];
    client.read_exact(&mut all).unwrap();
    assert_eq!(client.ask(&["PING"]).unwrap(), status("PONG"));
    assert!(battle.has_client(id));
    drop(client);
    battle.end();
}

/// As the peers: closed without a reply, counted, and logged.
#[test]
fn a_request_beyond_the_query_limit_closes_the_client() {
    let mut battle = Battle::begin(&["--client-query-buffer-limit", "1mb"]);
    for (round, length) in [2_000_000, requests::BULK_BYTES_MAX].into_iter().enumerate() {
        let mut client = Client::connect(battle.address()).unwrap();
        client.send(format!("*3\r\n$3\r\nSET\r\n$1\r\na\r\n${length}\r\n").as_bytes()).unwrap();
        let taken = client.stuff(&[b'v'; 1 << 16], 100 << 20).unwrap();
        assert_eq!(String::from_utf8_lossy(&client.everything().unwrap()), "");
        assert!(taken < 100 << 20);
        battle.until("it is counted", |battle| {
            battle.stat("client_query_buffer_limit_disconnections") == round as u64 + 1
        });
    }
    battle.assert_peak_below(16 * MIB);
    battle.end();
}

#[test]
fn the_query_limit_holds_for_one_request_and_not_for_all_together() {
    let battle = Battle::begin(&["--client-query-buffer-limit", "1mb"]);
    let mut client = Client::connect(battle.address()).unwrap();
    client.send(&wire::encode(&["SET", "a", &"v".repeat(1000)]).repeat(3000)).unwrap();
    for _ in 0..3000 {
        assert_eq!(client.frame().unwrap(), status("OK"));
    }
    drop(client);
    battle.end();
}

#[test]
fn who_stops_in_the_middle_of_a_request_is_idle() {
    let mut battle = Battle::begin(&["--timeout", "1"]);
    let mut silent = requests::raw(battle.address(), b"*2\r\n$3\r\nGET\r\n$10\r\nabc").unwrap();
    // The checker would be idle as well while this waits.
    battle.until("the client is closed", |battle| {
        battle.ask(&["PING"]);
        silent.ending(Duration::from_millis(100)).unwrap() == Ending::Closed
    });
    battle.end();
}

#[test]
fn who_writes_slowly_is_not_idle() {
    let mut battle = Battle::begin(&["--timeout", "2"]);
    let mut slow = Client::connect(battle.address()).unwrap();
    // More than 3 s altogether. The checker must not fall silent meanwhile either.
    for piece in wire::encode(&["ECHO", "0123456789012345678901234567890123456789"]).chunks(8) {
        requests::drip(&mut slow, piece, Duration::from_millis(50)).unwrap();
        battle.ask(&["PING"]);
    }
    assert_eq!(slow.frame().unwrap(), Frame::Bulk(b"0123456789012345678901234567890123456789".to_vec()));
    drop(slow);
    battle.end();
}

/// Peers answer and close as well.
#[test]
fn one_too_many_is_told_so_and_has_room_once_another_leaves() {
    const REFUSAL: &[u8] = b"-ERR max number of clients reached\r\n";
    let battle = Battle::begin(&["--maxclients", "50"]);
    let mut clients = connections::fill(battle.address(), 100).unwrap();
    assert!((40..50).contains(&clients.len()), "{} of 50 fit beside the bystander", clients.len());
    for _ in 0..20 {
        assert_eq!(Client::connect(battle.address()).unwrap().everything().unwrap(), REFUSAL);
    }
    connections::ask_all(&mut clients).unwrap();
    clients.truncate(10);
    let start = std::time::Instant::now();
    while connections::fill(battle.address(), 1).unwrap().is_empty() {
        assert!(start.elapsed() < PATIENCE, "there is no room");
    }
    drop(clients);
    battle.end();
}
