//! Attacks on the way in: requests that are too large, never end, or are none.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::client::{Client, is_gone};
use crate::wire;

/// The longest bulk string that a server accepts by default.
pub const BULK_BYTES_MAX: usize = 512 << 20;

/// Sends a request as it is and leaves the rest to the server.
pub fn raw(address: SocketAddr, bytes: &[u8]) -> io::Result<Client> {
    let mut client = Client::connect(address)?;
    match client.send(bytes) {
        // Who is closed in the middle of a request can still see what came back.
        Err(error) if !is_gone(&error) => Err(error),
        _ => Ok(client),
    }
}

/// Up to `bytes_max` of garbage without a line break. Says how many bytes were taken.
pub fn garbage(address: SocketAddr, bytes_max: usize) -> io::Result<(Client, usize)> {
    let mut client = Client::connect(address)?;
    let taken = client.stuff(&[b'x'; 1 << 20], bytes_max)?;
    Ok((client, taken))
}

/// Garbage of `lines` lines of `length` bytes each, line break included, nothing of which is read.
///
/// The last byte has been sent when this returns: the replies must be few enough to wait in between.
pub fn garbage_lines(address: SocketAddr, lines: usize, length: usize) -> io::Result<Client> {
    let mut client = Client::connect(address)?;
    let mut line = vec![b'x'; length.saturating_sub(1)];
    line.push(b'\n');
    for _ in 0..lines {
        client.send(&line)?;
    }
    Ok(client)
}

/// Connections that each announce a value of `length` bytes and send `sent` bytes of it.
pub fn announced(
    address: SocketAddr,
    connections: usize,
    length: usize,
    sent: usize,
) -> io::Result<Vec<Client>> {
    let mut head = format!("*3\r\n$3\r\nSET\r\n$15\r\nhostile:promise\r\n${length}\r\n").into_bytes();
    head.resize(head.len() + sent, b'v');
    (0..connections).map(|_| raw(address, &head)).collect()
}

/// Connections that each announce as many words as a request may have and send none.
pub fn announced_words(address: SocketAddr, connections: usize) -> io::Result<Vec<Client>> {
    (0..connections).map(|_| raw(address, format!("*{}\r\n", i32::MAX).as_bytes())).collect()
}

/// Sends `bytes` one by one with a pause after each.
pub fn drip(client: &mut Client, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for byte in bytes {
        client.send(std::slice::from_ref(byte))?;
        std::thread::sleep(pause);
    }
    Ok(())
}

/// Resets the connection in the middle of a value of `length` bytes.
pub fn reset_within_a_request(address: SocketAddr, length: usize) -> io::Result<()> {
    for client in announced(address, 1, length, length / 2)? {
        client.reset()?;
    }
    Ok(())
}

/// Half of an ECHO of `length` bytes: the first `sent` of them. [`finish_echo`] sends the rest.
pub fn half_echo(client: &mut Client, length: usize, sent: usize) -> io::Result<()> {
    let whole = wire::encode(&[&b"ECHO"[..], &vec![b'e'; length]]);
    let head = whole.len() - length - 2;
    client.send(whole.get(..head + sent).unwrap_or(&whole))
}

/// Sends what [`half_echo`] left out.
pub fn finish_echo(client: &mut Client, length: usize, sent: usize) -> io::Result<()> {
    let mut rest = vec![b'e'; length.saturating_sub(sent)];
    rest.extend(b"\r\n");
    client.send(&rest)
}
