//! Clients that listen and don't read: what is published to them waits, within limits.

use kvd_tests::hostile::client::Client;
use kvd_tests::wire::Frame;

use crate::battle::{Battle, MIB, client_id};

/// What is published at once: short enough to be copied, long enough to be many.
const PAYLOAD_BYTES: usize = 8000;

/// Room in the kernel for a client that doesn't read: what fits there doesn't wait in the server.
const RECEIVE_BYTES: usize = 16 * 1024;

/// A client that listens to `c` by its name and by a pattern, and doesn't read on; and its id.
fn silent(battle: &Battle) -> (Client, i64) {
    let mut client = Client::connect_narrow(battle.address(), RECEIVE_BYTES).unwrap();
    let id = client_id(&mut client);
    client.ask(&["SUBSCRIBE", "c"]).unwrap();
    client.ask(&["PSUBSCRIBE", "c*"]).unwrap();
    (client, id)
}

fn publish(battle: &mut Battle, count: usize) {
    let payload = "x".repeat(PAYLOAD_BYTES);
    for _ in 0..count {
        assert!(matches!(battle.ask(&["PUBLISH", "c", &payload]), Frame::Integer(_)));
    }
}

/// As the peers, at once and counted; and the memory is bounded however much is published.
#[test]
fn the_hard_limit_closes_a_listener_that_does_not_read() {
    let mut battle = Battle::begin(&["--client-output-buffer-limit", "pubsub 1mb 0 0"]);
    let (mut client, id) = silent(&battle);
    publish(&mut battle, 4000);
    battle.until("the client is closed", |battle| !battle.has_client(id));
    assert_eq!(battle.stat("client_output_buffer_limit_disconnections"), 1);
    assert!(battle.kvd.log().contains("client-output-buffer-limit"), "{}", battle.kvd.log());
    assert_eq!(battle.ask(&["PUBLISH", "c", "x"]), Frame::Integer(0));
    assert!(client.everything().unwrap().len() < 4000 * PAYLOAD_BYTES);
    battle.assert_peak_below(8 * MIB);
    battle.end();
}

/// Nobody publishes any more when the time is up.
#[test]
fn the_soft_limit_closes_a_listener_that_does_not_catch_up() {
    let mut battle = Battle::begin(&["--client-output-buffer-limit", "pubsub 0 512kb 1"]);
    let (client, id) = silent(&battle);
    publish(&mut battle, 700);
    battle.until("the client is closed", |battle| !battle.has_client(id));
    assert_eq!(battle.stat("client_output_buffer_limit_disconnections"), 1);
    drop(client);
    battle.end();
}

#[test]
fn who_reads_late_gets_everything_in_order() {
    const MESSAGES: usize = 2000;
    let mut battle = Battle::begin(&["--client-output-buffer-limit", "pubsub 64mb 0 0"]);
    let mut client = Client::connect_narrow(battle.address(), RECEIVE_BYTES).unwrap();
    let id = client_id(&mut client);
    client.ask(&["SUBSCRIBE", "c"]).unwrap();
    for number in 0..MESSAGES {
        // Now and then one that is sent from where it is.
        let payload = format!("{number}:{}", "x".repeat(if number % 100 == 0 { 50_000 } else { 2000 }));
        assert_eq!(battle.ask(&["PUBLISH", "c", &payload]), Frame::Integer(1));
    }
    assert!(battle.has_client(id));
    for number in 0..MESSAGES {
        let Frame::Array(words) = client.frame().unwrap() else { panic!("message {number} is no array") };
        let Some(Frame::Bulk(payload)) = words.get(2) else { panic!("{words:?}") };
        assert!(payload.starts_with(format!("{number}:").as_bytes()));
    }
    drop(client);
    battle.end();
}
