//! Attacks on the way out: replies that nobody takes, or too slowly.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use super::client::Client;
use crate::wire;

/// The key of a value of [`BIG_BYTES`].
pub const BIG_KEY: &str = "hostile:big";
/// So long that a server may send the value from where it is, without a copy in each reply.
pub const BIG_BYTES: usize = 1_000_000;
/// The key of a value of [`COPIED_BYTES`].
pub const COPIED_KEY: &str = "hostile:copied";
/// So short that every server copies the value into each reply.
pub const COPIED_BYTES: usize = 10_000;

const SLOW_READ_PAUSE: Duration = Duration::from_millis(10);
const NARROW_BYTES: usize = 4096;
const FLOOD_BYTES_MIN: usize = 1_000_000;

/// A value of so many bytes. No stretch of it looks like another, so that a reply out of place is noticed.
pub fn value(bytes: usize) -> Vec<u8> {
    (0..).flat_map(|number: u32| format!("{number},").into_bytes()).take(bytes).collect()
}

/// Stores the values that are asked for here.
pub fn store(client: &mut Client) -> io::Result<()> {
    for (key, bytes) in [(BIG_KEY, BIG_BYTES), (COPIED_KEY, COPIED_BYTES)] {
        client.send(&wire::encode(&[&b"SET"[..], key.as_bytes(), &value(bytes)]))?;
        client.frame()?;
    }
    Ok(())
}

/// A pipeline of GETs of `key`, all sent at once. Nothing is read.
pub fn unread_pipeline(address: SocketAddr, key: &str, requests: usize) -> io::Result<Client> {
    let mut client = Client::connect(address)?;
    client.send(&wire::encode(&["GET", key]).repeat(requests))?;
    Ok(client)
}

/// Value `number` of the [`unread_changes`].
pub fn version(number: usize) -> Vec<u8> {
    let mut value = number.to_string().into_bytes();
    value.resize(BIG_BYTES, b'.');
    value
}

/// A pipeline of SET and GET of one key in turn, with a big value each time, sent by a thread of its own. Nothing is read.
///
/// Replies that refer to a value instead of copying it keep alive what has been overwritten long ago.
pub fn unread_changes(address: SocketAddr, count: usize) -> io::Result<(Client, JoinHandle<io::Result<()>>)> {
    const KEY: &str = "hostile:changing";
    let client = Client::connect(address)?;
    let mut sender = client.try_clone()?;
    let writer = std::thread::spawn(move || {
        for number in 0..count {
            sender.write_all(&wire::encode(&[&b"SET"[..], KEY.as_bytes(), &version(number)]))?;
            sender.write_all(&wire::encode(&["GET", KEY]))?;
        }
        Ok(())
    });
    Ok((client, writer))
}

/// Sends GETs of a big value for as long as the server takes them, at most `bytes_max` of requests, and reads nothing.
/// Says how many bytes of requests it took.
pub fn endless_pipeline(address: SocketAddr, bytes_max: usize) -> io::Result<(Client, usize)> {
    let mut client = Client::connect(address)?;
    let taken = client.stuff(&wire::encode(&["GET", BIG_KEY]).repeat(1000), bytes_max)?;
    Ok((client, taken))
}

/// A pipeline of GETs on a connection with a small receive buffer.
pub fn narrow_pipeline(address: SocketAddr, requests: usize) -> io::Result<Client> {
    let mut client = Client::connect_narrow(address, NARROW_BYTES)?;
    client.send(&wire::encode(&["GET", BIG_KEY]).repeat(requests))?;
    Ok(client)
}

/// Takes so many bytes of what waits, one every 10 ms.
pub fn sip(client: &mut Client, bytes: usize) -> io::Result<Vec<u8>> {
    let mut taken = Vec::new();
    for _ in 0..bytes {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        taken.extend(byte);
        std::thread::sleep(SLOW_READ_PAUSE);
    }
    Ok(taken)
}

/// So many PINGs in one write, by a thread of its own, because the server may stop taking them while replies wait.
pub fn pings_in_one_write(
    address: SocketAddr,
    count: usize,
) -> io::Result<(Client, JoinHandle<io::Result<()>>)> {
    let client = Client::connect_narrow(address, NARROW_BYTES)?;
    let mut sender = client.try_clone()?;
    let writer = std::thread::spawn(move || sender.write_all(&b"PING\r\n".repeat(count)));
    Ok((client, writer))
}

/// Asks for big values and resets the connection in the middle of the first one.
pub fn reset_within_a_reply(address: SocketAddr) -> io::Result<()> {
    let mut client = narrow_pipeline(address, 5)?;
    client.read_exact(&mut [0; 1000])?;
    client.reset()
}

/// Turns replies off.
pub fn replies_off(address: SocketAddr) -> io::Result<Client> {
    let mut client = Client::connect(address)?;
    client.request(&["CLIENT", "REPLY", "OFF"])?;
    Ok(client)
}

/// Sends a million bytes or more of SETs, with an error now and then, as fast as they are taken.
pub fn flood(client: &mut Client) -> io::Result<()> {
    let mut round = wire::encode(&["SET", "hostile:off", "v"]).repeat(1000);
    round.extend(wire::encode(&["NOSUCHCOMMAND"]));
    let rounds = FLOOD_BYTES_MIN.div_ceil(round.len());
    client.send(&round.repeat(rounds))
}
