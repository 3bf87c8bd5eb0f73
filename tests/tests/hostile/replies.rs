//! Replies that nobody takes, or too slowly.

use kvd_tests::hostile::client::{Client, Ending};
use kvd_tests::hostile::replies::{self, BIG_BYTES, BIG_KEY, COPIED_BYTES, COPIED_KEY};
use kvd_tests::patience::PATIENCE;
use kvd_tests::wire::{self, Frame};

use crate::battle::{Battle, MIB, client_id, status};

/// Thousands of replies of 1 MB; what the sockets hold between them is a few of these.
const REQUESTS: usize = 2000;
/// The big value itself, the request that stored it, and what waits for a client that does not read.
const GROWTH_MAX: u64 = 12 * MIB;

fn begin() -> Battle {
    let mut battle = Battle::begin(&[]);
    replies::store(&mut battle.checker).unwrap();
    battle
}

/// Reads so many replies to GETs of a value, each whole and in its place.
fn read_values(client: &mut Client, value: &[u8], count: usize) {
    let reply = [format!("${}\r\n", value.len()).as_bytes(), value, b"\r\n"].concat();
    let mut got = vec![0; reply.len()];
    for number in 0..count {
        client.read_exact(&mut got).unwrap();
        assert!(got == reply, "reply {number} is damaged");
    }
}

fn read_big(client: &mut Client, count: usize) {
    read_values(client, &replies::value(BIG_BYTES), count);
}

/// Peers run the whole pipeline at once: 2 GB of replies wait in redis; valkey refers to the one value, and counts 1 GB for it.
#[test]
fn a_pipeline_that_is_not_read_waits_and_is_then_answered_in_full() {
    let mut battle = begin();
    let mut client = replies::unread_pipeline(battle.address(), BIG_KEY, REQUESTS).unwrap();
    battle.until("some replies are on their way", |battle| {
        battle.stat("total_net_output_bytes") > BIG_BYTES as u64
    });
    battle.settle();
    battle.assert_used_below(GROWTH_MAX);
    battle.assert_peak_below(GROWTH_MAX);
    read_big(&mut client, REQUESTS);
    assert_eq!(client.ask(&["PING"]).unwrap(), status("PONG"));
    battle.assert_peak_below(GROWTH_MAX);
    drop(client);
    battle.end();
}

/// The same with values that a server copies into each reply: 300 MB of them.
#[test]
fn a_pipeline_of_small_values_that_is_not_read_waits_as_well() {
    const REQUESTS: usize = 30_000;
    let mut battle = begin();
    let mut client = replies::unread_pipeline(battle.address(), COPIED_KEY, REQUESTS).unwrap();
    battle.until("some replies are on their way", |battle| {
        battle.stat("total_net_output_bytes") > COPIED_BYTES as u64
    });
    battle.settle();
    battle.assert_used_below(GROWTH_MAX);
    read_values(&mut client, &replies::value(COPIED_BYTES), REQUESTS);
    assert_eq!(client.ask(&["PING"]).unwrap(), status("PONG"));
    battle.assert_peak_below(GROWTH_MAX);
    drop(client);
    battle.end();
}

/// A single reply of 10 MB can't be cut; the next one has to wait until most of it has been taken.
#[test]
fn of_a_pipeline_of_huge_replies_only_one_is_made_at_a_time() {
    const KEYS: usize = 1000;
    const REQUESTS: usize = 30;
    let mut battle = begin();
    let mut client = Client::connect(battle.address()).unwrap();
    let words: Vec<&str> = std::iter::once("MGET").chain(std::iter::repeat_n(COPIED_KEY, KEYS)).collect();
    client.send(&wire::encode(&words).repeat(REQUESTS)).unwrap();
    battle.until("some replies are on their way", |battle| {
        battle.stat("total_net_output_bytes") > COPIED_BYTES as u64
    });
    battle.settle();
    battle.assert_peak_below(3 * (KEYS * COPIED_BYTES) as u64 + GROWTH_MAX);
    for _ in 0..REQUESTS {
        let mut head = vec![0; format!("*{KEYS}\r\n").len()];
        client.read_exact(&mut head).unwrap();
        read_values(&mut client, &replies::value(COPIED_BYTES), KEYS);
    }
    drop(client);
    battle.end();
}

/// Each reply that waits is another value, which its key no longer has. What the client has sent waits, and nothing else.
#[test]
fn values_that_were_overwritten_do_not_pile_up_in_replies_that_wait() {
    const CHANGES: usize = 200;
    let sent_max = (CHANGES * BIG_BYTES) as u64 * 5 / 4;
    let mut battle = begin();
    let (mut client, writer) = replies::unread_changes(battle.address(), CHANGES).unwrap();
    battle.until("some replies are on their way", |battle| {
        battle.stat("total_net_output_bytes") > BIG_BYTES as u64
    });
    battle.settle();
    battle.assert_used_below(GROWTH_MAX + sent_max);
    for number in 0..CHANGES {
        let mut ok = [0; 5];
        client.read_exact(&mut ok).unwrap();
        assert_eq!(&ok, b"+OK\r\n");
        read_values(&mut client, &replies::version(number), 1);
    }
    writer.join().unwrap().unwrap();
    battle.assert_peak_below(GROWTH_MAX + sent_max);
    drop(client);
    battle.end();
}

/// The default of `client-output-buffer-limit` for such clients is `0 0 0`: peers run it all, until they are killed for want of memory. In kvd
/// the requests wait, and whoever sends more of them than a query buffer may hold is closed.
#[test]
fn who_only_asks_is_closed_when_too_many_requests_wait() {
    const REQUEST_BYTES_MAX: usize = 256 << 20;
    let mut battle = Battle::begin(&["--client-query-buffer-limit", "16mb"]);
    replies::store(&mut battle.checker).unwrap();
    let (_client, taken) = replies::endless_pipeline(battle.address(), REQUEST_BYTES_MAX).unwrap();
    assert!(taken < REQUEST_BYTES_MAX, "all of {taken} bytes of requests were taken");
    battle.until("it is counted", |battle| battle.stat("client_query_buffer_limit_disconnections") == 1);
    battle.assert_peak_below(GROWTH_MAX + (16 << 20));
    battle.end();
}

/// 30 MB of replies each.
#[test]
fn many_who_do_not_read_take_a_little_each() {
    const CLIENTS: usize = 20;
    const REQUESTS: usize = 3000;
    const EACH_MAX: u64 = 2 * MIB;
    let battle = begin();
    let clients: Vec<Client> = (0..CLIENTS)
        .map(|_| replies::unread_pipeline(battle.address(), COPIED_KEY, REQUESTS).unwrap())
        .collect();
    battle.settle();
    battle.assert_peak_below(GROWTH_MAX + CLIENTS as u64 * EACH_MAX);
    for mut client in clients {
        read_values(&mut client, &replies::value(COPIED_BYTES), REQUESTS);
    }
    battle.end();
}

/// The replies here are errors, each ten times as long as its request.
#[test]
fn errors_that_nobody_reads_wait_as_well() {
    let battle = Battle::begin(&[]);
    let mut client = Client::connect(battle.address()).unwrap();
    let sent = client.stuff(&b"x y z\n".repeat(10_000), 16 << 20).unwrap();
    battle.assert_peak_below(GROWTH_MAX + sent as u64);
    assert_eq!(
        client.frame().unwrap(),
        Frame::Error(b"ERR unknown command 'x', with args beginning with: 'y' 'z' ".to_vec())
    );
    drop(client);
    battle.end();
}

#[test]
fn a_client_that_takes_a_byte_at_a_time_is_served_and_harms_nobody() {
    let battle = begin();
    let mut client = replies::narrow_pipeline(battle.address(), 50).unwrap();
    let first = replies::sip(&mut client, 200).unwrap();
    assert!(first.starts_with(format!("${BIG_BYTES}\r\n0,1,2,").as_bytes()));
    battle.assert_peak_below(GROWTH_MAX);
    let mut rest = vec![0; 50 * (format!("${BIG_BYTES}\r\n").len() + BIG_BYTES + 2) - first.len()];
    client.read_exact(&mut rest).unwrap();
    assert!(rest.ends_with(b"\r\n"));
    drop(client);
    battle.end();
}

/// 6 MB of requests, 7 MB of replies: peers keep the replies whole, kvd the requests.
#[test]
fn a_million_pings_in_one_write_are_answered_while_the_client_reads_slowly() {
    const PINGS: usize = 1_000_000;
    const CHUNK: usize = 7 * 1000;
    let battle = Battle::begin(&[]);
    let (mut client, writer) = replies::pings_in_one_write(battle.address(), PINGS).unwrap();
    let first = replies::sip(&mut client, 7 * 20).unwrap();
    assert_eq!(first, b"+PONG\r\n".repeat(20));
    battle.settle();
    battle.assert_peak_below(4 * MIB + PINGS as u64 * 6);
    let expected = b"+PONG\r\n".repeat(CHUNK / 7);
    let mut left = PINGS * 7 - first.len();
    while left > 0 {
        let mut got = vec![0; left.min(CHUNK)];
        client.read_exact(&mut got).unwrap();
        assert!(got == expected[..got.len()]);
        left -= got.len();
    }
    writer.join().unwrap().unwrap();
    drop(client);
    battle.end();
}

#[test]
fn who_resets_the_connection_within_a_reply_leaves_nothing_behind() {
    let battle = begin();
    for _ in 0..100 {
        replies::reset_within_a_reply(battle.address()).unwrap();
    }
    battle.assert_peak_below(2 * GROWTH_MAX);
    battle.end();
}

#[test]
fn who_has_closed_its_own_side_still_gets_every_reply() {
    const COUNT: usize = 100;
    let battle = begin();
    let mut client = replies::unread_pipeline(battle.address(), BIG_KEY, COUNT).unwrap();
    client.finish_sending().unwrap();
    read_big(&mut client, COUNT);
    assert_eq!(client.everything().unwrap(), b"");
    battle.assert_peak_below(GROWTH_MAX);
    battle.end();
}

#[test]
fn a_client_that_never_reads_can_be_killed() {
    let mut battle = begin();
    let mut client = Client::connect(battle.address()).unwrap();
    let id = client_id(&mut client);
    client.send(&wire::encode(&["GET", BIG_KEY]).repeat(REQUESTS)).unwrap();
    battle.until("its replies wait", |battle| battle.stat("total_net_output_bytes") > BIG_BYTES as u64);
    assert_eq!(battle.ask(&["CLIENT", "KILL", "ID", &id.to_string()]), Frame::Integer(1));
    battle.until("it is gone", |battle| !battle.has_client(id));
    // What the sockets held of the first replies still arrives.
    assert_eq!(client.ending(PATIENCE).unwrap(), Ending::Closed);
    battle.end();
}

#[test]
fn a_flood_under_reply_off_leaves_no_replies() {
    let battle = Battle::begin(&[]);
    let mut client = replies::replies_off(battle.address()).unwrap();
    for _ in 0..8 {
        replies::flood(&mut client).unwrap();
    }
    assert_eq!(client.ask(&["CLIENT", "REPLY", "ON"]).unwrap(), status("OK"));
    assert_eq!(client.ask(&["GET", "hostile:off"]).unwrap(), Frame::Bulk(b"v".to_vec()));
    battle.assert_peak_below(8 * MIB);
    drop(client);
    battle.end();
}
